/* SPDX-License-Identifier: MIT */
#include "lib/delta/delta_write.h"

#include "lib/apply/crc32.h"
#include "lib/apply/delta_header.h"

#define SIZE_AT 6 /* where the size of the head stands */

static uint8_t dictionary_code(uint32_t dictionary)
{
    uint8_t code = 0;

    while (dfota_delta_dictionary(code) < dictionary)
        code++;
    return code;
}

static void write_prediction(const struct dfota_prediction *prediction,
                             struct dfota_buffer *out)
{
    uint64_t counts = prediction->dialect_count |
                      (unsigned)prediction->base_count << 2 |
                      (unsigned)prediction->range_count << 5;

    dfota_buffer_add_le(out, counts, 1);
    for (unsigned i = 0; i < prediction->dialect_count; i++) {
        dfota_buffer_add_le(out, prediction->dialects[i].isa, 1);
        dfota_buffer_add_le(out, prediction->dialects[i].classes, 1);
    }
    for (unsigned i = 0; i < prediction->base_count; i++)
        dfota_buffer_add_le(out, prediction->bases[i], 4);
    for (unsigned i = 0; i < prediction->range_count; i++) {
        const struct dfota_value_range *range = &prediction->ranges[i];

        dfota_buffer_add_varint(out, range->first >> DFOTA_RANGE_GRAIN);
        dfota_buffer_add_varint(out, range->size >> DFOTA_RANGE_GRAIN);
    }
    if (counts == 0)
        return;
    dfota_buffer_add_varint(out, prediction->map_count);
    dfota_buffer_add_varint(out, prediction->map_length);
    dfota_buffer_add_varint(out, prediction->learned);
}

static void write_order(const struct dfota_order *order,
                        struct dfota_buffer *out)
{
    dfota_buffer_add_varint(out, order->segment_size / DFOTA_SEGMENT_GRAIN * 2 +
                                     order->backward);
    dfota_buffer_add_varint(out, order->stash_count);
    dfota_buffer_add_varint(out, order->stash_size);
}

static void write_streams(const struct dfota_stream *streams,
                          struct dfota_buffer *out)
{
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++) {
        const struct dfota_stream *stream = &streams[i];

        dfota_buffer_add_le(out, stream->codec, 1);
        if (stream->codec != DFOTA_CODEC_ID_STORED)
            dfota_buffer_add_le(out, stream->props, 1);
        if (stream->codec == DFOTA_CODEC_ID_LZMA)
            dfota_buffer_add_le(out, dictionary_code(stream->dictionary), 1);
        dfota_buffer_add_varint(out, stream->raw_size);
        dfota_buffer_add_varint(out, stream->coded_size);
    }
}

static void write_mixed(const struct dfota_mixed *mixed,
                        struct dfota_buffer *out)
{
    dfota_buffer_add_varint(out, mixed->slots);
    dfota_buffer_add_varint(out, mixed->record_size);
    dfota_buffer_add_varint(out, mixed->content_size);
}

void dfota_delta_write_head(const struct dfota_delta_header *header,
                            struct dfota_buffer *out)
{
    bool in_place = header->order.segment_size > 0;
    size_t begin = out->size;
    size_t size;

    dfota_buffer_add(out, DFOTA_DELTA_MAGIC, 4);
    dfota_buffer_add_le(out, DFOTA_DELTA_VERSION, 1);
    dfota_buffer_add_le(
        out, header->coding | (in_place ? DFOTA_CODING_IN_PLACE : 0), 1);
    dfota_buffer_add_le(out, 0, 1); /* the size: below */
    dfota_buffer_add_le(out, header->old_crc32, 4);
    dfota_buffer_add_le(out, header->new_crc32, 4);
    dfota_buffer_add(out, header->old_digest, DFOTA_DELTA_DIGEST_SIZE);
    dfota_buffer_add(out, header->new_digest, DFOTA_DELTA_DIGEST_SIZE);
    dfota_buffer_add_varint(out, header->old_size);
    dfota_buffer_add_varint(out, header->new_size);
    write_prediction(&header->prediction, out);
    if (in_place)
        write_order(&header->order, out);
    if (header->coding == DFOTA_CODING_ID_MIXED)
        write_mixed(&header->mixed, out);
    else
        write_streams(header->streams, out);
    if (out->error)
        return;
    size = out->size - begin + 4;
    out->data[begin + SIZE_AT] = (uint8_t)size;
    dfota_buffer_add_le(
        out, dfota_crc32(0, out->data + begin, out->size - begin), 4);
}
