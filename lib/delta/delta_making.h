/* SPDX-License-Identifier: MIT */
/* delta_making.h - one delta in the making: of images as they are, or unpacked
 */
#ifndef DFOTA_LIB_DELTA_DELTA_MAKING_H
#define DFOTA_LIB_DELTA_DELTA_MAKING_H

#include "lib/delta/delta.h"
#include "lib/delta/packed_code.h"

struct dfota_delta_making {
    const struct dfota_images *images;
    struct dfota_packed_pair *packed;    /* NULL: nothing is unpacked */
    struct dfota_packed_section section; /* `stated` is the caller's */
    struct dfota_view old;               /* as records see it */
    struct dfota_view new;
};

/* Reports a step without a measure. */
static inline void dfota_delta_report(const struct dfota_delta_options *options,
                                      const char *step)
{
    const struct dfota_progress *progress = options->progress;

    if (progress->report != NULL)
        progress->report(progress->context, step, 0, 0);
}

/*
 * Appends the delta of one way to look at the images.
 * Errors: as dfota_delta_make(), and those of dfota_packed_code().
 */
enum dfota_error dfota_delta_make_one(struct dfota_delta_making *making,
                                      const struct dfota_delta_options *options,
                                      struct dfota_buffer *out,
                                      struct dfota_fault *fault);

#endif
