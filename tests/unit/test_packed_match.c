/* SPDX-License-Identifier: MIT */
/* which contents have something in common */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/packed_sides.h"

#define SIZE  4000 /* bytes */
#define BLOCK 16   /* of which some take the place of others */

static void match(struct dfota_packed_pair *pair)
{
    assert_int_equal(dfota_packed_match(pair, NULL), DFOTA_OK);
}

static void what_both_have_is_counted(void **state)
{
    struct dfota_packed_pair pair = {.old = {.count = 0}};
    uint32_t seed = 3;

    (void)state;
    sides_add_pair(&pair, &seed, SIZE);
    match(&pair);
    assert_int_equal(pair.new.streams[0].fate, DFOTA_PACKED_UNPACKED);
    assert_int_equal(pair.old.streams[0].fate, DFOTA_PACKED_UNPACKED);
    assert_in_range(pair.new.streams[0].alike, SIZE - 6 * BLOCK, SIZE - 1);
    assert_int_equal(pair.old.streams[0].alike, pair.new.streams[0].alike);
    dfota_packed_close(&pair);
}

/* What was counted before does not add up. */
static void matching_again_gives_the_same(void **state)
{
    struct dfota_packed_pair pair = {.old = {.count = 0}};
    uint32_t seed = 4;
    uint32_t alike;

    (void)state;
    sides_add_pair(&pair, &seed, SIZE);
    match(&pair);
    alike = pair.new.streams[0].alike;
    match(&pair);
    assert_int_equal(pair.new.streams[0].alike, alike);
    assert_int_equal(pair.old.streams[0].alike, alike);
    dfota_packed_close(&pair);
}

static void streams_with_nothing_in_common_are_left(void **state)
{
    struct dfota_packed_pair pair = {.old = {.count = 0}};
    struct dfota_buffer other = {0};
    uint32_t seed = 5;

    (void)state;
    image_add_random(&other, &seed, SIZE, 256);
    sides_add(&pair.old, dfota_buffer_view(&other));
    sides_add_pair(&pair, &seed, SIZE);
    other.size = 0;
    image_add_random(&other, &seed, SIZE, 256);
    sides_add(&pair.new, dfota_buffer_view(&other));
    match(&pair);
    assert_int_equal(pair.old.streams[0].fate, DFOTA_PACKED_NO_USE);
    assert_null(pair.old.streams[0].contents);
    assert_int_equal(pair.old.streams[1].fate, DFOTA_PACKED_UNPACKED);
    assert_int_equal(pair.new.streams[0].fate, DFOTA_PACKED_UNPACKED);
    assert_int_equal(pair.new.streams[1].fate, DFOTA_PACKED_NO_USE);
    dfota_buffer_free(&other);
    dfota_packed_close(&pair);
}

/* New has `common` bytes of old behind 1,001 of its own. */
static enum dfota_packed_fate fate_with(size_t common)
{
    struct dfota_packed_pair pair = {.old = {.count = 0}};
    struct dfota_buffer old = {0};
    struct dfota_buffer new = {0};
    enum dfota_packed_fate fate;
    uint32_t seed = 6;

    image_add_random(&old, &seed, SIZE, 256);
    image_add_random(&new, &seed, 1001, 256);
    dfota_buffer_add(&new, old.data, common);
    image_add_random(&new, &seed, SIZE - 1001 - common, 256);
    sides_add(&pair.old, dfota_buffer_view(&old));
    sides_add(&pair.new, dfota_buffer_view(&new));
    match(&pair);
    fate = (enum dfota_packed_fate)pair.new.streams[0].fate;
    dfota_buffer_free(&old);
    dfota_buffer_free(&new);
    dfota_packed_close(&pair);
    return fate;
}

static void one_part_in_sixteen_must_be_alike(void **state)
{
    (void)state;
    assert_int_equal(fate_with(SIZE / 16 - 8), DFOTA_PACKED_NO_USE);
    assert_int_equal(fate_with(SIZE / 16 + 4 * BLOCK), DFOTA_PACKED_UNPACKED);
}

static void runs_of_one_byte_are_nothing_in_common(void **state)
{
    struct dfota_packed_pair pair = {.old = {.count = 0}};
    struct dfota_buffer zeros = {0};
    uint32_t seed = 7;

    (void)state;
    image_add_random(&zeros, &seed, SIZE, 1);
    sides_add(&pair.old, dfota_buffer_view(&zeros));
    sides_add(&pair.new, dfota_buffer_view(&zeros));
    match(&pair);
    assert_int_equal(pair.new.streams[0].fate, DFOTA_PACKED_NO_USE);
    dfota_buffer_free(&zeros);
    dfota_packed_close(&pair);
}

/* Old has what new would be alike to, but leaves it packed. */
static void streams_that_are_left_are_not_looked_at(void **state)
{
    struct dfota_packed_pair pair = {.old = {.count = 0}};
    uint32_t seed = 8;

    (void)state;
    sides_add_pair(&pair, &seed, SIZE);
    dfota_packed_leave(&pair.old.streams[0], DFOTA_PACKED_NO_ROOM);
    match(&pair);
    assert_int_equal(pair.new.streams[0].fate, DFOTA_PACKED_NO_USE);
    assert_int_equal(pair.old.streams[0].fate, DFOTA_PACKED_NO_ROOM);
    dfota_packed_close(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_both_have_is_counted),
        cmocka_unit_test(matching_again_gives_the_same),
        cmocka_unit_test(streams_with_nothing_in_common_are_left),
        cmocka_unit_test(one_part_in_sixteen_must_be_alike),
        cmocka_unit_test(runs_of_one_byte_are_nothing_in_common),
        cmocka_unit_test(streams_that_are_left_are_not_looked_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
