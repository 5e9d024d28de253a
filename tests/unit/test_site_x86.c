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
        {"call on", DFOTA_SITE_CALL, 0x1001, 0x2000, "e8fa0f0000", 0x1002,
         0x2101, "e8fa100000"},
        {"call back", DFOTA_SITE_CALL, 0x2001, 0x1000, "e8faefffff", 0x2001,
         0x2006, "e800000000"},
        {"jmp on", DFOTA_SITE_JUMP, 0x1000, 0x1001004, "e9ffffff00", 0x1001000,
         0x1005, "e9000000ff"},
        {"jmp too far", DFOTA_SITE_JUMP, 0x1000, 0x1001004, "e9ffffff00",
         0x1000, 0x1001005, NULL},
        {"jmp too far back", DFOTA_SITE_JUMP, 0x1001000, 0x1005, "e9000000ff",
         0x1001000, 0x1004, NULL},
    };

    (void)state;
    assert_site_cases(&dfota_isa_x86, DFOTA_X86_CALLS, cases, COUNT(cases));
}

static void reads_and_writes_branches(void **state)
{
    static const struct site_case cases[] = {
        {"je on", DFOTA_SITE_BRANCH, 0x1001, 0x2000, "0f84f90f0000", 0x1001,
         0x1000, "0f84f9ffffff"},
        {"jg back", DFOTA_SITE_BRANCH, 0x2001, 0x1000, "0f8ff9efffff", 0x2001,
         0x1002000, "0f8ff9ffff00"},
        {"jg too far", DFOTA_SITE_BRANCH, 0x2001, 0x1000, "0f8ff9efffff",
         0x2001, 0x1002007, NULL},
    };

    (void)state;
    assert_site_cases(&dfota_isa_x86, DFOTA_X86_BRANCHES, cases, COUNT(cases));
}

/* The distance counts from behind the immediate, where there is one. */
static void reads_and_writes_operands(void **state)
{
    static const struct site_case cases[] = {
        {"lea", DFOTA_SITE_OPERAND, 0x1001, 0x165b, "8d0d54060000", 0x20002,
         0x16792, "8d0d8a67ffff"},
        {"mov", DFOTA_SITE_OPERAND, 0x1001, 0x165b, "8b1554060000", 0x20002,
         0x16792, "8b158a67ffff"},
        {"mov to memory", DFOTA_SITE_OPERAND, 0x1001, 0x165b, "893d54060000",
         0x20002, 0x16792, "893d8a67ffff"},
        {"cmp", DFOTA_SITE_OPERAND, 0x1001, 0x165b, "3b3554060000", 0x20002,
         0x16792, "3b358a67ffff"},
        {"add to memory", DFOTA_SITE_OPERAND, 0x1001, 0x165b, "010554060000",
         0x20002, 0x16792, "01058a67ffff"},
        {"movb immediate", DFOTA_SITE_OPERAND, 0x1001, 0x165c, "c6055406000007",
         0x20002, 0x16793, "c6058a67ffff07"},
        {"movl immediate", DFOTA_SITE_OPERAND, 0x1001, 0x165f,
         "c7055406000045230100", 0x20002, 0x16796, "c7058a67ffff45230100"},
        {"cmpl of a byte", DFOTA_SITE_OPERAND, 0x1001, 0x165c, "833d5406000001",
         0x20002, 0x16793, "833d8a67ffff01"},
        {"cmpl immediate", DFOTA_SITE_OPERAND, 0x1001, 0x165f,
         "813d5406000045230100", 0x20002, 0x16796, "813d8a67ffff45230100"},
        {"testb", DFOTA_SITE_OPERAND, 0x1001, 0x165c, "f6055406000001", 0x20002,
         0x16793, "f6058a67ffff01"},
        {"test", DFOTA_SITE_OPERAND, 0x1001, 0x165b, "850554060000", 0x20002,
         0x16792, "85058a67ffff"},
        {"call", DFOTA_SITE_OPERAND, 0x1001, 0x165b, "ff1554060000", 0x20002,
         0x16792, "ff158a67ffff"},
        {"jmp", DFOTA_SITE_OPERAND, 0x1001, 0x165b, "ff2554060000", 0x20002,
         0x16792, "ff258a67ffff"},
        {"push", DFOTA_SITE_OPERAND, 0x1001, 0x165b, "ff3554060000", 0x20002,
         0x16792, "ff358a67ffff"},
        {"movzbl", DFOTA_SITE_OPERAND, 0x1001, 0x165c, "0fb60554060000",
         0x20002, 0x16793, "0fb6058a67ffff"},
        {"movups", DFOTA_SITE_OPERAND, 0x1001, 0x165c, "0f100554060000",
         0x20002, 0x16793, "0f10058a67ffff"},
        {"movaps to memory", DFOTA_SITE_OPERAND, 0x1001, 0x165c,
         "0f290d54060000", 0x20002, 0x16793, "0f290d8a67ffff"},
        {"cmove", DFOTA_SITE_OPERAND, 0x1001, 0x165c, "0f440554060000", 0x20002,
         0x16793, "0f44058a67ffff"},
        {"sete", DFOTA_SITE_OPERAND, 0x1001, 0x165c, "0f940554060000", 0x20002,
         0x16793, "0f94058a67ffff"},
        {"lea too far", DFOTA_SITE_OPERAND, 0x1000, 0x1006, "8d0d00000000",
         0x1000, 0x2001006, NULL},
    };

    (void)state;
    assert_site_cases(&dfota_isa_x86, DFOTA_X86_OPERANDS, cases, COUNT(cases));
}

static void sees_no_site_in_other_instructions(void **state)
{
    static const struct no_site_case cases[] = {
        {"call further than 16 MiB", "e800000001"},
        {"jmp back further than 16 MiB", "e9fffffffe"},
        {"lea further than 16 MiB", "8d0d00000001"},
        {"lea of a register and a distance", "8d8800010000"},
        {"lea of SIB", "8d0c2500010000"},
        {"mov to segment", "8e0d00000000"},
        {"push a register", "50cccccccccc"},
        {"nop", "0f1f0500000000"},
        {"ud2", "0f0b0500000000"},
        {"pshufw", "0f70050000000000"},
        {"movmskps", "0f500500000000"},
        {"far call", "ff1d00000000"},
        {"c6 of function 1", "c60d0000000000"},
        {"test of function 1", "f60d0000000000"},
        {"half a call", "e8000000"},
        {"half a je", "0f84000000"},
        {"half a movl", "c70500000000000000"},
        {"half a lea", "8d0d000000"},
        {"half a movzbl", "0fb605000000"},
        {"nothing", ""},
    };

    (void)state;
    assert_no_sites(&dfota_isa_x86, cases, COUNT(cases));
}

static void keeps_the_contract_on_noise(void **state)
{
    static const uint32_t masks[][2] = {
        {0x16161616, 0},
        {0x70707070, 0},
    };

    (void)state;
    assert_sites_of_noise(&dfota_isa_x86, masks, COUNT(masks));
}

static void keeps_the_contract_on_images(void **state)
{
    (void)state;
    assert_sites_of_images(&dfota_isa_x86);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_calls_and_jumps),
        cmocka_unit_test(reads_and_writes_branches),
        cmocka_unit_test(reads_and_writes_operands),
        cmocka_unit_test(sees_no_site_in_other_instructions),
        cmocka_unit_test(keeps_the_contract_on_noise),
        cmocka_unit_test(keeps_the_contract_on_images),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
