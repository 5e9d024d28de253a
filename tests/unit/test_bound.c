/* SPDX-License-Identifier: MIT */
/* bound: the shares of a bounded memory fit into it */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/apply/copy.h"
#include "lib/delta/bound.h"

#define MIB ((uint64_t)1 << 20)

static struct dfota_bound_work work_of(uint64_t mib)
{
    return (struct dfota_bound_work){
        .old_size = mib * MIB, .new_size = (mib + 1) * MIB, .ram = 256 << 10};
}

/* Any pointer will do: nothing is opened here. */
static struct dfota_spills *some_spills(void)
{
    static char place;

    return (void *)&place;
}

static void shares_fit_into_the_memory(void **state)
{
    (void)state;
    for (uint64_t mib = 1; mib < 2048; mib *= 2) {
        const struct dfota_bound_work work = work_of(mib);
        uint64_t least = dfota_bound_least(&work);

        assert_true(least <= dfota_bound_sure(&work));
        assert_true(dfota_bound_sure(&work) <= dfota_bound_full(&work));
        for (uint64_t memory = least;
             memory < 3 * least && memory < dfota_bound_full(&work);
             memory += MIB) {
            struct dfota_bound bound =
                dfota_bound_share(&work, memory, some_spills());

            assert_true(bound.index >= MIB);
            assert_true(bound.copies > 1000);
            assert_true(bound.index + bound.copies * 256 + bound.pairs <
                        memory - memory / 4);
            assert_false(bound.streams);
            assert_int_equal(bound.contents, 0);
        }
    }
}

static void a_package_of_512_mib_takes_a_quarter_of_256(void **state)
{
    const struct dfota_bound_work work = work_of(512);

    (void)state;
    assert_in_range(dfota_bound_least(&work), 64 * MIB, 128 * MIB);
    assert_in_range(dfota_bound_full(&work), 4096 * MIB, 8192 * MIB);
}

static void what_is_enough_for_any_delta_has_room_for_new(void **state)
{
    const struct dfota_bound_work work = work_of(64);

    (void)state;
    assert_true(
        dfota_bound_share(&work, dfota_bound_sure(&work), some_spills()).delta >
        work.new_size);
}

static void with_enough_memory_nothing_is_left_out(void **state)
{
    const struct dfota_bound_work work = work_of(8);
    struct dfota_bound bound =
        dfota_bound_share(&work, dfota_bound_full(&work), NULL);

    (void)state;
    assert_null(bound.spills);
    assert_int_equal(bound.index, 0);
    assert_int_equal(bound.copies, 0);
    assert_int_equal(bound.contents, 0);
    bound = dfota_bound_share(&work, 4096 * MIB, NULL);
    assert_true(bound.streams);
    assert_true(bound.contents > 100 * MIB);
}

/* Streams, and plain patches, are made in memory or not at all. */
static void other_codings_need_all_they_take(void **state)
{
    struct dfota_bound_work work = work_of(64);

    (void)state;
    work.is_streams = true;
    assert_true(dfota_bound_least(&work) == dfota_bound_full(&work));
    work.is_streams = false;
    work.is_patch = true;
    assert_true(dfota_bound_least(&work) == dfota_bound_full(&work));
}

static void the_shortest_copies_are_left_out(void **state)
{
    struct dfota_bound bound = {.copies = 20};
    struct dfota_buffer copies = {0};
    const struct dfota_copy *copy;

    (void)state;
    for (uint32_t i = 0; i < 60; i++) {
        struct dfota_copy next = {i * 1000, i, i % 3 == 0 ? 500 : 20 + i % 3};

        dfota_buffer_add(&copies, &next, sizeof(next));
    }
    dfota_bound_thin(NULL, &copies);
    assert_int_equal(copies.size, 60 * sizeof(*copy));
    dfota_bound_thin(&bound, &copies);
    copy = (const void *)copies.data;
    assert_true(bound.is_thin);
    assert_int_equal(copies.size, 20 * sizeof(*copy));
    for (uint32_t i = 0; i < 20; i++)
        assert_int_equal(copy[i].new_pos, i * 3000);
    bound.is_thin = false;
    dfota_bound_thin(&bound, &copies);
    assert_false(bound.is_thin);
    dfota_buffer_free(&copies);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_fit_into_the_memory),
        cmocka_unit_test(a_package_of_512_mib_takes_a_quarter_of_256),
        cmocka_unit_test(what_is_enough_for_any_delta_has_room_for_new),
        cmocka_unit_test(with_enough_memory_nothing_is_left_out),
        cmocka_unit_test(other_codings_need_all_they_take),
        cmocka_unit_test(the_shortest_copies_are_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
