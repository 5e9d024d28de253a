/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "dfota/job.h"
#include "format/bsdiff40.h"
#include "format/dfota_zip.h"
#include "jobs/codecs.h"
#include "jobs/package.h"
#include "jobs/trial.h"
#include "lib/base/digest.h"
#include "lib/base/fault.h"
#include "lib/base/file.h"
#include "lib/base/parallel.h"
#include "lib/delta/delta.h"

#define RAM_DEFAULT ((uint32_t)256 << 10) /* bytes: LTE modules */

/* Everything one making holds while it runs. */
struct making {
    const struct dfota_make_request *request;
    struct dfota_made *made;
    struct dfota_buffer old;
    struct dfota_buffer new;
    struct dfota_buffer copies;
    struct dfota_buffer package;
    struct dfota_output output;
    enum dfota_error digest_errors[2];
};

const char *dfota_type_name(enum dfota_package_type type)
{
    static const char *const names[] = {[DFOTA_TYPE_AUTO] = "auto",
                                        [DFOTA_TYPE_DFOTA] = "dfota",
                                        [DFOTA_TYPE_BSDIFF] = "bsdiff"};

    return names[type];
}

void dfota_made_free(struct dfota_made *made)
{
    free(made->file.path);
    *made = (struct dfota_made){0};
}

static void report(const struct making *job, const char *step)
{
    if (job->request->progress.report != NULL)
        job->request->progress.report(job->request->progress.context, step, 0,
                                      1);
}

static bool ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text);
    size_t tail = strlen(suffix);

    return length >= tail && strcasecmp(text + length - tail, suffix) == 0;
}

/* Whether the last part of `path` has the extension of a MiniFOTA file. */
static bool has_mini_extension(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash != NULL ? slash : path, '.');

    return dot != NULL && strncasecmp(dot, ".mini", 5) == 0;
}

/* The name of the file to write, by the rules for its type. */
static enum dfota_error name_package(struct making *job,
                                     struct dfota_fault *fault)
{
    const char *out = job->request->out;
    bool plain = job->made->type == DFOTA_TYPE_BSDIFF ||
                 ends_with(out, ".zip") || ends_with(out, ".bin");
    size_t size = strlen(out) + sizeof(".zip");
    char *path = malloc(size);

    if (path == NULL)
        return dfota_fail_memory(fault);
    snprintf(path, size, "%s%s", out, plain ? "" : ".zip");
    job->made->file.path = path;
    if (has_mini_extension(out)) {
        dfota_fail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET, "MAKE-3");
        dfota_fault_in(fault, out);
        return DFOTA_ERR_REFUSED;
    }
    if (dfota_file_same(path, job->request->old_image) ||
        dfota_file_same(path, job->request->new_image)) {
        dfota_fail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET, "MAKE-2");
        dfota_fault_in(fault, path);
        return DFOTA_ERR_REFUSED;
    }
    return DFOTA_OK;
}

/* Task 0 digests the old image, task 1 the new one. */
static void digest_image(void *context, size_t index)
{
    struct making *job = context;
    const struct dfota_buffer *image = index == 0 ? &job->old : &job->new;
    struct dfota_digests *out =
        index == 0 ? &job->made->old_image : &job->made->new_image;

    job->digest_errors[index] =
        dfota_digest(image->data, image->size, out, NULL);
}

static enum dfota_error read_images(struct making *job,
                                    struct dfota_fault *fault)
{
    const struct dfota_make_request *request = job->request;
    enum dfota_error err;

    report(job, "reading");
    err =
        dfota_file_read(request->old_image, DFOTA_IMAGE_MAX, &job->old, fault);
    if (!err)
        err = dfota_file_read(request->new_image, DFOTA_IMAGE_MAX, &job->new,
                              fault);
    if (err)
        return err;
    dfota_parallel(request->threads, 2, digest_image, job);
    if (job->digest_errors[0] || job->digest_errors[1])
        return dfota_fail_memory(fault);
    if (!request->allow_same && job->old.size == job->new.size &&
        (job->old.size == 0 ||
         memcmp(job->old.data, job->new.data, job->old.size) == 0)) {
        dfota_fail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET, "MAKE-1");
        dfota_fault_in(fault, request->new_image);
        return DFOTA_ERR_REFUSED;
    }
    return DFOTA_OK;
}

/* The manifest of a package with one delta for one image. */
static enum dfota_error write_zip(struct making *job, struct dfota_view delta,
                                  const struct dfota_delta_header *header,
                                  struct dfota_fault *fault)
{
    struct dfota_manifest *manifest = calloc(1, sizeof(*manifest));
    struct dfota_manifest_partition *partition;
    enum dfota_error err;

    if (manifest == NULL)
        return dfota_fail_memory(fault);
    partition = &manifest->partitions[0];
    manifest->family = DFOTA_FAMILY_LTE_STANDARD_A;
    manifest->partition_count = 1;
    snprintf(partition->name, sizeof(partition->name), "%s",
             job->made->delta.partition);
    snprintf(partition->codec, sizeof(partition->codec), "%s",
             job->made->delta.codec);
    partition->old_image = job->made->old_image;
    partition->new_image = job->made->new_image;
    partition->ram = header->ram;
    err = dfota_digest(delta.data, delta.size, &partition->delta, fault);
    if (!err)
        err = dfota_zip_write(manifest, &delta, &job->package, fault);
    free(manifest);
    return err;
}

static enum dfota_error make_dfota(struct making *job,
                                   struct dfota_fault *fault)
{
    const struct dfota_make_request *request = job->request;
    uint64_t ram = request->ram != 0 ? request->ram : RAM_DEFAULT;
    const struct dfota_encode_options options = {
        .encoders = dfota_encoders(request->codec),
        .ram = ram < UINT32_MAX ? (uint32_t)ram : UINT32_MAX,
        .threads = request->threads,
    };
    const struct dfota_images images = {
        {dfota_buffer_view(&job->old), &job->made->old_image},
        {dfota_buffer_view(&job->new), &job->made->new_image},
    };
    struct dfota_made_delta *made = &job->made->delta;
    struct dfota_delta_header header;
    struct dfota_buffer delta = {0};
    enum dfota_error err;

    err = dfota_delta_write(&images, dfota_buffer_view(&job->copies), &options,
                            &delta, fault);
    if (!err)
        err = dfota_trial_header(dfota_buffer_view(&delta), &header, fault);
    if (!err) {
        snprintf(made->partition, sizeof(made->partition), "image");
        snprintf(made->codec, sizeof(made->codec), "%s",
                 dfota_delta_codec_name(&header));
        made->size = delta.size;
        made->ram = header.ram;
        err = write_zip(job, dfota_buffer_view(&delta), &header, fault);
    }
    dfota_buffer_free(&delta);
    return err;
}

static enum dfota_error make_bsdiff(struct making *job,
                                    struct dfota_fault *fault)
{
    const struct dfota_bsdiff40_images images = {dfota_buffer_view(&job->old),
                                                 dfota_buffer_view(&job->new)};
    struct dfota_made_delta *made = &job->made->delta;
    enum dfota_error err;

    err = dfota_bsdiff40_write(&images, (const void *)job->copies.data,
                               job->copies.size / sizeof(struct dfota_copy),
                               &job->package, fault);
    if (err)
        return err;
    snprintf(made->partition, sizeof(made->partition), "image");
    snprintf(made->codec, sizeof(made->codec), "bzip2");
    made->size = job->package.size;
    return DFOTA_OK;
}

/* Compares what an applier makes with the new image, as it comes. */
struct comparison {
    struct dfota_view expected; /* what is still to come */
};

static enum dfota_error compare(void *context, const void *bytes, size_t size,
                                struct dfota_fault *fault)
{
    struct comparison *comparison = context;
    struct dfota_view *expected = &comparison->expected;

    if (size == 0) /* nothing may have no address to compare */
        return DFOTA_OK;
    if (size > expected->size || memcmp(bytes, expected->data, size) != 0)
        return dfota_fail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET, "MAKE-4");
    expected->data += size;
    expected->size -= size;
    return DFOTA_OK;
}

/* Applies the package at hand to the old image. */
static enum dfota_error apply_package(const struct making *job,
                                      struct dfota_package *package,
                                      const struct dfota_sink *sink,
                                      struct dfota_fault *fault)
{
    struct dfota_view old = dfota_buffer_view(&job->old);
    struct dfota_buffer new = {0};
    struct dfota_digests made;
    enum dfota_error err;

    if (package->kind == DFOTA_PACKAGE_ZIP) {
        err = dfota_package_read_zip(package, fault);
        if (!err)
            err = dfota_trial_apply(package->zip->deltas[0].bytes, old, sink,
                                    &made, fault);
        return err;
    }
    err = dfota_bsdiff40_apply(dfota_buffer_view(&package->file), old,
                               DFOTA_IMAGE_MAX, &new, fault);
    if (!err)
        err = sink->write(sink->context, new.data, new.size, fault);
    dfota_buffer_free(&new);
    return err;
}

/* Reads the written file back and holds what it makes against the new image. */
static enum dfota_error prove(struct making *job, struct dfota_fault *fault)
{
    struct comparison comparison = {dfota_buffer_view(&job->new)};
    const struct dfota_sink sink = {compare, &comparison};
    struct dfota_package package = {0};
    struct dfota_fault cause = {0};
    enum dfota_error err;

    report(job, "proving");
    err = dfota_package_open(job->output.temporary, &package, &cause);
    if (!err)
        err = apply_package(job, &package, &sink, &cause);
    dfota_package_close(&package);
    if (!err && comparison.expected.size == 0)
        return DFOTA_OK;
    if (err == DFOTA_ERR_IO || err == DFOTA_ERR_MEMORY) {
        cause.input = job->made->file.path;
        if (fault != NULL)
            *fault = cause;
        return err;
    }
    return dfota_fail_detail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET,
                             "MAKE-4", "%s",
                             cause.rule != NULL ? cause.rule : "too short");
}

static enum dfota_error write_package(struct making *job,
                                      struct dfota_fault *fault)
{
    struct dfota_made_file *file = &job->made->file;
    const struct dfota_buffer *package = &job->package;
    enum dfota_error err;

    err = dfota_digest(package->data, package->size, &file->digests, fault);
    if (!err)
        err = dfota_output_open(&job->output, file->path, fault);
    if (!err)
        err = dfota_output_write(&job->output, package->data, package->size,
                                 fault);
    if (!err)
        err = prove(job, fault);
    if (!err)
        err = dfota_output_commit(&job->output, fault);
    if (err)
        dfota_fault_in(fault, file->path);
    return err;
}

static enum dfota_error run(struct making *job, struct dfota_fault *fault)
{
    enum dfota_error err = name_package(job, fault);

    if (!err)
        err = read_images(job, fault);
    if (err)
        return err;
    err = dfota_delta_find_copies(dfota_buffer_view(&job->old),
                                  dfota_buffer_view(&job->new),
                                  &job->request->progress, &job->copies, fault);
    if (err)
        return err;
    report(job, "coding");
    if (job->made->type == DFOTA_TYPE_BSDIFF)
        err = make_bsdiff(job, fault);
    else
        err = make_dfota(job, fault);
    if (!err)
        err = write_package(job, fault);
    return err;
}

static double seconds_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

enum dfota_error dfota_job_make(const struct dfota_make_request *request,
                                struct dfota_made *out,
                                struct dfota_fault *fault)
{
    struct making job = {.request = request, .made = out};
    double start = seconds_now();
    enum dfota_error err;

    *out = (struct dfota_made){.type = request->type};
    if (out->type == DFOTA_TYPE_AUTO)
        out->type = DFOTA_TYPE_DFOTA;
    err = run(&job, fault);
    out->seconds = seconds_now() - start;
    dfota_output_discard(&job.output);
    dfota_buffer_free(&job.package);
    dfota_buffer_free(&job.copies);
    dfota_buffer_free(&job.new);
    dfota_buffer_free(&job.old);
    return err;
}
