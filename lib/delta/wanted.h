/* SPDX-License-Identifier: MIT */
/*
 * wanted.h - which pieces of old are of use for what new has beside long runs
 *
 * Where little of a large image is new, most of old need not be indexed: only
 * what occurs in that little.
 */
#ifndef DFOTA_LIB_DELTA_WANTED_H
#define DFOTA_LIB_DELTA_WANTED_H

#include "lib/base/buffer.h"

#define DFOTA_WANTED_LENGTH 8 /* bytes of a piece */

/*
 * Makes `out`, which was empty, a set of all pieces of `new` that are not in
 * its `runs`, an array of struct dfota_copy sorted by `new_pos`: two bits by
 * hash.  Adds nothing where that is most of new: then new has enough to look
 * for in the rest of old.  Cost: linear in what the runs leave; 4 bytes for
 * each of that at most, and `most` in all: where that is less, more pieces
 * share their hash with one that is wanted.  Ask dfota_buffer_check().
 */
void dfota_wanted_make(struct dfota_view new, struct dfota_view runs,
                       uint64_t most, struct dfota_buffer *out);

/*
 * Which of `count` pieces, DFOTA_WANTED_MOST at most, of which
 * dfota_hash_of_eight() made the hashes, are wanted, or share their hash with
 * one that is: a bit each, the first the lowest.
 */
uint64_t dfota_wanted_which(const struct dfota_buffer *wanted,
                            const uint64_t *hashes, unsigned count);

#define DFOTA_WANTED_MOST 64

/* How many of `count` pieces would be wanted by chance. */
size_t dfota_wanted_of(const struct dfota_buffer *wanted, size_t count);

#endif
