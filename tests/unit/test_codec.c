/* SPDX-License-Identifier: MIT */
/* decoders: zlib, liblzma and the applier's own; test_encoder.c has the rest */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/codec/deflate.h"
#include "lib/codec/lzma.h"
#include "tests/support/random.h"

#define KIB               1024u /* bytes */
#define GUARD             64    /* bytes behind the memory of a decoder */
#define GUARD_BYTE        0xa5

#define PROPS(lc, lp, pb) ((uint8_t)(((pb)*5 + (lp)) * 9 + (lc)))
#define ZLIB(bits)                                                             \
    {                                                                          \
        DFOTA_CODEC_ID_ZLIB, bits, 0, 0, 0                                     \
    }
#define LZMA(lc, lp, pb, dictionary)                                           \
    {                                                                          \
        DFOTA_CODEC_ID_LZMA, PROPS(lc, lp, pb), dictionary, 0, 0               \
    }

/* Every window of zlib; corners of lc, lp, pb and of the dictionary. */
static const struct dfota_stream ways[] = {
    ZLIB(9),
    ZLIB(10),
    ZLIB(11),
    ZLIB(12),
    ZLIB(13),
    ZLIB(14),
    ZLIB(15),
    LZMA(0, 0, 0, 4 * KIB),
    LZMA(3, 0, 2, 6 * KIB),
    LZMA(4, 0, 4, 8 * KIB),
    LZMA(0, 4, 0, 12 * KIB),
    LZMA(2, 2, 1, 64 * KIB),
    LZMA(1, 3, 3, 1024 * KIB),
};

enum { WAYS = sizeof(ways) / sizeof(ways[0]) };

enum kind { EMPTY, ONE_BYTE, ZEROS, RANDOM, TEXT, FAR_REPEAT, KINDS };

/* Data that a decoder has reason to treat in different ways. */
static struct dfota_buffer raw_of(enum kind kind)
{
    static const char *const words[] = {"modem ",  "flash ", "band ",
                                        "AT+CGMR", "\r\n",   "OK"};
    static const size_t sizes[KINDS] = {0, 1, 70000, 5000, 20000, 50000};
    uint32_t seed = 1 + (uint32_t)kind;
    struct dfota_buffer raw = {0};

    while (raw.size < sizes[kind]) {
        uint8_t byte = kind == ZEROS ? 0 : (uint8_t)random_next(&seed);
        const char *word = words[byte % (sizeof(words) / sizeof(words[0]))];

        if (kind == FAR_REPEAT && raw.size >= 33000)
            byte = raw.data[raw.size - 33000];
        if (kind == TEXT)
            dfota_buffer_add(&raw, word, strlen(word));
        else
            dfota_buffer_add(&raw, &byte, 1);
    }
    assert_int_equal(dfota_buffer_check(&raw, NULL), DFOTA_OK);
    return raw;
}

static const struct dfota_codec *codec_of(const struct dfota_stream *stream)
{
    return stream->codec == DFOTA_CODEC_ID_ZLIB   ? &dfota_codec_zlib
           : stream->codec == DFOTA_CODEC_ID_LZMA ? &dfota_codec_lzma
                                                  : &dfota_codec_stored;
}

static struct dfota_buffer encode(const struct dfota_stream *stream,
                                  struct dfota_view raw)
{
    const struct dfota_encoder *encoder = stream->codec == DFOTA_CODEC_ID_ZLIB
                                              ? &dfota_encoder_zlib
                                              : &dfota_encoder_lzma;
    struct dfota_buffer coded = {0};

    assert_int_equal(encoder->id, stream->codec);
    assert_int_equal(encoder->encode(stream, raw, &coded, NULL), DFOTA_OK);
    return coded;
}

/* A decoder in memory that is watched. */
struct decoder {
    const struct dfota_codec *codec;
    void *state;
    uint8_t *memory;
    size_t memory_size;
};

static enum dfota_error decoder_open(struct decoder *decoder,
                                     const struct dfota_stream *stream,
                                     size_t memory_size)
{
    decoder->codec = codec_of(stream);
    decoder->memory_size = memory_size;
    decoder->memory = malloc(memory_size + GUARD);
    assert_non_null(decoder->memory);
    memset(decoder->memory, GUARD_BYTE, memory_size + GUARD);
    assert_int_equal(decoder->codec->id, stream->codec);
    return decoder->codec->open(stream, decoder->memory, memory_size,
                                &decoder->state);
}

static void decoder_close(struct decoder *decoder)
{
    for (size_t i = 0; i < GUARD; i++)
        assert_int_equal(decoder->memory[decoder->memory_size + i], GUARD_BYTE);
    free(decoder->memory);
}

/* Bytes of input shown, and of output asked for, at a time. */
struct pieces {
    size_t in;
    size_t out;
};

/*
 * Decodes `coded` as far as it goes into `out`, which has `room` bytes; finds
 * that every call does something or is the last.
 */
static enum dfota_error decode(struct decoder *decoder, struct dfota_view coded,
                               struct pieces pieces, uint8_t *out, size_t *room)
{
    struct dfota_codec_io io = {.in = coded.data, .out = out};
    size_t in_left = coded.size;
    enum dfota_error err = DFOTA_OK;
    bool moved = true;

    while (!err && moved) {
        size_t in = in_left < pieces.in ? in_left : pieces.in;
        size_t given = *room < pieces.out ? *room : pieces.out;

        io.in_left = in;
        io.out_left = given;
        err = decoder->codec->decode(decoder->state, &io);
        assert_in_range(io.in_left, 0, in);
        assert_in_range(io.out_left, 0, given);
        in_left -= in - io.in_left;
        *room -= given - io.out_left;
        assert_ptr_equal(io.in, coded.data + coded.size - in_left);
        moved = io.in_left < in || io.out_left < given;
    }
    *room = (size_t)(io.out - out);
    return err;
}

/* Codes, decodes in such pieces and compares; leaves nothing undecoded. */
static void assert_round_trip(const struct dfota_stream *way,
                              struct dfota_view raw, struct dfota_view coded,
                              struct pieces pieces)
{
    struct dfota_stream stream = *way;
    struct decoder decoder;
    uint8_t *out = malloc(raw.size + 1);
    size_t size = raw.size + 1; /* one more than there is */

    assert_non_null(out);
    stream.raw_size = (uint32_t)raw.size;
    stream.coded_size = (uint32_t)coded.size;
    assert_int_equal(
        decoder_open(&decoder, &stream, dfota_codec_memory(&stream)), DFOTA_OK);
    assert_int_equal(decode(&decoder, coded, pieces, out, &size), DFOTA_OK);
    assert_int_equal(size, raw.size);
    if (size > 0)
        assert_memory_equal(out, raw.data, size);
    decoder_close(&decoder);
    free(out);
}

static void decodes_what_was_encoded_in_any_pieces(void **state)
{
    static const struct pieces pieces[] = {
        {SIZE_MAX, SIZE_MAX},
        {512, 1},
        {1, SIZE_MAX},
        {1, 1},
        {2, 3},
        {3, 2},
        {7, 1},
        {1, 7},
        {7, 7},
        {512, 1000},
    };

    (void)state;
    for (enum kind kind = 0; kind < KINDS; kind++) {
        struct dfota_buffer raw = raw_of(kind);
        struct dfota_view view = dfota_buffer_view(&raw);

        for (size_t i = 0; i < WAYS; i++) {
            struct dfota_buffer coded = encode(&ways[i], view);

            for (size_t j = 0; j < sizeof(pieces) / sizeof(pieces[0]); j++)
                assert_round_trip(&ways[i], view, dfota_buffer_view(&coded),
                                  pieces[j]);
            dfota_buffer_free(&coded);
        }
        dfota_buffer_free(&raw);
    }
}

static void copies_stored_bytes(void **state)
{
    static const struct dfota_stream stored = {0};
    static const struct dfota_view raw = {(const uint8_t *)"any bytes", 9};
    static const struct dfota_view nothing = {(const uint8_t *)"", 0};

    (void)state;
    assert_int_equal(dfota_codec_memory(&stored), 0);
    assert_round_trip(&stored, raw, raw, (struct pieces){2, 3});
    assert_round_trip(&stored, raw, raw, (struct pieces){3, 2});
    assert_round_trip(&stored, nothing, nothing, (struct pieces){1, 1});
}

/* Where the library could do with less, decoding may go well, or fail later. */
static void asks_for_memory_where_there_is_too_little(void **state)
{
    struct dfota_buffer raw = raw_of(TEXT);
    uint8_t *out = malloc(raw.size);

    (void)state;
    assert_non_null(out);
    for (size_t i = 0; i < WAYS; i++) {
        struct dfota_buffer coded = encode(&ways[i], dfota_buffer_view(&raw));
        struct dfota_stream stream = ways[i];
        size_t full = dfota_codec_memory(&stream);

        stream.raw_size = (uint32_t)raw.size;
        for (size_t size = 0; size < full; size += 1 + full / 50) {
            struct decoder decoder;
            size_t room = raw.size;
            enum dfota_error err = decoder_open(&decoder, &stream, size);

            if (size <= (size_t)4 * KIB)
                assert_int_equal(err, DFOTA_ERR_MEMORY);
            if (!err)
                err = decode(&decoder, dfota_buffer_view(&coded),
                             (struct pieces){512, 512}, out, &room);
            if (err)
                assert_int_equal(err, DFOTA_ERR_MEMORY);
            else
                assert_memory_equal(out, raw.data, raw.size);
            decoder_close(&decoder);
        }
        dfota_buffer_free(&coded);
    }
    free(out);
    dfota_buffer_free(&raw);
}

/* Decodes what is no longer what was coded: it may fail, and must end. */
static void assert_survives(const struct dfota_stream *stream,
                            struct dfota_view coded, uint8_t *out)
{
    struct decoder decoder;
    size_t room = stream->raw_size;
    enum dfota_error err;

    assert_int_equal(decoder_open(&decoder, stream, dfota_codec_memory(stream)),
                     DFOTA_OK);
    err = decode(&decoder, coded, (struct pieces){100, 300}, out, &room);
    assert_true(err == DFOTA_OK || err == DFOTA_ERR_CORRUPT);
    assert_in_range(room, 0, stream->raw_size);
    decoder_close(&decoder);
}

static void survives_damaged_input(void **state)
{
    struct dfota_buffer raw = raw_of(TEXT);
    uint8_t *out = malloc(raw.size);
    uint32_t seed = 99;

    (void)state;
    assert_non_null(out);
    for (size_t i = 0; i < WAYS; i++) {
        struct dfota_buffer coded = encode(&ways[i], dfota_buffer_view(&raw));
        struct dfota_stream stream = ways[i];

        stream.raw_size = (uint32_t)raw.size;
        for (int round = 0; round < 100; round++) {
            size_t at = random_below(&seed, (uint32_t)coded.size);
            uint8_t was = coded.data[at];

            coded.data[at] ^= (uint8_t)(1 + random_below(&seed, 255));
            assert_survives(&stream, dfota_buffer_view(&coded), out);
            coded.data[at] = was;
            assert_survives(&stream, (struct dfota_view){coded.data, at}, out);
        }
        random_fill(&seed, coded.data, coded.size);
        assert_survives(&stream, dfota_buffer_view(&coded), out);
        dfota_buffer_free(&coded);
    }
    free(out);
    dfota_buffer_free(&raw);
}

static void says_corrupt_to_what_no_encoder_writes(void **state)
{
    static const struct dfota_stream streams[] = {
        {DFOTA_CODEC_ID_ZLIB, 15, 0, 10, 8},
        {DFOTA_CODEC_ID_LZMA, 0, 4 * KIB, 10, 8}};
    static const struct dfota_view bytes = {
        (const uint8_t *)"\xff\xff\xff\xff\xff\xff\xff\xff", 8};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct decoder decoder;
        uint8_t out[10];
        size_t room = sizeof(out);

        assert_int_equal(decoder_open(&decoder, &streams[i],
                                      dfota_codec_memory(&streams[i])),
                         DFOTA_OK);
        assert_int_equal(
            decode(&decoder, bytes, (struct pieces){8, 10}, out, &room),
            DFOTA_ERR_CORRUPT);
        decoder_close(&decoder);
    }
}

static void knows_which_parameters_are_valid(void **state)
{
    (void)state;
    for (unsigned props = 0; props < 256; props++) {
        unsigned lc = props % 9;
        unsigned lp = props / 9 % 5;
        unsigned pb = props / 45;
        struct dfota_stream zlib = {DFOTA_CODEC_ID_ZLIB, (uint8_t)props, 0, 0,
                                    0};
        struct dfota_stream lzma = {DFOTA_CODEC_ID_LZMA, (uint8_t)props,
                                    4 * KIB, 0, 0};

        assert_int_equal(dfota_codec_memory(&zlib),
                         props >= 9 && props <= 15
                             ? ((uint32_t)1 << props) + 12 * KIB
                             : UINT32_MAX);
        assert_int_equal(dfota_codec_memory(&lzma),
                         lc + lp <= 4 && pb <= 4 ? 44 * KIB : UINT32_MAX);
        lzma.dictionary = UINT32_MAX;
        assert_int_equal(dfota_codec_memory(&lzma), UINT32_MAX);
    }
    for (unsigned codec = 4; codec < 256; codec++)
        assert_int_equal(
            dfota_codec_memory(&(struct dfota_stream){.codec = (uint8_t)codec}),
            UINT32_MAX);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_what_was_encoded_in_any_pieces),
        cmocka_unit_test(copies_stored_bytes),
        cmocka_unit_test(asks_for_memory_where_there_is_too_little),
        cmocka_unit_test(survives_damaged_input),
        cmocka_unit_test(says_corrupt_to_what_no_encoder_writes),
        cmocka_unit_test(knows_which_parameters_are_valid),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
