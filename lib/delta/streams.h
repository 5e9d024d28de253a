/* SPDX-License-Identifier: MIT */
/*
 * streams.h - codes a plan as three streams, each in the way that pays
 *
 * Every stream is coded in several ways; of all combinations whose decoders
 * fit into the module's memory together, the smallest is kept.
 */
#ifndef DFOTA_LIB_DELTA_STREAMS_H
#define DFOTA_LIB_DELTA_STREAMS_H

#include "dfota/apply.h"
#include "lib/base/encoder.h"
#include "lib/delta/bound.h"
#include "lib/delta/find.h"
#include "lib/delta/findings.h"
#include "lib/delta/plan.h"

/* What a delta is made for, and with what. */
struct dfota_delta_options {
    bool mixed; /* whether our own coding may be used */
    const struct dfota_encoder *const
        *encoders;    /* for streams; ends with NULL */
    uint32_t ram;     /* bytes that the applier may use, buffers included */
    unsigned threads; /* 0: one a processor */
    uint32_t sector;  /* bytes that a module erases at once which applies in
                         place; 0: new is made beside old */
    uint32_t scratch; /* bytes that it has for that: whole sectors */
    struct dfota_bound *bound; /* of the generator's memory, or NULL */
    const struct dfota_progress *progress;
    const struct dfota_places *places; /* where packed streams are said to be in
                                          either image; NULL: nowhere */
    struct dfota_findings *findings;   /* gets what became of packed streams; or
                                          NULL */
};

/* The coded streams.  {0} is none; dfota_encoded_free() gives that back. */
struct dfota_encoded {
    struct dfota_stream streams[DFOTA_STREAM_COUNT];
    struct dfota_buffer coded[DFOTA_STREAM_COUNT];
};

/*
 * Codes the streams of `plan` into the empty `*out`.
 *
 * Errors:
 *   DFOTA_ERR_LIMIT  MAKE-5  no combination fits into `ram`
 *   DFOTA_ERR_MEMORY
 */
enum dfota_error dfota_streams_encode(const struct dfota_plan *plan,
                                      const struct dfota_delta_options *options,
                                      struct dfota_encoded *out,
                                      struct dfota_fault *fault);

void dfota_encoded_free(struct dfota_encoded *encoded);

#endif
