/* SPDX-License-Identifier: MIT */
/* pairing: pieces have all copies, each of them once */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/delta/pairing.h"

#define PIECE DFOTA_PAIRING_PIECE

static void assert_piece(const struct dfota_pairing *plan, size_t index,
                         size_t first, size_t end)
{
    struct dfota_pairing_piece piece = dfota_pairing_piece(plan, index);

    assert_int_equal(piece.first, first);
    assert_int_equal(piece.end, end);
}

static void a_piece_has_the_copies_that_begin_in_it(void **state)
{
    static const struct dfota_copy copies[] = {{0, 9, 10},
                                               {PIECE - 1, 9, 10},
                                               {PIECE + 9, 0, 3 * PIECE},
                                               {4 * PIECE + 9, 0, 1}};
    const struct dfota_pairing plan = {
        .new = {NULL, 4 * PIECE + 10}, .copies = copies, .copy_count = 4};

    (void)state;
    assert_int_equal(dfota_pairing_pieces(&plan), 5);
    assert_piece(&plan, 0, 0, 2);
    assert_piece(&plan, 1, 2, 3);
    assert_piece(&plan, 2, 3, 3);
    assert_piece(&plan, 3, 3, 3);
    assert_piece(&plan, 4, 3, 4);
}

static void a_copy_at_a_border_is_in_the_piece_behind(void **state)
{
    static const struct dfota_copy copies[] = {{0, 0, PIECE},
                                               {PIECE, 0, PIECE}};
    const struct dfota_pairing plan = {
        .new = {NULL, 2 * (size_t)PIECE}, .copies = copies, .copy_count = 2};

    (void)state;
    assert_piece(&plan, 0, 0, 1);
    assert_piece(&plan, 1, 1, 2);
}

static void without_copies_there_is_one_empty_piece(void **state)
{
    const struct dfota_pairing plan = {.copies = NULL};

    (void)state;
    assert_int_equal(dfota_pairing_pieces(&plan), 1);
    assert_piece(&plan, 0, 0, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_copy_at_a_border_is_in_the_piece_behind),
        cmocka_unit_test(a_piece_has_the_copies_that_begin_in_it),
        cmocka_unit_test(without_copies_there_is_one_empty_piece),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
