/* SPDX-License-Identifier: MIT */
/* dfota-verify - says what a module would say to a package */
#include <stdio.h>

#include "cli/options.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "dfota/job_verify.h"

struct verify_options {
    struct dfota_verify_request request;
    bool json;
};

#define FIELD(name)  offsetof(struct verify_options, name)

#define LABEL_WIDTH  9 /* columns */
#define STATUS_WIDTH 6
#define RULE_WIDTH   12

static const struct dfota_operand operands[] = {
    {"PACKAGE", FIELD(request.package), "the package to be uploaded"},
    {0},
};

static const struct dfota_option options[] = {
    {.name = "module",
     .argument = "VERSION",
     .kind = DFOTA_OPTION_STRING,
     .at = FIELD(request.module),
     .help = "the version that the module's ATI reports"},
    {.name = "image",
     .argument = "FILE",
     .kind = DFOTA_OPTION_STRING,
     .at = FIELD(request.image),
     .help = "what is flashed now, a file or a folder of partition images: "
             "checks it as the module does, and applies the package to it on "
             "trial"},
    {.name = "target",
     .argument = "FILE",
     .kind = DFOTA_OPTION_STRING,
     .at = FIELD(request.target),
     .help = "what it must become, likewise"},
    {.name = "url",
     .argument = "URL",
     .kind = DFOTA_OPTION_STRING,
     .at = FIELD(request.url),
     .help = "where the module is to fetch the package"},
    {.name = "command",
     .argument = "LINE",
     .kind = DFOTA_OPTION_STRING,
     .at = FIELD(request.command),
     .help = "the whole AT+QFOTADL line that is to be sent"},
    {.name = "free",
     .argument = "SIZE",
     .kind = DFOTA_OPTION_SIZE,
     .at = FIELD(request.free_space),
     .help = "bytes free in the module's files"},
    {.name = "max-size",
     .argument = "SIZE",
     .kind = DFOTA_OPTION_SIZE,
     .at = FIELD(request.max_size),
     .help = "bytes that a package for this module may have"},
    {.name = "rules",
     .argument = "NAME",
     .kind = DFOTA_OPTION_STRING,
     .at = FIELD(request.rules),
     .help = "rule set: lte-standard-a-1.4, lte-standard-a-1.5 or "
             "rg50x-rm5xx-1.1 [the family's newest with an official source]"},
    {.name = "allow-skip",
     .kind = DFOTA_OPTION_FLAG,
     .at = FIELD(request.allow_skip),
     .help = "accept although identity or source was not checked"},
    {.name = "json",
     .kind = DFOTA_OPTION_FLAG,
     .at = FIELD(json),
     .help = "print one JSON object instead of text"},
    {0},
};

static const char *const examples[] = {
    "dfota-verify --image A01.bin A01-A02.zip",
    "dfota-verify --image A01.bin --target A02.bin --json A01-A02.zip",
    "dfota-verify --module EC200NCNLAR03A01M08 --image A01.img A01-A02.mini_1",
    NULL,
};

static const struct dfota_program program = {
    "dfota-verify",
    "Say what a module would say to the package, before anything is uploaded. "
    "A verdict is accept, reject, or incomplete when nothing failed but "
    "something could not be checked.",
    operands, options, examples};

static void print_checks(const struct dfota_verified *verified)
{
    for (size_t i = 0; i < verified->check_count; i++) {
        const struct dfota_check *check = &verified->checks[i];
        const char *status = check->status == DFOTA_CHECK_FAIL
                                 ? "FAIL"
                                 : dfota_check_status_name(check->status);

        printf("%-*s%-*s", STATUS_WIDTH, status, RULE_WIDTH, check->rule);
        dfota_print_wrapped(stdout, STATUS_WIDTH + RULE_WIDTH, check->detail);
    }
    if (verified->check_count != 0)
        putchar('\n');
}

static void print_line(const char *label, const char *text)
{
    printf("%-*s", LABEL_WIDTH, label);
    dfota_print_wrapped(stdout, LABEL_WIDTH, text);
}

static void print_text(const struct dfota_verified *verified)
{
    print_checks(verified);
    print_line("verdict", dfota_verdict_name(verified->verdict));
    if (verified->result_code != DFOTA_NO_CODE) {
        printf("%-*s%d", LABEL_WIDTH, "code", verified->result_code);
        if (verified->code_basis != NULL)
            printf(" (%s)", verified->code_basis);
        putchar('\n');
    } else if (verified->verdict == DFOTA_REJECT) {
        print_line("code", "the documents give none");
    }
    if (verified->urc[0] != '\0')
        print_line("URC", verified->urc);
    if (verified->family != NULL)
        print_line("family", verified->family);
    if (verified->rules != NULL)
        print_line("rules", verified->rules);
    if (verified->advice[0] != '\0')
        print_line("advice", verified->advice);
}

static void write_checks(struct dfota_json_writer *json,
                         const struct dfota_verified *verified)
{
    dfota_json_begin_array(json, "checks");
    for (size_t i = 0; i < verified->check_count; i++) {
        const struct dfota_check *check = &verified->checks[i];

        dfota_json_begin_object(json, NULL);
        dfota_json_string(json, "rule", check->rule);
        dfota_json_string(json, "status",
                          dfota_check_status_name(check->status));
        dfota_json_string(json, "detail", check->detail);
        dfota_json_end(json);
    }
    dfota_json_end(json);
}

static enum dfota_exit print_json(const struct dfota_verified *verified,
                                  const char *package)
{
    const struct dfota_check *check = &verified->checks[verified->decisive];
    struct dfota_json_writer json = {0};

    dfota_json_begin_object(&json, NULL);
    dfota_json_string(&json, "verdict", dfota_verdict_name(verified->verdict));
    if (verified->result_code != DFOTA_NO_CODE)
        dfota_json_number(&json, "result_code",
                          (uint64_t)verified->result_code);
    else
        dfota_json_null(&json, "result_code");
    dfota_json_string(&json, "code_basis", verified->code_basis);
    dfota_json_string(&json, "urc",
                      verified->urc[0] != '\0' ? verified->urc : NULL);
    dfota_json_string(&json, "advice", verified->advice);
    dfota_json_string(&json, "module",
                      verified->module[0] != '\0' ? verified->module : NULL);
    dfota_json_string(&json, "family", verified->family);
    dfota_json_string(&json, "rules", verified->rules);
    write_checks(&json, verified);
    if (verified->verdict != DFOTA_ACCEPT)
        dfota_report_json_error(&json, check->rule, package, DFOTA_NO_OFFSET,
                                check->detail);
    dfota_json_end(&json);
    return dfota_report_json(program.name, &json);
}

static enum dfota_exit verify(struct verify_options *opt)
{
    struct dfota_progress_line line;
    struct dfota_verified verified = {0};
    struct dfota_fault fault = {0};
    enum dfota_error err;

    opt->request.progress = dfota_progress_begin(&line, program.name, false);
    err = dfota_job_verify(&opt->request, &verified, &fault);
    dfota_progress_end(&line);
    if (err)
        return dfota_report_fault(program.name, &fault, opt->json);
    if (!opt->json)
        print_text(&verified);
    else if (print_json(&verified, opt->request.package))
        return DFOTA_EXIT_MACHINE;
    return verified.verdict == DFOTA_ACCEPT ? DFOTA_EXIT_DONE
                                            : DFOTA_EXIT_REFUSED;
}

int main(int argc, char **argv)
{
    struct verify_options opt = {0};
    enum dfota_exit status;

    dfota_report_start();
    if (dfota_options_parse(&program, argc, argv, &opt, &status))
        status = verify(&opt);
    return (int)dfota_report_finish(program.name, status);
}
