/* SPDX-License-Identifier: MIT */
/*
 * delta.h - the generator: two images in, one delta out
 *
 * Aligning, foreseeing and coding are steps of their own; this puts them in a
 * row, and aligns once more when it is known where addresses went.
 */
#ifndef DFOTA_LIB_DELTA_DELTA_H
#define DFOTA_LIB_DELTA_DELTA_H

#include "dfota/job.h"
#include "lib/base/buffer.h"
#include "lib/delta/streams.h"

/* An image and its digests. */
struct dfota_image {
    struct dfota_view bytes;
    const struct dfota_digests *digests;
};

/* What a delta leads from, and to. */
struct dfota_images {
    struct dfota_image old;
    struct dfota_image new;
    enum dfota_error (*wait)(void *context); /* called before the digests are
                                                looked at; NULL: they are there
                                              */
    void *context;
};

/*
 * Appends to `copies`, as an array of struct dfota_copy, what of `new` is made
 * from `old` by a plain patch.  Cost and errors: as dfota_align_images().
 */
enum dfota_error dfota_delta_find_copies(struct dfota_view old,
                                         struct dfota_view new,
                                         const struct dfota_progress *progress,
                                         struct dfota_buffer *copies,
                                         struct dfota_fault *fault);

/*
 * Appends to `out` the smallest delta found that makes the new image from the
 * old one within `options->ram`.
 *
 * Errors:
 *   DFOTA_ERR_LIMIT  MAKE-5  no way of coding fits into `ram`
 *   DFOTA_ERR_MEMORY
 */
enum dfota_error dfota_delta_make(const struct dfota_images *images,
                                  const struct dfota_delta_options *options,
                                  struct dfota_buffer *out,
                                  struct dfota_fault *fault);

#endif
