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
        {"call0 on", DFOTA_SITE_CALL, 0x1001, 0x2000, "c5ff00", 0x1002, 0x2004,
         "050001"},
        {"call8 back", DFOTA_SITE_CALL, 0x2003, 0x1000, "e5fffe", 0x81000,
         0x1004, "250080"},
        {"call0 too far", DFOTA_SITE_CALL, 0x1001, 0x2000, "c5ff00", 0x1000,
         0x81004, NULL},
        {"call0 to a halfword", DFOTA_SITE_CALL, 0x1001, 0x2000, "c5ff00",
         0x1000, 0x2002, NULL},
        {"j on", DFOTA_SITE_JUMP, 0x1001, 0x2002, "46ff03", 0x1002, 0x21005,
         "c6ff7f"},
        {"j back", DFOTA_SITE_JUMP, 0x2001, 0x1002, "46fffb", 0x21000, 0x1004,
         "060080"},
        {"j too far", DFOTA_SITE_JUMP, 0x1001, 0x2002, "46ff03", 0x1000,
         0x21004, NULL},
    };

    (void)state;
    assert_site_cases(&dfota_isa_xtensa, DFOTA_XTENSA_CALLS, cases,
                      COUNT(cases));
}

/* They are before it. */
static void reads_and_writes_literals(void **state)
{
    static const struct site_case cases[] = {
        {"l32r", DFOTA_SITE_LITERAL, 0x2001, 0x1000, "21fffb", 0x2002, 0x1004,
         "2100fc"},
        {"l32r as far as it goes", DFOTA_SITE_LITERAL, 0x41000, 0x1000,
         "f10000", 0x41001, 0x1004, "f10000"},
        {"l32r too far", DFOTA_SITE_LITERAL, 0x41000, 0x1000, "f10000", 0x41001,
         0x1000, NULL},
        {"l32r on", DFOTA_SITE_LITERAL, 0x2001, 0x2000, "21ffff", 0x2000,
         0x2000, NULL},
        {"l32r to a halfword", DFOTA_SITE_LITERAL, 0x2001, 0x2000, "21ffff",
         0x2100, 0x2002, NULL},
    };

    (void)state;
    assert_site_cases(&dfota_isa_xtensa, DFOTA_XTENSA_LITERALS, cases,
                      COUNT(cases));
}

static void reads_and_writes_branches(void **state)
{
    static const struct site_case cases[] = {
        {"beqz", DFOTA_SITE_BRANCH, 0x1001, 0x1100, "16b30f", 0x1001, 0x1804,
         "16f37f"},
        {"bltz back", DFOTA_SITE_BRANCH, 0x1001, 0xf00, "96b3ef", 0x1001,
         0x1805, NULL},
        {"bne", DFOTA_SITE_SHORT_BRANCH, 0x1001, 0x1050, "37924b", 0x1001,
         0x1084, "37927f"},
        {"beqi back", DFOTA_SITE_SHORT_BRANCH, 0x1001, 0xff0, "2642eb", 0x1001,
         0x1085, NULL},
        {"bltui", DFOTA_SITE_SHORT_BRANCH, 0x1001, 0xff0, "b642eb", 0x1001,
         0x1000, "b642fb"},
        {"bt", DFOTA_SITE_SHORT_BRANCH, 0x1001, 0xff0, "7612eb", 0x1001, 0x1000,
         "7612fb"},
        {"beqz.n", DFOTA_SITE_TEST_BRANCH, 0x1001, 0x1020, "9cb3", 0x1001,
         0x1044, "bcf3"},
        {"bnez.n", DFOTA_SITE_TEST_BRANCH, 0x1001, 0x1005, "cc03", 0x1001,
         0x1004, NULL},
        {"bnez.n too far", DFOTA_SITE_TEST_BRANCH, 0x1001, 0x1005, "cc03",
         0x1001, 0x1045, NULL},
    };

    (void)state;
    assert_site_cases(&dfota_isa_xtensa, DFOTA_XTENSA_NEAR, cases,
                      COUNT(cases));
}

static void sees_no_site_in_other_instructions(void **state)
{
    static const struct no_site_case cases[] = {
        {"entry", "364100"},      {"loop", "768a10"},
        {"movi.n", "0c2a"},       {"ret.n", "0df0"},
        {"nop.n", "3df0"},        {"half a call", "0500"},
        {"half an l32r", "2100"}, {"half a beqz", "1603"},
        {"one byte", "8c"},       {"nothing", ""},
        {"l32i", "222100"},       {"add", "302280"},
    };

    (void)state;
    assert_no_sites(&dfota_isa_xtensa, cases, COUNT(cases));
}

static void keeps_the_contract_on_noise(void **state)
{
    static const uint32_t masks[][2] = {
        {0, 0},
        {0x0f0f0f0f, 0x05060107},
        {0x0f3f0f3f, 0x0c160726},
    };

    (void)state;
    assert_sites_of_noise(&dfota_isa_xtensa, masks, COUNT(masks));
}

static void keeps_the_contract_on_images(void **state)
{
    (void)state;
    assert_sites_of_images(&dfota_isa_xtensa);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_calls_and_jumps),
        cmocka_unit_test(reads_and_writes_literals),
        cmocka_unit_test(reads_and_writes_branches),
        cmocka_unit_test(sees_no_site_in_other_instructions),
        cmocka_unit_test(keeps_the_contract_on_noise),
        cmocka_unit_test(keeps_the_contract_on_images),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
