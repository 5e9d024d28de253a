/* SPDX-License-Identifier: MIT */
/*
 * Input is a .mini_1, filled with zeros to the size of its header.  It is read
 * as it is, and once more with its CRC32 made right.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "format/mini.h"
#include "lib/apply/crc32.h"

/* A flash that aborts when asked for bytes outside of it. */
static enum dfota_error read_flash(void *context, uint32_t address, void *out,
                                   size_t size)
{
    const struct dfota_mini_header *header = context;

    if (size == 0 || size > header->flash_size ||
        address > header->flash_size - size)
        abort();
    memset(out, (int)(address >> 8 & 0xff), size);
    return address > 1 << 20 ? DFOTA_ERR_IO : DFOTA_OK; /* to get on */
}

/* What the reader accepts, the writer reproduces byte for byte. */
static void check_again(const struct dfota_mini_header *header,
                        const uint8_t *bytes)
{
    struct dfota_mini_header claims_no_delta = *header;
    struct dfota_view nothing = {bytes, 0};
    struct dfota_mini_header again;
    struct dfota_buffer out = {0};
    uint8_t want[DFOTA_MINI_HEADER_SIZE];
    uint32_t crc32;

    memcpy(want, bytes, sizeof(want));
    memset(want + 12, 0, 4);
    crc32 = dfota_crc32(0, want, 2044);
    for (unsigned i = 0; i < 4; i++)
        want[2044 + i] = (uint8_t)(crc32 >> (8 * i));
    claims_no_delta.delta_size = 0;
    if (dfota_mini_write_first(&claims_no_delta, nothing, &out, NULL) ||
        out.size != sizeof(want) || memcmp(out.data, want, sizeof(want)) != 0 ||
        dfota_mini_read_header(out.data, out.size, &again, NULL))
        abort();
    dfota_buffer_free(&out);
}

/* No two regions share a byte, and all lie inside the flash. */
static void check_regions(const struct dfota_mini_header *header)
{
    for (unsigned i = 0; i < header->region_count; i++) {
        const struct dfota_mini_region *a = &header->regions[i];
        uint64_t a_end = (uint64_t)a->address + a->length;

        if (a->length == 0 || a_end > header->flash_size)
            abort();
        for (unsigned j = 0; j < i; j++) {
            const struct dfota_mini_region *b = &header->regions[j];

            if (a->address < (uint64_t)b->address + b->length &&
                b->address < a_end)
                abort();
        }
    }
}

static void check_file(struct dfota_view file)
{
    struct dfota_mini_header header;
    struct dfota_mini_first first;
    const struct dfota_mini_flash flash = {&header, read_flash};

    if (dfota_mini_read_header(file.data, file.size, &header, NULL)) {
        if (dfota_mini_read_first(file, &first, NULL) == DFOTA_OK)
            abort();
        return;
    }
    if (strlen(header.from.version) <
        (size_t)header.from.project_size + header.from.baseline_size)
        abort();
    check_regions(&header);
    check_again(&header, file.data);
    (void)dfota_mini_check_flash(&header, DFOTA_MINI_OLD_ALL, &flash, NULL);
    if (dfota_mini_read_first(file, &first, NULL) == DFOTA_OK &&
        (first.delta.size != header.delta_size ||
         first.delta_header.new_size != header.regions[0].length))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dfota_view file = {data, size};
    struct dfota_buffer sealed = {0};

    check_file(file);
    dfota_buffer_add(&sealed, data, size);
    while (sealed.size < DFOTA_MINI_HEADER_SIZE && !sealed.error)
        dfota_buffer_add_le(&sealed, 0, 1);
    if (!sealed.error) {
        uint32_t crc32 = dfota_crc32(0, sealed.data, 2044);

        for (unsigned i = 0; i < 4; i++)
            sealed.data[2044 + i] = (uint8_t)(crc32 >> (8 * i));
        check_file(dfota_buffer_view(&sealed));
    }
    dfota_buffer_free(&sealed);
    return 0;
}
