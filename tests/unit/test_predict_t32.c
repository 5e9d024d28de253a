/* SPDX-License-Identifier: MIT */
/* the predictor on Thumb-2 branches; test_predict.c has what holds for all
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

#define T32_KINDS                                                              \
    (DFOTA_PREDICT_T32 | DFOTA_PREDICT_T32_BCC | DFOTA_PREDICT_T32_BLX)

static void foresees_bl_and_b(void **state)
{
    static const struct predict_case cases[] = {
        {"bl 0x2000 -> 0x2100", 0x1000, 0x1000, T32(0xf000fffe),
         T32(0xf001f87e)},
        {"bl 0x1000 -> 0x1000", 0x2000, 0x2100, T32(0xf7fefffe),
         T32(0xf7feff7e)},
        {"bl 0x2800 -> 0x2900", 0x2100, 0x2200, T32(0xf000fb7e),
         T32(0xf000fb7e)},
        {"bl 0x3800 -> 0x3780", 0x2100, 0x2200, T32(0xf001fb7e),
         T32(0xf001fabe)},
        {"bl 0x2ffe -> 0x30fe", 0x1002, 0x1002, T32(0xf001fffc),
         T32(0xf002f87c)},
        {"bl 0x5000 -> 0x5002", 0x1000, 0x1000, T32(0xf003fffe),
         T32(0xf003ffff)},
        {"b.w 0x2000 -> 0x2100", 0x1000, 0x1000, T32(0xf000bffe),
         T32(0xf001b87e)},
        {"b.w 0x1000 -> 0x1000", 0x2000, 0x2100, T32(0xf7febffe),
         T32(0xf7febf7e)},
        {"b.w 0x2800 -> 0x2900", 0x2100, 0x2200, T32(0xf000bb7e),
         T32(0xf000bb7e)},
        {"b.w 0x3800 -> 0x3780", 0x2100, 0x2200, T32(0xf001bb7e),
         T32(0xf001babe)},
        {"bl 0x1000002 -> 0x1001002", 0x1000, 0x1000, T32(0xf3fed7ff),
         T32(0xf3ffd7ff)},
        {"bl 0x11004 -> 0x12004", 0x1010000, 0x1012000, T32(0xf401d000),
         T32(0xf400d000)},
    };

    (void)state;
    assert_foreseen(cases, COUNT(cases), DFOTA_PREDICT_T32);
    assert_foreseen(cases, COUNT(cases), T32_KINDS);
    assert_left(cases, COUNT(cases), T32_KINDS & ~DFOTA_PREDICT_T32);
}

static void foresees_conditional_branches(void **state)
{
    static const struct predict_case cases[] = {
        {"beq.w 0x2000 -> 0x2100", 0x1000, 0x1000, T32(0xf00087fe),
         T32(0xf001807e)},
        {"beq.w 0x1000 -> 0x1000", 0x2000, 0x2100, T32(0xf43eaffe),
         T32(0xf43eaf7e)},
        {"beq.w 0x2800 -> 0x2900", 0x2100, 0x2200, T32(0xf000837e),
         T32(0xf000837e)},
        {"beq.w 0x3800 -> 0x3780", 0x2100, 0x2200, T32(0xf001837e),
         T32(0xf00182be)},
        {"beq.w 0x2ffe -> 0x30fe", 0x1002, 0x1002, T32(0xf00187fc),
         T32(0xf002807c)},
        {"beq.w 0x5000 -> 0x5002", 0x1000, 0x1000, T32(0xf00387fe),
         T32(0xf00387ff)},
        {"ble.w 0x2000 -> 0x2100", 0x1000, 0x1000, T32(0xf34087fe),
         T32(0xf341807e)},
        {"ble.w 0x1000 -> 0x1000", 0x2000, 0x2100, T32(0xf77eaffe),
         T32(0xf77eaf7e)},
        {"bhi.w 0x2000 -> 0x2100", 0x1000, 0x1000, T32(0xf20087fe),
         T32(0xf201807e)},
        {"bhi.w 0x1000 -> 0x1000", 0x2000, 0x2100, T32(0xf63eaffe),
         T32(0xf63eaf7e)},
        {"beq.w 0x100002 -> 0x101002", 0x1000, 0x1000, T32(0xf03eafff),
         T32(0xf03fafff)},
        {"beq.w 0x11004 -> 0x12004", 0x110000, 0x112000, T32(0xf4018000),
         T32(0xf4008000)},
    };

    (void)state;
    assert_foreseen(cases, COUNT(cases), DFOTA_PREDICT_T32_BCC);
    assert_foreseen(cases, COUNT(cases), T32_KINDS);
    assert_left(cases, COUNT(cases), T32_KINDS & ~DFOTA_PREDICT_T32_BCC);
}

/* The distance counts from a multiple of 4 behind the site. */
static void foresees_blx(void **state)
{
    static const struct predict_case cases[] = {
        {"blx 0x2000 -> 0x2100", 0x1000, 0x1000, T32(0xf000effe),
         T32(0xf001e87e)},
        {"blx 0x2000 -> 0x2100", 0x1002, 0x1002, T32(0xf000effe),
         T32(0xf001e87e)},
        {"blx 0x2000 -> 0x2100", 0x1000, 0x1002, T32(0xf000effe),
         T32(0xf001e87e)},
        {"blx 0x2000 -> 0x2100", 0x1002, 0x1004, T32(0xf000effe),
         T32(0xf001e87c)},
        {"blx 0x2000 -> 0x2100", 0x1002, 0x1000, T32(0xf000effe),
         T32(0xf001e87e)},
        {"blx 0x1000 -> 0x1000", 0x2102, 0x2202, T32(0xf7feef7e),
         T32(0xf7feeefe)},
        {"blx 0x3800 -> 0x3780", 0x2100, 0x2200, T32(0xf001eb7e),
         T32(0xf001eabe)},
    };

    (void)state;
    assert_foreseen(cases, COUNT(cases), DFOTA_PREDICT_T32_BLX);
    assert_foreseen(cases, COUNT(cases), T32_KINDS);
    assert_left(cases, COUNT(cases), T32_KINDS & ~DFOTA_PREDICT_T32_BLX);
}

/* Too far, between two instructions, or out of the image to begin with. */
static void leaves_what_cannot_be_encoded(void **state)
{
    static const struct predict_case cases[] = {
        {"bl 0x1000004", 0x1000, 0x1000, T32(0xf3ffd000), T32(0xf3ffd000)},
        {"bl 0x11004", 0x1010000, 0x1012002, T32(0xf401d000), T32(0xf401d000)},
        {"b.w 0x1000004", 0x1000, 0x1000, T32(0xf3ff9000), T32(0xf3ff9000)},
        {"bl 0x4000", 0x1000, 0x1000, T32(0xf002fffe), T32(0xf002fffe)},
        {"bl 0x6000", 0x1000, 0x1000, T32(0xf004fffe), T32(0xf004fffe)},
        {"bl -0x200", 0x100, 0x900, T32(0xf7fffe7e), T32(0xf7fffe7e)},
        {"beq.w 0x100004", 0x1000, 0x1000, T32(0xf03fa800), T32(0xf03fa800)},
        {"beq.w 0x11004", 0x110000, 0x112002, T32(0xf4018000), T32(0xf4018000)},
        {"beq.w 0x4000", 0x1000, 0x1000, T32(0xf00287fe), T32(0xf00287fe)},
        {"beq.w 0x6000", 0x1000, 0x1000, T32(0xf00487fe), T32(0xf00487fe)},
        {"beq.w -0x200", 0x100, 0x900, T32(0xf43fae7e), T32(0xf43fae7e)},
        {"blx 0x5000", 0x1000, 0x1000, T32(0xf003effe), T32(0xf003effe)},
        {"blx 0x6000", 0x1000, 0x1000, T32(0xf004effe), T32(0xf004effe)},
        {"blx 0x4000", 0x1000, 0x1000, T32(0xf002effe), T32(0xf002effe)},
        {"blx -0x4000", 0x1000, 0x3002, T32(0xf7faeffe), T32(0xf7faeffe)},
    };

    (void)state;
    assert_left(cases, COUNT(cases), T32_KINDS);
}

static void leaves_what_is_no_branch(void **state)
{
    static const struct predict_case cases[] = {
        {"msr", 0x1000, 0x1000, T32(0xf3808ffe), 0},
        {"nop.w", 0x1000, 0x1000, T32(0xf3af8000), 0},
        {"dsb", 0x1000, 0x1000, T32(0xf3bf8f4f), 0},
        {"blx of a halfword", 0x1000, 0x1000, T32(0xf000efff), 0},
        {"movw", 0x1000, 0x1000, T32(0xf2427ffe), 0},
        {"tst.w", 0x1000, 0x1000, T32(0xf0107ffe), 0},
        {"vldr", 0x1000, 0x1000, T32(0xed9ffffe), 0},
        {"ldr.w", 0x1000, 0x1000, T32(0xf8dffffe), 0},
        {"two of 16 bits", 0x1000, 0x1000, T32(0xe7fefffe), 0},
        {"zeros", 0x1000, 0x1000, T32(0x00000000), 0},
    };

    (void)state;
    assert_left(cases, COUNT(cases), T32_KINDS);
}

/* Halfwords of a copy from 0x0ffe on, with BL 0x2000 at 0x1000 and 0x1006. */
static const uint8_t code[] = {0x70, 0x47, 0x00, 0xf0, 0xfe, 0xff, 0x70,
                               0x47, 0x00, 0xf0, 0xfb, 0xff, 0x70, 0x47};
static const uint8_t moved[] = {0x70, 0x47, 0x01, 0xf0, 0x7e, 0xf8, 0x70,
                                0x47, 0x01, 0xf0, 0x7b, 0xf8, 0x70, 0x47};

static void foresees_every_branch_of_a_piece(void **state)
{
    uint8_t bytes[sizeof(code)];

    (void)state;
    memcpy(bytes, code, sizeof(code));
    predict_kinds(DFOTA_PREDICT_T32, 0xffe, 0xffe, bytes, sizeof(code));
    assert_memory_equal(bytes, moved, sizeof(moved));
}

/* Wherever a piece is cut, whole branches in it are seen and others are not. */
static void foresees_only_branches_wholly_in_the_piece(void **state)
{
    (void)state;
    for (size_t begin = 0; begin <= sizeof(code); begin++) {
        for (size_t end = begin; end <= sizeof(code); end++) {
            uint8_t bytes[sizeof(code)];
            uint8_t want[sizeof(code)];

            memcpy(bytes, code, sizeof(code));
            memcpy(want, code, sizeof(code));
            if (begin <= 2 && end >= 6)
                memcpy(want + 2, moved + 2, 4);
            if (begin <= 8 && end >= 12)
                memcpy(want + 8, moved + 8, 4);
            predict_kinds(DFOTA_PREDICT_T32, 0xffe + (uint32_t)begin,
                          0xffe + (uint32_t)begin, bytes + begin, end - begin);
            assert_memory_equal(bytes, want, sizeof(want));
        }
    }
}

/* Where old is odd nothing can begin, whatever new is. */
static void sees_nothing_at_odd_positions(void **state)
{
    uint8_t bytes[sizeof(code)];

    (void)state;
    memcpy(bytes, code, sizeof(code));
    predict_kinds(T32_KINDS, 0xfff, 0xffe, bytes, sizeof(code));
    assert_memory_equal(bytes, code, sizeof(code));
    predict_kinds(T32_KINDS, 0xffe, 0xfff, bytes, sizeof(code));
    assert_memory_equal(bytes, code, sizeof(code)); /* not to be encoded */
}

/* The second halfword of this BL would be the first of another. */
static void steps_over_a_branch_as_a_whole(void **state)
{
    static const uint8_t old[] = {0x00, 0xf0, 0xfe, 0xf7, 0xfe, 0xff};
    static const uint8_t want[] = {0x01, 0xf0, 0x7e, 0xf7, 0xfe, 0xff};
    uint8_t bytes[sizeof(old)];

    (void)state;
    memcpy(bytes, old, sizeof(old));
    predict_kinds(T32_KINDS, 0x2000, 0x2100, bytes, sizeof(bytes));
    assert_memory_equal(bytes, want, sizeof(want));
    memcpy(bytes, old, sizeof(old));
    predict_kinds(T32_KINDS, 0x2000, 0x2100, bytes + 2, sizeof(bytes) - 2);
    assert_memory_not_equal(bytes + 2, old + 2, sizeof(old) - 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(foresees_bl_and_b),
        cmocka_unit_test(foresees_conditional_branches),
        cmocka_unit_test(foresees_blx),
        cmocka_unit_test(leaves_what_cannot_be_encoded),
        cmocka_unit_test(leaves_what_is_no_branch),
        cmocka_unit_test(foresees_every_branch_of_a_piece),
        cmocka_unit_test(foresees_only_branches_wholly_in_the_piece),
        cmocka_unit_test(sees_nothing_at_odd_positions),
        cmocka_unit_test(steps_over_a_branch_as_a_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
