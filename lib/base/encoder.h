/* SPDX-License-Identifier: MIT */
/*
 * encoder.h - what the generator asks of a compression library
 *
 * The counterpart of dfota/codec.h: what an encoder writes, the codec of the
 * same number reads.
 */
#ifndef DFOTA_LIB_BASE_ENCODER_H
#define DFOTA_LIB_BASE_ENCODER_H

#include "dfota/codec.h"
#include "lib/base/buffer.h"

struct dfota_encoder {
    uint8_t id; /* enum dfota_codec_id */
    /*
     * Appends `raw` to `out`, coded with the parameters of `stream`, whose
     * sizes it does not look at.  The same bytes for the same library version.
     * Safe from any thread.
     *
     * Errors: DFOTA_ERR_MEMORY, DFOTA_ERR_LIMIT when `out` is full.
     */
    enum dfota_error (*encode)(const struct dfota_stream *stream,
                               struct dfota_view raw, struct dfota_buffer *out,
                               struct dfota_fault *fault);
};

#endif
