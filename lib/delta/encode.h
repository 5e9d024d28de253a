/* SPDX-License-Identifier: MIT */
/*
 * encode.h - codes the streams of a delta, each in the way that pays
 *
 * Every stream is coded in several ways; of all combinations whose decoders
 * fit into the module's memory together, the smallest is kept.
 */
#ifndef DFOTA_LIB_DELTA_ENCODE_H
#define DFOTA_LIB_DELTA_ENCODE_H

#include "dfota/apply.h"
#include "lib/base/encoder.h"
#include "lib/delta/serialize.h"

struct dfota_encode_options {
    const struct dfota_encoder *const *encoders; /* ends with NULL */
    uint32_t ram;     /* bytes that the applier may use, buffers included */
    unsigned threads; /* 0: one a processor */
};

/* The coded streams.  {0} is none; dfota_encoded_free() gives that back. */
struct dfota_encoded {
    enum dfota_unit unit;
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
enum dfota_error
dfota_encode_streams(const struct dfota_plan *plan,
                     const struct dfota_encode_options *options,
                     struct dfota_encoded *out, struct dfota_fault *fault);

void dfota_encoded_free(struct dfota_encoded *encoded);

#endif
