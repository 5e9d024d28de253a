/* SPDX-License-Identifier: MIT */
/* which streams a module has memory for */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/apply/unpacking.h"
#include "tests/support/packed_sides.h"

#define KIB   ((uint32_t)1024) /* bytes */
#define PLACE (1024 * KIB)     /* what needs more shares no place */

static struct dfota_unpacked fit(struct dfota_packed_pair *pair, uint32_t ram)
{
    struct dfota_unpacked stated;

    assert_int_equal(dfota_packed_fit(pair, ram, &stated, NULL), DFOTA_OK);
    return stated;
}

/* Streams of 10, 20, 40 and 80 KiB, in both images. */
static struct dfota_packed_pair make_pair(void)
{
    struct dfota_packed_pair pair = {.old = {.count = 0}};
    uint32_t seed = 3;

    for (uint32_t size = 10 * KIB; size <= 80 * KIB; size *= 2)
        sides_add_pair(&pair, &seed, size);
    return pair;
}

static uint32_t need(const struct dfota_packed_stream *stream)
{
    const struct dfota_shelf_region region = {.packed = stream->region,
                                              .tokens = stream->tokens.count};

    return dfota_shelf_need(&region);
}

static void with_much_memory_all_of_old_stays_unpacked(void **state)
{
    struct dfota_packed_pair pair = make_pair();
    struct dfota_unpacked stated = fit(&pair, 4096 * KIB);
    uint32_t all = 0;

    (void)state;
    for (size_t i = 0; i < 4; i++)
        all += need(&pair.old.streams[i]);
    assert_int_equal(stated.old_count, 4);
    assert_int_equal(stated.new_count, 4);
    assert_int_equal(stated.kept, all);
    assert_int_equal(stated.place_count, 0);
    assert_int_equal(stated.contents, 80 * KIB);
    assert_in_range(stated.work, dfota_pack_memory(&pair.new.streams[0].region),
                    dfota_pack_memory(&pair.new.streams[0].region) + 15);
    dfota_packed_close(&pair);
}

static void with_less_memory_they_share_places(void **state)
{
    struct dfota_packed_pair pair = make_pair();
    struct dfota_unpacked stated = fit(&pair, 340 * KIB);

    (void)state;
    assert_int_equal(stated.new_count, 4);
    assert_int_equal(stated.kept, 0);
    assert_in_range(stated.place_count, 1, 3);
    assert_int_equal(stated.place_size, need(&pair.old.streams[3]));
    dfota_packed_close(&pair);
}

/* Every amount of memory is kept to, and what it suffices for grows with it. */
static void never_states_more_memory_than_there_is(void **state)
{
    uint16_t before = 0;

    (void)state;
    for (uint32_t ram = 4 * KIB; ram <= 1024 * KIB; ram += 12 * KIB) {
        struct dfota_packed_pair pair = make_pair();
        struct dfota_unpacked stated = fit(&pair, ram);

        assert_in_range(dfota_unpacking_memory(&stated), 0, ram - ram / 16);
        assert_int_equal(stated.old_count, stated.new_count);
        assert_in_range(stated.new_count, before, 4);
        before = stated.new_count;
        dfota_packed_close(&pair);
    }
    assert_int_equal(before, 4);
}

static void
the_largest_are_left_first_and_their_partners_with_them(void **state)
{
    struct dfota_packed_pair pair = make_pair();
    struct dfota_unpacked stated = fit(&pair, 150 * KIB);

    (void)state;
    assert_in_range(stated.new_count, 1, 3);
    for (size_t i = 0; i < 4; i++) {
        bool kept = i < stated.new_count;

        assert_true((pair.new.streams[i].fate == DFOTA_PACKED_UNPACKED) ==
                    kept);
        assert_true((pair.old.streams[i].fate == DFOTA_PACKED_UNPACKED) ==
                    kept);
    }
    assert_true(pair.new.streams[3].fate == DFOTA_PACKED_NO_ROOM ||
                pair.old.streams[3].fate == DFOTA_PACKED_NO_ROOM);
    dfota_packed_close(&pair);
}

static void without_memory_nothing_is_unpacked(void **state)
{
    struct dfota_packed_pair pair = make_pair();
    struct dfota_unpacked stated = fit(&pair, 2 * KIB);

    (void)state;
    assert_int_equal(stated.new_count, 0);
    assert_int_equal(stated.old_count, 0);
    assert_int_equal(dfota_unpacking_memory(&stated), 0);
    assert_int_equal(dfota_packed_count(&pair.new, DFOTA_PACKED_UNPACKED), 0);
    assert_int_equal(dfota_packed_count(&pair.old, DFOTA_PACKED_UNPACKED), 0);
    dfota_packed_close(&pair);
}

/* One of more than 1 MiB is kept, though the small ones share places. */
static void a_large_one_shares_no_place(void **state)
{
    struct dfota_packed_pair pair = {.old = {.count = 0}};
    struct dfota_unpacked stated;
    uint32_t seed = 5;

    (void)state;
    sides_add_pair(&pair, &seed, PLACE);
    sides_add_pair(&pair, &seed, 200 * KIB);
    sides_add_pair(&pair, &seed, 200 * KIB);
    stated = fit(&pair, 3072 * KIB);
    assert_int_equal(stated.new_count, 3);
    assert_int_equal(stated.kept, need(&pair.old.streams[0]));
    assert_int_equal(stated.place_size, need(&pair.old.streams[1]));
    assert_int_equal(stated.place_count, 1);
    dfota_packed_close(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(with_much_memory_all_of_old_stays_unpacked),
        cmocka_unit_test(with_less_memory_they_share_places),
        cmocka_unit_test(never_states_more_memory_than_there_is),
        cmocka_unit_test(
            the_largest_are_left_first_and_their_partners_with_them),
        cmocka_unit_test(without_memory_nothing_is_unpacked),
        cmocka_unit_test(a_large_one_shares_no_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
