/* SPDX-License-Identifier: MIT */
/* Reads a .mini_2 as it comes, piece by piece. */
#include <stdbool.h>

#include "lib/apply/bytes.h"
#include "lib/apply/crc32.h"
#include "lib/apply/mini_frames.h"

/* What the next byte wanted belongs to. */
enum stage {
    STAGE_HEAD,  /* the header of the file */
    STAGE_FRAME, /* the header of a frame */
    STAGE_CODED, /* the contents of a frame */
    STAGE_END,   /* nothing: all has been read */
    STAGE_FAILED
};

/* What has been fed and not used yet. */
struct piece {
    const uint8_t *next;
    size_t left;
};

void dfota_mini_open(struct dfota_mini_reader *reader,
                     const struct dfota_mini_applier *applier,
                     const struct dfota_mini_position *from)
{
    static const struct dfota_mini_position first = {0, DFOTA_MINI_SECOND_HEAD};

    *reader = (struct dfota_mini_reader){
        .applier = applier,
        .next = from != NULL ? *from : first,
        .stage = STAGE_HEAD,
    };
}

uint32_t dfota_mini_wanted(const struct dfota_mini_reader *reader)
{
    return reader->offset;
}

static void use(struct dfota_mini_reader *reader, struct piece *piece,
                size_t size)
{
    piece->next += size;
    piece->left -= size;
    reader->offset += (uint32_t)size;
}

/* Collects a header of `size` bytes; true when all of it is there. */
static bool collect(struct dfota_mini_reader *reader, struct piece *piece,
                    size_t size)
{
    size_t part = size - reader->head_size;

    if (part > piece->left)
        part = piece->left;
    dfota_bytes_copy(reader->head + reader->head_size, piece->next, part);
    reader->head_size = (uint8_t)(reader->head_size + part);
    use(reader, piece, part);
    if (reader->head_size < size)
        return false;
    reader->head_size = 0;
    return true;
}

/* Decides what comes where a frame has ended, or the header. */
static enum dfota_error next_frame(struct dfota_mini_reader *reader,
                                   struct dfota_fault *fault)
{
    uint32_t left = reader->applier->header->second_size - reader->offset;
    bool last = reader->next.frame == reader->frame_count;

    if (last ? left != 0 : left < DFOTA_MINI_FRAME_HEAD)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, reader->offset, "MIN-34");
    reader->stage = last ? STAGE_END : STAGE_FRAME;
    return DFOTA_OK;
}

/* Whether a frame that is so far in can begin where the caller says. */
static bool can_resume(const struct dfota_mini_reader *reader)
{
    const struct dfota_mini_position *at = &reader->next;
    uint64_t most = DFOTA_MINI_SECOND_HEAD +
                    (uint64_t)at->frame *
                        (DFOTA_MINI_FRAME_HEAD + (uint64_t)reader->frame_size);
    uint64_t least = DFOTA_MINI_SECOND_HEAD +
                     (uint64_t)at->frame * (DFOTA_MINI_FRAME_HEAD + 1);

    return at->frame <= reader->frame_count && at->offset >= least &&
           at->offset <= most &&
           at->offset <= reader->applier->header->second_size;
}

static enum dfota_error take_head(struct dfota_mini_reader *reader,
                                  struct piece *piece,
                                  struct dfota_fault *fault)
{
    struct dfota_mini_second second;
    enum dfota_error err;

    if (!collect(reader, piece, DFOTA_MINI_SECOND_HEAD))
        return DFOTA_OK;
    err = dfota_mini_read_second(reader->head, reader->applier->header, &second,
                                 fault);
    if (err)
        return err;
    reader->frame_size = second.frame_size;
    reader->frame_count = second.frame_count;
    if (!can_resume(reader))
        return dfota_fail(fault, DFOTA_ERR_USAGE, reader->next.offset, NULL);
    reader->offset = reader->next.offset;
    return next_frame(reader, fault);
}

static const struct dfota_codec *
find_codec(const struct dfota_mini_applier *applier, uint8_t id)
{
    for (unsigned i = 0; applier->codecs[i] != NULL; i++)
        if (applier->codecs[i]->id == id)
            return applier->codecs[i];
    return NULL;
}

/* Opens the codec of a frame, in the memory behind the chunk. */
static enum dfota_error open_codec(struct dfota_mini_reader *reader,
                                   const struct dfota_stream *stream,
                                   struct dfota_fault *fault)
{
    const struct dfota_mini_applier *applier = reader->applier;
    uint64_t at = (uint64_t)reader->next.offset + 8;
    uint32_t size = dfota_mini_frame_memory(stream);

    reader->codec = find_codec(applier, stream->codec);
    if (reader->codec == NULL)
        return dfota_fail(fault, DFOTA_ERR_UNSUPPORTED, at, "MIN-30");
    if (size > applier->memory_size ||
        reader->codec->open(stream,
                            (uint8_t *)applier->memory + DFOTA_MINI_CHUNK,
                            size - (uint32_t)DFOTA_MINI_CHUNK, &reader->state))
        return dfota_fail(fault, DFOTA_ERR_LIMIT, at, "MIN-33");
    return DFOTA_OK;
}

static enum dfota_error take_frame(struct dfota_mini_reader *reader,
                                   struct piece *piece,
                                   struct dfota_fault *fault)
{
    const struct dfota_mini_applier *applier = reader->applier;
    struct dfota_mini_place place = {.offset = reader->next.offset};
    struct dfota_mini_frame frame;
    enum dfota_error err;

    if (!collect(reader, piece, DFOTA_MINI_FRAME_HEAD))
        return DFOTA_OK;
    dfota_mini_find_place(applier->header, reader->frame_size,
                          reader->next.frame, &place);
    place.left = applier->header->second_size - reader->offset;
    err = dfota_mini_read_frame(reader->head, &place, &frame, fault);
    if (!err)
        err = open_codec(reader, &frame.stream, fault);
    if (err)
        return err;
    reader->address = place.address;
    reader->coded_left = frame.stream.coded_size;
    reader->raw_left = frame.stream.raw_size;
    reader->want_crc32 = frame.crc32;
    reader->crc32 = 0;
    reader->chunk_size = 0;
    reader->stage = STAGE_CODED;
    return applier->begin(applier->context, place.address, place.size);
}

/* Writes the chunk if it is full, or the frame's last. */
static enum dfota_error write_chunk(struct dfota_mini_reader *reader)
{
    const struct dfota_mini_applier *applier = reader->applier;
    uint32_t size = reader->chunk_size;
    uint32_t address = reader->address;

    if (size == 0 || (size < DFOTA_MINI_CHUNK && reader->raw_left > 0))
        return DFOTA_OK;
    reader->address += size;
    reader->chunk_size = 0;
    return applier->write(applier->context, address, applier->memory, size);
}

/*
 * Lets the codec decode once, into the chunk.  When the frame is full, the
 * chunk has been written and is empty: then the codec gets room for one byte
 * more, so that it sees its end, and must not use it.
 */
static enum dfota_error decode_once(struct dfota_mini_reader *reader,
                                    struct dfota_codec_io *io)
{
    uint8_t *chunk = (uint8_t *)reader->applier->memory + reader->chunk_size;
    uint32_t room = DFOTA_MINI_CHUNK - reader->chunk_size;
    uint32_t made;
    enum dfota_error err;

    if (room > reader->raw_left)
        room = reader->raw_left;
    io->out = chunk;
    io->out_left = room > 0 ? room : 1;
    err = reader->codec->decode(reader->state, io);
    if (err)
        return err;
    if (room == 0)
        return io->out_left == 0 ? DFOTA_ERR_CORRUPT : DFOTA_OK;
    made = room - (uint32_t)io->out_left;
    reader->crc32 = dfota_crc32(reader->crc32, chunk, made);
    reader->chunk_size += made;
    reader->raw_left -= made;
    return DFOTA_OK;
}

/* Decodes `size` coded bytes of the piece, and writes what comes of them. */
static enum dfota_error decode(struct dfota_mini_reader *reader,
                               struct piece *piece, size_t size,
                               struct dfota_fault *fault)
{
    struct dfota_codec_io io = {.in = piece->next, .in_left = size};
    enum dfota_error err = DFOTA_OK;
    bool moved = true;

    while (moved) {
        size_t in_before = io.in_left;
        uint32_t raw_before = reader->raw_left;

        err = decode_once(reader, &io);
        if (err)
            return dfota_fail(fault, err, reader->offset + (size - io.in_left),
                              "MIN-35");
        moved = io.in_left != in_before || reader->raw_left != raw_before;
        err = write_chunk(reader);
        if (err)
            return err;
    }
    if (io.in_left > 0) /* the codec has ended before its bytes did */
        return dfota_fail(fault, DFOTA_ERR_CORRUPT,
                          reader->offset + (size - io.in_left), "MIN-35");
    reader->coded_left -= (uint32_t)size;
    use(reader, piece, size);
    return DFOTA_OK;
}

static enum dfota_error end_frame(struct dfota_mini_reader *reader,
                                  struct dfota_fault *fault)
{
    const struct dfota_mini_applier *applier = reader->applier;
    enum dfota_error err;

    if (reader->raw_left > 0)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, reader->offset, "MIN-35");
    if (reader->crc32 != reader->want_crc32)
        return dfota_fail(fault, DFOTA_ERR_DIGEST,
                          (uint64_t)reader->next.offset + DFOTA_MINI_RAW_CRC_AT,
                          "MIN-36");
    reader->next.frame++;
    reader->next.offset = reader->offset;
    err = applier->done(applier->context, &reader->next);
    if (err)
        return err;
    return next_frame(reader, fault);
}

static enum dfota_error take_coded(struct dfota_mini_reader *reader,
                                   struct piece *piece,
                                   struct dfota_fault *fault)
{
    size_t size =
        piece->left < reader->coded_left ? piece->left : reader->coded_left;
    enum dfota_error err = decode(reader, piece, size, fault);

    if (!err && reader->coded_left == 0)
        err = end_frame(reader, fault);
    return err;
}

/* Uses at least one byte of the piece. */
static enum dfota_error take(struct dfota_mini_reader *reader,
                             struct piece *piece, struct dfota_fault *fault)
{
    switch ((enum stage)reader->stage) {
    case STAGE_HEAD:
        return take_head(reader, piece, fault);
    case STAGE_FRAME:
        return take_frame(reader, piece, fault);
    case STAGE_CODED:
        return take_coded(reader, piece, fault);
    case STAGE_END:
    case STAGE_FAILED:
        break;
    }
    return dfota_fail(fault, DFOTA_ERR_CORRUPT, reader->offset, "MIN-34");
}

enum dfota_error dfota_mini_feed(struct dfota_mini_reader *reader,
                                 uint32_t offset, const uint8_t *bytes,
                                 size_t size, struct dfota_fault *fault)
{
    enum dfota_error err = DFOTA_OK;

    if (reader->stage == STAGE_FAILED || offset > reader->offset)
        return dfota_fail(fault, DFOTA_ERR_USAGE, offset, NULL);
    while (!err) {
        size_t skip = reader->offset - offset;
        struct piece piece;

        if (skip >= size)
            break;
        piece = (struct piece){bytes + skip, size - skip};
        err = take(reader, &piece, fault);
    }
    if (err)
        reader->stage = STAGE_FAILED;
    return err;
}

enum dfota_error dfota_mini_finish(const struct dfota_mini_reader *reader,
                                   struct dfota_fault *fault)
{
    if (reader->stage == STAGE_FAILED)
        return dfota_fail(fault, DFOTA_ERR_USAGE, reader->offset, NULL);
    if (reader->stage != STAGE_END)
        return dfota_fail(fault, DFOTA_ERR_TRUNCATED, reader->offset, "MIN-19");
    return DFOTA_OK;
}
