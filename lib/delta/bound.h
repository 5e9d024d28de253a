/* SPDX-License-Identifier: MIT */
/*
 * bound.h - what the generator may use of a bounded memory for what
 *
 * Where the bound suffices for all that a delta takes, nothing changes.  Where
 * it does not, images lie in files (spill.h), tables of seeds know fewer
 * places, what is collected ends at its share, and compressed streams stay
 * packed: that makes larger deltas, never wrong ones.
 */
#ifndef DFOTA_LIB_DELTA_BOUND_H
#define DFOTA_LIB_DELTA_BOUND_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/base/buffer.h"
#include "lib/base/spill.h"

/* What there is to do.  In bytes. */
struct dfota_bound_work {
    uint64_t old_size;
    uint64_t new_size;
    uint64_t extra;  /* that somebody else holds meanwhile */
    uint64_t ram;    /* that the module has for patching */
    bool is_streams; /* deltas are coded as streams only */
    bool is_patch;   /* a plain patch is made, which knows no bound */
};

/* The shares.  In bytes, but for `copies`. */
struct dfota_bound {
    struct dfota_spills *spills; /* NULL: the images lie in memory */
    uint64_t index;              /* tables of seeds, or suffixes of the rest */
    uint64_t pairs;              /* values that are collected to be counted */
    uint64_t delta;
    uint64_t sure;     /* what dfota_bound_sure() says */
    uint64_t contents; /* of compressed streams of both images */
    size_t copies;     /* how many there may be */
    bool streams;      /* whether it suffices for coding as streams */
    /* What came of it. */
    bool is_coarse; /* seeds of fewer places, or fewer of the rest sorted */
    bool is_packed; /* streams stayed packed */
    bool is_thin;   /* the shortest copies were left out */
};

/* The memory with which nothing changes. */
uint64_t dfota_bound_full(const struct dfota_bound_work *work);

/* The least memory that is enough to begin with ... */
uint64_t dfota_bound_least(const struct dfota_bound_work *work);

/* ... and what is enough whatever the images hold. */
uint64_t dfota_bound_sure(const struct dfota_bound_work *work);

/* Refuses a bound, and tells, in whole MiB, one that is enough. */
enum dfota_error dfota_bound_refuse(uint64_t enough, struct dfota_fault *fault);

/*
 * Shares out `memory` bytes, of which there are at least dfota_bound_least().
 * With `spills`, which is to be there when there are less than
 * dfota_bound_full(), the images lie in files.
 */
struct dfota_bound dfota_bound_share(const struct dfota_bound_work *work,
                                     uint64_t memory,
                                     struct dfota_spills *spills);

/*
 * Where there are more copies, an array of struct dfota_copy, than `bound`,
 * which may be NULL, allows, leaves out the shortest.
 */
void dfota_bound_thin(struct dfota_bound *bound, struct dfota_buffer *copies);

#endif
