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

/* --- what is in the parts ------------------------------------------------- */

struct parts {
    struct dfota_making *job;
    size_t first;
};

/* Task 2 * i digests the old image of the i-th part, task 2 * i + 1 its new
 * one. */
static void digest_part(void *context, size_t index)
{
    const struct parts *parts = context;
    struct dfota_making *job = parts->job;
    size_t at = parts->first + index / 2;
    const struct dfota_making_part *part = &job->parts[at];
    struct dfota_made_image *image = &job->made->images[at];
    struct dfota_view bytes = index % 2 == 0 ? part->old : part->new;
    struct dfota_digests *out =
        index % 2 == 0 ? &image->old_image : &image->new_image;

    /* Without memory the size stays 1 too large, which is looked for. */
    out->size = bytes.size + 1;
    (void)dfota_digest(bytes.data, bytes.size, out, NULL);
}

static enum dfota_error make_room(struct dfota_making *job,
                                  struct dfota_fault *fault)
{
    struct dfota_made *made = job->made;

    made->images = calloc(job->part_count, sizeof(*made->images));
    made->deltas = calloc(job->part_count, sizeof(*made->deltas));
    if (made->images == NULL || made->deltas == NULL)
        return dfota_fail_memory(fault);
    made->image_count = job->part_count;
    return DFOTA_OK;
}

/* Digests the `count` parts from `first` on, which are held, and looks for
 * versions in them. */
static enum dfota_error look_at(struct dfota_making *job, size_t first,
                                size_t count, struct dfota_fault *fault)
{
    struct parts parts = {job, first};

    dfota_parallel(job->request->threads, 2 * count, digest_part, &parts);
    for (size_t i = first; i < first + count; i++) {
        const struct dfota_making_part *part = &job->parts[i];
        struct dfota_made_image *image = &job->made->images[i];

        snprintf(image->partition, sizeof(image->partition), "%s", part->name);
        if (image->old_image.size != part->old.size ||
            image->new_image.size != part->new.size)
            return dfota_fail_memory(fault);
        job->made->new_size += image->new_image.size;
        dfota_versions_search(&job->old_versions, part->old);
        dfota_versions_search(&job->new_versions, part->new);
    }
    return DFOTA_OK;
}

static bool same_parts(const struct dfota_making *job)
{
    const struct dfota_made *made = job->made;

    for (size_t i = 0; i < made->image_count; i++)
        if (!dfota_digests_same(&made->images[i].old_image,
                                &made->images[i].new_image))
            return false;
    return true;
}

/* --- image files ---------------------------------------------------------- */

static enum dfota_error read_image(const char *path, struct dfota_buffer *out,
                                   struct dfota_fault *fault)
{
    struct dfota_input input = {0};
    enum dfota_error err =
        dfota_input_open(path, DFOTA_IMAGE_MAX, &input, fault);

    if (!err)
        err = dfota_input_load(&input, out, fault);
    dfota_input_close(&input);
    return err;
}

static enum dfota_error read_images(struct dfota_making *job,
                                    struct dfota_fault *fault)
{
    enum dfota_error err = read_layout(job, fault);

    if (err)
        return err;
    dfota_making_report(job, "reading");
    err = read_image(job->request->old_image, &job->old, fault);
    if (!err)
        err = read_image(job->request->new_image, &job->new, fault);
    if (!err)
        err = cut_images(job, fault);
    if (!err)
        err = make_room(job, fault);
    return err ? err : look_at(job, 0, job->part_count, fault);
}

/* --- folders -------------------------------------------------------------- */

static enum dfota_error check_request(const struct dfota_making *job,
                                      struct dfota_fault *fault)
{
    const struct dfota_make_request *request = job->request;

    if (dfota_folder_is(request->old_image) &&
        dfota_folder_is(request->new_image) && request->layout == NULL &&
        (request->type == DFOTA_TYPE_AUTO || request->type == DFOTA_TYPE_DFOTA))
        return DFOTA_OK;
    return dfota_fail(fault, DFOTA_ERR_USAGE, DFOTA_NO_OFFSET, "MAKE-10");
}

static enum dfota_error open_folders(struct dfota_making *job,
                                     struct dfota_fault *fault)
{
    struct dfota_folder *old = &job->old_folder;
    struct dfota_folder *new = &job->new_folder;
    enum dfota_error err =
        dfota_folder_open(job->request->old_image, false, old, fault);

    if (!err)
        err = dfota_folder_open(job->request->new_image, false, new, fault);
    if (!err)
        err = dfota_folder_compare(old, new, fault);
    if (err)
        return err;
    job->part_count = old->count;
    for (size_t i = 0; i < old->count; i++)
        job->parts[i] = (struct dfota_making_part){
            .name = old->parts[i].name,
            .role = DFOTA_LAYOUT_APP,
            .old_file = &old->parts[i].input,
            .new_file = &new->parts[i].input,
        };
    return DFOTA_OK;
}

/* Looks at one partition after the other: together they may be too large. */
static enum dfota_error read_folders(struct dfota_making *job,
                                     struct dfota_fault *fault)
{
    enum dfota_error err = check_request(job, fault);

    job->has_folders = !err;
    dfota_making_report(job, "reading");
    if (!err)
        err = open_folders(job, fault);
    if (!err)
        err = make_room(job, fault);
    for (size_t i = 0; i < job->part_count && !err; i++) {
        err = dfota_making_hold(job, i, fault);
        if (!err)
            err = look_at(job, i, 1, fault);
        dfota_making_let_go(job, i);
    }
    return err;
}

/* --- both ----------------------------------------------------------------- */

enum dfota_error dfota_making_read(struct dfota_making *job,
                                   struct dfota_fault *fault)
{
    const struct dfota_make_request *request = job->request;
    enum dfota_error err;

    if (dfota_folder_is(request->old_image) ||
        dfota_folder_is(request->new_image))
        err = read_folders(job, fault);
    else
        err = read_images(job, fault);
    if (!err && same_parts(job) && !request->allow_same) {
        err = dfota_fail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET, "MAKE-1");
        dfota_fault_in(fault, request->new_image);
    }
    return err;
}
