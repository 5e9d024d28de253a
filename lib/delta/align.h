/* SPDX-License-Identifier: MIT */
/*
 * align.h - chooses what of new is copied from where in old
 *
 * New is read from the start along some alignments with old at once, each of
 * which an exact match has found.  What every way to get there costs is
 * counted on the go, and in the end the cheapest is taken: so an alignment is
 * left for a better one, or for literals, exactly where that pays.
 */
#ifndef DFOTA_LIB_DELTA_ALIGN_H
#define DFOTA_LIB_DELTA_ALIGN_H

#include <stdint.h>

#include "dfota/job.h"
#include "lib/apply/copy.h"
#include "lib/base/buffer.h"
#include "lib/delta/align_costs.h"
#include "lib/delta/bound.h"
#include "lib/delta/quiet.h"

/* What to align; nothing of it is owned. */
struct dfota_align_task {
    struct dfota_view old; /* DFOTA_SUFFIX_MAX bytes at most */
    struct dfota_view new; /* likewise */
    const struct dfota_align_costs *costs;
    const struct dfota_progress *progress;
    struct dfota_view hints; /* of struct dfota_copy: alignments to consider */
    const struct dfota_quiet *quiet; /* stretches that are to be copied */
    unsigned threads;                /* 0: one a processor */
    struct dfota_bound *bound;       /* of memory, or NULL */
    /* What new is to be aligned as: writes its bytes from `begin` to `end` - 1
     * to `out`; NULL for `new` itself. */
    void (*look)(void *context, uint32_t begin, uint32_t end, uint8_t *out);
    void *context;
};

/*
 * Appends to `copies`, as an array of struct dfota_copy, what is copied: sorted
 * by `new_pos`, none empty, without overlap in new.
 *
 * Cost: 5 bytes a byte of old up to 4 MiB, 2 of larger ones, or 6 of what seeds
 * leave of it where that is more; and a few megabytes a thread.  Time is nearly
 * linear in old, and in new grows with the logarithm of old; no input makes it
 * quadratic.  The copies do not depend on `threads`.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_align_images(const struct dfota_align_task *task,
                                    struct dfota_buffer *copies,
                                    struct dfota_fault *fault);

#endif
