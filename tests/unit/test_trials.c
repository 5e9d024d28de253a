/* SPDX-License-Identifier: MIT */
/* trials: of several ways to foresee, the smallest is found */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/delta/trials.h"
#include "tests/support/delta_made.h"
#include "tests/support/plan_check.h"

#define RAM ((uint32_t)1 << 18) /* bytes */

/* Nothing, and one architecture after the other. */
static const struct dfota_dialect dialects[] = {
    {0, 0},
    {DFOTA_ISA_T32, DFOTA_T32_CALLS},
    {DFOTA_ISA_A32, DFOTA_A32_CALLS},
    {DFOTA_ISA_A64, DFOTA_A64_CALLS | DFOTA_A64_PAGES},
    {DFOTA_ISA_RISCV, DFOTA_RISCV_CALLS | DFOTA_RISCV_PAIRS},
    {DFOTA_ISA_X86, DFOTA_X86_CALLS | DFOTA_X86_BRANCHES},
    {DFOTA_ISA_XTENSA, DFOTA_XTENSA_CALLS | DFOTA_XTENSA_LITERALS},
};

#define WAYS (sizeof(dialects) / sizeof(dialects[0]))

/* Tries all of them; gives the number of the best. */
static size_t try_all(const struct dfota_plan *plan, unsigned threads,
                      struct dfota_trial_way ways[WAYS])
{
    struct dfota_delta_options options = delta_options(DFOTA_CODEC_AUTO, RAM);
    size_t best = WAYS;

    options.threads = threads;
    for (size_t i = 0; i < WAYS; i++) {
        ways[i] = (struct dfota_trial_way){.all = true};
        ways[i].prediction.dialects[0] = dialects[i];
        ways[i].prediction.dialect_count = i > 0;
    }
    assert_int_equal(dfota_trials_run(plan, &options, ways, WAYS, &best),
                     DFOTA_OK);
    for (size_t i = 0; i < WAYS; i++)
        assert_int_equal(ways[i].error, DFOTA_OK);
    return best;
}

static void find_the_architecture_of_real_code(void **state)
{
    static const struct {
        const char *name;
        uint8_t isa;
    } cases[] = {{"micropython-armv6m", DFOTA_ISA_T32},
                 {"micropython-armv7m", DFOTA_ISA_T32},
                 {"tfa-sun50i-arm64", DFOTA_ISA_A64}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct planned planned = planned_of(testdata_pair(cases[i].name));
        struct dfota_trial_way ways[WAYS];
        size_t best = try_all(&planned.plan, 2, ways);

        assert_int_equal(dialects[best].isa, cases[i].isa);
        assert_true(ways[best].cost < ways[0].cost);
        planned_free(&planned);
    }
}

/* The smallest, and the first of several that are. */
static void take_the_first_of_equals(void **state)
{
    const struct dfota_delta_options options =
        delta_options(DFOTA_CODEC_AUTO, RAM);
    struct planned planned = planned_of(image_pair_make(EDITED_NOISE, 5));
    struct dfota_trial_way ways[DFOTA_TRIALS_MAX];
    size_t best = 99;

    (void)state;
    memset(ways, 0, sizeof(ways));
    assert_int_equal(dfota_trials_run(&planned.plan, &options, ways,
                                      DFOTA_TRIALS_MAX, &best),
                     DFOTA_OK);
    assert_int_equal(best, 0);
    for (size_t i = 1; i < DFOTA_TRIALS_MAX; i++)
        assert_int_equal(ways[i].cost, ways[0].cost);
    planned_free(&planned);
}

static void cost_the_same_on_any_number_of_threads(void **state)
{
    struct planned planned = planned_of(testdata_pair("tfa-sun50i-arm64"));
    struct dfota_trial_way first[WAYS];
    size_t best = try_all(&planned.plan, 1, first);

    (void)state;
    for (unsigned threads = 2; threads < 5; threads++) {
        struct dfota_trial_way again[WAYS];

        assert_int_equal(try_all(&planned.plan, threads, again), best);
        for (size_t i = 0; i < WAYS; i++)
            assert_int_equal(again[i].cost, first[i].cost);
    }
    planned_free(&planned);
}

/* After each record as much as before or more, and in the end all. */
static void tell_how_far_each_record_reaches(void **state)
{
    const struct dfota_delta_options options =
        delta_options(DFOTA_CODEC_AUTO, RAM);
    struct planned planned = planned_of(testdata_pair("tfa-stm32mp1-armv7a"));
    size_t count = planned.plan.record_count;
    uint32_t *reached = calloc(count, sizeof(*reached));
    struct dfota_trial_way way = {.reached = reached};
    size_t best;

    (void)state;
    assert_non_null(reached);
    assert_int_equal(dfota_trials_run(&planned.plan, &options, &way, 1, &best),
                     DFOTA_OK);
    for (size_t i = 1; i < count; i++)
        assert_in_range(reached[i], reached[i - 1], way.cost);
    assert_in_range(reached[count - 1], way.cost / 2, way.cost);
    free(reached);
    planned_free(&planned);
}

/* A part of a copy that differs; what is said to be quiet there changes what
 * there is to code, as nobody looks at it. */
static void sample_without_looking_at_what_is_quiet(void **state)
{
    uint8_t old[40000] = {0};
    uint8_t new[40000] = {0};
    const struct dfota_record records[] = {{.insert = 100, .copy = 39900}};
    const struct dfota_plan plan = {.old = {old, sizeof(old)},
                                    .new = {new, sizeof(new)},
                                    .records = records,
                                    .record_count = 1};
    struct dfota_copy stretches[] = {{200, 100, 1000}, {5000, 4900, 32000}};
    struct dfota_quiet quiet = {
        .by_new = {.data = (void *)stretches, .size = sizeof(stretches)}};

    (void)state;
    memset(new + 5000, 1, 32000);
    assert_int_equal(
        dfota_trials_stride(&plan, &(struct dfota_quiet){.by_new = {0}}), 3);
    assert_int_equal(dfota_trials_stride(&plan, &quiet), 1);
    quiet.by_new.size = sizeof(stretches[0]);
    assert_int_equal(dfota_trials_stride(&plan, &quiet), 3);
    stretches[1].length = 15000;
    quiet.by_new.size = sizeof(stretches);
    assert_int_equal(dfota_trials_stride(&plan, &quiet), 2);
}

/* What the plan says of it is taken. */
static void sample_as_the_plan_says(void **state)
{
    const struct dfota_delta_options options =
        delta_options(DFOTA_CODEC_AUTO, RAM);
    struct planned planned = planned_of(testdata_pair("tfa-sun50i-arm64"));
    size_t whole;
    size_t part;

    (void)state;
    planned.plan.stride = 1;
    assert_int_equal(dfota_trials_price(&planned.plan, &options, &whole),
                     DFOTA_OK);
    planned.plan.stride = 4;
    assert_int_equal(dfota_trials_price(&planned.plan, &options, &part),
                     DFOTA_OK);
    assert_in_range(part, 1, whole / 2);
    planned_free(&planned);
}

/* The records' own dialects stay what they were. */
static void leave_the_plan_alone(void **state)
{
    struct planned planned = planned_of(testdata_pair("tfa-sun50i-arm64"));
    const struct dfota_plan before = planned.plan;
    struct dfota_buffer records = {0};
    struct dfota_trial_way ways[WAYS];

    (void)state;
    dfota_buffer_add(&records, planned.records.data, planned.records.size);
    try_all(&planned.plan, 2, ways);
    assert_memory_equal(&planned.plan, &before, sizeof(before));
    assert_memory_equal(planned.records.data, records.data, records.size);
    dfota_buffer_free(&records);
    planned_free(&planned);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(find_the_architecture_of_real_code),
        cmocka_unit_test(sample_as_the_plan_says),
        cmocka_unit_test(sample_without_looking_at_what_is_quiet),
        cmocka_unit_test(take_the_first_of_equals),
        cmocka_unit_test(cost_the_same_on_any_number_of_threads),
        cmocka_unit_test(tell_how_far_each_record_reaches),
        cmocka_unit_test(leave_the_plan_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
