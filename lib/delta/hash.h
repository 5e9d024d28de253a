/* SPDX-License-Identifier: MIT */
/* hash.h - a hash of a few bytes, quick enough for every position of an image
 */
#ifndef DFOTA_LIB_DELTA_HASH_H
#define DFOTA_LIB_DELTA_HASH_H

#include <stdint.h>

/* The next eight bytes, which compilers make one instruction of. */
static inline uint64_t dfota_eight_at(const uint8_t *bytes)
{
    return (uint64_t)bytes[0] | (uint64_t)bytes[1] << 8 |
           (uint64_t)bytes[2] << 16 | (uint64_t)bytes[3] << 24 |
           (uint64_t)bytes[4] << 32 | (uint64_t)bytes[5] << 40 |
           (uint64_t)bytes[6] << 48 | (uint64_t)bytes[7] << 56;
}

/* A hash of eight bytes, two multiplications and no call: for whoever looks up
 * nearly nothing else. */
static inline uint64_t dfota_hash_of_eight(uint64_t eight)
{
    const uint64_t golden = UINT64_C(0x9E3779B97F4A7C15);
    const uint64_t root = UINT64_C(0x6A09E667F3BCC909);
    uint64_t hash = (eight + golden) * root;

    hash = (hash ^ hash >> 32) * golden;
    return hash ^ hash >> 32;
}

/* A hash of `length` bytes, all bits of which are as good. */
uint64_t dfota_hash_of(const uint8_t *bytes, uint32_t length);

#endif
