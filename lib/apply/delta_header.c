/* SPDX-License-Identifier: MIT */
#include "lib/apply/delta_header.h"

#include "lib/apply/bytes.h"
#include "lib/apply/crc32.h"
#include "lib/apply/cursor.h"
#include "lib/apply/difference.h"
#include "lib/apply/map.h"

uint32_t dfota_delta_dictionary(uint8_t code)
{
    if (code > 37)
        return 0;
    return (uint32_t)(2 | (code & 1)) << (code / 2 + 11);
}

static uint64_t aligned(uint64_t size)
{
    return (size + 15) / 16 * 16;
}

uint32_t
dfota_delta_memory(const struct dfota_stream streams[DFOTA_STREAM_COUNT],
                   uint32_t map_count)
{
    uint64_t total = DFOTA_APPLY_MEMORY;

    total += aligned((uint64_t)map_count * sizeof(struct dfota_map_entry));
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++) {
        uint32_t memory = dfota_codec_memory(&streams[i]);

        if (memory == UINT32_MAX)
            return UINT32_MAX;
        total += aligned(memory);
    }
    return total < UINT32_MAX ? (uint32_t)total : UINT32_MAX;
}

static bool known_codec(uint8_t codec)
{
    return codec == DFOTA_CODEC_ID_STORED || codec == DFOTA_CODEC_ID_ZLIB ||
           codec == DFOTA_CODEC_ID_LZMA;
}

static struct dfota_stream read_stream(struct dfota_cursor *table)
{
    struct dfota_stream stream = {0};

    stream.codec = (uint8_t)dfota_cursor_le(table, 1);
    if (stream.codec != DFOTA_CODEC_ID_STORED)
        stream.props = (uint8_t)dfota_cursor_le(table, 1);
    if (stream.codec == DFOTA_CODEC_ID_LZMA) {
        uint8_t code = (uint8_t)dfota_cursor_le(table, 1);

        stream.dictionary = dfota_delta_dictionary(code);
        if (stream.dictionary == 0)
            stream.dictionary = UINT32_MAX; /* no valid parameter */
    }
    stream.raw_size = dfota_cursor_varint(table);
    stream.coded_size = dfota_cursor_varint(table);
    return stream;
}

/* The entry behind the streams, where there is one. */
static enum dfota_error read_prediction(struct dfota_cursor *table,
                                        struct dfota_delta_header *header,
                                        struct dfota_fault *fault)
{
    struct dfota_prediction *prediction = &header->prediction;
    uint64_t at = header->head_size - table->left;

    *prediction = (struct dfota_prediction){0};
    if (table->left == 0)
        return DFOTA_OK;
    prediction->kinds = (uint8_t)dfota_cursor_le(table, 1);
    prediction->map_count = dfota_cursor_varint(table);
    prediction->map_length = dfota_cursor_varint(table);
    prediction->base_count = (uint8_t)dfota_cursor_le(table, 1);
    if (prediction->kinds & ~DFOTA_PREDICT_ALL)
        return dfota_fail(fault, DFOTA_ERR_UNSUPPORTED, at, "DLT-22");
    if (prediction->kinds == 0 || prediction->base_count > DFOTA_PREDICT_BASES)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, at, "DLT-22");
    for (unsigned i = 0; i < prediction->base_count; i++)
        prediction->bases[i] = (uint32_t)dfota_cursor_le(table, 4);
    return DFOTA_OK;
}

/* The table: codecs, parameters and sizes of streams, then the prediction. */
static enum dfota_error read_table(struct dfota_cursor table,
                                   struct dfota_delta_header *header,
                                   struct dfota_fault *fault)
{
    enum dfota_error err;

    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++) {
        uint64_t at = header->head_size - table.left;

        header->streams[i] = read_stream(&table);
        if (!known_codec(header->streams[i].codec))
            return dfota_fail(fault, DFOTA_ERR_UNSUPPORTED, at, "DLT-6");
        if (dfota_codec_memory(&header->streams[i]) == UINT32_MAX)
            return dfota_fail(fault, DFOTA_ERR_CORRUPT, at, "DLT-7");
    }
    err = read_prediction(&table, header, fault);
    if (err)
        return err;
    if (table.short_read || table.overlong || table.left > 0)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, DFOTA_DELTA_HEADER_SIZE,
                          "DLT-8");
    return DFOTA_OK;
}

/* What the sizes of header, table and file must be to each other. */
static enum dfota_error check_sizes(const struct dfota_delta_header *header,
                                    uint32_t delta_size,
                                    struct dfota_fault *fault)
{
    const struct dfota_stream *streams = header->streams;
    uint64_t coded = header->head_size;
    uint32_t memory = dfota_delta_memory(streams, header->prediction.map_count);

    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        coded += streams[i].coded_size;
    if (coded != delta_size)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, DFOTA_DELTA_HEADER_SIZE,
                          "DLT-9");
    if (streams[DFOTA_STREAM_LITERAL].raw_size > header->new_size)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, 12, "DLT-10");
    if (memory == UINT32_MAX || header->ram != memory)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, 88, "DLT-11");
    return DFOTA_OK;
}

enum dfota_error dfota_delta_read_header(const uint8_t *bytes, size_t size,
                                         uint32_t delta_size,
                                         struct dfota_delta_header *out,
                                         struct dfota_fault *fault)
{
    struct dfota_cursor head = dfota_cursor(bytes, size);
    const uint8_t *magic = dfota_cursor_bytes(&head, 4);
    uint8_t version = (uint8_t)dfota_cursor_le(&head, 1);
    uint8_t unit = (uint8_t)dfota_cursor_le(&head, 1);
    uint16_t table_size = (uint16_t)dfota_cursor_le(&head, 2);
    struct dfota_delta_header header;
    const uint8_t *old_sha256;
    const uint8_t *new_sha256;
    const uint8_t *table;
    uint32_t crc32;
    enum dfota_error err;

    header.old_size = (uint32_t)dfota_cursor_le(&head, 4);
    header.new_size = (uint32_t)dfota_cursor_le(&head, 4);
    header.old_crc32 = (uint32_t)dfota_cursor_le(&head, 4);
    header.new_crc32 = (uint32_t)dfota_cursor_le(&head, 4);
    old_sha256 = dfota_cursor_bytes(&head, DFOTA_SHA256_SIZE);
    new_sha256 = dfota_cursor_bytes(&head, DFOTA_SHA256_SIZE);
    header.ram = (uint32_t)dfota_cursor_le(&head, 4);
    crc32 = (uint32_t)dfota_cursor_le(&head, 4);
    header.head_size = DFOTA_DELTA_HEADER_SIZE + (uint32_t)table_size;

    if (magic != NULL &&
        !dfota_bytes_equal(magic, (const uint8_t *)DFOTA_DELTA_MAGIC, 4))
        return dfota_fail(fault, DFOTA_ERR_FORMAT, 0, "DLT-2");
    if (head.short_read)
        return dfota_fail(fault, DFOTA_ERR_TRUNCATED, size, "DLT-1");
    if (header.head_size > DFOTA_DELTA_HEAD_MAX)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, 6, "DLT-3");
    table = dfota_cursor_bytes(&head, table_size);
    if (head.short_read)
        return dfota_fail(fault, DFOTA_ERR_TRUNCATED, size, "DLT-1");
    if (dfota_crc32(dfota_crc32(0, bytes, DFOTA_DELTA_CRC_AT), table,
                    table_size) != crc32)
        return dfota_fail(fault, DFOTA_ERR_DIGEST, DFOTA_DELTA_CRC_AT, "DLT-4");
    if (version != DFOTA_DELTA_VERSION ||
        (unit != DFOTA_UNIT_BYTE && unit != DFOTA_UNIT_WORD))
        return dfota_fail(fault, DFOTA_ERR_UNSUPPORTED, 4, "DLT-5");

    header.unit = unit;
    dfota_bytes_copy(header.old_sha256, old_sha256, DFOTA_SHA256_SIZE);
    dfota_bytes_copy(header.new_sha256, new_sha256, DFOTA_SHA256_SIZE);
    err = read_table(dfota_cursor(table, table_size), &header, fault);
    if (!err)
        err = check_sizes(&header, delta_size, fault);
    if (!err)
        *out = header;
    return err;
}
