/* SPDX-License-Identifier: MIT */
/*
 * delta.h - the generator: two images in, one delta out
 *
 * Matching, choosing, taking differences and coding are steps of their own;
 * this puts them in a row.
 */
#ifndef DFOTA_LIB_DELTA_DELTA_H
#define DFOTA_LIB_DELTA_DELTA_H

#include "dfota/job.h"
#include "lib/base/buffer.h"
#include "lib/delta/encode.h"

/* An image and its digests. */
struct dfota_image {
    struct dfota_view bytes;
    const struct dfota_digests *digests;
};

/* What a delta leads from, and to. */
struct dfota_images {
    struct dfota_image old;
    struct dfota_image new;
};

/*
 * Appends to `copies`, as an array of struct dfota_copy, what of `new` is made
 * from `old`.  Cost and errors: as dfota_match_images().
 */
enum dfota_error dfota_delta_find_copies(struct dfota_view old,
                                         struct dfota_view new,
                                         const struct dfota_progress *progress,
                                         struct dfota_buffer *copies,
                                         struct dfota_fault *fault);

/*
 * Appends to `out` the delta that makes the new image from the old one by
 * `copies`. Errors: as dfota_encode_streams().
 */
enum dfota_error dfota_delta_write(const struct dfota_images *images,
                                   struct dfota_view copies,
                                   const struct dfota_encode_options *options,
                                   struct dfota_buffer *out,
                                   struct dfota_fault *fault);

#endif
