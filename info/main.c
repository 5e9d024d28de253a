/* SPDX-License-Identifier: MIT */
/* dfota-info - says what a file is and holds */
#include <inttypes.h>
#include <stdio.h>

#include "cli/options.h"
#include "cli/print.h"
#include "cli/report.h"
#include "dfota/job.h"

struct info_options {
    struct dfota_explain_request request;
    bool explain;
    bool json;
};

#define FIELD(name)  offsetof(struct info_options, name)

#define LABEL_WIDTH  11 /* columns */
#define STREAM_COUNT 3

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

/* True where a package states the digests. */
static bool is_stated(const struct dfota_digests *digests)
{
    for (size_t i = 0; i < sizeof(digests->sha256); i++)
        if (digests->sha256[i] != 0)
            return true;
    return digests->size != 0;
}

static void print_line(const char *label, const char *text)
{
    printf("%-*s", LABEL_WIDTH, label);
    dfota_print_wrapped(stdout, LABEL_WIDTH, text);
}

static void print_bytes(const char *label, uint64_t count)
{
    char bytes[DFOTA_PRINT_BYTES_SIZE];

    print_line(label, dfota_print_bytes(count, bytes));
}

static void print_image(const char *label, uint64_t size,
                        const struct dfota_digests *digests, bool explain)
{
    print_bytes(label, size);
    if (explain && is_stated(digests))
        dfota_print_digests(stdout, LABEL_WIDTH, digests);
}

static void print_streams(const struct dfota_explained_delta *delta)
{
    char raw[DFOTA_PRINT_BYTES_SIZE];
    char coded[DFOTA_PRINT_BYTES_SIZE];

    for (size_t i = 0; i < STREAM_COUNT; i++) {
        const struct dfota_explained_stream *stream = &delta->streams[i];

        if (stream->name == NULL)
            continue;
        printf("%-*s%s: %s in %s (%s)\n", LABEL_WIDTH,
               i == 0 ? "  streams" : "", stream->name,
               dfota_print_bytes(stream->raw, raw),
               dfota_print_bytes(stream->coded, coded), stream->codec);
    }
}

static void print_work(const struct dfota_explained_work *work)
{
    char bytes[DFOTA_PRINT_BYTES_SIZE];

    printf("%-*s%s from the old image, in %" PRIu64 " ranges\n", LABEL_WIDTH,
           "  work", dfota_print_bytes(work->copied, bytes), work->copies);
    printf("%-*s%s of these corrected\n", LABEL_WIDTH, "",
           dfota_print_bytes(work->corrected, bytes));
    printf("%-*s%s sent whole\n", LABEL_WIDTH, "",
           dfota_print_bytes(work->literals, bytes));
}

static void print_delta(const struct dfota_explained_delta *delta, bool explain)
{
    char bytes[DFOTA_PRINT_BYTES_SIZE];

    if (delta->size == 0) {
        print_line("unchanged", delta->partition);
        print_image("  size", delta->old_size, &delta->old_image, explain);
        return;
    }
    print_line("delta", delta->partition);
    printf("%-*s%s at offset %" PRIu64 "\n", LABEL_WIDTH, "  size",
           dfota_print_bytes(delta->size, bytes), delta->offset);
    print_image("  old", delta->old_size, &delta->old_image, explain);
    print_image("  new", delta->new_size, &delta->new_image, explain);
    if (delta->ram != 0)
        print_bytes("  memory", delta->ram);
    if (explain)
        print_streams(delta);
    if (delta->counted)
        print_work(&delta->work);
}

static void print_frames(const struct dfota_explained *file)
{
    char raw[DFOTA_PRINT_BYTES_SIZE];
    char coded[DFOTA_PRINT_BYTES_SIZE];

    printf("%-*s%" PRIu64 ": %s of flash in %s of .mini_2\n", LABEL_WIDTH,
           "frames", file->frame_count,
           dfota_print_bytes(file->frames_raw, raw),
           dfota_print_bytes(file->frames_coded, coded));
}

static void print_text(const struct dfota_explained *file,
                       const struct info_options *opt)
{
    bool explain = opt->explain || opt->request.old_image != NULL;

    print_line("file", opt->request.file);
    printf("%-*s%s: ", LABEL_WIDTH, "kind", file->kind);
    dfota_print_text(stdout, file->description);
    putchar('\n');
    print_bytes("size", file->size);
    if (file->from[0] != '\0')
        print_line("from", file->from);
    if (file->to[0] != '\0')
        print_line("to", file->to);
    if (file->family != NULL)
        print_line("family", file->family);
    for (size_t i = 0; i < file->delta_count; i++)
        print_delta(&file->deltas[i], explain);
    if (file->frame_count != 0)
        print_frames(file);
}

static void write_image(struct dfota_json_writer *json, const char *key,
                        const struct dfota_digests *digests)
{
    if (is_stated(digests))
        dfota_print_json_digests(json, key, digests);
    else
        dfota_json_null(json, key);
}

static void write_streams(struct dfota_json_writer *json,
                          const struct dfota_explained_delta *delta)
{
    dfota_json_begin_array(json, "streams");
    for (size_t i = 0; i < STREAM_COUNT; i++) {
        const struct dfota_explained_stream *stream = &delta->streams[i];

        if (stream->name == NULL)
            continue;
        dfota_json_begin_object(json, NULL);
        dfota_json_string(json, "name", stream->name);
        dfota_json_string(json, "codec", stream->codec);
        dfota_json_number(json, "raw", stream->raw);
        dfota_json_number(json, "coded", stream->coded);
        dfota_json_end(json);
    }
    dfota_json_end(json);
}

static void write_work(struct dfota_json_writer *json,
                       const struct dfota_explained_delta *delta)
{
    if (!delta->counted) {
        dfota_json_null(json, "work");
        return;
    }
    dfota_json_begin_object(json, "work");
    dfota_json_number(json, "copies", delta->work.copies);
    dfota_json_number(json, "copied", delta->work.copied);
    dfota_json_number(json, "corrected", delta->work.corrected);
    dfota_json_number(json, "literals", delta->work.literals);
    dfota_json_end(json);
}

static void write_delta(struct dfota_json_writer *json,
                        const struct dfota_explained_delta *delta)
{
    dfota_json_begin_object(json, NULL);
    dfota_json_string(json, "partition", delta->partition);
    if (delta->size != 0)
        dfota_json_number(json, "offset", delta->offset);
    else
        dfota_json_null(json, "offset");
    dfota_json_number(json, "size", delta->size);
    dfota_json_number(json, "old_size", delta->old_size);
    dfota_json_number(json, "new_size", delta->new_size);
    if (delta->ram != 0)
        dfota_json_number(json, "ram", delta->ram);
    else
        dfota_json_null(json, "ram");
    write_image(json, "old", &delta->old_image);
    write_image(json, "new", &delta->new_image);
    write_streams(json, delta);
    write_work(json, delta);
    dfota_json_end(json);
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
        write_delta(&json, &file->deltas[i]);
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
