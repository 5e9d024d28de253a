/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "jobs/making.h"
#include "jobs/trial.h"
#include "lib/base/digest.h"
#include "lib/base/fault.h"
#include "lib/base/file.h"
#include "lib/base/parallel.h"

/* The path of layout.json in the folder of `path`; NULL without memory. */
static char *beside(const char *path)
{
    static const char name[] = "layout.json";
    const char *slash = strrchr(path, '/');
    size_t folder = slash != NULL ? (size_t)(slash - path) + 1 : 0;
    char *joined = malloc(folder + sizeof(name));

    if (joined == NULL)
        return NULL;
    memcpy(joined, path, folder);
    memcpy(joined + folder, name, sizeof(name));
    return joined;
}

static enum dfota_error parse_layout(struct dfota_making *job, const char *path,
                                     struct dfota_fault *fault)
{
    struct dfota_buffer text = {0};
    enum dfota_error err;

    err = dfota_file_read(path, DFOTA_LAYOUT_TEXT_MAX, &text, fault);
    if (!err)
        err = dfota_layout_read(dfota_buffer_view(&text), &job->layout, fault);
    if (err)
        dfota_fault_in(fault, path);
    dfota_buffer_free(&text);
    job->has_layout = !err;
    return err;
}

static enum dfota_error read_layout(struct dfota_making *job,
                                    struct dfota_fault *fault)
{
    const struct dfota_make_request *request = job->request;
    bool bsdiff = job->made->type == DFOTA_TYPE_BSDIFF;
    char *path;

    if (bsdiff && request->layout != NULL)
        return dfota_fail(fault, DFOTA_ERR_USAGE, DFOTA_NO_OFFSET, "MAKE-6");
    if (bsdiff)
        return DFOTA_OK;
    path = request->layout != NULL ? strdup(request->layout)
                                   : beside(request->new_image);
    if (path == NULL)
        return dfota_fail_memory(fault);
    if (request->layout == NULL && access(path, F_OK) != 0) {
        free(path);
        return DFOTA_OK;
    }
    job->made->layout = path;
    return parse_layout(job, path, fault);
}

static enum dfota_error check_size(const struct dfota_making *job,
                                   const struct dfota_buffer *image,
                                   const char *path, struct dfota_fault *fault)
{
    enum dfota_error err;

    err = dfota_layout_check_image(&job->layout, image->size, fault);
    if (err)
        dfota_fault_in(fault, path);
    return err;
}

/* Cuts both images into the partitions that may be looked at. */
static enum dfota_error cut_images(struct dfota_making *job,
                                   struct dfota_fault *fault)
{
    const struct dfota_layout_partition *partition = NULL;
    enum dfota_error err;

    if (!job->has_layout) {
        job->part_count = 1;
        job->parts[0] = (struct dfota_making_part){
            .name = "image",
            .role = DFOTA_LAYOUT_APP,
            .old = dfota_buffer_view(&job->old),
            .new = dfota_buffer_view(&job->new),
        };
        return DFOTA_OK;
    }
    err = check_size(job, &job->old, job->request->old_image, fault);
    if (!err)
        err = check_size(job, &job->new, job->request->new_image, fault);
    if (err)
        return err;
    while ((partition = dfota_layout_next(&job->layout, DFOTA_LAYOUT_UPDATED,
                                          partition)) != NULL) {
        size_t at = (size_t)partition->offset;
        size_t size = (size_t)partition->size;

        job->parts[job->part_count++] = (struct dfota_making_part){
            .name = partition->name,
            .address = partition->offset,
            .role = partition->role,
            .old = {job->old.data + at, size},
            .new = {job->new.data + at, size},
        };
    }
    return DFOTA_OK;
}

/* Task 2 * i digests the old image of part i, task 2 * i + 1 its new one. */
static void digest_part(void *context, size_t index)
{
    struct dfota_making *job = context;
    const struct dfota_making_part *part = &job->parts[index / 2];
    struct dfota_made_image *image = &job->made->images[index / 2];
    struct dfota_view bytes = index % 2 == 0 ? part->old : part->new;
    struct dfota_digests *out =
        index % 2 == 0 ? &image->old_image : &image->new_image;

    /* Without memory the size stays 1 too large, which is looked for. */
    out->size = bytes.size + 1;
    (void)dfota_digest(bytes.data, bytes.size, out, NULL);
}

static enum dfota_error digest_parts(struct dfota_making *job,
                                     struct dfota_fault *fault)
{
    struct dfota_made *made = job->made;

    made->images = calloc(job->part_count, sizeof(*made->images));
    made->deltas = calloc(job->part_count, sizeof(*made->deltas));
    if (made->images == NULL || made->deltas == NULL)
        return dfota_fail_memory(fault);
    made->image_count = job->part_count;
    dfota_parallel(job->request->threads, 2 * job->part_count, digest_part,
                   job);
    for (size_t i = 0; i < job->part_count; i++) {
        struct dfota_made_image *image = &made->images[i];

        snprintf(image->partition, sizeof(image->partition), "%s",
                 job->parts[i].name);
        if (image->old_image.size != job->parts[i].old.size ||
            image->new_image.size != job->parts[i].new.size)
            return dfota_fail_memory(fault);
        made->new_size += image->new_image.size;
    }
    return DFOTA_OK;
}

static bool same_parts(const struct dfota_making *job)
{
    for (size_t i = 0; i < job->part_count; i++) {
        struct dfota_view old = job->parts[i].old;
        struct dfota_view new = job->parts[i].new;

        if (old.size != new.size ||
            (old.size > 0 && memcmp(old.data, new.data, old.size) != 0))
            return false;
    }
    return true;
}

enum dfota_error dfota_making_read(struct dfota_making *job,
                                   struct dfota_fault *fault)
{
    const struct dfota_make_request *request = job->request;
    enum dfota_error err = read_layout(job, fault);

    if (err)
        return err;
    dfota_making_report(job, "reading");
    err =
        dfota_file_read(request->old_image, DFOTA_IMAGE_MAX, &job->old, fault);
    if (!err)
        err = dfota_file_read(request->new_image, DFOTA_IMAGE_MAX, &job->new,
                              fault);
    if (!err)
        err = cut_images(job, fault);
    if (!err)
        err = digest_parts(job, fault);
    if (!err && same_parts(job) && !request->allow_same) {
        err = dfota_fail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET, "MAKE-1");
        dfota_fault_in(fault, request->new_image);
    }
    return err;
}
