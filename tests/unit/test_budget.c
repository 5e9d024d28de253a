/* SPDX-License-Identifier: MIT */
/* sharing the module's memory: never more than there is */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/apply/delta_header.h"
#include "lib/apply/learned.h"
#include "lib/apply/map.h"
#include "lib/delta/budget.h"
#include "tests/support/random.h"

#define KIB     ((uint32_t)1024) /* bytes */
#define MIB     ((uint32_t)1 << 20)
#define RECORDS 5000
#define ENOUGH  (16 * KIB) /* bytes, for our own coding with few slots */

static struct dfota_record records[RECORDS];

/* Many short copies and few long ones; something is foreseen. */
static struct dfota_plan plan_of(size_t count, uint32_t *seed)
{
    struct dfota_plan plan = {.records = records, .record_count = count};

    for (size_t i = 0; i < count; i++) {
        records[i] = (struct dfota_record){
            .insert = random_below(seed, 9),
            .copy = random_next(seed) >> (16 + random_below(seed, 16))};
        plan.new.size += records[i].insert + records[i].copy;
    }
    plan.prediction.dialect_count = 1;
    return plan;
}

/* Bytes that the applier needs, with our own coding where there are slots. */
static uint32_t memory_of(const struct dfota_plan *plan, uint32_t slots)
{
    const struct dfota_delta_header header = {
        .coding = slots > 0 ? DFOTA_CODING_ID_MIXED : DFOTA_CODING_ID_STREAMS,
        .prediction = plan->prediction,
        .mixed = {.slots = slots}};

    return dfota_delta_memory(&header);
}

/* Shares `ram` out: tables and slots fit in, and say what they are of. */
static void assert_fits(struct dfota_plan *plan, uint32_t ram)
{
    const struct dfota_prediction *prediction = &plan->prediction;
    uint32_t slots;

    dfota_budget_tables(plan, ram);
    slots = dfota_budget_slots(plan, ram);
    assert_int_equal(prediction->map_count,
                     prediction->map_length > 0
                         ? dfota_plan_count(plan, prediction->map_length)
                         : 0);
    if (ram < DFOTA_APPLY_MEMORY) {
        assert_int_equal(prediction->map_count, 0);
        assert_int_equal(prediction->learned, 0);
        assert_int_equal(slots, 0);
        return;
    }
    assert_in_range(memory_of(plan, 0), DFOTA_APPLY_MEMORY, ram);
    if (slots == 0)
        return;
    assert_in_range(slots, DFOTA_MIXED_SLOTS_MIN, DFOTA_MIXED_SLOTS_MAX);
    assert_in_range(memory_of(plan, slots), DFOTA_APPLY_MEMORY, ram);
}

static void never_takes_more_than_there_is(void **state)
{
    uint32_t seed = 60;

    (void)state;
    for (size_t count = 0; count <= RECORDS; count = count * 3 + 1) {
        struct dfota_plan plan = plan_of(count, &seed);

        for (uint32_t ram = 0; ram < 24 * KIB; ram += 1 + ram % 37)
            assert_fits(&plan, ram);
        for (unsigned i = 0; i < 400; i++)
            assert_fits(&plan, random_next(&seed) >> (6 + i % 16));
        assert_fits(&plan, 64 * MIB);
        assert_fits(&plan, UINT32_MAX);
    }
}

/* More memory never makes anything smaller. */
static void gives_more_to_larger_modules(void **state)
{
    uint32_t seed = 61;
    struct dfota_plan plan = plan_of(RECORDS, &seed);
    struct dfota_prediction before = {0};

    (void)state;
    for (uint32_t ram = 0; ram < 4 * MIB; ram += KIB) {
        dfota_budget_tables(&plan, ram);
        assert_in_range(plan.prediction.map_count, before.map_count, RECORDS);
        assert_in_range(plan.prediction.learned, before.learned, RECORDS);
        before = plan.prediction;
    }
    assert_int_equal(before.map_count,
                     dfota_plan_count(&plan, before.map_length));
    assert_true(before.learned > 0);
}

static void has_no_tables_where_nothing_is_foreseen(void **state)
{
    uint32_t seed = 62;
    struct dfota_plan plan = plan_of(RECORDS, &seed);

    (void)state;
    dfota_budget_tables(&plan, MIB);
    assert_true(plan.prediction.map_count > 0);
    plan.prediction.dialect_count = 0;
    dfota_budget_tables(&plan, MIB);
    assert_int_equal(plan.prediction.map_count, 0);
    assert_int_equal(plan.prediction.map_length, 0);
    assert_int_equal(plan.prediction.learned, 0);
    plan.prediction.base_count = 1;
    dfota_budget_tables(&plan, MIB);
    assert_true(plan.prediction.map_count > 0);
    plan.prediction.base_count = 0;
    plan.prediction.range_count = 1;
    dfota_budget_tables(&plan, MIB);
    assert_true(plan.prediction.map_count > 0);
}

/* From where there is room for the fewest slots on, there are slots. */
static void has_slots_where_there_is_room_for_them(void **state)
{
    uint32_t seed = 63;
    struct dfota_plan plan = plan_of(100, &seed);
    uint32_t ram;

    (void)state;
    plan.prediction = (struct dfota_prediction){0};
    ram = memory_of(&plan, DFOTA_MIXED_SLOTS_MIN);
    assert_in_range(ram, DFOTA_APPLY_MEMORY, ENOUGH);
    assert_int_equal(dfota_budget_slots(&plan, ram - 1), 0);
    assert_int_equal(dfota_budget_slots(&plan, ram), DFOTA_MIXED_SLOTS_MIN);
    assert_true(dfota_budget_slots(&plan, ram + 16) > DFOTA_MIXED_SLOTS_MIN);
    assert_int_equal(dfota_budget_slots(&plan, 0), 0);
}

/* A small image needs few slots, however large the module is. */
static void has_no_more_slots_than_are_of_use(void **state)
{
    struct dfota_plan plan = {.new = {NULL, 1000}};
    uint32_t few = dfota_budget_slots(&plan, 64 * MIB);
    uint32_t more;

    (void)state;
    plan.new.size = (size_t)1 << 20;
    more = dfota_budget_slots(&plan, 64 * MIB);
    plan.new.size = (size_t)1 << 26;
    assert_in_range(few, DFOTA_MIXED_SLOTS_MIN, more - 1);
    assert_in_range(more, few, dfota_budget_slots(&plan, 64 * MIB));
    assert_int_equal(dfota_budget_slots(&plan, 64 * MIB),
                     dfota_budget_slots(&plan, UINT32_MAX));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_takes_more_than_there_is),
        cmocka_unit_test(gives_more_to_larger_modules),
        cmocka_unit_test(has_no_tables_where_nothing_is_foreseen),
        cmocka_unit_test(has_slots_where_there_is_room_for_them),
        cmocka_unit_test(has_no_more_slots_than_are_of_use),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
