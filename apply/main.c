/* SPDX-License-Identifier: MIT */
/* dfota-apply - makes the new image from a package and the old image */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cli/options.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "dfota/job_apply.h"

struct apply_options {
    struct dfota_apply_request request;
    bool json;
    bool quiet;
};

#define FIELD(name) offsetof(struct apply_options, name)

static const struct dfota_operand operands[] = {
    {"PACKAGE", FIELD(request.package),
     "a DFOTA package, the .mini_1 of MiniFOTA with its .mini_2 beside it, or "
     "a BSDIFF40 patch"},
    {"OLD", FIELD(request.old_image),
     "the image that it was made for: of the whole flash, if it was made with "
     "a layout, or the folder of partition images, if it was made from "
     "folders"},
    {0},
};

static const struct dfota_option options[] = {
    {.letter = 'o',
     .argument = "NEW",
     .kind = DFOTA_OPTION_STRING,
     .required = true,
     .at = FIELD(request.out),
     .help = "the name of the new image, or of the new folder"},
    {.name = "json",
     .kind = DFOTA_OPTION_FLAG,
     .at = FIELD(json),
     .help = "print one JSON object instead of text"},
    {.letter = 'q',
     .kind = DFOTA_OPTION_FLAG,
     .at = FIELD(quiet),
     .help = "print nothing but errors, and the object of --json"},
    {0},
};

static const char *const examples[] = {
    "dfota-apply A01-A02.zip A01.bin -o A02.bin",
    "dfota-apply A01-A02.zip A01_folder -o A02_folder",
    "dfota-apply A01-A02.mini_1 A01.img -o A02.img",
    NULL,
};

static const struct dfota_program program = {
    "dfota-apply",
    "Make the new image from the old one, with the module's own applier and "
    "within the memory that the package states.",
    operands, options, examples};

static void print_image(const char *path, const struct dfota_digests *image,
                        const char *remark)
{
    char bytes[DFOTA_PRINT_BYTES_SIZE];

    fputs("image    ", stdout);
    dfota_print_text(stdout, path);
    printf("\n         %s%s\n", dfota_print_bytes(image->size, bytes), remark);
    dfota_print_digests(stdout, 9, image);
}

static void print_text(const struct dfota_applied *applied, const char *path)
{
    char bytes[DFOTA_PRINT_BYTES_SIZE];

    if (applied->file_count == 0)
        print_image(path, &applied->new_image, "");
    for (size_t i = 0; i < applied->file_count; i++)
        print_image(applied->files[i].name, &applied->files[i].new_image,
                    applied->files[i].changed ? "" : ", unchanged");
    if (applied->ram != 0)
        printf("memory   %s given to the applier\n",
               dfota_print_bytes(applied->ram, bytes));
}

/* A file of the folder at `path`. */
static void write_file(struct dfota_json_writer *json, const char *path,
                       const struct dfota_applied_file *file)
{
    bool slash = path[strlen(path) - 1] == '/';
    char joined[PATH_MAX];

    snprintf(joined, sizeof(joined), "%s%s%s", path, slash ? "" : "/",
             file->name);
    dfota_print_json_file(json, joined, &file->new_image);
}

static enum dfota_exit print_json(const struct dfota_applied *applied,
                                  const char *path)
{
    struct dfota_json_writer json = {0};

    dfota_json_begin_object(&json, NULL);
    dfota_json_string(&json, "type", dfota_type_name(applied->type));
    dfota_json_begin_array(&json, "files");
    if (applied->file_count == 0)
        dfota_print_json_file(&json, path, &applied->new_image);
    for (size_t i = 0; i < applied->file_count; i++)
        write_file(&json, path, &applied->files[i]);
    dfota_json_end(&json);
    if (applied->ram != 0)
        dfota_json_number(&json, "ram", applied->ram);
    else
        dfota_json_null(&json, "ram");
    dfota_json_end(&json);
    return dfota_report_json(program.name, &json);
}

static enum dfota_exit apply(struct apply_options *opt)
{
    struct dfota_progress_line line;
    struct dfota_applied applied = {0};
    struct dfota_fault fault = {0};
    enum dfota_error err;

    opt->request.progress =
        dfota_progress_begin(&line, program.name, opt->quiet);
    err = dfota_job_apply(&opt->request, &applied, &fault);
    dfota_progress_end(&line);
    if (err)
        return dfota_report_fault(program.name, &fault, opt->json);
    if (opt->json)
        return print_json(&applied, opt->request.out);
    if (!opt->quiet)
        print_text(&applied, opt->request.out);
    return DFOTA_EXIT_DONE;
}

int main(int argc, char **argv)
{
    struct apply_options opt = {0};
    enum dfota_exit status;

    dfota_report_start();
    if (dfota_options_parse(&program, argc, argv, &opt, &status))
        status = apply(&opt);
    return (int)dfota_report_finish(program.name, status);
}
