/* SPDX-License-Identifier: MIT */
/* words: of all words only those that may have changed together */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/delta/pairs.h"
#include "lib/delta/words.h"
#include "tests/support/moved.h"
#include "tests/support/random.h"

#define RAM   0x20000000u
#define OTHER 0x30000000u
#define LARGE ((uint32_t)3 << 20) /* bytes of an image of several pieces */

static struct dfota_words collect(const struct moved *moved)
{
    struct dfota_words words = {NULL, 0};

    assert_int_equal(dfota_words_collect(&moved->plan, &moved->predictor,
                                         &moved->regions, &words, NULL),
                     DFOTA_OK);
    return words;
}

/* `count` words from `pos` on, the last one first; each changed by `shift`. */
static void put_words(struct moved *moved, uint32_t pos, uint32_t first,
                      uint32_t count, uint32_t shift)
{
    for (uint32_t i = 0; i < count; i++) {
        dfota_put32(moved->old + pos + (size_t)4 * i, first + 4 * (count - i));
        dfota_put32(moved->new + pos + (size_t)4 * i,
                    first + 4 * (count - i) + shift);
    }
}

static void begin(struct moved *moved)
{
    moved_begin(moved, &dfota_isa_t32, DFOTA_T32_CALLS);
    moved_add_copy(moved, 0, 0, MOVED_SIZE);
}

/* Changed ones, and what else there is of their granule. */
static void are_sorted_pairs_of_what_they_were_and_are(void **state)
{
    struct moved moved;
    struct dfota_words words;

    (void)state;
    begin(&moved);
    put_words(&moved, 400, RAM, DFOTA_WORDS_CHANGES, 8);
    put_words(&moved, 800, RAM + 0x100, 3, 0);
    put_words(&moved, 1200, OTHER, 50, 0);
    words = collect(&moved);
    assert_int_equal(words.count, DFOTA_WORDS_CHANGES + 3);
    for (uint32_t i = 0; i < DFOTA_WORDS_CHANGES; i++)
        assert_int_equal(words.pairs[i],
                         dfota_pair(RAM + 4 * (i + 1), RAM + 4 * (i + 1) + 8));
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(
            words.pairs[DFOTA_WORDS_CHANGES + i],
            dfota_pair(RAM + 0x100 + 4 * (i + 1), RAM + 0x100 + 4 * (i + 1)));
    dfota_words_free(&words);
}

static void are_left_out_where_each_changed_alone(void **state)
{
    struct moved moved;
    struct dfota_words words;

    (void)state;
    begin(&moved);
    for (uint32_t i = 0; i < 20; i++)
        put_words(&moved, 400 + 4 * i, RAM + 16 * i, 1, 1000 + i * i);
    words = collect(&moved);
    assert_int_equal(words.count, 0);
    dfota_words_free(&words);

    put_words(&moved, 800, RAM + 0x1000, DFOTA_WORDS_CHANGES - 1, 8);
    words = collect(&moved);
    assert_int_equal(words.count, 0);
    dfota_words_free(&words);
}

static void have_no_part_of_an_instruction_or_a_pointer(void **state)
{
    struct moved moved;
    struct dfota_words words;

    (void)state;
    begin(&moved);
    moved.prediction.bases[0] = RAM;
    moved.prediction.base_count = 1;
    put_words(&moved, 400, RAM, 100, 8);
    for (uint32_t i = 0; i < 100; i++) {
        moved_put_call(moved.old, 2000 + 4 * i, 100);
        moved_put_call(moved.new, 2000 + 4 * i, 300);
    }
    put_words(&moved, 4000, OTHER, 10, 8);
    words = collect(&moved);
    assert_int_equal(words.count, 10);
    assert_int_equal(words.pairs[0], dfota_pair(OTHER + 4, OTHER + 12));
    dfota_words_free(&words);
}

/* The granules in which most changed; of values that are ranges as well. */
static void are_those_that_changed_most_within_a_bound(void **state)
{
    struct moved moved;
    struct dfota_words words;

    (void)state;
    begin(&moved);
    moved.prediction.ranges[0] = (struct dfota_value_range){RAM, 1u << 20};
    moved.prediction.range_count = 1;
    put_words(&moved, 400, RAM, 100, 8);
    put_words(&moved, 1200, OTHER, 10, 8);
    words = collect(&moved);
    assert_int_equal(words.count, 110);
    dfota_words_free(&words);
    moved.plan.most = 109 * sizeof(uint64_t);
    words = collect(&moved);
    assert_int_equal(words.count, 100);
    assert_int_equal(words.pairs[99], dfota_pair(RAM + 400, RAM + 408));
    dfota_words_free(&words);
    moved.plan.most = 99 * sizeof(uint64_t);
    words = collect(&moved);
    assert_int_equal(words.count, 0);
    dfota_words_free(&words);
}

/* A large image of words of few values, which change by few shifts, in copies
 * of all lengths. */
static void make_large(struct dfota_pairing *plan, uint8_t *old, uint8_t *new,
                       struct dfota_copy *copies)
{
    uint32_t seed = 9;

    for (uint32_t at = 0; at < LARGE; at += 4) {
        uint32_t value = RAM + (random_below(&seed, 1 << 8) << 12);
        uint32_t shift = random_below(&seed, 4) * (value >> 12 & 16);

        dfota_put32(old + at, value);
        dfota_put32(new + at, value + shift);
    }
    for (uint32_t at = 0, length; at < LARGE; at += length) {
        length = 4 * (1 + random_below(&seed, 10000));
        length = length < LARGE - at ? length : LARGE - at;
        copies[plan->copy_count++] = (struct dfota_copy){at, at, length};
    }
}

static void are_the_same_on_any_number_of_threads(void **state)
{
    struct dfota_prediction nothing = {0};
    struct dfota_predictor predictor = {.prediction = &nothing,
                                        .old_size = LARGE};
    struct dfota_regions regions = {NULL, 0};
    struct dfota_copy *copies = calloc(LARGE / 4, sizeof(*copies));
    uint8_t *old = malloc(LARGE);
    uint8_t *new = malloc(LARGE);
    struct dfota_pairing plan = {{old, LARGE}, {new, LARGE}, copies, 0, 0, 1};
    struct dfota_words first;

    (void)state;
    assert_non_null(copies);
    assert_non_null(old);
    assert_non_null(new);
    make_large(&plan, old, new, copies);
    assert_int_equal(
        dfota_words_collect(&plan, &predictor, &regions, &first, NULL),
        DFOTA_OK);
    assert_in_range(first.count, LARGE / 16, LARGE / 4 - 1);
    for (plan.threads = 2; plan.threads < 4; plan.threads++) {
        struct dfota_words again;

        assert_int_equal(
            dfota_words_collect(&plan, &predictor, &regions, &again, NULL),
            DFOTA_OK);
        assert_int_equal(again.count, first.count);
        assert_memory_equal(again.pairs, first.pairs,
                            first.count * sizeof(*first.pairs));
        dfota_words_free(&again);
    }
    dfota_words_free(&first);
    free(copies);
    free(old);
    free(new);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(are_left_out_where_each_changed_alone),
        cmocka_unit_test(are_sorted_pairs_of_what_they_were_and_are),
        cmocka_unit_test(are_the_same_on_any_number_of_threads),
        cmocka_unit_test(are_those_that_changed_most_within_a_bound),
        cmocka_unit_test(have_no_part_of_an_instruction_or_a_pointer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
