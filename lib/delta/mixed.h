/* SPDX-License-Identifier: MIT */
/* mixed.h - codes a plan our own way */
#ifndef DFOTA_LIB_DELTA_MIXED_H
#define DFOTA_LIB_DELTA_MIXED_H

#include "lib/delta/plan.h"

/* What comes of it.  Owns the buffers.  {0} is nothing yet. */
struct dfota_mixed_out {
    struct dfota_mixed mixed; /* `slots` is the caller's */
    struct dfota_buffer records;
    struct dfota_buffer content;
    uint32_t stride;   /* as in struct dfota_rehearsal; the caller's */
    uint32_t *reached; /* NULL, or the caller's: gets the size of the content
                          after each record */
};

void dfota_mixed_free(struct dfota_mixed_out *out);

/*
 * Codes `plan` into the empty buffers of `*out`.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_mixed_encode(const struct dfota_plan *plan,
                                    struct dfota_mixed_out *out,
                                    struct dfota_fault *fault);

#endif
