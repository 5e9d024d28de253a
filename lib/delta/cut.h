/* SPDX-License-Identifier: MIT */
/*
 * cut.h - cuts a plan into segments that can be written over old
 *
 * Records are cut where segments end, and put into the order in which these are
 * made.  Copies whose bytes have been overwritten by then become insertions,
 * unless a stash keeps them.
 */
#ifndef DFOTA_LIB_DELTA_CUT_H
#define DFOTA_LIB_DELTA_CUT_H

#include "lib/delta/plan.h"

/* A plan that is cut.  Owns its arrays; the images are those of the plan that
 * it is made from.  {0} is none. */
struct dfota_cut {
    struct dfota_buffer records;  /* of struct dfota_record */
    struct dfota_buffer segments; /* of struct dfota_plan_segment, by turn */
    struct dfota_buffer stash;    /* of struct dfota_stash_range */
    struct dfota_plan plan;
};

/*
 * Cuts `plan`, whose records are in the order of new, into segments of
 * `segment_size` bytes, a multiple of 256, and at most DFOTA_SEGMENTS_MAX of
 * them; with a stash of at most `stash_size` bytes.  On failure `*out` is
 * untouched.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_cut_make(const struct dfota_plan *plan,
                                uint32_t segment_size, uint32_t stash_size,
                                struct dfota_cut *out,
                                struct dfota_fault *fault);

void dfota_cut_free(struct dfota_cut *cut);

#endif
