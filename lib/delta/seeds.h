/* SPDX-License-Identifier: MIT */
/*
 * seeds.h - finds long pieces of a large text that another begins with
 *
 * Two tables know where some short pieces of the text, its seeds, begin: a
 * dense one of short seeds and a sparse one of long seeds.  That takes a
 * fraction of a suffix array's memory and time, and finds what is long enough;
 * of several equal seeds only the last ones are known.
 */
#ifndef DFOTA_LIB_DELTA_SEEDS_H
#define DFOTA_LIB_DELTA_SEEDS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buffer.h"
#include "lib/delta/quiet.h"
#include "lib/delta/seed_table.h"
#include "lib/delta/suffix.h"

#define DFOTA_SEEDS_TABLES 2

/* What to index.  Owns nothing. */
struct dfota_seeds_task {
    struct dfota_view text; /* DFOTA_SUFFIX_MAX bytes at most; must outlive what
                               is made */
    const struct dfota_quiet *quiet; /* what of it is left out, or NULL */
    unsigned threads;                /* as dfota_parallel() has it */
    uint64_t most;  /* bytes of the tables; 0: as many as are of use */
    uint32_t apart; /* how many times as far from each other as is of use seeds
                       may lie; 0 is 1 */
};

/* Owns the tables, not the text.  {0} is none. */
struct dfota_seeds {
    struct dfota_view text;
    const struct dfota_quiet *quiet; /* while they are made */
    bool is_coarse; /* `most` allowed fewer seeds than are of use */
    struct dfota_seed_table tables[DFOTA_SEEDS_TABLES];
};

/*
 * Indexes the text, and of what is quiet what that has as wanted.  Where the
 * tables would be larger than `task->most`, which is 4 KiB at least, seeds lie
 * farther apart.
 * Cost: 2.5 bytes a byte that is not left out at most; linear.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_seeds_make(const struct dfota_seeds_task *task,
                                  struct dfota_seeds *out,
                                  struct dfota_fault *fault);

void dfota_seeds_free(struct dfota_seeds *seeds);

/*
 * A long piece of the text that `sought` begins with, a whole seed at least; of
 * several known ones the longest.
 * Cost: constant, but for the length of the pieces.
 */
struct dfota_match dfota_seeds_search(const struct dfota_seeds *seeds,
                                      struct dfota_view sought);

/*
 * At which of the first `count` bytes of `sought`, DFOTA_SEEDS_AHEAD at most,
 * dfota_seeds_search() may find something: a bit each, the first the lowest.
 * Where a bit is clear it finds nothing.
 * Cost: that of a few searches, for it waits for all memory at once.
 */
uint64_t dfota_seeds_which(const struct dfota_seeds *seeds,
                           struct dfota_view sought, unsigned count);

#define DFOTA_SEEDS_AHEAD 16

#endif
