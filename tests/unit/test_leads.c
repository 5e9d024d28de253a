/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/delta/leads.h"
#include "tests/support/moved.h"

#define BASE 0x08000000u

static struct dfota_leads vote(const struct moved *moved)
{
    struct dfota_leads leads = {0};

    assert_int_equal(dfota_leads_vote(&moved->plan, &moved->predictor,
                                      &moved->regions, &leads, NULL),
                     DFOTA_OK);
    return leads;
}

/* A call from `pos`, the same in both images, to other places. */
static void put_calls(struct moved *moved, uint32_t pos, uint32_t target,
                      uint32_t shift)
{
    moved_put_call(moved->old, pos, target);
    moved_put_call(moved->new, pos, target + shift);
}

/* All is copied in place; the map says that nothing moved. */
static void begin(struct moved *moved)
{
    moved_begin(moved, &dfota_isa_t32, DFOTA_T32_CALLS | DFOTA_T32_VALUES);
    moved_add_copy(moved, 0, 0, MOVED_SIZE);
}

static void the_majority_decides(void **state)
{
    struct moved moved;
    struct dfota_leads leads;

    (void)state;
    begin(&moved);
    put_calls(&moved, 0, 1000, 20);
    put_calls(&moved, 4, 1000, 30);
    put_calls(&moved, 8, 1000, 30);
    leads = vote(&moved);
    assert_int_equal(dfota_leads_shift(&leads, &moved.predictor, 1000), 30);
    dfota_leads_free(&leads);
}

/* Only the first votes are collected: one alone does not count. */
static void a_bound_lets_the_first_decide(void **state)
{
    struct moved moved;
    struct dfota_leads leads;

    (void)state;
    begin(&moved);
    for (uint32_t i = 0; i < 300; i++)
        put_calls(&moved, 4 * i, 2000, 30);
    moved.plan.most = sizeof(uint64_t);
    leads = vote(&moved);
    assert_int_equal(dfota_leads_shift(&leads, &moved.predictor, 2000), 0);
    dfota_leads_free(&leads);
    moved.plan.most = 4096;
    leads = vote(&moved);
    assert_int_equal(dfota_leads_shift(&leads, &moved.predictor, 2000), 30);
    dfota_leads_free(&leads);
}

/* Sites that agree with the map count as well, in whatever piece they are. */
static void pieces_are_counted_together(void **state)
{
    enum { COUNT = 6, SIZE = 6 * (1 << 18) };
    struct moved moved;
    uint8_t *old = calloc(1, SIZE);
    uint8_t *new = calloc(1, SIZE);
    struct dfota_copy copies[COUNT];

    (void)state;
    begin(&moved);
    assert_non_null(old);
    assert_non_null(new);
    for (uint32_t i = 0; i < COUNT; i++) {
        uint32_t pos = i * (SIZE / COUNT);

        copies[i] = (struct dfota_copy){pos, pos, SIZE / COUNT};
        moved_put_call(old, pos + 400, 1000);
        moved_put_call(new, pos + 400, i < 3 ? 1030 : 1000);
        moved_put_call(old, pos + 500, 3000);
        moved_put_call(new, pos + 500, i < 4 ? 3030 : 3000);
    }
    moved.plan.old = (struct dfota_view){old, SIZE};
    moved.plan.new = (struct dfota_view){new, SIZE};
    moved.plan.copies = copies;
    moved.plan.copy_count = COUNT;
    moved.predictor.old_size = SIZE;
    for (moved.plan.threads = 1; moved.plan.threads < 4; moved.plan.threads++) {
        struct dfota_leads leads = vote(&moved);

        assert_int_equal(dfota_leads_shift(&leads, &moved.predictor, 1000), 0);
        assert_int_equal(dfota_leads_shift(&leads, &moved.predictor, 3000), 30);
        dfota_leads_free(&leads);
    }
    free(old);
    free(new);
}

static void one_vote_is_not_enough_where_there_is_a_map(void **state)
{
    struct moved moved;
    struct dfota_leads leads;

    (void)state;
    begin(&moved);
    put_calls(&moved, 0, 1000, 20);
    put_calls(&moved, 4, MOVED_SIZE + 1000, 20);
    leads = vote(&moved);
    assert_int_equal(dfota_leads_shift(&leads, &moved.predictor, 1000), 0);
    assert_int_equal(
        dfota_leads_shift(&leads, &moved.predictor, MOVED_SIZE + 1000), 20);
    dfota_leads_free(&leads);
}

static void
between_agreeing_neighbours_outside_it_goes_as_they_did(void **state)
{
    struct moved moved;
    struct dfota_leads leads;

    (void)state;
    begin(&moved);
    for (uint32_t i = 0; i < 4; i++)
        put_calls(&moved, 4 * i, MOVED_SIZE + 1000 * i,
                  i < 2 ? 12 : 16 + 4 * i);
    leads = vote(&moved);
    assert_int_equal(
        dfota_leads_shift(&leads, &moved.predictor, MOVED_SIZE + 500), 12);
    assert_int_equal(
        dfota_leads_shift(&leads, &moved.predictor, MOVED_SIZE + 1500), 0);
    assert_int_equal(
        dfota_leads_shift(&leads, &moved.predictor, MOVED_SIZE + 5000), 0);
    dfota_leads_free(&leads);
}

static void without_votes_the_map_decides(void **state)
{
    struct moved moved;
    struct dfota_leads leads = {0};

    (void)state;
    moved_begin(&moved, &dfota_isa_t32, DFOTA_T32_CALLS);
    moved_add_copy(&moved, 100, 0, 1000);
    moved_add_copy(&moved, 1500, 2000, 1000);
    assert_int_equal(dfota_leads_shift(&leads, &moved.predictor, 10), 100);
    assert_int_equal(dfota_leads_shift(&leads, &moved.predictor, 2100),
                     0u - 500);
    assert_int_equal(dfota_leads_shift(&leads, &moved.predictor, MOVED_SIZE),
                     0);
    dfota_leads_free(&leads);
}

static void pointers_and_values_vote_as_well(void **state)
{
    struct moved moved;
    struct dfota_leads leads;
    uint8_t *in[2] = {moved.old, moved.new};

    (void)state;
    begin(&moved);
    moved.prediction.bases[0] = BASE;
    moved.prediction.base_count = 1;
    for (uint32_t i = 0; i < 2; i++) {
        const struct dfota_site value = {0, DFOTA_SITE_VALUE, 8, true};

        dfota_put32(in[i] + 16, BASE + 1000 + 40 * i);
        dfota_put32(in[i] + 20, 0x0000f240); /* MOVW, MOVT */
        dfota_put32(in[i] + 24, 0x0000f2c0);
        assert_true(
            dfota_isa_t32.write(&value, in[i] + 20, 0, BASE + 1000 + 40 * i));
    }
    leads = vote(&moved);
    assert_int_equal(dfota_leads_shift(&leads, &moved.predictor, 1000), 40);
    dfota_leads_free(&leads);
}

/* Where new has no site, or another kind of site, nothing is said. */
static void asks_only_sites_that_are_in_both(void **state)
{
    struct moved moved;
    struct dfota_leads leads;

    (void)state;
    begin(&moved);
    for (uint32_t i = 0; i < 4; i++)
        put_calls(&moved, 4 * i, MOVED_SIZE + 1000, 20);
    for (uint32_t i = 0; i < 3; i++)
        moved.new[4 * i + 3] &= 0xbf; /* B.W */
    moved.new[13] = 0;
    leads = vote(&moved);
    assert_int_equal(leads.entries.size, 0);
    dfota_leads_free(&leads);
}

static void no_copies_say_nothing(void **state)
{
    struct moved moved;
    struct dfota_leads leads;

    (void)state;
    moved_begin(&moved, &dfota_isa_t32, DFOTA_T32_CALLS);
    leads = vote(&moved);
    assert_int_equal(leads.entries.size, 0);
    assert_int_equal(dfota_leads_shift(&leads, &moved.predictor, 5), 0);
    dfota_leads_free(&leads);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_only_sites_that_are_in_both),
        cmocka_unit_test(
            between_agreeing_neighbours_outside_it_goes_as_they_did),
        cmocka_unit_test(no_copies_say_nothing),
        cmocka_unit_test(one_vote_is_not_enough_where_there_is_a_map),
        cmocka_unit_test(pointers_and_values_vote_as_well),
        cmocka_unit_test(a_bound_lets_the_first_decide),
        cmocka_unit_test(pieces_are_counted_together),
        cmocka_unit_test(the_majority_decides),
        cmocka_unit_test(without_votes_the_map_decides),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
