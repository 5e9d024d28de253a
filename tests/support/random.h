/* SPDX-License-Identifier: MIT */
/* random.h - the same random numbers in every run, on every machine */
#ifndef DFOTA_TESTS_SUPPORT_RANDOM_H
#define DFOTA_TESTS_SUPPORT_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* Xorshift; `*state` is not 0. */
static inline uint32_t random_next(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* A number below `limit`, which is not 0. */
static inline uint32_t random_below(uint32_t *state, uint32_t limit)
{
    return random_next(state) % limit;
}

static inline void random_fill(uint32_t *state, uint8_t *out, size_t size)
{
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(random_next(state) >> 11);
}

#endif
