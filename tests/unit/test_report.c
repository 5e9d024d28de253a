/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/print.h"
#include "cli/report.h"
#include "lib/base/fault.h"

static char told[2048];    /* what went to stderr */
static char printed[2048]; /* and to stdout */

/* Reads back what went to `to`, and closes it. */
static void read_back(FILE *to, char *out, size_t size)
{
    rewind(to);
    out[fread(out, 1, size - 1, to)] = '\0';
    fclose(to);
}

/* dfota_report_fault(), with what it prints in `told` and `printed`. */
static enum dfota_exit report(const struct dfota_fault *fault, bool json)
{
    FILE *error = tmpfile();
    FILE *output = tmpfile();
    int error_before = dup(STDERR_FILENO);
    int output_before = dup(STDOUT_FILENO);
    enum dfota_exit status;

    assert_non_null(error);
    assert_non_null(output);
    fflush(stdout);
    dup2(fileno(error), STDERR_FILENO);
    dup2(fileno(output), STDOUT_FILENO);
    status = dfota_report_fault("tester", fault, json);
    fflush(stderr);
    fflush(stdout);
    dup2(error_before, STDERR_FILENO);
    dup2(output_before, STDOUT_FILENO);
    close(error_before);
    close(output_before);
    read_back(error, told, sizeof(told));
    read_back(output, printed, sizeof(printed));
    return status;
}

static void gives_each_error_its_status(void **state)
{
    (void)state;
    assert_int_equal(dfota_report_status(DFOTA_OK), 0);
    assert_int_equal(dfota_report_status(DFOTA_ERR_IO), 3);
    assert_int_equal(dfota_report_status(DFOTA_ERR_MEMORY), 3);
    assert_int_equal(dfota_report_status(DFOTA_ERR_USAGE), 2);
    for (int error = DFOTA_ERR_FORMAT; error < DFOTA_ERR_USAGE; error++)
        assert_int_equal(dfota_report_status((enum dfota_error)error), 1);
}

static void says_file_offset_what_detail_and_rule(void **state)
{
    struct dfota_fault fault = {.input = "fw.zip"};

    (void)state;
    dfota_fail_detail(&fault, DFOTA_ERR_CORRUPT, 42, "NONE-1", "found %d", 7);
    assert_int_equal(report(&fault, false), DFOTA_EXIT_REFUSED);
    assert_string_equal(told, "tester: fw.zip: offset 42: file is broken: "
                              "found 7 (NONE-1)\n");
    assert_string_equal(printed, "");
}

static void leaves_out_what_is_not_known(void **state)
{
    struct dfota_fault fault = {0};

    (void)state;
    dfota_fail(&fault, DFOTA_ERR_LIMIT, DFOTA_NO_OFFSET, NULL);
    assert_int_equal(report(&fault, false), DFOTA_EXIT_REFUSED);
    assert_string_equal(told, "tester: larger than allowed\n");
    dfota_fail_memory(&fault);
    assert_int_equal(report(&fault, false), DFOTA_EXIT_MACHINE);
    assert_string_equal(told, "tester: not enough memory\n");
}

static void says_what_a_rule_demands(void **state)
{
    struct dfota_fault fault = {.input = "fw.bin"};
    char want[300];

    (void)state;
    dfota_fail(&fault, DFOTA_ERR_LIMIT, DFOTA_NO_OFFSET, "FILE-1");
    report(&fault, false);
    assert_non_null(dfota_rule_text("FILE-1"));
    snprintf(want, sizeof(want), "tester: fw.bin: %s (FILE-1)\n",
             dfota_rule_text("FILE-1"));
    assert_string_equal(told, want);
}

static void says_what_the_system_said(void **state)
{
    struct dfota_fault fault = {0};

    (void)state;
    errno = ENOENT;
    dfota_fail_os(&fault, "no such");
    assert_int_equal(report(&fault, false), DFOTA_EXIT_MACHINE);
    assert_string_equal(told, "tester: no such: No such file or directory\n");
}

static void keeps_control_characters_from_the_terminal(void **state)
{
    struct dfota_fault fault = {.input =
                                    "a\x1b[31m\nb\xc2\x9b\xff\x7f\xd0\xb6"};

    (void)state;
    dfota_fail(&fault, DFOTA_ERR_FORMAT, 0, NULL);
    report(&fault, false);
    assert_string_equal(told, "tester: a?[31m?b????\xd0\xb6: offset 0: "
                              "not this kind of file\n");
}

static void prints_the_error_as_json(void **state)
{
    struct dfota_fault fault = {.input = "fw.zip"};

    (void)state;
    dfota_fail_detail(&fault, DFOTA_ERR_CORRUPT, 42, "NONE-1", "found %d", 7);
    assert_int_equal(report(&fault, true), DFOTA_EXIT_REFUSED);
    assert_string_equal(printed, "{\n"
                                 "  \"error\": {\n"
                                 "    \"rule\": \"NONE-1\",\n"
                                 "    \"file\": \"fw.zip\",\n"
                                 "    \"offset\": 42,\n"
                                 "    \"message\": \"file is broken: found "
                                 "7\"\n"
                                 "  }\n"
                                 "}\n");
    fault = (struct dfota_fault){0};
    dfota_fail_memory(&fault);
    assert_int_equal(report(&fault, true), DFOTA_EXIT_MACHINE);
    assert_string_equal(printed, "{\n"
                                 "  \"error\": {\n"
                                 "    \"rule\": null,\n"
                                 "    \"file\": null,\n"
                                 "    \"offset\": null,\n"
                                 "    \"message\": \"not enough memory\"\n"
                                 "  }\n"
                                 "}\n");
}

static void prints_no_json_for_wrong_usage(void **state)
{
    struct dfota_fault fault = {0};

    (void)state;
    dfota_fail(&fault, DFOTA_ERR_USAGE, DFOTA_NO_OFFSET, NULL);
    assert_int_equal(report(&fault, true), DFOTA_EXIT_USAGE);
    assert_string_equal(told, "tester: wrong usage\n");
    assert_string_equal(printed, "");
}

static void groups_digits_by_three(void **state)
{
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = {
        {0, "0 bytes"},
        {1, "1 byte"},
        {999, "999 bytes"},
        {1000, "1,000 bytes"},
        {1353216, "1,353,216 bytes"},
        {UINT64_MAX, "18,446,744,073,709,551,615 bytes"},
    };
    char text[DFOTA_PRINT_BYTES_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(dfota_print_bytes(cases[i].bytes, text),
                            cases[i].text);
}

static void wraps_lines_before_column_80(void **state)
{
    static const char words[] =
        "four four four four four four four four four four four four four four "
        "four four four four four end";
    FILE *to = tmpfile();

    (void)state;
    assert_non_null(to);
    fprintf(to, "%-4s", "is:");
    dfota_print_wrapped(to, 4, words);
    read_back(to, printed, sizeof(printed));
    assert_string_equal(printed, "is: four four four four four four four four "
                                 "four four four four four four four\n"
                                 "    four four four four end\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_each_error_its_status),
        cmocka_unit_test(says_file_offset_what_detail_and_rule),
        cmocka_unit_test(leaves_out_what_is_not_known),
        cmocka_unit_test(says_what_a_rule_demands),
        cmocka_unit_test(says_what_the_system_said),
        cmocka_unit_test(keeps_control_characters_from_the_terminal),
        cmocka_unit_test(prints_the_error_as_json),
        cmocka_unit_test(prints_no_json_for_wrong_usage),
        cmocka_unit_test(groups_digits_by_three),
        cmocka_unit_test(wraps_lines_before_column_80),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
