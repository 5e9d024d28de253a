/* SPDX-License-Identifier: MIT */
/* mkdelta - makes the package that turns one firmware image into another */
#include <stdio.h>

#include "cli/options.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "dfota/job.h"

struct make_options {
    struct dfota_make_request request;
    bool json;
    bool quiet;
    bool verbose;
};

#define FIELD(name) offsetof(struct make_options, name)

static const struct dfota_choice types[] = {
    {"auto", DFOTA_TYPE_AUTO},
    {"dfota", DFOTA_TYPE_DFOTA},
    {"bsdiff", DFOTA_TYPE_BSDIFF},
    {0},
};

static const struct dfota_choice codecs[] = {
    {"auto", DFOTA_CODEC_AUTO},
    {"stored", DFOTA_CODEC_STORED},
    {"zlib", DFOTA_CODEC_ZLIB},
    {"lzma", DFOTA_CODEC_LZMA},
    {0},
};

static const struct dfota_operand operands[] = {
    {"OLD", FIELD(request.old_image), "image that the modules run now"},
    {"NEW", FIELD(request.new_image), "image that they are to run"},
    {0},
};

static const struct dfota_option options[] = {
    {.letter = 'o',
     .argument = "OUT",
     .kind = DFOTA_OPTION_STRING,
     .required = true,
     .at = FIELD(request.out),
     .help = "the package's name; for a DFOTA package .zip is appended unless "
             "OUT ends in .zip or .bin"},
    {.name = "type",
     .kind = DFOTA_OPTION_CHOICE,
     .choices = types,
     .at = FIELD(request.type),
     .help = "the kind of package: a DFOTA package, or a plain BSDIFF40 patch "
             "[auto: DFOTA]"},
    {.name = "ram",
     .argument = "SIZE",
     .kind = DFOTA_OPTION_SIZE,
     .at = FIELD(request.ram),
     .help = "bytes of memory that the module has for patching, such as 64K or "
             "8M [256K]"},
    {.name = "codec",
     .kind = DFOTA_OPTION_CHOICE,
     .choices = codecs,
     .at = FIELD(request.codec),
     .help = "how a DFOTA package's delta is compressed [auto: whatever makes "
             "the smallest within the memory]"},
    {.name = "allow-same",
     .kind = DFOTA_OPTION_FLAG,
     .at = FIELD(request.allow_same),
     .help = "make a package though both images are the same"},
    {.letter = 'j',
     .argument = "N",
     .kind = DFOTA_OPTION_COUNT,
     .at = FIELD(request.threads),
     .help = "threads to work with; the package does not depend on it [one a "
             "processor]"},
    {.name = "json",
     .kind = DFOTA_OPTION_FLAG,
     .at = FIELD(json),
     .help = "print one JSON object instead of text"},
    {.letter = 'q',
     .kind = DFOTA_OPTION_FLAG,
     .at = FIELD(quiet),
     .help = "print nothing but errors, and the object of --json"},
    {.letter = 'v',
     .kind = DFOTA_OPTION_FLAG,
     .at = FIELD(verbose),
     .help = "print the digests of package and images too"},
    {0},
};

static const char *const examples[] = {
    "mkdelta A01.bin A02.bin -o A01-A02.zip",
    "mkdelta --type bsdiff A01.bin A02.bin -o A01-A02.patch",
    NULL,
};

static const struct dfota_program program = {
    "mkdelta",
    "Make the delta package that turns the firmware image OLD into NEW, and "
    "apply it once to see that it does.",
    operands, options, examples};

/* What part of the new image the package is; 0 for an empty image. */
static double ratio(const struct dfota_made *made)
{
    if (made->new_image.size == 0)
        return 0;
    return (double)made->file.digests.size / (double)made->new_image.size;
}

static void print_image(const char *label, const struct dfota_digests *image,
                        bool verbose)
{
    char bytes[DFOTA_PRINT_BYTES_SIZE];

    printf("%-9s%s\n", label, dfota_print_bytes(image->size, bytes));
    if (verbose)
        dfota_print_digests(stdout, 9, image);
}

static void print_text(const struct dfota_made *made, bool verbose)
{
    const struct dfota_made_delta *delta = &made->delta;
    char bytes[DFOTA_PRINT_BYTES_SIZE];

    fputs("package  ", stdout);
    dfota_print_text(stdout, made->file.path);
    printf(" (%s)\n         %s", dfota_type_name(made->type),
           dfota_print_bytes(made->file.digests.size, bytes));
    if (made->new_image.size != 0)
        printf(", %.2f %% of the new image", 100 * ratio(made));
    putchar('\n');
    if (verbose)
        dfota_print_digests(stdout, 9, &made->file.digests);
    print_image("old", &made->old_image, verbose);
    print_image("new", &made->new_image, verbose);
    printf("delta    %s: %s, %s\n", delta->partition,
           dfota_print_bytes(delta->size, bytes), delta->codec);
    if (delta->ram != 0)
        printf("memory   %s to apply it\n",
               dfota_print_bytes(delta->ram, bytes));
    printf("time     %.1f s\n", made->seconds);
}

static void write_delta(struct dfota_json_writer *json,
                        const struct dfota_made_delta *delta)
{
    dfota_json_begin_array(json, "deltas");
    dfota_json_begin_object(json, NULL);
    dfota_json_string(json, "partition", delta->partition);
    dfota_json_number(json, "size", delta->size);
    dfota_json_string(json, "codec", delta->codec);
    dfota_json_number(json, "ram", delta->ram);
    dfota_json_end(json);
    dfota_json_end(json);
}

static enum dfota_exit print_json(const struct dfota_made *made)
{
    struct dfota_json_writer json = {0};

    dfota_json_begin_object(&json, NULL);
    dfota_json_string(&json, "type", dfota_type_name(made->type));
    dfota_json_null(&json, "from");
    dfota_json_null(&json, "to");
    dfota_print_json_file(&json, made->file.path, &made->file.digests);
    dfota_print_json_digests(&json, "old", &made->old_image);
    dfota_print_json_digests(&json, "new", &made->new_image);
    write_delta(&json, &made->delta);
    if (made->new_image.size != 0)
        dfota_json_real(&json, "ratio", ratio(made));
    else
        dfota_json_null(&json, "ratio");
    dfota_json_real(&json, "seconds", made->seconds);
    dfota_json_begin_array(&json, "warnings");
    for (size_t i = 0; i < made->warning_count; i++)
        dfota_json_string(&json, NULL, made->warnings[i]);
    dfota_json_end(&json);
    dfota_json_end(&json);
    return dfota_report_json(program.name, &json);
}

static enum dfota_exit print_made(const struct dfota_made *made,
                                  const struct make_options *opt)
{
    for (size_t i = 0; i < made->warning_count && !opt->quiet; i++)
        dfota_report_warning(program.name, made->warnings[i]);
    if (opt->json)
        return print_json(made);
    if (!opt->quiet)
        print_text(made, opt->verbose);
    return DFOTA_EXIT_DONE;
}

static enum dfota_exit make(struct make_options *opt)
{
    struct dfota_progress_line line;
    struct dfota_made made = {0};
    struct dfota_fault fault = {0};
    enum dfota_exit status;
    enum dfota_error err;

    opt->request.progress =
        dfota_progress_begin(&line, program.name, opt->quiet);
    err = dfota_job_make(&opt->request, &made, &fault);
    dfota_progress_end(&line);
    if (err)
        status = dfota_report_fault(program.name, &fault, opt->json);
    else
        status = print_made(&made, opt);
    dfota_made_free(&made);
    return status;
}

int main(int argc, char **argv)
{
    struct make_options opt = {0};
    enum dfota_exit status;

    dfota_report_start();
    if (dfota_options_parse(&program, argc, argv, &opt, &status))
        status = make(&opt);
    return (int)dfota_report_finish(program.name, status);
}
