/* SPDX-License-Identifier: MIT */
/* blocks: long runs are found wherever they went, and are runs */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/apply/copy.h"
#include "lib/delta/blocks.h"
#include "lib/delta/hash.h"
#include "lib/delta/wanted.h"
#include "tests/support/random.h"

#define SIZE  ((uint32_t)3 << 20) /* bytes: several parts */
#define MOVED 777u                /* bytes that new has at its begin */
#define GAP   2000000u            /* where new differs in ... */
#define OTHER 3000u               /* ... so many bytes */

static uint8_t old[SIZE];
static uint8_t new[SIZE + MOVED];
static const struct dfota_view old_view = {old, sizeof(old)};
static const struct dfota_view new_view = {new, sizeof(new)};

static void make_images(void)
{
    uint32_t seed = 11;

    for (uint32_t i = 0; i < SIZE; i++)
        old[i] = (uint8_t)random_below(&seed, 256);
    memcpy(new + MOVED, old, SIZE);
    for (uint32_t i = 0; i < OTHER; i++)
        new[GAP + i] ^= 0x55;
    for (uint32_t i = 0; i < MOVED; i++)
        new[i] = (uint8_t)random_below(&seed, 256);
}

static struct dfota_buffer find(unsigned threads)
{
    struct dfota_buffer runs = {0};

    assert_int_equal(
        dfota_blocks_find(old_view, new_view, threads, &runs, NULL), DFOTA_OK);
    return runs;
}

static void what_moved_is_found_up_to_what_differs(void **state)
{
    static const struct dfota_copy want[2] = {
        {MOVED, 0, GAP - MOVED},
        {GAP + OTHER, GAP + OTHER - MOVED, SIZE + MOVED - GAP - OTHER}};
    struct dfota_buffer runs;

    (void)state;
    make_images();
    runs = find(1);
    assert_int_equal(runs.size, sizeof(want));
    assert_memory_equal(runs.data, want, sizeof(want));
    dfota_buffer_free(&runs);
}

/* Zeros are everywhere in old; they belong to what is around them. */
static void what_is_flat_does_not_lead_astray(void **state)
{
    struct dfota_buffer runs;
    const struct dfota_copy *run;

    (void)state;
    make_images();
    memset(old + 100000, 0, 50000);
    memset(old + 400000, 0, 50000);
    memcpy(new + MOVED, old, SIZE);
    runs = find(1);
    run = (const void *)runs.data;
    assert_int_equal(runs.size, sizeof(*run));
    assert_int_equal(run->new_pos, MOVED);
    assert_int_equal(run->old_pos, 0);
    assert_int_equal(run->length, SIZE);
    dfota_buffer_free(&runs);
}

static void runs_are_the_same_for_any_number_of_threads(void **state)
{
    struct dfota_buffer one;
    struct dfota_buffer three;

    (void)state;
    make_images();
    one = find(1);
    three = find(3);
    assert_int_equal(one.size, three.size);
    assert_memory_equal(one.data, three.data, one.size);
    dfota_buffer_free(&one);
    dfota_buffer_free(&three);
}

static void nothing_is_found_where_nothing_is_alike(void **state)
{
    struct dfota_buffer runs;

    (void)state;
    make_images();
    memset(new + GAP, 0, OTHER);
    for (uint32_t i = 0; i < SIZE + MOVED; i++)
        new[i] ^= 0x55;
    runs = find(1);
    assert_int_equal(runs.size, 0);
    dfota_buffer_free(&runs);
}

static bool is_wanted(const struct dfota_hash_set *wanted, const uint8_t *bytes)
{
    const uint64_t hash = dfota_hash_of(bytes, DFOTA_WANTED_LENGTH);

    return dfota_hash_set_which(wanted, &hash, 1) == 1;
}

static void what_runs_leave_is_wanted_and_little_else(void **state)
{
    struct dfota_hash_set wanted = {0};
    struct dfota_buffer runs;
    uint32_t others = 0;

    (void)state;
    make_images();
    runs = find(1);
    assert_int_equal(dfota_wanted_make(new_view, dfota_buffer_view(&runs),
                                       UINT64_MAX, &wanted, NULL),
                     DFOTA_OK);
    for (uint32_t i = 0; i < OTHER; i++)
        assert_true(is_wanted(&wanted, new + GAP + i));
    for (uint32_t i = 0; i < 100000; i++)
        others += is_wanted(&wanted, old + i);
    assert_true(others < 100000 / 20);
    assert_in_range(dfota_hash_set_chance(&wanted, 100000), others / 2,
                    2 * others);
    dfota_hash_set_free(&wanted);
    dfota_buffer_free(&runs);
}

/* Then more is taken for wanted, but nothing that is wanted is lost. */
static void a_set_of_what_is_wanted_keeps_to_a_bound(void **state)
{
    struct dfota_hash_set wanted = {0};
    struct dfota_buffer runs;

    (void)state;
    make_images();
    runs = find(1);
    assert_int_equal(dfota_wanted_make(new_view, dfota_buffer_view(&runs), 100,
                                       &wanted, NULL),
                     DFOTA_OK);
    assert_int_equal(wanted.count, 100 / 8);
    for (uint32_t i = 0; i < OTHER; i++)
        assert_true(is_wanted(&wanted, new + GAP + i));
    dfota_hash_set_free(&wanted);
    dfota_buffer_free(&runs);
}

static void nothing_is_wanted_where_runs_leave_most(void **state)
{
    const struct dfota_copy run = {0, 0, SIZE / 3};
    const struct dfota_view runs = {(const void *)&run, sizeof(run)};
    struct dfota_hash_set wanted = {0};

    (void)state;
    assert_int_equal(
        dfota_wanted_make(new_view, runs, UINT64_MAX, &wanted, NULL), DFOTA_OK);
    assert_int_equal(wanted.count, 0);
    assert_int_equal(dfota_hash_set_chance(&wanted, 1000), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_set_of_what_is_wanted_keeps_to_a_bound),
        cmocka_unit_test(nothing_is_found_where_nothing_is_alike),
        cmocka_unit_test(nothing_is_wanted_where_runs_leave_most),
        cmocka_unit_test(runs_are_the_same_for_any_number_of_threads),
        cmocka_unit_test(what_is_flat_does_not_lead_astray),
        cmocka_unit_test(what_moved_is_found_up_to_what_differs),
        cmocka_unit_test(what_runs_leave_is_wanted_and_little_else),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
