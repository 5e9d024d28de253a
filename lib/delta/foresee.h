/* SPDX-License-Identifier: MIT */
/*
 * foresee.h - finds out what of copied code can be foreseen, and how
 *
 * Nobody says what architecture an image is for or where it is loaded.  So the
 * architectures are tried: what makes the delta smallest is right.  Load
 * addresses and addresses outside are voted for by the words that changed.
 */
#ifndef DFOTA_LIB_DELTA_FORESEE_H
#define DFOTA_LIB_DELTA_FORESEE_H

#include "lib/delta/draft.h"
#include "lib/delta/streams.h"

/*
 * Chooses the dialects of the draft and which record is in which; sets them.
 * Cost: codes the plan some ten times, shared between `options->threads`.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_foresee_code(struct dfota_draft *draft,
                                    const struct dfota_delta_options *options,
                                    struct dfota_fault *fault);

/* Tries whether fewer or more classes of sites make the delta smaller. */
enum dfota_error
dfota_foresee_classes(struct dfota_draft *draft,
                      const struct dfota_delta_options *options,
                      struct dfota_fault *fault);

/* Finds load addresses and ranges of addresses outside, as far as they pay. */
enum dfota_error
dfota_foresee_pointers(struct dfota_draft *draft,
                       const struct dfota_delta_options *options,
                       struct dfota_fault *fault);

#endif
