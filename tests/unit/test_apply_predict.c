/* SPDX-License-Identifier: MIT */
/* a delta's prediction: its entry in the table, and the map that it asks for */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/delta_check.h"
#include "tests/support/header_check.h"

/* The parts of delta_example_foreseen, of whose table the entry is the end. */
enum { AT_ENTRY = 105, AT_RECORDS = 113, AT_RECORDS_END = 119 };

static void reads_the_prediction(void **state)
{
    struct dfota_buffer delta = delta_example_build(&delta_example_foreseen);

    (void)state;
    assert_int_equal(read_header(delta.data, delta.size, delta.size), DFOTA_OK);
    assert_int_equal(header.ram, DELTA_EXAMPLE_RAM + 32);
    assert_int_equal(header.prediction.kinds, DFOTA_PREDICT_POINTERS);
    assert_int_equal(header.prediction.map_count, 2);
    assert_int_equal(header.prediction.map_length, 8);
    assert_int_equal(header.prediction.base_count, 1);
    assert_int_equal(header.prediction.bases[0], 0x08000000);
    assert_int_equal(header.prediction.bases[1], 0);
    dfota_buffer_free(&delta);
    delta = delta_example_build(&delta_example_good);
    assert_int_equal(read_header(delta.data, delta.size, delta.size), DFOTA_OK);
    assert_int_equal(header.prediction.kinds, 0);
    assert_int_equal(header.prediction.map_count, 0);
    assert_int_equal(header.prediction.base_count, 0);
    dfota_buffer_free(&delta);
}

/* The table ends in the midst of the entry, or goes on behind it. */
static void refuses_a_prediction_of_another_size(void **state)
{
    static const uint8_t entry[] = "\x01\x02\x08\x01\0\0\0\x08\x01";
    struct delta_example example = delta_example_foreseen;

    (void)state;
    for (size_t size = 1; size < sizeof(entry); size++) {
        struct dfota_buffer delta;

        example.prediction = (struct dfota_view){entry, size};
        delta = delta_example_build(&example);
        if (size == delta_example_foreseen.prediction.size)
            assert_int_equal(read_header(delta.data, delta.size, delta.size),
                             DFOTA_OK);
        else
            assert_header_refused(&delta, DFOTA_ERR_CORRUPT, "DLT-8", AT_TABLE);
        dfota_buffer_free(&delta);
    }
}

static void refuses_each_broken_prediction(void **state)
{
    static const struct {
        const char *rule;
        struct dfota_view entry;
        uint32_t ram; /* bytes for the map, as stated */
        enum dfota_error want;
        uint64_t offset;
    } cases[] = {
        /* kinds that are not known, whatever else; none; too many bases */
        {"DLT-22", BYTES("\x41\x02\x08\x00"), 32, DFOTA_ERR_UNSUPPORTED,
         AT_ENTRY},
        {"DLT-22", BYTES("\x80\x02\x08\x09"), 32, DFOTA_ERR_UNSUPPORTED,
         AT_ENTRY},
        {"DLT-22", BYTES("\xff"), 32, DFOTA_ERR_UNSUPPORTED, AT_ENTRY},
        {"DLT-22", BYTES("\x00\x02\x08\x00"), 32, DFOTA_ERR_CORRUPT, AT_ENTRY},
        {"DLT-22", BYTES("\x00"), 32, DFOTA_ERR_CORRUPT, AT_ENTRY},
        {"DLT-22", BYTES("\x02\x02\x08\x05"), 32, DFOTA_ERR_CORRUPT, AT_ENTRY},
        {"DLT-22", BYTES("\x02\x02\x08\xff"), 32, DFOTA_ERR_CORRUPT, AT_ENTRY},
        /* numbers that are none */
        {"DLT-8", BYTES("\x02\x82\x00\x08\x00"), 32, DFOTA_ERR_CORRUPT,
         AT_TABLE},
        {"DLT-8", BYTES("\x02\x02\x88\x00\x00"), 32, DFOTA_ERR_CORRUPT,
         AT_TABLE},
        {"DLT-8", BYTES("\x02\x02\x80\x80\x80\x80\x10\x00"), 32,
         DFOTA_ERR_CORRUPT, AT_TABLE},
        /* the memory: of no map, not rounded, of another map */
        {"DLT-11", BYTES("\x02\x02\x08\x00"), 0, DFOTA_ERR_CORRUPT, AT_RAM},
        {"DLT-11", BYTES("\x02\x02\x08\x00"), 24, DFOTA_ERR_CORRUPT, AT_RAM},
        {"DLT-11", BYTES("\x02\x02\x08\x00"), 48, DFOTA_ERR_CORRUPT, AT_RAM},
        {"DLT-11", BYTES("\x02\x00\x08\x00"), 16, DFOTA_ERR_CORRUPT, AT_RAM},
        /* maps of more than 4 GiB, and what is left of them in 32 bits */
        {"DLT-11", BYTES("\x02\xff\xff\xff\xff\x0f\x08\x00"),
         UINT32_MAX - DELTA_EXAMPLE_RAM, DFOTA_ERR_CORRUPT, AT_RAM},
        {"DLT-11", BYTES("\x02\x80\x80\x80\x80\x08\x08\x00"), 0,
         DFOTA_ERR_CORRUPT, AT_RAM},
        {"DLT-11", BYTES("\x02\x80\xfc\xff\xff\x0f\x08\x00"),
         (uint32_t)(0xfffffe00ull * 12), DFOTA_ERR_CORRUPT, AT_RAM},
    };
    struct delta_example example = delta_example_foreseen;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_buffer delta;

        example.prediction = cases[i].entry;
        example.codec_ram = cases[i].ram;
        delta = delta_example_build(&example);
        assert_header_refused(&delta, cases[i].want, cases[i].rule,
                              cases[i].offset);
        dfota_buffer_free(&delta);
    }
}

static void makes_the_new_image_of_what_it_foresees(void **state)
{
    struct delta_example words = delta_example_foreseen;

    (void)state;
    assert_made(&delta_example_foreseen);
    words.unit = 4;
    assert_made(&words);
}

/* The guards of the bench stand right before and behind the memory. */
static void needs_exactly_the_memory_that_is_stated(void **state)
{
    struct dfota_buffer delta = delta_example_build(&delta_example_foreseen);
    struct delta_bench bench = bench_of(&delta_example_foreseen, &delta);

    (void)state;
    bench.memory_size--;
    assert_bench_refused(&bench, DFOTA_ERR_LIMIT, "DLT-13", AT_RAM);
    bench.memory_size = DELTA_EXAMPLE_RAM;
    assert_bench_refused(&bench, DFOTA_ERR_LIMIT, "DLT-13", AT_RAM);
    dfota_buffer_free(&delta);
}

/* 3 GiB for the map, as it states: too much for anybody. */
static void refuses_a_map_that_fits_nowhere(void **state)
{
    const struct dfota_view entry = BYTES("\x02\x80\x80\x80\x80\x01\x08\x00");
    struct delta_example example = delta_example_foreseen;
    struct dfota_buffer delta;
    struct delta_bench bench;

    (void)state;
    example.prediction = entry;
    example.codec_ram = 12 * 0x10000000u;
    delta = delta_example_build(&example);
    bench = bench_of(&example, &delta);
    bench.memory_size = DELTA_EXAMPLE_RAM;
    assert_bench_refused(&bench, DFOTA_ERR_LIMIT, "DLT-13", AT_RAM);
    assert_int_equal(bench.calls, 1); /* that for the header */
    dfota_buffer_free(&delta);
}

/* All copies are counted that are long enough, and no others. */
static void refuses_a_map_of_more_or_fewer_copies(void **state)
{
    static const struct {
        struct dfota_view entry;
        uint32_t ram;
    } cases[] = {
        {BYTES("\x01\x00\x08\x01\0\0\0\x08"), 0},
        {BYTES("\x01\x01\x08\x01\0\0\0\x08"), 16}, /* the last is too many */
        {BYTES("\x01\x03\x08\x01\0\0\0\x08"), 48},
        {BYTES("\x01\x01\x00\x01\0\0\0\x08"), 16},
        {BYTES("\x01\x02\x09\x01\0\0\0\x08"), 32},
        {BYTES("\x01\x00\x10\x01\0\0\0\x08"), 0},
        {BYTES("\x01\x01\x11\x01\0\0\0\x08"), 16},
        {BYTES("\x01\xff\x7f\x08\x01\0\0\0\x08"), 16383 * 12 + 12},
    };
    struct delta_example example = delta_example_foreseen;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_buffer delta;
        struct delta_bench bench;

        example.prediction = cases[i].entry;
        example.codec_ram = cases[i].ram;
        delta = delta_example_build(&example);
        bench = bench_of(&example, &delta);
        assert_bench_refused(&bench, DFOTA_ERR_CORRUPT, "DLT-23",
                             delta.size - 6);
        assert_int_equal(bench.made.size, 0);
        assert_int_equal(bench.old_read, 0);
        dfota_buffer_free(&delta);
    }
}

/* Copies that are too short for the map say nothing of where they went. */
static void foresees_by_the_copies_of_the_map_alone(void **state)
{
    static const struct {
        struct dfota_view entry;
        uint32_t ram;
    } cases[] = {
        {BYTES("\x01\x01\x09\x01\0\0\0\x08"), 16},   /* the first alone */
        {BYTES("\x01\x00\x11\x01\0\0\0\x08"), 0},    /* none */
        {BYTES("\x01\x02\x00\x01\x11\0\0\x08"), 32}, /* another base */
        {BYTES("\x01\x02\x01\x00"), 32},             /* no base */
        {BYTES("\x02\x02\x01\x01\0\0\0\x08"), 32},   /* another kind */
    };
    struct delta_example example = delta_example_foreseen;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_buffer delta;
        struct delta_bench bench;

        example.prediction = cases[i].entry;
        example.codec_ram = cases[i].ram;
        delta = delta_example_build(&example);
        bench = bench_of(&example, &delta);
        assert_bench_refused(&bench, DFOTA_ERR_DIGEST, "DLT-21", AT_NEW_CRC32);
        assert_int_equal(bench.made.size, example.new.size);
        assert_memory_equal(bench.made.data, "\x10\0\0\x08", 4);
        dfota_buffer_free(&bench.made);
        dfota_buffer_free(&delta);
    }
}

/* The same faults as where nothing is foreseen, but before old is looked at. */
static void refuses_broken_records_while_it_makes_the_map(void **state)
{
    static const struct {
        const char *rule;
        struct dfota_view control;
        uint64_t offset;
    } cases[] = {
        {"DLT-15", BYTES(""), AT_RECORDS},
        {"DLT-15", BYTES("\x10\x04\x00\x08\x00"), AT_RECORDS + 5},
        {"DLT-16", BYTES("\x90\x00\x04\x00"), AT_RECORDS + 2},
        {"DLT-17", BYTES("\x10\x04\x00\x00\x00"), AT_RECORDS + 3},
        {"DLT-18", BYTES("\x10\x04\x00\x08\x01\x00"), AT_RECORDS + 3},
        {"DLT-19", BYTES("\x10\x04\x00\x08\x00\x02"), AT_RECORDS + 3},
    };
    struct delta_example example = delta_example_foreseen;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_buffer delta;
        struct delta_bench bench;

        example.streams[DFOTA_STREAM_CONTROL].coded = cases[i].control;
        delta = delta_example_build(&example);
        bench = bench_of(&example, &delta);
        assert_bench_refused(&bench, DFOTA_ERR_CORRUPT, cases[i].rule,
                             cases[i].offset);
        assert_int_equal(bench.made.size, 0);
        assert_int_equal(bench.old_read, 0);
        dfota_buffer_free(&delta);
    }
}

/* What follows the last record is noticed when all has been made. */
static void refuses_what_follows_the_records(void **state)
{
    const struct dfota_view control = BYTES("\x10\x04\x00\x08\x00\x00\x08");
    struct delta_example example = delta_example_foreseen;
    struct dfota_buffer delta;
    struct delta_bench bench;

    (void)state;
    example.streams[DFOTA_STREAM_CONTROL].coded = control;
    delta = delta_example_build(&example);
    bench = bench_of(&example, &delta);
    assert_bench_refused(&bench, DFOTA_ERR_CORRUPT, "DLT-20", AT_RECORDS_END);
    dfota_buffer_free(&bench.made);
    dfota_buffer_free(&delta);
}

static void refuses_every_truncation(void **state)
{
    struct dfota_buffer delta = delta_example_build(&delta_example_foreseen);
    size_t end = delta.size;

    (void)state;
    for (delta.size = 0; delta.size < end; delta.size++) {
        struct delta_bench bench = bench_of(&delta_example_foreseen, &delta);

        if (delta.size < AT_RECORDS)
            assert_bench_refused(&bench, DFOTA_ERR_TRUNCATED, "DLT-1",
                                 delta.size);
        else
            assert_bench_refused(&bench, DFOTA_ERR_CORRUPT, "DLT-9", AT_TABLE);
        assert_int_equal(bench.made.size, 0);
    }
    dfota_buffer_free(&delta);
}

/* Whatever a byte of the entry becomes, with a right CRC32 of the head. */
static void makes_nothing_wrong_of_any_change_of_the_entry(void **state)
{
    struct dfota_buffer delta = delta_example_build(&delta_example_foreseen);
    struct delta_bench bench = bench_of(&delta_example_foreseen, &delta);

    (void)state;
    for (size_t at = AT_ENTRY; at < AT_RECORDS; at++) {
        for (unsigned change = 1; change < 256; change++) {
            enum dfota_error err;

            delta.data[at] ^= (uint8_t)change;
            delta_example_seal(delta.data, delta.size);
            err = run(&bench);
            if (err)
                assert_non_null(bench.fault.rule);
            else /* such a map foresees the same of so few bytes */
                assert_memory_equal(bench.made.data,
                                    delta_example_foreseen.new.data,
                                    delta_example_foreseen.new.size);
            delta.data[at] ^= (uint8_t)change;
        }
    }
    dfota_buffer_free(&bench.made);
    dfota_buffer_free(&delta);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_prediction),
        cmocka_unit_test(refuses_a_prediction_of_another_size),
        cmocka_unit_test(refuses_each_broken_prediction),
        cmocka_unit_test(makes_the_new_image_of_what_it_foresees),
        cmocka_unit_test(needs_exactly_the_memory_that_is_stated),
        cmocka_unit_test(refuses_a_map_that_fits_nowhere),
        cmocka_unit_test(refuses_a_map_of_more_or_fewer_copies),
        cmocka_unit_test(foresees_by_the_copies_of_the_map_alone),
        cmocka_unit_test(refuses_broken_records_while_it_makes_the_map),
        cmocka_unit_test(refuses_what_follows_the_records),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(makes_nothing_wrong_of_any_change_of_the_entry),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
