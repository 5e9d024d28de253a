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

/* What things cost, in 1/16 bit. */
struct dfota_align_costs {
    uint16_t literal;   /* a byte that is not copied */
    uint16_t equal;     /* a copied byte */
    uint16_t different; /* a copied byte that differs, after an equal one */
    uint16_t again;     /* one that differs, after another */
    uint16_t repeated; /* one that differs by as much as the one 4 before, where
                          that is less */
    uint16_t enter;    /* a copy; besides, how far its shift is from the last:
                          log2 of it in words, or in bytes where it is odd */
    uint16_t odd;      /* besides, where that is not a multiple of 4 */
    uint16_t resume;   /* a copy with the shift of the one before */
    uint16_t leave;    /* literals after a copy */
};

/* For images and their neutral forms, see neutral.h; for records that are
 * written whole. */
extern const struct dfota_align_costs dfota_align_delta;
extern const struct dfota_align_costs dfota_align_bsdiff;

/* What to align; nothing of it is owned. */
struct dfota_align_task {
    struct dfota_view old; /* DFOTA_SUFFIX_MAX bytes at most */
    struct dfota_view new; /* likewise */
    const struct dfota_align_costs *costs;
    const struct dfota_progress *progress;
};

/*
 * Appends to `copies`, as an array of struct dfota_copy, what is copied: sorted
 * by `new_pos`, none empty, without overlap in new.
 *
 * Cost: 4 bytes a byte of old and, in the worst case, 24 a byte of new.  Time
 * is nearly linear in old, and in new grows with the logarithm of old; no input
 * makes it quadratic.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_align_images(const struct dfota_align_task *task,
                                    struct dfota_buffer *copies,
                                    struct dfota_fault *fault);

#endif
