/* SPDX-License-Identifier: MIT */
#include "dfota/job.h"
#include "format/bsdiff40.h"
#include "jobs/package.h"
#include "jobs/trial.h"
#include "lib/base/digest.h"
#include "lib/base/fault.h"
#include "lib/base/file.h"

/* Everything one application holds while it runs. */
struct application {
    const struct dfota_apply_request *request;
    struct dfota_package package;
    struct dfota_buffer old;
    struct dfota_output output;
    struct dfota_applied applied;
};

static enum dfota_error write_output(void *context, const void *bytes,
                                     size_t size, struct dfota_fault *fault)
{
    return dfota_output_write(context, bytes, size, fault);
}

static enum dfota_error apply_delta(struct application *job,
                                    struct dfota_view delta, uint64_t offset,
                                    struct dfota_fault *fault)
{
    const struct dfota_sink sink = {write_output, &job->output};
    struct dfota_delta_header header;
    enum dfota_error err;

    err = dfota_trial_header(delta, &header, fault);
    if (!err)
        err = dfota_trial_apply(delta, dfota_buffer_view(&job->old), &sink,
                                &job->applied.new_image, fault);
    if (err) {
        dfota_package_shift(fault, offset);
        return err;
    }
    job->applied.type = DFOTA_TYPE_DFOTA;
    job->applied.ram = header.ram;
    return DFOTA_OK;
}

static enum dfota_error apply_zip(struct application *job,
                                  struct dfota_fault *fault)
{
    const struct dfota_zip *zip;
    enum dfota_error err = dfota_package_read_zip(&job->package, fault);

    if (err)
        return err;
    zip = job->package.zip;
    if (zip->manifest.partition_count != 1)
        return dfota_fail_detail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET,
                                 "APPLY-3", "%zu partitions",
                                 zip->manifest.partition_count);
    return apply_delta(job, zip->deltas[0].bytes, zip->deltas[0].offset, fault);
}

static enum dfota_error apply_bsdiff(struct application *job,
                                     struct dfota_fault *fault)
{
    struct dfota_buffer new = {0};
    enum dfota_error err;

    err = dfota_bsdiff40_apply(dfota_buffer_view(&job->package.file),
                               dfota_buffer_view(&job->old), DFOTA_IMAGE_MAX,
                               &new, fault);
    if (!err)
        err = dfota_digest(new.data, new.size, &job->applied.new_image, fault);
    if (!err)
        err = dfota_output_write(&job->output, new.data, new.size, fault);
    job->applied.type = DFOTA_TYPE_BSDIFF;
    dfota_buffer_free(&new);
    return err;
}

static enum dfota_error apply_package(struct application *job,
                                      struct dfota_fault *fault)
{
    switch (job->package.kind) {
    case DFOTA_PACKAGE_ZIP:
        return apply_zip(job, fault);
    case DFOTA_PACKAGE_DELTA:
        return apply_delta(job, dfota_buffer_view(&job->package.file), 0,
                           fault);
    case DFOTA_PACKAGE_BSDIFF:
        return apply_bsdiff(job, fault);
    case DFOTA_PACKAGE_FOREIGN:
        break;
    }
    return dfota_fail_detail(fault, DFOTA_ERR_FORMAT, 0, "APPLY-2", "%s",
                             job->package.description);
}

static enum dfota_error run(struct application *job, struct dfota_fault *fault)
{
    const struct dfota_apply_request *request = job->request;
    enum dfota_error err;

    if (dfota_file_same(request->out, request->old_image) ||
        dfota_file_same(request->out, request->package)) {
        dfota_fail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET, "APPLY-1");
        dfota_fault_in(fault, request->out);
        return DFOTA_ERR_REFUSED;
    }
    err = dfota_package_open(request->package, &job->package, fault);
    if (!err)
        err = dfota_file_read(request->old_image, DFOTA_IMAGE_MAX, &job->old,
                              fault);
    if (!err)
        err = dfota_output_open(&job->output, request->out, fault);
    if (!err)
        err = apply_package(job, fault);
    if (err) {
        dfota_fault_in(fault, request->package);
        return err;
    }
    return dfota_output_commit(&job->output, fault);
}

enum dfota_error dfota_job_apply(const struct dfota_apply_request *request,
                                 struct dfota_applied *out,
                                 struct dfota_fault *fault)
{
    struct application job = {.request = request};
    enum dfota_error err = run(&job, fault);

    if (!err)
        *out = job.applied;
    dfota_output_discard(&job.output);
    dfota_buffer_free(&job.old);
    dfota_package_close(&job.package);
    return err;
}
