/* SPDX-License-Identifier: MIT */
/* the half of json.c that reads, and json_put.c, which shares its tables */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/json.h"
#include "tests/support/edited.h"

#define RULE "TST-1"

struct inner {
    uint64_t number;
};

struct outer {
    char text[5];
    uint64_t number;
    uint64_t size;
    uint8_t hex[3];
    uint32_t crc32;
    struct inner inner;
    const struct dfota_json_value *object;
    const struct dfota_json_value *array;
    uint64_t maybe;
};

#define AT(member) offsetof(struct outer, member)

static const struct dfota_json_field inner_fields[] = {
    {"number", DFOTA_JSON_NUMBER, 9, offsetof(struct inner, number), false,
     false, NULL},
    {0},
};

static const struct dfota_json_field fields[] = {
    {"text", DFOTA_JSON_TEXT, 4, AT(text), false, false, NULL},
    {"number", DFOTA_JSON_NUMBER, 100, AT(number), true, false, NULL},
    {"size", DFOTA_JSON_SIZE, 4096, AT(size), false, false, NULL},
    {"hex", DFOTA_JSON_HEX, 3, AT(hex), false, false, NULL},
    {"crc32", DFOTA_JSON_CRC32, 0, AT(crc32), false, false, NULL},
    {"inner", DFOTA_JSON_STRUCT, 0, AT(inner), false, false, inner_fields},
    {"object", DFOTA_JSON_OBJECT, 0, AT(object), false, false, NULL},
    {"array", DFOTA_JSON_ARRAY, 2, AT(array), false, false, NULL},
    {"maybe", DFOTA_JSON_NUMBER, 9, AT(maybe), false, true, NULL},
    {0},
};

static const char good[] =
    "{\"text\": \"abcd\", \"number\": 100, \"size\": \"4K\","
    " \"hex\": \"00ff7a\", \"crc32\": \"89abcdef\", \"inner\": {\"number\": 9},"
    " \"object\": {\"x\": 1}, \"array\": [{}, 2]}";

static struct dfota_fault fault;

static struct dfota_view view_of(const char *text)
{
    return (struct dfota_view){(const uint8_t *)text, strlen(text)};
}

static struct dfota_json_value *parse(const char *text)
{
    struct dfota_json_value *root = NULL;

    assert_int_equal(dfota_json_parse(view_of(text), RULE, &root, &fault),
                     DFOTA_OK);
    return root;
}

static void reads_every_kind(void **state)
{
    static const uint8_t hex[] = {0x00, 0xff, 0x7a};
    struct dfota_json_value *root = parse(good);
    struct outer out = {.maybe = 7};

    (void)state;
    assert_int_equal(dfota_json_fields(root, fields, RULE, &out, &fault),
                     DFOTA_OK);
    assert_string_equal(out.text, "abcd");
    assert_int_equal(out.number, 100);
    assert_int_equal(out.size, 4096);
    assert_memory_equal(out.hex, hex, sizeof(hex));
    assert_int_equal(out.crc32, 0x89abcdef);
    assert_int_equal(out.inner.number, 9);
    assert_non_null(out.object);
    assert_int_equal(dfota_json_count(out.array), 2);
    assert_int_equal(dfota_json_fields(dfota_json_item(out.array, 0),
                                       fields + 8, RULE, &out, &fault),
                     DFOTA_OK);
    assert_int_equal(out.maybe, 7);
    dfota_json_free(root);
}

static void null_and_absence_leave_the_struct_alone(void **state)
{
    char *text = edited(good, "\"number\": 100", "\"number\": null");
    struct dfota_json_value *root = parse(text);
    struct outer out = {.number = 5, .maybe = 7};

    (void)state;
    assert_int_equal(dfota_json_fields(root, fields, RULE, &out, &fault),
                     DFOTA_OK);
    assert_int_equal(out.number, 5);
    assert_int_equal(out.maybe, 7);
    dfota_json_free(root);
    free(text);
}

static void refuses_each_wrong_value(void **state)
{
    static const struct {
        const char *from;
        const char *to;
        const char *detail;
    } cases[] = {
        {"\"abcd\"", "\"abcde\"", "\"text\" has a wrong value"},
        {"\"abcd\"", "1", "\"text\" has a wrong value"},
        {"\"abcd\"", "null", "\"text\" has a wrong value"},
        {"100", "101", "\"number\" has a wrong value"},
        {"100", "-1", "\"number\" has a wrong value"},
        {"100", "1.0", "\"number\" has a wrong value"},
        {"100", "\"100\"", "\"number\" has a wrong value"},
        {"100", "true", "\"number\" has a wrong value"},
        {"\"4K\"", "4097", "\"size\" has a wrong value"},
        {"\"4K\"", "\"5K\"", "\"size\" has a wrong value"},
        {"\"4K\"", "\"4 K\"", "\"size\" has a wrong value"},
        {"\"4K\"", "[]", "\"size\" has a wrong value"},
        {"00ff7a", "00ff7", "\"hex\" has a wrong value"},
        {"00ff7a", "00ff7a0", "\"hex\" has a wrong value"},
        {"00ff7a", "00FF7a", "\"hex\" has a wrong value"},
        {"00ff7a", "00ff7g", "\"hex\" has a wrong value"},
        {"\"00ff7a\"", "0", "\"hex\" has a wrong value"},
        {"89abcdef", "089abcdef", "\"crc32\" has a wrong value"},
        {"89abcdef", "0x89abcd", "\"crc32\" has a wrong value"},
        {"89abcdef", "9abcdef", "\"crc32\" has a wrong value"},
        {"{\"number\": 9}", "{\"number\": 10}", "\"number\" has a wrong value"},
        {"{\"number\": 9}", "{}", "\"number\" is missing"},
        {"{\"number\": 9}", "{\"number\": 9, \"a\": 1}", "\"a\" is unknown"},
        {"{\"number\": 9}", "[]", "\"inner\" has a wrong value"},
        {"{\"x\": 1}", "[]", "\"object\" has a wrong value"},
        {"{\"x\": 1}", "null", "\"object\" has a wrong value"},
        {"[{}, 2]", "{}", "\"array\" has a wrong value"},
        {"[{}, 2]", "[1, 2, 3]", "\"array\" has a wrong value"},
        {"\"size\"", "\"Size\"", "\"Size\" is unknown"},
        {" \"object\": {\"x\": 1},", "", "\"object\" is missing"},
        {"2]", "2], \"maybe\": 10", "\"maybe\" has a wrong value"},
        {"2]", "2], \"e\\nvil\": 0", "\"e?vil\" is unknown"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *text = edited(good, cases[i].from, cases[i].to);
        struct dfota_json_value *root = parse(text);
        struct outer out;
        struct outer before;

        memset(&out, 0x55, sizeof(out));
        before = out;
        assert_int_equal(dfota_json_fields(root, fields, RULE, &out, &fault),
                         DFOTA_ERR_CORRUPT);
        assert_string_equal(fault.detail, cases[i].detail);
        assert_string_equal(fault.rule, RULE);
        assert_int_equal(fault.offset, DFOTA_NO_OFFSET);
        assert_memory_equal(&out, &before, sizeof(out));
        dfota_json_free(root);
        free(text);
    }
}

static void refuses_what_is_no_object(void **state)
{
    struct dfota_json_value *root = parse("[1]");
    struct outer out = {0};

    (void)state;
    assert_int_equal(dfota_json_fields(root, fields, RULE, &out, &fault),
                     DFOTA_ERR_CORRUPT);
    assert_int_equal(dfota_json_some_fields(root, fields, RULE, &out, NULL),
                     DFOTA_ERR_CORRUPT);
    assert_int_equal(dfota_json_fields(NULL, fields, RULE, &out, NULL),
                     DFOTA_ERR_CORRUPT);
    dfota_json_free(root);
}

static void some_fields_may_be_read_among_others(void **state)
{
    struct dfota_json_value *root = parse("{\"other\": 1, \"number\": 3}");
    struct inner out = {0};

    (void)state;
    assert_int_equal(
        dfota_json_some_fields(root, inner_fields, RULE, &out, &fault),
        DFOTA_OK);
    assert_int_equal(out.number, 3);
    assert_int_equal(dfota_json_fields(root, inner_fields, RULE, &out, &fault),
                     DFOTA_ERR_CORRUPT);
    dfota_json_free(root);
}

static void refuses_what_is_no_json(void **state)
{
    static const struct {
        const char *text;
        size_t size;
        uint64_t offset;
    } cases[] = {
        {"", 0, 0},
        {"{} x", 4, 4},
        {"{\"a\": 1, \"a\": 2}", 16, 12},
        {"{\"a\\u0000\": 1}", 14, 10},
        {"\"a\0b\"", 5, 2},
        {"\"\xff\"", 3, 1},
        {"[1,]", 4, 4},
        {"99999999999999999999", 20, 20},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_view view = {(const uint8_t *)cases[i].text,
                                  cases[i].size};
        struct dfota_json_value *root = NULL;

        assert_int_equal(dfota_json_parse(view, RULE, &root, &fault),
                         DFOTA_ERR_CORRUPT);
        assert_string_equal(fault.rule, RULE);
        assert_int_equal(fault.offset, cases[i].offset);
        assert_null(root);
    }
    assert_int_equal(dfota_json_parse((struct dfota_view){0}, RULE,
                                      &(struct dfota_json_value *){NULL}, NULL),
                     DFOTA_ERR_CORRUPT);
}

static void refuses_every_truncation(void **state)
{
    (void)state;
    for (size_t size = 0; size < strlen(good); size++) {
        struct dfota_view view = {(const uint8_t *)good, size};
        struct dfota_json_value *root = NULL;

        assert_int_equal(dfota_json_parse(view, RULE, &root, &fault),
                         DFOTA_ERR_CORRUPT);
        assert_true(fault.offset <= size);
        assert_null(root);
    }
}

static void writes_by_the_table_what_it_reads_by_it(void **state)
{
    static const char want[] = "{\n"
                               "  \"text\": \"ab\",\n"
                               "  \"number\": 1,\n"
                               "  \"size\": 2,\n"
                               "  \"hex\": \"010203\",\n"
                               "  \"crc32\": \"00000004\",\n"
                               "  \"inner\": {\n"
                               "    \"number\": 5\n"
                               "  },\n"
                               "  \"maybe\": 6\n"
                               "}\n";
    struct outer out = {.text = "ab",
                        .number = 1,
                        .size = 2,
                        .hex = {1, 2, 3},
                        .crc32 = 4,
                        .inner = {5},
                        .maybe = 6};
    struct dfota_json_writer json = {0};
    struct dfota_buffer text = {0};

    (void)state;
    dfota_json_begin_object(&json, NULL);
    dfota_json_put_fields(&json, fields, &out);
    dfota_json_end(&json);
    assert_int_equal(dfota_json_finish(&json, &text, &fault), DFOTA_OK);
    assert_int_equal(text.size, strlen(want));
    assert_memory_equal(text.data, want, text.size);
    dfota_buffer_free(&text);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_kind),
        cmocka_unit_test(null_and_absence_leave_the_struct_alone),
        cmocka_unit_test(refuses_each_wrong_value),
        cmocka_unit_test(refuses_what_is_no_object),
        cmocka_unit_test(some_fields_may_be_read_among_others),
        cmocka_unit_test(refuses_what_is_no_json),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(writes_by_the_table_what_it_reads_by_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
