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
        {"jal ra", DFOTA_SITE_CALL, 0x1000, 0x2000, "ef100000", 0x1002,
         0x100ffe, "eff0df7f"},
        {"jal x5 back", DFOTA_SITE_CALL, 0x2000, 0x1000, "eff20f80", 0x101000,
         0x1000, "ef020080"},
        {"j on", DFOTA_SITE_JUMP, 0x1000, 0x2000, "6f100000", 0x1000, 0x1802,
         "6f003000"},
        {"jal too far", DFOTA_SITE_CALL, 0x1000, 0x2000, "ef100000", 0x1000,
         0x101000, NULL},
        {"jal to an odd place", DFOTA_SITE_CALL, 0x1000, 0x2000, "ef100000",
         0x1000, 0x1001, NULL},
    };

    (void)state;
    assert_site_cases(&dfota_isa_riscv, DFOTA_RISCV_CALLS, cases, COUNT(cases));
}

static void reads_and_writes_pairs(void **state)
{
    static const struct site_case cases[] = {
        {"auipc, addi", DFOTA_SITE_PAIR_ADDRESS, 0x1000, 0x2f10,
         "17250000930505f1", 0x1002, 0x2801, "171500009305f57f"},
        {"auipc, jalr", DFOTA_SITE_PAIR_CALL, 0x1000, 0x2f10,
         "17250000e70005f1", 0x1002, 0x2801, "17150000e700f57f"},
        {"auipc, lw", DFOTA_SITE_PAIR_LOAD, 0x1000, 0x2f10, "17250000832505f1",
         0x1002, 0x2801, "171500008325f57f"},
        {"auipc, lbu", DFOTA_SITE_PAIR_LOAD, 0x1000, 0x2f10, "17250000834505f1",
         0x1002, 0x2801, "171500008345f57f"},
        {"auipc, fld", DFOTA_SITE_PAIR_LOAD, 0x1000, 0x2f10, "17250000073505f1",
         0x1002, 0x2801, "171500000735f57f"},
        {"auipc, flw", DFOTA_SITE_PAIR_LOAD, 0x1000, 0x2f10, "17250000072505f1",
         0x1002, 0x2801, "171500000725f57f"},
        {"auipc, sw", DFOTA_SITE_PAIR_STORE, 0x1000, 0x2f10, "172500002328b5f0",
         0x1002, 0x2801, "17150000a32fb57e"},
        {"auipc, sb", DFOTA_SITE_PAIR_STORE, 0x1000, 0x2f10, "172500002308b5f0",
         0x1002, 0x2801, "17150000a30fb57e"},
        {"auipc, fsw", DFOTA_SITE_PAIR_STORE, 0x1000, 0x2f10,
         "172500002728a5f0", 0x1002, 0x2801, "17150000a72fa57e"},
        {"auipc, fsd", DFOTA_SITE_PAIR_STORE, 0x1000, 0x2f10,
         "172500002738a5f0", 0x1002, 0x2801, "17150000a73fa57e"},
        {"auipc, addi far behind", DFOTA_SITE_PAIR_ADDRESS, 0x1000, 0x1000,
         "1705000013050500", 0x1000, 0x80001000, "1705008013050500"},
        {"auipc, addi just before", DFOTA_SITE_PAIR_ADDRESS, 0x1000, 0x1000,
         "1705000013050500", 0x1000, 0xfff, "170500001305f5ff"},
    };

    (void)state;
    assert_site_cases(&dfota_isa_riscv, DFOTA_RISCV_PAIRS, cases, COUNT(cases));
}

/* LUI with the same second instructions. */
static void reads_and_writes_values(void **state)
{
    static const struct site_case cases[] = {
        {"lui, addi", DFOTA_SITE_VALUE, 0x1000, 0x1f10, "37250000930505f1",
         0x1003, 0x42000800, "3715004293050580"},
        {"lui, jalr", DFOTA_SITE_VALUE, 0x1000, 0x1f10, "37250000e70005f1",
         0x1003, 0x42000800, "37150042e7000580"},
        {"lui, lw", DFOTA_SITE_VALUE, 0x1000, 0x1f10, "37250000832505f1",
         0x1003, 0x42000800, "3715004283250580"},
        {"lui, lbu", DFOTA_SITE_VALUE, 0x1000, 0x1f10, "37250000834505f1",
         0x1003, 0x42000800, "3715004283450580"},
        {"lui, fld", DFOTA_SITE_VALUE, 0x1000, 0x1f10, "37250000073505f1",
         0x1003, 0x42000800, "3715004207350580"},
        {"lui, flw", DFOTA_SITE_VALUE, 0x1000, 0x1f10, "37250000072505f1",
         0x1003, 0x42000800, "3715004207250580"},
        {"lui, sw", DFOTA_SITE_VALUE, 0x1000, 0x1f10, "372500002328b5f0",
         0x1003, 0x42000800, "371500422320b580"},
        {"lui, sb", DFOTA_SITE_VALUE, 0x1000, 0x1f10, "372500002308b5f0",
         0x1003, 0x42000800, "371500422300b580"},
        {"lui, fsw", DFOTA_SITE_VALUE, 0x1000, 0x1f10, "372500002728a5f0",
         0x1003, 0x42000800, "371500422720a580"},
        {"lui, fsd", DFOTA_SITE_VALUE, 0x1000, 0x1f10, "372500002738a5f0",
         0x1003, 0x42000800, "371500422730a580"},
    };

    (void)state;
    assert_site_cases(&dfota_isa_riscv, DFOTA_RISCV_VALUES, cases,
                      COUNT(cases));
}

static void reads_and_writes_branches(void **state)
{
    static const struct site_case cases[] = {
        {"beq on", DFOTA_SITE_BRANCH, 0x1000, 0x1800, "e300b500", 0x1000,
         0x1ffe, "e30fb57e"},
        {"bgeu back", DFOTA_SITE_BRANCH, 0x2000, 0x1800, "e370b580", 0x2000,
         0x1000, "6370b580"},
        {"bne too far", DFOTA_SITE_BRANCH, 0x1000, 0x1800, "e310b500", 0x1000,
         0x2000, NULL},
        {"c.j on", DFOTA_SITE_SHORT_JUMP, 0x1000, 0x1234, "15ac", 0x1000,
         0x17fe, "fdaf"},
        {"c.j back", DFOTA_SITE_SHORT_JUMP, 0x1000, 0xffe, "fdbf", 0x1000,
         0x800, "01b0"},
        {"c.j too far", DFOTA_SITE_SHORT_JUMP, 0x1000, 0xffe, "fdbf", 0x1000,
         0x1800, NULL},
        {"c.beqz on", DFOTA_SITE_SHORT_BRANCH, 0x1000, 0x1012, "09c9", 0x1000,
         0x10fe, "7dcd"},
        {"c.bnez back", DFOTA_SITE_SHORT_BRANCH, 0x1000, 0xfee, "fdf7", 0x1000,
         0xf00, "81f3"},
        {"c.bnez to an odd place", DFOTA_SITE_SHORT_BRANCH, 0x1000, 0xfee,
         "fdf7", 0x1001, 0x1000, NULL},
    };

    (void)state;
    assert_site_cases(&dfota_isa_riscv, DFOTA_RISCV_NEAR, cases, COUNT(cases));
}

static void reads_and_writes_short_calls(void **state)
{
    static const struct site_case cases[] = {
        {"c.jal on", DFOTA_SITE_SHORT_CALL, 0x1000, 0x1234, "152c", 0x1000,
         0x17fe, "fd2f"},
        {"c.jal too far", DFOTA_SITE_SHORT_CALL, 0x1000, 0x1234, "152c", 0x1000,
         0x7fe, NULL},
    };

    (void)state;
    assert_site_cases(&dfota_isa_riscv, DFOTA_RISCV_SHORT_CALLS, cases,
                      COUNT(cases));
}

static void sees_no_site_in_other_instructions(void **state)
{
    static const struct no_site_case cases[] = {
        {"jal of another link", "6f150000"},
        {"jal x4", "6f120000"},
        {"auipc and another base", "1715000013851500"},
        {"auipc zero, and what has no base", "1710000013051000"},
        {"auipc and xori", "1715000093451500"},
        {"auipc and add", "17150000b305a500"},
        {"half a pair", "17150000130515"},
        {"auipc alone", "17150000"},
        {"c.li a0, 4", "1145"},
        {"c.lui a1, 5", "9565"},
        {"c.nop", "0100"},
        {"c.lw a0, 4(a1)", "c841"},
        {"ret", "67800000"},
        {"lw a1, 4(a0)", "83254500"},
        {"branch of function 2", "63200000"},
        {"half a jal", "ef0000"},
        {"one byte", "01"},
        {"nothing", ""},
    };

    (void)state;
    assert_no_sites(&dfota_isa_riscv, cases, COUNT(cases));
}

static void keeps_the_contract_on_noise(void **state)
{
    static const uint32_t masks[][2] = {
        {0, 0},
        {0x0000007f, 0x0000006f},
        {0x0000007f, 0x00000063},
        {0xe003e003, 0xa001c001},
        {0xe003e003, 0x20016001},
        {0x00018f87, 0x00008513},
    };

    (void)state;
    assert_sites_of_noise(&dfota_isa_riscv, masks, COUNT(masks));
}

static void keeps_the_contract_on_images(void **state)
{
    (void)state;
    assert_sites_of_images(&dfota_isa_riscv);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_and_writes_calls_and_jumps),
        cmocka_unit_test(reads_and_writes_pairs),
        cmocka_unit_test(reads_and_writes_values),
        cmocka_unit_test(reads_and_writes_branches),
        cmocka_unit_test(reads_and_writes_short_calls),
        cmocka_unit_test(sees_no_site_in_other_instructions),
        cmocka_unit_test(keeps_the_contract_on_noise),
        cmocka_unit_test(keeps_the_contract_on_images),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
