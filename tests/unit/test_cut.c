/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/apply/places.h"
#include "lib/delta/cut.h"
#include "tests/support/plan_check.h"

#define SEGMENT 256

/* Each record of the cut lies in its segment and reads what is there; gives how
 * many bytes are copied. */
static size_t check_cut(const struct dfota_cut *cut)
{
    const struct dfota_plan *plan = &cut->plan;
    uint32_t count = dfota_plan_segments(plan);
    uint16_t turns[1000];
    struct dfota_places places = {
        .turns = turns,
        .count = count,
        .segment_size = SEGMENT,
        .stash = (void *)cut->stash.data,
        .stash_count = plan->order.stash_count,
    };
    size_t copied = 0;
    size_t at = 0;

    for (uint32_t i = 0; i < count; i++)
        turns[plan->segments[i].new_pos / SEGMENT] = (uint16_t)i;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t made = 0;

        places.turn = i;
        for (; at < plan->segments[i].record_end; at++) {
            const struct dfota_record *record = &plan->records[at];

            assert_true(record->insert + record->copy > 0);
            assert_true(
                dfota_places_hold(&places, record->old_pos, record->copy));
            made += record->insert + record->copy;
            copied += record->copy;
        }
        assert_int_equal(made, plan->segments[i].size);
    }
    assert_int_equal(at, plan->record_count);
    return copied;
}

/* Cuts the plan, and checks that. */
static size_t cut_and_check(const struct dfota_plan *plan, uint32_t stash_size)
{
    struct dfota_cut cut = {.plan = *plan};
    size_t copied;

    assert_int_equal(dfota_cut_make(plan, SEGMENT, stash_size, &cut, NULL),
                     DFOTA_OK);
    assert_in_range(cut.plan.order.stash_size, 0, stash_size);
    assert_int_equal(dfota_plan_segments(&cut.plan),
                     (plan->new.size + SEGMENT - 1) / SEGMENT);
    copied = check_cut(&cut);
    dfota_cut_free(&cut);
    return copied;
}

static void cuts_plans_so_that_all_that_is_read_is_there(void **state)
{
    (void)state;
    for (enum image_kind kind = 0; kind < IMAGE_KINDS; kind++) {
        struct planned planned = planned_of(image_pair_make(kind, 31));
        size_t least = cut_and_check(&planned.plan, 0);
        size_t with_stash = cut_and_check(&planned.plan, 1024);

        assert_in_range(with_stash, least, planned.plan.new.size);
        planned_free(&planned);
    }
}

static void keeps_all_copies_where_everything_moved_one_way(void **state)
{
    static uint8_t old[5000];
    static uint8_t new[5000];
    const struct dfota_record records[] = {{700, 2000, 100, 0},
                                           {50, 2250, 2200, 0}};
    const struct dfota_plan plan = {.old = {old, sizeof(old)},
                                    .new = {new, sizeof(new)},
                                    .records = records,
                                    .record_count = 2};

    (void)state;
    assert_int_equal(cut_and_check(&plan, 0), 4250);
}

static void stashes_the_longest_of_what_comes_too_late(void **state)
{
    static uint8_t bytes[512];
    /* the first segment reads the second, and the second the first */
    const struct dfota_record records[] = {
        {0, 200, 300, 0}, {0, 56, 0, 0}, {0, 100, 0, 0}, {0, 156, 300, 0}};
    const struct dfota_plan plan = {.old = {bytes, sizeof(bytes)},
                                    .new = {bytes, sizeof(bytes)},
                                    .records = records,
                                    .record_count = 4};

    (void)state;
    assert_int_equal(cut_and_check(&plan, 0), 412);
    assert_int_equal(cut_and_check(&plan, 99), 412);
    assert_int_equal(cut_and_check(&plan, 100), 512);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_plans_so_that_all_that_is_read_is_there),
        cmocka_unit_test(keeps_all_copies_where_everything_moved_one_way),
        cmocka_unit_test(stashes_the_longest_of_what_comes_too_late),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
