/* SPDX-License-Identifier: MIT */
/* what the delta decoder asks of its caller: memory, codecs and callbacks */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/encoder.h"
#include "tests/support/delta_check.h"

#define KIB 1024u /* bytes */

/* Images of several of the applier's chunks, made of two long records. */
enum { OLD_SIZE = 5000, NEW_SIZE = 9000, COPIED = 2500 };

struct long_example {
    struct delta_example example;
    uint8_t old[OLD_SIZE];
    uint8_t new[NEW_SIZE];
    struct dfota_buffer coded[DFOTA_STREAM_COUNT];
};

/* Codes `raw` as a stream of `example`, and counts the memory it takes. */
static void code(struct long_example *example, enum dfota_stream_kind kind,
                 const struct delta_example_stream *how, struct dfota_view raw)
{
    const struct dfota_encoder *encoder = how->codec == DFOTA_CODEC_ID_ZLIB
                                              ? &dfota_encoder_zlib
                                              : &dfota_encoder_lzma;
    struct dfota_stream stream = {how->codec, how->props, 0, 0, 0};
    struct dfota_buffer *coded = &example->coded[kind];

    if (how->codec == DFOTA_CODEC_ID_LZMA)
        stream.dictionary = how->dictionary == 0 ? 4 * KIB : 6 * KIB;
    if (how->codec == DFOTA_CODEC_ID_STORED)
        dfota_buffer_add(coded, raw.data, raw.size);
    else
        assert_int_equal(encoder->encode(&stream, raw, coded, NULL), DFOTA_OK);
    example->example.streams[kind] = *how;
    example->example.streams[kind].coded = dfota_buffer_view(coded);
    example->example.streams[kind].raw_size = (uint32_t)raw.size;
    example->example.codec_ram += dfota_codec_memory(&stream);
}

/* Each stream coded in its own way; long_example_free() ends it. */
static struct long_example *
long_example_new(const struct delta_example_stream how[DFOTA_STREAM_COUNT])
{
    struct long_example *made = calloc(1, sizeof(*made));
    uint8_t difference[COPIED];
    uint8_t literal[NEW_SIZE - COPIED];
    const struct dfota_view control = BYTES("\x00\x00\xc4\x13\xc4\x13"
                                            "\x00\xe4\x32\x00");

    assert_non_null(made);
    for (size_t i = 0; i < sizeof(difference); i++)
        difference[i] = (uint8_t)(1 + i % 255); /* no zeros: no runs */
    for (size_t i = 0; i < sizeof(literal); i++)
        literal[i] = (uint8_t)(i * i >> 7);
    for (size_t i = 0; i < OLD_SIZE; i++)
        made->old[i] = (uint8_t)(i >> 3);
    for (size_t i = 0; i < COPIED; i++)
        made->new[i] = (uint8_t)(made->old[1250 + i] + difference[i]);
    memcpy(made->new + COPIED, literal, sizeof(literal));
    made->example.old = (struct dfota_view){made->old, OLD_SIZE};
    made->example.new = (struct dfota_view){made->new, NEW_SIZE};
    code(made, DFOTA_STREAM_CONTROL, &how[0], control);
    code(made, DFOTA_STREAM_DIFFERENCE, &how[1],
         (struct dfota_view){difference, sizeof(difference)});
    code(made, DFOTA_STREAM_LITERAL, &how[2],
         (struct dfota_view){literal, sizeof(literal)});
    return made;
}

static void long_example_free(struct long_example *example)
{
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        dfota_buffer_free(&example->coded[i]);
    free(example);
}

/* Lets a map be made of its one copy, for values that there are none of. */
static void with_map(struct long_example *example)
{
    const struct dfota_view entry =
        BYTES("\x20\xff\xff\x3f\x01\x01\xc4\x13\x00");

    example->example.prediction = entry;
    example->example.codec_ram += 16;
}

/* The guards of the bench stand right before and behind the memory. */
static void needs_exactly_the_memory_that_is_said(void **state)
{
    static const struct delta_example_stream ways[][DFOTA_STREAM_COUNT] = {
        {{.codec = 0}, {.codec = 0}, {.codec = 0}},
        {{.codec = 1, .props = 9}, {.codec = 0}, {.codec = 2, .props = 0}},
        {{.codec = 2, .props = 93, .dictionary = 1},
         {.codec = 1, .props = 15},
         {.codec = 1, .props = 11}},
        {{.codec = 0}, {.codec = 2, .props = 36}, {.codec = 2, .props = 4}},
        {{.codec = 2, .props = 4},
         {.codec = 2, .props = 20, .dictionary = 1},
         {.codec = 2, .props = 216}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        struct long_example *example = long_example_new(ways[i]);
        struct dfota_buffer delta = delta_example_build(&example->example);
        struct delta_bench bench = bench_of(&example->example, &delta);

        assert_made(&example->example);
        bench.memory_size--;
        assert_bench_refused(&bench, DFOTA_ERR_LIMIT, "DLT-13", AT_OLD_SIZE);
        dfota_buffer_free(&delta);
        with_map(example);
        assert_made(&example->example);
        long_example_free(example);
    }
}

static void refuses_what_does_not_fit_into_the_module(void **state)
{
    struct dfota_buffer delta = delta_example_build(&delta_example_good);
    struct delta_bench bench = bench_of(&delta_example_good, &delta);

    (void)state;
    for (bench.new_size_max = 0; bench.new_size_max < 19; bench.new_size_max++)
        assert_bench_refused(&bench, DFOTA_ERR_LIMIT, "DLT-12", AT_OLD_SIZE);
    bench.memory_size = DELTA_EXAMPLE_RAM - 1;
    assert_bench_refused(&bench, DFOTA_ERR_LIMIT, "DLT-13", AT_OLD_SIZE);
    bench.memory_size = 0;
    assert_bench_refused(&bench, DFOTA_ERR_LIMIT, "DLT-13", AT_OLD_SIZE);
    assert_int_equal(bench.calls, 1); /* that for the header */
    dfota_buffer_free(&delta);
}

static void refuses_a_codec_that_the_module_lacks(void **state)
{
    static const struct dfota_codec *const none[] = {NULL};
    static const struct dfota_codec *const others[] = {&dfota_codec_stored,
                                                       &dfota_codec_lzma, NULL};
    struct delta_example example = delta_example_good;
    struct dfota_buffer delta;
    struct delta_bench bench;

    (void)state;
    example.streams[DFOTA_STREAM_LITERAL] = (struct delta_example_stream){
        BYTES("\x01\x06\x00\xf9\xff!?-end"), DFOTA_CODEC_ID_ZLIB, 9, 0, 6};
    example.codec_ram = 12 * KIB + 512;
    delta = delta_example_build(&example);
    bench = bench_of(&example, &delta);
    bench.codecs = others;
    assert_bench_refused(&bench, DFOTA_ERR_UNSUPPORTED, "DLT-6", AT_OLD_SIZE);
    bench.codecs = none;
    assert_bench_refused(&bench, DFOTA_ERR_UNSUPPORTED, "DLT-6", AT_OLD_SIZE);
    assert_int_equal(bench.made.size, 0);
    dfota_buffer_free(&delta);
}

static enum dfota_error open_never(const struct dfota_stream *stream,
                                   void *memory, size_t memory_size,
                                   void **state)
{
    (void)stream;
    (void)memory;
    (void)memory_size;
    (void)state;
    return DFOTA_ERR_MEMORY;
}

static void refuses_a_codec_that_needs_more_than_its_share(void **state)
{
    static const struct dfota_codec greedy = {DFOTA_CODEC_ID_STORED, open_never,
                                              NULL};
    static const struct dfota_codec *const codecs[] = {&greedy, NULL};
    struct dfota_buffer delta = delta_example_build(&delta_example_good);
    struct delta_bench bench = bench_of(&delta_example_good, &delta);

    (void)state;
    bench.codecs = codecs;
    assert_bench_refused(&bench, DFOTA_ERR_LIMIT, "DLT-13", AT_OLD_SIZE);
    dfota_buffer_free(&delta);
}

/* Lets every call of a callback fail, one after the other. */
static void assert_errors_are_passed_on(const struct delta_example *example,
                                        unsigned calls_at_least)
{
    static const enum dfota_error errors[] = {DFOTA_ERR_IO, DFOTA_ERR_REFUSED,
                                              DFOTA_ERR_USAGE};
    struct dfota_buffer delta = delta_example_build(example);
    struct delta_bench bench = bench_of(example, &delta);
    unsigned calls;

    assert_int_equal(run(&bench), DFOTA_OK);
    calls = bench.calls;
    assert_in_range(calls, calls_at_least, 100);
    for (bench.failing = 1; bench.failing <= calls; bench.failing++) {
        bench.error = errors[bench.failing % 3];
        assert_int_equal(run(&bench), bench.error);
        assert_int_equal(bench.calls, bench.failing);
        assert_null(bench.fault.rule);
    }
    dfota_buffer_free(&bench.made);
    dfota_buffer_free(&delta);
}

static void passes_on_the_error_of_every_call(void **state)
{
    static const struct delta_example_stream ways[DFOTA_STREAM_COUNT] = {
        {.codec = 0}, {.codec = 1, .props = 9}, {.codec = 2, .props = 0}};
    struct long_example *example = long_example_new(ways);

    (void)state;
    assert_errors_are_passed_on(&delta_example_good, 10);
    assert_errors_are_passed_on(&delta_example_foreseen, 10);
    assert_errors_are_passed_on(&delta_example_mixed, 8);
    assert_errors_are_passed_on(&example->example, 24);
    with_map(example);
    assert_errors_are_passed_on(&example->example, 25);
    long_example_free(example);
}

/* A record that inserts 4 GiB, though not one byte of them follows. */
static void stops_where_there_is_no_more_room(void **state)
{
    static const struct delta_example example = {
        .new = BYTES("\0"),
        .new_size = UINT32_MAX,
        .streams = {{.coded = BYTES("\x00\xff\xff\xff\xff\x0f\x00")}},
    };
    struct dfota_buffer delta = delta_example_build(&example);
    struct delta_bench bench = bench_of(&example, &delta);

    (void)state;
    bench.new_size_max = 64;
    assert_bench_refused(&bench, DFOTA_ERR_LIMIT, "DLT-12", AT_OLD_SIZE);
    bench.new_size_max = UINT32_MAX;
    assert_bench_refused(&bench, DFOTA_ERR_CORRUPT, "DLT-15", DFOTA_NO_OFFSET);
    assert_int_equal(bench.made.size, 0);
    dfota_buffer_free(&delta);
}

static void assert_lacking_refused(const struct delta_example *example,
                                   const struct dfota_coding *const *codings,
                                   const struct dfota_isa *const *isas,
                                   const char *rule, uint64_t offset)
{
    struct dfota_buffer delta = delta_example_build(example);
    struct delta_bench bench = bench_of(example, &delta);

    bench.codings = codings;
    bench.isas = isas;
    assert_bench_refused(&bench, DFOTA_ERR_UNSUPPORTED, rule, offset);
    assert_int_equal(bench.calls, 1); /* that for the header */
    assert_int_equal(bench.made.size, 0);
    dfota_buffer_free(&delta);
}

static void refuses_a_coding_that_the_module_lacks(void **state)
{
    static const struct dfota_coding *const none[] = {NULL};
    static const struct dfota_coding *const streams[] = {&dfota_coding_streams,
                                                         NULL};
    static const struct dfota_coding *const mixed[] = {&dfota_coding_mixed,
                                                       NULL};

    (void)state;
    assert_lacking_refused(&delta_example_good, none, NULL, "DLT-5", AT_CODING);
    assert_lacking_refused(&delta_example_good, mixed, NULL, "DLT-5",
                           AT_CODING);
    assert_lacking_refused(&delta_example_mixed, streams, NULL, "DLT-5",
                           AT_CODING);
}

static void refuses_an_architecture_that_the_module_lacks(void **state)
{
    static const struct dfota_isa *const none[] = {NULL};
    static const struct dfota_isa *const others[] = {&dfota_isa_a32,
                                                     &dfota_isa_xtensa, NULL};
    static const uint8_t lacking[] = {0, 1, 3, 4, 5, 7, 255};
    uint8_t prediction[] = "\x02\x02\xff\x00\x01\x02\x08\x00";
    struct delta_example example = delta_example_foreseen;

    (void)state;
    example.prediction =
        (struct dfota_view){prediction, sizeof(prediction) - 1};
    for (size_t i = 0; i < sizeof(lacking); i++) {
        prediction[3] = lacking[i];
        assert_lacking_refused(&example, NULL, others, "DLT-26", AT_OLD_SIZE);
        assert_lacking_refused(&example, NULL, none, "DLT-26", AT_OLD_SIZE);
    }
    prediction[3] = 7;
    assert_lacking_refused(&example, NULL, NULL, "DLT-26", AT_OLD_SIZE);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(needs_exactly_the_memory_that_is_said),
        cmocka_unit_test(refuses_what_does_not_fit_into_the_module),
        cmocka_unit_test(refuses_a_codec_that_the_module_lacks),
        cmocka_unit_test(refuses_a_codec_that_needs_more_than_its_share),
        cmocka_unit_test(refuses_a_coding_that_the_module_lacks),
        cmocka_unit_test(refuses_an_architecture_that_the_module_lacks),
        cmocka_unit_test(passes_on_the_error_of_every_call),
        cmocka_unit_test(stops_where_there_is_no_more_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
