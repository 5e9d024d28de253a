/* SPDX-License-Identifier: MIT */
/* the delta decoder behind the header; test_apply_header.c has that, and
 * test_apply_module.c what the decoder asks of its caller */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/delta_check.h"

#define KIB 1024u /* bytes */

static void assert_refused(const struct delta_example *example,
                           const char *rule, uint64_t offset)
{
    struct dfota_buffer delta = delta_example_build(example);
    struct delta_bench bench = bench_of(example, &delta);

    assert_bench_refused(&bench, DFOTA_ERR_CORRUPT, rule, offset);
    assert_in_range(bench.fault.offset, AT_CONTROL, delta.size);
    dfota_buffer_free(&bench.made);
    dfota_buffer_free(&delta);
}

static void makes_the_new_image(void **state)
{
    (void)state;
    assert_made(&delta_example_good);
}

static void
makes_something_from_nothing_and_nothing_from_something(void **state)
{
    static const struct delta_example from_nothing = {
        .new = BYTES("abc"),
        .unit = 4,
        .streams = {{.coded = BYTES("\x00\x03")},
                    {.coded = {NULL, 0}},
                    {.coded = BYTES("abc")}},
    };
    static const struct delta_example to_nothing = {.old = BYTES("abc"),
                                                    .unit = 4};
    static const struct delta_example nothing = {.unit = 1};
    static const struct delta_example copy_of_nothing = {
        .new = BYTES("\0"),
        .unit = 1,
        .streams = {{.coded = BYTES("\x01\x00\x00")}, {.coded = BYTES("\0\0")}},
    };

    (void)state;
    assert_made(&from_nothing);
    assert_made(&to_nothing);
    assert_made(&nothing);
    assert_refused(&copy_of_nothing, "DLT-19", AT_CONTROL);
}

static void refuses_every_truncation(void **state)
{
    struct dfota_buffer delta = delta_example_build(&delta_example_good);

    (void)state;
    for (delta.size = 0; delta.size < AT_END; delta.size++) {
        struct delta_bench bench = bench_of(&delta_example_good, &delta);

        if (delta.size < AT_CONTROL)
            assert_bench_refused(&bench, DFOTA_ERR_TRUNCATED, "DLT-1",
                                 delta.size);
        else
            assert_bench_refused(&bench, DFOTA_ERR_CORRUPT, "DLT-9", AT_TABLE);
        assert_int_equal(bench.made.size, 0);
    }
    dfota_buffer_free(&delta);
}

static void refuses_each_broken_stream(void **state)
{
    static const struct {
        const char *rule;
        unsigned kind; /* of the stream that is replaced ... */
        struct dfota_view bytes;
        uint64_t offset; /* ... and where in the delta this is noticed */
    } cases[] = {
        {"DLT-15", 0, BYTES(""), AT_CONTROL},
        {"DLT-15", 0, BYTES("\x00\x02\x08\x01"), AT_CONTROL + 4},
        {"DLT-15", 0, BYTES("\x00\x02\x08\x01\x08\x05\x03"), AT_CONTROL + 7},
        {"DLT-15", 1, BYTES("\x00\x03\xeb"), AT_DIFFERENCE + 3},
        {"DLT-15", 1, BYTES("\x00\x03\xeb\x00"), AT_DIFFERENCE + 4},
        {"DLT-15", 2, BYTES("!?-en"), AT_LITERAL + 3},
        {"DLT-16", 0, BYTES("\x80\x00\x02"), AT_CONTROL + 2},
        {"DLT-16", 0, BYTES("\x00\x82\x80\x00"), AT_CONTROL + 4},
        {"DLT-16", 0, BYTES("\x80\x80\x80\x80\x10"), AT_CONTROL + 5},
        {"DLT-16", 0, BYTES("\xff\xff\xff\xff\xff\x0f"), AT_CONTROL + 5},
        {"DLT-16", 0, BYTES("\x00\x02\x08\x01\x88\x00"), AT_CONTROL + 6},
        {"DLT-16", 1, BYTES("\x00\x83\x00\xeb\x00\x07"), AT_DIFFERENCE + 3},
        {"DLT-17", 0, BYTES("\x00\x00"), AT_CONTROL},
        {"DLT-17", 0, BYTES("\x00\x02\x00\x00"), AT_CONTROL + 2},
        {"DLT-18", 0, BYTES("\x00\x14"), AT_CONTROL},
        {"DLT-18", 0, BYTES("\x00\x02\x12\x00\x00"), AT_CONTROL + 2},
        {"DLT-18", 0, BYTES("\x00\x02\x08\x0a\x08"), AT_CONTROL + 2},
        {"DLT-18", 0, BYTES("\x00\x02\x08\xff\xff\xff\xff\x0f\x08"),
         AT_CONTROL + 2},
        {"DLT-18", 0, BYTES("\x00\x02\xff\xff\xff\xff\x0f\x02\x08"),
         AT_CONTROL + 2},
        {"DLT-19", 0, BYTES("\x11\x02\x00"), AT_CONTROL},
        {"DLT-19", 0, BYTES("\x00\x02\x08\x01\x12"), AT_CONTROL + 2},
        {"DLT-19", 0, BYTES("\x00\x02\x08\x01\x01"), AT_CONTROL + 2},
        {"DLT-19", 0, BYTES("\x00\x02\x08\x01\xff\xff\xff\xff\x0f"),
         AT_CONTROL + 2},
        {"DLT-19", 0, BYTES("\x00\x02\x08\x01\xfe\xff\xff\xff\x0f"),
         AT_CONTROL + 2},
        {"DLT-19", 0, BYTES("\x00\x02\x08\x01\x08\x05\x03\x00"),
         AT_CONTROL + 5},
        {"DLT-20", 0, BYTES("\x00\x02\x08\x01\x08\x05\x03\x17\x00"),
         AT_CONTROL + 8},
        {"DLT-20", 1, BYTES("\x00\x03\xeb\x00\x08"), AT_DIFFERENCE + 5},
        {"DLT-20", 1, BYTES("\x00\x03\xeb\x00\x07\x00"), AT_DIFFERENCE + 5},
        {"DLT-20", 2, BYTES("!?-end."), AT_LITERAL + 6},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct delta_example example = delta_example_good;

        example.streams[cases[i].kind].coded = cases[i].bytes;
        assert_refused(&example, cases[i].rule, cases[i].offset);
    }
}

/* "!?-end" in a deflate block without compression, and near misses. */
static void refuses_each_broken_compressed_stream(void **state)
{
    static const struct {
        const char *rule; /* NULL: good */
        struct dfota_view bytes;
        uint32_t raw_size;
    } cases[] = {
        {NULL, BYTES("\x01\x06\x00\xf9\xff!?-end"), 6},
        {NULL, BYTES("\x00\x06\x00\xf9\xff!?-end"), 6}, /* no last block */
        {"DLT-15", BYTES("\x07\x06\x00\xf9\xff!?-end"), 6},
        {"DLT-15", BYTES("\x01\x06\x00\xf8\xff!?-end"), 6},
        {"DLT-15", BYTES("\x01\x05\x00\xfa\xff!?-en"), 6},
        {"DLT-15", BYTES("\x01\x06\x00\xf9\xff!?-en"), 6},
        {"DLT-15", BYTES("\x01\x06\x00\xf9\xff!?-end"), 5},
        {"DLT-20", BYTES("\x01\x06\x00\xf9\xff!?-end"), 7},
        {"DLT-20", BYTES("\x01\x07\x00\xf8\xff!?-end."), 6},
        {"DLT-20", BYTES("\x01\x06\x00\xf9\xff!?-end."), 6},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct delta_example example = delta_example_good;

        example.streams[DFOTA_STREAM_LITERAL] = (struct delta_example_stream){
            cases[i].bytes, DFOTA_CODEC_ID_ZLIB, 9, 0, cases[i].raw_size};
        example.codec_ram = 12 * KIB + 512;
        if (cases[i].rule == NULL)
            assert_made(&example);
        else
            assert_refused(&example, cases[i].rule, DFOTA_NO_OFFSET);
    }
}

/* Changes one byte of the good delta, and its CRC32, and expects a refusal. */
static void assert_field_refused(size_t at, uint8_t change, const char *rule,
                                 uint64_t offset)
{
    struct dfota_buffer delta = delta_example_build(&delta_example_good);
    struct delta_bench bench = bench_of(&delta_example_good, &delta);

    delta.data[at] ^= change;
    delta_example_seal(delta.data, delta.size);
    assert_bench_refused(&bench, DFOTA_ERR_DIGEST, rule, offset);
    assert_int_equal(bench.made.size,
                     offset == AT_NEW_CRC32 || offset == AT_NEW_SHA256
                         ? delta_example_good.new.size
                         : 0);
    dfota_buffer_free(&bench.made);
    dfota_buffer_free(&delta);
}

static void refuses_wrong_digests_of_old_and_new(void **state)
{
    (void)state;
    assert_field_refused(AT_OLD_SIZE, 1, "DLT-14", AT_OLD_SIZE);
    assert_field_refused(AT_OLD_CRC32 + 3, 0x80, "DLT-14", AT_OLD_CRC32);
    assert_field_refused(AT_OLD_SHA256, 1, "DLT-14", AT_OLD_SHA256);
    assert_field_refused(AT_OLD_SHA256 + 31, 1, "DLT-14", AT_OLD_SHA256);
    assert_field_refused(AT_NEW_CRC32, 1, "DLT-21", AT_NEW_CRC32);
    assert_field_refused(AT_NEW_SHA256, 1, "DLT-21", AT_NEW_SHA256);
    assert_field_refused(AT_NEW_SHA256 + 31, 1, "DLT-21", AT_NEW_SHA256);
}

static void refuses_every_other_old_image_before_it_writes(void **state)
{
    struct dfota_buffer delta = delta_example_build(&delta_example_good);
    struct delta_bench bench = bench_of(&delta_example_good, &delta);
    uint8_t old[17] = {0};

    (void)state;
    bench.old.data = old;
    for (bench.old.size = 0; bench.old.size <= sizeof(old); bench.old.size++) {
        memcpy(old, delta_example_good.old.data, 16);
        if (bench.old.size == 16)
            continue;
        assert_bench_refused(&bench, DFOTA_ERR_DIGEST, "DLT-14", AT_OLD_SIZE);
        assert_int_equal(bench.made.size, 0);
    }
    bench.old.size = 16;
    for (size_t bit = 0; bit < (size_t)16 * 8; bit++) {
        bench.sha256 = bit % 2;
        old[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_bench_refused(&bench, DFOTA_ERR_DIGEST, "DLT-14", AT_OLD_CRC32);
        assert_int_equal(bench.made.size, 0);
        old[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    dfota_buffer_free(&delta);
}

/* Changes byte `at` to all others: refused, and never taken for a success. */
static void assert_no_change_passes(struct delta_bench *bench, uint8_t *delta,
                                    size_t at, bool sealed)
{
    uint8_t good[AT_END];

    memcpy(good, delta, sizeof(good));
    for (unsigned change = 1; change < 256; change++) {
        delta[at] ^= (uint8_t)change;
        if (sealed)
            delta_example_seal(delta, AT_END);
        if (run(bench) == DFOTA_OK)
            fail_msg("byte %zu changed by %#x passes", at, change);
        assert_non_null(bench->fault.rule);
        memcpy(delta, good, sizeof(good));
    }
}

static void refuses_every_change_of_one_byte(void **state)
{
    struct dfota_buffer delta = delta_example_build(&delta_example_good);
    struct delta_bench bench = bench_of(&delta_example_good, &delta);

    (void)state;
    for (size_t at = 0; at < AT_END; at++) {
        bench.sha256 = false;
        assert_no_change_passes(&bench, delta.data, at, false);
        /* The CRC32 is no longer wrong where it is made right again. */
        bench.sha256 = true;
        if (at < AT_CRC32 || at >= AT_TABLE)
            assert_no_change_passes(&bench, delta.data, at, true);
    }
    dfota_buffer_free(&bench.made);
    dfota_buffer_free(&delta);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_the_new_image),
        cmocka_unit_test(
            makes_something_from_nothing_and_nothing_from_something),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(refuses_each_broken_stream),
        cmocka_unit_test(refuses_each_broken_compressed_stream),
        cmocka_unit_test(refuses_wrong_digests_of_old_and_new),
        cmocka_unit_test(refuses_every_other_old_image_before_it_writes),
        cmocka_unit_test(refuses_every_change_of_one_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
