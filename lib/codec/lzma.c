/* SPDX-License-Identifier: MIT */
#include "lib/codec/lzma.h"

#include <lzma.h>

#include "lib/base/fault.h"
#include "lib/codec/arena.h"

#define OUT_CHUNK ((size_t)64 << 10) /* bytes of output asked for at a time */

/* The decoder's state at the front of its memory; liblzma's own behind it. */
struct unlzma {
    lzma_stream z;
    lzma_allocator allocator;
    struct dfota_arena arena;
};

static void *take(void *arena, size_t count, size_t size)
{
    return dfota_arena_take(arena, count, size);
}

static void keep(void *arena, void *memory)
{
    (void)arena;
    (void)memory;
}

/* The parameters of `stream` in liblzma's terms. */
static lzma_options_lzma options_of(const struct dfota_stream *stream,
                                    uint32_t raw_size)
{
    lzma_options_lzma options = {
        .dict_size = stream->dictionary,
        .lc = stream->props % 9,
        .lp = stream->props / 9 % 5,
        .pb = stream->props / 45,
        .mode = LZMA_MODE_NORMAL,
        .nice_len = 128,
        .mf = LZMA_MF_BT4,
        .ext_size_low = raw_size,
    };

    return options;
}

static enum dfota_error open_unlzma(const struct dfota_stream *stream,
                                    void *memory, size_t memory_size,
                                    void **state)
{
    static const lzma_stream empty = LZMA_STREAM_INIT;
    struct dfota_arena arena = {memory, memory_size};
    struct unlzma *unlzma = dfota_arena_take(&arena, 1, sizeof(*unlzma));
    lzma_options_lzma options = options_of(stream, stream->raw_size);
    const lzma_filter filters[] = {
        {.id = LZMA_FILTER_LZMA1EXT, .options = &options},
        {.id = LZMA_VLI_UNKNOWN},
    };

    if (unlzma == NULL)
        return DFOTA_ERR_MEMORY;
    *unlzma = (struct unlzma){.z = empty, .arena = arena};
    unlzma->allocator = (lzma_allocator){take, keep, &unlzma->arena};
    unlzma->z.allocator = &unlzma->allocator;
    if (lzma_raw_decoder(&unlzma->z, filters) != LZMA_OK)
        return DFOTA_ERR_MEMORY;
    *state = unlzma;
    return DFOTA_OK;
}

static enum dfota_error decode_unlzma(void *state, struct dfota_codec_io *io)
{
    lzma_stream *z = &((struct unlzma *)state)->z;
    lzma_ret result;

    z->next_in = io->in;
    z->avail_in = io->in_left;
    z->next_out = io->out;
    z->avail_out = io->out_left;
    result = lzma_code(z, LZMA_RUN);
    io->in = z->next_in;
    io->in_left = z->avail_in;
    io->out = z->next_out;
    io->out_left = z->avail_out;
    if (result == LZMA_OK || result == LZMA_STREAM_END ||
        result == LZMA_BUF_ERROR)
        return DFOTA_OK;
    return result == LZMA_MEM_ERROR ? DFOTA_ERR_MEMORY : DFOTA_ERR_CORRUPT;
}

const struct dfota_codec dfota_codec_lzma = {DFOTA_CODEC_ID_LZMA, open_unlzma,
                                             decode_unlzma};

static enum dfota_error lzma_all(lzma_stream *z, struct dfota_view raw,
                                 struct dfota_buffer *out,
                                 struct dfota_fault *fault)
{
    lzma_ret result = LZMA_OK;

    z->next_in = raw.data;
    z->avail_in = raw.size;
    while (result == LZMA_OK) {
        uint8_t *room = dfota_buffer_reserve(out, OUT_CHUNK);

        if (room == NULL)
            return dfota_buffer_check(out, fault);
        z->next_out = room;
        z->avail_out = OUT_CHUNK;
        result = lzma_code(z, LZMA_FINISH);
        out->size += OUT_CHUNK - z->avail_out;
    }
    return result == LZMA_STREAM_END ? DFOTA_OK : dfota_fail_memory(fault);
}

static enum dfota_error encode_lzma(const struct dfota_stream *stream,
                                    struct dfota_view raw,
                                    struct dfota_buffer *out,
                                    struct dfota_fault *fault)
{
    lzma_stream z = LZMA_STREAM_INIT;
    lzma_options_lzma options = options_of(stream, (uint32_t)raw.size);
    const lzma_filter filters[] = {
        {.id = LZMA_FILTER_LZMA1EXT, .options = &options},
        {.id = LZMA_VLI_UNKNOWN},
    };
    enum dfota_error err;

    if (lzma_raw_encoder(&z, filters) != LZMA_OK) {
        lzma_end(&z);
        return dfota_fail_memory(fault);
    }
    err = lzma_all(&z, raw, out, fault);
    lzma_end(&z);
    return err;
}

const struct dfota_encoder dfota_encoder_lzma = {DFOTA_CODEC_ID_LZMA,
                                                 encode_lzma};
