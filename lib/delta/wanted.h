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
#include "lib/delta/hash_set.h"

#define DFOTA_WANTED_LENGTH 8 /* bytes of a piece */

/*
 * Makes the set of all pieces of `new`, by dfota_hash_of(), that are not in its
 * `runs`, an array of struct dfota_copy sorted by `new_pos`.  There is none
 * where that is most of new: then new has enough to look for in the rest of
 * old.
 * Cost: linear in what the runs leave; 2 bytes for each of that, and `most` in
 * all: where that is less, more pieces share their hash with one that is
 * wanted.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_wanted_make(struct dfota_view new,
                                   struct dfota_view runs, uint64_t most,
                                   struct dfota_hash_set *out,
                                   struct dfota_fault *fault);

#endif
