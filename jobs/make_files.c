/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "jobs/flash.h"
#include "jobs/making.h"
#include "lib/base/digest.h"
#include "lib/base/fault.h"
#include "lib/base/file.h"

/* Whether the bytes from `begin` to `end` are still those of the old image. */
static bool is_kept(const struct dfota_making *job, struct dfota_view made,
                    size_t begin, size_t end)
{
    return begin == end ||
           memcmp(made.data + begin, job->old.data + begin, end - begin) == 0;
}

static bool is_new_part(const struct dfota_making_part *part,
                        struct dfota_view made)
{
    return part->new.size == 0 || memcmp(made.data + part->address,
                                         part->new.data, part->new.size) == 0;
}

/*
 * Whether `made` is what the package is to make of the old image: new in all
 * parts, and in between, where there is a layout, as it was.
 */
static bool is_new_image(const struct dfota_making *job, struct dfota_view made)
{
    size_t at = 0;

    if (made.size != job->new.size)
        return false;
    for (size_t i = 0; i < job->part_count; i++) {
        const struct dfota_making_part *part = &job->parts[i];
        size_t begin = (size_t)part->address;

        if (!is_kept(job, made, at, begin) || !is_new_part(part, made))
            return false;
        at = begin + part->new.size;
    }
    return is_kept(job, made, at, made.size);
}

/* Reads the written files back and applies them to the old image. */
static enum dfota_error prove(struct dfota_making *job,
                              const struct dfota_output *outputs,
                              struct dfota_fault *fault)
{
    const char *second =
        job->made->file_count > 1 ? outputs[1].temporary : NULL;
    struct dfota_package package = {0};
    struct dfota_buffer made = {0};
    struct dfota_fault cause = {0};
    bool right = false;
    enum dfota_error err;

    dfota_making_report(job, "proving");
    err =
        dfota_package_open_pair(outputs[0].temporary, second, &package, &cause);
    if (!err)
        err = dfota_flash_update(&package, dfota_buffer_view(&job->old), &made,
                                 &cause);
    if (!err)
        right = is_new_image(job, dfota_buffer_view(&made));
    dfota_buffer_free(&made);
    dfota_package_close(&package);
    if (right)
        return DFOTA_OK;
    if (err == DFOTA_ERR_IO || err == DFOTA_ERR_MEMORY) {
        cause.input = job->made->files[0].path;
        if (fault != NULL)
            *fault = cause;
        return err;
    }
    return dfota_fail_detail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET,
                             "MAKE-4", "%s",
                             cause.rule != NULL ? cause.rule : "other bytes");
}

static enum dfota_error write_file(struct dfota_making *job, size_t index,
                                   struct dfota_output *output,
                                   struct dfota_fault *fault)
{
    struct dfota_made_file *file = &job->made->files[index];
    const struct dfota_buffer *package = &job->packages[index];
    enum dfota_error err;

    job->made->package_size += package->size;
    err = dfota_digest(package->data, package->size, &file->digests, fault);
    if (!err)
        err = dfota_output_open(output, file->path, fault);
    if (!err)
        err = dfota_output_write(output, package->data, package->size, fault);
    return err;
}

enum dfota_error dfota_make_files(struct dfota_making *job,
                                  struct dfota_fault *fault)
{
    struct dfota_output outputs[2] = {{0}};
    size_t count = job->made->file_count;
    enum dfota_error err = DFOTA_OK;

    for (size_t i = 0; i < count && !err; i++)
        err = write_file(job, i, &outputs[i], fault);
    if (!err)
        err = prove(job, outputs, fault);
    if (!err)
        err = dfota_output_commit_all(outputs, count, fault);
    if (err)
        dfota_fault_in(fault, job->made->files[0].path);
    for (size_t i = 0; i < count; i++)
        dfota_output_discard(&outputs[i]);
    return err;
}
