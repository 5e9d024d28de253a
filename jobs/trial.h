/* SPDX-License-Identifier: MIT */
/*
 * trial.h - runs the module's applier on the host
 *
 * The applier gets no more memory than the delta states, and checks all that
 * it checks in a module.
 */
#ifndef DFOTA_JOBS_TRIAL_H
#define DFOTA_JOBS_TRIAL_H

#include "dfota/apply.h"
#include "dfota/job.h"
#include "lib/base/buffer.h"

/* The largest image that the host handles. */
#define DFOTA_IMAGE_MAX ((uint32_t)INT32_MAX) /* bytes */

/* More memory than any package made here asks for; a hostile one may. */
#define DFOTA_TRIAL_RAM_MAX ((uint32_t)1 << 30) /* bytes */

/* Takes the new image as it comes.  An error ends the trial. */
struct dfota_sink {
    enum dfota_error (*write)(void *context, const void *bytes, size_t size,
                              struct dfota_fault *fault);
    void *context;
};

/*
 * Applies `delta` to `old` and gives what comes of it to `sink`; the digests of
 * that go to `*made` on success.
 *
 * Errors: those of dfota_apply_delta(), with offsets in `delta`, those of the
 * sink, and
 *   DFOTA_ERR_MEMORY
 */
enum dfota_error dfota_trial_apply(struct dfota_view delta,
                                   struct dfota_view old,
                                   const struct dfota_sink *sink,
                                   struct dfota_digests *made,
                                   struct dfota_fault *fault);

/*
 * The same, into the `size` bytes at `out`, which the new image must fill.
 * Errors: those of dfota_trial_apply(), and
 *   DFOTA_ERR_REFUSED  APPLY-3  the new image is of another size
 */
enum dfota_error dfota_trial_apply_into(struct dfota_view delta,
                                        struct dfota_view old, uint8_t *out,
                                        size_t size, struct dfota_fault *fault);

/* The header of a delta that lies in memory; see dfota_delta_read_header(). */
enum dfota_error dfota_trial_header(struct dfota_view delta,
                                    struct dfota_delta_header *out,
                                    struct dfota_fault *fault);

#endif
