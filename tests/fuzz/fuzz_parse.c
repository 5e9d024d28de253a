/* SPDX-License-Identifier: MIT */
/*
 * Input: a byte that says what the stream is, two bytes with the contents'
 * size, two with that of the packed stream, the contents, then what is told of
 * their parse.
 *
 * Whatever is told, no more than the packed size is written; and what is made
 * can be taken apart, but for deflate, whose codes may be told as anything.
 */
#include <stdint.h>

#include "tests/support/packed_example.h"

static void check_made(const struct packed *packed,
                       const struct dfota_buffer *made)
{
    struct packed again = {.region = packed->region};

    if (made->size != packed->region.packed_size)
        abort();
    if (packed_open(&again, made->data, packed->region.contents_size, NULL)) {
        if (packed->region.packing != DFOTA_PACKING_DEFLATE)
            abort();
    } else if (memcmp(again.contents, packed->contents,
                      packed->region.contents_size) != 0) {
        abort();
    }
    packed_close(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct packed packed = {0};
    struct dfota_packed_region *region = &packed.region;
    struct dfota_buffer made = {0};
    struct dfota_buffer told = {0};

    if (size < 9 || size > 65536)
        return 0;
    region->packing = data[0] % 3;
    region->end_marker = (data[0] & 0x80) != 0 && region->packing == 0;
    region->contents_size = data[1] | (uint32_t)data[2] << 8;
    region->packed_size = data[3] | (uint32_t)data[4] << 8;
    if (dfota_packed_check(region, NULL) || size - 5 < region->contents_size)
        return 0;
    packed.contents = packed_take(region->contents_size);
    memcpy(packed.contents, data + 5, region->contents_size);
    dfota_buffer_add(&told, data + 5 + region->contents_size,
                     size - 5 - region->contents_size);
    if (!packed_make(&packed, NULL, &told, &made, NULL))
        check_made(&packed, &made);
    if (made.size > region->packed_size)
        abort();
    dfota_buffer_free(&told);
    dfota_buffer_free(&made);
    packed_close(&packed);
    return 0;
}
