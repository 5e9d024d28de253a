/* SPDX-License-Identifier: MIT */
/* Decodes a frame from pieces of any size; its bytes come out at its end. */
#include <stdbool.h>

#include "lib/apply/bytes.h"
#include "lib/apply/frame_mix.h"

#define HELD_MAX 256 /* coded bytes at hand */
#define STEP_MAX 32  /* more than the first four, and those of one byte */

struct decoder {
    struct dfota_frame_mix *mix;
    uint32_t coded_left; /* bytes that have not come yet */
    uint32_t given;      /* bytes of the frame that have gone out */
    bool begun;
    uint8_t held[HELD_MAX];
};

#define DECODER_SIZE ((sizeof(struct decoder) + 15) / 16 * 16)

_Static_assert(DECODER_SIZE <= DFOTA_FRAME_CODEC_SIZE,
               "the memory stated suffices");

static enum dfota_error open_mixed(const struct dfota_stream *stream,
                                   void *memory, size_t memory_size,
                                   void **state)
{
    struct decoder *decoder = memory;

    if (memory_size < dfota_frame_memory(stream))
        return DFOTA_ERR_MEMORY;
    decoder->mix = dfota_frame_open(stream, (uint8_t *)memory + DECODER_SIZE);
    decoder->mix->range.in = decoder->held;
    decoder->mix->range.in_end = decoder->held;
    decoder->coded_left = stream->coded_size;
    decoder->given = 0;
    decoder->begun = false;
    *state = decoder;
    return DFOTA_OK;
}

/* Takes what fits behind the bytes held; false when more has to come first. */
static bool refill(struct decoder *decoder, struct dfota_codec_io *io)
{
    struct dfota_range *range = &decoder->mix->range;
    size_t held = (size_t)(range->in_end - range->in);
    size_t more = HELD_MAX - held;

    if (held >= STEP_MAX || decoder->coded_left == 0)
        return true;
    if (more > decoder->coded_left)
        more = decoder->coded_left;
    if (more > io->in_left)
        more = io->in_left;
    dfota_bytes_copy(decoder->held, range->in, held);
    dfota_bytes_copy(decoder->held + held, io->in, more);
    io->in += more;
    io->in_left -= more;
    decoder->coded_left -= (uint32_t)more;
    range->in = decoder->held;
    range->in_end = decoder->held + held + more;
    return held + more >= STEP_MAX || decoder->coded_left == 0;
}

/* Decodes the next byte. */
static enum dfota_error step(struct decoder *decoder)
{
    struct dfota_frame_mix *mix = decoder->mix;
    struct dfota_range *range = &mix->range;

    if (!decoder->begun)
        dfota_range_decode_bytes(range, range->in, range->in_end);
    decoder->begun = true;
    dfota_frame_byte(mix, 0);
    if (range->error)
        return DFOTA_ERR_CORRUPT;
    if (mix->at < mix->size)
        return DFOTA_OK;
    if (decoder->coded_left > 0 || range->in < range->in_end)
        return DFOTA_ERR_CORRUPT;
    dfota_frame_turn(mix->kind, mix->frame, mix->size, -1);
    return DFOTA_OK;
}

static enum dfota_error decode_mixed(void *state, struct dfota_codec_io *io)
{
    struct decoder *decoder = state;
    struct dfota_frame_mix *mix = decoder->mix;
    size_t size;

    while (mix->at < mix->size) {
        enum dfota_error err;

        if (!refill(decoder, io))
            return DFOTA_OK;
        err = step(decoder);
        if (err)
            return err;
    }
    size = mix->size - decoder->given;
    if (size > io->out_left)
        size = io->out_left;
    dfota_bytes_copy(io->out, mix->frame + decoder->given, size);
    io->out += size;
    io->out_left -= size;
    decoder->given += (uint32_t)size;
    return DFOTA_OK;
}

const struct dfota_codec dfota_codec_mixed = {DFOTA_CODEC_ID_MIXED, open_mixed,
                                              decode_mixed};
