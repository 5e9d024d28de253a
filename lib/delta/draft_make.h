/* SPDX-License-Identifier: MIT */
/* draft_make.h - how the generator comes to its draft: aligned, foreseen, and
 * aligned again by that */
#ifndef DFOTA_LIB_DELTA_DRAFT_MAKE_H
#define DFOTA_LIB_DELTA_DRAFT_MAKE_H

#include "lib/delta/delta_making.h"
#include "lib/delta/draft.h"

/*
 * Makes the draft of a delta; `draft` is {0} before, and released by the caller
 * whatever comes of it.  What it is made for must outlive it.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_draft_make(const struct dfota_delta_making *making,
                                  const struct dfota_delta_options *options,
                                  struct dfota_draft *draft,
                                  struct dfota_fault *fault);

#endif
