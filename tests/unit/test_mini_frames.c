/* SPDX-License-Identifier: MIT */
/* the module's reader of .mini_2, over stored frames; test_mini_coded.c has
 * others */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/mini_bench.h"
#include "tests/support/mini_example.h"

#define STORED_RAM 4096 /* of a reader without codecs */

static const struct dfota_codec *const codecs[] = {&dfota_codec_stored, NULL};

static struct mini_example good;
static struct mini_example_flash want;
static struct dfota_mini_header header;
static struct dfota_fault fault;
static uint8_t flash[MINI_FLASH_SIZE];

static int build(void **state)
{
    (void)state;
    good = mini_example_build();
    want = mini_example_flash();
    return 0;
}

static int release(void **state)
{
    (void)state;
    mini_example_free(&good);
    return 0;
}

/* A module that is about to read `second`. */
static struct mini_bench bench_of(struct dfota_view second)
{
    assert_int_equal(
        dfota_mini_read_header(good.first.data, good.first.size, &header, NULL),
        DFOTA_OK);
    memcpy(flash, want.old, sizeof(flash));
    return (struct mini_bench){
        .header = &header,
        .second = second,
        .flash = flash,
        .codecs = codecs,
        .memory_size = STORED_RAM,
        .piece_size = 1000,
    };
}

static enum dfota_error run(struct mini_bench *bench)
{
    enum dfota_error err;

    memset(&fault, 0, sizeof(fault));
    err = mini_bench_run(bench, &fault);
    if (bench->misuse != NULL)
        fail_msg("the reader %s", bench->misuse);
    return err;
}

/* All app regions are new, and nothing else has been touched. */
static void assert_written(const struct mini_bench *bench)
{
    for (uint32_t i = 0; i < MINI_FLASH_SIZE; i++)
        if (i >= 256 && i < 272) /* the Mini region is the delta's */
            assert_int_equal(bench->flash[i], want.old[i]);
        else
            assert_int_equal(bench->flash[i], want.new[i]);
}

static void assert_refused(struct dfota_view second, enum dfota_error error,
                           const char *rule, uint64_t offset)
{
    static const size_t pieces[] = {1, 7, 1000};

    for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        struct mini_bench bench = bench_of(second);

        bench.piece_size = pieces[i];
        assert_int_equal(run(&bench), error);
        assert_int_equal(fault.error, error);
        assert_string_equal(fault.rule, rule);
        assert_int_equal(fault.offset, offset);
        assert_int_equal(mini_bench_run(&bench, NULL), error);
    }
}

static void writes_the_regions_from_pieces_of_any_size(void **state)
{
    (void)state;
    for (size_t size = 1; size <= good.second.size; size++) {
        struct mini_bench bench = bench_of(dfota_buffer_view(&good.second));

        bench.piece_size = size;
        assert_int_equal(run(&bench), DFOTA_OK);
        assert_int_equal(bench.written, MINI_APP_SIZE);
        assert_int_equal(bench.done_count, MINI_FRAMES);
        assert_written(&bench);
    }
}

static void tells_where_each_frame_ends(void **state)
{
    struct mini_bench bench = bench_of(dfota_buffer_view(&good.second));

    (void)state;
    assert_int_equal(run(&bench), DFOTA_OK);
    for (unsigned i = 0; i < MINI_FRAMES; i++) {
        assert_int_equal(bench.done[i].frame, i + 1);
        assert_int_equal(bench.done[i].offset, mini_example_frame_at(i + 1));
    }
}

/* Power fails after each byte; the rest is read from the last whole frame. */
static void goes_on_at_every_frame(void **state)
{
    (void)state;
    for (size_t cut = 44; cut <= good.second.size; cut++)
        for (unsigned way = 0; way < 4; way++) {
            struct dfota_view part = {good.second.data, cut};
            struct mini_bench bench = bench_of(part);
            struct dfota_mini_position at;

            if (cut < good.second.size)
                assert_int_equal(run(&bench), DFOTA_ERR_TRUNCATED);
            else
                assert_int_equal(run(&bench), DFOTA_OK);
            if (bench.done_count == 0)
                continue;
            at = bench.done[bench.done_count - 1];
            bench.from = &at;
            bench.second.size = good.second.size;
            bench.skips = way & 1; /* from where it wants, or all again */
            bench.piece_size = way & 2 ? 44 : 5;
            assert_int_equal(run(&bench), DFOTA_OK);
            assert_int_equal(bench.done_count, MINI_FRAMES - at.frame);
            assert_written(&bench);
        }
}

static void refuses_positions_that_cannot_be(void **state)
{
    static const struct dfota_mini_position positions[] = {
        {0, 43},  {0, 45},  {1, 44},           {1, 68},
        {1, 85},  {0, 84},  {6, 44},           {6, MINI_SECOND_SIZE + 1},
        {7, 265}, {7, 265}, {UINT32_MAX, 200}, {UINT32_MAX, UINT32_MAX},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(positions) / sizeof(positions[0]); i++) {
        struct mini_bench bench = bench_of(dfota_buffer_view(&good.second));

        bench.from = &positions[i];
        assert_int_equal(run(&bench), DFOTA_ERR_USAGE);
        assert_int_equal(bench.written, 0);
    }
}

static void refuses_every_truncation(void **state)
{
    (void)state;
    for (size_t size = 0; size < good.second.size; size++) {
        struct dfota_view part = {good.second.data, size};

        assert_refused(part, DFOTA_ERR_TRUNCATED, "MIN-19", size);
    }
}

static void refuses_every_changed_byte(void **state)
{
    (void)state;
    for (size_t at = 0; at < good.second.size; at++) {
        struct mini_bench bench = bench_of(dfota_buffer_view(&good.second));

        good.second.data[at] ^= 0x20;
        assert_int_not_equal(run(&bench), DFOTA_OK);
        assert_non_null(fault.rule);
        good.second.data[at] ^= 0x20;
    }
}

static void refuses_bytes_behind_the_last_frame(void **state)
{
    uint8_t file[MINI_SECOND_SIZE + 1] = {0};
    struct dfota_view longer = {file, sizeof(file)};

    (void)state;
    memcpy(file, good.second.data, good.second.size);
    assert_refused(longer, DFOTA_ERR_CORRUPT, "MIN-34", MINI_SECOND_SIZE);
}

/* Sealed again after every change, so that only the rule itself can refuse. */
static void refuses_each_broken_rule(void **state)
{
    const size_t first = mini_example_frame_at(0);
    const size_t third = mini_example_frame_at(2);
    const size_t last = mini_example_frame_at(5);
    const struct {
        const char *rule;
        size_t at; /* change this byte of the good file ... */
        uint8_t to;
        enum dfota_error want; /* ... and expect this, at that offset */
        uint64_t offset;
    } cases[] = {
        {"MIN-20", 3, 'M', DFOTA_ERR_FORMAT, 0},
        {"MIN-22", 4, 0, DFOTA_ERR_UNSUPPORTED, 4},
        {"MIN-22", 4, 2, DFOTA_ERR_UNSUPPORTED, 4},
        {"MIN-23", 5, 1, DFOTA_ERR_CORRUPT, 5},
        {"MIN-23", 7, 0x80, DFOTA_ERR_CORRUPT, 5},
        {"MIN-24", 16, MINI_DELTA_SIZE - 1, DFOTA_ERR_REFUSED, 16},
        {"MIN-24", 20, 0, DFOTA_ERR_REFUSED, 16},
        {"MIN-24", 35, 0, DFOTA_ERR_REFUSED, 16},
        {"MIN-26", 8, 0, DFOTA_ERR_CORRUPT, 8},
        {"MIN-26", 10, 1, DFOTA_ERR_CORRUPT, 8}, /* 65,552 */
        {"MIN-26", 11, 0x80, DFOTA_ERR_CORRUPT, 8},
        {"MIN-27", 8, 20, DFOTA_ERR_CORRUPT, 12},
        {"MIN-27", 12, 5, DFOTA_ERR_CORRUPT, 12},
        {"MIN-27", 15, 1, DFOTA_ERR_CORRUPT, 12},
        {"MIN-27", 36, 78, DFOTA_ERR_CORRUPT, 36},
        {"MIN-27", 39, 1, DFOTA_ERR_CORRUPT, 36},
        {"MIN-23", first + 11, 1, DFOTA_ERR_CORRUPT, first + 11},
        {"MIN-29", first, 1, DFOTA_ERR_CORRUPT, first},
        {"MIN-29", third + 3, 1, DFOTA_ERR_CORRUPT, third},
        {"MIN-29", third + 4, 9, DFOTA_ERR_CORRUPT, third + 4},
        {"MIN-29", last + 4, 4, DFOTA_ERR_CORRUPT, last + 4},
        {"MIN-29", last + 7, 1, DFOTA_ERR_CORRUPT, last + 4},
        {"MIN-30", first + 8, 4, DFOTA_ERR_UNSUPPORTED, first + 8},
        {"MIN-30", last + 8, 255, DFOTA_ERR_UNSUPPORTED, last + 8},
        {"MIN-31", first + 9, 1, DFOTA_ERR_CORRUPT, first + 9},
        {"MIN-31", first + 10, 1, DFOTA_ERR_CORRUPT, first + 9},
        {"MIN-32", third + 12, 7, DFOTA_ERR_CORRUPT, third + 12},
        {"MIN-32", third + 12, 9, DFOTA_ERR_CORRUPT, third + 12},
        {"MIN-32", third + 15, 1, DFOTA_ERR_CORRUPT, third + 12},
        {"MIN-36", third + 16, 0, DFOTA_ERR_DIGEST, third + 16},
        {"MIN-36", last + 24, 0xff, DFOTA_ERR_DIGEST, last + 16},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t file[MINI_SECOND_SIZE];
        struct dfota_view view = {file, sizeof(file)};

        memcpy(file, good.second.data, sizeof(file));
        file[cases[i].at] = cases[i].to;
        mini_example_seal_second(file);
        for (unsigned f = 0; f < MINI_FRAMES; f++)
            mini_example_seal_frame(file, f);
        assert_refused(view, cases[i].want, cases[i].rule, cases[i].offset);
    }
}

/* Not sealed: the headers' own CRC32 stand first. */
static void refuses_damaged_headers(void **state)
{
    (void)state;
    for (size_t at = 4; at < 44; at++) {
        good.second.data[at] ^= 1;
        assert_refused(dfota_buffer_view(&good.second), DFOTA_ERR_DIGEST,
                       "MIN-21", 40);
        good.second.data[at] ^= 1;
    }
    for (unsigned f = 0; f < MINI_FRAMES; f++)
        for (size_t i = 0; i < 24; i++) {
            size_t at = mini_example_frame_at(f);

            good.second.data[at + i] ^= 1;
            assert_refused(dfota_buffer_view(&good.second), DFOTA_ERR_DIGEST,
                           "MIN-28", at + 20);
            good.second.data[at + i] ^= 1;
        }
}

static void needs_the_chunk_even_for_stored_frames(void **state)
{
    struct mini_bench bench = bench_of(dfota_buffer_view(&good.second));

    (void)state;
    bench.memory_size = STORED_RAM - 1;
    assert_int_equal(run(&bench), DFOTA_ERR_LIMIT);
    assert_string_equal(fault.rule, "MIN-33");
}

/* --- the callers' side -----------------------------------------------------
 */

static void hands_on_every_error_of_a_callback(void **state)
{
    (void)state;
    for (unsigned call = 1; call <= 3 * MINI_FRAMES; call++) {
        struct mini_bench bench = bench_of(dfota_buffer_view(&good.second));

        bench.failing = call;
        bench.error = DFOTA_ERR_IO;
        assert_int_equal(run(&bench), DFOTA_ERR_IO);
        assert_int_equal(bench.calls, call);
    }
}

static void takes_no_more_after_a_failure_or_a_gap(void **state)
{
    struct mini_bench bench = bench_of(dfota_buffer_view(&good.second));
    const struct dfota_mini_applier applier = {
        .header = &header, .context = &bench, .codecs = codecs};
    struct dfota_mini_reader reader;

    (void)state;
    dfota_mini_open(&reader, &applier, NULL);
    assert_int_equal(dfota_mini_wanted(&reader), 0);
    assert_int_equal(dfota_mini_feed(&reader, 0, good.second.data, 10, &fault),
                     DFOTA_OK);
    assert_int_equal(dfota_mini_wanted(&reader), 10);
    assert_int_equal(
        dfota_mini_feed(&reader, 11, good.second.data + 11, 1, &fault),
        DFOTA_ERR_USAGE);
    assert_int_equal(fault.offset, 11);
    assert_int_equal(dfota_mini_feed(&reader, 0, (const uint8_t *)"", 0, NULL),
                     DFOTA_OK);
    /* the header's CRC32 is wrong */
    assert_int_equal(dfota_mini_feed(&reader, 10, good.second.data, 40, &fault),
                     DFOTA_ERR_DIGEST);
    assert_int_equal(
        dfota_mini_feed(&reader, 44, good.second.data + 44, 1, &fault),
        DFOTA_ERR_USAGE);
    assert_int_equal(dfota_mini_finish(&reader, &fault), DFOTA_ERR_USAGE);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_regions_from_pieces_of_any_size),
        cmocka_unit_test(tells_where_each_frame_ends),
        cmocka_unit_test(goes_on_at_every_frame),
        cmocka_unit_test(refuses_positions_that_cannot_be),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(refuses_every_changed_byte),
        cmocka_unit_test(refuses_bytes_behind_the_last_frame),
        cmocka_unit_test(refuses_each_broken_rule),
        cmocka_unit_test(refuses_damaged_headers),
        cmocka_unit_test(needs_the_chunk_even_for_stored_frames),
        cmocka_unit_test(hands_on_every_error_of_a_callback),
        cmocka_unit_test(takes_no_more_after_a_failure_or_a_gap),
    };

    return cmocka_run_group_tests(tests, build, release);
}
