/* SPDX-License-Identifier: MIT */
#include "dfota/job.h"
#include "jobs/flash.h"
#include "jobs/trial.h"
#include "lib/base/digest.h"
#include "lib/base/fault.h"
#include "lib/base/file.h"

/* Everything one application holds while it runs. */
struct application {
    const struct dfota_apply_request *request;
    struct dfota_package package;
    struct dfota_buffer old;
    struct dfota_buffer new;
    struct dfota_output output;
};

static enum dfota_error refuse_output(const char *path,
                                      struct dfota_fault *fault)
{
    dfota_fail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET, "APPLY-1");
    dfota_fault_in(fault, path);
    return DFOTA_ERR_REFUSED;
}

static enum dfota_error read_inputs(struct application *job,
                                    struct dfota_fault *fault)
{
    const struct dfota_apply_request *request = job->request;
    enum dfota_error err;

    if (dfota_file_same(request->out, request->old_image) ||
        dfota_file_same(request->out, request->package))
        return refuse_output(request->out, fault);
    err = dfota_package_open(request->package, &job->package, fault);
    if (!err && job->package.second.present &&
        dfota_file_same(request->out, job->package.second.path))
        return refuse_output(request->out, fault);
    if (!err)
        err = dfota_file_read(request->old_image, DFOTA_IMAGE_MAX, &job->old,
                              fault);
    return err;
}

static enum dfota_error write_image(struct application *job,
                                    struct dfota_fault *fault)
{
    enum dfota_error err;

    err = dfota_output_open(&job->output, job->request->out, fault);
    if (!err)
        err = dfota_output_write(&job->output, job->new.data, job->new.size,
                                 fault);
    if (!err)
        err = dfota_output_commit(&job->output, fault);
    return err;
}

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
    enum dfota_error err = read_inputs(job, fault);

    if (!err)
        err = dfota_flash_update(&job->package, dfota_buffer_view(&job->old),
                                 &job->new, fault);
    if (!err)
        err = dfota_digest(job->new.data, job->new.size, &applied.new_image,
                           fault);
    if (!err)
        err = write_image(job, fault);
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

    if (err)
        dfota_package_keep_name(&job.package, fault);
    dfota_output_discard(&job.output);
    dfota_buffer_free(&job.new);
    dfota_buffer_free(&job.old);
    dfota_package_close(&job.package);
    return err;
}
