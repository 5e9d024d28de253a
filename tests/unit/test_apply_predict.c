/* SPDX-License-Identifier: MIT */
/* a delta's prediction: its fields in the header, and the map they ask for */
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

/* The parts of delta_example_foreseen. */
enum { AT_RECORDS = 70, AT_RECORDS_END = 78 };

static const uint8_t entries[] = "\x00\x08\x08\x00\x02\x02\x00\x04\x04";

static void reads_the_prediction(void **state)
{
    struct dfota_buffer delta = delta_example_build(&delta_example_foreseen);

    (void)state;
    assert_int_equal(read_header(delta.data, delta.size, delta.size), DFOTA_OK);
    assert_int_equal(header.ram, DELTA_EXAMPLE_RAM + 64);
    assert_int_equal(header.head_size, AT_RECORDS);
    assert_int_equal(header.prediction.dialect_count, 0);
    assert_int_equal(header.prediction.range_count, 0);
    assert_int_equal(header.prediction.map_count, 2);
    assert_int_equal(header.prediction.map_length, 8);
    assert_int_equal(header.prediction.learned, 4);
    assert_int_equal(header.prediction.base_count, 1);
    assert_int_equal(header.prediction.bases[0], 0x08000000);
    assert_int_equal(header.prediction.bases[1], 0);
    dfota_buffer_free(&delta);
    delta = delta_example_build(&delta_example_good);
    assert_int_equal(read_header(delta.data, delta.size, delta.size), DFOTA_OK);
    assert_int_equal(header.prediction.map_count, 0);
    assert_int_equal(header.prediction.base_count, 0);
    dfota_buffer_free(&delta);
}

/* The delta of delta_example_foreseen with that for its prediction. */
static struct dfota_buffer with_prediction(struct dfota_view prediction)
{
    struct delta_example example = delta_example_foreseen;

    example.prediction = prediction;
    return delta_example_build(&example);
}

static void refuses_each_broken_prediction(void **state)
{
    static const struct {
        const char *rule;
        struct dfota_view prediction;
        uint64_t offset;
    } cases[] = {
        /* too many bases, ranges, both; where these are noticed */
        {"DLT-22",
         BYTES("\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
               "\x02\x08\x04"),
         AT_COUNTS},
        {"DLT-22", BYTES("\x1c"), AT_COUNTS},
        {"DLT-22", BYTES("\xa0"), AT_COUNTS},
        {"DLT-22", BYTES("\xff"), AT_COUNTS},
        /* ranges beyond the last value, in units of 4 KiB */
        {"DLT-22", BYTES("\x20\x80\x80\x40\x01\x02\x08\x04"), AT_COUNTS},
        {"DLT-22", BYTES("\x20\x01\x80\x80\x40\x02\x08\x04"), AT_COUNTS},
        {"DLT-22", BYTES("\x40\x01\x01\xff\xff\xff\xff\x0f\x00\x02\x08\x04"),
         AT_COUNTS},
        /* numbers that are none */
        {"DLT-8", BYTES("\x20\x81\x00\x01\x02\x08\x04"), AT_OLD_SIZE},
        {"DLT-8", BYTES("\x20\x01\x81\x00\x02\x08\x04"), AT_OLD_SIZE},
        {"DLT-8", BYTES("\x01\x01\x01\x82\x00\x08\x04"), AT_OLD_SIZE},
        {"DLT-8", BYTES("\x01\x01\x01\x02\x88\x00\x04"), AT_OLD_SIZE},
        {"DLT-8", BYTES("\x01\x01\x01\x02\x08\x84\x00"), AT_OLD_SIZE},
        {"DLT-8", BYTES("\x01\x01\x01\x02\x80\x80\x80\x80\x10\x04"),
         AT_OLD_SIZE},
        /* maps and tables of more than 4 GiB, and both together */
        {"DLT-11", BYTES("\x01\x01\x01\xff\xff\xff\xff\x0f\x08\x04"),
         AT_OLD_SIZE},
        {"DLT-11", BYTES("\x01\x01\x01\x80\x80\x80\x80\x08\x08\x04"),
         AT_OLD_SIZE},
        {"DLT-11", BYTES("\x01\x01\x01\x02\x08\x80\x80\x80\x80\x02"),
         AT_OLD_SIZE},
        {"DLT-11",
         BYTES("\x01\x01\x01\x80\x80\x80\x80\x01\x08\x80\x80\x80\x80\x01"),
         AT_OLD_SIZE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_buffer delta = with_prediction(cases[i].prediction);

        assert_header_refused(&delta, DFOTA_ERR_CORRUPT, cases[i].rule,
                              cases[i].offset);
        dfota_buffer_free(&delta);
    }
}

/* The header ends in the midst of its fields, or goes on behind them. */
static void refuses_a_header_of_another_size(void **state)
{
    uint8_t rest[] = "\x04\0\0\0\x08\x02\x08\x04.........\x00";
    size_t good = sizeof(rest) - 2;

    (void)state;
    memcpy(rest + 8, entries, sizeof(entries) - 1);
    for (size_t size = 1; size < sizeof(rest); size++) {
        const struct dfota_view view = {rest, size};
        struct dfota_buffer delta =
            delta_example_with_rest(&delta_example_foreseen, view);

        if (size == good)
            assert_int_equal(read_header(delta.data, delta.size, delta.size),
                             DFOTA_OK);
        else if (size < 2) /* 55 bytes is the least */
            assert_header_refused(&delta, DFOTA_ERR_CORRUPT, "DLT-3",
                                  AT_HEAD_SIZE);
        else
            assert_header_refused(&delta, DFOTA_ERR_CORRUPT, "DLT-8",
                                  AT_OLD_SIZE);
        dfota_buffer_free(&delta);
    }
}

static void makes_the_new_image_of_what_it_foresees(void **state)
{
    (void)state;
    assert_made(&delta_example_foreseen);
    assert_made(&delta_example_mixed);
}

/* The guards of the bench stand right before and behind the memory. */
static void needs_exactly_the_memory_that_is_said(void **state)
{
    static const struct delta_example *const examples[] = {
        &delta_example_foreseen, &delta_example_mixed};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct dfota_buffer delta = delta_example_build(examples[i]);
        struct delta_bench bench = bench_of(examples[i], &delta);

        bench.memory_size--;
        assert_bench_refused(&bench, DFOTA_ERR_LIMIT, "DLT-13", AT_OLD_SIZE);
        bench.memory_size = DELTA_EXAMPLE_RAM;
        assert_bench_refused(&bench, DFOTA_ERR_LIMIT, "DLT-13", AT_OLD_SIZE);
        dfota_buffer_free(&delta);
    }
}

/* 3 GiB for the map: too much for anybody. */
static void refuses_a_map_that_fits_nowhere(void **state)
{
    const struct dfota_view prediction =
        BYTES("\x04\0\0\0\x08\x80\x80\x80\x80\x01\x08\x00");
    struct dfota_buffer delta = with_prediction(prediction);
    struct delta_bench bench = bench_of(&delta_example_foreseen, &delta);

    (void)state;
    assert_bench_refused(&bench, DFOTA_ERR_LIMIT, "DLT-13", AT_OLD_SIZE);
    assert_int_equal(bench.calls, 1); /* that for the header */
    dfota_buffer_free(&delta);
}

/* All copies are counted that are long enough, and no others. */
static void refuses_a_map_of_more_or_fewer_copies(void **state)
{
    static const struct dfota_view cases[] = {
        BYTES("\x04\0\0\0\x08\x00\x08\x04"),
        BYTES("\x04\0\0\0\x08\x01\x08\x04"), /* the last is too many */
        BYTES("\x04\0\0\0\x08\x03\x08\x04"),
        BYTES("\x04\0\0\0\x08\x01\x00\x04"),
        BYTES("\x04\0\0\0\x08\x02\x09\x04"),
        BYTES("\x04\0\0\0\x08\x00\x10\x04"),
        BYTES("\x04\0\0\0\x08\x01\x11\x04"),
        BYTES("\x04\0\0\0\x08\xff\x7f\x08\x04"),
        BYTES("\x20\x00\x00\x01\x08\x04"),
        BYTES("\x01\x01\x00\x01\x08\x04"),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_buffer delta = with_prediction(cases[i]);
        struct delta_bench bench = bench_of(&delta_example_foreseen, &delta);

        bench.memory_size += (size_t)16383 * 12;
        assert_bench_refused(&bench, DFOTA_ERR_CORRUPT, "DLT-23",
                             delta.size - 10);
        assert_int_equal(bench.made.size, 0);
        assert_int_equal(bench.old_read, 0);
        dfota_buffer_free(&delta);
    }
}

/* The same of records that are mixed; nobody knows which copy was too many. */
static void counts_the_copies_of_mixed_records(void **state)
{
    struct delta_example example = delta_example_mixed;

    (void)state;
    for (uint8_t count = 0; count < 4; count++) {
        uint8_t prediction[] = "\x04\0\0\0\x08\x02\x08\x04";
        struct dfota_buffer delta;
        struct delta_bench bench;

        prediction[5] = count;
        example.prediction =
            (struct dfota_view){prediction, sizeof(prediction) - 1};
        delta = delta_example_build(&example);
        bench = bench_of(&example, &delta);
        bench.memory_size += 16;
        if (count == 2)
            assert_int_equal(run(&bench), DFOTA_OK);
        else
            assert_bench_refused(&bench, DFOTA_ERR_CORRUPT, "DLT-23",
                                 delta.size - 5);
        dfota_buffer_free(&bench.made);
        dfota_buffer_free(&delta);
    }
}

/* Copies that are too short for the map say nothing of where they went. */
static void foresees_by_the_copies_of_the_map_alone(void **state)
{
    static const struct dfota_view cases[] = {
        BYTES("\x04\0\0\0\x08\x01\x09\x04"),       /* the first alone */
        BYTES("\x04\0\0\0\x08\x00\x11\x04"),       /* none */
        BYTES("\x04\x11\0\0\x08\x02\x00\x04"),     /* another base */
        BYTES("\x20\x80\x80\x02\x01\x02\x00\x04"), /* a range alone */
        BYTES("\x01\x01\xff\x02\x00\x04"),         /* a dialect */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_buffer delta = with_prediction(cases[i]);
        struct delta_bench bench = bench_of(&delta_example_foreseen, &delta);

        assert_bench_refused(&bench, DFOTA_ERR_DIGEST, "DLT-21", AT_NEW_CRC32);
        assert_int_equal(bench.made.size, delta_example_foreseen.new.size);
        assert_memory_equal(bench.made.data, "\x10\0\0\x08", 4);
        dfota_buffer_free(&bench.made);
        dfota_buffer_free(&delta);
    }
}

/*
 * A value outside that comes three times and moved: what the first became is
 * sent, the others are foreseen.
 */
static void learns_where_values_went(void **state)
{
    static const struct delta_example example = {
        .old = BYTES("\x10\0\0\x20"
                     "\x10\0\0\x20"
                     "\x18\0\0\x20"),
        .new = BYTES("\x30\0\0\x20"
                     "\x30\0\0\x20"
                     "\x38\0\0\x20"),
        .streams = {{.coded = BYTES("\x00\x00\x0c\x00")},
                    {.coded = BYTES("\x20\x00\x0a")},
                    {.coded = {NULL, 0}}},
        .prediction = BYTES("\x20\x80\x80\x08\x10\x00\x0d\x01"),
        .codec_ram = 16,
    };

    (void)state;
    assert_made(&example);
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
        {"DLT-15", BYTES("\x00\x00\x10\x00\x00\x04\x08"), AT_RECORDS + 7},
        {"DLT-16", BYTES("\x00\x00\x90\x00\x00"), AT_RECORDS + 4},
        {"DLT-17", BYTES("\x00\x00\x10\x00\x00\x00\x00"), AT_RECORDS + 4},
        {"DLT-18", BYTES("\x00\x00\x10\x00\x00\x05\x08\x00"), AT_RECORDS + 4},
        {"DLT-19", BYTES("\x00\x00\x10\x00\x00\x04\x08\x02"), AT_RECORDS + 4},
        {"DLT-24", BYTES("\x00\x00\x10\x00\x02\x04\x08\x00"), AT_RECORDS + 4},
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
    const struct dfota_view control = BYTES("\x00\x00\x10\x00"
                                            "\x00\x04\x08\x00\x08");
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

static void assert_truncations_refused(const struct delta_example *example)
{
    struct dfota_buffer delta = delta_example_build(example);
    size_t head_size = delta.data[AT_HEAD_SIZE];
    size_t end = delta.size;

    for (delta.size = 0; delta.size < end; delta.size++) {
        struct delta_bench bench = bench_of(example, &delta);

        if (delta.size < head_size)
            assert_bench_refused(&bench, DFOTA_ERR_TRUNCATED, "DLT-1",
                                 delta.size);
        else
            assert_bench_refused(&bench, DFOTA_ERR_CORRUPT, "DLT-9",
                                 AT_OLD_SIZE);
        assert_int_equal(bench.made.size, 0);
    }
    dfota_buffer_free(&delta);
}

static void refuses_every_truncation(void **state)
{
    (void)state;
    assert_truncations_refused(&delta_example_foreseen);
    assert_truncations_refused(&delta_example_mixed);
}

/* The header agrees with what is there; the coded bytes end too early. */
static void refuses_fewer_coded_bytes_and_more(void **state)
{
    (void)state;
    for (unsigned part = 0; part < 2; part++) {
        const struct dfota_view *whole = part == 0
                                             ? &delta_example_mixed.records
                                             : &delta_example_mixed.content;
        uint8_t bytes[32] = {0};

        memcpy(bytes, whole->data, whole->size);
        for (size_t size = 0; size < sizeof(bytes); size++) {
            struct delta_example example = delta_example_mixed;
            struct dfota_buffer delta;
            struct delta_bench bench;

            *(part == 0 ? &example.records : &example.content) =
                (struct dfota_view){bytes, size};
            delta = delta_example_build(&example);
            bench = bench_of(&example, &delta);
            if (run(&bench) == DFOTA_OK) /* zeros at the end, four at most */
                assert_in_range(size, whole->size, whole->size + 4);
            else if (size > whole->size)
                assert_string_equal(bench.fault.rule, "DLT-20");
            else
                assert_non_null(bench.fault.rule);
            dfota_buffer_free(&bench.made);
            dfota_buffer_free(&delta);
        }
    }
}

/* Whatever a byte of the header becomes, with a right CRC32. */
static void makes_nothing_wrong_of_any_change(const struct delta_example *of)
{
    struct dfota_buffer delta = delta_example_build(of);
    struct delta_bench bench = bench_of(of, &delta);
    uint8_t good[DFOTA_DELTA_HEAD_MAX];

    memcpy(good, delta.data, delta.size);
    for (size_t at = 0; at < delta.size; at++) {
        for (unsigned change = 1; change < 256; change++) {
            enum dfota_error err;

            delta.data[at] ^= (uint8_t)change;
            delta_example_seal(delta.data, delta.size);
            err = run(&bench);
            if (err)
                assert_non_null(bench.fault.rule);
            else /* such a map foresees the same of so few bytes */
                assert_memory_equal(bench.made.data, of->new.data,
                                    of->new.size);
            memcpy(delta.data, good, delta.size);
        }
    }
    dfota_buffer_free(&bench.made);
    dfota_buffer_free(&delta);
}

static void makes_nothing_wrong_of_any_change_of_a_byte(void **state)
{
    (void)state;
    makes_nothing_wrong_of_any_change(&delta_example_foreseen);
    makes_nothing_wrong_of_any_change(&delta_example_mixed);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_prediction),
        cmocka_unit_test(refuses_each_broken_prediction),
        cmocka_unit_test(refuses_a_header_of_another_size),
        cmocka_unit_test(makes_the_new_image_of_what_it_foresees),
        cmocka_unit_test(needs_exactly_the_memory_that_is_said),
        cmocka_unit_test(refuses_a_map_that_fits_nowhere),
        cmocka_unit_test(refuses_a_map_of_more_or_fewer_copies),
        cmocka_unit_test(counts_the_copies_of_mixed_records),
        cmocka_unit_test(foresees_by_the_copies_of_the_map_alone),
        cmocka_unit_test(learns_where_values_went),
        cmocka_unit_test(refuses_broken_records_while_it_makes_the_map),
        cmocka_unit_test(refuses_what_follows_the_records),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(refuses_fewer_coded_bytes_and_more),
        cmocka_unit_test(makes_nothing_wrong_of_any_change_of_a_byte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
