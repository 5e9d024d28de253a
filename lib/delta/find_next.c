/* SPDX-License-Identifier: MIT */
#include "lib/delta/find_next.h"

#include <string.h>

#define BLOCK DFOTA_FIND_BLOCK
#define AHEAD 13 /* bytes behind a place that are looked at */

/*
 * The header of a .lzma file: a byte, a dictionary whose size is a multiple of
 * 2 KiB, or all ones, and 8 bytes of a size below 2^56, or all ones.  Behind it
 * the coder's first byte is zero.
 *
 * In all that is asked here numbers have 8 bits, so that 16 fit side by side.
 */
static uint8_t may_be_lzma(const uint8_t *bytes)
{
    uint8_t odd = bytes[1] | (bytes[2] & 7);
    uint8_t some = bytes[2] | bytes[3] | bytes[4];
    uint8_t ones = bytes[1] & bytes[4];
    uint8_t next = (uint8_t)(bytes[12] + 1);

    return (((odd == 0) & (some != 0)) | (ones == 0xff)) &
           (((next & 0xfe) | bytes[13]) == 0);
}

/*
 * The header of zlib: deflate, and a number that is a multiple of 31.  256 is 8
 * more than one, so the first byte, which is 16 * x + 8, counts 4 * x + 2.
 */
static uint8_t may_be_zlib(const uint8_t *bytes)
{
    uint8_t first = bytes[0] >> 2;
    uint8_t second = (uint8_t)((bytes[1] & 31) + (bytes[1] >> 5));
    uint8_t sum = (uint8_t)(first + second);

    return ((bytes[0] & 0x8f) == 8) & ((sum == 31) | (sum == 62));
}

static uint8_t are(const uint8_t *bytes, uint8_t first, uint8_t second)
{
    return (bytes[0] == first) & (bytes[1] == second);
}

/* Two bytes each of xz, gzip, zip, zstd, and of lz4 in both its kinds. */
static uint8_t may_be_other(const uint8_t *bytes)
{
    return are(bytes, 0xfd, '7') | are(bytes, 0x1f, 0x8b) |
           are(bytes, 'P', 'K') | are(bytes, 0x28, 0xb5) |
           (((bytes[2] & 0xfe) == 0x4c) & (bytes[3] == 0x18));
}

/* In an array of its own, since compilers must not have to ask themselves
 * whether what is written is also what is read. */
static void judge(const uint8_t *bytes, uint8_t *out)
{
    uint8_t may[BLOCK];

    for (size_t i = 0; i < BLOCK; i++)
        may[i] = may_be_lzma(bytes + i) | may_be_zlib(bytes + i) |
                 may_be_other(bytes + i);
    memcpy(out, may, sizeof(may));
}

/* Judges the places from `at` on; behind the image are zeros. */
static void judge_at(struct dfota_find_next *next, size_t at)
{
    const uint8_t *bytes = next->image.data + at;
    size_t left = next->image.size - at;
    uint8_t last[BLOCK + AHEAD] = {0};

    if (left < sizeof(last)) {
        memcpy(last, bytes, left);
        bytes = last;
    }
    judge(bytes, next->may);
    next->begin = at;
    next->size = left < BLOCK ? left : BLOCK;
}

size_t dfota_find_next(struct dfota_find_next *next, size_t at)
{
    for (; at < next->image.size; at = next->begin + next->size) {
        const uint8_t *found;

        if (at - next->begin >= next->size)
            judge_at(next, at);
        found = memchr(next->may + (at - next->begin), 1,
                       next->size - (at - next->begin));
        if (found != NULL)
            return next->begin + (size_t)(found - next->may);
    }
    return next->image.size;
}
