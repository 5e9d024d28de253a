/* SPDX-License-Identifier: MIT */
/* the predictor on A32 branches; test_predict.c has what holds for all kinds */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/predict_check.h"

static void foresees_branches(void **state)
{
    static const struct predict_case cases[] = {
        {"b 0x2000 -> 0x2100", 0x1000, 0x1000, 0xea0003fe, 0xea00043e},
        {"b 0x1000 -> 0x1000", 0x2000, 0x2100, 0xeafffbfe, 0xeafffbbe},
        {"b 0x2800 -> 0x2900", 0x2100, 0x2200, 0xea0001be, 0xea0001be},
        {"b 0x3800 -> 0x3780", 0x2100, 0x2200, 0xea0005be, 0xea00055e},
        {"bl 0x2000 -> 0x2100", 0x1000, 0x1000, 0xeb0003fe, 0xeb00043e},
        {"bl 0x1000 -> 0x1000", 0x2000, 0x2100, 0xebfffbfe, 0xebfffbbe},
        {"bl 0x2800 -> 0x2900", 0x2100, 0x2200, 0xeb0001be, 0xeb0001be},
        {"bl 0x3800 -> 0x3780", 0x2100, 0x2200, 0xeb0005be, 0xeb00055e},
        {"bleq 0x2000 -> 0x2100", 0x1000, 0x1000, 0x0b0003fe, 0x0b00043e},
        {"bleq 0x1000 -> 0x1000", 0x2000, 0x2100, 0x0bfffbfe, 0x0bfffbbe},
        {"bhi 0x2000 -> 0x2100", 0x1000, 0x1000, 0x8a0003fe, 0x8a00043e},
        {"bhi 0x1000 -> 0x1000", 0x2000, 0x2100, 0x8afffbfe, 0x8afffbbe},
        {"blx 0x2000 -> 0x2100", 0x1000, 0x1000, 0xfa0003fe, 0xfa00043e},
        {"blx 0x1000 -> 0x1000", 0x2000, 0x2100, 0xfafffbfe, 0xfafffbbe},
        {"blx 0x2800 -> 0x2900", 0x2100, 0x2200, 0xfa0001be, 0xfa0001be},
        {"blx 0x3800 -> 0x3780", 0x2100, 0x2200, 0xfa0005be, 0xfa00055e},
        {"bl 0x2000004 -> 0x2001004", 0x1000, 0x1000, 0xeb7ffbff, 0xeb7fffff},
        {"b 0x11008 -> 0x12008", 0x2010000, 0x2012000, 0xea800400, 0xea800000},
    };

    (void)state;
    assert_foreseen(cases, COUNT(cases), DFOTA_PREDICT_A32);
    assert_left(cases, COUNT(cases), DFOTA_PREDICT_A64);
    assert_left(cases, COUNT(cases), 0);
}

static void leaves_branches_that_cannot_be_encoded(void **state)
{
    static const struct predict_case cases[] = {
        {"bl 0x2000008", 0x1000, 0x1000, 0xeb7ffc00, 0xeb7ffc00},
        {"b 0x11008", 0x2010000, 0x2012004, 0xea800400, 0xea800400},
        {"bl 0x2000", 0x1000, 0x1002, 0xeb0003fe, 0xeb0003fe},
        {"b 0x4000", 0x1000, 0x1000, 0xea000bfe, 0xea000bfe},
        {"b 0x5000", 0x1000, 0x1000, 0xea000ffe, 0xea000ffe},
        {"b 0x6000", 0x1000, 0x1000, 0xea0013fe, 0xea0013fe},
        {"b -0x200", 0x100, 0x900, 0xeaffff3e, 0xeaffff3e},
    };

    (void)state;
    assert_left(cases, COUNT(cases), DFOTA_PREDICT_A32);
}

static void leaves_other_instructions(void **state)
{
    static const struct predict_case cases[] = {
        {"ldm", 0x1000, 0x1000, 0xe8bd83fe, 0},
        {"stc", 0x1000, 0x1000, 0xed0003fe, 0},
        {"svc", 0x1000, 0x1000, 0xef0003fe, 0},
        {"ldr", 0x1000, 0x1000, 0xe59f03fe, 0},
        {"mov", 0x1000, 0x1000, 0xe3a003fe, 0},
        {"zeros", 0x1000, 0x1000, 0, 0},
    };

    (void)state;
    assert_left(cases, COUNT(cases), DFOTA_PREDICT_A32);
}

/* Words are looked for at multiples of 4 in old. */
static void sees_nothing_at_other_positions(void **state)
{
    (void)state;
    for (uint32_t at = 0x1000; at < 0x1008; at++) {
        uint8_t bytes[4];

        predict_put(bytes, 0xea0003fe);
        predict_kinds(DFOTA_PREDICT_A32, at, at, bytes, 4);
        assert_int_equal(predict_get(bytes) != 0xea0003fe, at % 4 == 0);
    }
}

/* Cut anywhere, the branches that are left whole are foreseen. */
static void sees_no_more_than_the_piece(void **state)
{
    (void)state;
    for (size_t size = 0; size <= 8; size++) {
        uint8_t bytes[8];

        predict_put(bytes, 0xea0003fe);
        predict_put(bytes + 4, 0xea0003fd);
        predict_kinds(DFOTA_PREDICT_A32, 0x1000, 0x1000, bytes, size);
        assert_int_equal(predict_get(bytes),
                         size < 4 ? 0xea0003fe : 0xea00043e);
        assert_int_equal(predict_get(bytes + 4),
                         size < 8 ? 0xea0003fd : 0xea00043d);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(foresees_branches),
        cmocka_unit_test(leaves_branches_that_cannot_be_encoded),
        cmocka_unit_test(leaves_other_instructions),
        cmocka_unit_test(sees_nothing_at_other_positions),
        cmocka_unit_test(sees_no_more_than_the_piece),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
