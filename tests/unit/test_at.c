/* SPDX-License-Identifier: MIT */
#include "lib/module/at.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(items) (sizeof(items) / sizeof((items)[0]))

static struct dfota_at_framer framer;
static struct dfota_at_cursor cursor;
static struct dfota_at_command command;

/* Feeds all bytes of `text`; what the last one made of them. */
static enum dfota_at_event feed(const char *text)
{
    enum dfota_at_event event = DFOTA_AT_NOTHING;

    for (; *text != '\0'; text++)
        event = dfota_at_feed(&framer, (unsigned char)*text);
    return event;
}

static enum dfota_at_result first(const char *line)
{
    memset(&command, 0, sizeof(command));
    assert_true(dfota_at_begin(line, &cursor));
    return dfota_at_next(&cursor, &command);
}

static void a_carriage_return_ends_a_line(void **state)
{
    (void)state;
    framer = (struct dfota_at_framer){0};
    assert_int_equal(feed("ATI"), DFOTA_AT_NOTHING);
    assert_int_equal(feed("\r"), DFOTA_AT_LINE);
    assert_string_equal(framer.line, "ATI");
    assert_int_equal(feed("\nAT\r"), DFOTA_AT_LINE);
    assert_string_equal(framer.line, "AT");
    assert_int_equal(feed("\r"), DFOTA_AT_LINE);
    assert_string_equal(framer.line, "");
}

static void backspace_takes_the_last_byte_back(void **state)
{
    (void)state;
    framer = (struct dfota_at_framer){0};
    assert_int_equal(feed("\b\bATX\bI\x01\r"), DFOTA_AT_LINE);
    assert_string_equal(framer.line, "ATI");
}

static void a_line_that_is_too_long_is_told_at_its_end(void **state)
{
    (void)state;
    framer = (struct dfota_at_framer){0};
    for (size_t i = 0; i < DFOTA_AT_LINE_MAX; i++)
        assert_int_equal(feed("x"), DFOTA_AT_NOTHING);
    assert_int_equal(feed("\r"), DFOTA_AT_LINE);
    assert_int_equal(strlen(framer.line), DFOTA_AT_LINE_MAX);
    for (size_t i = 0; i <= DFOTA_AT_LINE_MAX; i++)
        assert_int_equal(feed("x"), DFOTA_AT_NOTHING);
    assert_int_equal(feed("\r"), DFOTA_AT_TOO_LONG);
    assert_int_equal(feed("AT\r"), DFOTA_AT_LINE);
    assert_string_equal(framer.line, "AT");
}

static void a_command_line_begins_with_at(void **state)
{
    (void)state;
    assert_true(dfota_at_begin("AT", &cursor));
    assert_true(dfota_at_begin("  at+x", &cursor));
    assert_false(dfota_at_begin("At", &cursor));
    assert_false(dfota_at_begin("aT", &cursor));
    assert_false(dfota_at_begin("A", &cursor));
    assert_false(dfota_at_begin("", &cursor));
    assert_int_equal(first("AT"), DFOTA_AT_END);
    assert_int_equal(first("AT  "), DFOTA_AT_END);
}

static void reads_every_form(void **state)
{
    static const struct {
        const char *line;
        const char *name;
        enum dfota_at_form form;
        unsigned number;
        size_t count;
    } cases[] = {
        {"ATI", "I", DFOTA_AT_EXECUTE, 0, 0},
        {"ate0", "E", DFOTA_AT_EXECUTE, 0, 0},
        {"ATE1", "E", DFOTA_AT_EXECUTE, 1, 0},
        {"AT&f", "&F", DFOTA_AT_EXECUTE, 0, 0},
        {"AT+QGMR", "+QGMR", DFOTA_AT_EXECUTE, 0, 0},
        {"at+cfun?", "+CFUN", DFOTA_AT_READ, 0, 0},
        {"AT+QFOTADL=?", "+QFOTADL", DFOTA_AT_TEST, 0, 0},
        {"AT+CFUN=1,1", "+CFUN", DFOTA_AT_SET, 0, 2},
        {"AT+QICSGP=2,1,\"cmnet\",\"\",1", "+QICSGP", DFOTA_AT_SET, 0, 5},
        {"AT+X=", "+X", DFOTA_AT_SET, 0, 1},
        {"AT+X=,", "+X", DFOTA_AT_SET, 0, 2},
        {"AT+X=\"a;b,c\"", "+X", DFOTA_AT_SET, 0, 1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(first(cases[i].line), DFOTA_AT_COMMAND);
        assert_string_equal(command.name, cases[i].name);
        assert_int_equal(command.form, cases[i].form);
        assert_int_equal(command.number, cases[i].number);
        assert_int_equal(command.count, cases[i].count);
        assert_ptr_equal(command.text, cases[i].line + 2);
        assert_int_equal(command.size, strlen(cases[i].line) - 2);
        assert_int_equal(dfota_at_next(&cursor, &command), DFOTA_AT_END);
    }
}

static void commands_stand_in_a_row(void **state)
{
    static const char *const names[] = {"E", "I", "+QFLDS", "+QCFG", "I"};

    (void)state;
    assert_true(dfota_at_begin("ATE0I+QFLDS; +QCFG=\"a;b\",1 ;I", &cursor));
    for (size_t i = 0; i < COUNT(names); i++) {
        assert_int_equal(dfota_at_next(&cursor, &command), DFOTA_AT_COMMAND);
        assert_string_equal(command.name, names[i]);
    }
    assert_int_equal(dfota_at_next(&cursor, &command), DFOTA_AT_END);
}

static void what_has_no_known_form_ends_the_line(void **state)
{
    static const char *const lines[] = {
        "AT+",
        "AT+=1",
        "AT?",
        "AT=1",
        "AT0",
        "AT&",
        "AT&1",
        "ATE00000",
        "ATS0=1",
        "ATS?",
        "AT+X=\"a",
        "AT+X=\"a\"b",
        "AT+X=a\"b\"",
        "AT+X?1",
        "AT+X=?1",
        "AT+X-Y",
        "AT+QFLDS I",
        "AT+ABCDEFGHIJKLMNOPQ",
        "AT+X=1,2,3,4,5,6,7,8,9",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(lines); i++) {
        command.number = 77;
        assert_true(dfota_at_begin(lines[i], &cursor));
        assert_int_equal(dfota_at_next(&cursor, &command), DFOTA_AT_BROKEN);
        assert_int_equal(command.number, 77);
        assert_int_equal(dfota_at_next(&cursor, &command), DFOTA_AT_END);
    }
}

static void a_number_has_digits_and_a_limit(void **state)
{
    unsigned value = 77;

    (void)state;
    first("AT+X=0,65535,\"1\",,1a,-1,4294967295,99999999999");
    assert_true(dfota_at_number(&command, 0, 10, &value));
    assert_int_equal(value, 0);
    assert_true(dfota_at_number(&command, 1, 65535, &value));
    assert_int_equal(value, 65535);
    assert_false(dfota_at_number(&command, 1, 65534, &value));
    for (size_t i = 2; i < 6; i++)
        assert_false(dfota_at_number(&command, i, UINT32_MAX, &value));
    assert_int_equal(value, 65535);
    assert_true(dfota_at_number(&command, 6, UINT32_MAX, &value));
    assert_int_equal(value, UINT32_MAX);
    assert_false(dfota_at_number(&command, 7, UINT32_MAX, &value));
    first("AT+X=1");
    assert_false(dfota_at_number(&command, 1, 10, &value));
}

static void a_text_has_quotes_and_fits(void **state)
{
    char text[4] = "old";

    (void)state;
    first("AT+X=\"abc\",\"abcd\",abc,\"\"");
    assert_false(dfota_at_text(&command, 1, text, sizeof(text)));
    assert_false(dfota_at_text(&command, 2, text, sizeof(text)));
    assert_false(dfota_at_text(&command, 3, text, sizeof(text)));
    assert_false(dfota_at_text(&command, 4, text, sizeof(text)));
    assert_string_equal(text, "old");
    assert_true(dfota_at_text(&command, 0, text, sizeof(text)));
    assert_string_equal(text, "abc");
    assert_true(dfota_at_is(&command, 0, "ABC"));
    assert_false(dfota_at_is(&command, 0, "AB"));
    assert_false(dfota_at_is(&command, 2, "abc"));
    assert_false(dfota_at_is(&command, 4, "abc"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_carriage_return_ends_a_line),
        cmocka_unit_test(backspace_takes_the_last_byte_back),
        cmocka_unit_test(a_line_that_is_too_long_is_told_at_its_end),
        cmocka_unit_test(a_command_line_begins_with_at),
        cmocka_unit_test(reads_every_form),
        cmocka_unit_test(commands_stand_in_a_row),
        cmocka_unit_test(what_has_no_known_form_ends_the_line),
        cmocka_unit_test(a_number_has_digits_and_a_limit),
        cmocka_unit_test(a_text_has_quotes_and_fits),
    };

    return cmocka_run_group_tests_name("at", tests, NULL, NULL);
}
