/* SPDX-License-Identifier: MIT */
#include "format/mini_second.h"

#include <stdlib.h>
#include <string.h>

#include "lib/apply/crc32.h"
#include "lib/apply/cursor.h"
#include "lib/apply/delta_header.h"
#include "lib/apply/frame_mix.h"
#include "lib/apply/mini_frames.h"
#include "lib/apply/mini_header.h"
#include "lib/base/fault.h"
#include "lib/base/parallel.h"

#define WINDOW_MIN 9 /* window bits of zlib */
#define WINDOW_MAX 15

/* 48 KiB: a frame of 64 KiB needs 150 KiB, and would need 170 KiB to become 1 %
 * smaller. */
#define SLOTS_CODE_MAX         7

#define SAMPLE                 16384 /* bytes that are tried as all kinds */
#define SAMPLE_ALIGN           4

#define LZMA_PROPS(lc, lp, pb) ((uint8_t)(((pb)*5 + (lp)) * 9 + (lc)))

/* LZMA parameters worth trying, found by measuring on real images. */
static const uint8_t lzma_props[] = {
    LZMA_PROPS(2, 1, 1), /* instructions of 2 bytes */
    LZMA_PROPS(0, 2, 2), /* and of 4 */
    LZMA_PROPS(3, 0, 0), /* text */
};

/* --- writing -------------------------------------------------------------- */

/* A frame, and the smallest that came of it. */
struct frame {
    struct dfota_mini_place place;
    const uint8_t *raw; /* `place.size` bytes */
    struct dfota_stream stream;
    struct dfota_buffer coded; /* empty when stored */
    enum dfota_error error;
};

struct work {
    const struct dfota_mini_frame_options *options;
    struct frame *frames;
};

/* True when a module can decode `stream`. */
static bool fits(const struct work *work, const struct dfota_stream *stream)
{
    return dfota_mini_frame_memory(stream) <= work->options->ram;
}

/* Codes the frame as `stream` says, and keeps that if it is the smallest. */
static void try_stream(const struct work *work, struct frame *frame,
                       const struct dfota_encoder *encoder,
                       struct dfota_stream stream)
{
    const struct dfota_view raw = {frame->raw, frame->place.size};
    struct dfota_buffer coded = {0};

    stream.raw_size = frame->stream.raw_size;
    if (frame->error || !fits(work, &stream))
        return;
    frame->error = encoder->encode(&stream, raw, &coded, NULL);
    if (!frame->error && coded.size < frame->stream.coded_size) {
        stream.coded_size = (uint32_t)coded.size;
        frame->stream = stream;
        dfota_buffer_free(&frame->coded);
        frame->coded = coded;
        coded = (struct dfota_buffer){0};
    }
    dfota_buffer_free(&coded);
}

/* The smallest dictionary that holds the frame, or the largest in memory. */
static void try_lzma(const struct work *work, struct frame *frame,
                     const struct dfota_encoder *encoder)
{
    struct dfota_stream stream = {.codec = DFOTA_CODEC_ID_LZMA};
    uint8_t code = 0;

    while (dfota_delta_dictionary(code) < frame->place.size)
        code++;
    stream.dictionary = dfota_delta_dictionary(code);
    while (code > 0 && !fits(work, &stream))
        stream.dictionary = dfota_delta_dictionary(--code);
    for (size_t i = 0; i < sizeof(lzma_props); i++) {
        stream.props = lzma_props[i];
        try_stream(work, frame, encoder, stream);
    }
}

static void try_zlib(const struct work *work, struct frame *frame,
                     const struct dfota_encoder *encoder)
{
    struct dfota_stream stream = {.codec = DFOTA_CODEC_ID_ZLIB,
                                  .props = WINDOW_MAX};

    while (stream.props > WINDOW_MIN && !fits(work, &stream))
        stream.props--;
    try_stream(work, frame, encoder, stream);
}

/* What the bytes are: as what a piece from the middle becomes smallest. */
static uint8_t find_kind(struct frame *frame,
                         const struct dfota_encoder *encoder,
                         struct dfota_stream stream)
{
    size_t size = frame->place.size < SAMPLE ? frame->place.size : SAMPLE;
    size_t at = (frame->place.size - size) / 2 / SAMPLE_ALIGN * SAMPLE_ALIGN;
    size_t least = SIZE_MAX;
    uint8_t found = 0;

    for (uint8_t kind = 0; kind < DFOTA_FRAME_KINDS && !frame->error; kind++) {
        struct dfota_buffer coded = {0};

        stream.props = kind;
        frame->error = encoder->encode(
            &stream, (struct dfota_view){frame->raw + at, size}, &coded, NULL);
        if (!frame->error && coded.size < least) {
            least = coded.size;
            found = kind;
        }
        dfota_buffer_free(&coded);
    }
    return found;
}

/* The most slots that are in memory. */
static void try_mixed(const struct work *work, struct frame *frame,
                      const struct dfota_encoder *encoder)
{
    struct dfota_stream stream = {.codec = DFOTA_CODEC_ID_MIXED,
                                  .raw_size = frame->place.size};
    uint8_t code = SLOTS_CODE_MAX;

    stream.dictionary = dfota_delta_dictionary(code);
    while (code > 0 && !fits(work, &stream))
        stream.dictionary = dfota_delta_dictionary(--code);
    if (!fits(work, &stream))
        return;
    stream.props = find_kind(frame, encoder, stream);
    try_stream(work, frame, encoder, stream);
}

/* Task `index` codes one frame.  What comes first stays at equal size. */
static void code_frame(void *context, size_t index)
{
    const struct work *work = context;
    const struct dfota_encoder *const *encoders = work->options->encoders;
    struct frame *frame = &work->frames[index];

    frame->stream = (struct dfota_stream){.codec = DFOTA_CODEC_ID_STORED,
                                          .raw_size = frame->place.size,
                                          .coded_size = frame->place.size};
    for (size_t i = 0; encoders[i] != NULL; i++)
        if (encoders[i]->id == DFOTA_CODEC_ID_MIXED)
            try_mixed(work, frame, encoders[i]);
    for (size_t i = 0; encoders[i] != NULL; i++)
        if (encoders[i]->id == DFOTA_CODEC_ID_LZMA)
            try_lzma(work, frame, encoders[i]);
    for (size_t i = 0; encoders[i] != NULL; i++)
        if (encoders[i]->id == DFOTA_CODEC_ID_ZLIB)
            try_zlib(work, frame, encoders[i]);
}

/* Cuts the regions into frames. */
static void cut(const struct dfota_mini_header *header,
                const struct dfota_view *apps, uint32_t frame_size,
                struct frame *frames)
{
    uint32_t index = 0;

    for (size_t i = 0; i + 1 < header->region_count; i++) {
        for (size_t at = 0; at < apps[i].size; at += frame_size) {
            dfota_mini_find_place(header, frame_size, index,
                                  &frames[index].place);
            frames[index].raw = apps[i].data + at;
            index++;
        }
    }
}

static uint8_t dictionary_code(const struct dfota_stream *stream)
{
    uint8_t code = 0;

    while (dfota_delta_dictionary(code) < stream->dictionary)
        code++;
    return code;
}

/* Appends the CRC32 of what has been written since `begin`. */
static void add_crc32(struct dfota_buffer *out, size_t begin)
{
    if (!out->error)
        dfota_buffer_add_le(
            out, dfota_crc32(0, out->data + begin, out->size - begin), 4);
}

static void put_head(const struct dfota_mini_header *header,
                     uint32_t frame_size, struct dfota_buffer *out)
{
    size_t begin = out->size;

    dfota_buffer_add(out, DFOTA_MINI_SECOND_MAGIC, 4);
    dfota_buffer_add_le(out, DFOTA_MINI_FORMAT, 1);
    dfota_buffer_add_le(out, 0, 3);
    dfota_buffer_add_le(out, frame_size, 4);
    dfota_buffer_add_le(out, dfota_mini_frame_count(header, frame_size), 4);
    dfota_buffer_add_le(out, header->delta_size, 4);
    dfota_buffer_add(out, header->delta_md5, sizeof(header->delta_md5));
    dfota_buffer_add_le(out, dfota_mini_app_size(header), 4);
    add_crc32(out, begin);
}

static void put_frame(const struct frame *frame, struct dfota_buffer *out)
{
    const struct dfota_stream *stream = &frame->stream;
    size_t begin = out->size;

    dfota_buffer_add_le(out, frame->place.address, 4);
    dfota_buffer_add_le(out, frame->place.size, 4);
    dfota_buffer_add_le(out, stream->codec, 1);
    dfota_buffer_add_le(out, stream->props, 1);
    dfota_buffer_add_le(out, dictionary_code(stream), 1);
    dfota_buffer_add_le(out, 0, 1);
    dfota_buffer_add_le(out, stream->coded_size, 4);
    dfota_buffer_add_le(out, dfota_crc32(0, frame->raw, frame->place.size), 4);
    add_crc32(out, begin);
    dfota_buffer_add(out,
                     stream->codec == DFOTA_CODEC_ID_STORED ? frame->raw
                                                            : frame->coded.data,
                     stream->coded_size);
}

static enum dfota_error check_request(const struct dfota_mini_header *header,
                                      const struct dfota_view *apps,
                                      uint32_t frame_size, uint32_t ram,
                                      struct dfota_fault *fault)
{
    static const struct dfota_stream stored = {0};

    if (frame_size > DFOTA_MINI_FRAME_MAX)
        return dfota_fail(fault, DFOTA_ERR_USAGE, DFOTA_NO_OFFSET, NULL);
    for (size_t i = 0; i + 1 < header->region_count; i++)
        if (apps[i].size != header->regions[i + 1].length || apps[i].size == 0)
            return dfota_fail(fault, DFOTA_ERR_USAGE, DFOTA_NO_OFFSET, NULL);
    if (ram < dfota_mini_frame_memory(&stored))
        return dfota_fail_detail(fault, DFOTA_ERR_LIMIT, DFOTA_NO_OFFSET,
                                 "MAKE-5", "at least %u bytes are needed",
                                 (unsigned)dfota_mini_frame_memory(&stored));
    return DFOTA_OK;
}

/* Writes frames that have been coded. */
static enum dfota_error put_frames(const struct frame *frames, uint32_t count,
                                   struct dfota_buffer *out,
                                   struct dfota_fault *fault)
{
    size_t begin = out->size;

    for (uint32_t i = 0; i < count; i++) {
        if (frames[i].error)
            return dfota_fail(fault, frames[i].error, DFOTA_NO_OFFSET, NULL);
        put_frame(&frames[i], out);
        if (out->size - begin > INT32_MAX - DFOTA_MINI_SECOND_HEAD)
            return dfota_fail(fault, DFOTA_ERR_LIMIT, INT32_MAX, "FILE-1");
    }
    return dfota_buffer_check(out, fault);
}

enum dfota_error
dfota_mini_write_second(const struct dfota_mini_header *header,
                        const struct dfota_view *apps,
                        const struct dfota_mini_frame_options *options,
                        struct dfota_buffer *out, struct dfota_fault *fault)
{
    uint32_t frame_size =
        options->frame_size != 0 ? options->frame_size : DFOTA_MINI_FRAME_MAX;
    uint32_t count = dfota_mini_frame_count(header, frame_size);
    struct work work = {.options = options};
    size_t begin = out->size;
    enum dfota_error err =
        check_request(header, apps, frame_size, options->ram, fault);

    if (err)
        return err;
    work.frames = calloc((size_t)count + 1, sizeof(*work.frames));
    if (work.frames == NULL)
        return dfota_fail_memory(fault);
    cut(header, apps, frame_size, work.frames);
    dfota_parallel(options->threads, count, code_frame, &work);
    put_head(header, frame_size, out);
    err = put_frames(work.frames, count, out, fault);
    if (err)
        out->size = begin;
    for (uint32_t i = 0; i < count; i++)
        dfota_buffer_free(&work.frames[i].coded);
    free(work.frames);
    return err;
}

/* --- reading -------------------------------------------------------------- */

static void count_frame(const struct dfota_stream *stream,
                        struct dfota_mini_frames *frames)
{
    uint32_t ram = dfota_mini_frame_memory(stream);

    if (ram > frames->ram)
        frames->ram = ram;
    frames->codec_count[stream->codec]++;
    frames->raw_size += stream->raw_size;
    frames->coded_size += stream->coded_size;
}

/* Steps over one frame. */
static enum dfota_error next_frame(struct dfota_cursor *cursor,
                                   struct dfota_mini_place *place,
                                   struct dfota_mini_frames *frames,
                                   struct dfota_fault *fault)
{
    const uint8_t *head = dfota_cursor_bytes(cursor, DFOTA_MINI_FRAME_HEAD);
    struct dfota_mini_frame frame;
    enum dfota_error err;

    if (head == NULL)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, place->offset, "MIN-34");
    place->left = (uint32_t)cursor->left;
    err = dfota_mini_read_frame(head, place, &frame, fault);
    if (err)
        return err;
    dfota_cursor_bytes(cursor, frame.stream.coded_size);
    count_frame(&frame.stream, frames);
    return DFOTA_OK;
}

enum dfota_error dfota_mini_check_frames(const struct dfota_mini_header *header,
                                         struct dfota_view file,
                                         struct dfota_mini_frames *out,
                                         struct dfota_fault *fault)
{
    struct dfota_cursor cursor = dfota_cursor(file.data, file.size);
    const uint8_t *head = dfota_cursor_bytes(&cursor, DFOTA_MINI_SECOND_HEAD);
    struct dfota_mini_frames frames = {0};
    struct dfota_mini_second second;
    struct dfota_mini_place place;
    enum dfota_error err;

    if (file.size >= 4 && memcmp(file.data, DFOTA_MINI_SECOND_MAGIC, 4) != 0)
        return dfota_fail(fault, DFOTA_ERR_FORMAT, 0, "MIN-20");
    if (head == NULL)
        return dfota_fail(fault, DFOTA_ERR_TRUNCATED, file.size, "MIN-19");
    err = dfota_mini_read_second(head, header, &second, fault);
    if (err)
        return err;
    if (file.size < header->second_size)
        return dfota_fail(fault, DFOTA_ERR_TRUNCATED, file.size, "MIN-19");
    if (file.size > header->second_size)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, header->second_size,
                          "MIN-19");
    frames.frame_size = second.frame_size;
    frames.frame_count = second.frame_count;
    for (uint32_t i = 0; i < second.frame_count; i++) {
        place.offset = (uint32_t)(file.size - cursor.left);
        dfota_mini_find_place(header, second.frame_size, i, &place);
        err = next_frame(&cursor, &place, &frames, fault);
        if (err)
            return err;
    }
    if (cursor.left > 0)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, file.size - cursor.left,
                          "MIN-34");
    *out = frames;
    return DFOTA_OK;
}
