/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/apply/coding.h"
#include "lib/apply/delta_header.h"
#include "lib/apply/mix_coder.h"
#include "tests/support/delta_check.h"
#include "tests/support/header_check.h"
#include "tests/support/in_place_bench.h"

#define OLD_SIZE 1000
#define NEW_SIZE 700 /* three segments of 256 bytes */
#define SLOTS    256

/* --- deltas told by hand -------------------------------------------------- */

/* What a delta tells, of which a test changes something. */
struct script {
    struct {
        uint32_t gap;
        uint32_t size;
    } stash[2];
    uint32_t stash_count;
    struct {
        uint32_t passed;
        uint32_t content;
        struct dfota_record record;
    } segments[3];
    struct dfota_order order; /* but for the segment size */
    uint32_t content_size;
    bool more; /* there is one more record than it takes */
};

/* All is copied from where it is; the second segment reads the first as well,
 * as far as the stash has that. */
static const struct script good = {
    .stash = {{10, 20}, {5, 30}},
    .stash_count = 2,
    .segments = {{0, 2, {0, 256, 0, 0}},
                 {1, 3, {0, 188, 512, 0}},
                 {0, 4, {226, 30, 35, 0}}},
    .order = {.stash_count = 2, .stash_size = 50},
    .content_size = 9,
};

static void put(void *context, uint8_t byte)
{
    dfota_buffer_add(context, &byte, 1);
}

static void tell(const struct script *script, struct dfota_coder *coder)
{
    static const uint32_t begins[] = {0, 512, 256};

    for (uint32_t i = 0; i < script->stash_count; i++) {
        coder->number(coder, DFOTA_ORDER_GAP, script->stash[i].gap);
        coder->number(coder, DFOTA_ORDER_LENGTH, script->stash[i].size);
    }
    for (size_t i = 0; i < 3; i++) {
        struct dfota_record record = script->segments[i].record;

        coder->number(coder, DFOTA_ORDER_PASSED, script->segments[i].passed);
        coder->number(coder, DFOTA_ORDER_CONTENT, script->segments[i].content);
        coder->new_pos = begins[i];
        coder->record(coder, &record);
    }
    for (unsigned i = 0; i < 100 && script->more; i++)
        coder->number(coder, DFOTA_ORDER_GAP, 77 * i);
}

static struct dfota_buffer records_of(const struct script *script)
{
    static const struct dfota_prediction nothing = {0};
    const struct dfota_delta_header slots = {.mixed = {.slots = SLOTS}};
    struct dfota_predictor predictor = {.prediction = &nothing};
    struct dfota_coding_job job = {.header = &slots, .predictor = &predictor};
    struct dfota_buffer records = {0};
    struct dfota_mix_coder *coder;
    uint8_t *memory = aligned_alloc(16, (size_t)16 << 10);

    assert_non_null(memory);
    job.memory = memory;
    coder = dfota_mix_coder_make(&job, true);
    dfota_range_encode(&coder->content.range, put, &records);
    dfota_range_encode(&coder->records.range, put, &records);
    tell(script, &coder->coder);
    dfota_range_flush(&coder->records.range);
    free(memory);
    return records;
}

static struct dfota_buffer delta_of(const struct script *script)
{
    static const uint8_t zeros[OLD_SIZE];
    struct dfota_buffer records = records_of(script);
    struct delta_example example = {
        .old = {zeros, OLD_SIZE},
        .new = {zeros, NEW_SIZE},
        .coding = DFOTA_CODING_ID_MIXED | DFOTA_CODING_IN_PLACE,
        .records = dfota_buffer_view(&records),
        .content = {zeros, script->content_size},
    };
    struct dfota_buffer rest = {0};
    struct dfota_buffer delta;

    dfota_buffer_add_le(&rest, 0, 1); /* nothing is foreseen */
    dfota_buffer_add_varint(&rest, 2 + script->order.backward);
    dfota_buffer_add_varint(&rest, script->order.stash_count);
    dfota_buffer_add_varint(&rest, script->order.stash_size);
    dfota_buffer_add_varint(&rest, SLOTS);
    dfota_buffer_add_varint(&rest, records.size);
    dfota_buffer_add_varint(&rest, script->content_size);
    delta = delta_example_with_rest(&example, dfota_buffer_view(&rest));
    dfota_buffer_free(&rest);
    dfota_buffer_free(&records);
    return delta;
}

static enum dfota_error open_script(const struct script *script)
{
    struct dfota_buffer delta = delta_of(script);
    struct in_place_bench bench = {
        .delta = dfota_buffer_view(&delta),
        .memory_size = (size_t)32 << 10,
        .new_size_max = NEW_SIZE,
    };
    enum dfota_error err;

    fault = (struct dfota_fault){0};
    err = in_place_bench_open(&bench, &fault);
    assert_null(bench.misuse);
    if (!err) {
        assert_int_equal(dfota_in_place_segments(bench.in_place), 3);
        assert_int_equal(dfota_in_place_segment(bench.in_place, 0).size, 256);
    }
    in_place_bench_free(&bench);
    dfota_buffer_free(&delta);
    return err;
}

static void assert_script_refused(const struct script *script, const char *rule)
{
    assert_int_equal(open_script(script), DFOTA_ERR_CORRUPT);
    assert_string_equal(fault.rule, rule);
}

/* --- rules ---------------------------------------------------------------- */

static void takes_a_delta_told_by_hand(void **state)
{
    struct script script = good;

    (void)state;
    assert_int_equal(open_script(&script), DFOTA_OK);
    script.segments[2].record = (struct dfota_record){24, 232, 768, 0};
    assert_int_equal(open_script(&script), DFOTA_OK); /* behind all places */
    script.segments[2].record = (struct dfota_record){0, 256, 256, 0};
    assert_int_equal(open_script(&script), DFOTA_OK);
}

static void knows_order_and_stash(void **state)
{
    struct dfota_buffer delta = delta_of(&good);
    struct in_place_bench bench = {.delta = dfota_buffer_view(&delta),
                                   .memory_size = (size_t)32 << 10,
                                   .new_size_max = NEW_SIZE};
    struct dfota_stash_range range;

    (void)state;
    assert_int_equal(in_place_bench_open(&bench, NULL), DFOTA_OK);
    assert_int_equal(dfota_in_place_segment(bench.in_place, 0).new_pos, 0);
    assert_int_equal(dfota_in_place_segment(bench.in_place, 1).new_pos, 512);
    assert_int_equal(dfota_in_place_segment(bench.in_place, 1).size, 188);
    assert_int_equal(dfota_in_place_segment(bench.in_place, 2).new_pos, 256);
    range = dfota_in_place_stash(bench.in_place, 1);
    assert_int_equal(range.old_pos, 35);
    assert_int_equal(range.size, 30);
    assert_int_equal(range.offset, 20);
    in_place_bench_free(&bench);
    dfota_buffer_free(&delta);
}

static void refuses_orders_that_cannot_be(void **state)
{
    struct script script = good;

    (void)state;
    script.segments[0].passed = 3;
    assert_script_refused(&script, "DLT-31");
    script = good;
    script.segments[2].passed = 1;
    assert_script_refused(&script, "DLT-31");
}

static void refuses_a_stash_that_cannot_be(void **state)
{
    struct script script = good;

    (void)state;
    script.stash[1].size = 0;
    assert_script_refused(&script, "DLT-32");
    script = good;
    script.stash[1].gap = OLD_SIZE - 29;
    assert_script_refused(&script, "DLT-32");
    script.stash[1].gap = OLD_SIZE - 30 - 29; /* a byte too far */
    assert_script_refused(&script, "DLT-32");
    script = good;
    script.order.stash_size = 51;
    assert_script_refused(&script, "DLT-32");
    script.order.stash_size = 49;
    assert_script_refused(&script, "DLT-32");
}

static void refuses_to_copy_what_has_been_overwritten(void **state)
{
    struct script script = good;

    (void)state;
    script.segments[2].record.old_pos = 34; /* one before the stash */
    assert_script_refused(&script, "DLT-33");
    script.segments[2].record.old_pos = 36; /* one behind */
    assert_script_refused(&script, "DLT-33");
    script = good;
    script.segments[2].record = (struct dfota_record){0, 256, 257, 0};
    assert_script_refused(&script, "DLT-33"); /* the last byte is gone */
    script.segments[2].record = (struct dfota_record){23, 233, 767, 0};
    assert_script_refused(&script, "DLT-33"); /* the first byte is erased */
    script = good;
    script.segments[1].record = (struct dfota_record){0, 188, 255, 0};
    assert_script_refused(&script, "DLT-33"); /* the first byte is gone */
}

static void refuses_contents_of_other_sizes(void **state)
{
    struct script script = good;

    (void)state;
    script.segments[2].content = 3;
    assert_script_refused(&script, "DLT-34");
    script.segments[2].content = 5;
    assert_script_refused(&script, "DLT-34");
    script.segments[0].content = UINT32_MAX / 2;
    assert_script_refused(&script, "DLT-34");
}

static void refuses_records_beyond_their_segment(void **state)
{
    struct script script = good;

    (void)state;
    script.segments[0].record.copy = 257;
    assert_script_refused(&script, "DLT-18");
    script = good;
    script.segments[1].record.copy = 189;
    assert_script_refused(&script, "DLT-18");
}

static void refuses_more_records_than_it_takes(void **state)
{
    struct script script = good;

    (void)state;
    script.more = true;
    assert_script_refused(&script, "DLT-20");
}

static void refuses_an_order_that_cannot_be(void **state)
{
    static const struct {
        uint32_t segment;
        uint32_t stash_count;
        uint32_t stash_size;
        uint32_t new_size;
        uint8_t coding;
    } cases[] = {
        {0, 0, 0, 700, DFOTA_CODING_ID_MIXED},
        {1, 0, 0, 700, DFOTA_CODING_ID_MIXED},
        {2 * 65537, 0, 0, 700, DFOTA_CODING_ID_MIXED},
        {2, 0, 0, 4096 * 256 + 1, DFOTA_CODING_ID_MIXED},
        {2, 2, 1, 700, DFOTA_CODING_ID_MIXED},
        {2, 1, OLD_SIZE + 1, 700, DFOTA_CODING_ID_MIXED},
        {2, 0, 0, 700, DFOTA_CODING_ID_STREAMS},
    };
    static const uint8_t zeros[OLD_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct delta_example example = {
            .old = {zeros, OLD_SIZE},
            .new_size = cases[i].new_size,
            .coding = (uint8_t)(cases[i].coding | DFOTA_CODING_IN_PLACE),
        };
        struct dfota_buffer rest = {0};
        struct dfota_buffer delta;

        dfota_buffer_add_le(&rest, 0, 1);
        dfota_buffer_add_varint(&rest, cases[i].segment);
        dfota_buffer_add_varint(&rest, cases[i].stash_count);
        dfota_buffer_add_varint(&rest, cases[i].stash_size);
        for (unsigned k = 0; k < 9; k++)
            dfota_buffer_add_le(&rest, 0, 1);
        delta = delta_example_with_rest(&example, dfota_buffer_view(&rest));
        assert_int_equal(read_header(delta.data, delta.size, delta.size),
                         DFOTA_ERR_CORRUPT);
        assert_string_equal(fault.rule, "DLT-30");
        dfota_buffer_free(&delta);
        dfota_buffer_free(&rest);
    }
}

static void counts_the_memory_for_order_and_stash(void **state)
{
    struct dfota_buffer delta = delta_of(&good);

    (void)state;
    assert_int_equal(read_header(delta.data, delta.size, delta.size), DFOTA_OK);
    assert_int_equal(header.ram, 4096 + 512 + 32 + 16 + 7808 + 2 * SLOTS);
    assert_int_equal(header.order.segment_size, 256);
    assert_int_equal(header.coding, DFOTA_CODING_ID_MIXED);
    dfota_buffer_free(&delta);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_a_delta_told_by_hand),
        cmocka_unit_test(knows_order_and_stash),
        cmocka_unit_test(refuses_orders_that_cannot_be),
        cmocka_unit_test(refuses_a_stash_that_cannot_be),
        cmocka_unit_test(refuses_to_copy_what_has_been_overwritten),
        cmocka_unit_test(refuses_contents_of_other_sizes),
        cmocka_unit_test(refuses_records_beyond_their_segment),
        cmocka_unit_test(refuses_more_records_than_it_takes),
        cmocka_unit_test(refuses_an_order_that_cannot_be),
        cmocka_unit_test(counts_the_memory_for_order_and_stash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
