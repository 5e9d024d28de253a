/* SPDX-License-Identifier: MIT */
/*
 * hash_set.h - a set of hashes that never misses one, and now and then has
 * another one too
 *
 * Each hash has two bits of one word, so that one look at memory tells.
 */
#ifndef DFOTA_LIB_DELTA_HASH_SET_H
#define DFOTA_LIB_DELTA_HASH_SET_H

#include <stddef.h>
#include <stdint.h>

#include "dfota/error.h"

#define DFOTA_HASH_SET_MOST 64 /* hashes that are asked for at once */

/* Owns its words.  {0} is none. */
struct dfota_hash_set {
    uint64_t *words;
    uint32_t count; /* of words */
};

/*
 * Makes an empty set of `count` words, 1 at least; a word for four hashes, and
 * it has one other in 70.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_hash_set_make(uint32_t count, struct dfota_hash_set *out,
                                     struct dfota_fault *fault);

void dfota_hash_set_free(struct dfota_hash_set *set);

void dfota_hash_set_add(const struct dfota_hash_set *set, uint64_t hash);

/*
 * Which of `count` hashes, DFOTA_HASH_SET_MOST at most, a set has that is not
 * none: a bit each, the first the lowest.
 */
uint64_t dfota_hash_set_which(const struct dfota_hash_set *set,
                              const uint64_t *hashes, unsigned count);

/* How many of `count` other hashes it would have by chance. */
size_t dfota_hash_set_chance(const struct dfota_hash_set *set, size_t count);

#endif
