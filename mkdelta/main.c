/* SPDX-License-Identifier: MIT */
/* mkdelta - makes the package that turns one firmware image into another */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/options.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "dfota/job_make.h"

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
    {"mini", DFOTA_TYPE_MINI},
    {"bsdiff", DFOTA_TYPE_BSDIFF},
    {0},
};

static const struct dfota_choice codecs[] = {
    {"auto", DFOTA_CODEC_AUTO},   {"stored", DFOTA_CODEC_STORED},
    {"zlib", DFOTA_CODEC_ZLIB},   {"lzma", DFOTA_CODEC_LZMA},
    {"mixed", DFOTA_CODEC_MIXED}, {0},
};

static const struct dfota_operand operands[] = {
    {"OLD", FIELD(request.old_image),
     "image that the modules run now; for RG and RM modules a folder of "
     "partition images: modem, system, boot, sbl and tz, with any extension"},
    {"NEW", FIELD(request.new_image), "what they are to run, likewise"},
    {0},
};

static const struct dfota_option options[] = {
    {.letter = 'o',
     .argument = "OUT",
     .kind = DFOTA_OPTION_STRING,
     .required = true,
     .at = FIELD(request.out),
     .help = "the package's name; for a DFOTA package .zip is appended unless "
             "OUT ends in .zip or .bin; for MiniFOTA OUT.mini_1 and OUT.mini_2 "
             "are written"},
    {.name = "type",
     .kind = DFOTA_OPTION_CHOICE,
     .choices = types,
     .at = FIELD(request.type),
     .help = "the kind of package: DFOTA, MiniFOTA, or a plain BSDIFF40 patch "
             "[auto: by model and flash size in the version]"},
    {.name = "from",
     .argument = "VERSION",
     .kind = DFOTA_OPTION_STRING,
     .at = FIELD(request.from),
     .help = "firmware version of OLD [the only one found in it]"},
    {.name = "to",
     .argument = "VERSION",
     .kind = DFOTA_OPTION_STRING,
     .at = FIELD(request.to),
     .help = "firmware version of NEW [the only one found in it]"},
    {.name = "layout",
     .argument = "FILE",
     .kind = DFOTA_OPTION_STRING,
     .at = FIELD(request.layout),
     .help = "flash layout in JSON [layout.json beside NEW, if there]"},
    {.name = "ram",
     .argument = "SIZE",
     .kind = DFOTA_OPTION_SIZE,
     .at = FIELD(request.ram),
     .help = "bytes of memory that the module has for patching, such as 64K or "
             "8M [64M for RG and RM modules, otherwise 256K]"},
    {.name = "memory",
     .argument = "SIZE",
     .kind = DFOTA_OPTION_SIZE,
     .at = FIELD(request.memory),
     .help = "bytes of memory that making the package may take; where more "
             "would be of use, the package is larger and there is a warning "
             "[no bound]"},
    {.name = "codec",
     .kind = DFOTA_OPTION_CHOICE,
     .choices = codecs,
     .at = FIELD(request.codec),
     .help = "how deltas, and the frames of MiniFOTA, are compressed [auto: "
             "whatever makes the smallest within the memory]"},
    {.name = "allow-same",
     .kind = DFOTA_OPTION_FLAG,
     .at = FIELD(request.allow_same),
     .help = "make a package though both images are the same"},
    {.name = "force-project",
     .kind = DFOTA_OPTION_FLAG,
     .at = FIELD(request.force_project),
     .help = "make a package though OLD and NEW are of different projects"},
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
    "mkdelta --layout layout.json A01.img A02.img -o A01-A02",
    "mkdelta A01_folder A02_folder -o A01-A02.zip",
    "mkdelta --type bsdiff A01.bin A02.bin -o A01-A02.patch",
    NULL,
};

static const struct dfota_program program = {
    "mkdelta",
    "Make the delta package that turns the firmware image OLD into NEW, and "
    "apply it once to see that it does.",
    operands, options, examples};

/* What part of the new images the package is; 0 where these are empty. */
static double ratio(const struct dfota_made *made)
{
    if (made->new_size == 0)
        return 0;
    return (double)made->package_size / (double)made->new_size;
}

static void print_file(const struct dfota_made_file *file, bool verbose)
{
    char bytes[DFOTA_PRINT_BYTES_SIZE];

    fputs("package  ", stdout);
    dfota_print_text(stdout, file->path);
    printf("\n         %s\n", dfota_print_bytes(file->digests.size, bytes));
    if (verbose)
        dfota_print_digests(stdout, 9, &file->digests);
}

static void print_image(const char *label, const char *partition,
                        const struct dfota_digests *image, bool verbose)
{
    char bytes[DFOTA_PRINT_BYTES_SIZE];

    printf("%-9s%s: %s\n", label, partition,
           dfota_print_bytes(image->size, bytes));
    if (verbose)
        dfota_print_digests(stdout, 9, image);
}

/* Whether there is no delta for a partition, since nothing in it changes. */
static bool is_kept(const struct dfota_made *made, size_t image)
{
    if (made->type != DFOTA_TYPE_DFOTA)
        return false;
    for (size_t i = 0; i < made->delta_count; i++)
        if (strcmp(made->deltas[i].partition, made->images[image].partition) ==
            0)
            return false;
    return true;
}

static void print_delta(const struct dfota_made_delta *delta)
{
    char bytes[DFOTA_PRINT_BYTES_SIZE];

    printf("delta    %s: %s, %s", delta->partition,
           dfota_print_bytes(delta->size, bytes), delta->codec);
    if (delta->ram != 0)
        printf(", %s of memory to apply it",
               dfota_print_bytes(delta->ram, bytes));
    putchar('\n');
    if (delta->use.segment == 0)
        return;
    printf("         in place: each sector erased once, %s of scratch",
           dfota_print_bytes(delta->use.scratch, bytes));
    printf(" %llu times\n", (unsigned long long)delta->use.segments);
}

static uint64_t count_fates(const struct dfota_made_delta *delta,
                            enum dfota_packed_fate fate)
{
    uint64_t count = 0;

    for (size_t i = 0; i < delta->stream_count; i++)
        count += delta->streams[i].fate == fate;
    return count;
}

/* Compressed streams that were found, and why some are left alone. */
static void print_streams(const struct dfota_made_delta *delta)
{
    const char *between = "";

    if (delta->stream_count == 0)
        return;
    printf("streams  %s: ", delta->partition);
    for (int i = 0; i < DFOTA_PACKED_FATES; i++) {
        uint64_t count = count_fates(delta, (enum dfota_packed_fate)i);

        if (count == 0)
            continue;
        printf("%s%" PRIu64 " %s", between, count,
               dfota_print_fate((enum dfota_packed_fate)i));
        between = ", ";
    }
    putchar('\n');
    dfota_print_left_packed("", 9, delta->streams, delta->stream_count);
}

static void print_text(const struct dfota_made *made, bool verbose)
{
    printf("type     %s", dfota_type_name(made->type));
    if (made->new_size != 0)
        printf(", %.2f %% of the new image%s", 100 * ratio(made),
               made->image_count > 1 ? "s" : "");
    putchar('\n');
    for (size_t i = 0; i < made->file_count; i++)
        print_file(&made->files[i], verbose);
    if (made->from[0] != '\0')
        printf("from     %s\nto       %s\n", made->from, made->to);
    for (size_t i = 0; i < made->image_count; i++) {
        const struct dfota_made_image *image = &made->images[i];

        if (is_kept(made, i)) {
            print_image("same", image->partition, &image->old_image, verbose);
            continue;
        }
        print_image("old", image->partition, &image->old_image, verbose);
        print_image("new", image->partition, &image->new_image, verbose);
    }
    for (size_t i = 0; i < made->delta_count; i++)
        print_delta(&made->deltas[i]);
    for (size_t i = 0; verbose && i < made->delta_count; i++)
        print_streams(&made->deltas[i]);
    printf("time     %.1f s\n", made->seconds);
}

static void write_files(struct dfota_json_writer *json,
                        const struct dfota_made *made)
{
    dfota_json_begin_array(json, "files");
    for (size_t i = 0; i < made->file_count; i++)
        dfota_print_json_file(json, made->files[i].path,
                              &made->files[i].digests);
    dfota_json_end(json);
}

/* An object of digests by partition, or the digests of the only image. */
static void write_images(struct dfota_json_writer *json,
                         const struct dfota_made *made, const char *key,
                         size_t at)
{
    bool whole = strcmp(made->images[0].partition, "image") == 0;

    if (!whole)
        dfota_json_begin_object(json, key);
    for (size_t i = 0; i < made->image_count; i++) {
        const char *image = (const char *)&made->images[i];

        dfota_print_json_digests(
            json, whole ? key : made->images[i].partition,
            (const struct dfota_digests *)(const void *)(image + at));
    }
    if (!whole)
        dfota_json_end(json);
}

static void write_deltas(struct dfota_json_writer *json,
                         const struct dfota_made *made)
{
    dfota_json_begin_array(json, "deltas");
    for (size_t i = 0; i < made->delta_count; i++) {
        const struct dfota_made_delta *delta = &made->deltas[i];

        dfota_json_begin_object(json, NULL);
        dfota_json_string(json, "partition", delta->partition);
        dfota_json_number(json, "size", delta->size);
        dfota_json_string(json, "codec", delta->codec);
        dfota_json_number(json, "ram", delta->ram);
        dfota_json_number(json, "unpacked",
                          count_fates(delta, DFOTA_PACKED_UNPACKED));
        dfota_print_json_streams(json, delta->streams, delta->stream_count);
        dfota_print_json_use(json, &delta->use);
        dfota_json_end(json);
    }
    dfota_json_end(json);
}

static enum dfota_exit print_json(const struct dfota_made *made)
{
    bool known = made->from[0] != '\0';
    struct dfota_json_writer json = {0};

    dfota_json_begin_object(&json, NULL);
    dfota_json_string(&json, "type", dfota_type_name(made->type));
    dfota_json_string(&json, "from", known ? made->from : NULL);
    dfota_json_string(&json, "to", known ? made->to : NULL);
    dfota_json_string(&json, "layout", made->layout);
    write_files(&json, made);
    write_images(&json, made, "old",
                 offsetof(struct dfota_made_image, old_image));
    write_images(&json, made, "new",
                 offsetof(struct dfota_made_image, new_image));
    write_deltas(&json, made);
    if (made->new_size != 0)
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

/* Names the layout that nobody asked for: it may explain a refusal as well. */
static void tell_layout(const struct dfota_made *made,
                        const struct make_options *opt)
{
    if (made->layout == NULL || opt->request.layout != NULL || opt->quiet)
        return;
    fprintf(stderr, "%s: using the layout ", program.name);
    dfota_print_text(stderr, made->layout);
    fputc('\n', stderr);
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
    tell_layout(&made, opt);
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
