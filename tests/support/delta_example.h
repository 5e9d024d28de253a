/* SPDX-License-Identifier: MIT */
/*
 * delta_example.h - deltas made by hand, to be broken one byte at a time
 *
 * Knows nothing of the generator: header and streams are written out here by
 * docs/SPEC.md, chapter Delta.
 */
#ifndef DFOTA_TESTS_SUPPORT_DELTA_EXAMPLE_H
#define DFOTA_TESTS_SUPPORT_DELTA_EXAMPLE_H

#include <stdbool.h>
#include <string.h>

#include "dfota/apply.h"
#include "lib/apply/crc32.h"
#include "lib/base/buffer.h"
#include "lib/base/digest.h"

/* Where in the header the fields are, where both sizes have one byte. */
enum delta_example_field {
    AT_VERSION = 4,
    AT_CODING = 5,
    AT_HEAD_SIZE = 6,
    AT_OLD_CRC32 = 7,
    AT_NEW_CRC32 = 11,
    AT_OLD_DIGEST = 15,
    AT_NEW_DIGEST = 31,
    AT_OLD_SIZE = 47, /* faults of the whole header are here */
    AT_NEW_SIZE = 48,
    AT_COUNTS = 49,
    AT_TABLE = 50 /* where nothing is predicted */
};

#define DELTA_EXAMPLE_RAM   4096 /* of an applier without codecs */
#define DELTA_EXAMPLE_MIXED 7808 /* more, with mixed coding, but for slots */

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
    uint32_t new_size; /* as stated, unless it is that of new: 0 */
    uint8_t coding;
    struct delta_example_stream streams[DFOTA_STREAM_COUNT];
    uint32_t slots; /* with mixed coding, instead of streams */
    struct dfota_view records;
    struct dfota_view content;
    struct dfota_view prediction; /* from the counts on, or nothing */
    uint32_t codec_ram;           /* bytes of memory beside DELTA_EXAMPLE_RAM */
};

/*
 * Three records: insert 2, copy 8 from 4 on; insert 1, copy 5 from 0 on; insert
 * 3.  One byte of the copies differs; the zeros after it belong to two records.
 */
static const struct delta_example delta_example_good = {
    .old = BYTES("0123456789abcdef"),
    .new = BYTES("!?4567#9ab-01234end"),
    .streams = {{.coded = BYTES("\x00\x02\x08\x08"
                                "\x00\x01\x05\x17"
                                "\x00\x03\x00")},
                {.coded = BYTES("\x00\x03\xeb\x00\x07")},
                {.coded = BYTES("!?-end")}},
};

/*
 * Two records: copy 16 from 0 on; insert 4, copy 8 from where that ended.  A
 * pointer to the second copy, of an image loaded at 0x08000000, is foreseen.
 */
static const struct delta_example delta_example_foreseen = {
    .old = BYTES("\x10\0\0\x08"
                 "abcdefghijklmnopqrst"),
    .new = BYTES("\x14\0\0\x08"
                 "abcdefghijkl1234mnopqrst"),
    .streams = {{.coded = BYTES("\x00\x00\x10\x00"
                                "\x00\x04\x08\x00")},
                {.coded = BYTES("\x00\x17")},
                {.coded = BYTES("1234")}},
    .prediction = BYTES("\x04"
                        "\0\0\0\x08"
                        "\x02\x08\x04"),
    .codec_ram = 64,
};

/* The same with mixed coding: the example of the specification. */
static const struct delta_example delta_example_mixed = {
    .old = BYTES("\x10\0\0\x08"
                 "abcdefghijklmnopqrst"),
    .new = BYTES("\x14\0\0\x08"
                 "abcdefghijkl1234mnopqrst"),
    .coding = DFOTA_CODING_ID_MIXED,
    .slots = 256,
    .records = BYTES("\xc3\xc5\x9f\x91"),
    .content = BYTES("\x6b\xef\x0c\x37\x54"),
    .prediction = BYTES("\x04"
                        "\0\0\0\x08"
                        "\x02\x08\x04"),
    .codec_ram = 64 + DELTA_EXAMPLE_MIXED + 512,
};

/* Where in delta_example_good streams begin, and where the last one ends. */
enum {
    AT_CRC32 = 59,
    AT_CONTROL = 63,
    AT_DIFFERENCE = 74,
    AT_LITERAL = 79,
    AT_END = 85
};

static inline void delta_example_put(uint8_t *delta, size_t at, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        delta[at + i] = (uint8_t)(value >> (8 * i));
}

/* Makes the CRC32 of the header right, if there is a whole header. */
static inline void delta_example_seal(uint8_t *delta, size_t size)
{
    size_t head_size = size > AT_HEAD_SIZE ? delta[AT_HEAD_SIZE] : 0;

    if (head_size < AT_OLD_SIZE || head_size > size)
        return;
    delta_example_put(delta, head_size - 4,
                      dfota_crc32(0, delta, head_size - 4));
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

/*
 * The delta whose header has `rest` from the counts on, but for the CRC32, and
 * all that is coded; the caller frees it.
 */
static inline struct dfota_buffer
delta_example_with_rest(const struct delta_example *example,
                        struct dfota_view rest)
{
    struct dfota_buffer out = {0};
    struct dfota_digests old = {0};
    struct dfota_digests new = {0};

    dfota_digest(example->old.data, example->old.size, &old, NULL);
    dfota_digest(example->new.data, example->new.size, &new, NULL);
    dfota_buffer_add(&out,
                     "\x89"
                     "DFD\x02",
                     5);
    dfota_buffer_add_le(&out, example->coding, 1);
    dfota_buffer_add_le(&out, 0, 1); /* set below */
    dfota_buffer_add_le(&out, old.crc32, 4);
    dfota_buffer_add_le(&out, new.crc32, 4);
    dfota_buffer_add(&out, old.sha256, DFOTA_DELTA_DIGEST_SIZE);
    dfota_buffer_add(&out, new.sha256, DFOTA_DELTA_DIGEST_SIZE);
    dfota_buffer_add_varint(&out, example->old.size);
    dfota_buffer_add_varint(&out, example->new_size > 0 ? example->new_size
                                                        : example->new.size);
    dfota_buffer_add(&out, rest.data, rest.size);
    dfota_buffer_add_le(&out, 0, 4); /* sealed below */
    out.data[AT_HEAD_SIZE] = (uint8_t)out.size;
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        dfota_buffer_add(&out, example->streams[i].coded.data,
                         example->streams[i].coded.size);
    dfota_buffer_add(&out, example->records.data, example->records.size);
    dfota_buffer_add(&out, example->content.data, example->content.size);
    delta_example_seal(out.data, out.size);
    return out;
}

/* The delta with the header that it needs; the caller frees it. */
static inline struct dfota_buffer
delta_example_build(const struct delta_example *example)
{
    struct dfota_buffer rest = {0};
    struct dfota_buffer out;

    dfota_buffer_add(&rest, example->prediction.data, example->prediction.size);
    if (example->prediction.size == 0)
        dfota_buffer_add_le(&rest, 0, 1);
    if (example->coding == DFOTA_CODING_ID_STREAMS) {
        for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
            delta_example_add_entry(&rest, &example->streams[i]);
    } else {
        dfota_buffer_add_varint(&rest, example->slots);
        dfota_buffer_add_varint(&rest, example->records.size);
        dfota_buffer_add_varint(&rest, example->content.size);
    }
    out = delta_example_with_rest(example, dfota_buffer_view(&rest));
    dfota_buffer_free(&rest);
    return out;
}

#endif
