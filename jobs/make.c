/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "jobs/making.h"
#include "lib/base/fault.h"
#include "lib/base/file.h"

/* A delta of more than so many hundredths of the new image is worth a word. */
#define LARGE_PERCENT 70

const char *dfota_type_name(enum dfota_package_type type)
{
    static const char *const names[] = {
        [DFOTA_TYPE_AUTO] = "auto",
        [DFOTA_TYPE_DFOTA] = "dfota",
        [DFOTA_TYPE_MINI] = "mini",
        [DFOTA_TYPE_BSDIFF] = "bsdiff",
    };

    return names[type];
}

void dfota_made_free(struct dfota_made *made)
{
    free(made->files[0].path);
    free(made->files[1].path);
    free(made->layout);
    free(made->images);
    for (size_t i = 0; i < made->delta_count; i++)
        free(made->deltas[i].streams);
    free(made->deltas);
    *made = (struct dfota_made){0};
}

/* --- the identity ------------------------------------------------------- */

/* Warns of what is allowed, but most often a slip. */
static void judge_versions(struct dfota_making *job)
{
    const struct dfota_version *from = &job->identity.from;
    const struct dfota_version *to = &job->identity.to;
    enum dfota_method method = dfota_version_method(from);
    enum dfota_method made = job->made->type == DFOTA_TYPE_MINI
                                 ? DFOTA_METHOD_MINI
                                 : DFOTA_METHOD_DFOTA;

    if (dfota_version_compare(from, to) == 0)
        dfota_making_warn(job,
                          "both versions are %s: no module can tell old from "
                          "new",
                          from->text);
    if (from->model == NULL)
        dfota_making_warn(job, "%s is of no module that is known here",
                          from->text);
    if (method != DFOTA_METHOD_UNKNOWN && method != made)
        dfota_making_warn(job, "%s is updated by %s, which this package is not",
                          from->text, dfota_method_name(method));
    if (job->has_folders && from->model != NULL &&
        from->model->family != DFOTA_FAMILY_RG50X_RM5XX)
        dfota_making_warn(job,
                          "%s has one flash image, and no partitions that are "
                          "files",
                          from->text);
}

static enum dfota_error check_projects(struct dfota_making *job,
                                       struct dfota_fault *fault)
{
    const char *from = job->identity.from.project;
    const char *to = job->identity.to.project;

    if (strcmp(from, to) == 0)
        return DFOTA_OK;
    if (!job->request->force_project)
        return dfota_fail_detail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET,
                                 "MAKE-8", "%s, %s", from, to);
    dfota_making_warn(job, "from project %s to project %s", from, to);
    return DFOTA_OK;
}

static enum dfota_error find_identity(struct dfota_making *job,
                                      struct dfota_fault *fault)
{
    const struct dfota_make_request *request = job->request;
    const struct dfota_identity_source from = {
        request->from, request->old_image, &job->old_versions};
    const struct dfota_identity_source to = {request->to, request->new_image,
                                             &job->new_versions};
    struct dfota_identity *identity = &job->identity;
    enum dfota_error err;

    if (job->made->type == DFOTA_TYPE_BSDIFF) /* has no place for it */
        return DFOTA_OK;
    err = dfota_identity_find(&from, &to, identity, fault);
    if (err || !identity->known)
        return err;
    snprintf(job->made->from, sizeof(job->made->from), "%s",
             identity->from.text);
    snprintf(job->made->to, sizeof(job->made->to), "%s", identity->to.text);
    return check_projects(job, fault);
}

static enum dfota_error refuse_without_layout(const struct dfota_making *job,
                                              struct dfota_fault *fault)
{
    if (job->request->type == DFOTA_TYPE_MINI)
        return dfota_fail(fault, DFOTA_ERR_USAGE, DFOTA_NO_OFFSET, "MAKE-6");
    return dfota_fail_detail(fault, DFOTA_ERR_USAGE, DFOTA_NO_OFFSET, "MAKE-6",
                             "%s is updated by MiniFOTA",
                             job->identity.from.text);
}

/* The type that the version asks for, where none was requested. */
static enum dfota_error choose_type(struct dfota_making *job,
                                    struct dfota_fault *fault)
{
    const struct dfota_identity *identity = &job->identity;
    struct dfota_made *made = job->made;

    if (made->type == DFOTA_TYPE_AUTO)
        made->type = identity->known && dfota_version_method(&identity->from) ==
                                            DFOTA_METHOD_MINI
                         ? DFOTA_TYPE_MINI
                         : DFOTA_TYPE_DFOTA;
    if (made->type == DFOTA_TYPE_MINI && !job->has_layout)
        return refuse_without_layout(job, fault);
    if (made->type == DFOTA_TYPE_MINI && !identity->known)
        return dfota_fail_detail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET,
                                 "MAKE-7", "%s", identity->reason);
    if (identity->known)
        judge_versions(job);
    else if (made->type == DFOTA_TYPE_DFOTA)
        dfota_making_warn(job,
                          "no identity, so that no module can check "
                          "project and version: %s",
                          identity->reason);
    return DFOTA_OK;
}

/* --- the names ---------------------------------------------------------- */

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

/* Whether `path` is an image that the package is made from. */
static bool is_input(const struct dfota_making *job, const char *path)
{
    if (dfota_file_same(path, job->request->old_image) ||
        dfota_file_same(path, job->request->new_image))
        return true;
    for (size_t i = 0; i < job->old_folder.count; i++)
        if (dfota_file_same(path, job->old_folder.parts[i].path) ||
            dfota_file_same(path, job->new_folder.parts[i].path))
            return true;
    return false;
}

/* Notes a file: the first `stem` bytes of the name asked for, and `suffix`. */
static enum dfota_error add_file(struct dfota_making *job, size_t stem,
                                 const char *suffix, struct dfota_fault *fault)
{
    const struct dfota_make_request *request = job->request;
    size_t size = stem + strlen(suffix) + 1;
    char *path = malloc(size);

    if (path == NULL)
        return dfota_fail_memory(fault);
    memcpy(path, request->out, stem);
    memcpy(path + stem, suffix, strlen(suffix) + 1);
    job->made->files[job->made->file_count++].path = path;
    if (!is_input(job, path))
        return DFOTA_OK;
    dfota_fail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET, "MAKE-2");
    dfota_fault_in(fault, path);
    return DFOTA_ERR_REFUSED;
}

static enum dfota_error name_files(struct dfota_making *job,
                                   struct dfota_fault *fault)
{
    const char *out = job->request->out;
    size_t length = strlen(out);
    enum dfota_error err;

    if (job->made->type == DFOTA_TYPE_BSDIFF)
        return add_file(job, length, "", fault);
    if (job->made->type == DFOTA_TYPE_MINI) {
        size_t stem = length - (ends_with(out, ".mini_1") ? 7 : 0);

        err = add_file(job, stem, ".mini_1", fault);
        return err ? err : add_file(job, stem, ".mini_2", fault);
    }
    if (has_mini_extension(out)) {
        dfota_fail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET, "MAKE-3");
        dfota_fault_in(fault, out);
        return DFOTA_ERR_REFUSED;
    }
    if (ends_with(out, ".zip") || ends_with(out, ".bin"))
        return add_file(job, length, "", fault);
    return add_file(job, length, ".zip", fault);
}

/* --- the whole ---------------------------------------------------------- */

static enum dfota_error make_package(struct dfota_making *job,
                                     struct dfota_fault *fault)
{
    switch (job->made->type) {
    case DFOTA_TYPE_BSDIFF:
        return dfota_make_bsdiff(job, fault);
    case DFOTA_TYPE_MINI:
        return dfota_make_mini(job, fault);
    case DFOTA_TYPE_DFOTA:
    case DFOTA_TYPE_AUTO:
        break;
    }
    return dfota_make_dfota(job, fault);
}

/* Warns of deltas that are nearly as large as what they make. */
static void judge_sizes(struct dfota_making *job)
{
    const struct dfota_made *made = job->made;

    for (size_t i = 0; i < made->delta_count; i++) {
        const struct dfota_made_delta *delta = &made->deltas[i];
        uint64_t new_size = 0;

        for (size_t k = 0; k < made->image_count; k++)
            if (strcmp(made->images[k].partition, delta->partition) == 0)
                new_size = made->images[k].new_image.size;
        if (delta->size * 100 > new_size * LARGE_PERCENT && new_size > 0)
            dfota_making_warn(
                job,
                "the delta of %s has %llu %% of the new image's "
                "size: do the images belong together?",
                delta->partition,
                (unsigned long long)(delta->size * 100 / new_size));
    }
}

static enum dfota_error run(struct dfota_making *job, struct dfota_fault *fault)
{
    enum dfota_error err = dfota_making_read(job, fault);

    if (!err)
        err = find_identity(job, fault);
    if (!err)
        err = choose_type(job, fault);
    if (!err)
        err = name_files(job, fault);
    if (!err)
        err = make_package(job, fault);
    if (!err)
        err = dfota_making_wait(job, fault);
    if (!err)
        err = dfota_make_files(job, fault);
    if (!err)
        judge_sizes(job);
    if (!err)
        dfota_making_warn_bound(job);
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
    struct dfota_making *job = calloc(1, sizeof(*job));
    double start = seconds_now();
    enum dfota_error err;

    *out = (struct dfota_made){.type = request->type};
    if (job == NULL)
        return dfota_fail_memory(fault);
    job->request = request;
    job->made = out;
    err = run(job, fault);
    if (err) {
        dfota_folder_keep_name(&job->old_folder, fault);
        dfota_folder_keep_name(&job->new_folder, fault);
    }
    dfota_background_end(&job->digesting); /* before images go */
    out->seconds = seconds_now() - start;
    dfota_buffer_free(&job->packages[0]);
    dfota_buffer_free(&job->packages[1]);
    dfota_held_free(&job->new);
    dfota_held_free(&job->old);
    dfota_spills_close(job->spills);
    dfota_folder_close(&job->new_folder);
    dfota_folder_close(&job->old_folder);
    free(job);
    return err;
}
