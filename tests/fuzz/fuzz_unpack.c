/* SPDX-License-Identifier: MIT */
/*
 * Input: a byte that says what the stream is, a byte with the parameters of
 * LZMA, two bytes with the contents' size, then the packed stream.
 *
 * What can be taken apart can be told with itself as old, and is then made as
 * it was told, whether or not an encoder would have made such a stream.
 */
#include <stdint.h>

#include "tests/support/packed_example.h"

static void check_told(const struct packed *packed)
{
    struct dfota_buffer told = {0};
    struct dfota_buffer sent = {0};
    struct dfota_buffer made = {0};
    enum dfota_error err = packed_tell(packed, packed, &told, &sent);

    if (err && err != DFOTA_ERR_CORRUPT)
        abort();
    if (packed_make(packed, packed, &told, &made, NULL) != err ||
        (!err && (made.size != sent.size ||
                  memcmp(made.data, sent.data, made.size) != 0)))
        abort();
    dfota_buffer_free(&told);
    dfota_buffer_free(&sent);
    dfota_buffer_free(&made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct packed packed = {0};
    struct dfota_packed_region *region = &packed.region;

    if (size < 4 || size > 65536)
        return 0;
    region->packing = data[0] % 3;
    region->end_marker = (data[0] & 0x80) != 0 && region->packing == 0;
    region->lc = region->packing == 0 ? data[1] % 9 : 0;
    region->lp = region->packing == 0 ? data[1] / 9 % 5 : 0;
    region->pb = region->packing == 0 ? data[1] / 45 : 0;
    region->contents_size = data[2] | (uint32_t)data[3] << 8;
    region->packed_size = (uint32_t)size - 4;
    if (dfota_packed_check(region, NULL))
        return 0;
    if (!packed_open(&packed, data + 4, region->contents_size, NULL))
        check_told(&packed);
    packed_close(&packed);
    return 0;
}
