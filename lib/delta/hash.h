/* SPDX-License-Identifier: MIT */
/* hash.h - a hash of a few bytes, quick enough for every position of an image
 */
#ifndef DFOTA_LIB_DELTA_HASH_H
#define DFOTA_LIB_DELTA_HASH_H

#include <stdint.h>

/* The next eight bytes.  Compilers make one instruction of it. */
static inline uint64_t dfota_eight_at(const uint8_t *bytes)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < 8; i++)
        value |= (uint64_t)bytes[i] << (8 * i);
    return value;
}

/* A hash of `length` bytes, a multiple of 8; its highest bits are the best. */
static inline uint64_t dfota_hash_of(const uint8_t *bytes, uint32_t length)
{
    uint64_t hash = 0;

    for (uint32_t i = 0; i < length; i += 8) {
        hash =
            (hash ^ dfota_eight_at(bytes + i)) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 29;
    }
    return hash * UINT64_C(0xbf58476d1ce4e5b9);
}

#endif
