/* SPDX-License-Identifier: MIT */
/* the shelf: which regions of old are unpacked at a time */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/apply/shelf.h"

#define REGIONS  6
#define SMALL    1000 /* bytes of contents */
#define LARGE    9000
#define TOKENS   10
#define DISTANCE 20000

static struct dfota_shelf_region regions[REGIONS];

/* Region 2 is large, the others are small. */
static struct dfota_shelf shelf_of(uint32_t place_size, uint32_t place_count)
{
    for (uint32_t i = 0; i < REGIONS; i++)
        regions[i] = (struct dfota_shelf_region){
            .packed = {.contents_size = i == 2 ? LARGE : SMALL},
            .pos = 100 + i * DISTANCE,
            .tokens = TOKENS};
    return (struct dfota_shelf){.regions = regions,
                                .count = REGIONS,
                                .place_size = place_size,
                                .place_count = place_count};
}

static void a_region_needs_contents_and_parse(void **state)
{
    const struct dfota_shelf_region region = {
        .packed = {.contents_size = SMALL}, .tokens = TOKENS};
    const struct dfota_shelf_region huge = {
        .packed = {.contents_size = DFOTA_TOKEN_CONTENTS_MAX},
        .tokens = DFOTA_TOKEN_CONTENTS_MAX};
    uint32_t parse = dfota_tokens_memory(SMALL, TOKENS);

    (void)state;
    assert_int_equal(dfota_shelf_need(&region),
                     64 + 1008 + (parse + 15) / 16 * 16);
    assert_int_equal(dfota_shelf_need(&huge), 2826960976);
}

static void without_places_all_are_kept_side_by_side(void **state)
{
    struct dfota_shelf shelf = shelf_of(0, 0);
    uint64_t kept = dfota_shelf_arrange(&shelf);
    uint32_t at = 0;

    (void)state;
    for (uint32_t i = 0; i < REGIONS; i++) {
        assert_int_equal(regions[i].place, at);
        at += dfota_shelf_need(&regions[i]);
    }
    assert_int_equal(kept, at);
    for (uint32_t i = 0; i < REGIONS; i++)
        assert_true(dfota_shelf_take(&shelf, i));
    for (uint32_t i = 0; i < REGIONS; i++)
        assert_false(dfota_shelf_take(&shelf, i));
}

static void small_ones_take_the_places_in_turn(void **state)
{
    uint32_t size = dfota_shelf_need(&(struct dfota_shelf_region){
        .packed = {.contents_size = SMALL}, .tokens = TOKENS});
    struct dfota_shelf shelf = shelf_of(size, 2);
    uint64_t kept = dfota_shelf_arrange(&shelf);

    (void)state;
    assert_int_equal(kept, dfota_shelf_need(&regions[2]));
    assert_int_equal(regions[2].place, 0);
    assert_int_equal(regions[0].place, kept);
    assert_int_equal(regions[1].place, kept + size);
    assert_int_equal(regions[3].place, kept);
    assert_int_equal(regions[4].place, kept + size);
    assert_int_equal(regions[5].place, kept);
}

static void who_comes_to_a_place_drives_another_one_out(void **state)
{
    struct dfota_shelf shelf = shelf_of(2000, 2);

    (void)state;
    dfota_shelf_arrange(&shelf);
    assert_true(dfota_shelf_take(&shelf, 0));
    assert_true(dfota_shelf_take(&shelf, 1));
    assert_true(dfota_shelf_take(&shelf, 2));
    assert_true(dfota_shelf_take(&shelf, 3));
    assert_false(regions[0].loaded);
    assert_true(regions[1].loaded);
    assert_true(regions[2].loaded);
    assert_true(regions[3].loaded);
    assert_true(dfota_shelf_take(&shelf, 0));
    assert_false(regions[3].loaded);
    assert_int_equal(shelf.unpacked, 4 * SMALL + LARGE);
}

static void what_is_unpacked_over_and_over_wears_it(void **state)
{
    struct dfota_shelf shelf = shelf_of(2000, 1);
    uint32_t view = 2 * SMALL;

    (void)state;
    dfota_shelf_arrange(&shelf);
    for (uint32_t i = 0; i < 2 * DFOTA_SHELF_LIMIT; i++) {
        assert_false(dfota_shelf_worn(&shelf, view));
        assert_true(dfota_shelf_take(&shelf, i % 2));
    }
    assert_false(dfota_shelf_worn(&shelf, view));
    dfota_shelf_take(&shelf, 0);
    assert_true(dfota_shelf_worn(&shelf, view));
}

static void positions_lead_to_regions(void **state)
{
    struct dfota_shelf shelf = shelf_of(0, 0);

    (void)state;
    assert_int_equal(dfota_shelf_find(&shelf, 0), 0);
    assert_int_equal(dfota_shelf_find(&shelf, 100), 0);
    assert_int_equal(dfota_shelf_find(&shelf, 99 + SMALL), 0);
    assert_int_equal(dfota_shelf_find(&shelf, 100 + SMALL), 1);
    assert_int_equal(dfota_shelf_find(&shelf, 100 + 2 * DISTANCE + LARGE - 1),
                     2);
    assert_int_equal(dfota_shelf_find(&shelf, UINT32_MAX), REGIONS);
}

static void parses_are_of_those_used_that_are_there(void **state)
{
    struct dfota_shelf shelf = shelf_of(2000, 2);
    struct dfota_parse_old olds[REGIONS];
    static uint8_t memory[20000];

    (void)state;
    shelf.memory = memory;
    dfota_shelf_arrange(&shelf);
    for (uint32_t i = 0; i < 4; i++) {
        dfota_shelf_take(&shelf, i);
        regions[i].used = i != 2;
    }
    assert_int_equal(dfota_shelf_parses(&shelf, olds), 2);
    assert_int_equal(olds[0].pos, regions[1].pos);
    assert_int_equal(olds[1].pos, regions[3].pos);
    dfota_shelf_begin(&shelf);
    assert_int_equal(dfota_shelf_parses(&shelf, olds), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_region_needs_contents_and_parse),
        cmocka_unit_test(without_places_all_are_kept_side_by_side),
        cmocka_unit_test(small_ones_take_the_places_in_turn),
        cmocka_unit_test(who_comes_to_a_place_drives_another_one_out),
        cmocka_unit_test(what_is_unpacked_over_and_over_wears_it),
        cmocka_unit_test(positions_lead_to_regions),
        cmocka_unit_test(parses_are_of_those_used_that_are_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
