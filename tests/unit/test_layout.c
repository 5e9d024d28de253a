/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/file.h"
#include "tests/support/layout_example.h"

static const char *const good = layout_example;

#define NV                                                                     \
    "\"offset\": \"0x7c0000\", \"size\": \"0x040000\", \"role\": \"keep\""

static void check_partition(size_t index, const char *name, uint64_t offset,
                            uint64_t size, enum dfota_layout_role role)
{
    const struct dfota_layout_partition *p = &layout.partitions[index];

    assert_string_equal(p->name, name);
    assert_int_equal(p->offset, offset);
    assert_int_equal(p->size, size);
    assert_int_equal(p->role, role);
}

static void check_example(void)
{
    assert_int_equal(layout.flash.size, 0x800000);
    assert_int_equal(layout.flash.sector, 4096);
    assert_int_equal(layout.flash.program_unit, 1);
    assert_int_equal(layout.flash.erased, 255);
    assert_int_equal(layout.flash.scratch, 65536);
    assert_int_equal(layout.flash.storage, 0);
    assert_int_equal(layout.partition_count, 4);
    check_partition(0, "boot", 0, 0xa0000, DFOTA_LAYOUT_KEEP);
    check_partition(1, "mini", 0xa0000, 0xe0000, DFOTA_LAYOUT_MINI);
    check_partition(2, "app", 0x180000, 0x640000, DFOTA_LAYOUT_APP);
    check_partition(3, "nv", 0x7c0000, 0x40000, DFOTA_LAYOUT_KEEP);
}

static void reads_partitions_in_any_order(void **state)
{
    (void)state;
    assert_int_equal(read_text(good), DFOTA_OK);
    check_example();
}

static void reads_the_layout_of_the_test_data(void **state)
{
    const char *folder = getenv("TESTDATA");
    struct dfota_buffer text = {0};
    char path[1024];

    (void)state;
    assert_non_null(folder);
    snprintf(path, sizeof(path), "%s/flash8m-layout.json", folder);
    assert_int_equal(
        dfota_file_read(path, DFOTA_LAYOUT_TEXT_MAX, &text, &fault), DFOTA_OK);
    assert_int_equal(
        dfota_layout_read(dfota_buffer_view(&text), &layout, &fault), DFOTA_OK);
    dfota_buffer_free(&text);
    check_example();
    assert_int_equal(dfota_layout_check_mini(&layout, &fault), DFOTA_OK);
}

static void fills_in_what_may_be_left_out(void **state)
{
    (void)state;
    assert_int_equal(
        read_edited(
            ", \"program_unit\": 1, \"erased\": 255, \"scratch\": \"64K\"",
            ", \"storage\": \"0x1f4\""),
        DFOTA_OK);
    assert_int_equal(layout.flash.program_unit, 1);
    assert_int_equal(layout.flash.erased, 255);
    assert_int_equal(layout.flash.scratch, 0);
    assert_int_equal(layout.flash.storage, 500);
}

/* Changes that keep every rule, at the border of one. */
static const struct {
    const char *from;
    const char *to;
} sound[] = {
    {"4096", "1"},
    {"\"program_unit\": 1", "\"program_unit\": 32"},
    {"4096, \"program_unit\": 1", "16, \"program_unit\": 16"},
    {"255", "0"},
    {"\"64K\"", "0"},
    {"\"8M\"", "2147479552"}, /* the last whole sector below 2 GiB */
    {"\"8M\"", "8388608"},
    {"\"nv\"", "\"abcdefghijklmnopqrstuvwxyz_-ABCD\""},
    {NV, "\"offset\": 8126465, \"size\": 1, \"role\": \"keep\""},
    {NV, "\"offset\": 8388607, \"size\": 1, \"role\": \"keep\""},
    {NV, "\"offset\": \"0x7c0000\", \"size\": 4, \"role\": \"keep\" },"
         " { \"name\": \"id\", \"offset\": \"0x7c0005\", \"size\": 4,"
         " \"role\": \"keep\""},
    {"\"role\": \"mini\"", "\"role\": \"app\""},
    {"\"role\": \"mini\"", "\"role\": \"keep\""},
    {EXAMPLE_APP,
     EXAMPLE_TWO_APPS("}, { \"name\": \"id\", \"offset\": \"0x280000\","
                      " \"size\": 8, \"role\": \"keep\"")},
};

static void takes_what_is_just_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(sound) / sizeof(sound[0]); i++)
        assert_int_equal(read_edited(sound[i].from, sound[i].to), DFOTA_OK);
}

static void refuses_every_truncation(void **state)
{
    (void)state;
    /* The last byte is a newline that JSON does not need. */
    for (size_t size = 0; size + 1 < strlen(good); size++) {
        struct dfota_view text = {(const uint8_t *)good, size};

        assert_int_equal(dfota_layout_read(text, &layout, &fault),
                         DFOTA_ERR_CORRUPT);
        assert_string_equal(fault.rule, "LAY-2");
        assert_true(fault.offset <= size);
    }
}

static const struct {
    const char *rule;
    const char *from;
    const char *to;
    const char *detail; /* what must be in it */
    enum dfota_error want;
} broken[] = {
    {"LAY-2", "4096,", "4096", "", DFOTA_ERR_CORRUPT},
    {"LAY-2", "\"sector\"", "\"size\"", "", DFOTA_ERR_CORRUPT},
    {"LAY-2", "4096", "0x1000", "", DFOTA_ERR_CORRUPT},
    {"LAY-2", "4096", "9223372036854775808", "", DFOTA_ERR_CORRUPT},
    {"LAY-3", "\"sector\": 4096,", "", "sector", DFOTA_ERR_CORRUPT},
    {"LAY-3", "4096", "null", "sector", DFOTA_ERR_CORRUPT},
    {"LAY-3", "4096", "-4096", "sector", DFOTA_ERR_CORRUPT},
    {"LAY-3", "4096", "4096.0", "sector", DFOTA_ERR_CORRUPT},
    {"LAY-3", "4096", "\"4 K\"", "sector", DFOTA_ERR_CORRUPT},
    {"LAY-3", "\"8M\"", "\"8 MB\"", "size", DFOTA_ERR_CORRUPT},
    {"LAY-3", "\"8M\"", "\"0x8000000000000000\"", "size", DFOTA_ERR_CORRUPT},
    {"LAY-3", "\"program_unit\": 1", "\"program_unit\": \"1\"", "program_unit",
     DFOTA_ERR_CORRUPT},
    {"LAY-3", "\"erased\"", "\"empty\"", "empty", DFOTA_ERR_CORRUPT},
    {"LAY-3", "\"flash\"", "\"Flash\"", "Flash", DFOTA_ERR_CORRUPT},
    {"LAY-3", "\"flash\"", "\"version\": 1, \"flash\"", "version",
     DFOTA_ERR_CORRUPT},
    {"LAY-3", "\"partitions\": [", "\"partitions\": [[],", "object",
     DFOTA_ERR_CORRUPT},
    {"LAY-3", "\"nv\", \"offset\": \"0x7c0000\",", "\"nv\",", "offset",
     DFOTA_ERR_CORRUPT},
    {"LAY-3", "\"nv\"", "\"nv\", \"address\": 1", "address", DFOTA_ERR_CORRUPT},
    {"LAY-3", "\"nv\"", "\"abcdefghijklmnopqrstuvwxyz_-ABCDE\"", "name",
     DFOTA_ERR_CORRUPT},
    {"LAY-4", "\"8M\"", "0", "size", DFOTA_ERR_CORRUPT},
    {"LAY-4", "\"8M\"", "\"2G\"", "2147483648", DFOTA_ERR_LIMIT},
    {"LAY-5", "4096", "0", "sector", DFOTA_ERR_CORRUPT},
    {"LAY-5", "4096", "4095", "4095", DFOTA_ERR_CORRUPT},
    {"LAY-5", "\"8M\", \"sector\": 4096", "\"9M\", \"sector\": 12288", "12288",
     DFOTA_ERR_CORRUPT},
    {"LAY-5", "4096", "\"16M\"", "sector", DFOTA_ERR_CORRUPT},
    {"LAY-5", "\"8M\"", "8388609", "sector", DFOTA_ERR_CORRUPT},
    {"LAY-6", "\"program_unit\": 1", "\"program_unit\": 0", "program_unit",
     DFOTA_ERR_CORRUPT},
    {"LAY-6", "\"program_unit\": 1", "\"program_unit\": 3", "program_unit",
     DFOTA_ERR_CORRUPT},
    {"LAY-6", "\"program_unit\": 1", "\"program_unit\": 64", "program_unit",
     DFOTA_ERR_CORRUPT},
    {"LAY-6", "4096, \"program_unit\": 1", "16, \"program_unit\": 32",
     "program_unit", DFOTA_ERR_CORRUPT},
    {"LAY-7", "255", "254", "254", DFOTA_ERR_CORRUPT},
    {"LAY-7", "255", "256", "256", DFOTA_ERR_CORRUPT},
    {"LAY-8", "\"64K\"", "65537", "65537", DFOTA_ERR_CORRUPT},
    {"LAY-10", "\"nv\"", "\"\"", "\"\"", DFOTA_ERR_CORRUPT},
    {"LAY-10", "\"nv\"", "\"../nv\"", "\"../nv\"", DFOTA_ERR_CORRUPT},
    {"LAY-10", "\"nv\"", "\"nv\\u00e9\"", "", DFOTA_ERR_CORRUPT},
    {"LAY-10", "\"nv\"", "\"image\"", "\"image\"", DFOTA_ERR_CORRUPT},
    {"LAY-11", "\"nv\"", "\"Boot\"", "Boot", DFOTA_ERR_CORRUPT},
    {"LAY-11", "\"nv\"", "\"app\"", "app", DFOTA_ERR_CORRUPT},
    {"LAY-12", "\"role\": \"mini\"", "\"role\": \"Mini\"", "\"Mini\" of \"mini",
     DFOTA_ERR_CORRUPT},
    {"LAY-12", "\"role\": \"mini\"", "\"role\": \"\"", "mini",
     DFOTA_ERR_CORRUPT},
    {"LAY-13", "\"0x040000\"", "0", "nv", DFOTA_ERR_CORRUPT},
    {"LAY-14", "\"0x0a0000\", \"size\": \"0x0e0000\"",
     "\"0x0a0800\", \"size\": \"0x0df000\"", "mini", DFOTA_ERR_CORRUPT},
    {"LAY-15", "\"0x0e0000\"", "\"0x0dffff\"", "mini", DFOTA_ERR_CORRUPT},
    {"LAY-15", "\"0x640000\"", "\"0x63f800\"", "app", DFOTA_ERR_CORRUPT},
    {"LAY-16", "\"0x040000\"", "\"0x040001\"", "nv", DFOTA_ERR_CORRUPT},
    {"LAY-16", "\"0x7c0000\"", "\"0x7fffffffffffffff\"", "nv",
     DFOTA_ERR_CORRUPT},
    {"LAY-16", NV,
     "\"offset\": \"0x7fffffffffffffff\", \"size\": \"0x7fffffffffffffff\","
     " \"role\": \"keep\"",
     "nv", DFOTA_ERR_CORRUPT},
    {"LAY-17", "\"0x0e0000\"", "\"0x0e1000\"", "\"mini\" and \"app\"",
     DFOTA_ERR_CORRUPT},
    {"LAY-17", "\"offset\": 0", "\"offset\": 1", "\"boot\" and \"mini\"",
     DFOTA_ERR_CORRUPT},
    {"LAY-17", NV, "\"offset\": 4, \"size\": 4, \"role\": \"keep\"",
     "\"boot\" and \"nv\"", DFOTA_ERR_CORRUPT},
    {"LAY-18", EXAMPLE_APP, EXAMPLE_TWO_APPS(""), "\"app\" and \"app2\"",
     DFOTA_ERR_CORRUPT},
};

static void refuses_each_broken_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        struct dfota_layout before;

        memset(&layout, 0x55, sizeof(layout));
        before = layout;
        assert_int_equal(read_edited(broken[i].from, broken[i].to),
                         broken[i].want);
        assert_string_equal(fault.rule, broken[i].rule);
        assert_non_null(strstr(fault.detail, broken[i].detail));
        if (strcmp(fault.rule, "LAY-2") == 0)
            assert_true(fault.offset <= strlen(good) + strlen(broken[i].to));
        else
            assert_int_equal(fault.offset, DFOTA_NO_OFFSET);
        assert_memory_equal(&layout, &before, sizeof(layout));
    }
}

static void refuses_a_layout_that_updates_nothing(void **state)
{
    char *text = edited(good, "\"role\": \"app\"", "\"role\": \"keep\"");
    char *nothing = edited(text, "\"role\": \"mini\"", "\"role\": \"keep\"");

    (void)state;
    assert_int_equal(read_text(nothing), DFOTA_ERR_CORRUPT);
    assert_string_equal(fault.rule, "LAY-19");
    free(nothing);
    free(text);
}

/* Reads a layout of `count` partitions of one sector each, end to end. */
static enum dfota_error read_many(size_t count)
{
    const char *list = strchr(good, '[') + 1;
    struct dfota_buffer text = {0};
    enum dfota_error err;
    char partition[128];

    dfota_buffer_add(&text, good, (size_t)(list - good));
    for (size_t i = 0; i < count; i++) {
        snprintf(partition, sizeof(partition),
                 "%s{\"name\": \"p%zu\", \"offset\": %zu, \"size\": 4096,"
                 " \"role\": \"app\"}",
                 i == 0 ? "" : ",", i, i * 4096);
        dfota_buffer_add(&text, partition, strlen(partition));
    }
    dfota_buffer_add(&text, "]}", 2);
    err = dfota_layout_read(dfota_buffer_view(&text), &layout, &fault);
    dfota_buffer_free(&text);
    return err;
}

static void refuses_no_or_too_many_partitions(void **state)
{
    (void)state;
    assert_int_equal(read_many(0), DFOTA_ERR_CORRUPT);
    assert_string_equal(fault.rule, "LAY-9");
    assert_int_equal(read_many(64), DFOTA_OK);
    check_partition(63, "p63", 258048, 4096, DFOTA_LAYOUT_APP);
    assert_int_equal(read_many(65), DFOTA_ERR_CORRUPT);
    assert_string_equal(fault.rule, "LAY-9");
    assert_string_equal(fault.detail, "65 partitions");
}

static void refuses_a_text_over_the_limit(void **state)
{
    struct dfota_buffer text = {0};

    (void)state;
    dfota_buffer_add(&text, good, strlen(good));
    while (text.size < DFOTA_LAYOUT_TEXT_MAX)
        dfota_buffer_add(&text, " ", 1);
    assert_int_equal(
        dfota_layout_read(dfota_buffer_view(&text), &layout, &fault), DFOTA_OK);
    dfota_buffer_add(&text, " ", 1);
    assert_int_equal(
        dfota_layout_read(dfota_buffer_view(&text), &layout, &fault),
        DFOTA_ERR_LIMIT);
    assert_string_equal(fault.rule, "LAY-1");
    assert_int_equal(fault.offset, DFOTA_LAYOUT_TEXT_MAX);
    dfota_buffer_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_partitions_in_any_order),
        cmocka_unit_test(reads_the_layout_of_the_test_data),
        cmocka_unit_test(fills_in_what_may_be_left_out),
        cmocka_unit_test(takes_what_is_just_sound),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(refuses_each_broken_rule),
        cmocka_unit_test(refuses_a_layout_that_updates_nothing),
        cmocka_unit_test(refuses_no_or_too_many_partitions),
        cmocka_unit_test(refuses_a_text_over_the_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
