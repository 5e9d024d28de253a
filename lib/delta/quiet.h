/* SPDX-License-Identifier: MIT */
/*
 * quiet.h - long stretches that are the same in old and new
 *
 * Of a large image most is often unchanged.  Where that is so for kilobytes,
 * there is nothing to find out: it is copied, needs no better copy, and tells
 * nothing of addresses that moved.  So all steps but coding leave it out.
 */
#ifndef DFOTA_LIB_DELTA_QUIET_H
#define DFOTA_LIB_DELTA_QUIET_H

#include <stdbool.h>

#include "lib/apply/copy.h"
#include "lib/base/buffer.h"
#include "lib/delta/hash_set.h"

/* Stretches, as arrays of struct dfota_copy.  Owns them.  {0} is none. */
struct dfota_quiet {
    struct dfota_buffer by_new;   /* sorted by `new_pos` */
    struct dfota_buffer by_old;   /* the same, sorted by `old_pos` */
    struct dfota_hash_set wanted; /* of what is quiet in old, all the same: see
                                     wanted.h; none: nothing */
};

/*
 * Finds the quiet stretches of `copies`, an array of struct dfota_copy sorted
 * by `new_pos`; none in small images, which cost little anyway.
 * Cost: linear, at the speed of comparing.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_quiet_find(struct dfota_view old, struct dfota_view new,
                                  struct dfota_view copies,
                                  struct dfota_quiet *out,
                                  struct dfota_fault *fault);

void dfota_quiet_free(struct dfota_quiet *quiet);

/*
 * The number of the first stretch that ends behind `pos`, in `list`, which is
 * `by_old` where `in_old`; how many there are where there is none.
 */
size_t dfota_quiet_behind(const struct dfota_buffer *list, bool in_old,
                          uint32_t pos);

/* Appends what of `copies` is not quiet.  Ask dfota_buffer_check(). */
void dfota_quiet_leave_out(const struct dfota_quiet *quiet,
                           struct dfota_view copies, struct dfota_buffer *out);

#endif
