/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/site_check.h"

static void reads_and_writes_calls_and_jumps(void **state)
{
    static const struct site_case cases[] = {
        {"bl on", DFOTA_SITE_CALL, 0x1000, 0x2000, "00f0feff", 0x1000, 0x2100,
         "01f07ef8"},
        {"bl back", DFOTA_SITE_CALL, 0x2000, 0x1000, "fef7feff", 0x2102, 0x1000,
         "fef77dff"},
        {"bl as far as it goes", DFOTA_SITE_CALL, 0x1000, 0x1001002, "fff3ffd7",
         0x1002, 0x1001004, "fff3ffd7"},
        {"bl too far", DFOTA_SITE_CALL, 0x1000, 0x1001002, "fff3ffd7", 0x1000,
         0x1001004, NULL},
        {"bl to an odd place", DFOTA_SITE_CALL, 0x1000, 0x2000, "00f0feff",
         0x1001, 0x2000, NULL},
        {"bl back too far", DFOTA_SITE_CALL, 0x1002000, 0x2004, "00f400d0",
         0x1002000, 0x2002, NULL},
        {"b.w on", DFOTA_SITE_JUMP, 0x1000, 0x2000, "00f0febf", 0x1000, 0x2100,
         "01f07eb8"},
        {"b.w back", DFOTA_SITE_JUMP, 0x2000, 0x1000, "fef7febf", 0x2102,
         0x1000, "fef77dbf"},
    };

    (void)state;
    assert_site_cases(&dfota_isa_t32, DFOTA_T32_CALLS, cases, COUNT(cases));
}

static void reads_and_writes_branches(void **state)
{
    static const struct site_case cases[] = {
        {"beq.w on", DFOTA_SITE_BRANCH, 0x1000, 0x2000, "00f0fe87", 0x1000,
         0x2100, "01f07e80"},
        {"ble.w back", DFOTA_SITE_BRANCH, 0x2000, 0x1000, "7ef7feaf", 0x2102,
         0x1000, "7ef77daf"},
        {"bhi.w as far as it goes", DFOTA_SITE_BRANCH, 0x1000, 0x101002,
         "3ff2ffaf", 0x1000, 0x101000, "3ff2feaf"},
        {"bhi.w too far", DFOTA_SITE_BRANCH, 0x1000, 0x101002, "3ff2ffaf",
         0x1000, 0x101004, NULL},
    };

    (void)state;
    assert_site_cases(&dfota_isa_t32, DFOTA_T32_BRANCHES, cases, COUNT(cases));
}

/* The distance counts from a multiple of 4 behind the site. */
static void reads_and_writes_blx(void **state)
{
    static const struct site_case cases[] = {
        {"blx on", DFOTA_SITE_EXCHANGE, 0x1000, 0x2000, "00f0feef", 0x1002,
         0x2000, "00f0feef"},
        {"blx at a halfword", DFOTA_SITE_EXCHANGE, 0x1002, 0x2000, "00f0feef",
         0x1004, 0x2000, "00f0fcef"},
        {"blx back", DFOTA_SITE_EXCHANGE, 0x2102, 0x1000, "fef77eef", 0x2202,
         0x1004, "fef700ef"},
        {"blx to a halfword", DFOTA_SITE_EXCHANGE, 0x1000, 0x2000, "00f0feef",
         0x1000, 0x2002, NULL},
    };

    (void)state;
    assert_site_cases(&dfota_isa_t32, DFOTA_T32_EXCHANGES, cases, COUNT(cases));
}

static void reads_and_writes_values(void **state)
{
    static const struct site_case cases[] = {
        {"movw, movt r3", DFOTA_SITE_VALUE, 0x1002, 0x2000abcd,
         "4af6cd33c2f20003", 0x1009, 0x12345fed, "45f6ed73c1f23423"},
        {"movw, movt r3 around 2 bytes", DFOTA_SITE_VALUE, 0x1002, 0x2000abcd,
         "4af6cd330130c2f20003", 0x1008, 0x12345fed, "45f6ed730130c1f23423"},
        {"movw, movt r3 around 4 bytes", DFOTA_SITE_VALUE, 0x1002, 0x2000abcd,
         "4af6cd3340f20104c2f20003", 0x1008, 0x12345fed,
         "45f6ed7340f20104c1f23423"},
        {"movw, movt lr", DFOTA_SITE_VALUE, 0x0, 0xffffffff, "4ff6ff7ecff6ff7e",
         0x0, 0x8000800, "40f6000ec0f6000e"},
    };

    (void)state;
    assert_site_cases(&dfota_isa_t32, DFOTA_T32_VALUES, cases, COUNT(cases));
}

static void reads_and_writes_what_is_short(void **state)
{
    static const struct site_case cases[] = {
        {"b on", DFOTA_SITE_SHORT_JUMP, 0x1000, 0x1100, "7ee0", 0x1002, 0x1802,
         "fee3"},
        {"b back", DFOTA_SITE_SHORT_JUMP, 0x1000, 0xffe, "fde7", 0x1000, 0x804,
         "00e4"},
        {"b too far", DFOTA_SITE_SHORT_JUMP, 0x1000, 0x1802, "ffe3", 0x1000,
         0x1804, NULL},
        {"bne back", DFOTA_SITE_SHORT_BRANCH, 0x1000, 0xffe, "fdd1", 0x1000,
         0x1102, "7fd1"},
        {"bne too far", DFOTA_SITE_SHORT_BRANCH, 0x1000, 0xffe, "fdd1", 0x1000,
         0x1104, NULL},
        {"cbz r3", DFOTA_SITE_TEST_BRANCH, 0x1000, 0x1006, "0bb1", 0x1002,
         0x1084, "fbb3"},
        {"cbnz r7", DFOTA_SITE_TEST_BRANCH, 0x1000, 0x1082, "ffbb", 0x1000,
         0x1004, "07b9"},
        {"cbnz back", DFOTA_SITE_TEST_BRANCH, 0x1000, 0x1082, "ffbb", 0x1000,
         0x1002, NULL},
        {"cbnz too far", DFOTA_SITE_TEST_BRANCH, 0x1000, 0x1082, "ffbb", 0x1000,
         0x1084, NULL},
        {"ldr r2", DFOTA_SITE_LITERAL, 0x1000, 0x1014, "044a", 0x1002, 0x1400,
         "ff4a"},
        {"ldr r2 at a halfword", DFOTA_SITE_LITERAL, 0x1002, 0x1014, "044a",
         0x1002, 0x1016, NULL},
        {"ldr r2 back", DFOTA_SITE_LITERAL, 0x1002, 0x1014, "044a", 0x1004,
         0x1004, NULL},
        {"adr r6", DFOTA_SITE_LITERAL, 0x1000, 0x1014, "04a6", 0x1002, 0x1018,
         "05a6"},
    };

    (void)state;
    assert_site_cases(&dfota_isa_t32, DFOTA_T32_NEAR, cases, COUNT(cases));
}

/* What turns keeps its kind. */
static void reads_and_writes_wide_literals_and_addresses(void **state)
{
    static const struct site_case cases[] = {
        {"ldr.w r9 on", DFOTA_SITE_WIDE_LITERAL, 0x1002, 0x1015, "dff81190",
         0x1002, 0x2003, "dff8ff9f"},
        {"ldr.w r9 turns back", DFOTA_SITE_WIDE_LITERAL, 0x1000, 0x1014,
         "dff81090", 0x1002, 0x1002, "5ff80290"},
        {"ldr.w r9 turns on", DFOTA_SITE_WIDE_LITERAL, 0x1000, 0xffc,
         "5ff80890", 0x1000, 0x1004, "dff80090"},
        {"ldr.w r9 too far", DFOTA_SITE_WIDE_LITERAL, 0x1000, 0xffc, "5ff80890",
         0x1000, 0x4, NULL},
        {"adr.w r8 on", DFOTA_SITE_WIDE_ADDRESS, 0x1002, 0x1015, "0ff21108",
         0x1002, 0x2003, "0ff6ff78"},
        {"adr.w r8 turns back", DFOTA_SITE_WIDE_ADDRESS, 0x1000, 0x1014,
         "0ff21008", 0x1002, 0x1002, "aff20208"},
        {"adr.w r8 turns on", DFOTA_SITE_WIDE_ADDRESS, 0x1000, 0xffc,
         "aff20808", 0x1000, 0x1004, "0ff20008"},
        {"adr.w r8 too far", DFOTA_SITE_WIDE_ADDRESS, 0x1000, 0xffc, "aff20808",
         0x1000, 0x2004, NULL},
    };

    (void)state;
    assert_site_cases(&dfota_isa_t32, DFOTA_T32_NEAR, cases, COUNT(cases));
}

static void sees_no_site_in_other_instructions(void **state)
{
    static const struct no_site_case cases[] = {
        {"msr", "80f3fe8f"},
        {"nop.w", "aff30080"},
        {"dsb", "bff34f8f"},
        {"blx of a halfword", "00f0ffef"},
        {"movw r3, #0xabcd", "4af6cd33"},
        {"movw and movt of two registers", "4af6cd33c2f20004"},
        {"movw and movt around bl", "40f2010300f004f8c0f20203"},
        {"movt before movw", "c2f200034af6cd33"},
        {"half a pair", "40f20103c0f202"},
        {"tst.w r0, #127", "10f07f0f"},
        {"vldr d7, [r0, #16]", "90ed047b"},
        {"ldr.w r9, [r2, #16]", "d2f81090"},
        {"ldr.w of -0", "5ff80090"},
        {"adr.w of -0", "aff20008"},
        {"addw r8, r1, #16", "01f21008"},
        {"udf #1", "01de"},
        {"svc #1", "01df"},
        {"push {r4, lr}", "10b5"},
        {"bx lr", "7047"},
        {"it eq", "08bf"},
        {"add r1, sp, #8", "02a9"},
        {"half a bl", "00f000"},
        {"one byte", "e7"},
        {"nothing", ""},
    };

    (void)state;
    assert_no_sites(&dfota_isa_t32, cases, COUNT(cases));
}

static void keeps_the_contract_on_noise(void **state)
{
    static const uint32_t masks[][2] = {
        {0, 0},           {0x8000f800, 0x8000f000}, {0x8000fbf0, 0x0000f240},
        {0xff7f, 0xf85f}, {0xfb5f, 0xf20f},         {0xf000, 0x4000},
        {0xc000, 0xc000}, {0xf000, 0xb000},
    };

    (void)state;
    assert_sites_of_noise(&dfota_isa_t32, masks, COUNT(masks));
}

static void keeps_the_contract_on_images(void **state)
{
    (void)state;
    assert_sites_of_images(&dfota_isa_t32);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_calls_and_jumps),
        cmocka_unit_test(reads_and_writes_branches),
        cmocka_unit_test(reads_and_writes_blx),
        cmocka_unit_test(reads_and_writes_values),
        cmocka_unit_test(reads_and_writes_what_is_short),
        cmocka_unit_test(reads_and_writes_wide_literals_and_addresses),
        cmocka_unit_test(sees_no_site_in_other_instructions),
        cmocka_unit_test(keeps_the_contract_on_noise),
        cmocka_unit_test(keeps_the_contract_on_images),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
