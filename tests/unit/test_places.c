/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/apply/places.h"

#define PLACES 5
#define PLACE  100 /* bytes */

/* Places 1 and 3 are written; the stash has some of both. */
static uint16_t turns[PLACES] = {2, 0, DFOTA_TURN_NONE, 1, 4};
static struct dfota_stash_range stash[] = {
    {110, 20, 0}, {130, 10, 20}, {190, 120, 30}, {399, 1, 150}};
static const struct dfota_places places = {turns, PLACES, PLACE, stash, 4, 2};

/* Whether one byte can be read, told one by one. */
static bool is_there(uint32_t pos)
{
    if (pos / PLACE != 1 && pos / PLACE != 3)
        return true;
    for (size_t i = 0; i < sizeof(stash) / sizeof(stash[0]); i++)
        if (pos >= stash[i].old_pos && pos < stash[i].old_pos + stash[i].size)
            return true;
    return false;
}

static void tells_of_each_byte_whether_it_is_there(void **state)
{
    (void)state;
    for (uint32_t pos = 0; pos < 700; pos++)
        assert_int_equal(dfota_places_hold(&places, pos, 1), is_there(pos));
}

static void tells_of_each_range_whether_all_of_it_is_there(void **state)
{
    (void)state;
    for (uint32_t pos = 0; pos < 520; pos += 3) {
        bool all = true;

        assert_true(dfota_places_hold(&places, pos, 0));
        for (uint32_t size = 1; size < 420; size++) {
            all = all && is_there(pos + size - 1);
            assert_int_equal(dfota_places_hold(&places, pos, size), all);
        }
    }
}

static void finds_bytes_in_the_image_before_the_stash(void **state)
{
    uint32_t offset;

    (void)state;
    assert_int_equal(dfota_places_find(&places, 0, 500, &offset), 100);
    assert_int_equal(offset, UINT32_MAX);
    assert_int_equal(dfota_places_find(&places, 115, 500, &offset), 15);
    assert_int_equal(offset, 5);
    assert_int_equal(dfota_places_find(&places, 195, 500, &offset), 115);
    assert_int_equal(offset, 35);
    assert_int_equal(dfota_places_find(&places, 205, 500, &offset), 95);
    assert_int_equal(offset, UINT32_MAX);
    assert_int_equal(dfota_places_find(&places, 305, 500, &offset), 5);
    assert_int_equal(offset, 145);
    assert_int_equal(dfota_places_find(&places, 310, 500, &offset), 0);
}

static void leaves_what_is_behind_all_places_alone(void **state)
{
    uint32_t offset;

    (void)state;
    assert_int_equal(dfota_places_find(&places, 450, 9000, &offset), 9000);
    assert_int_equal(dfota_places_find(&places, 5000, 70, &offset), 70);
    assert_int_equal(offset, UINT32_MAX);
}

static void counts_free_places_from_both_sides(void **state)
{
    static uint16_t some[] = {DFOTA_TURN_NONE, 0, DFOTA_TURN_NONE, 1,
                              DFOTA_TURN_NONE};
    const struct dfota_places half = {.turns = some, .count = PLACES};

    (void)state;
    assert_int_equal(dfota_places_free(&half, false, 0), 0);
    assert_int_equal(dfota_places_free(&half, false, 1), 2);
    assert_int_equal(dfota_places_free(&half, false, 2), 4);
    assert_int_equal(dfota_places_free(&half, false, 3), PLACES);
    assert_int_equal(dfota_places_free(&half, true, 0), 4);
    assert_int_equal(dfota_places_free(&half, true, 2), 0);
    assert_int_equal(dfota_places_free(&half, true, 3), PLACES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_of_each_byte_whether_it_is_there),
        cmocka_unit_test(tells_of_each_range_whether_all_of_it_is_there),
        cmocka_unit_test(finds_bytes_in_the_image_before_the_stash),
        cmocka_unit_test(leaves_what_is_behind_all_places_alone),
        cmocka_unit_test(counts_free_places_from_both_sides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
