/* SPDX-License-Identifier: MIT */
#include "lib/module/version.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(items) (sizeof(items) / sizeof((items)[0]))

static struct dfota_version_match matches[8];

static size_t find(const char *image, size_t size, size_t max)
{
    return dfota_version_find((const uint8_t *)image, size, matches, max);
}

static void finds_the_one_string_in_an_image(void **state)
{
    static const char image[] = "\x7f\xff junk\0Revision: EC200NCNLAR03A01M08"
                                "\r\nEC200NCNLAR03A01M08\0RAM\0";

    (void)state;
    assert_int_equal(find(image, sizeof(image) - 1, 8), 1);
    assert_string_equal(matches[0].version.text, "EC200NCNLAR03A01M08");
    assert_int_equal(matches[0].offset, 18);
}

static void finds_distinct_strings_in_order_up_to_the_maximum(void **state)
{
    static const char image[] = "EC200NCNLAR03A02M08_OCPU\0"
                                "EC200NCNLAR03A01M08\0EC200NCNLAR03A02M08_OCPU"
                                "\0EC200NCNLAR03A03M08";

    (void)state;
    assert_int_equal(find(image, sizeof(image) - 1, 8), 3);
    assert_string_equal(matches[0].version.suffix, "_OCPU");
    assert_string_equal(matches[1].version.version, "A01");
    assert_int_equal(matches[1].offset, 25);
    assert_string_equal(matches[2].version.version, "A03");
    assert_int_equal(find(image, sizeof(image) - 1, 2), 2);
    assert_int_equal(find(image, sizeof(image) - 1, 0), 0);
}

static void finds_nothing_where_nothing_is(void **state)
{
    static const char *const images[] = {
        "",
        "RM520NGLV01-to-V02",
        "EC200NCNLAR03A0",
        "EC200NCNLAR03A01N08",
        "R03A01M08",
    };
    static const char text[] = "EC200NCNLAR03A01M08";
    char long_run[4096];

    (void)state;
    for (size_t i = 0; i < COUNT(images); i++)
        assert_int_equal(find(images[i], strlen(images[i]), 8), 0);
    memset(long_run, 'A', sizeof(long_run));
    memcpy(long_run + 2000, text, sizeof(text) - 1);
    assert_int_equal(find(long_run, sizeof(long_run), 8), 0);
}

/* As many of A-Z and 0-9 as stand together are the project. */
static void a_string_begins_where_its_letters_do(void **state)
{
    static const char end[] = "R03A01M08";
    char image[200];

    (void)state;
    for (size_t size = 0; size < 100; size++) {
        size_t count;

        memset(image, 'R', sizeof(image));
        memset(image, '.', 99 - size);
        image[98] = '7';
        memcpy(image + 99, end, sizeof(end) - 1);
        image[99 + sizeof(end) - 1] = ' ';
        count = find(image, sizeof(image), 8);
        assert_int_equal(count, size >= 3 && size + sizeof(end) - 1 <= 64);
        if (count > 0)
            assert_int_equal(matches[0].offset, 99 - size);
    }
}

static void a_suffix_is_taken_whole_or_not_at_all(void **state)
{
    static const char text[] = "EC200NCNLAR03A01M08_";
    char image[200];

    (void)state;
    memset(image, 'x', sizeof(image));
    memcpy(image, text, sizeof(text) - 1);
    assert_int_equal(find(image, 64, 8), 1);
    assert_int_equal(strlen(matches[0].version.text), 64);
    assert_int_equal(find(image, 65, 8), 0);
    assert_int_equal(find(image, sizeof(image), 8), 0);
    assert_int_equal(find(image, 20, 8), 1); /* an underscore is no suffix */
    assert_string_equal(matches[0].version.suffix, "");
}

static void finds_a_string_cut_by_the_end(void **state)
{
    static const char text[] = "EC200NCNLAR03A01M08_X";

    (void)state;
    for (size_t size = 0; size < sizeof(text); size++) {
        size_t count = find(text, size, 8);

        if (size < 16 || size == 17 || size == 18)
            assert_int_equal(count, 0);
        else
            assert_int_equal(count, 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_one_string_in_an_image),
        cmocka_unit_test(finds_distinct_strings_in_order_up_to_the_maximum),
        cmocka_unit_test(finds_nothing_where_nothing_is),
        cmocka_unit_test(a_string_begins_where_its_letters_do),
        cmocka_unit_test(a_suffix_is_taken_whole_or_not_at_all),
        cmocka_unit_test(finds_a_string_cut_by_the_end),
    };

    return cmocka_run_group_tests_name("version_find", tests, NULL, NULL);
}
