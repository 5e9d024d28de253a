/* SPDX-License-Identifier: MIT */
/* made.h - small images, and what becomes of them in the next version */
#ifndef DFOTA_TESTS_POWER_MADE_H
#define DFOTA_TESTS_POWER_MADE_H

#include <stdint.h>
#include <string.h>

#include "tests/support/random.h"

/* Bytes with something to copy, and something new. */
static inline void made_fill(uint8_t *image, uint32_t size, uint32_t seed)
{
    uint32_t random = seed | 1;

    for (uint32_t i = 0; i < size; i++)
        image[i] = (uint8_t)(i % 97 < 60 ? i * 7 + i / 97 % 5 * 31
                                         : random_next(&random) >> 9);
}

/* The new of an old part: bytes are inserted, changed, moved. */
static inline void made_edit(const uint8_t *old, uint32_t old_size,
                             uint8_t *new, uint32_t new_size)
{
    uint32_t cut = (old_size < new_size ? old_size : new_size) / 3;

    memcpy(new, old, cut);
    for (uint32_t i = cut; i < new_size; i++)
        new[i] = i + 40 < old_size ? old[i + 40] : (uint8_t)(i * 13 + i / 7);
    for (uint32_t i = 50; i < new_size; i += 300)
        new[i] ^= 0x5a;
}

#endif
