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
    assert_made(&delta_example_foreseen);
    assert_made(&delta_example_mixed);
}

/* The dialect behind the last one: there, any bytes may be inserted. */
static void inserts_bytes_without_order(void **state)
{
    struct delta_example example = delta_example_good;
    const struct dfota_view control = BYTES("\x01\x02\x00"
                                            "\x00\x00\x08\x08"
                                            "\x01\x01\x00"
                                            "\x00\x00\x05\x17"
                                            "\x01\x03\x00");

    (void)state;
    example.streams[DFOTA_STREAM_CONTROL].coded = control;
    assert_made(&example);
}

static void
makes_something_from_nothing_and_nothing_from_something(void **state)
{
    static const struct delta_example from_nothing = {
        .new = BYTES("abc"),
        .streams = {{.coded = BYTES("\x00\x03\x00")},
                    {.coded = {NULL, 0}},
                    {.coded = BYTES("abc")}},
    };
    static const struct delta_example to_nothing = {.old = BYTES("abc")};
    static const struct delta_example nothing = {.old = {NULL, 0}};
    static const struct delta_example copy_of_nothing = {
        .new = BYTES("\0"),
        .streams = {{.coded = BYTES("\x00\x00\x01\x00")},
                    {.coded = BYTES("\0\0")}},
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
            assert_bench_refused(&bench, DFOTA_ERR_CORRUPT, "DLT-9",
                                 AT_OLD_SIZE);
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
        {"DLT-15", 0, BYTES("\x00\x02\x08"), AT_CONTROL + 3},
        {"DLT-15", 0, BYTES("\x00\x02\x08\x08\x00\x01\x05"), AT_CONTROL + 7},
        {"DLT-15", 1, BYTES("\x00\x03\xeb"), AT_DIFFERENCE + 3},
        {"DLT-15", 1, BYTES("\x00\x03\xeb\x00"), AT_DIFFERENCE + 4},
        {"DLT-15", 2, BYTES("!?-en"), AT_LITERAL + 3},
        {"DLT-16", 0, BYTES("\x80\x00"), AT_CONTROL + 2},
        {"DLT-16", 0, BYTES("\x00\x80\x00"), AT_CONTROL + 3},
        {"DLT-16", 0, BYTES("\x00\x02\x88\x80\x00"), AT_CONTROL + 5},
        {"DLT-16", 0, BYTES("\x00\x80\x80\x80\x80\x10"), AT_CONTROL + 6},
        {"DLT-16", 0, BYTES("\x00\xff\xff\xff\xff\xff\x0f"), AT_CONTROL + 6},
        {"DLT-16", 0, BYTES("\x00\x02\x08\x88\x00"), AT_CONTROL + 5},
        {"DLT-16", 1, BYTES("\x00\x83\x00\xeb\x00\x07"), AT_DIFFERENCE + 3},
        {"DLT-17", 0, BYTES("\x00\x00\x00"), AT_CONTROL},
        {"DLT-17", 0, BYTES("\x00\x02\x00\x00\x00\x00"), AT_CONTROL + 3},
        {"DLT-18", 0, BYTES("\x00\x14\x00"), AT_CONTROL},
        {"DLT-18", 0, BYTES("\x00\x02\x12\x00"), AT_CONTROL},
        {"DLT-18", 0, BYTES("\x00\x02\x08\x08\x00\x0a\x00"), AT_CONTROL + 4},
        {"DLT-18", 0, BYTES("\x00\x02\x00\x00\xff\xff\xff\xff\x0f\x02\x08"),
         AT_CONTROL + 3},
        {"DLT-18", 0, BYTES("\x00\x02\xff\xff\xff\xff\x0f\x08"), AT_CONTROL},
        {"DLT-19", 0, BYTES("\x00\x02\x11\x00"), AT_CONTROL},
        {"DLT-19", 0, BYTES("\x00\x02\x08\x12"), AT_CONTROL},
        {"DLT-19", 0, BYTES("\x00\x02\x08\x01"), AT_CONTROL},
        {"DLT-19", 0, BYTES("\x00\x02\x08\xff\xff\xff\xff\x0f"), AT_CONTROL},
        {"DLT-19", 0, BYTES("\x00\x02\x08\xfe\xff\xff\xff\x0f"), AT_CONTROL},
        {"DLT-19", 0, BYTES("\x00\x02\x08\x08\x00\x01\x05\x00"),
         AT_CONTROL + 4},
        {"DLT-24", 0, BYTES("\x02\x02\x00"), AT_CONTROL},
        {"DLT-24", 0, BYTES("\x81\x02\x02\x00"), AT_CONTROL},
        {"DLT-24", 0, BYTES("\xff\x01\x02\x00"), AT_CONTROL},
        {"DLT-24", 0, BYTES("\x01\x02\x08\x08"), AT_CONTROL},
        {"DLT-24", 0, BYTES("\x00\x02\x08\x08\x01\x01\x05\x17"),
         AT_CONTROL + 4},
        {"DLT-20", 0, BYTES("\x00\x02\x08\x08\x00\x01\x05\x17\x00\x03\x00\x00"),
         AT_CONTROL + 11},
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
                     offset == AT_NEW_CRC32 || offset == AT_NEW_DIGEST
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
    assert_field_refused(AT_OLD_DIGEST, 1, "DLT-14", AT_OLD_DIGEST);
    assert_field_refused(AT_OLD_DIGEST + 15, 1, "DLT-14", AT_OLD_DIGEST);
    assert_field_refused(AT_NEW_CRC32, 1, "DLT-21", AT_NEW_CRC32);
    assert_field_refused(AT_NEW_DIGEST, 1, "DLT-21", AT_NEW_DIGEST);
    assert_field_refused(AT_NEW_DIGEST + 15, 1, "DLT-21", AT_NEW_DIGEST);
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

/*
 * Changes byte `at` to all others: refused, and never taken for a success, but
 * where it tells the same in other words.
 */
static unsigned count_passing(struct delta_bench *bench,
                              struct dfota_buffer *delta, size_t at,
                              bool sealed, struct dfota_view new)
{
    uint8_t good[DFOTA_DELTA_HEAD_MAX];
    unsigned passing = 0;

    assert_in_range(delta->size, 1, sizeof(good));
    memcpy(good, delta->data, delta->size);
    for (unsigned change = 1; change < 256; change++) {
        delta->data[at] ^= (uint8_t)change;
        if (sealed)
            delta_example_seal(delta->data, delta->size);
        if (run(bench) == DFOTA_OK) {
            passing++;
            assert_int_equal(bench->made.size, new.size);
            assert_memory_equal(bench->made.data, new.data, new.size);
        } else {
            assert_non_null(bench->fault.rule);
        }
        memcpy(delta->data, good, delta->size);
    }
    return passing;
}

/* Without a right CRC32 every change is noticed, and all but a few with it. */
static void assert_changes_refused(const struct delta_example *example,
                                   unsigned most)
{
    struct dfota_buffer delta = delta_example_build(example);
    struct delta_bench bench = bench_of(example, &delta);
    size_t head_size = delta.data[AT_HEAD_SIZE];
    unsigned passing = 0;

    for (size_t at = 0; at < delta.size; at++) {
        bool coded = at >= head_size;
        unsigned passed;

        bench.sha256 = false;
        passed = count_passing(&bench, &delta, at, false, example->new);
        if (coded)
            passing += passed;
        else
            assert_int_equal(passed, 0);
        bench.sha256 = true;
        if (at < head_size - 4)
            passing += count_passing(&bench, &delta, at, true, example->new);
    }
    assert_in_range(passing, 0, most);
    dfota_buffer_free(&bench.made);
    dfota_buffer_free(&delta);
}

static void refuses_every_change_of_one_byte(void **state)
{
    (void)state;
    assert_changes_refused(&delta_example_good, 1); /* another dialect */
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_the_new_image),
        cmocka_unit_test(inserts_bytes_without_order),
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
