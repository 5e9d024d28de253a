/* SPDX-License-Identifier: MIT */
/* neutral_old.h - all of old in its neutral form */
#ifndef DFOTA_LIB_DELTA_NEUTRAL_OLD_H
#define DFOTA_LIB_DELTA_NEUTRAL_OLD_H

#include "lib/base/spill.h"
#include "lib/delta/neutral.h"

/* Owns the bytes, which lie in memory or in a file. */
struct dfota_neutral_old {
    uint8_t *bytes;
    struct dfota_spill spill;
    struct dfota_view view;
};

/*
 * Makes it, with `threads` as dfota_parallel() has it, in a file where `spills`
 * is not NULL.  `*out` must stay where it is.
 * Errors, which leave nothing to free: DFOTA_ERR_MEMORY, DFOTA_ERR_IO.
 */
enum dfota_error dfota_neutral_old_make(const struct dfota_neutral_task *task,
                                        unsigned threads,
                                        struct dfota_spills *spills,
                                        struct dfota_neutral_old *out,
                                        struct dfota_fault *fault);

void dfota_neutral_old_free(struct dfota_neutral_old *old);

#endif
