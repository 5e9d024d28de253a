/* SPDX-License-Identifier: MIT */
#include "lib/codec/deflate.h"

#include <limits.h>

#include <zlib.h>

#include "lib/base/fault.h"
#include "lib/codec/arena.h"

#define OUT_CHUNK ((size_t)64 << 10) /* bytes of output asked for at a time */

/* The decoder's state at the front of its memory; zlib's own behind it. */
struct inflater {
    z_stream z;
    struct dfota_arena arena;
};

static voidpf take(voidpf arena, uInt count, uInt size)
{
    return dfota_arena_take(arena, count, size);
}

static void keep(voidpf arena, voidpf memory)
{
    (void)arena;
    (void)memory;
}

static enum dfota_error open_inflate(const struct dfota_stream *stream,
                                     void *memory, size_t memory_size,
                                     void **state)
{
    struct dfota_arena arena = {memory, memory_size};
    struct inflater *inflater = dfota_arena_take(&arena, 1, sizeof(*inflater));

    if (inflater == NULL)
        return DFOTA_ERR_MEMORY;
    *inflater = (struct inflater){.arena = arena};
    inflater->z.zalloc = take;
    inflater->z.zfree = keep;
    inflater->z.opaque = &inflater->arena;
    if (inflateInit2(&inflater->z, -stream->props) != Z_OK)
        return DFOTA_ERR_MEMORY;
    *state = inflater;
    return DFOTA_OK;
}

static uInt clamp(size_t size)
{
    return size < UINT_MAX ? (uInt)size : UINT_MAX;
}

static enum dfota_error decode_inflate(void *state, struct dfota_codec_io *io)
{
    z_stream *z = &((struct inflater *)state)->z;
    uInt in = clamp(io->in_left);
    uInt out = clamp(io->out_left);
    int result;

    z->next_in = (z_const Bytef *)io->in;
    z->avail_in = in;
    z->next_out = io->out;
    z->avail_out = out;
    result = inflate(z, Z_NO_FLUSH);
    io->in += in - z->avail_in;
    io->in_left -= in - z->avail_in;
    io->out += out - z->avail_out;
    io->out_left -= out - z->avail_out;
    if (result == Z_MEM_ERROR)
        return DFOTA_ERR_MEMORY;
    if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR)
        return DFOTA_OK;
    return DFOTA_ERR_CORRUPT;
}

const struct dfota_codec dfota_codec_zlib = {DFOTA_CODEC_ID_ZLIB, open_inflate,
                                             decode_inflate};

/* Runs deflate over all of `raw`, in pieces that zlib's counts can hold. */
static enum dfota_error deflate_all(z_stream *z, struct dfota_view raw,
                                    struct dfota_buffer *out,
                                    struct dfota_fault *fault)
{
    size_t left = raw.size;
    int result = Z_OK;

    z->next_in = (z_const Bytef *)raw.data;
    while (result != Z_STREAM_END) {
        uint8_t *room = dfota_buffer_reserve(out, OUT_CHUNK);
        uInt in = clamp(left);

        if (room == NULL)
            return dfota_buffer_check(out, fault);
        z->avail_in = in;
        z->next_out = room;
        z->avail_out = OUT_CHUNK;
        result = deflate(z, left <= UINT_MAX ? Z_FINISH : Z_NO_FLUSH);
        left -= in - z->avail_in;
        out->size += OUT_CHUNK - z->avail_out;
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
            return dfota_fail_memory(fault);
    }
    return DFOTA_OK;
}

static enum dfota_error encode_deflate(const struct dfota_stream *stream,
                                       struct dfota_view raw,
                                       struct dfota_buffer *out,
                                       struct dfota_fault *fault)
{
    z_stream z = {0};
    enum dfota_error err;

    if (deflateInit2(&z, 9, Z_DEFLATED, -stream->props, 9,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return dfota_fail_memory(fault);
    err = deflate_all(&z, raw, out, fault);
    deflateEnd(&z);
    return err;
}

const struct dfota_encoder dfota_encoder_zlib = {DFOTA_CODEC_ID_ZLIB,
                                                 encode_deflate};
