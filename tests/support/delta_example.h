/* SPDX-License-Identifier: MIT */
/*
 * delta_example.h - deltas made by hand, to be broken one byte at a time
 *
 * Knows nothing of the generator: header, table and streams are written out
 * here by docs/SPEC.md, chapter Delta.
 */
#ifndef DFOTA_TESTS_SUPPORT_DELTA_EXAMPLE_H
#define DFOTA_TESTS_SUPPORT_DELTA_EXAMPLE_H

#include <stdbool.h>
#include <string.h>

#include "dfota/apply.h"
#include "lib/apply/crc32.h"
#include "lib/base/buffer.h"
#include "lib/base/digest.h"

/* Where in the header the fields are. */
enum delta_example_field {
    AT_VERSION = 4,
    AT_UNIT = 5,
    AT_TABLE_SIZE = 6,
    AT_OLD_SIZE = 8,
    AT_NEW_SIZE = 12,
    AT_OLD_CRC32 = 16,
    AT_NEW_CRC32 = 20,
    AT_OLD_SHA256 = 24,
    AT_NEW_SHA256 = 56,
    AT_RAM = 88,
    AT_CRC32 = 92,
    AT_TABLE = 96
};

#define DELTA_EXAMPLE_RAM 4096 /* of an applier without codecs */

/* A string literal as a view, without its terminator. */
#define BYTES(text)                                                            \
    {                                                                          \
        (const uint8_t *)(text), sizeof(text) - 1                              \
    }

struct delta_example_stream {
    struct dfota_view coded;
    uint8_t codec;
    uint8_t props;
    uint8_t dictionary; /* its code in the table */
    uint32_t raw_size;  /* unless stored */
};

struct delta_example {
    struct dfota_view old;
    struct dfota_view new;
    uint8_t unit;
    struct delta_example_stream streams[DFOTA_STREAM_COUNT];
    struct dfota_view prediction; /* the table's entry, or nothing */
    uint32_t codec_ram;           /* bytes of memory for codecs and map */
};

/*
 * Three records: insert 2; copy 8 from 4 on, insert 1; copy 5 from 0 on,
 * insert 3.  One byte of the copies differs, and carries; the zeros after it
 * belong to two records.
 */
static const struct delta_example delta_example_good = {
    .old = BYTES("0123456789abcdef"),
    .new = BYTES("!?4567#9ab-01234end"),
    .unit = 1,
    .streams = {{.coded = BYTES("\x00\x02"
                                "\x08\x01\x08"
                                "\x05\x03\x17")},
                {.coded = BYTES("\x00\x03\xeb\x00\x07")},
                {.coded = BYTES("!?-end")}},
};

/*
 * Two records: copy 16 from 0 on, insert 4; copy 8 from where that ended.  A
 * pointer to the second copy, of an image loaded at 0x08000000, is foreseen.
 */
static const struct delta_example delta_example_foreseen = {
    .old = BYTES("\x10\0\0\x08"
                 "abcdefghijklmnopqrst"),
    .new = BYTES("\x14\0\0\x08"
                 "abcdefghijkl1234mnopqrst"),
    .unit = 1,
    .streams = {{.coded = BYTES("\x10\x04\x00"
                                "\x08\x00\x00")},
                {.coded = BYTES("\x00\x17")},
                {.coded = BYTES("1234")}},
    .prediction = BYTES("\x01\x02\x08\x01"
                        "\0\0\0\x08"),
    .codec_ram = 32,
};

/* Where in delta_example_good streams begin, and where the last one ends. */
enum { AT_CONTROL = 105, AT_DIFFERENCE = 113, AT_LITERAL = 118, AT_END = 124 };

static inline void delta_example_put(uint8_t *delta, size_t at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        delta[at + i] = (uint8_t)(value >> (8 * i));
}

/* Makes the CRC32 of header and table right, if there is a whole table. */
static inline void delta_example_seal(uint8_t *delta, size_t size)
{
    size_t table_size;
    uint32_t crc32;

    if (size < AT_TABLE)
        return;
    table_size = delta[AT_TABLE_SIZE] | (size_t)delta[AT_TABLE_SIZE + 1] << 8;
    if (table_size > size - AT_TABLE)
        return;
    crc32 = dfota_crc32(0, delta, AT_CRC32);
    crc32 = dfota_crc32(crc32, delta + AT_TABLE, table_size);
    delta_example_put(delta, AT_CRC32, crc32);
}

static inline void
delta_example_add_entry(struct dfota_buffer *out,
                        const struct delta_example_stream *stream)
{
    bool stored = stream->codec == DFOTA_CODEC_ID_STORED;

    dfota_buffer_add_le(out, stream->codec, 1);
    if (!stored)
        dfota_buffer_add_le(out, stream->props, 1);
    if (stream->codec == DFOTA_CODEC_ID_LZMA)
        dfota_buffer_add_le(out, stream->dictionary, 1);
    dfota_buffer_add_varint(out,
                            stored ? stream->coded.size : stream->raw_size);
    dfota_buffer_add_varint(out, stream->coded.size);
}

/* The delta of `table`, as it is, and the streams; the caller frees it. */
static inline struct dfota_buffer
delta_example_with_table(const struct delta_example *example,
                         struct dfota_view table)
{
    struct dfota_buffer out = {0};
    struct dfota_digests old = {0};
    struct dfota_digests new = {0};

    dfota_digest(example->old.data, example->old.size, &old, NULL);
    dfota_digest(example->new.data, example->new.size, &new, NULL);
    dfota_buffer_add(&out,
                     "\x89"
                     "DFD\x01",
                     5);
    dfota_buffer_add_le(&out, example->unit, 1);
    dfota_buffer_add_le(&out, table.size, 2);
    dfota_buffer_add_le(&out, example->old.size, 4);
    dfota_buffer_add_le(&out, example->new.size, 4);
    dfota_buffer_add_le(&out, old.crc32, 4);
    dfota_buffer_add_le(&out, new.crc32, 4);
    dfota_buffer_add(&out, old.sha256, sizeof(old.sha256));
    dfota_buffer_add(&out, new.sha256, sizeof(new.sha256));
    dfota_buffer_add_le(&out, DELTA_EXAMPLE_RAM + example->codec_ram, 4);
    dfota_buffer_add_le(&out, 0, 4); /* sealed below */
    dfota_buffer_add(&out, table.data, table.size);
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        dfota_buffer_add(&out, example->streams[i].coded.data,
                         example->streams[i].coded.size);
    delta_example_seal(out.data, out.size);
    return out;
}

/* The delta of the streams, with the table they need; the caller frees it. */
static inline struct dfota_buffer
delta_example_build(const struct delta_example *example)
{
    struct dfota_buffer table = {0};
    struct dfota_buffer out;

    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        delta_example_add_entry(&table, &example->streams[i]);
    dfota_buffer_add(&table, example->prediction.data,
                     example->prediction.size);
    out = delta_example_with_table(example, dfota_buffer_view(&table));
    dfota_buffer_free(&table);
    return out;
}

#endif
