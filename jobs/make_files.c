/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "jobs/flash.h"
#include "jobs/making.h"
#include "lib/base/digest.h"
#include "lib/base/fault.h"
#include "lib/base/file.h"
#include "lib/base/spill.h"

/* --- what the package makes ----------------------------------------------- */

/* How far the package has made what it is to make of the old image. */
struct proof {
    const struct dfota_making *job;
    uint64_t at; /* bytes made */
    bool right;  /* and as they should be */
};

/* The part that byte `at` of the image is in, or the next one; the count of
 * parts behind the last. */
static size_t part_at(const struct dfota_making *job, uint64_t at)
{
    size_t i = 0;

    while (i < job->part_count &&
           job->parts[i].address + job->parts[i].new.size <= at)
        i++;
    return i;
}

/*
 * Compares made bytes with the new image in all parts, and in between, where
 * there is a layout, with the old one.
 */
static enum dfota_error compare_made(void *context, const void *bytes,
                                     size_t size, struct dfota_fault *fault)
{
    struct proof *proof = context;
    const struct dfota_making *job = proof->job;
    const uint8_t *next = bytes;

    (void)fault;
    dfota_spills_look_at(proof->at, size);
    proof->right &= size <= job->new.view.size - proof->at;
    while (size > 0 && proof->right) {
        size_t i = part_at(job, proof->at);
        const struct dfota_making_part *part = &job->parts[i];
        bool in_part = i < job->part_count && proof->at >= part->address;
        uint64_t end = i == job->part_count ? job->new.view.size
                       : in_part            ? part->address + part->new.size
                                            : part->address;
        size_t step = end - proof->at < size ? (size_t)(end - proof->at) : size;
        const uint8_t *wanted =
            in_part ? part->new.data + (proof->at - part->address)
                    : job->old.view.data + proof->at;

        proof->right = memcmp(next, wanted, step) == 0;
        proof->at += step;
        next += step;
        size -= step;
    }
    return DFOTA_OK;
}

static enum dfota_error prove_image(const struct dfota_making *job,
                                    struct dfota_package *package, bool *right,
                                    struct dfota_fault *fault)
{
    const struct dfota_source old = dfota_source_of_view(&job->old.view);
    struct proof proof = {job, 0, true};
    const struct dfota_sink new = {compare_made, &proof};
    enum dfota_error err = dfota_flash_update(package, &old, &new, NULL, fault);

    *right = !err && proof.right && proof.at == job->new.view.size;
    return err;
}

/* Of folders the digests are compared: no image is in memory. */
static enum dfota_error prove_folder(const struct dfota_making *job,
                                     struct dfota_package *package, bool *right,
                                     struct dfota_fault *fault)
{
    enum dfota_error err = dfota_package_read(package, fault);

    *right = !err && package->zip->manifest.partition_count == job->part_count;
    for (size_t i = 0; i < job->part_count && *right; i++) {
        struct dfota_input *file = job->parts[i].old_file;
        struct dfota_flash_update update = {.old = dfota_source_of_input(file),
                                            .new = dfota_sink_nowhere};

        err = dfota_flash_update_part(package, i, &update, fault);
        *right = !err && dfota_digests_same(&update.made,
                                            &job->made->images[i].new_image);
        if (dfota_input_check(file, NULL)) /* then it may explain the rest */
            err = dfota_input_check(file, fault);
        *right &= !err;
    }
    return err;
}

/* Reads the written files back and applies them to the old image. */
static enum dfota_error prove(struct dfota_making *job,
                              const struct dfota_output *outputs,
                              struct dfota_fault *fault)
{
    const char *second =
        job->made->file_count > 1 ? outputs[1].temporary : NULL;
    struct dfota_package package = {0};
    struct dfota_fault cause = {0};
    bool right = false;
    enum dfota_error err;

    dfota_making_report(job, "proving");
    err =
        dfota_package_open_pair(outputs[0].temporary, second, &package, &cause);
    if (!err && job->has_folders)
        err = prove_folder(job, &package, &right, &cause);
    else if (!err)
        err = prove_image(job, &package, &right, &cause);
    if (cause.input == NULL || cause.input == outputs[0].temporary ||
        cause.input == package.second.path)
        cause.input = job->made->files[0].path;
    dfota_package_close(&package);
    if (right)
        return DFOTA_OK;
    if (err == DFOTA_ERR_IO || err == DFOTA_ERR_MEMORY) {
        if (fault != NULL)
            *fault = cause;
        return err;
    }
    return dfota_fail_detail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET,
                             "MAKE-4", "%s",
                             cause.rule != NULL ? cause.rule : "other bytes");
}

/* --- the files ------------------------------------------------------------ */

static enum dfota_error write_file(struct dfota_making *job, size_t index,
                                   struct dfota_output *output,
                                   struct dfota_fault *fault)
{
    struct dfota_made_file *file = &job->made->files[index];
    struct dfota_buffer *package = &job->packages[index];
    enum dfota_error err;

    job->made->package_size += package->size;
    err = dfota_digest(package->data, package->size, &file->digests, fault);
    if (!err)
        err = dfota_output_open(output, file->path, fault);
    if (!err)
        err = dfota_output_write(output, package->data, package->size, fault);
    dfota_buffer_free(package); /* proving reads it again */
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
