/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/size.h"

static void reads_sizes_as_people_write_them(void **state)
{
    static const struct {
        const char *text;
        uint64_t want;
    } cases[] = {
        {"0", 0},
        {"1", 1},
        {"007", 7}, /* decimal, whatever C makes of it */
        {"010", 10},
        {"65536", 65536},
        {"64K", 65536},
        {"64k", 65536},
        {"8M", 8388608},
        {"8m", 8388608},
        {"2G", (uint64_t)2 << 30},
        {"2g", (uint64_t)2 << 30},
        {"0K", 0},
        {"0x0", 0},
        {"0x160000", 0x160000},
        {"0X160000", 0x160000},
        {"0xabcdef", 0xabcdef},
        {"0xABCDEF", 0xabcdef},
        {"0x10K", 16384},
        {"18446744073709551615", UINT64_MAX},
        {"0xffffffffffffffff", UINT64_MAX},
        {"0x00000000000000000001", 1},
        {"18014398509481983K", UINT64_MAX - 1023},
        {"17592186044415M", UINT64_MAX - 1048575},
        {"17179869183G", UINT64_MAX - 1073741823},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t size = 1234567;

        assert_true(dfota_size_parse(cases[i].text, &size));
        assert_true(size == cases[i].want);
    }
}

static void refuses_everything_else_and_leaves_the_number_alone(void **state)
{
    static const char *const cases[] = {
        "",
        " ",
        "K",
        "x",
        "0x",
        "0xK",
        "0xg",
        "x10",
        "1x0",
        "-1",
        "+1",
        " 1",
        "1 ",
        "1\n",
        "1 K",
        "1.5M",
        "1,000",
        "1e6",
        "1KK",
        "1KB",
        "1KiB",
        "1B",
        "1T",
        "1E",
        "ff",
        "12ab",
        "0x-1",
        "0b1",
        "\xd9\xa1", /* an Arabic digit */
        "18446744073709551616",
        "18446744073709551620",
        "99999999999999999999999999999999",
        "0x10000000000000000",
        "18014398509481984K",
        "17592186044416M",
        "17179869184G",
        "0xffffffffffffffffK",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint64_t size = 1234567;

        assert_false(dfota_size_parse(cases[i], &size));
        assert_true(size == 1234567);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_sizes_as_people_write_them),
        cmocka_unit_test(refuses_everything_else_and_leaves_the_number_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
