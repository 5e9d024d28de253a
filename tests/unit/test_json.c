/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/json.h"

/* Finishes `json` and compares the text. */
static void check_text(struct dfota_json_writer *json, const char *want)
{
    struct dfota_buffer out = {0};
    struct dfota_fault fault = {0};

    assert_int_equal(dfota_json_finish(json, &out, &fault), DFOTA_OK);
    dfota_buffer_add(&out, "", 1);
    assert_string_equal((const char *)out.data, want);
    assert_null(json->root);
    dfota_buffer_free(&out);
}

/* Finishes `json`, which must fail and leave the buffer as it was. */
static void check_failure(struct dfota_json_writer *json, enum dfota_error want)
{
    struct dfota_buffer out = {0};
    struct dfota_fault fault = {0};

    dfota_buffer_add(&out, "abc", 3);
    assert_int_equal(dfota_json_finish(json, &out, &fault), want);
    assert_int_equal(fault.error, want);
    assert_int_equal(out.size, 3);
    assert_null(json->root);
    assert_int_equal(json->error, DFOTA_OK);
    dfota_buffer_free(&out);
}

static void writes_every_kind_in_the_order_of_the_calls(void **state)
{
    static const uint8_t bytes[] = {0x00, 0xfe};
    struct dfota_json_writer json = {0};

    (void)state;
    dfota_json_begin_object(&json, NULL);
    dfota_json_string(&json, "z", "a\"b\n");
    dfota_json_string(&json, "none", NULL);
    dfota_json_number(&json, "n", INT64_MAX);
    dfota_json_real(&json, "r", 0.1);
    dfota_json_bool(&json, "b", true);
    dfota_json_null(&json, "null");
    dfota_json_hex(&json, "hex", bytes, sizeof(bytes));
    dfota_json_crc32(&json, "crc", 0x12ab);
    dfota_json_begin_array(&json, "a");
    dfota_json_number(&json, NULL, 1);
    dfota_json_begin_object(&json, NULL);
    dfota_json_end(&json);
    dfota_json_end(&json);
    dfota_json_end(&json);
    check_text(&json, "{\n"
                      "  \"z\": \"a\\\"b\\n\",\n"
                      "  \"none\": null,\n"
                      "  \"n\": 9223372036854775807,\n"
                      "  \"r\": 0.1,\n"
                      "  \"b\": true,\n"
                      "  \"null\": null,\n"
                      "  \"hex\": \"00fe\",\n"
                      "  \"crc\": \"000012ab\",\n"
                      "  \"a\": [\n"
                      "    1,\n"
                      "    {}\n"
                      "  ]\n"
                      "}\n");
}

static void writes_what_is_not_utf8_as_question_marks(void **state)
{
    static const struct {
        const char *value;
        const char *want;
    } cases[] = {
        {"\xc3\xa9", "\"\xc3\xa9\"\n"},         /* two bytes */
        {"\xe2\x82\xac", "\"\xe2\x82\xac\"\n"}, /* three */
        {"\xf0\x9f\x98\x80", "\"\xf0\x9f\x98\x80\"\n"},
        {"\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\"\n"}, /* the last one */
        {"a\xff", "\"a?\"\n"},
        {"\x80", "\"?\"\n"},
        {"\xc3", "\"?\"\n"},                /* cut short */
        {"\xe2\x82", "\"??\"\n"},           /* likewise */
        {"\xc1\xbf", "\"??\"\n"},           /* overlong */
        {"\xe0\x9f\xbf", "\"???\"\n"},      /* overlong */
        {"\xf0\x8f\xbf\xbf", "\"????\"\n"}, /* overlong */
        {"\xed\xa0\x80", "\"???\"\n"},      /* a surrogate */
        {"\xf4\x90\x80\x80", "\"????\"\n"}, /* over U+10FFFF */
        {"\xf0\x9f\x98z", "\"???z\"\n"},    /* ends in a letter */
        {"\xe2\x28\xa1", "\"?(?\"\n"},      /* a letter in between */
        {"\xc3\xa9\xc3(", "\"\xc3\xa9?(\"\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_json_writer json = {0};

        dfota_json_string(&json, NULL, cases[i].value);
        check_text(&json, cases[i].want);
    }
}

static void refuses_numbers_that_json_readers_lose(void **state)
{
    struct dfota_json_writer json = {0};

    (void)state;
    dfota_json_number(&json, NULL, (uint64_t)INT64_MAX + 1);
    check_failure(&json, DFOTA_ERR_LIMIT);
    dfota_json_real(&json, NULL, 1e308 * 10);
    check_failure(&json, DFOTA_ERR_USAGE);
}

static void refuses_calls_that_make_no_json(void **state)
{
    static const uint8_t bytes[33];
    struct dfota_json_writer json = {0};

    (void)state;
    check_failure(&json, DFOTA_ERR_USAGE); /* no value */
    dfota_json_begin_object(&json, NULL);
    check_failure(&json, DFOTA_ERR_USAGE); /* left open */
    dfota_json_end(&json);
    check_failure(&json, DFOTA_ERR_USAGE); /* nothing open */
    dfota_json_null(&json, NULL);
    dfota_json_null(&json, NULL);
    check_failure(&json, DFOTA_ERR_USAGE); /* two values */
    dfota_json_null(&json, "key");
    check_failure(&json, DFOTA_ERR_USAGE); /* a key for the outermost */
    dfota_json_begin_object(&json, NULL);
    dfota_json_null(&json, NULL);
    dfota_json_end(&json);
    check_failure(&json, DFOTA_ERR_USAGE); /* no key in an object */
    dfota_json_begin_array(&json, NULL);
    dfota_json_null(&json, "key");
    dfota_json_end(&json);
    check_failure(&json, DFOTA_ERR_USAGE); /* a key in an array */
    dfota_json_hex(&json, NULL, bytes, sizeof(bytes));
    check_failure(&json, DFOTA_ERR_USAGE);
}

static void refuses_to_nest_too_deep(void **state)
{
    struct dfota_json_writer json = {0};

    (void)state;
    for (unsigned i = 0; i < DFOTA_JSON_DEPTH; i++)
        dfota_json_begin_array(&json, NULL);
    assert_int_equal(json.error, DFOTA_OK);
    dfota_json_begin_array(&json, NULL);
    for (unsigned i = 0; i < DFOTA_JSON_DEPTH; i++)
        dfota_json_end(&json);
    check_failure(&json, DFOTA_ERR_USAGE);
}

static void stops_at_the_limit_of_the_buffer(void **state)
{
    struct dfota_buffer out = {.limit = 7};
    struct dfota_json_writer json = {0};

    (void)state;
    dfota_buffer_add(&out, "abc", 3);
    dfota_json_string(&json, NULL, "ab"); /* five bytes with the newline */
    assert_int_equal(dfota_json_finish(&json, &out, NULL), DFOTA_ERR_LIMIT);
    assert_int_equal(out.size, 3);
    dfota_buffer_free(&out);
}

static void forgets_a_discarded_text(void **state)
{
    struct dfota_json_writer json = {0};

    (void)state;
    dfota_json_begin_object(&json, NULL);
    dfota_json_begin_array(&json, "a");
    dfota_json_discard(&json);
    dfota_json_bool(&json, NULL, false);
    check_text(&json, "false\n");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_every_kind_in_the_order_of_the_calls),
        cmocka_unit_test(writes_what_is_not_utf8_as_question_marks),
        cmocka_unit_test(refuses_numbers_that_json_readers_lose),
        cmocka_unit_test(refuses_calls_that_make_no_json),
        cmocka_unit_test(refuses_to_nest_too_deep),
        cmocka_unit_test(stops_at_the_limit_of_the_buffer),
        cmocka_unit_test(forgets_a_discarded_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
