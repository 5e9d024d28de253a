/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dfota/job_apply.h"
#include "jobs/flash.h"
#include "jobs/stored.h"
#include "lib/base/fault.h"
#include "lib/base/file.h"
#include "lib/base/output_folder.h"

/* Everything one application holds while it runs. */
struct application {
    const struct dfota_apply_request *request;
    struct dfota_package package;
    struct dfota_stored old;
    struct dfota_output output;
    struct dfota_output_folder folder;
};

static enum dfota_error refuse(const char *path, const char *rule,
                               const char *detail, struct dfota_fault *fault)
{
    dfota_fail_detail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET, rule, "%s",
                      detail);
    dfota_fault_in(fault, path);
    return DFOTA_ERR_REFUSED;
}

static enum dfota_error open_inputs(struct application *job,
                                    struct dfota_fault *fault)
{
    const struct dfota_apply_request *request = job->request;
    enum dfota_error err;

    if (dfota_file_same(request->out, request->old_image) ||
        dfota_file_same(request->out, request->package))
        return refuse(request->out, "APPLY-1", "", fault);
    err = dfota_package_open(request->package, &job->package, fault);
    if (!err && job->package.second.present &&
        dfota_file_same(request->out, job->package.second.path))
        return refuse(request->out, "APPLY-1", "", fault);
    return err ? err : dfota_stored_open(request->old_image, &job->old, fault);
}

/* --- a file --------------------------------------------------------------- */

static enum dfota_error write_file(void *context, const void *bytes,
                                   size_t size, struct dfota_fault *fault)
{
    struct application *job = context;

    return dfota_output_write(&job->output, bytes, size, fault);
}

static enum dfota_error make_file(struct application *job,
                                  struct dfota_applied *out,
                                  struct dfota_fault *fault)
{
    const struct dfota_source old = dfota_source_of_input(&job->old.file);
    const struct dfota_sink new = {write_file, job};
    enum dfota_error err =
        dfota_output_open(&job->output, job->request->out, fault);

    if (!err)
        err = dfota_flash_update(&job->package, &old, &new, &out->new_image,
                                 fault);
    if (!err)
        err = dfota_stored_check(&job->old, fault);
    if (!err)
        err = dfota_output_commit(&job->output, fault);
    return err;
}

/* --- a folder ------------------------------------------------------------- */

static enum dfota_error write_part(void *context, const void *bytes,
                                   size_t size, struct dfota_fault *fault)
{
    return dfota_output_write(context, bytes, size, fault);
}

/* Makes the new image of partition `index` at `path`, in the new folder. */
static enum dfota_error make_part(struct application *job, size_t index,
                                  const char *path, struct dfota_digests *made,
                                  struct dfota_fault *fault)
{
    struct dfota_output output = {0};
    struct dfota_flash_update update = {.new = {write_part, &output}};
    enum dfota_error err;

    dfota_stored_part(&job->old, &job->package.zip->manifest.partitions[index],
                      &update.old);
    err = dfota_output_open(&output, path, fault);
    if (!err)
        err = dfota_flash_update_part(&job->package, index, &update, fault);
    if (!err)
        err = dfota_output_commit(&output, fault);
    if (!err)
        *made = update.made;
    dfota_output_discard(&output);
    return err;
}

/* The same under the name of the old image, for a fault to outlive it. */
static enum dfota_error add_part(struct application *job, size_t index,
                                 struct dfota_applied *out,
                                 struct dfota_fault *fault)
{
    const struct dfota_manifest_partition *partition =
        &job->package.zip->manifest.partitions[index];
    struct dfota_applied_file *file = &out->files[out->file_count++];
    size_t size;
    char *path;
    enum dfota_error err;

    snprintf(file->name, sizeof(file->name), "%s",
             dfota_folder_file_name(
                 dfota_folder_find(&job->old.folder, partition->name)));
    file->changed = !partition->unchanged;
    size = strlen(job->folder.temporary) + sizeof(file->name) + 1;
    path = malloc(size);
    if (path == NULL)
        return dfota_fail_memory(fault);
    snprintf(path, size, "%s/%s", job->folder.temporary, file->name);
    err = make_part(job, index, path, &file->new_image, fault);
    if (err && fault != NULL && fault->input == path) {
        fault->input = job->request->out;
        snprintf(fault->detail, sizeof(fault->detail), "%.100s", file->name);
    }
    free(path);
    return err;
}

/* Refuses to take the place of what is no folder of partition images. */
static enum dfota_error check_place(const struct application *job,
                                    struct dfota_fault *fault)
{
    const char *out = job->request->out;
    struct dfota_folder there = {0};
    struct dfota_fault cause = {0};
    enum dfota_error err;

    if (!dfota_folder_is(out))
        return DFOTA_OK;
    err = dfota_folder_open(out, true, &there, &cause);
    dfota_folder_close(&there);
    if (err == DFOTA_ERR_REFUSED)
        return refuse(out, "APPLY-6", cause.detail, fault);
    if (err && fault != NULL)
        *fault = cause;
    return err;
}

static enum dfota_error check_partitions(struct application *job,
                                         struct dfota_fault *fault)
{
    const char *odd;

    if (job->package.kind != DFOTA_PACKAGE_ZIP)
        return refuse(job->package.path, "APPLY-5", job->package.description,
                      fault);
    odd = dfota_folder_odd_one(&job->old.folder, &job->package.zip->manifest);
    return odd == NULL ? DFOTA_OK
                       : refuse(job->old.folder.path, "DIR-5", odd, fault);
}

static enum dfota_error make_folder(struct application *job,
                                    struct dfota_applied *out,
                                    struct dfota_fault *fault)
{
    enum dfota_error err = dfota_package_read(&job->package, fault);

    if (!err)
        err = check_partitions(job, fault);
    if (!err)
        err = check_place(job, fault);
    if (!err)
        err = dfota_output_folder_open(&job->folder, job->request->out, fault);
    for (size_t i = 0; !err && i < job->package.zip->manifest.partition_count;
         i++)
        err = add_part(job, i, out, fault);
    if (!err)
        err = dfota_stored_check(&job->old, fault);
    if (!err)
        err = dfota_output_folder_commit(&job->folder, fault);
    return err;
}

/* --- both ----------------------------------------------------------------- */

/* What kind of package it was, and the memory that its applier was given. */
static void describe(const struct dfota_package *package,
                     struct dfota_applied *out)
{
    struct dfota_delta_header header;

    out->type = DFOTA_TYPE_DFOTA;
    out->ram = 0;
    if (package->kind == DFOTA_PACKAGE_BSDIFF) {
        out->type = DFOTA_TYPE_BSDIFF;
    } else if (package->kind == DFOTA_PACKAGE_MINI) {
        out->type = DFOTA_TYPE_MINI;
        out->ram = package->mini->first.header.ram;
    } else if (package->kind == DFOTA_PACKAGE_DELTA) {
        if (!dfota_trial_header(dfota_buffer_view(&package->file), &header,
                                NULL))
            out->ram = header.ram;
    } else {
        const struct dfota_manifest *manifest = &package->zip->manifest;

        for (size_t i = 0; i < manifest->partition_count; i++)
            if (manifest->partitions[i].ram > out->ram)
                out->ram = manifest->partitions[i].ram;
    }
}

static enum dfota_error run(struct application *job, struct dfota_applied *out,
                            struct dfota_fault *fault)
{
    struct dfota_applied applied = {0};
    enum dfota_error err = open_inputs(job, fault);

    if (!err && job->old.is_folder)
        err = make_folder(job, &applied, fault);
    else if (!err)
        err = make_file(job, &applied, fault);
    if (err)
        return err;
    describe(&job->package, &applied);
    *out = applied;
    return DFOTA_OK;
}

enum dfota_error dfota_job_apply(const struct dfota_apply_request *request,
                                 struct dfota_applied *out,
                                 struct dfota_fault *fault)
{
    struct application job = {.request = request};
    enum dfota_error err = run(&job, out, fault);

    if (err) {
        dfota_package_keep_name(&job.package, fault);
        dfota_stored_keep_name(&job.old, fault);
    }
    dfota_output_folder_discard(&job.folder);
    dfota_output_discard(&job.output);
    dfota_stored_close(&job.old);
    dfota_package_close(&job.package);
    return err;
}
