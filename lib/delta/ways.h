/* SPDX-License-Identifier: MIT */
/*
 * ways.h - what each way through a piece of new has cost so far
 *
 * One way ends in literals, and each other one along an alignment with old.  A
 * step takes the next bytes on all of them, and may go over from the cheapest
 * to another.
 */
#ifndef DFOTA_LIB_DELTA_WAYS_H
#define DFOTA_LIB_DELTA_WAYS_H

#include <stdbool.h>

#include "lib/apply/copy.h"
#include "lib/base/buffer.h"
#include "lib/delta/align_costs.h"

#define DFOTA_WAYS_ALIGNMENTS 24  /* that are followed at once */
#define DFOTA_WAYS_RUN        4   /* equal bytes in a row that keep one */
#define DFOTA_WAYS_IDLE       768 /* bytes for which it is followed without */
#define DFOTA_WAYS_LITERAL    0   /* the number of the way without alignment */

/* The cheapest way to make new up to here which ends in a certain manner. */
struct dfota_way {
    uint64_t cost;
    uint32_t shift;   /* of the alignment; of the last one for literals */
    uint32_t begin;   /* where in new its last segment begins */
    uint32_t before;  /* the segment before that, or NONE */
    uint32_t segment; /* what that is kept as, or NONE */
    uint32_t lively;  /* where it last was known to be of use */
    uint32_t run;     /* equal bytes just before */
    uint32_t from;    /* the shift from which `entry` is what it costs to go */
    uint32_t entry;   /* over to this alignment */
};

/* Owns the segments. */
struct dfota_ways {
    struct dfota_view old;
    struct dfota_view piece; /* of new */
    uint32_t begin;          /* of the piece, in new ... */
    uint32_t end;            /* ... and where it ends */
    const struct dfota_align_costs *costs;
    struct dfota_buffer segments; /* that ways consist of */
    struct dfota_way ways[1 + DFOTA_WAYS_ALIGNMENTS];
    unsigned count; /* of ways */
    unsigned best;  /* the cheapest of them */
};

/* Begins a piece, of which old, piece, begin, end and costs are set. */
void dfota_ways_begin(struct dfota_ways *all);

void dfota_ways_free(struct dfota_ways *all);

/* Finds the cheapest way anew. */
void dfota_ways_rank(struct dfota_ways *all);

/* Follows the alignment `shift`, at least as far as it is of use at `pos`. */
void dfota_ways_follow(struct dfota_ways *all, uint32_t shift, uint32_t pos);

/* How many bytes from `pos` on are equal along `shift`, at most `most`. */
uint32_t dfota_ways_run(const struct dfota_ways *all, uint32_t shift,
                        uint32_t pos, uint32_t most);

/* Takes the byte of new at `pos` on all ways. */
void dfota_ways_take(struct dfota_ways *all, uint32_t pos);

/*
 * Takes `run` bytes about which the best way, along an alignment, is right:
 * meanwhile none can become better.  Where it is to be `alone`, all others are
 * dropped.  Afterwards literals would begin anew, whatever they cost before.
 */
void dfota_ways_take_run(struct dfota_ways *all, uint32_t pos, uint32_t run,
                         bool alone);

/*
 * Appends the copies of the best way, once all of the piece is taken.
 * Errors: DFOTA_ERR_MEMORY, also where a segment could not be kept.
 */
enum dfota_error dfota_ways_trace(struct dfota_ways *all,
                                  struct dfota_buffer *copies,
                                  struct dfota_fault *fault);

#endif
