/* SPDX-License-Identifier: MIT */
/*
 * Whatever the delta, the applier asks its callbacks for nothing beyond the
 * sizes stated, writes no more than the header says and there is room for, and
 * does the same each time.  What it calls done has the size and the CRC32 that
 * the header states.
 *
 * Input: one byte of how to read the rest, one of the old image's size, the
 * old image, and the delta.  A delta is taken as it is, or composed of a short
 * description; then the digests of header and old image are made right, or else
 * they would keep all that is interesting from the applier.  A delta that turns
 * out to be good but for the CRC32 of what it makes is given that, and tried
 * again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "jobs/codecs.h"
#include "lib/apply/cursor.h"
#include "lib/apply/delta_header.h"
#include "tests/support/delta_bench.h"
#include "tests/support/delta_example.h"

#define RAM_MAX      ((uint32_t)16 << 20) /* bytes */
#define NEW_SIZE_MAX ((uint32_t)1 << 16)  /* bytes */

/* The bits of the first byte. */
enum { COMPOSE = 1, SHA256 = 2, PREDICT = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next `count` bytes, or all that is left. */
static struct dfota_view take(struct dfota_cursor *cursor, size_t count)
{
    size_t size = count < cursor->left ? count : cursor->left;

    return (struct dfota_view){dfota_cursor_bytes(cursor, size), size};
}

/* What the decoder of `stream` needs; 0 where the parameters are not valid. */
static uint32_t memory_of(const struct delta_example_stream *stream)
{
    uint32_t memory = dfota_codec_memory(&(struct dfota_stream){
        .codec = stream->codec,
        .props = stream->props,
        .dictionary = dfota_delta_dictionary(stream->dictionary),
    });

    return memory != UINT32_MAX ? memory : 0;
}

/* Adds an entry that foresees something, with a map of up to 255 copies. */
static void add_prediction(struct dfota_cursor *input,
                           struct delta_example *example,
                           struct dfota_buffer *entry)
{
    uint8_t map_count;
    uint8_t base_count;

    dfota_buffer_add_le(entry, dfota_cursor_le(input, 1), 1);
    map_count = (uint8_t)dfota_cursor_le(input, 1);
    dfota_buffer_add_varint(entry, map_count);
    dfota_buffer_add_varint(entry, dfota_cursor_le(input, 1));
    base_count = (uint8_t)(dfota_cursor_le(input, 1) % 6);
    dfota_buffer_add_le(entry, base_count, 1);
    for (unsigned i = 0; i < base_count; i++)
        dfota_buffer_add_le(entry, dfota_cursor_le(input, 4), 4);
    example->prediction = dfota_buffer_view(entry);
    example->codec_ram += (map_count * 12u + 15) / 16 * 16;
}

/* A delta of such streams; the last one takes all the rest. */
static struct dfota_buffer compose(struct dfota_cursor input,
                                   struct dfota_view old, bool predict)
{
    static uint8_t zeros[NEW_SIZE_MAX];
    struct delta_example example = {.old = old};
    struct dfota_buffer entry = {0};
    struct dfota_buffer delta;

    example.unit = dfota_cursor_le(&input, 1) % 2 == 0 ? 1 : 4;
    example.new.data = zeros;
    example.new.size = dfota_cursor_le(&input, 2);
    if (predict)
        add_prediction(&input, &example, &entry);
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++) {
        struct delta_example_stream *stream = &example.streams[i];
        size_t size;

        stream->codec = (uint8_t)(dfota_cursor_le(&input, 1) % 3);
        stream->props = (uint8_t)dfota_cursor_le(&input, 1);
        stream->dictionary = (uint8_t)(dfota_cursor_le(&input, 1) % 24);
        stream->raw_size = (uint32_t)dfota_cursor_le(&input, 2);
        size = (size_t)dfota_cursor_le(&input, 1);
        stream->coded =
            take(&input, i + 1 < DFOTA_STREAM_COUNT ? size : SIZE_MAX);
        example.codec_ram += memory_of(stream);
    }
    delta = delta_example_build(&example);
    dfota_buffer_free(&entry);
    return delta;
}

/* Makes right what the header says of the old image, and of itself. */
static void repair(struct dfota_buffer *delta, struct dfota_view old)
{
    struct dfota_digests digests = {0};

    if (delta->size < AT_TABLE)
        return;
    dfota_digest(old.data, old.size, &digests, NULL);
    delta_example_put(delta->data, AT_OLD_SIZE, (uint32_t)old.size);
    delta_example_put(delta->data, AT_OLD_CRC32, digests.crc32);
    memcpy(delta->data + AT_OLD_SHA256, digests.sha256, DFOTA_SHA256_SIZE);
    delta_example_seal(delta->data, delta->size);
}

/* Runs the applier twice: it does the same, and breaks no promise. */
static enum dfota_error run_twice(struct delta_bench *bench,
                                  struct dfota_fault *fault)
{
    struct dfota_fault again = {0};
    enum dfota_error err = bench_run(bench, fault);
    struct dfota_buffer made = bench->made;

    if (bench->misuse != NULL)
        abort();
    bench->made = (struct dfota_buffer){0};
    if (bench_run(bench, &again) != err || bench->misuse != NULL ||
        again.rule != fault->rule || again.offset != fault->offset ||
        bench->made.size != made.size ||
        (made.size > 0 && memcmp(bench->made.data, made.data, made.size) != 0))
        abort();
    if (err && (fault->error != err || fault->rule == NULL ||
                fault->offset > bench->delta.size))
        abort();
    dfota_buffer_free(&made);
    return err;
}

static bool is_done(const struct delta_bench *bench,
                    const struct dfota_delta_header *header)
{
    return bench->made.size == header->new_size &&
           dfota_crc32(0, bench->made.data, bench->made.size) ==
               header->new_crc32;
}

/* Gives the delta the CRC32 of what it made: now it must be good. */
static void check_with_right_crc32(struct delta_bench *bench,
                                   struct dfota_buffer *delta,
                                   struct dfota_delta_header *header)
{
    struct dfota_fault fault = {0};

    header->new_crc32 = dfota_crc32(0, bench->made.data, bench->made.size);
    delta_example_put(delta->data, AT_NEW_CRC32, header->new_crc32);
    delta_example_seal(delta->data, delta->size);
    bench->sha256 = false;
    if (run_twice(bench, &fault) != DFOTA_OK || !is_done(bench, header))
        abort();
}

static void check(struct dfota_buffer *delta, struct dfota_view old,
                  bool sha256)
{
    struct dfota_delta_header header = {0};
    struct dfota_fault fault = {0};
    enum dfota_error head_err = dfota_delta_read_header(
        delta->data, delta->size, (uint32_t)delta->size, &header, NULL);
    struct delta_bench bench = {
        .delta = dfota_buffer_view(delta),
        .old = old,
        .new_size_max = NEW_SIZE_MAX,
        .codecs = dfota_codecs,
        .sha256 = sha256,
        .memory_size = header.ram,
    };
    enum dfota_error err;

    if (header.ram > RAM_MAX)
        return;
    err = run_twice(&bench, &fault);
    if (head_err && (err != head_err || header.new_size != 0))
        abort();
    if (bench.made.size > header.new_size)
        abort();
    if (!err && !is_done(&bench, &header))
        abort();
    if (err && strcmp(fault.rule, "DLT-21") == 0 &&
        fault.offset == AT_NEW_CRC32)
        check_with_right_crc32(&bench, delta, &header);
    dfota_buffer_free(&bench.made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dfota_cursor input = dfota_cursor(data, size);
    unsigned how = (unsigned)dfota_cursor_le(&input, 1);
    struct dfota_view old = take(&input, (size_t)dfota_cursor_le(&input, 1));
    struct dfota_buffer delta = {0};

    if (how & COMPOSE)
        delta = compose(input, old, how & PREDICT);
    else
        dfota_buffer_add(&delta, input.next, input.left);
    repair(&delta, old);
    check(&delta, old, how & SHA256);
    dfota_buffer_free(&delta);
    return 0;
}
