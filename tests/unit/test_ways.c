/* SPDX-License-Identifier: MIT */
/* ways: many bytes at once cost what they cost one by one */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/delta/align_costs.h"
#include "lib/delta/ways.h"
#include "tests/support/random.h"

#define SIZE 1000u /* bytes of new, which old begins with */
#define RUN  700u  /* bytes taken at once */

static uint8_t old[2 * SIZE];
static uint8_t new[SIZE];

/* Makes the second half of old like new, but for some bytes, none of which
 * differs by as much as the one 4 before: three of so many are the same. */
static void fill(uint32_t seed, uint32_t alike)
{
    uint8_t by[SIZE];

    for (uint32_t i = 0; i < SIZE; i++) {
        new[i] = old[i] = (uint8_t)random_below(&seed, 256);
        by[i] =
            (uint8_t)(1 + random_below(&seed, 100) + (i >= 4 ? by[i - 4] : 0));
        if (by[i] == 0 || (i >= 4 && by[i] == by[i - 4]))
            by[i] = i >= 4 && by[i - 4] == 1 ? 2 : 1;
    }
    for (uint32_t i = 0; i < SIZE; i++)
        old[SIZE + i] =
            (uint8_t)(new[i] - (random_below(&seed, 4) < alike ? 0 : by[i]));
}

/* What it costs to go along the second half while the first one is right; a
 * difference that is repeated would be cheap, so each byte is looked at. */
static struct dfota_ways take(bool one_by_one, uint32_t end)
{
    struct dfota_align_costs costs = dfota_align_delta;
    struct dfota_ways all = {
        .old = {old, end}, .piece = {new, SIZE}, .end = SIZE, .costs = &costs};

    if (one_by_one)
        costs.repeated = costs.again - 1;
    dfota_ways_begin(&all);
    dfota_ways_follow(&all, 0, 0);
    dfota_ways_follow(&all, 0 - SIZE, 0);
    for (uint32_t i = 0; i < 50; i++) {
        dfota_ways_rank(&all);
        dfota_ways_take(&all, i);
    }
    dfota_ways_rank(&all);
    assert_int_equal(all.ways[all.best].shift, 0);
    dfota_ways_take_run(&all, 50, RUN, false);
    dfota_ways_free(&all);
    return all;
}

static void cost_the_same_at_once_as_one_by_one(void **state)
{
    unsigned dropped = 0;

    (void)state;
    for (uint32_t seed = 0; seed < 400; seed++) {
        struct dfota_ways at_once;
        struct dfota_ways singly;

        fill(seed, seed % 4);
        at_once = take(false, 2 * SIZE - seed);
        singly = take(true, 2 * SIZE - seed);
        assert_int_equal(at_once.count, singly.count);
        dropped += at_once.count == 2;
        for (unsigned i = 0; i < at_once.count; i++) {
            assert_int_equal(at_once.ways[i].shift, singly.ways[i].shift);
            assert_int_equal(at_once.ways[i].cost, singly.ways[i].cost);
            assert_int_equal(at_once.ways[i].run, singly.ways[i].run);
            assert_int_equal(at_once.ways[i].lively, singly.ways[i].lively);
        }
    }
    assert_in_range(dropped, 100, 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cost_the_same_at_once_as_one_by_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
