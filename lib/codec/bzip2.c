/* SPDX-License-Identifier: MIT */
#include "lib/codec/bzip2.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>

#include <bzlib.h>

#include "lib/base/fault.h"

/* libbz2 counts in 32 bits, so it gets and gives a little at a time. */
#define CHUNK ((size_t)1 << 14) /* bytes */

#define LEVEL 9 /* blocks of 900,000 bytes */

struct dfota_bzip2_reader {
    bz_stream stream;
    struct dfota_view rest; /* compressed bytes not yet shown to libbz2 */
    size_t size;            /* compressed bytes in all */
    bool ended;
};

static unsigned chunk_of(size_t size)
{
    return (unsigned)(size < CHUNK ? size : CHUNK);
}

/* Shows `stream` the next bytes of `rest` once it has used up the last. */
static void feed(bz_stream *stream, struct dfota_view *rest)
{
    unsigned count = chunk_of(rest->size);

    if (stream->avail_in != 0 || count == 0)
        return;
    stream->next_in = (char *)rest->data; /* libbz2 only reads there */
    stream->avail_in = count;
    rest->data += count;
    rest->size -= count;
}

/* Appends all that `stream` makes of `raw`. */
static enum dfota_error compress(bz_stream *stream, struct dfota_view raw,
                                 struct dfota_buffer *out,
                                 struct dfota_fault *fault)
{
    char room[CHUNK]; /* not in `out`: its limit may be closer than that */
    int status;

    do {
        feed(stream, &raw);
        stream->next_out = room;
        stream->avail_out = sizeof(room);
        status = BZ2_bzCompress(stream, raw.size == 0 ? BZ_FINISH : BZ_RUN);
        dfota_buffer_add(out, room, sizeof(room) - stream->avail_out);
    } while (status == BZ_RUN_OK || status == BZ_FINISH_OK);
    assert(status == BZ_STREAM_END);
    return dfota_buffer_check(out, fault);
}

enum dfota_error dfota_bzip2_encode(struct dfota_view raw,
                                    struct dfota_buffer *out,
                                    struct dfota_fault *fault)
{
    bz_stream stream = {0};
    size_t before = out->size;
    enum dfota_error err;

    if (BZ2_bzCompressInit(&stream, LEVEL, 0, 0) != BZ_OK)
        return dfota_fail_memory(fault);
    err = compress(&stream, raw, out, fault);
    if (err)
        out->size = before;
    BZ2_bzCompressEnd(&stream);
    return err;
}

enum dfota_error dfota_bzip2_open(struct dfota_view compressed,
                                  struct dfota_bzip2_reader **out,
                                  struct dfota_fault *fault)
{
    struct dfota_bzip2_reader *reader = calloc(1, sizeof(*reader));

    if (reader == NULL)
        return dfota_fail_memory(fault);
    if (BZ2_bzDecompressInit(&reader->stream, 0, 0) != BZ_OK) {
        free(reader);
        return dfota_fail_memory(fault);
    }
    reader->rest = compressed;
    reader->size = compressed.size;
    *out = reader;
    return DFOTA_OK;
}

/* How many compressed bytes libbz2 has taken. */
static size_t taken(const struct dfota_bzip2_reader *reader)
{
    return reader->size - reader->rest.size - reader->stream.avail_in;
}

/*
 * Lets libbz2 go on once.  It gives a byte, takes a byte or ends the stream;
 * whoever calls again after DFOTA_OK cannot loop for ever.
 */
static enum dfota_error advance(struct dfota_bzip2_reader *reader, uint8_t *out,
                                size_t size, size_t *given,
                                struct dfota_fault *fault)
{
    bz_stream *stream = &reader->stream;
    unsigned room = chunk_of(size);
    size_t before;
    int status;

    feed(stream, &reader->rest);
    before = taken(reader);
    stream->next_out = (char *)out;
    stream->avail_out = room;
    status = BZ2_bzDecompress(stream);
    *given = room - stream->avail_out;
    if (status == BZ_MEM_ERROR)
        return dfota_fail_memory(fault);
    if (status != BZ_OK && status != BZ_STREAM_END)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, taken(reader), "BZ2-3");
    reader->ended = status == BZ_STREAM_END;
    if (reader->ended || *given > 0 || taken(reader) > before)
        return DFOTA_OK;
    if (stream->avail_in > 0)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, taken(reader), "BZ2-3");
    return dfota_fail(fault, DFOTA_ERR_TRUNCATED, taken(reader), "BZ2-1");
}

enum dfota_error dfota_bzip2_read(struct dfota_bzip2_reader *reader,
                                  uint8_t *out, size_t size,
                                  struct dfota_fault *fault)
{
    while (size > 0) {
        enum dfota_error err;
        size_t given;

        if (reader->ended)
            return dfota_fail(fault, DFOTA_ERR_TRUNCATED, taken(reader),
                              "BZ2-2");
        err = advance(reader, out, size, &given, fault);
        if (err)
            return err;
        out += given;
        size -= given;
    }
    return DFOTA_OK;
}

enum dfota_error dfota_bzip2_finish(struct dfota_bzip2_reader *reader,
                                    struct dfota_fault *fault)
{
    while (!reader->ended) {
        enum dfota_error err;
        uint8_t surplus;
        size_t given;

        err = advance(reader, &surplus, 1, &given, fault);
        if (err)
            return err;
        if (given > 0)
            return dfota_fail(fault, DFOTA_ERR_CORRUPT, taken(reader), "BZ2-4");
    }
    if (taken(reader) != reader->size)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, taken(reader), "BZ2-5");
    return DFOTA_OK;
}

void dfota_bzip2_close(struct dfota_bzip2_reader *reader)
{
    if (reader == NULL)
        return;
    BZ2_bzDecompressEnd(&reader->stream);
    free(reader);
}
