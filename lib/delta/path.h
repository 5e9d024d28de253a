/* SPDX-License-Identifier: MIT */
/*
 * path.h - the cheapest way through a piece of new
 *
 * The piece is read from its start along some alignments with old at once, each
 * of which a match or a hint has shown.  What every way to get there costs is
 * counted on the go, and in the end the cheapest is taken.
 */
#ifndef DFOTA_LIB_DELTA_PATH_H
#define DFOTA_LIB_DELTA_PATH_H

#include "lib/apply/copy.h"
#include "lib/delta/align_costs.h"
#include "lib/delta/index.h"
#include "lib/delta/quiet.h"

/* Owns nothing. */
struct dfota_path_task {
    struct dfota_view old;
    struct dfota_view piece;         /* of new */
    uint32_t begin;                  /* where in new the piece begins */
    const struct dfota_index *index; /* of old */
    const struct dfota_align_costs *costs;
    const struct dfota_quiet *quiet; /* what is to be copied; NULL: nothing */
    const struct dfota_copy *hints;  /* alignments to consider, by `new_pos` */
    size_t hint_count;
};

/*
 * Appends to `copies`, as an array of struct dfota_copy, what of the piece is
 * copied: sorted, none empty, without overlap.
 *
 * Cost: in the worst case 24 bytes a byte of the piece.  Time is nearly linear;
 * no input makes it quadratic.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_path_find(const struct dfota_path_task *task,
                                 struct dfota_buffer *copies,
                                 struct dfota_fault *fault);

#endif
