/* SPDX-License-Identifier: MIT */
/* dfota-info - says what a file is and holds */
#include <inttypes.h>
#include <stdio.h>

#include "cli/options.h"
#include "cli/print.h"
#include "cli/report.h"
#include "dfota/job_explain.h"
#include "info/delta_print.h"

struct info_options {
    struct dfota_explain_request request;
    bool explain;
    bool json;
};

#define FIELD(name) offsetof(struct info_options, name)

static const struct dfota_operand operands[] = {
    {"FILE", FIELD(request.file),
     "a package or delta, ours or by its magic another's"},
    {0},
};

static const struct dfota_option options[] = {
    {.name = "explain",
     .kind = DFOTA_OPTION_FLAG,
     .at = FIELD(explain),
     .help = "say how each delta is coded and which images it belongs to, and "
             "with --old what it does"},
    {.name = "old",
     .argument = "FILE",
     .kind = DFOTA_OPTION_STRING,
     .at = FIELD(request.old_image),
     .help = "the old image, to count what a delta does; implies --explain"},
    {.name = "json",
     .kind = DFOTA_OPTION_FLAG,
     .at = FIELD(json),
     .help = "print one JSON object instead of text"},
    {0},
};

static const char *const examples[] = {
    "dfota-info A01-A02.zip",
    "dfota-info --explain --old A01.bin A01-A02.zip",
    NULL,
};

static const struct dfota_program program = {
    "dfota-info", "Say what a file is and what it holds.", operands, options,
    examples};

static void print_frames(const struct dfota_explained *file)
{
    char raw[DFOTA_PRINT_BYTES_SIZE];
    char coded[DFOTA_PRINT_BYTES_SIZE];

    printf("%-*s%" PRIu64 ": %s of flash in %s of .mini_2\n", DFOTA_INFO_LABEL,
           "frames", file->frame_count,
           dfota_print_bytes(file->frames_raw, raw),
           dfota_print_bytes(file->frames_coded, coded));
}

static void print_text(const struct dfota_explained *file,
                       const struct info_options *opt)
{
    bool explain = opt->explain || opt->request.old_image != NULL;

    dfota_info_line("file", opt->request.file);
    printf("%-*s%s: ", DFOTA_INFO_LABEL, "kind", file->kind);
    dfota_print_text(stdout, file->description);
    putchar('\n');
    dfota_info_bytes("size", file->size);
    if (file->from[0] != '\0')
        dfota_info_line("from", file->from);
    if (file->to[0] != '\0')
        dfota_info_line("to", file->to);
    if (file->family != NULL)
        dfota_info_line("family", file->family);
    for (size_t i = 0; i < file->delta_count; i++)
        dfota_info_print_delta(&file->deltas[i], explain);
    if (file->frame_count != 0)
        print_frames(file);
}

static void write_frames(struct dfota_json_writer *json,
                         const struct dfota_explained *file)
{
    if (file->frame_count == 0) {
        dfota_json_null(json, "frames");
        return;
    }
    dfota_json_begin_object(json, "frames");
    dfota_json_number(json, "count", file->frame_count);
    dfota_json_number(json, "raw", file->frames_raw);
    dfota_json_number(json, "coded", file->frames_coded);
    dfota_json_end(json);
}

/* A string that is "" where there is none. */
static void write_optional(struct dfota_json_writer *json, const char *key,
                           const char *text)
{
    dfota_json_string(json, key, text[0] != '\0' ? text : NULL);
}

static enum dfota_exit print_json(const struct dfota_explained *file)
{
    struct dfota_json_writer json = {0};

    dfota_json_begin_object(&json, NULL);
    dfota_json_string(&json, "kind", file->kind);
    dfota_json_string(&json, "description", file->description);
    dfota_json_number(&json, "size", file->size);
    write_optional(&json, "from", file->from);
    write_optional(&json, "to", file->to);
    dfota_json_string(&json, "family", file->family);
    dfota_json_begin_array(&json, "deltas");
    for (size_t i = 0; i < file->delta_count; i++)
        dfota_info_write_delta(&json, &file->deltas[i]);
    dfota_json_end(&json);
    write_frames(&json, file);
    dfota_json_end(&json);
    return dfota_report_json(program.name, &json);
}

static enum dfota_exit explain(const struct info_options *opt)
{
    struct dfota_explained file = {0};
    struct dfota_fault fault = {0};
    enum dfota_exit status = DFOTA_EXIT_DONE;
    enum dfota_error err;

    err = dfota_job_explain(&opt->request, &file, &fault);
    if (err)
        status = dfota_report_fault(program.name, &fault, opt->json);
    else if (opt->json)
        status = print_json(&file);
    else
        print_text(&file, opt);
    dfota_explained_free(&file);
    return status;
}

int main(int argc, char **argv)
{
    struct info_options opt = {0};
    enum dfota_exit status;

    dfota_report_start();
    if (dfota_options_parse(&program, argc, argv, &opt, &status))
        status = explain(&opt);
    return (int)dfota_report_finish(program.name, status);
}
