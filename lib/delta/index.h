/* SPDX-License-Identifier: MIT */
/*
 * index.h - finds where in old a piece of new may be from
 *
 * Of small images a suffix array, which finds the longest match whatever its
 * length.  Of large ones seeds, which are found in less time and memory; and
 * when copies are known, a suffix array of what these leave of old.
 */
#ifndef DFOTA_LIB_DELTA_INDEX_H
#define DFOTA_LIB_DELTA_INDEX_H

#include <stdbool.h>

#include "lib/delta/fives.h"
#include "lib/delta/quiet.h"
#include "lib/delta/seeds.h"

/* Owns what it consists of, not the text.  {0} is none. */
struct dfota_index {
    struct dfota_suffixes suffixes; /* of small texts, or of what is left */
    struct dfota_hash_set fives;    /* of the same */
    struct dfota_seeds seeds;       /* of others */
    struct dfota_buffer left;       /* what is left of the text, in a row */
    struct dfota_buffer pieces;     /* of it; none: all is indexed */
    size_t most;                    /* bytes that may be left; 0: LEFT */
    bool is_coarse;                 /* a bound left something out */
};

/* Whether an image of `size` bytes is small. */
bool dfota_index_is_small(size_t size);

/*
 * Indexes a text; of a small one all, whatever else the task says.
 * Limits, cost and errors are those of dfota_suffixes_make() and
 * dfota_seeds_make().
 */
enum dfota_error dfota_index_make(const struct dfota_seeds_task *task,
                                  struct dfota_index *out,
                                  struct dfota_fault *fault);

/*
 * Indexes what `copies`, an array of struct dfota_copy, do not copy of `text`,
 * without what has no order, as compressed data.  Where that is too much, or
 * nothing, the index finds nothing.  With `most` other than 0 there are only so
 * many bytes of tables, and what then is too much is left out.
 * Cost: 6 bytes a byte of that, which is 16 MiB at most.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_index_left(struct dfota_view text,
                                  struct dfota_view copies, uint64_t most,
                                  struct dfota_index *out,
                                  struct dfota_fault *fault);

void dfota_index_free(struct dfota_index *index);

/* A long piece of the text that `sought` begins with. */
struct dfota_match dfota_index_search(const struct dfota_index *index,
                                      struct dfota_view sought);

/*
 * At which of the first `count` bytes of `sought`, DFOTA_INDEX_AHEAD at most, a
 * search may find DFOTA_INDEX_MATCH bytes or more: a bit each, the first the
 * lowest.  Where a bit is clear it finds fewer, and where there are seeds
 * nothing.  All of them cost as little as one or two searches.
 */
uint64_t dfota_index_which(const struct dfota_index *index,
                           struct dfota_view sought, unsigned count);

#define DFOTA_INDEX_AHEAD DFOTA_SEEDS_AHEAD
#define DFOTA_INDEX_MATCH DFOTA_FIVES_LENGTH

#endif
