/* SPDX-License-Identifier: MIT */
#include "dfota/codec.h"

#include "lib/apply/bytes.h"
#include "lib/apply/frame_mix.h"

/* What a decoder may use beside its window: tables, probabilities, state. */
#define ZLIB_STATE ((uint32_t)12 << 10) /* bytes */
#define LZMA_STATE ((uint32_t)40 << 10) /* bytes, for lc + lp up to 4 */

static uint32_t lzma_memory(const struct dfota_stream *stream)
{
    unsigned lc = stream->props % 9;
    unsigned lp = stream->props / 9 % 5;
    unsigned pb = stream->props / 45;

    if (pb > 4 || lc + lp > 4 || stream->dictionary > UINT32_MAX / 2)
        return UINT32_MAX;
    return stream->dictionary + LZMA_STATE;
}

uint32_t dfota_codec_memory(const struct dfota_stream *stream)
{
    switch (stream->codec) {
    case DFOTA_CODEC_ID_STORED:
        return 0;
    case DFOTA_CODEC_ID_ZLIB:
        if (stream->props < 9 || stream->props > 15)
            return UINT32_MAX;
        return ((uint32_t)1 << stream->props) + ZLIB_STATE;
    case DFOTA_CODEC_ID_LZMA:
        return lzma_memory(stream);
    case DFOTA_CODEC_ID_MIXED:
        return dfota_frame_memory(stream);
    default:
        return UINT32_MAX;
    }
}

static enum dfota_error stored_open(const struct dfota_stream *stream,
                                    void *memory, size_t memory_size,
                                    void **state)
{
    (void)stream;
    (void)memory;
    (void)memory_size;
    *state = NULL;
    return DFOTA_OK;
}

static enum dfota_error stored_decode(void *state, struct dfota_codec_io *io)
{
    size_t size = io->in_left < io->out_left ? io->in_left : io->out_left;

    (void)state;
    dfota_bytes_copy(io->out, io->in, size);
    io->in += size;
    io->in_left -= size;
    io->out += size;
    io->out_left -= size;
    return DFOTA_OK;
}

const struct dfota_codec dfota_codec_stored = {DFOTA_CODEC_ID_STORED,
                                               stored_open, stored_decode};
