/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/layout_example.h"

static void mini_fota_asks_for_more(void **state)
{
    static const struct {
        const char *rule;
        const char *from;
        const char *to;
        const char *detail;
    } cases[] = {
        {"LAY-20", "\"role\": \"mini\"", "\"role\": \"keep\"", "none"},
        {"LAY-20", "\"role\": \"app\"", "\"role\": \"mini\"", "several"},
        {"LAY-21", "\"role\": \"app\"", "\"role\": \"keep\"", ""},
        {"LAY-22", EXAMPLE_APP,
         EXAMPLE_TWO_APPS("}, { \"name\": \"id\", \"offset\": \"0x280000\","
                          " \"size\": 4096, \"role\": \"keep\""),
         "\"app\" and \"app2\""},
        /* The big system on both sides of the Mini system. */
        {"LAY-22", "\"size\": \"0x0a0000\", \"role\": \"keep\"",
         "\"size\": \"0x0a0000\", \"role\": \"app\"", "\"boot\" and \"app\""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(read_edited(cases[i].from, cases[i].to), DFOTA_OK);
        assert_int_equal(dfota_layout_check_mini(&layout, &fault),
                         DFOTA_ERR_REFUSED);
        assert_string_equal(fault.rule, cases[i].rule);
        assert_string_equal(fault.detail, cases[i].detail);
        assert_int_equal(fault.offset, DFOTA_NO_OFFSET);
    }
}

static void mini_fota_takes_a_big_system_in_parts(void **state)
{
    (void)state;
    assert_int_equal(
        read_edited(EXAMPLE_APP,
                    "\"offset\": \"0x180000\", \"size\": \"0x100000\","
                    " \"role\": \"app\" }, { \"name\": \"fs\","
                    " \"offset\": \"0x280000\", \"size\": \"0x100000\","
                    " \"role\": \"app\""),
        DFOTA_OK);
    assert_int_equal(dfota_layout_check_mini(&layout, &fault), DFOTA_OK);
}

static void an_image_is_as_large_as_the_flash(void **state)
{
    static const struct {
        uint64_t size;
        uint64_t offset;
    } wrong[] = {{0, 0},
                 {0x7fffff, 0x7fffff},
                 {0x800001, 0x800000},
                 {UINT64_MAX, 0x800000}};

    (void)state;
    assert_int_equal(read_text(layout_example), DFOTA_OK);
    assert_int_equal(dfota_layout_check_image(&layout, 0x800000, &fault),
                     DFOTA_OK);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_int_equal(
            dfota_layout_check_image(&layout, wrong[i].size, &fault),
            DFOTA_ERR_REFUSED);
        assert_string_equal(fault.rule, "LAY-23");
        assert_int_equal(fault.offset, wrong[i].offset);
    }
}

static void finds_partitions_by_name(void **state)
{
    (void)state;
    assert_int_equal(read_text(layout_example), DFOTA_OK);
    assert_ptr_equal(dfota_layout_find(&layout, "app"), &layout.partitions[2]);
    assert_null(dfota_layout_find(&layout, "App"));
    assert_null(dfota_layout_find(&layout, ""));
}

static void walks_the_partitions_of_some_roles(void **state)
{
    const struct dfota_layout_partition *p;

    (void)state;
    assert_int_equal(read_text(layout_example), DFOTA_OK);
    p = dfota_layout_next(&layout, DFOTA_LAYOUT_UPDATED, NULL);
    assert_ptr_equal(p, &layout.partitions[1]);
    p = dfota_layout_next(&layout, DFOTA_LAYOUT_UPDATED, p);
    assert_ptr_equal(p, &layout.partitions[2]);
    assert_null(dfota_layout_next(&layout, DFOTA_LAYOUT_UPDATED, p));
    p = dfota_layout_next(&layout, DFOTA_LAYOUT_KEEP, p);
    assert_ptr_equal(p, &layout.partitions[3]);
    assert_null(dfota_layout_next(&layout, DFOTA_LAYOUT_KEEP, p));
}

static void sums_the_sizes_of_some_roles(void **state)
{
    (void)state;
    assert_int_equal(read_text(layout_example), DFOTA_OK);
    assert_int_equal(dfota_layout_size(&layout, DFOTA_LAYOUT_KEEP), 0xe0000);
    assert_int_equal(dfota_layout_size(&layout, DFOTA_LAYOUT_MINI), 0xe0000);
    assert_int_equal(dfota_layout_size(&layout, DFOTA_LAYOUT_UPDATED),
                     0x720000);
    assert_int_equal(dfota_layout_size(&layout, 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mini_fota_asks_for_more),
        cmocka_unit_test(mini_fota_takes_a_big_system_in_parts),
        cmocka_unit_test(an_image_is_as_large_as_the_flash),
        cmocka_unit_test(finds_partitions_by_name),
        cmocka_unit_test(walks_the_partitions_of_some_roles),
        cmocka_unit_test(sums_the_sizes_of_some_roles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
