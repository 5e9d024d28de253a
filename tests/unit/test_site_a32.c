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
        {"b on", DFOTA_SITE_JUMP, 0x1000, 0x2000, "fe0300ea", 0x1000, 0x2100,
         "3e0400ea"},
        {"bne back", DFOTA_SITE_BRANCH, 0x2000, 0x1000, "fefbff1a", 0x2100,
         0x1000, "befbff1a"},
        {"bl on", DFOTA_SITE_CALL, 0x1000, 0x2000, "fe0300eb", 0x1004, 0x2000,
         "fd0300eb"},
        {"bleq", DFOTA_SITE_CALL, 0x1000, 0x2000, "fe03000b", 0x1004, 0x2000,
         "fd03000b"},
        {"bl as far as it goes", DFOTA_SITE_CALL, 0x1000, 0x2001004, "ffff7feb",
         0x1004, 0x2001008, "ffff7feb"},
        {"bl too far", DFOTA_SITE_CALL, 0x1000, 0x2001004, "ffff7feb", 0x1000,
         0x2001008, NULL},
        {"bl to a halfword", DFOTA_SITE_CALL, 0x1000, 0x2000, "fe0300eb",
         0x1000, 0x2002, NULL},
        {"blx on", DFOTA_SITE_EXCHANGE, 0x1000, 0x2000, "fe0300fa", 0x1000,
         0x2102, "3e0400fb"},
        {"blx to a halfword", DFOTA_SITE_EXCHANGE, 0x1000, 0x2002, "fe0300fb",
         0x1000, 0x1000, "fefffffa"},
        {"blx to an odd place", DFOTA_SITE_EXCHANGE, 0x1000, 0x2002, "fe0300fb",
         0x1000, 0x2001, NULL},
    };

    (void)state;
    assert_site_cases(&dfota_isa_a32, DFOTA_A32_CALLS, cases, COUNT(cases));
}

static void reads_and_writes_values(void **state)
{
    static const struct site_case cases[] = {
        {"movw, movt r3", DFOTA_SITE_VALUE, 0x1000, 0x2000abcd,
         "cd3b0ae3003042e3", 0x1009, 0x12345fed, "ed3f05e3343241e3"},
        {"movw, movt r3 around another", DFOTA_SITE_VALUE, 0x1000, 0x2000abcd,
         "cd3b0ae30100a0e3003042e3", 0x1009, 0x12345fed,
         "ed3f05e30100a0e3343241e3"},
        {"movweq, movteq lr", DFOTA_SITE_VALUE, 0x0, 0xffffffff,
         "ffef0f03ffef4f03", 0x0, 0x8001000, "00e0010300e84003"},
    };

    (void)state;
    assert_site_cases(&dfota_isa_a32, DFOTA_A32_VALUES, cases, COUNT(cases));
}

/* What turns keeps its kind. */
static void reads_and_writes_literals(void **state)
{
    static const struct site_case cases[] = {
        {"ldr r9 on", DFOTA_SITE_LITERAL, 0x1000, 0x1019, "11909fe5", 0x1002,
         0x2009, "ff9f9fe5"},
        {"ldr r9 turns back", DFOTA_SITE_LITERAL, 0x1000, 0x1018, "10909fe5",
         0x1002, 0x1006, "04901fe5"},
        {"ldrne r9 turns on", DFOTA_SITE_LITERAL, 0x1000, 0x1000, "08901f15",
         0x1000, 0x1008, "00909f15"},
        {"ldr r9 too far", DFOTA_SITE_LITERAL, 0x1000, 0x1000, "08901fe5",
         0x1000, 0x2008, NULL},
    };

    (void)state;
    assert_site_cases(&dfota_isa_a32, DFOTA_A32_NEAR, cases, COUNT(cases));
}

static void sees_no_site_in_other_instructions(void **state)
{
    static const struct no_site_case cases[] = {
        {"bx lr", "1eff2fe1"},
        {"blx r3", "33ff2fe1"},
        {"movw r3, #0xabcd", "cd3b0ae3"},
        {"movw and movt of two registers", "cd3b0ae3004042e3"},
        {"movw and movt on two conditions", "cd3b0a0300304213"},
        {"movw and movt too far behind", "013000e30000a0e10000a0e1"},
        {"half a pair", "013000e3023040"},
        {"movw on no condition", "013000f3013040f3"},
        {"ldr r9, [r2, #16]", "109092e5"},
        {"ldrb r9, [pc, #16]", "1090dfe5"},
        {"str r9, [pc, #16]", "10908fe5"},
        {"ldr of -0", "00901fe5"},
        {"ldr on no condition", "10909ff5"},
        {"svc #1", "010000ef"},
        {"ldm r0, {r1, r2}", "060090e8"},
        {"half a bl", "000400"},
        {"nothing", ""},
    };

    (void)state;
    assert_no_sites(&dfota_isa_a32, cases, COUNT(cases));
}

static void keeps_the_contract_on_noise(void **state)
{
    static const uint32_t masks[][2] = {
        {0, 0},
        {0x0e000000, 0x0a000000},
        {0xffb0f000, 0xe3003000},
        {0x0f7f0000, 0x051f0000},
    };

    (void)state;
    assert_sites_of_noise(&dfota_isa_a32, masks, COUNT(masks));
}

static void keeps_the_contract_on_images(void **state)
{
    (void)state;
    assert_sites_of_images(&dfota_isa_a32);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_calls_and_jumps),
        cmocka_unit_test(reads_and_writes_values),
        cmocka_unit_test(reads_and_writes_literals),
        cmocka_unit_test(sees_no_site_in_other_instructions),
        cmocka_unit_test(keeps_the_contract_on_noise),
        cmocka_unit_test(keeps_the_contract_on_images),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
