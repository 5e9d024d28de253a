/* SPDX-License-Identifier: MIT */
/* fives: what a text has is never missed, and what it has not hardly ever told
 * of */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/delta/fives.h"
#include "tests/support/random.h"

#define SIZE 20000u

static uint8_t text[SIZE];

static void fill(uint32_t seed)
{
    for (uint32_t i = 0; i < SIZE; i++)
        text[i] = (uint8_t)random_below(&seed, 256);
}

/* Texts of any length, to their ends; pieces with other bytes behind them. */
static void miss_no_piece(void **state)
{
    (void)state;
    fill(3);
    for (size_t size = 0; size < 40; size++) {
        struct dfota_hash_set fives = {0};

        assert_int_equal(
            dfota_fives_make((struct dfota_view){text, size}, &fives, NULL),
            DFOTA_OK);
        for (size_t pos = 0; pos + DFOTA_FIVES_LENGTH <= size; pos++) {
            uint8_t sought[DFOTA_FIVES_LENGTH + 3] = {0xA5, 0xA5, 0xA5, 0xA5,
                                                      0xA5, 0xA5, 0xA5, 0xA5};

            memcpy(sought, text + pos, DFOTA_FIVES_LENGTH);
            for (size_t given = 0; given <= sizeof(sought); given++)
                assert_int_equal(
                    dfota_fives_which(&fives,
                                      (struct dfota_view){sought, given}, 1),
                    given >= DFOTA_FIVES_LENGTH);
        }
        dfota_hash_set_free(&fives);
    }
}

static void tell_most_that_are_not_there(void **state)
{
    struct dfota_hash_set fives = {0};
    uint8_t sought[DFOTA_HASH_SET_MOST + 7];
    uint32_t random = 8;
    unsigned told = 0;

    (void)state;
    fill(5);
    assert_int_equal(
        dfota_fives_make((struct dfota_view){text, SIZE}, &fives, NULL),
        DFOTA_OK);
    for (unsigned i = 0; i < 100; i++) {
        uint64_t which;

        for (unsigned k = 0; k < sizeof(sought); k++)
            sought[k] = (uint8_t)random_below(&random, 256);
        which = dfota_fives_which(&fives,
                                  (struct dfota_view){sought, sizeof(sought)},
                                  DFOTA_HASH_SET_MOST);
        for (unsigned k = 0; k < DFOTA_HASH_SET_MOST; k++)
            told += (which >> k & 1) == 0;
    }
    assert_true(told > 90 * DFOTA_HASH_SET_MOST);
    dfota_hash_set_free(&fives);
    dfota_hash_set_free(&fives);
}

static void may_be_anywhere_without_a_set(void **state)
{
    const struct dfota_hash_set none = {0};

    (void)state;
    assert_true(dfota_fives_which(&none, (struct dfota_view){text, SIZE},
                                  DFOTA_HASH_SET_MOST) == UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(may_be_anywhere_without_a_set),
        cmocka_unit_test(miss_no_piece),
        cmocka_unit_test(tell_most_that_are_not_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
