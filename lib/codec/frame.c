/* SPDX-License-Identifier: MIT */
#include "lib/codec/frame.h"

#include <stdlib.h>
#include <string.h>

#include "lib/apply/frame_mix.h"
#include "lib/base/fault.h"

static void put(void *out, uint8_t byte)
{
    dfota_buffer_add(out, &byte, 1);
}

static void encode_bytes(struct dfota_frame_mix *mix, const uint8_t *bytes,
                         struct dfota_buffer *out)
{
    size_t begin = out->size;

    dfota_range_encode(&mix->range, put, out);
    for (uint32_t i = 0; i < mix->size; i++)
        dfota_frame_byte(mix, bytes[i]);
    dfota_range_flush(&mix->range);
    if (out->size == begin) /* all zeros, which need not be written */
        put(out, 0);
}

static enum dfota_error encode_mixed(const struct dfota_stream *stream,
                                     struct dfota_view raw,
                                     struct dfota_buffer *out,
                                     struct dfota_fault *fault)
{
    struct dfota_stream own = *stream;
    uint32_t memory_size;
    uint8_t *memory;

    if (raw.size == 0 || raw.size > DFOTA_FRAME_SIZE_MAX)
        return dfota_fail(fault, DFOTA_ERR_LIMIT, DFOTA_NO_OFFSET, NULL);
    own.raw_size = (uint32_t)raw.size;
    memory_size = dfota_frame_memory(&own);
    if (memory_size == UINT32_MAX)
        return dfota_fail(fault, DFOTA_ERR_LIMIT, DFOTA_NO_OFFSET, NULL);
    memory = malloc(memory_size + raw.size);
    if (memory == NULL)
        return dfota_fail_memory(fault);
    memcpy(memory + memory_size, raw.data, raw.size);
    dfota_frame_turn(own.props, memory + memory_size, own.raw_size, 1);
    encode_bytes(dfota_frame_open(&own, memory), memory + memory_size, out);
    free(memory);
    return dfota_buffer_check(out, fault);
}

const struct dfota_encoder dfota_encoder_mixed = {DFOTA_CODEC_ID_MIXED,
                                                  encode_mixed};
