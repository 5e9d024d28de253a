/* SPDX-License-Identifier: MIT */
/* where old addresses went: sorting the map, and looking it up */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/apply/map.h"
#include "tests/support/random.h"

#define ENTRIES_MAX 300

static int by_position(const void *a, const void *b)
{
    const struct dfota_map_entry *x = a;
    const struct dfota_map_entry *y = b;

    if (x->old_pos != y->old_pos)
        return x->old_pos < y->old_pos ? -1 : 1;
    if (x->shift != y->shift)
        return x->shift < y->shift ? -1 : 1;
    return x->length < y->length ? -1 : x->length > y->length;
}

/* Fills `entries` with `count` random ones; small numbers make ties. */
static void fill(uint32_t *seed, struct dfota_map_entry *entries,
                 uint32_t count, uint32_t most)
{
    for (uint32_t i = 0; i < count; i++)
        entries[i] = (struct dfota_map_entry){random_below(seed, most),
                                              random_below(seed, most / 4 + 1),
                                              random_below(seed, most)};
}

static void sorts_as_the_c_library_does(void **state)
{
    static const uint32_t ranges[] = {1, 2, 5, 40, 1000, UINT32_MAX};
    struct dfota_map_entry entries[ENTRIES_MAX];
    struct dfota_map_entry wanted[ENTRIES_MAX];
    uint32_t seed = 31;

    (void)state;
    for (uint32_t count = 0; count <= ENTRIES_MAX; count++) {
        struct dfota_map map = {entries, count};

        fill(&seed, entries, ENTRIES_MAX, ranges[count % 6]);
        memcpy(wanted, entries, sizeof(wanted));
        if (count > 0)
            qsort(wanted, count, sizeof(wanted[0]), by_position);
        dfota_map_sort(&map);
        assert_memory_equal(entries, wanted, sizeof(wanted));
        assert_int_equal(map.count, count);
    }
}

static void sorts_what_is_sorted_either_way_round(void **state)
{
    struct dfota_map_entry entries[ENTRIES_MAX];
    struct dfota_map map = {entries, ENTRIES_MAX};

    (void)state;
    for (unsigned back = 0; back < 2; back++) {
        for (uint32_t i = 0; i < ENTRIES_MAX; i++)
            entries[i].old_pos = back ? ENTRIES_MAX - 1 - i : i;
        dfota_map_sort(&map);
        for (uint32_t i = 0; i < ENTRIES_MAX; i++)
            assert_int_equal(entries[i].old_pos, i);
    }
}

static void gives_no_shift_for_an_empty_map(void **state)
{
    const struct dfota_map map = {NULL, 0};

    (void)state;
    assert_int_equal(dfota_map_shift(&map, 0), 0);
    assert_int_equal(dfota_map_shift(&map, 1000), 0);
    assert_int_equal(dfota_map_shift(&map, UINT32_MAX), 0);
}

static void gives_the_shift_of_what_covers_a_position(void **state)
{
    struct dfota_map_entry entries[] = {
        {100, 50, 1}, {200, 10, 2}, {200, 1000, 3}, {300, 20, 4}, {400, 0, 5}};
    const struct dfota_map map = {entries, 5};
    static const uint32_t cases[][2] = {
        {0, 1}, /* before all: as the first */
        {99, 1},         {100, 1},  {149, 1}, {150, 1}, /* behind: as the last
                                                           before */
        {199, 1},        {200, 3},  {209, 3}, {210, 3}, {299, 3},
        {300, 4},        {319, 4},  {320, 3}, /* what covers, before */
        {399, 3},        {400, 3},            /* nothing covers nothing */
        {1199, 3},       {1200, 5},           /* none covers: the last */
        {UINT32_MAX, 5},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(dfota_map_shift(&map, cases[i][0]), cases[i][1]);
}

/* A long copy is not seen any more behind so many short ones. */
static void looks_back_over_so_many_entries_and_no_more(void **state)
{
    struct dfota_map_entry entries[DFOTA_MAP_LOOK_BACK + 1] = {{0, 1000, 7}};
    struct dfota_map map = {entries, DFOTA_MAP_LOOK_BACK};

    (void)state;
    for (uint32_t i = 1; i <= DFOTA_MAP_LOOK_BACK; i++)
        entries[i] = (struct dfota_map_entry){i, 1, 100 + i};
    assert_int_equal(dfota_map_shift(&map, 500), 7);
    map.count++;
    assert_int_equal(dfota_map_shift(&map, 500), 100 + DFOTA_MAP_LOOK_BACK);
    entries[1].length = 1000;
    assert_int_equal(dfota_map_shift(&map, 500), 101);
}

/* As the header puts it, entry by entry. */
static uint32_t naive_shift(const struct dfota_map *map, uint32_t old_pos)
{
    uint32_t before = 0; /* entries at or before `old_pos` */

    if (map->count == 0)
        return 0;
    while (before < map->count && map->entries[before].old_pos <= old_pos)
        before++;
    if (before == 0)
        return map->entries[0].shift;
    for (uint32_t back = 1; back <= before && back <= DFOTA_MAP_LOOK_BACK;
         back++) {
        const struct dfota_map_entry *entry = &map->entries[before - back];

        if (old_pos < (uint64_t)entry->old_pos + entry->length)
            return entry->shift;
    }
    return map->entries[before - 1].shift;
}

static void gives_what_its_definition_says(void **state)
{
    static const uint32_t ranges[] = {3, 50, 1000, 100000, UINT32_MAX};
    struct dfota_map_entry entries[ENTRIES_MAX];
    uint32_t seed = 77;

    (void)state;
    for (uint32_t round = 0; round < 500; round++) {
        uint32_t most = ranges[round % 5];
        struct dfota_map map = {entries, random_below(&seed, ENTRIES_MAX + 1)};

        fill(&seed, entries, map.count, most);
        dfota_map_sort(&map);
        for (unsigned i = 0; i < 200; i++) {
            uint32_t at = random_below(&seed, most);

            if (i % 2 == 0 && map.count > 0) /* around where entries begin */
                at = entries[at % map.count].old_pos + i % 3 - 1;
            assert_int_equal(dfota_map_shift(&map, at), naive_shift(&map, at));
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorts_as_the_c_library_does),
        cmocka_unit_test(sorts_what_is_sorted_either_way_round),
        cmocka_unit_test(gives_no_shift_for_an_empty_map),
        cmocka_unit_test(gives_the_shift_of_what_covers_a_position),
        cmocka_unit_test(looks_back_over_so_many_entries_and_no_more),
        cmocka_unit_test(gives_what_its_definition_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
