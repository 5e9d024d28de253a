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
                                   struct dfota_view image, const char *path,
                                   struct dfota_fault *fault)
{
    enum dfota_error err;

    err = dfota_layout_check_image(&job->layout, image.size, fault);
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
            .old = job->old.view,
            .new = job->new.view,
        };
        return DFOTA_OK;
    }
    err = check_size(job, job->old.view, job->request->old_image, fault);
    if (!err)
        err = check_size(job, job->new.view, job->request->new_image, fault);
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
            .old = {job->old.view.data + at, size},
            .new = {job->new.view.data + at, size},
        };
    }
    return DFOTA_OK;
}

/* --- what is in the parts ------------------------------------------------- */

/* Hands an image, which may lie in a file, on in pieces. */
static void read_pieces(struct dfota_view image,
                        void (*take)(void *context, const uint8_t *bytes,
                                     size_t size),
                        void *context)
{
    for (size_t at = 0, size; at < image.size; at += size) {
        size = image.size - at;
        if (size > DFOTA_SPILL_LOOK)
            size = DFOTA_SPILL_LOOK;
        take(context, image.data + at, size);
        dfota_spills_look();
    }
}

static void digest_piece(void *context, const uint8_t *bytes, size_t size)
{
    dfota_digester_add(context, bytes, size);
}

/* Without memory the size stays 1 too large, which is looked for. */
static void digest_image(struct dfota_view bytes, struct dfota_digests *out)
{
    struct dfota_digester *digester = dfota_digester_new();

    out->size = bytes.size + 1;
    if (digester == NULL)
        return;
    read_pieces(bytes, digest_piece, digester);
    dfota_digester_finish(digester, out);
    dfota_digester_free(digester);
}

static void search_piece(void *context, const uint8_t *bytes, size_t size)
{
    dfota_version_search_add(context, bytes, size);
}

static void search_versions(struct dfota_view bytes,
                            struct dfota_versions *found)
{
    struct dfota_version_search search = {.found = found};

    read_pieces(bytes, search_piece, &search);
    dfota_version_search_finish(&search);
}

/* Task: searches all parts, of old or of new. */
static void search_side(void *context, size_t index)
{
    struct dfota_making *job = context;

    for (size_t i = 0; i < job->part_count; i++)
        if (index == 0)
            search_versions(job->parts[i].old, &job->old_versions);
        else
            search_versions(job->parts[i].new, &job->new_versions);
}

/* Task: digests all parts. */
static void digest_parts(void *context)
{
    const struct dfota_making *job = context;

    for (size_t i = 0; i < job->part_count; i++) {
        struct dfota_made_image *image = &job->made->images[i];

        digest_image(job->parts[i].old, &image->old_image);
        digest_image(job->parts[i].new, &image->new_image);
    }
}

enum dfota_error dfota_making_wait(struct dfota_making *job,
                                   struct dfota_fault *fault)
{
    dfota_background_end(&job->digesting);
    for (size_t i = 0; i < job->part_count && !job->has_folders; i++) {
        const struct dfota_making_part *part = &job->parts[i];
        const struct dfota_made_image *image = &job->made->images[i];

        if (image->old_image.size != part->old.size ||
            image->new_image.size != part->new.size)
            return dfota_fail_memory(fault);
    }
    return DFOTA_OK;
}

/* Looks for versions in all parts, which are in memory, and begins to digest
 * them. */
static void look_at_images(struct dfota_making *job)
{
    for (size_t i = 0; i < job->part_count; i++) {
        const struct dfota_making_part *part = &job->parts[i];
        struct dfota_made_image *image = &job->made->images[i];

        snprintf(image->partition, sizeof(image->partition), "%s", part->name);
        job->made->new_size += part->new.size;
    }
    dfota_parallel(job->request->threads, 2, search_side, job);
    dfota_background_begin(&job->digesting, job->request->threads, digest_parts,
                           job);
}

/* Of folders by their digests. */
static bool same_part(const struct dfota_making *job, size_t index)
{
    const struct dfota_making_part *part = &job->parts[index];

    if (job->has_folders)
        return dfota_making_is_kept(job, index);
    return part->old.size == part->new.size &&
           (part->old.size == 0 ||
            memcmp(part->old.data, part->new.data, part->old.size) == 0);
}

static bool same_parts(const struct dfota_making *job)
{
    for (size_t i = 0; i < job->part_count; i++)
        if (!same_part(job, i))
            return false;
    return true;
}

/* --- image files ---------------------------------------------------------- */

/* Both images, as they are read. */
struct loading {
    struct dfota_input inputs[2];
    struct dfota_held *held[2];
    struct dfota_spills *spills;
    enum dfota_error errors[2];
    struct dfota_fault faults[2];
};

/* Task: reads one of them. */
static void load_image(void *context, size_t index)
{
    struct loading *loading = context;

    loading->errors[index] =
        dfota_held_load(&loading->inputs[index], loading->spills,
                        loading->held[index], &loading->faults[index]);
}

/* Reads both, into files one after the other; of two errors gives the first. */
static enum dfota_error load_images(struct loading *loading, unsigned threads,
                                    struct dfota_fault *fault)
{
    dfota_parallel(loading->spills != NULL ? 1 : threads, 2, load_image,
                   loading);
    for (unsigned i = 0; i < 2; i++)
        if (loading->errors[i]) {
            if (fault != NULL)
                *fault = loading->faults[i];
            return loading->errors[i];
        }
    return DFOTA_OK;
}

/* Reads both images, into files where that is needed to keep within a bound. */
static enum dfota_error hold_images(struct dfota_making *job,
                                    struct dfota_fault *fault)
{
    const struct dfota_make_request *request = job->request;
    struct loading loading = {.held = {&job->old, &job->new}};
    struct dfota_input *old = &loading.inputs[0];
    struct dfota_input *new = &loading.inputs[1];
    struct dfota_bound bound = {.spills = NULL};
    enum dfota_error err =
        dfota_input_open(request->old_image, DFOTA_IMAGE_MAX, old, fault);

    if (!err)
        err = dfota_input_open(request->new_image, DFOTA_IMAGE_MAX, new, fault);
    if (!err)
        err = dfota_making_fit(job, old->size, new->size, &bound, fault);
    loading.spills = bound.spills;
    if (!err)
        err = load_images(&loading, request->threads, fault);
    dfota_input_close(new);
    dfota_input_close(old);
    return err;
}

static enum dfota_error read_images(struct dfota_making *job,
                                    struct dfota_fault *fault)
{
    enum dfota_error err = read_layout(job, fault);

    if (err)
        return err;
    dfota_making_report(job, "reading");
    err = hold_images(job, fault);
    if (!err)
        err = cut_images(job, fault);
    if (!err)
        err = dfota_making_make_room(job, fault);
    if (!err)
        look_at_images(job);
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
        err = dfota_making_read_folders(job, fault);
    else
        err = read_images(job, fault);
    if (!err && same_parts(job) && !request->allow_same) {
        err = dfota_fail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET, "MAKE-1");
        dfota_fault_in(fault, request->new_image);
    }
    return err;
}
