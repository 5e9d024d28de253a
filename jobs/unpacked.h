/* SPDX-License-Identifier: MIT */
/* unpacked.h - which compressed regions a delta unpacks, and what they cost */
#ifndef DFOTA_JOBS_UNPACKED_H
#define DFOTA_JOBS_UNPACKED_H

#include "dfota/job_explain.h"
#include "lib/apply/unpacking.h"
#include "lib/base/buffer.h"

/*
 * Lists the regions of a delta, whose header has some.  `out->regions` is the
 * caller's to free, on failure too.
 * Errors: those of dfota_region_list_read(), DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_unpacked_explain(struct dfota_view delta,
                                        const struct dfota_delta_header *header,
                                        struct dfota_explained_unpacking *out,
                                        struct dfota_fault *fault);

/*
 * Stands before the unpacking of regions, passes everything on, and counts what
 * each region of new costs, in thousandths of bits.
 */
struct dfota_unpacked_spy {
    struct dfota_unpacking unpacking; /* first: the unpacking is this one */
    struct dfota_explained_unpacking *out;
    size_t spent;    /* the region of new in which was last spent something */
    size_t copied;   /* the region that was last copied to */
    uint64_t weight; /* bytes that its `from` is ahead of all others */
};

/* A spy that counts into the regions of `out`. */
struct dfota_unpacked_spy
dfota_unpacked_spy(struct dfota_explained_unpacking *out);

/* Nothing has been counted yet. */
void dfota_unpacked_reset(struct dfota_unpacked_spy *spy);

/* So many bits were spent at `new_pos`, which never goes back, of the view. */
void dfota_unpacked_spend(struct dfota_unpacked_spy *spy, uint64_t new_pos,
                          double bits);

/* A copy is made in the views; they come in the order of new. */
void dfota_unpacked_copy(struct dfota_unpacked_spy *spy,
                         const struct dfota_copy *copy);

/* Makes bits of the thousandths. */
void dfota_unpacked_round(struct dfota_explained_unpacking *out);

#endif
