/* SPDX-License-Identifier: MIT */
#include "lib/delta/find.h"

#include <stdlib.h>
#include <string.h>

#include "lib/delta/find_next.h"

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
    return search->most > search->spent ? search->most - search->spent : 0;
}

size_t dfota_find_add(struct dfota_search *search,
                      const struct dfota_packed_region *region)
{
    if (region->packed_size >= DFOTA_FIND_MIN)
        dfota_buffer_add(&search->found, region, sizeof(*region));
    return (size_t)region->offset + region->packed_size;
}

void dfota_find_add_other(struct dfota_search *search, size_t at,
                          const char *codec)
{
    const struct dfota_find_other other = {codec, (uint32_t)at};

    if (search->others.size < DFOTA_FIND_OTHERS_MAX * sizeof(other))
        dfota_buffer_add(&search->others, &other, sizeof(other));
}

static bool has(const struct dfota_search *search, size_t at,
                const uint8_t *magic, size_t size)
{
    return search->image.size - at >= size &&
           memcmp(search->image.data + at, magic, size) == 0;
}

#define HAS(search, at, magic) has(search, at, magic, sizeof(magic))

size_t dfota_find_announced(struct dfota_search *search, size_t at)
{
    const uint8_t *bytes = search->image.data + at;
    size_t end = at;

    if (HAS(search, at, xz_magic))
        return dfota_find_xz(search, at);
    if (HAS(search, at, zstd_magic))
        dfota_find_add_other(search, at, "zstd");
    if (HAS(search, at, lz4_magic) || HAS(search, at, lz4_old_magic))
        dfota_find_add_other(search, at, "lz4");
    if (HAS(search, at, gzip_magic) || HAS(search, at, zip_magic) ||
        ((bytes[0] & 0x8f) == 8 && search->image.size - at > 2 &&
         (bytes[0] << 8 | bytes[1]) % 31 == 0))
        end = dfota_find_deflate(search, at);
    return end > at ? end : dfota_find_lzma(search, at);
}

/* Looks from `at` on wherever a stream may begin, as if the image ended at
 * `end`. */
static void find_between(struct dfota_search *search, size_t at, size_t end)
{
    const struct dfota_view whole = search->image;
    struct dfota_find_next next = {.size = 0};

    if (at >= end)
        return;
    search->image.size = end;
    next.image = search->image;
    while ((at = dfota_find_next(&next, at)) < end) {
        size_t behind = dfota_find_announced(search, at);

        at = behind > at ? behind : at + 1;
    }
    search->image = whole;
}

enum dfota_error dfota_find_packed(struct dfota_search *search,
                                   struct dfota_fault *fault)
{
    struct dfota_buffer stated = {0};
    struct dfota_buffer taken = {0};
    const struct dfota_find_range *ranges;
    const struct dfota_packed_region *next;
    enum dfota_error err;
    size_t at = 0;

    search->most = WORK_ALWAYS + WORK_A_BYTE * (uint64_t)search->image.size;
    dfota_find_places(search, &taken);
    err = dfota_buffer_check(&taken, fault);
    if (!err)
        err = dfota_buffer_check(&search->found, fault);
    stated = search->found;
    search->found = (struct dfota_buffer){0};
    ranges = (const void *)taken.data;
    next = (const void *)stated.data;
    for (size_t i = 0; !err && i < taken.size / sizeof(*ranges); i++) {
        find_between(search, at, ranges[i].begin);
        dfota_buffer_add(&search->found, next, ranges[i].count * sizeof(*next));
        next += ranges[i].count;
        at = ranges[i].end;
    }
    if (!err) {
        find_between(search, at, search->image.size);
        err = dfota_buffer_check(&search->found, fault);
    }
    if (!err)
        err = dfota_buffer_check(&search->others, fault);
    dfota_buffer_free(&taken);
    dfota_buffer_free(&stated);
    return err;
}

void dfota_search_free(struct dfota_search *search)
{
    dfota_buffer_free(&search->found);
    dfota_buffer_free(&search->others);
    free(search->room);
    search->room = NULL;
    search->room_size = 0;
}
