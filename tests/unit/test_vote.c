/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/delta/align.h"
#include "lib/delta/pairs.h"
#include "lib/delta/vote.h"
#include "tests/support/program.h"

/* A program, its copies, and what is known of it. */
struct ballot {
    struct image_pair pair;
    struct dfota_buffer copies;
    struct dfota_buffer map;
    struct dfota_pairing plan;
    struct dfota_prediction prediction;
    struct dfota_predictor predictor;
};

static void ballot_make(struct ballot *ballot, const struct program *program)
{
    static const struct dfota_progress quiet = {NULL, NULL};
    struct dfota_align_task task = {.costs = &dfota_align_delta,
                                    .progress = &quiet};

    *ballot = (struct ballot){.pair = program_make(program)};
    ballot->plan.old = task.old = dfota_buffer_view(&ballot->pair.old);
    ballot->plan.new = task.new = dfota_buffer_view(&ballot->pair.new);
    assert_int_equal(dfota_align_images(&task, &ballot->copies, NULL),
                     DFOTA_OK);
    ballot->plan.copies = (const void *)ballot->copies.data;
    ballot->plan.copy_count = ballot->copies.size / sizeof(struct dfota_copy);
    for (size_t i = 0; i < ballot->plan.copy_count; i++) {
        const struct dfota_copy *copy = &ballot->plan.copies[i];
        struct dfota_map_entry entry = {copy->old_pos, copy->length,
                                        copy->new_pos - copy->old_pos};

        dfota_buffer_add(&ballot->map, &entry, sizeof(entry));
    }
    ballot->predictor.prediction = &ballot->prediction;
    ballot->predictor.old_size = (uint32_t)task.old.size;
    ballot->predictor.map.entries = (void *)ballot->map.data;
    ballot->predictor.map.count = (uint32_t)ballot->plan.copy_count;
    dfota_map_sort(&ballot->predictor.map);
}

static void ballot_free(struct ballot *ballot)
{
    image_pair_free(&ballot->pair);
    dfota_buffer_free(&ballot->copies);
    dfota_buffer_free(&ballot->map);
}

/* Whether another base is found, which is then known. */
static bool vote(struct ballot *ballot)
{
    struct dfota_prediction *prediction = &ballot->prediction;
    bool found = false;

    assert_int_equal(dfota_vote_base(&ballot->plan, &ballot->predictor, &found,
                                     &prediction->bases[prediction->base_count],
                                     NULL),
                     DFOTA_OK);
    prediction->base_count += found;
    return found;
}

static void finds_the_load_address_of_any_program(void **state)
{
    static const uint32_t bases[] = {0,          0x08020000, 0x08000000,
                                     0x10000,    0x40200000, 0xfffc0000,
                                     0x7ffff000, 0x24000200};

    (void)state;
    for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
        const struct program program = {
            .kind = PROGRAM_DATA, .base_count = 1, .bases = {bases[i]}};
        struct ballot ballot;

        ballot_make(&ballot, &program);
        assert_true(vote(&ballot));
        assert_int_equal(ballot.prediction.bases[0], bases[i]);
        ballot_free(&ballot);
    }
}

static void leaves_out_pointers_that_are_known(void **state)
{
    const struct program program = {
        .kind = PROGRAM_DATA,
        .base_count = 3,
        .bases = {0x08020000, 0x10000000, 0xc0000000}};
    struct ballot ballot;
    unsigned seen = 0;

    (void)state;
    ballot_make(&ballot, &program);
    for (unsigned i = 0; i < 3; i++) {
        assert_true(vote(&ballot));
        for (unsigned j = 0; j < 3; j++)
            if (ballot.prediction.bases[i] == program.bases[j])
                seen |= 1u << j;
    }
    assert_int_equal(seen, 7);
    assert_false(vote(&ballot));
    ballot_free(&ballot);
}

static void finds_none_where_there_are_no_pointers(void **state)
{
    const struct program program = {.kind = PROGRAM_DATA};
    struct ballot ballot;

    (void)state;
    ballot_make(&ballot, &program);
    assert_false(vote(&ballot));
    ballot_free(&ballot);
}

static void finds_none_without_copies(void **state)
{
    const struct program program = {
        .kind = PROGRAM_DATA, .base_count = 1, .bases = {0x08000000}};
    struct ballot ballot;

    (void)state;
    ballot_make(&ballot, &program);
    ballot.plan.copy_count = 0;
    assert_false(vote(&ballot));
    ballot_free(&ballot);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_none_where_there_are_no_pointers),
        cmocka_unit_test(finds_none_without_copies),
        cmocka_unit_test(finds_the_load_address_of_any_program),
        cmocka_unit_test(leaves_out_pointers_that_are_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
