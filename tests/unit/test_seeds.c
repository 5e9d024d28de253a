/* SPDX-License-Identifier: MIT */
/* seeds: long pieces of a text are found, and what is found is there */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/delta/seeds.h"
#include "tests/support/random.h"

#define SIZE  ((uint32_t)200000) /* bytes of text */
#define FOUND 11u /* bytes of a piece that holds a seed wherever it begins */

static uint8_t text[SIZE];
static const struct dfota_view view = {text, SIZE};

static void fill(uint32_t alphabet)
{
    uint32_t seed = 17;

    for (uint32_t i = 0; i < SIZE; i++)
        text[i] = (uint8_t)random_below(&seed, alphabet);
}

static struct dfota_seeds make(const struct dfota_quiet *quiet,
                               unsigned threads)
{
    const struct dfota_seeds_task task = {view, quiet, threads, 0, 1};
    struct dfota_seeds seeds = {0};

    assert_int_equal(dfota_seeds_make(&task, &seeds, NULL), DFOTA_OK);
    return seeds;
}

/* Of pieces long enough, nearly all are found from one of four places. */
static void finds_what_is_long_enough(void **state)
{
    struct dfota_seeds seeds;
    uint32_t random = 3;
    unsigned found = 0;

    (void)state;
    fill(256);
    seeds = make(NULL, 1);
    for (unsigned i = 0; i < 1000; i++) {
        uint32_t pos = random_below(&random, SIZE - 64);
        bool here = false;

        for (uint32_t at = pos; at < pos + 4; at++) {
            struct dfota_view sought = {text + at, pos + FOUND + 20 - at};
            struct dfota_match match = dfota_seeds_search(&seeds, sought);

            here |= match.length == sought.size && match.position == at;
        }
        found += here;
    }
    assert_true(found > 800);
    dfota_seeds_free(&seeds);
    dfota_seeds_free(&seeds);
}

/* Few letters: there are many false seeds. */
static void gives_only_what_is_there(void **state)
{
    struct dfota_seeds seeds;
    uint32_t random = 5;

    (void)state;
    fill(2);
    seeds = make(NULL, 1);
    for (unsigned i = 0; i < 2000; i++) {
        uint8_t sought[40];
        struct dfota_match match;

        for (unsigned k = 0; k < sizeof(sought); k++)
            sought[k] = (uint8_t)random_below(&random, 2);
        match = dfota_seeds_search(
            &seeds, (struct dfota_view){sought, random_below(&random, 41)});
        assert_true(match.position + (uint64_t)match.length <= SIZE);
        assert_memory_equal(text + match.position, sought, match.length);
    }
    dfota_seeds_free(&seeds);
}

/* As far as single searches tell: of bytes that are partly the text's, and up
 * to the end of what is sought. */
static void say_ahead_where_nothing_is_found(void **state)
{
    static uint8_t sought[4000];
    struct dfota_seeds seeds;
    uint32_t random = 9;
    unsigned nothing = 0;
    unsigned something = 0;

    (void)state;
    fill(4);
    seeds = make(NULL, 1);
    for (uint32_t i = 0; i < sizeof(sought); i++)
        sought[i] = (uint8_t)random_below(&random, 4);
    for (uint32_t i = 0; i < sizeof(sought); i += 200)
        memcpy(sought + i, text + random_below(&random, SIZE - 60), 60);
    for (uint32_t i = 0; i < sizeof(sought); i += DFOTA_SEEDS_AHEAD) {
        struct dfota_view rest = {sought + i, sizeof(sought) - i};
        uint64_t which = dfota_seeds_which(&seeds, rest, DFOTA_SEEDS_AHEAD);

        assert_int_equal(which >> DFOTA_SEEDS_AHEAD, 0);
        for (unsigned k = 0; k < DFOTA_SEEDS_AHEAD; k++) {
            struct dfota_view at = {rest.data + k, rest.size - k};
            bool found = dfota_seeds_search(&seeds, at).length > 0;

            assert_int_equal(which >> k & 1, found);
            something += found;
            nothing += !found;
        }
    }
    assert_true(something > 200 && nothing > 200);
    dfota_seeds_free(&seeds);
}

static void are_the_same_with_any_number_of_threads(void **state)
{
    struct dfota_seeds one;
    struct dfota_seeds two;

    (void)state;
    fill(4);
    one = make(NULL, 1);
    two = make(NULL, 2);
    for (unsigned i = 0; i < DFOTA_SEEDS_TABLES; i++) {
        size_t size = (size_t)16 * one.tables[i].buckets;

        assert_int_equal(one.tables[i].buckets, two.tables[i].buckets);
        assert_memory_equal(one.tables[i].entries, two.tables[i].entries, size);
    }
    dfota_seeds_free(&one);
    dfota_seeds_free(&two);
}

static void leave_out_what_is_quiet(void **state)
{
    const struct dfota_copy stretch = {0, 1000, SIZE - 2000};
    struct dfota_quiet quiet = {.by_new = {0}};
    struct dfota_seeds seeds;
    struct dfota_view sought = {text + 50000, 200};

    (void)state;
    fill(256);
    dfota_buffer_add(&quiet.by_old, &stretch, sizeof(stretch));
    seeds = make(&quiet, 1);
    assert_int_equal(dfota_seeds_search(&seeds, sought).length, 0);
    sought.data = text + 96;
    assert_int_equal(dfota_seeds_search(&seeds, sought).position, 96);
    dfota_seeds_free(&seeds);
    dfota_quiet_free(&quiet);
}

/* Pieces of a quiet stretch that are wanted are found, whatever finds them. */
static void find_what_is_wanted_of_what_is_quiet(void **state)
{
    const struct dfota_copy stretch = {0, 1000, SIZE - 2000};
    struct dfota_quiet quiet = {.by_new = {0}};
    struct dfota_seeds one;
    struct dfota_seeds two;
    unsigned found = 0;

    (void)state;
    fill(256);
    dfota_buffer_add(&quiet.by_old, &stretch, sizeof(stretch));
    assert_int_equal(dfota_hash_set_make(1, &quiet.wanted, NULL), DFOTA_OK);
    quiet.wanted.words[0] = UINT64_MAX; /* all is */
    one = make(&quiet, 1);
    two = make(&quiet, 2);
    for (uint32_t pos = 4000; pos < 8000; pos += 4) {
        const struct dfota_view sought = {text + pos, 40};

        found += dfota_seeds_search(&one, sought).position == pos;
    }
    assert_true(found > 800); /* of 1000: others took their buckets */
    assert_int_equal(one.tables[0].buckets, two.tables[0].buckets);
    assert_memory_equal(one.tables[0].entries, two.tables[0].entries,
                        (size_t)16 * one.tables[0].buckets);
    dfota_seeds_free(&one);
    dfota_seeds_free(&two);
    dfota_quiet_free(&quiet);
}

/* Farther apart, they find what is longer. */
static void keep_to_a_bound_and_find_long_pieces(void **state)
{
    struct dfota_seeds_task task = {view, NULL, 2, 0, 1};
    struct dfota_seeds seeds = {0};

    (void)state;
    fill(256);
    for (task.most = 4096; task.most < ((uint64_t)1 << 21); task.most *= 4) {
        uint64_t size = 0;
        unsigned found;

        assert_int_equal(dfota_seeds_make(&task, &seeds, NULL), DFOTA_OK);
        for (unsigned i = 0; i < DFOTA_SEEDS_TABLES; i++)
            size += (uint64_t)16 * seeds.tables[i].buckets;
        assert_true(size <= task.most);
        assert_int_equal(seeds.is_coarse, task.most < (uint64_t)320 << 10);
        found = 0;
        for (uint32_t pos = 0; pos < 20 * 8192; pos += 8192)
            found += dfota_seeds_search(&seeds,
                                        (struct dfota_view){text + pos, 9000})
                         .length == 9000;
        assert_true(found > 15); /* of 20: others took their buckets */
        dfota_seeds_free(&seeds);
    }
}

static void may_lie_far_from_each_other(void **state)
{
    const struct dfota_seeds_task task = {view, NULL, 2, 0, 4};
    struct dfota_seeds near;
    struct dfota_seeds far;
    unsigned found = 0;

    (void)state;
    fill(256);
    near = make(NULL, 2);
    assert_int_equal(dfota_seeds_make(&task, &far, NULL), DFOTA_OK);
    assert_false(far.is_coarse);
    for (unsigned i = 0; i < DFOTA_SEEDS_TABLES; i++)
        assert_true(far.tables[i].buckets <= near.tables[i].buckets / 4 + 1);
    for (uint32_t pos = 0; pos < 64000; pos += 64)
        found += dfota_seeds_search(&far, (struct dfota_view){text + pos, 40})
                     .position == pos;
    assert_true(found > 900); /* of 1000: others took their buckets */
    dfota_seeds_free(&near);
    dfota_seeds_free(&far);
}

static void find_nothing_in_short_texts(void **state)
{
    (void)state;
    fill(256);
    for (size_t size = 0; size < 9; size++) {
        const struct dfota_seeds_task task = {{text, size}, NULL, 1, 0, 1};
        struct dfota_seeds seeds = {0};
        struct dfota_match match;

        assert_int_equal(dfota_seeds_make(&task, &seeds, NULL), DFOTA_OK);
        match = dfota_seeds_search(&seeds, (struct dfota_view){text, size});
        assert_int_equal(match.length, size == 8 ? 8 : 0);
        dfota_seeds_free(&seeds);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(are_the_same_with_any_number_of_threads),
        cmocka_unit_test(keep_to_a_bound_and_find_long_pieces),
        cmocka_unit_test(find_nothing_in_short_texts),
        cmocka_unit_test(find_what_is_wanted_of_what_is_quiet),
        cmocka_unit_test(finds_what_is_long_enough),
        cmocka_unit_test(gives_only_what_is_there),
        cmocka_unit_test(leave_out_what_is_quiet),
        cmocka_unit_test(may_lie_far_from_each_other),
        cmocka_unit_test(say_ahead_where_nothing_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
