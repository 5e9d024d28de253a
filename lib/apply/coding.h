/* SPDX-License-Identifier: MIT */
/* coding.h - a way to code a delta: how its coder is set up */
#ifndef DFOTA_LIB_APPLY_CODING_H
#define DFOTA_LIB_APPLY_CODING_H

#include "lib/apply/coder.h"

/* What a coder is made from, in the caller's memory. */
struct dfota_coding_job {
    const struct dfota_coding *coding; /* the way that is asked for a coder */
    const struct dfota_applier *applier;
    const struct dfota_delta_header *header;
    const struct dfota_predictor *predictor;
    uint8_t *memory; /* what is not dealt out yet, aligned to 16 bytes */
};

struct dfota_coding {
    uint8_t id; /* enum dfota_coding_id */

    /*
     * Makes the coder, with the memory that dfota_delta_memory() counts.
     * Errors: DLT-6, DLT-13, as dfota_apply_delta().
     */
    enum dfota_error (*open)(struct dfota_coding_job *job,
                             struct dfota_coder **out,
                             struct dfota_fault *fault);

    /* Goes back to the first record.  Nothing but records was asked for. */
    enum dfota_error (*rewind)(struct dfota_coding_job *job,
                               struct dfota_coder *coder,
                               struct dfota_fault *fault);

    /*
     * Begins anew with the content, which is `size` bytes of the delta from
     * `begin` on.  NULL where a delta so coded is not applied in place.
     */
    enum dfota_error (*segment)(struct dfota_coding_job *job,
                                struct dfota_coder *coder, uint32_t begin,
                                uint32_t size);
};

/* Takes `size` bytes of the job's memory. */
static inline void *dfota_coding_take(struct dfota_coding_job *job,
                                      uint32_t size)
{
    uint8_t *taken = job->memory;

    job->memory += ((size_t)size + 15) / 16 * 16;
    return taken;
}

#endif
