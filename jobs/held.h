/* SPDX-License-Identifier: MIT */
/* held.h - an image that is held while a delta is made, in memory or a file */
#ifndef DFOTA_JOBS_HELD_H
#define DFOTA_JOBS_HELD_H

#include "lib/base/input.h"
#include "lib/base/spill.h"

/* Owns the bytes.  {0} is none.  Where it is held, it must stay. */
struct dfota_held {
    struct dfota_view view;
    struct dfota_buffer buffer;
    struct dfota_spill spill;
};

/*
 * Reads all of `input`, into a file where `spills` is not NULL.
 * Errors, which leave nothing to free: those of dfota_input_load() and
 * dfota_spill_make().
 */
enum dfota_error dfota_held_load(struct dfota_input *input,
                                 struct dfota_spills *spills,
                                 struct dfota_held *out,
                                 struct dfota_fault *fault);

void dfota_held_free(struct dfota_held *held);

#endif
