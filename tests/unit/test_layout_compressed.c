/* SPDX-License-Identifier: MIT */
/* the compressed streams that a layout lists */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/apply/packed.h"
#include "tests/support/layout_example.h"

/* Reads the example with such a list, the inside of an array. */
static enum dfota_error read_list(const char *list)
{
    struct dfota_buffer to = {0};
    enum dfota_error err;

    dfota_buffer_add(&to, "\"compressed\": [", 15);
    dfota_buffer_add(&to, list, strlen(list));
    dfota_buffer_add(&to, "], \"partitions\"", 16);
    err = read_edited("\"partitions\"", (const char *)to.data);
    dfota_buffer_free(&to);
    return err;
}

static void check_stream(size_t index, struct dfota_layout_stream want)
{
    const struct dfota_layout_stream *got = &layout.streams[index];

    assert_in_range(index, 0, layout.stream_count - 1);
    assert_int_equal(got->offset, want.offset);
    assert_int_equal(got->size, want.size);
    assert_int_equal(got->codec, want.codec);
    assert_int_equal(got->filter, want.filter);
    assert_int_equal(got->lc, want.lc);
    assert_int_equal(got->lp, want.lp);
    assert_int_equal(got->pb, want.pb);
}

static void lists_streams_by_their_offsets(void **state)
{
    (void)state;
    assert_int_equal(
        read_list("{\"offset\": \"0x200000\", \"size\": \"1M\","
                  " \"codec\": \"lzma\", \"filter\": \"armthumb\","
                  " \"lc\": 0, \"lp\": 4, \"pb\": 1},"
                  "{\"offset\": \"0x0a0010\"},"
                  "{\"offset\": \"0x180000\", \"codec\": \"lzma\"},"
                  "{\"offset\": \"0x17ffff\", \"codec\": \"deflate\"},"
                  "{\"offset\": \"0x180001\", \"codec\": \"lzma2\","
                  " \"filter\": \"arm64\"}"),
        DFOTA_OK);
    assert_int_equal(layout.stream_count, 5);
    check_stream(0, (struct dfota_layout_stream){0xa0010, 0xdfff0,
                                                 DFOTA_LAYOUT_ANY_CODEC,
                                                 DFOTA_FILTER_NONE, 0, 0, 0});
    check_stream(1, (struct dfota_layout_stream){0x17ffff, 1,
                                                 DFOTA_PACKING_DEFLATE,
                                                 DFOTA_FILTER_NONE, 0, 0, 0});
    check_stream(2, (struct dfota_layout_stream){0x180000, 0x640000,
                                                 DFOTA_PACKING_LZMA,
                                                 DFOTA_FILTER_NONE, 3, 0, 2});
    check_stream(3, (struct dfota_layout_stream){0x180001, 0x63ffff,
                                                 DFOTA_PACKING_LZMA2,
                                                 DFOTA_FILTER_ARM64, 0, 0, 0});
    check_stream(4, (struct dfota_layout_stream){0x200000, 0x100000,
                                                 DFOTA_PACKING_LZMA,
                                                 DFOTA_FILTER_THUMB, 0, 4, 1});
}

static void a_layout_need_not_list_any(void **state)
{
    (void)state;
    assert_int_equal(read_list(""), DFOTA_OK);
    assert_int_equal(layout.stream_count, 0);
    assert_int_equal(read_text(layout_example), DFOTA_OK);
    assert_int_equal(layout.stream_count, 0);
}

static const struct {
    const char *rule;
    const char *list;
    const char *detail;
} broken[] = {
    {"LAY-3", "{\"size\": 4}", "offset"},
    {"LAY-3", "{\"offset\": \"0x180000\", \"name\": \"x\"}", "name"},
    {"LAY-3", "{\"offset\": \"0x180000\", \"lc\": -1}", "lc"},
    {"LAY-3", "{\"offset\": \"0x180000\", \"codec\": 1}", "codec"},
    {"LAY-3", "[]", ""},
    {"LAY-25", "{\"offset\": 0}", "0x0"},
    {"LAY-25", "{\"offset\": \"0x7c0000\"}", "0x7c0000"},
    {"LAY-25", "{\"offset\": \"0x7fffffffffffffff\"}", ""},
    {"LAY-25", "{\"offset\": \"0x17ffff\", \"size\": 2}", "0x17ffff: mini"},
    {"LAY-25", "{\"offset\": \"0x180000\", \"size\": \"0x640001\"}", "app"},
    {"LAY-26", "{\"offset\": \"0x180000\", \"codec\": \"LZMA\"}", "LZMA"},
    {"LAY-26", "{\"offset\": \"0x180000\", \"codec\": \"\"}", ""},
    {"LAY-26", "{\"offset\": \"0x180000\", \"filter\": \"x86\"}", "x86"},
    {"LAY-26",
     "{\"offset\": \"0x180000\", \"codec\": \"lzma\", \"filter\": \"sparc\"}",
     "sparc"},
    {"LAY-26", "{\"offset\": \"0x180000\", \"lc\": 3}", "lc"},
    {"LAY-26", "{\"offset\": \"0x180000\", \"codec\": \"deflate\", \"pb\": 0}",
     "pb"},
    {"LAY-26", "{\"offset\": \"0x180000\", \"codec\": \"lzma\", \"lc\": 5}",
     "lc"},
    {"LAY-26", "{\"offset\": \"0x180000\", \"codec\": \"lzma\", \"lp\": 2}",
     "lp"},
    {"LAY-26", "{\"offset\": \"0x180000\", \"codec\": \"lzma\", \"pb\": 5}",
     "pb"},
    {"LAY-27", "{\"offset\": \"0x180000\"}, {\"offset\": 1572864}", "0x180000"},
};

static void refuses_each_broken_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
        struct dfota_layout before;

        memset(&layout, 0x55, sizeof(layout));
        before = layout;
        assert_int_equal(read_list(broken[i].list), DFOTA_ERR_CORRUPT);
        assert_string_equal(fault.rule, broken[i].rule);
        assert_non_null(strstr(fault.detail, broken[i].detail));
        assert_memory_equal(&layout, &before, sizeof(layout));
    }
}

static enum dfota_error read_many(size_t count)
{
    struct dfota_buffer list = {0};
    enum dfota_error err;

    for (size_t i = 0; i < count; i++) {
        char stream[64];

        snprintf(stream, sizeof(stream), "%s{\"offset\": %zu}",
                 i == 0 ? "" : ", ", 0x180000 + i);
        dfota_buffer_add(&list, stream, strlen(stream));
    }
    dfota_buffer_add(&list, "", 1);
    err = read_list((const char *)list.data);
    dfota_buffer_free(&list);
    return err;
}

static void refuses_too_many_of_them(void **state)
{
    (void)state;
    assert_int_equal(read_many(64), DFOTA_OK);
    assert_int_equal(layout.stream_count, 64);
    assert_int_equal(read_many(65), DFOTA_ERR_CORRUPT);
    assert_string_equal(fault.rule, "LAY-24");
    assert_string_equal(fault.detail, "65 streams");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_streams_by_their_offsets),
        cmocka_unit_test(a_layout_need_not_list_any),
        cmocka_unit_test(refuses_each_broken_rule),
        cmocka_unit_test(refuses_too_many_of_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
