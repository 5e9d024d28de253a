/* SPDX-License-Identifier: MIT */
/*
 * Input: a byte that says what a frame's bytes are and how many slots there
 * are, a byte that says in pieces of what size, then the frame.
 *
 * What is encoded decodes to itself, and the frame's own bytes, taken for coded
 * ones, decode to an end that does not depend on the pieces.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/apply/frame_mix.h"
#include "lib/codec/frame.h"

#define SIZE_LIMIT 4096 /* bytes of a frame; more would find no more */

static uint8_t out[SIZE_LIMIT + 1];

/* Decodes in pieces; gives how many bytes came out. */
static enum dfota_error decode(const struct dfota_stream *stream,
                               const uint8_t *coded, size_t piece, size_t *size)
{
    size_t memory_size = dfota_codec_memory(stream);
    void *memory = malloc(memory_size);
    struct dfota_codec_io io = {.in = coded, .out = out};
    size_t in_left = stream->coded_size;
    enum dfota_error err = DFOTA_OK;
    bool moved = true;
    void *state;

    if (memory == NULL ||
        dfota_codec_mixed.open(stream, memory, memory_size, &state))
        abort();
    while (!err && moved) {
        const uint8_t *in = io.in;
        const uint8_t *to = io.out;
        size_t given = in_left < piece ? in_left : piece;

        io.in_left = given;
        io.out_left = sizeof(out) - (size_t)(to - out);
        err = dfota_codec_mixed.decode(state, &io);
        in_left -= given - io.in_left;
        moved = io.in != in || io.out != to;
    }
    *size = (size_t)(io.out - out);
    free(memory);
    return err;
}

static void check_round_trip(struct dfota_stream stream, struct dfota_view raw,
                             size_t piece)
{
    struct dfota_buffer coded = {0};
    size_t size;

    if (dfota_encoder_mixed.encode(&stream, raw, &coded, NULL))
        abort();
    stream.coded_size = (uint32_t)coded.size;
    if (decode(&stream, coded.data, piece, &size) || size != raw.size ||
        memcmp(out, raw.data, size) != 0)
        abort();
    dfota_buffer_free(&coded);
}

static void check_any_bytes(struct dfota_stream stream, struct dfota_view coded,
                            size_t piece)
{
    static uint8_t before[SIZE_LIMIT + 1];
    enum dfota_error err;
    size_t before_size;
    size_t size;

    stream.coded_size = (uint32_t)coded.size;
    err = decode(&stream, coded.data, SIZE_MAX, &before_size);
    memcpy(before, out, before_size);
    if ((err && err != DFOTA_ERR_CORRUPT) ||
        before_size != (err ? 0 : stream.raw_size))
        abort();
    if (decode(&stream, coded.data, piece, &size) != err ||
        size != before_size || memcmp(out, before, size) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dfota_stream stream = {.codec = DFOTA_CODEC_ID_MIXED};
    struct dfota_view view;

    if (size < 3 || size > SIZE_LIMIT)
        return 0;
    view = (struct dfota_view){data + 2, size - 2};
    stream.props = data[0] % DFOTA_FRAME_KINDS;
    stream.dictionary = 16u * (1 + data[0] / DFOTA_FRAME_KINDS);
    stream.raw_size = (uint32_t)view.size;
    check_round_trip(stream, view, (size_t)data[1] + 1);
    stream.raw_size = 1 + (uint32_t)(size * 7 % SIZE_LIMIT);
    check_any_bytes(stream, view, (size_t)data[1] + 1);
    return 0;
}
