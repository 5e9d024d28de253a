/* SPDX-License-Identifier: MIT */
/* the coder of frames, both ways; test_mini_coded.c has the reader's part */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/apply/frame_mix.h"
#include "lib/codec/frame.h"
#include "tests/support/random.h"

#define KIB        1024u
#define FRAME_MAX  65536u
#define SLOTS      (16 * KIB)
#define GUARD      64
#define GUARD_BYTE 0xa5

static uint8_t frame[FRAME_MAX];
static uint8_t out[FRAME_MAX + 1];

static struct dfota_stream stream_of(uint8_t kind, uint32_t size)
{
    return (struct dfota_stream){.codec = DFOTA_CODEC_ID_MIXED,
                                 .props = kind,
                                 .dictionary = SLOTS,
                                 .raw_size = size};
}

static struct dfota_buffer encode(struct dfota_stream *stream)
{
    struct dfota_buffer coded = {0};
    const struct dfota_view raw = {frame, stream->raw_size};

    assert_int_equal(dfota_encoder_mixed.encode(stream, raw, &coded, NULL),
                     DFOTA_OK);
    assert_in_range(coded.size, 1, FRAME_MAX + FRAME_MAX / 8);
    stream->coded_size = (uint32_t)coded.size;
    return coded;
}

/* Bytes of input shown, and of output asked for, at a time. */
struct pieces {
    size_t in;
    size_t out;
};

static const struct pieces all_at_once = {SIZE_MAX, SIZE_MAX};

/*
 * Decodes into `out`, in memory that is watched; what came out is counted.
 * Some byte must move in every call but the last one.
 */
static enum dfota_error decode(const struct dfota_stream *stream,
                               const uint8_t *coded, struct pieces pieces,
                               size_t *size)
{
    size_t memory_size = dfota_codec_memory(stream);
    uint8_t *memory = malloc(memory_size + GUARD);
    struct dfota_codec_io io = {.in = coded, .out = out};
    const uint8_t *in_end = coded + stream->coded_size;
    const uint8_t *out_end = out + stream->raw_size + 1;
    enum dfota_error err;
    bool moved = true;
    void *state;

    assert_non_null(memory);
    memset(memory, GUARD_BYTE, memory_size + GUARD);
    err = dfota_codec_mixed.open(stream, memory, memory_size, &state);
    while (!err && moved) {
        const uint8_t *in = io.in;
        const uint8_t *to = io.out;

        io.in_left = (size_t)(in_end - in);
        io.out_left = (size_t)(out_end - to);
        io.in_left = io.in_left < pieces.in ? io.in_left : pieces.in;
        io.out_left = io.out_left < pieces.out ? io.out_left : pieces.out;
        err = dfota_codec_mixed.decode(state, &io);
        moved = io.in != in || io.out != to;
    }
    assert_true(io.in <= in_end);
    *size = (size_t)(io.out - out);
    assert_in_range(*size, 0, stream->raw_size);
    for (size_t i = 0; i < GUARD; i++)
        assert_int_equal(memory[memory_size + i], GUARD_BYTE);
    free(memory);
    return err;
}

static void assert_round_trip(uint8_t kind, uint32_t size, struct pieces pieces)
{
    struct dfota_stream stream = stream_of(kind, size);
    struct dfota_buffer coded = encode(&stream);
    size_t decoded;

    assert_int_equal(decode(&stream, coded.data, pieces, &decoded), DFOTA_OK);
    assert_int_equal(decoded, size);
    assert_memory_equal(out, frame, size);
    dfota_buffer_free(&coded);
}

enum content { ZEROS, NOISE, TEXT, CODE, REPEAT, CONTENTS };

/* Thumb code that calls one of a few functions again and again. */
static void fill_code(uint32_t seed)
{
    static const uint8_t others[4][2] = {
        {0x20, 0x46}, {0x01, 0x68}, {0x00, 0x28}, {0x10, 0xb5}};

    for (uint32_t at = 0; at < FRAME_MAX;) {
        uint32_t word = random_below(&seed, 5);
        uint32_t target = 0x20000 + 0x1234 * random_below(&seed, 9);
        uint32_t distance = target - at / 2;

        if (word < 4 || at + 4 > FRAME_MAX) {
            memcpy(frame + at, others[word % 4], 2);
            at += 2;
            continue;
        }
        frame[at] = (uint8_t)(distance >> 11);
        frame[at + 1] = (uint8_t)(0xf0 | (distance >> 19 & 3));
        frame[at + 2] = (uint8_t)distance;
        frame[at + 3] = (uint8_t)(0xf8 | (distance >> 8 & 7));
        at += 4;
    }
}

static void fill(enum content content)
{
    static const char *const words[] = {"modem ",  "flash ", "band ",
                                        "AT+CGMR", "\r\n",   "OK"};
    uint32_t seed = 1 + (uint32_t)content;

    memset(frame, 0, sizeof(frame));
    if (content == NOISE || content == REPEAT)
        random_fill(&seed, frame, sizeof(frame));
    for (size_t at = 700; content == REPEAT && at < sizeof(frame); at++)
        frame[at] = frame[at - 700];
    if (content == CODE)
        fill_code(seed);
    for (size_t at = 0; content == TEXT && at < sizeof(frame) - 8;) {
        const char *word = words[random_below(&seed, 6)];

        while (*word != 0)
            frame[at++] = (uint8_t)*word++;
    }
}

static void decodes_what_was_encoded(void **state)
{
    static const uint32_t sizes[] = {2,   3,    4,     5,     7,        31,
                                     300, 4096, 40003, 65535, FRAME_MAX};

    (void)state;
    for (enum content content = 0; content < CONTENTS; content++) {
        fill(content);
        for (uint8_t kind = 0; kind < DFOTA_FRAME_KINDS; kind++)
            for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
                if (sizes[i] <= 4096 || kind == content % DFOTA_FRAME_KINDS)
                    assert_round_trip(kind, sizes[i], all_at_once);
    }
}

static void decodes_from_pieces_of_any_size(void **state)
{
    static const struct pieces pieces[] = {
        {1, SIZE_MAX}, {SIZE_MAX, 1}, {1, 1},   {31, 1000},
        {32, 7},       {33, 4096},    {255, 3}, {257, 4097}};

    (void)state;
    for (enum content content = 0; content < CONTENTS; content++) {
        fill(content);
        for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
            assert_round_trip(DFOTA_FRAME_T32, 5001, pieces[i]);
    }
}

static void codes_a_frame_of_any_one_byte(void **state)
{
    (void)state;
    for (unsigned byte = 0; byte < 256; byte++) {
        frame[0] = (uint8_t)byte;
        for (uint8_t kind = 0; kind < DFOTA_FRAME_KINDS; kind++)
            assert_round_trip(kind, 1, all_at_once);
    }
}

static uint32_t coded_size(enum content content, uint8_t kind)
{
    struct dfota_stream stream = stream_of(kind, FRAME_MAX);
    struct dfota_buffer coded;

    fill(content);
    coded = encode(&stream);
    dfota_buffer_free(&coded);
    return stream.coded_size;
}

static void makes_small_what_repeats(void **state)
{
    (void)state;
    assert_in_range(coded_size(ZEROS, DFOTA_FRAME_BYTES), 1, 40);
    assert_in_range(coded_size(TEXT, DFOTA_FRAME_BYTES), 1, 8000);
    assert_in_range(coded_size(REPEAT, DFOTA_FRAME_BYTES), 700, 800);
    assert_in_range(coded_size(NOISE, DFOTA_FRAME_BYTES), FRAME_MAX, 67500);
}

static void gains_from_knowing_where_calls_lead(void **state)
{
    uint32_t bytes = coded_size(CODE, DFOTA_FRAME_BYTES);

    (void)state;
    assert_in_range(coded_size(CODE, DFOTA_FRAME_T32), 1, bytes * 2 / 3);
    assert_in_range(coded_size(CODE, DFOTA_FRAME_A64), bytes / 2, bytes * 2);
}

static void turns_anything_forth_and_back(void **state)
{
    uint32_t seed = 5;

    (void)state;
    for (uint32_t size = 0; size < 2000; size += 1 + size / 20)
        for (uint8_t kind = 0; kind < DFOTA_FRAME_KINDS; kind++) {
            random_fill(&seed, frame, sizeof(frame));
            for (uint32_t i = 1; i < size; i += 2)
                frame[i] |= (uint8_t)(0xd0 + (i & 2) * 0x10); /* many calls */
            memcpy(out, frame, sizeof(frame));
            dfota_frame_turn(kind, out, size, 1);
            dfota_frame_turn(kind, out, size, -1);
            assert_memory_equal(out, frame, sizeof(frame));
        }
}

/* The example of the specification. */
static void writes_the_bytes_of_the_example(void **state)
{
    static const uint8_t code[] = {0x10, 0xb5, 0x00, 0xf0, 0x06, 0xf8, 0x00,
                                   0x28, 0x01, 0xd0, 0x00, 0xf0, 0x02, 0xf8,
                                   0x10, 0xbd, 0x10, 0xb5, 0x10, 0xbd};
    static const uint8_t want[] = {0x4b, 0x8d, 0xdf, 0xba, 0x2b,
                                   0xc8, 0x5d, 0x67, 0x1c, 0x8b,
                                   0xf4, 0x8e, 0x46, 0x1a, 0xad};
    struct dfota_stream stream = stream_of(DFOTA_FRAME_T32, sizeof(code));
    struct dfota_buffer coded;

    (void)state;
    stream.dictionary = 4 * KIB;
    memcpy(frame, code, sizeof(code));
    coded = encode(&stream);
    assert_int_equal(coded.size, sizeof(want));
    assert_memory_equal(coded.data, want, sizeof(want));
    dfota_buffer_free(&coded);
}

static void notices_every_truncation(void **state)
{
    struct dfota_stream stream = stream_of(DFOTA_FRAME_BYTES, 500);
    struct dfota_buffer coded;

    (void)state;
    fill(TEXT);
    coded = encode(&stream);
    for (uint32_t size = 0; size < coded.size; size++) {
        struct dfota_stream cut = stream;
        size_t decoded;
        enum dfota_error err;

        cut.coded_size = size;
        err = decode(&cut, coded.data, (struct pieces){9, 100}, &decoded);
        if (err)
            assert_int_equal(err, DFOTA_ERR_CORRUPT);
        else
            assert_memory_not_equal(out, frame, stream.raw_size);
    }
    dfota_buffer_free(&coded);
}

static void notices_bytes_too_many(void **state)
{
    struct dfota_stream stream = stream_of(DFOTA_FRAME_BYTES, 500);
    struct dfota_buffer coded;
    size_t decoded;

    (void)state;
    fill(TEXT);
    coded = encode(&stream);
    for (unsigned i = 0; i < 5; i++)
        dfota_buffer_add(&coded, "", 1);
    stream.coded_size += 5; /* the first four may be read ahead */
    assert_int_equal(decode(&stream, coded.data, all_at_once, &decoded),
                     DFOTA_ERR_CORRUPT);
    dfota_buffer_free(&coded);
}

/* It may fail or make something else, and must end. */
static void survives_damaged_input(void **state)
{
    struct dfota_stream stream = stream_of(DFOTA_FRAME_A32, 3000);
    struct dfota_buffer coded;
    uint32_t seed = 99;

    (void)state;
    fill(CODE);
    coded = encode(&stream);
    for (int round = 0; round < 300; round++) {
        size_t at = random_below(&seed, (uint32_t)coded.size);
        size_t decoded;
        enum dfota_error err;

        coded.data[at] ^= (uint8_t)(1 + random_below(&seed, 255));
        if (round % 10 == 0)
            random_fill(&seed, coded.data, coded.size);
        err = decode(&stream, coded.data, (struct pieces){100, 300}, &decoded);
        assert_true(err == DFOTA_OK || err == DFOTA_ERR_CORRUPT);
    }
    dfota_buffer_free(&coded);
}

static void knows_the_memory_of_valid_parameters(void **state)
{
    struct dfota_stream stream = stream_of(0, FRAME_MAX);
    static const uint32_t bad[] = {0, 17, 65552, UINT32_MAX};

    (void)state;
    assert_int_equal(dfota_codec_memory(&stream),
                     64 * KIB + SLOTS + SLOTS / 4 + 22 * KIB);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        stream.dictionary = bad[i];
        assert_int_equal(dfota_codec_memory(&stream), UINT32_MAX);
    }
    for (unsigned kind = 0; kind < 256; kind++) {
        stream = stream_of((uint8_t)kind, 1);
        assert_int_equal(dfota_codec_memory(&stream),
                         kind < DFOTA_FRAME_KINDS
                             ? 1 + SLOTS + SLOTS / 4 + 22 * KIB
                             : UINT32_MAX);
    }
    stream = stream_of(0, FRAME_MAX + 1);
    assert_int_equal(dfota_codec_memory(&stream), UINT32_MAX);
}

static void asks_for_all_of_its_memory(void **state)
{
    const struct dfota_stream stream = stream_of(0, 100);
    size_t size = dfota_codec_memory(&stream);
    void *memory = malloc(size);
    void *opened;

    (void)state;
    assert_non_null(memory);
    assert_int_equal(dfota_codec_mixed.open(&stream, memory, size - 1, &opened),
                     DFOTA_ERR_MEMORY);
    assert_int_equal(dfota_codec_mixed.open(&stream, memory, size, &opened),
                     DFOTA_OK);
    free(memory);
}

static void refuses_to_encode_what_is_no_frame(void **state)
{
    static uint8_t bytes[FRAME_MAX + 1];
    static const struct dfota_view raws[] = {
        {bytes, 0}, {bytes, FRAME_MAX + 1}, {bytes, 10}};
    const struct dfota_stream streams[] = {stream_of(0, 0), stream_of(0, 0),
                                           stream_of(DFOTA_FRAME_KINDS, 0)};

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        struct dfota_buffer coded = {0};

        assert_int_equal(
            dfota_encoder_mixed.encode(&streams[i], raws[i], &coded, NULL),
            DFOTA_ERR_LIMIT);
        assert_int_equal(coded.size, 0);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_what_was_encoded),
        cmocka_unit_test(decodes_from_pieces_of_any_size),
        cmocka_unit_test(codes_a_frame_of_any_one_byte),
        cmocka_unit_test(makes_small_what_repeats),
        cmocka_unit_test(gains_from_knowing_where_calls_lead),
        cmocka_unit_test(turns_anything_forth_and_back),
        cmocka_unit_test(writes_the_bytes_of_the_example),
        cmocka_unit_test(notices_every_truncation),
        cmocka_unit_test(notices_bytes_too_many),
        cmocka_unit_test(survives_damaged_input),
        cmocka_unit_test(knows_the_memory_of_valid_parameters),
        cmocka_unit_test(asks_for_all_of_its_memory),
        cmocka_unit_test(refuses_to_encode_what_is_no_frame),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
