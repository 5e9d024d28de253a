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
#include "lib/base/input.h"

/* The largest image that the host handles. */
#define DFOTA_IMAGE_MAX ((uint32_t)INT32_MAX) /* bytes */

/* More memory than any package made here asks for; a hostile one may. */
#define DFOTA_TRIAL_RAM_MAX ((uint32_t)1 << 30) /* bytes */

/* Where an image, or a part of one, is read at random.  Copies are as good. */
struct dfota_source {
    enum dfota_error (*read)(void *context, uint64_t offset, void *out,
                             size_t size, struct dfota_fault *fault);
    void *context;
    uint64_t at;   /* offset of the first byte in what is read from */
    uint64_t size; /* bytes */
};

/* All of the bytes that `view` shows; it must outlive the source. */
struct dfota_source dfota_source_of_view(const struct dfota_view *view);

/* All of an open input, which must outlive the source. */
struct dfota_source dfota_source_of_input(struct dfota_input *input);

/* Errors: those of reading. */
enum dfota_error dfota_source_read(const struct dfota_source *source,
                                   uint64_t offset, void *out, size_t size,
                                   struct dfota_fault *fault);

/* Reads all of it into the empty buffer `out`, which is empty on failure.
 * Errors: those of reading, DFOTA_ERR_MEMORY. */
enum dfota_error dfota_source_load(const struct dfota_source *source,
                                   struct dfota_buffer *out,
                                   struct dfota_fault *fault);

/* Digests all of it.  Errors: those of reading, DFOTA_ERR_MEMORY. */
enum dfota_error dfota_source_digest(const struct dfota_source *source,
                                     struct dfota_digests *out,
                                     struct dfota_fault *fault);

/* Takes the new image as it comes.  An error ends the trial. */
struct dfota_sink {
    enum dfota_error (*write)(void *context, const void *bytes, size_t size,
                              struct dfota_fault *fault);
    void *context;
};

/* A sink for what is only wanted for its digests. */
extern const struct dfota_sink dfota_sink_nowhere;

/* Gives the bytes from `begin` to `end` to `sink`.  Errors: those of both. */
enum dfota_error dfota_source_copy(const struct dfota_source *source,
                                   uint64_t begin, uint64_t end,
                                   const struct dfota_sink *sink,
                                   struct dfota_fault *fault);

/*
 * Applies `delta` to `old` and gives what comes of it to `sink`; the digests of
 * that go to `*made` on success.
 *
 * Errors: those of dfota_apply_delta(), with offsets in `delta`, those of the
 * source and of the sink, and
 *   DFOTA_ERR_MEMORY
 */
enum dfota_error dfota_trial_apply_from(struct dfota_view delta,
                                        const struct dfota_source *old,
                                        const struct dfota_sink *sink,
                                        struct dfota_digests *made,
                                        struct dfota_fault *fault);

/* What to apply, with what.  Owns nothing. */
struct dfota_trial_task {
    const struct dfota_coding *const *codings; /* ends with NULL */
    const struct dfota_unpacking *unpacking;
    struct dfota_view delta;
    const struct dfota_source *old;
    const struct dfota_sink *sink; /* gets new from front to back */
    const struct dfota_sink *made; /* NULL, or gets it as it is made: in place
                                      segment by segment */
};

/* The same, with the task's ways of coding and of unpacking. */
enum dfota_error dfota_trial_run(const struct dfota_trial_task *task,
                                 struct dfota_digests *made,
                                 struct dfota_fault *fault);

/* The same, from an old image in memory. */
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
