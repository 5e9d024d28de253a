/* SPDX-License-Identifier: MIT */
/* the predictor on AArch64 instructions; test_predict.c has what holds for all
 * kinds */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/predict_check.h"

#define A64 DFOTA_PREDICT_A64

static void foresees_branches(void **state)
{
    static const struct predict_case cases[] = {
        {"b 0x2000 -> 0x2100", 0x1000, 0x1000, 0x14000400, 0x14000440},
        {"b 0x1000 -> 0x1000", 0x2000, 0x2100, 0x17fffc00, 0x17fffbc0},
        {"b 0x2800 -> 0x2900", 0x2100, 0x2200, 0x140001c0, 0x140001c0},
        {"b 0x3800 -> 0x3780", 0x2100, 0x2200, 0x140005c0, 0x14000560},
        {"bl 0x2000 -> 0x2100", 0x1000, 0x1000, 0x94000400, 0x94000440},
        {"bl 0x1000 -> 0x1000", 0x2000, 0x2100, 0x97fffc00, 0x97fffbc0},
        {"bl 0x2800 -> 0x2900", 0x2100, 0x2200, 0x940001c0, 0x940001c0},
        {"bl 0x3800 -> 0x3780", 0x2100, 0x2200, 0x940005c0, 0x94000560},
        {"bl 0x7fffffc -> 0x8000ffc", 0x1000, 0x1000, 0x95fffbff, 0x95ffffff},
    };

    (void)state;
    assert_foreseen(cases, COUNT(cases), A64);
    assert_left(cases, COUNT(cases), 0);
}

static void leaves_branches_that_cannot_be_encoded(void **state)
{
    static const struct predict_case cases[] = {
        {"bl 0x8000000", 0x1000, 0x1000, 0x95fffc00, 0x95fffc00},
        {"bl 0x2000", 0x1000, 0x1002, 0x94000400, 0x94000400},
        {"b 0x4000", 0x1000, 0x1000, 0x14000c00, 0x14000c00},
        {"b 0x5000", 0x1000, 0x1000, 0x14001000, 0x14001000},
        {"b -0x200", 0x100, 0x900, 0x17ffff40, 0x17ffff40},
    };

    (void)state;
    assert_left(cases, COUNT(cases), A64);
}

static void leaves_other_instructions(void **state)
{
    static const struct predict_case cases[] = {
        {"b.eq", 0x2000, 0x2100, 0x54008000, 0},
        {"cbz", 0x2000, 0x2100, 0xb4008003, 0},
        {"tbz", 0x2000, 0x2100, 0x36000403, 0},
        {"adr", 0x2000, 0x2100, 0x30000003, 0},
        {"ldr literal", 0x2000, 0x2100, 0x58008003, 0},
        {"br", 0x2000, 0x2100, 0xd61f0060, 0},
        {"zeros", 0x2000, 0x2100, 0, 0},
    };

    (void)state;
    assert_left(cases, COUNT(cases), A64);
}

/* An ADRP and what follows it. */
struct pair_case {
    const char *what;
    uint32_t old_pos;
    uint32_t new_pos;
    uint32_t old;
    uint32_t old_next;
    uint32_t new;
    uint32_t new_next;
};

static void assert_pairs_foreseen(const struct pair_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct pair_case *c = &cases[i];
        uint8_t bytes[8];

        predict_put(bytes, c->old);
        predict_put(bytes + 4, c->old_next);
        predict_kinds(A64, c->old_pos, c->new_pos, bytes, sizeof(bytes));
        if (predict_get(bytes) != c->new ||
            predict_get(bytes + 4) != c->new_next)
            fail_msg("%s at %#x: %#010x %#010x, not %#010x %#010x", c->what,
                     c->old_pos, predict_get(bytes), predict_get(bytes + 4),
                     c->new, c->new_next);
    }
}

static void foresees_pages_with_what_completes_them(void **state)
{
    static const struct pair_case cases[] = {
        {"add x4: 0x2f10 -> 0x3010", 0x1000, 0x1000, 0xb0000003, 0x913c4064,
         0xd0000003, 0x91004064},
        {"add x4: 0x2010 -> 0x2110", 0x1ffc, 0x2004, 0xb0000003, 0x91004064,
         0x90000003, 0x91044064},
        {"add x4: 0x1010 -> 0x1010", 0x2ff0, 0x30f0, 0xf0ffffe3, 0x91004064,
         0xd0ffffe3, 0x91004064},
        {"add x4: 0x3010 -> 0x2f90", 0x2ff0, 0x30f0, 0xb0000003, 0x91004064,
         0xf0ffffe3, 0x913e4064},
        {"add x4: 0x7f8 -> 0x7f8", 0x1000, 0x1000, 0xf0ffffe3, 0x911fe064,
         0xf0ffffe3, 0x911fe064},
        {"add x4: 0x4010 -> 0x40004010", 0x1000, 0x1000, 0xf0000003, 0x91004064,
         0xf0200003, 0x91004064},
        {"add x4: 0x6011 -> 0x6012", 0x1000, 0x1000, 0xb0000023, 0x91004464,
         0xb0000023, 0x91004864},
        {"add x4: 0x5ff8 -> 0x5ffa", 0x1000, 0x1000, 0x90000023, 0x913fe064,
         0x90000023, 0x913fe864},
        {"ldrb w4: 0x2f17 -> 0x3017", 0x1000, 0x1000, 0xb0000003, 0x397c5c64,
         0xd0000003, 0x39405c64},
        {"strb w4: 0x2f17 -> 0x3017", 0x1000, 0x1000, 0xb0000003, 0x393c5c64,
         0xd0000003, 0x39005c64},
        {"ldrsb x4: 0x2f17 -> 0x3017", 0x1000, 0x1000, 0xb0000003, 0x39bc5c64,
         0xd0000003, 0x39805c64},
        {"ldr b4: 0x2f17 -> 0x3017", 0x1000, 0x1000, 0xb0000003, 0x3d7c5c64,
         0xd0000003, 0x3d405c64},
        {"ldrh w4: 0x2f16 -> 0x3016", 0x1000, 0x1000, 0xb0000003, 0x795e2c64,
         0xd0000003, 0x79402c64},
        {"strh w4: 0x2f16 -> 0x3016", 0x1000, 0x1000, 0xb0000003, 0x791e2c64,
         0xd0000003, 0x79002c64},
        {"ldrsh w4: 0x2f16 -> 0x3016", 0x1000, 0x1000, 0xb0000003, 0x79de2c64,
         0xd0000003, 0x79c02c64},
        {"ldr h4: 0x2f16 -> 0x3016", 0x1000, 0x1000, 0xb0000003, 0x7d5e2c64,
         0xd0000003, 0x7d402c64},
        {"ldr w4: 0x2f14 -> 0x3014", 0x1000, 0x1000, 0xb0000003, 0xb94f1464,
         0xd0000003, 0xb9401464},
        {"str w4: 0x2f14 -> 0x3014", 0x1000, 0x1000, 0xb0000003, 0xb90f1464,
         0xd0000003, 0xb9001464},
        {"ldrsw x4: 0x2f14 -> 0x3014", 0x1000, 0x1000, 0xb0000003, 0xb98f1464,
         0xd0000003, 0xb9801464},
        {"ldr s4: 0x2f14 -> 0x3014", 0x1000, 0x1000, 0xb0000003, 0xbd4f1464,
         0xd0000003, 0xbd401464},
        {"ldr x4: 0x2f18 -> 0x3018", 0x1000, 0x1000, 0xb0000003, 0xf9478c64,
         0xd0000003, 0xf9400c64},
        {"str x4: 0x2f18 -> 0x3018", 0x1000, 0x1000, 0xb0000003, 0xf9078c64,
         0xd0000003, 0xf9000c64},
        {"ldr d4: 0x2f18 -> 0x3018", 0x1000, 0x1000, 0xb0000003, 0xfd478c64,
         0xd0000003, 0xfd400c64},
        {"prfm pldl1keep: 0x2f18 -> 0x3018", 0x1000, 0x1000, 0xb0000003,
         0xf9878c60, 0xd0000003, 0xf9800c60},
        {"ldr q4: 0x2f10 -> 0x3010", 0x1000, 0x1000, 0xb0000003, 0x3dc3c464,
         0xd0000003, 0x3dc00464},
        {"str q4: 0x2f10 -> 0x3010", 0x1000, 0x1000, 0xb0000003, 0x3d83c464,
         0xd0000003, 0x3d800464},
        {"ldrh w4: 0x5ff8 -> 0x5ffa", 0x1000, 0x1000, 0x90000023, 0x795ff064,
         0x90000023, 0x795ff464},
        {"ldr x4: 0x2ff8 -> 0x30f8", 0x1000, 0x1000, 0xb0000003, 0xf947fc64,
         0xd0000003, 0xf9407c64},
    };

    (void)state;
    assert_pairs_foreseen(cases, COUNT(cases));
}

static void leaves_the_low_part_where_it_cannot_be_encoded(void **state)
{
    static const struct pair_case cases[] = {
        {"ldr x4: 0x5ff8 -> 0x5ffa", 0x1000, 0x1000, 0x90000023, 0xf947fc64,
         0x90000023, 0xf947fc64},
        {"ldr w4: 0x5ffc -> 0x5ffe", 0x1000, 0x1000, 0x90000023, 0xb94ffc64,
         0x90000023, 0xb94ffc64},
        {"ldrh w4: 0x6ffe -> 0x6fff", 0x1000, 0x1000, 0xb0000023, 0x795ffc64,
         0xb0000023, 0x795ffc64},
        {"strh w4: 0x6ff8 -> 0x6ff9", 0x1000, 0x1000, 0xb0000023, 0x791ff064,
         0xb0000023, 0x791ff064},
    };

    (void)state;
    assert_pairs_foreseen(cases, COUNT(cases));
}

/* The page 0x3000 went back, below where it begins. */
static void foresees_the_page_alone_before_anything_else(void **state)
{
    static const struct pair_case cases[] = {
        {"add x4, x5, #16", 0x1000, 0x1000, 0xd0000003, 0x910040a4, 0xb0000003,
         0x910040a4},
        {"add w4, w3, #16", 0x1000, 0x1000, 0xd0000003, 0x11004064, 0xb0000003,
         0x11004064},
        {"add x4, x3, #16, lsl #12", 0x1000, 0x1000, 0xd0000003, 0x91404064,
         0xb0000003, 0x91404064},
        {"sub x4, x3, #16", 0x1000, 0x1000, 0xd0000003, 0xd1004064, 0xb0000003,
         0xd1004064},
        {"ldp x4, x5, [x3, #16]", 0x1000, 0x1000, 0xd0000003, 0xa9411464,
         0xb0000003, 0xa9411464},
        {"ldr x4, [x3], #16", 0x1000, 0x1000, 0xd0000003, 0xf8410464,
         0xb0000003, 0xf8410464},
        {"ldr x4, [x3, #4096]", 0x1000, 0x1000, 0xd0000003, 0xf9480064,
         0xb0000003, 0xf9480064},
        {"ldr w4, [x3, #4096]", 0x1000, 0x1000, 0xd0000003, 0xb9500064,
         0xb0000003, 0xb9500064},
        {"ldr q4, [x3, #4096]", 0x1000, 0x1000, 0xd0000003, 0x3dc40064,
         0xb0000003, 0x3dc40064},
        {"ldr x4, [x5, #16]", 0x1000, 0x1000, 0xd0000003, 0xf94008a4,
         0xb0000003, 0xf94008a4},
        {"nop", 0x1000, 0x1000, 0xd0000003, 0xd503201f, 0xb0000003, 0xd503201f},
    };

    (void)state;
    assert_pairs_foreseen(cases, COUNT(cases));
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct predict_case alone = {"adrp", 0x1000, 0x1000, cases[i].old,
                                           cases[i].new};

        assert_foreseen(&alone, 1, A64);
    }
}

/* The first page of new is not that of old. */
static void leaves_pages_outside_old(void **state)
{
    static const struct pair_case cases[] = {
        {"adrp -0x1000", 0x1000, 0x3000, 0xd0ffffe3, 0x91004064, 0xd0ffffe3,
         0x91004064},
    };

    (void)state;
    assert_pairs_foreseen(cases, COUNT(cases));
}

/* A branch behind an ADRP is none of its parts, and seen. */
static void goes_on_behind_a_page_alone(void **state)
{
    static const struct pair_case cases[] = {
        {"adrp, bl 0x2000", 0x1000, 0x1000, 0xd0000003, 0x940003ff, 0xb0000003,
         0x9400043f},
    };

    (void)state;
    assert_pairs_foreseen(cases, COUNT(cases));
}

/* Words are looked for at multiples of 4 in old. */
static void sees_nothing_at_other_positions(void **state)
{
    (void)state;
    for (uint32_t at = 0; at < 8; at++) {
        uint8_t bytes[4];

        predict_put(bytes, 0x14000400);
        predict_kinds(A64, 0x1000 + at, 0x1000 + at, bytes, 4);
        assert_int_equal(predict_get(bytes) != 0x14000400, at % 4 == 0);
    }
}

/* Cut behind an ADRP, its page is foreseen alone: here it stays. */
static void sees_no_more_than_the_piece(void **state)
{
    (void)state;
    for (size_t size = 0; size <= 8; size++) {
        uint8_t bytes[8];

        predict_put(bytes, 0xb0000003);
        predict_put(bytes + 4, 0x913c4064);
        predict_kinds(A64, 0x1000, 0x1000, bytes, size);
        assert_int_equal(predict_get(bytes),
                         size < 8 ? 0xb0000003 : 0xd0000003);
        assert_int_equal(predict_get(bytes + 4),
                         size < 8 ? 0x913c4064 : 0x91004064);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(foresees_branches),
        cmocka_unit_test(leaves_branches_that_cannot_be_encoded),
        cmocka_unit_test(leaves_other_instructions),
        cmocka_unit_test(foresees_pages_with_what_completes_them),
        cmocka_unit_test(leaves_the_low_part_where_it_cannot_be_encoded),
        cmocka_unit_test(foresees_the_page_alone_before_anything_else),
        cmocka_unit_test(leaves_pages_outside_old),
        cmocka_unit_test(goes_on_behind_a_page_alone),
        cmocka_unit_test(sees_nothing_at_other_positions),
        cmocka_unit_test(sees_no_more_than_the_piece),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
