/* SPDX-License-Identifier: MIT */
/*
 * match.h - where in new a better alignment with old begins
 *
 * Colin Percival's way of approximate matching ("Naive differences of
 * executable code", 2003): new is read from the start along one alignment with
 * old, which is left only where an exact match elsewhere agrees in more bytes
 * than the alignment does.
 */
#ifndef DFOTA_LIB_DELTA_MATCH_H
#define DFOTA_LIB_DELTA_MATCH_H

#include <stdint.h>

#include "dfota/job.h"
#include "lib/base/buffer.h"

/* From here on, new[new_pos + i] resembles old[old_pos + i]. */
struct dfota_seed {
    uint32_t new_pos;
    uint32_t old_pos;
};

/*
 * Appends the seeds of `new` against `old`, in the order of `new_pos`, to
 * `seeds` as an array of struct dfota_seed; the first is {0, 0}.  Each image
 * has at most DFOTA_SUFFIX_MAX bytes.
 *
 * Cost: 4 bytes a byte of old.  Time is nearly linear in old, and in new grows
 * with the logarithm of old; no input makes it quadratic.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_match_images(struct dfota_view old,
                                    struct dfota_view new,
                                    const struct dfota_progress *progress,
                                    struct dfota_buffer *seeds,
                                    struct dfota_fault *fault);

#endif
