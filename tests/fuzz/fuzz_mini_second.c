/* SPDX-License-Identifier: MIT */
/*
 * Input: a byte that says in pieces of what size the file is fed, a byte that
 * says whether CRC32 are made right (bit 0) and the binding too (bit 1), then a
 * .mini_2 for a flash of three regions.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/mini_second.h"
#include "lib/apply/crc32.h"
#include "lib/codec/deflate.h"
#include "lib/codec/lzma.h"
#include "tests/support/mini_bench.h"

#define FLASH_SIZE 16384
#define APP_SIZE   10077

static const struct dfota_codec *const codecs[] = {
    &dfota_codec_stored, &dfota_codec_mixed, &dfota_codec_zlib,
    &dfota_codec_lzma, NULL};

/* The Mini region lies between the others. */
static struct dfota_mini_header header = {
    .flash_size = FLASH_SIZE,
    .delta_size = 123,
    .region_count = 3,
    .regions = {{.address = 10100, .length = 16},
                {.address = 0, .length = 10040},
                {.address = 10300, .length = 37}},
};

static uint32_t number_at(const uint8_t *bytes, size_t at)
{
    return bytes[at] | (uint32_t)bytes[at + 1] << 8 |
           (uint32_t)bytes[at + 2] << 16 | (uint32_t)bytes[at + 3] << 24;
}

static void put(uint8_t *bytes, size_t at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        bytes[at + i] = (uint8_t)(value >> (8 * i));
}

/* Makes right what a mutation can hardly hit, and leaves the rest. */
static void mend(struct dfota_buffer *file, bool bind)
{
    uint8_t *bytes = file->data;
    size_t at = DFOTA_MINI_SECOND_HEAD;

    if (file->size < at)
        return;
    if (bind) {
        put(bytes, 16, header.delta_size);
        memcpy(bytes + 20, header.delta_md5, DFOTA_MD5_SIZE);
        put(bytes, 36, APP_SIZE);
    }
    put(bytes, 40, dfota_crc32(0, bytes, 40));
    while (file->size - at >= DFOTA_MINI_FRAME_HEAD) {
        uint32_t coded = number_at(bytes, at + 12);

        put(bytes, at + 20, dfota_crc32(0, bytes + at, 20));
        if (coded > file->size - at - DFOTA_MINI_FRAME_HEAD)
            break;
        at += DFOTA_MINI_FRAME_HEAD + (size_t)coded;
    }
}

static enum dfota_error run(struct mini_bench *bench)
{
    enum dfota_error err = mini_bench_run(bench, NULL);

    if (bench->misuse != NULL)
        abort();
    return err;
}

/*
 * Whatever the pieces, the reader comes to the same end; it can go on at each
 * frame; and what it accepts fills the regions, as the host's reader says.
 */
static void check_file(struct dfota_view file, size_t piece_size)
{
    static uint8_t whole_flash[FLASH_SIZE];
    static uint8_t flash[FLASH_SIZE];
    struct mini_bench whole = {.header = &header,
                               .second = file,
                               .flash = whole_flash,
                               .codecs = codecs,
                               .memory_size = 108 << 10,
                               .piece_size = SIZE_MAX};
    struct mini_bench bench = whole;
    struct dfota_mini_frames frames;
    enum dfota_error headers =
        dfota_mini_check_frames(&header, file, &frames, NULL);
    enum dfota_error want;

    memset(whole_flash, 0xff, sizeof(whole_flash));
    memset(flash, 0xff, sizeof(flash));
    want = run(&whole);
    bench.flash = flash;
    bench.piece_size = piece_size;
    if (run(&bench) != want || bench.done_count != whole.done_count)
        abort();
    if (want == DFOTA_OK &&
        (headers != DFOTA_OK || whole.written != APP_SIZE ||
         whole.done_count != frames.frame_count || frames.raw_size != APP_SIZE))
        abort();
    if (whole.done_count == 0 || whole.done_count > MINI_BENCH_DONE_MAX)
        return;
    bench.from = &whole.done[piece_size % whole.done_count];
    bench.skips = true;
    if (run(&bench) != want)
        abort();
    if (want == DFOTA_OK && memcmp(flash, whole_flash, FLASH_SIZE) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dfota_buffer file = {0};

    if (size < 3)
        return 0;
    dfota_buffer_add(&file, data + 2, size - 2);
    if (file.error)
        abort();
    header.second_size = file.size < 44 ? 44 : (uint32_t)file.size;
    if (data[1] & 1)
        mend(&file, data[1] & 2);
    check_file(dfota_buffer_view(&file), (size_t)data[0] + 1);
    dfota_buffer_free(&file);
    return 0;
}
