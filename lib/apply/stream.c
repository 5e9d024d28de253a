/* SPDX-License-Identifier: MIT */
#include "lib/apply/stream.h"

uint32_t dfota_stream_position(const struct dfota_stream_reader *reader)
{
    return reader->next - (uint32_t)reader->in_left;
}

static enum dfota_error refill(struct dfota_stream_reader *reader)
{
    const struct dfota_applier *applier = reader->applier;
    uint32_t size = reader->coded_end - reader->next;
    enum dfota_error err;

    if (size > DFOTA_STREAM_BUFFER)
        size = DFOTA_STREAM_BUFFER;
    err = applier->read_delta(applier->context, reader->next, reader->buffer,
                              size);
    if (err)
        return err;
    reader->in = reader->buffer;
    reader->in_left = size;
    reader->next += size;
    return DFOTA_OK;
}

/*
 * Decodes up to `*size` bytes into `out` and lowers `*size` by what came.
 * Stops short only where the codec can neither take nor give any more.
 */
static enum dfota_error decode(struct dfota_stream_reader *reader, uint8_t *out,
                               size_t *size, struct dfota_fault *fault)
{
    struct dfota_codec_io io = {.out = out, .out_left = *size};
    enum dfota_error err = DFOTA_OK;

    while (io.out_left > 0) {
        size_t in_before;
        size_t out_before = io.out_left;

        if (reader->in_left == 0 && reader->next < reader->coded_end)
            err = refill(reader);
        if (err)
            return err;
        io.in = reader->in;
        io.in_left = in_before = reader->in_left;
        err = reader->codec->decode(reader->state, &io);
        reader->in = io.in;
        reader->in_left = io.in_left;
        if (err)
            return dfota_fail(fault, err, dfota_stream_position(reader),
                              "DLT-15");
        if (io.in_left == in_before && io.out_left == out_before)
            break;
    }
    *size = io.out_left;
    return DFOTA_OK;
}

enum dfota_error dfota_stream_read(struct dfota_stream_reader *reader,
                                   uint8_t *out, size_t size,
                                   struct dfota_fault *fault)
{
    enum dfota_error err;
    size_t left = size;

    if (size > reader->raw_left)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT,
                          dfota_stream_position(reader), "DLT-15");
    err = decode(reader, out, &left, fault);
    if (err)
        return err;
    if (left > 0)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT,
                          dfota_stream_position(reader), "DLT-15");
    reader->raw_left -= (uint32_t)size;
    return DFOTA_OK;
}

enum dfota_error dfota_stream_varint(struct dfota_stream_reader *reader,
                                     uint32_t *out, struct dfota_fault *fault)
{
    uint64_t value = 0;
    uint8_t byte = 0x80;
    unsigned shift = 0;

    for (; byte & 0x80 && shift < 35; shift += 7) {
        enum dfota_error err = dfota_stream_read(reader, &byte, 1, fault);

        if (err)
            return err;
        value |= (uint64_t)(byte & 0x7f) << shift;
    }
    if (byte & 0x80 || value > UINT32_MAX || (byte == 0 && shift > 7))
        return dfota_fail(fault, DFOTA_ERR_CORRUPT,
                          dfota_stream_position(reader), "DLT-16");
    *out = (uint32_t)value;
    return DFOTA_OK;
}

enum dfota_error dfota_stream_end(struct dfota_stream_reader *reader,
                                  struct dfota_fault *fault)
{
    uint8_t surplus;
    size_t room = 1; /* lets the codec see its end; nothing may come */
    enum dfota_error err = DFOTA_OK;

    if (reader->raw_left == 0)
        err = decode(reader, &surplus, &room, fault);
    if (err)
        return err;
    if (reader->raw_left > 0 || room == 0 || reader->in_left > 0 ||
        reader->next < reader->coded_end)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT,
                          dfota_stream_position(reader), "DLT-20");
    return DFOTA_OK;
}
