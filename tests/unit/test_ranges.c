/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/delta/pairs.h"
#include "lib/delta/ranges.h"
#include "tests/support/moved.h"
#include "tests/support/random.h"

#define RAM 0x20000000u

static void find(struct moved *moved)
{
    assert_int_equal(dfota_ranges_find(&moved->plan, &moved->predictor,
                                       &moved->regions, &moved->prediction,
                                       NULL),
                     DFOTA_OK);
}

/* `count` words from `pos` on, `first` and so on in steps of 16, that all are
 * changed by `shift`. */
static void put_words(struct moved *moved, uint32_t pos, uint32_t first,
                      uint32_t count, uint32_t shift)
{
    for (uint32_t i = 0; i < count; i++) {
        dfota_put32(moved->old + pos + 4 * i, first + 16 * i);
        dfota_put32(moved->new + pos + 4 * i, first + 16 * i + shift);
    }
}

static void begin(struct moved *moved)
{
    moved_begin(moved, &dfota_isa_t32, DFOTA_T32_CALLS);
    moved_add_copy(moved, 0, 0, MOVED_SIZE);
}

static void finds_values_that_change_together(void **state)
{
    struct moved moved;

    (void)state;
    begin(&moved);
    put_words(&moved, 400, RAM + 0x5000, 100, 8);
    find(&moved);
    assert_int_equal(moved.prediction.range_count, 1);
    assert_int_equal(moved.prediction.ranges[0].first, RAM + 0x4000);
    assert_int_equal(moved.prediction.ranges[0].size, 0x4000);
}

static void joins_what_lies_near(void **state)
{
    struct moved moved;

    (void)state;
    begin(&moved);
    put_words(&moved, 400, RAM, 100, 8);
    put_words(&moved, 800, RAM + 0x20000, 100, 12);
    find(&moved);
    assert_int_equal(moved.prediction.range_count, 1);
    assert_int_equal(moved.prediction.ranges[0].first, RAM);
    assert_int_equal(moved.prediction.ranges[0].size, 0x24000);
}

static void puts_the_best_first_and_drops_the_worst(void **state)
{
    struct moved moved;

    (void)state;
    begin(&moved);
    for (uint32_t i = 0; i < DFOTA_PREDICT_RANGES + 2; i++)
        put_words(&moved, 400 + 1200 * i, RAM + (i << 24),
                  50 + (i * 3 % 5) * 40 + i, 8);
    find(&moved);
    assert_int_equal(moved.prediction.range_count, DFOTA_PREDICT_RANGES);
    assert_int_equal(moved.prediction.ranges[0].first, RAM + (3u << 24));
    assert_int_equal(moved.prediction.ranges[1].first, RAM + (1u << 24));
    assert_int_equal(moved.prediction.ranges[2].first, RAM + (4u << 24));
    assert_int_equal(moved.prediction.ranges[3].first, RAM + (2u << 24));
}

static void leaves_alone_what_does_not_change(void **state)
{
    struct moved moved;

    (void)state;
    begin(&moved);
    put_words(&moved, 400, RAM, 500, 0);
    moved.prediction.range_count = 1;
    find(&moved);
    assert_int_equal(moved.prediction.range_count, 0);
}

static void leaves_alone_what_changes_at_random(void **state)
{
    struct moved moved;
    uint32_t random = 5;

    (void)state;
    begin(&moved);
    put_words(&moved, 400, RAM, 500, 0);
    for (uint32_t i = 0; i < 500; i++)
        moved.new[401 + 4 * i] = (uint8_t)random_below(&random, 256);
    find(&moved);
    assert_int_equal(moved.prediction.range_count, 0);
}

/* Calls, pointers into the image, and words where new is not aligned. */
static void leaves_alone_what_is_known_or_no_word(void **state)
{
    struct moved moved;

    (void)state;
    begin(&moved);
    moved.prediction.bases[0] = RAM;
    moved.prediction.base_count = 1;
    put_words(&moved, 400, RAM, 200, 8);
    for (uint32_t i = 0; i < 100; i++) {
        moved_put_call(moved.old, 2000 + 4 * i, 100);
        moved_put_call(moved.new, 2000 + 4 * i, 300);
    }
    find(&moved);
    assert_int_equal(moved.prediction.range_count, 0);

    moved_begin(&moved, &dfota_isa_t32, DFOTA_T32_CALLS);
    moved_add_copy(&moved, 2, 0, MOVED_SIZE - 2);
    put_words(&moved, 400, RAM, 200, 8);
    memmove(moved.new + 2, moved.new, MOVED_SIZE - 2);
    find(&moved);
    assert_int_equal(moved.prediction.range_count, 0);
}

static void finds_nothing_without_copies(void **state)
{
    struct moved moved;

    (void)state;
    moved_begin(&moved, &dfota_isa_t32, DFOTA_T32_CALLS);
    find(&moved);
    assert_int_equal(moved.prediction.range_count, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_nothing_without_copies),
        cmocka_unit_test(finds_values_that_change_together),
        cmocka_unit_test(joins_what_lies_near),
        cmocka_unit_test(leaves_alone_what_changes_at_random),
        cmocka_unit_test(leaves_alone_what_does_not_change),
        cmocka_unit_test(leaves_alone_what_is_known_or_no_word),
        cmocka_unit_test(puts_the_best_first_and_drops_the_worst),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
