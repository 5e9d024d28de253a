/* SPDX-License-Identifier: MIT */
/* left_packed.h - why compressed streams of new are copied as they are */
#ifndef DFOTA_JOBS_LEFT_PACKED_H
#define DFOTA_JOBS_LEFT_PACKED_H

#include "dfota/job_explain.h"
#include "lib/base/buffer.h"

/*
 * Lists the streams of what `delta` makes of `old`, with what it does with
 * them, in `out`, whose `unpacking` lists the regions.  A delta does not say
 * why it leaves a stream alone: that is found out as the generator does, which
 * had at least the memory that the delta needs.
 *
 * Cost: applies the delta, and unpacks both images.
 * Errors: those of dfota_trial_apply(), DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_left_packed_explain(struct dfota_view delta,
                                           struct dfota_view old,
                                           struct dfota_explained_delta *out,
                                           struct dfota_fault *fault);

#endif
