/* SPDX-License-Identifier: MIT */
#include "lib/module/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(items) (sizeof(items) / sizeof((items)[0]))

#define PASS         DFOTA_FINDING_PASS
#define FAIL         DFOTA_FINDING_FAIL
#define WARN         DFOTA_FINDING_WARN
#define SKIP         DFOTA_FINDING_SKIP

#define UNTOUCHED    77

static struct dfota_command command;
static struct dfota_fault fault;
static struct dfota_finding items[24];
static struct dfota_findings findings;

static enum dfota_error parse(const char *line)
{
    memset(&command, 0, sizeof(command));
    memset(&fault, 0, sizeof(fault));
    command.count = UNTOUCHED;
    return dfota_command_parse(line, &command, &fault);
}

static void reads_every_form(void **state)
{
    static const struct {
        const char *line;
        enum dfota_command_form form;
        const char *target;
        size_t count;
    } cases[] = {
        {"AT+QFOTADL=?", DFOTA_COMMAND_TEST, "", 0},
        {"at+qfotadl=?\r", DFOTA_COMMAND_TEST, "", 0},
        {"AT+QFOTADL=\"http://h/p\"", DFOTA_COMMAND_URL, "http://h/p", 0},
        {"AT+QFOTADL=\"http://h/p\"\r\n", DFOTA_COMMAND_URL, "http://h/p", 0},
        {"AT+QFOTADL=\"http://h/p\",1", DFOTA_COMMAND_URL, "http://h/p", 1},
        {"AT+QFOTADL=\"http://h/p\",1,50", DFOTA_COMMAND_URL, "http://h/p", 2},
        {"AT+QFOTADL=\"http://h/p\",1,50,60\n", DFOTA_COMMAND_URL, "http://h/p",
         3},
        {"AT+QFOTADL=\"FILE:4884688\",1,50", DFOTA_COMMAND_FILE, "FILE:4884688",
         2},
        {"AT+QFOTADL=\"FILE:4884688\",2", DFOTA_COMMAND_FILE, "FILE:4884688",
         1},
        {"AT+QFOTADL=\"file://h/p\"", DFOTA_COMMAND_URL, "file://h/p", 0},
        {"AT+QFOTADL=\"/cache/ufs/p.zip\"", DFOTA_COMMAND_PATH,
         "/cache/ufs/p.zip", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(parse(cases[i].line), DFOTA_OK);
        assert_int_equal(command.form, cases[i].form);
        assert_string_equal(command.target, cases[i].target);
        assert_int_equal(command.count, cases[i].count);
        if (command.count > 0 && command.form == DFOTA_COMMAND_URL)
            assert_int_equal(command.numbers[0], 1);
        if (command.count == 3)
            assert_int_equal(command.numbers[2], 60);
        if (command.form == DFOTA_COMMAND_FILE)
            assert_int_equal(command.file_length, 4884688);
    }
}

static void refuses_each_broken_form(void **state)
{
    static const struct {
        const char *rule;
        const char *line;
        enum dfota_error want;
        uint64_t offset;
    } cases[] = {
        {"CMD-1", "", DFOTA_ERR_FORMAT, 0},
        {"CMD-1", "A", DFOTA_ERR_FORMAT, 0},
        {"CMD-1", "At+QFOTADL=?", DFOTA_ERR_FORMAT, 0},
        {"CMD-1", " AT+QFOTADL=?", DFOTA_ERR_FORMAT, 0},
        {"CMD-1", "AT+QFOTAD=?", DFOTA_ERR_FORMAT, 2},
        {"CMD-2", "AT+QFOTADL", DFOTA_ERR_CORRUPT, 10},
        {"CMD-2", "AT+QFOTADL?", DFOTA_ERR_CORRUPT, 10},
        {"CMD-2", "AT+QFOTADL=", DFOTA_ERR_CORRUPT, 11},
        {"CMD-2", "AT+QFOTADL=\r\n", DFOTA_ERR_CORRUPT, 11},
        {"CMD-2", "AT+QFOTADL=? ", DFOTA_ERR_CORRUPT, 12},
        {"CMD-3", "AT+QFOTADL=http://h/p", DFOTA_ERR_CORRUPT, 11},
        {"CMD-3", "AT+QFOTADL=\"http://h/p", DFOTA_ERR_CORRUPT, 11},
        {"CMD-3", "AT+QFOTADL=\"", DFOTA_ERR_CORRUPT, 11},
        {"CMD-3", "AT+QFOTADL=\"\"", DFOTA_ERR_CORRUPT, 11},
        {"CMD-3", "AT+QFOTADL=\"h\"1", DFOTA_ERR_CORRUPT, 14},
        {"CMD-3", "AT+QFOTADL=\"h\" ,1", DFOTA_ERR_CORRUPT, 14},
        {"CMD-4", "AT+QFOTADL=\"h\",", DFOTA_ERR_CORRUPT, 15},
        {"CMD-4", "AT+QFOTADL=\"h\",,50", DFOTA_ERR_CORRUPT, 15},
        {"CMD-4", "AT+QFOTADL=\"h\",-1", DFOTA_ERR_CORRUPT, 15},
        {"CMD-4", "AT+QFOTADL=\"h\", 1", DFOTA_ERR_CORRUPT, 15},
        {"CMD-4", "AT+QFOTADL=\"h\",1x", DFOTA_ERR_CORRUPT, 16},
        {"CMD-4", "AT+QFOTADL=\"h\",1234567", DFOTA_ERR_CORRUPT, 21},
        {"CMD-4", "AT+QFOTADL=\"h\",1,5,5,5", DFOTA_ERR_CORRUPT, 20},
        {"CMD-8", "AT+QFOTADL=\"FILE:\"", DFOTA_ERR_CORRUPT, 17},
        {"CMD-8", "AT+QFOTADL=\"FILE:0\"", DFOTA_ERR_CORRUPT, 17},
        {"CMD-8", "AT+QFOTADL=\"FILE:1K\"", DFOTA_ERR_CORRUPT, 17},
        {"CMD-8", "AT+QFOTADL=\"FILE:18446744073709551616\"", DFOTA_ERR_CORRUPT,
         17},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (parse(cases[i].line) != cases[i].want ||
            fault.offset != cases[i].offset ||
            strcmp(fault.rule, cases[i].rule) != 0)
            fail_msg("%s: %s at %d", cases[i].line,
                     fault.rule ? fault.rule : "accepted", (int)fault.offset);
        assert_int_equal(command.count, UNTOUCHED);
    }
}

static void limits_the_target(void **state)
{
    static char line[2048];
    size_t start;

    (void)state;
    start = (size_t)snprintf(line, sizeof(line), "AT+QFOTADL=\"");
    memset(line + start, 'x', sizeof(line) - start);
    memcpy(line + start + DFOTA_COMMAND_TARGET_MAX, "\"", 2);
    assert_int_equal(parse(line), DFOTA_OK);
    assert_int_equal(strlen(command.target), DFOTA_COMMAND_TARGET_MAX);
    memcpy(line + start + DFOTA_COMMAND_TARGET_MAX, "x\"", 3);
    assert_int_equal(parse(line), DFOTA_ERR_LIMIT);
    assert_string_equal(fault.rule, "CMD-3");
    assert_int_equal(fault.offset, start + DFOTA_COMMAND_TARGET_MAX);
    assert_int_equal(command.count, UNTOUCHED);
}

static void every_truncation_is_read_or_refused_with_a_rule(void **state)
{
    static const char whole[] = "AT+QFOTADL=\"FILE:12\",1,50,60";
    char line[sizeof(whole)];

    (void)state;
    for (size_t size = 0; size < sizeof(whole) - 1; size++) {
        memcpy(line, whole, size);
        line[size] = '\0';
        if (parse(line) != DFOTA_OK) {
            assert_non_null(fault.rule);
            assert_true(fault.offset <= size);
            assert_int_equal(command.count, UNTOUCHED);
        }
    }
}

/* Whom a command is for. */
enum bound {
    DFOTA_16,
    DFOTA_8, /* EC200A */
    MINI_8,
    RG_RM
};

static const struct {
    const char *rules;
    enum dfota_method method;
    unsigned flash_mb;
} bounds[] = {
    [DFOTA_16] = {"lte-standard-a-1.4", DFOTA_METHOD_DFOTA, 16},
    [DFOTA_8] = {"lte-standard-a-1.4", DFOTA_METHOD_DFOTA, 8},
    [MINI_8] = {"lte-standard-a-1.4", DFOTA_METHOD_MINI, 8},
    [RG_RM] = {"rg50x-rm5xx-1.1", DFOTA_METHOD_DFOTA, 0},
};

static void lint_for(enum bound bound, const char *line, uint64_t size)
{
    struct dfota_target target = {
        .rules = dfota_rules_find(bounds[bound].rules),
        .method = bounds[bound].method,
        .flash_mb = bounds[bound].flash_mb,
        .package_size = size,
    };

    findings = (struct dfota_findings){.items = items, .capacity = 24};
    command.count = UNTOUCHED;
    dfota_command_lint(line, &target, &command, &findings);
    assert_int_equal(findings.dropped, 0);
}

#define LTE_URL  "AT+QFOTADL=\"http://h:80/p.zip\""
#define MINI_URL "AT+QFOTADL=\"http://h:80/p.mini_1\""
#define HOST     "AT+QFOTADL=\"FILE:1000\""

static const struct {
    const char *rule;
    enum bound bound;
    const char *line;
    enum dfota_finding_status want;
} cases[] = {
    {"CMD-2", DFOTA_16, "AT+QFOTADL=?", PASS},
    {"CMD-2", RG_RM, "AT+QFOTADL=?", PASS},
    {"CMD-1", DFOTA_16, "AT+QFOTA=?", FAIL},
    {"CMD-2", DFOTA_16, "AT+QFOTADL?", FAIL},
    {"CMD-3", DFOTA_16, "AT+QFOTADL=http://h:80/p.zip", FAIL},

    {"CMD-4", DFOTA_16, LTE_URL ",1,50,50", PASS},
    {"CMD-4", DFOTA_16, LTE_URL ",1,50,50,1", FAIL},
    {"CMD-4", RG_RM, LTE_URL, PASS},
    {"CMD-4", RG_RM, LTE_URL ",0", FAIL},

    {"CMD-5", DFOTA_16, LTE_URL ",0", PASS},
    {"CMD-5", DFOTA_16, LTE_URL ",1", PASS},
    {"CMD-5", DFOTA_16, LTE_URL ",2", FAIL},
    {"CMD-5", DFOTA_16, HOST ",2,50", FAIL},
    {"CMD-5", MINI_8, MINI_URL ",1", PASS},

    {"CMD-6", DFOTA_16, LTE_URL ",1,0", PASS},
    {"CMD-6", DFOTA_16, LTE_URL ",1,1", FAIL},
    {"CMD-6", DFOTA_16, LTE_URL ",1,4", FAIL},
    {"CMD-6", DFOTA_16, LTE_URL ",1,5", PASS},
    {"CMD-6", DFOTA_16, LTE_URL ",1,100", PASS},
    {"CMD-6", DFOTA_16, LTE_URL ",1,101", FAIL},
    {"CMD-6", DFOTA_8, LTE_URL ",1,50", WARN},
    {"CMD-6", DFOTA_8, LTE_URL ",1,4", FAIL},
    {"CMD-6", MINI_8, MINI_URL ",1,50", FAIL},

    {"CMD-7", DFOTA_16, LTE_URL ",1,50,50", WARN},
    {"CMD-7", DFOTA_16, LTE_URL ",1,50,4", FAIL},
    {"CMD-7", DFOTA_16, LTE_URL ",1,50,101", FAIL},
    {"CMD-7", MINI_8, MINI_URL ",1,50,50", FAIL},

    {"CMD-8", DFOTA_16, HOST, PASS},
    {"CMD-8", DFOTA_16, HOST ",1,50", PASS},
    {"CMD-8", MINI_8, HOST, FAIL},
    {"CMD-8", MINI_8, HOST ",2", FAIL},
    {"CMD-8", RG_RM, HOST, FAIL},
    {"CMD-8", DFOTA_16, "AT+QFOTADL=\"FILE:\"", FAIL},

    {"CMD-9", DFOTA_16, HOST, PASS},
    {"CMD-9", DFOTA_16, "AT+QFOTADL=\"FILE:1001\"", FAIL},
    {"CMD-9", DFOTA_16, "AT+QFOTADL=\"FILE:999\"", FAIL},

    {"CMD-10", DFOTA_16, HOST ",2", WARN},

    {"URL-2", DFOTA_16, LTE_URL, PASS},
    {"URL-2", DFOTA_16, "AT+QFOTADL=\"/cache/ufs/p.zip\"", FAIL},
    {"URL-12", RG_RM, "AT+QFOTADL=\"/cache/ufs/p.zip\"", PASS},
    {"URL-2", MINI_8, "AT+QFOTADL=\"https://h:80/p.mini_1\"", FAIL},
};

static void keeps_and_breaks_each_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct dfota_finding *finding;

        lint_for(cases[i].bound, cases[i].line, 1000);
        finding = dfota_findings_get(&findings, cases[i].rule);
        if (finding == NULL || finding->status != cases[i].want)
            fail_msg("%s: %s is %s", cases[i].line, cases[i].rule,
                     finding == NULL
                         ? "absent"
                         : dfota_finding_status_name(finding->status));
    }
}

static void the_url_is_there_for_the_caller(void **state)
{
    (void)state;
    lint_for(DFOTA_16, LTE_URL ",1", 0);
    assert_string_equal(command.target, "http://h:80/p.zip");
    lint_for(DFOTA_16, "AT+QFOTADL=", 0);
    assert_int_equal(command.count, UNTOUCHED);
    assert_int_equal(findings.count, 1);
    assert_int_equal(findings.failures, 1);
}

static void the_size_of_an_unknown_package_is_skipped(void **state)
{
    (void)state;
    lint_for(DFOTA_16, HOST, 0);
    assert_int_equal(dfota_findings_get(&findings, "CMD-9")->status, SKIP);
}

static void protocol_mode_names_its_answer(void **state)
{
    (void)state;
    lint_for(DFOTA_16, HOST ",2", 1000);
    assert_non_null(
        strstr(dfota_findings_get(&findings, "CMD-10")->detail, "010003"));
    assert_null(dfota_findings_get(&findings, "CMD-5"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_every_form),
        cmocka_unit_test(refuses_each_broken_form),
        cmocka_unit_test(limits_the_target),
        cmocka_unit_test(every_truncation_is_read_or_refused_with_a_rule),
        cmocka_unit_test(keeps_and_breaks_each_rule),
        cmocka_unit_test(the_url_is_there_for_the_caller),
        cmocka_unit_test(the_size_of_an_unknown_package_is_skipped),
        cmocka_unit_test(protocol_mode_names_its_answer),
    };

    return cmocka_run_group_tests_name("command", tests, NULL, NULL);
}
