/* SPDX-License-Identifier: MIT */
/*
 * fives.h - which pieces of five bytes a text has
 *
 * A match of fewer bytes is chance, and most of what is new has none of more;
 * that is told with one look at a set that is far smaller than an index.
 */
#ifndef DFOTA_LIB_DELTA_FIVES_H
#define DFOTA_LIB_DELTA_FIVES_H

#include "lib/base/buffer.h"
#include "lib/delta/hash_set.h"

#define DFOTA_FIVES_LENGTH 5 /* bytes of a piece */

/*
 * Makes the set of all pieces of a text of less than 4 GiB.
 * Cost: a byte a byte of text; linear.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_fives_make(struct dfota_view text,
                                  struct dfota_hash_set *out,
                                  struct dfota_fault *fault);

/*
 * Which of the first `count` bytes of `sought`, DFOTA_HASH_SET_MOST at most,
 * begin a piece that the text has, or that shares its hash with one: a bit
 * each, the first the lowest.  Without a set all are.
 */
uint64_t dfota_fives_which(const struct dfota_hash_set *fives,
                           struct dfota_view sought, unsigned count);

#endif
