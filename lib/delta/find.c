/* SPDX-License-Identifier: MIT */
#include "lib/delta/find.h"

#include <string.h>

#define WORK_A_BYTE 16                  /* bytes of contents a byte of image */
#define WORK_ALWAYS ((uint64_t)1 << 20) /* and so many, however small it is */

static const uint8_t xz_magic[] = {0xfd, '7', 'z', 'X', 'Z', 0};
static const uint8_t gzip_magic[] = {0x1f, 0x8b, 8};
static const uint8_t zip_magic[] = {'P', 'K', 3, 4};
static const uint8_t zstd_magic[] = {0x28, 0xb5, 0x2f, 0xfd};
static const uint8_t lz4_magic[] = {0x04, 0x22, 0x4d, 0x18};
static const uint8_t lz4_old_magic[] = {0x02, 0x21, 0x4c, 0x18};

uint64_t dfota_find_left(const struct dfota_search *search)
{
    uint64_t most = WORK_ALWAYS + WORK_A_BYTE * (uint64_t)search->image.size;

    return most > search->spent ? most - search->spent : 0;
}

size_t dfota_find_add(struct dfota_search *search,
                      const struct dfota_packed_region *region)
{
    if (region->packed_size >= DFOTA_FIND_MIN)
        dfota_buffer_add(&search->found, region, sizeof(*region));
    return (size_t)region->offset + region->packed_size;
}

static bool has(const struct dfota_search *search, size_t at,
                const uint8_t *magic, size_t size)
{
    return search->image.size - at >= size &&
           memcmp(search->image.data + at, magic, size) == 0;
}

#define HAS(search, at, magic) has(search, at, magic, sizeof(magic))

/* The kind of stream that may begin at `at`, as the function that knows it. */
static size_t find_at(struct dfota_search *search, size_t at)
{
    const uint8_t *bytes = search->image.data + at;
    size_t end = at;

    if (HAS(search, at, xz_magic))
        return dfota_find_xz(search, at);
    if (HAS(search, at, zstd_magic) || HAS(search, at, lz4_magic) ||
        HAS(search, at, lz4_old_magic))
        search->left_alone++;
    if (HAS(search, at, gzip_magic) || HAS(search, at, zip_magic) ||
        ((bytes[0] & 0x8f) == 8 && search->image.size - at > 2 &&
         (bytes[0] << 8 | bytes[1]) % 31 == 0))
        end = dfota_find_deflate(search, at);
    return end > at ? end : dfota_find_lzma(search, at);
}

enum dfota_error dfota_find_packed(struct dfota_search *search,
                                   struct dfota_fault *fault)
{
    for (size_t at = 0; at < search->image.size;) {
        size_t end = find_at(search, at);

        at = end > at ? end : at + 1;
    }
    return dfota_buffer_check(&search->found, fault);
}

void dfota_search_free(struct dfota_search *search)
{
    dfota_buffer_free(&search->found);
}
