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

#define DFOTA_FIVES_LENGTH 5  /* bytes of a piece */
#define DFOTA_FIVES_MOST   64 /* pieces that are asked for at once */

/* Two bits by hash for each piece.  Owns them.  {0} is none. */
struct dfota_fives {
    uint64_t *words;
    uint32_t count; /* of words */
};

/*
 * Makes the set of a text of less than 4 GiB.
 * Cost: a byte a byte of text; linear.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_fives_make(struct dfota_view text,
                                  struct dfota_fives *out,
                                  struct dfota_fault *fault);

void dfota_fives_free(struct dfota_fives *fives);

/*
 * Which of the first `count` bytes of `sought`, DFOTA_FIVES_MOST at most, begin
 * a piece that the text has, or that shares its hash with one, or that is near
 * the end: a bit each, the first the lowest.  Without a set all are.
 */
uint64_t dfota_fives_which(const struct dfota_fives *fives,
                           struct dfota_view sought, unsigned count);

#endif
