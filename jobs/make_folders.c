/* SPDX-License-Identifier: MIT */
/* make_folders.c - reads folders of partitions; see making.h */
#include <stdio.h>
#include <unistd.h>

#include "jobs/making.h"
#include "jobs/trial.h"
#include "lib/base/digest.h"
#include "lib/base/fault.h"
#include "lib/base/parallel.h"

static enum dfota_error check_request(const struct dfota_making *job,
                                      struct dfota_fault *fault)
{
    const struct dfota_make_request *request = job->request;

    if (access(request->old_image, F_OK) != 0)
        return dfota_fail_os(fault, request->old_image);
    if (access(request->new_image, F_OK) != 0)
        return dfota_fail_os(fault, request->new_image);
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

/* What is to be known of one file. */
struct look {
    struct dfota_input *file;
    struct dfota_version_search search;
    struct dfota_digester *digester;
    struct dfota_digests *digests;
    struct dfota_fault fault;
    enum dfota_error err;
};

static enum dfota_error look_at_piece(void *context, const void *bytes,
                                      size_t size, struct dfota_fault *fault)
{
    struct look *look = context;

    (void)fault;
    dfota_digester_add(look->digester, bytes, size);
    dfota_version_search_add(&look->search, bytes, size);
    return DFOTA_OK;
}

/* Reads one of several files once, and never holds it. */
static void look_at_file(void *context, size_t index)
{
    struct look *look = (struct look *)context + index;
    const struct dfota_source source = dfota_source_of_input(look->file);
    const struct dfota_sink sink = {look_at_piece, look};

    look->digester = dfota_digester_new();
    look->err =
        look->digester != NULL
            ? dfota_source_copy(&source, 0, source.size, &sink, &look->fault)
            : dfota_fail_memory(&look->fault);
    if (!look->err)
        look->err = dfota_input_check(look->file, &look->fault);
    if (!look->err) {
        dfota_digester_finish(look->digester, look->digests);
        dfota_version_search_finish(&look->search);
    }
    dfota_digester_free(look->digester);
}

/* Digests both files of a part and looks for versions in them. */
static enum dfota_error look_at_files(struct dfota_making *job, size_t index,
                                      struct dfota_fault *fault)
{
    const struct dfota_making_part *part = &job->parts[index];
    struct dfota_made_image *image = &job->made->images[index];
    struct look looks[2] = {{.file = part->old_file,
                             .search = {.found = &job->old_versions},
                             .digests = &image->old_image},
                            {.file = part->new_file,
                             .search = {.found = &job->new_versions},
                             .digests = &image->new_image}};

    snprintf(image->partition, sizeof(image->partition), "%s", part->name);
    dfota_parallel(job->request->threads, 2, look_at_file, looks);
    job->made->new_size += image->new_image.size;
    for (size_t i = 0; i < 2; i++) {
        if (!looks[i].err)
            continue;
        if (fault != NULL)
            *fault = looks[i].fault;
        return looks[i].err;
    }
    return DFOTA_OK;
}

enum dfota_error dfota_making_read_folders(struct dfota_making *job,
                                           struct dfota_fault *fault)
{
    enum dfota_error err = check_request(job, fault);

    job->has_folders = !err;
    dfota_making_report(job, "reading");
    if (!err)
        err = open_folders(job, fault);
    if (!err)
        err = dfota_making_make_room(job, fault);
    for (size_t i = 0; i < job->part_count && !err; i++)
        err = look_at_files(job, i, fault);
    return err;
}
