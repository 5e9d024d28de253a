/* SPDX-License-Identifier: MIT */
/* pairs.h - pairs of numbers, to be counted by sorting them */
#ifndef DFOTA_LIB_DELTA_PAIRS_H
#define DFOTA_LIB_DELTA_PAIRS_H

#include <stdint.h>

#include "lib/base/buffer.h"

/* A pair as one number: sorted by the first, and then by the second. */
static inline uint64_t dfota_pair(uint32_t first, uint32_t second)
{
    return (uint64_t)first << 32 | second;
}

static inline uint32_t dfota_pair_first(uint64_t pair)
{
    return (uint32_t)(pair >> 32);
}

static inline uint32_t dfota_pair_second(uint64_t pair)
{
    return (uint32_t)pair;
}

/* Appends a pair to an array of uint64_t, unless that would then have more than
 * `most` bytes; 0: no bound.  Ask dfota_buffer_check(). */
void dfota_pairs_add(struct dfota_buffer *pairs, uint64_t pair, size_t most);

/* Sorts `count` pairs where they are.  Cost: linear. */
void dfota_pairs_order(uint64_t *pairs, size_t count);

/*
 * Sorts `pairs`, an array of uint64_t, where it is, with `threads` as
 * dfota_parallel() has it.  Cost: linear.
 * Errors: what made `pairs` fail.
 */
enum dfota_error dfota_pairs_sort(struct dfota_buffer *pairs, unsigned threads,
                                  struct dfota_fault *fault);

/* How many of the `count` sorted pairs, at least one, are as the first is. */
size_t dfota_pairs_same(const uint64_t *pairs, size_t count);

/* How many of the `count` sorted pairs, at least one, begin as the first does.
 */
size_t dfota_pairs_group(const uint64_t *pairs, size_t count);

#endif
