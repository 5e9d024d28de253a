/* SPDX-License-Identifier: MIT */
/* index: small texts, large ones, and what copies leave of them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/delta/index.h"
#include "tests/support/random.h"

#define SIZE ((uint32_t)5 << 20) /* bytes: a large text */

static uint8_t text[SIZE];

/* Letters that have some order, as only those are indexed when left. */
static void fill(void)
{
    uint32_t seed = 8;

    for (uint32_t i = 0; i < SIZE; i++)
        text[i] = (uint8_t)random_below(&seed, 40);
}

static void assert_found(const struct dfota_index *index, uint32_t pos,
                         size_t size)
{
    struct dfota_match match =
        dfota_index_search(index, (struct dfota_view){text + pos, size});

    assert_int_equal(match.position, pos);
    assert_int_equal(match.length, size);
}

static void finds_pieces_of_small_and_large_texts(void **state)
{
    (void)state;
    fill();
    for (unsigned i = 0; i < 2; i++) {
        const struct dfota_view view = {text, i == 0 ? 100000 : SIZE};
        struct dfota_index index = {.left = {0}};

        const struct dfota_seeds_task task = {.text = view, .threads = 2};

        assert_int_equal(dfota_index_make(&task, &index, NULL), DFOTA_OK);
        assert_int_equal(dfota_index_is_small(view.size), i == 0);
        assert_found(&index, 40000, 300);
        dfota_index_free(&index);
        dfota_index_free(&index);
    }
}

/* Of what is partly of the text; seeds are found from one place of four. */
static void tell_where_nothing_is_found(void **state)
{
    static uint8_t sought[4096];
    uint32_t random = 6;

    (void)state;
    fill();
    for (uint32_t i = 0; i < sizeof(sought); i++)
        sought[i] = (uint8_t)random_below(&random, 256);
    for (uint32_t i = 0; i < sizeof(sought); i += 256)
        memcpy(sought + i, text + 1000 + i, 100);
    for (unsigned i = 0; i < 2; i++) {
        const struct dfota_view view = {text, i == 0 ? 100000 : SIZE};
        const struct dfota_seeds_task task = {.text = view, .threads = 2};
        struct dfota_index index = {.left = {0}};
        unsigned told = 0;

        assert_int_equal(dfota_index_make(&task, &index, NULL), DFOTA_OK);
        for (size_t pos = 0; pos < sizeof(sought); pos++) {
            struct dfota_view rest = {sought + pos, sizeof(sought) - pos};
            uint64_t which = dfota_index_which(&index, rest, DFOTA_INDEX_AHEAD);

            told += (which & 1) == 0;
            if ((which & 1) == 0)
                assert_true(dfota_index_search(&index, rest).length <
                            DFOTA_INDEX_MATCH);
            if (rest.size > DFOTA_INDEX_AHEAD + 32)
                assert_int_equal(
                    which >> 1 & 1,
                    dfota_index_which(
                        &index,
                        (struct dfota_view){rest.data + 1, rest.size - 1}, 1) &
                        1);
        }
        assert_in_range(told, 2000, i == 0 ? 2700 : 3800);
        dfota_index_free(&index);
    }
}

static struct dfota_index left_of(const struct dfota_copy *copies, size_t count)
{
    const struct dfota_view view = {text, SIZE};
    const struct dfota_view list = {(const void *)copies,
                                    count * sizeof(*copies)};
    struct dfota_index index = {.left = {0}};

    assert_int_equal(dfota_index_left(view, list, 0, &index, NULL), DFOTA_OK);
    return index;
}

/* In the order of new, and one within another. */
static void finds_only_what_copies_leave(void **state)
{
    static const struct dfota_copy copies[] = {
        {0, 3000000, SIZE - 3000000}, {9, 100000, 5000}, {10, 0, 2990000}};
    struct dfota_index index;
    struct dfota_match match;

    (void)state;
    fill();
    index = left_of(copies, 3);
    assert_in_range(index.left.size, 10000, 10100);
    assert_found(&index, 2991000, 300);
    match = dfota_index_search(&index, (struct dfota_view){text + 102000, 300});
    assert_true(match.length < 30);
    dfota_index_free(&index);
}

static void gives_no_match_beyond_a_piece(void **state)
{
    static const struct dfota_copy copies[] = {{0, 1000, 4000},
                                               {0, 6000, SIZE - 6000}};
    struct dfota_index index;
    uint8_t sought[200];
    struct dfota_match match;

    (void)state;
    fill();
    index = left_of(copies, 2);
    /* the end of one piece with its margin, and the beginning of the other */
    memcpy(sought, text + 908, 100);
    memcpy(sought + 100, text + 4992, 100);
    match = dfota_index_search(&index, (struct dfota_view){sought, 200});
    assert_int_equal(match.position, 908);
    assert_int_equal(match.length, 100);
    dfota_index_free(&index);
}

static void leaves_out_what_has_no_order(void **state)
{
    static const struct dfota_copy copy = {0, 50000, SIZE - 50000};
    uint32_t seed = 9;
    struct dfota_index index;

    (void)state;
    fill();
    for (uint32_t i = 0; i < 50000; i++)
        text[i] = (uint8_t)random_below(&seed, 256);
    index = left_of(&copy, 1);
    assert_true(index.left.size < 4096);
    dfota_index_free(&index);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_only_what_copies_leave),
        cmocka_unit_test(finds_pieces_of_small_and_large_texts),
        cmocka_unit_test(gives_no_match_beyond_a_piece),
        cmocka_unit_test(leaves_out_what_has_no_order),
        cmocka_unit_test(tell_where_nothing_is_found),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
