/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>

#include "format/bsdiff40.h"
#include "format/dfota_zip.h"
#include "jobs/codecs.h"
#include "jobs/making.h"
#include "jobs/trial.h"
#include "lib/base/digest.h"
#include "lib/base/fault.h"

static void put_identity(struct dfota_manifest_identity *out,
                         const struct dfota_version *version)
{
    snprintf(out->version, sizeof(out->version), "%s", version->text);
    snprintf(out->project, sizeof(out->project), "%s", version->project);
    snprintf(out->baseline, sizeof(out->baseline), "%s", version->baseline);
}

/* Who the package is for.  An unknown model is taken for an LTE module. */
static void put_head(const struct dfota_making *job,
                     struct dfota_manifest *manifest)
{
    const struct dfota_model *model = job->identity.from.model;

    manifest->family = DFOTA_FAMILY_LTE_STANDARD_A;
    manifest->has_identity = job->identity.known;
    if (!job->identity.known)
        return;
    if (model != NULL && model->family != DFOTA_FAMILY_NONE)
        manifest->family = model->family;
    put_identity(&manifest->from, &job->identity.from);
    put_identity(&manifest->to, &job->identity.to);
}

/* Describes part `index` and its delta, if it has one. */
static enum dfota_error put_partition(const struct dfota_making *job,
                                      size_t index,
                                      const struct dfota_making_delta *delta,
                                      struct dfota_manifest *manifest,
                                      struct dfota_fault *fault)
{
    const struct dfota_made_image *image = &job->made->images[index];
    struct dfota_manifest_partition *partition =
        &manifest->partitions[manifest->partition_count++];

    snprintf(partition->name, sizeof(partition->name), "%s",
             job->parts[index].name);
    partition->address = job->parts[index].address;
    partition->old_image = image->old_image;
    partition->new_image = image->new_image;
    partition->unchanged = dfota_making_is_kept(job, index);
    if (partition->unchanged)
        return DFOTA_OK;
    snprintf(partition->codec, sizeof(partition->codec), "%s",
             dfota_delta_codec_name(&delta->header));
    partition->ram = delta->header.ram;
    if (dfota_making_in_place(job))
        partition->order = (struct dfota_manifest_order){
            true, job->layout.flash.sector, job->layout.flash.scratch};
    return dfota_digest(delta->bytes.data, delta->bytes.size, &partition->delta,
                        fault);
}

/* Whether the package fits into the room that the module has for it. */
static enum dfota_error check_storage(const struct dfota_making *job,
                                      struct dfota_fault *fault)
{
    uint64_t storage = job->layout.flash.storage;
    uint64_t size = job->packages[0].size;

    if (!dfota_making_in_place(job) || size <= storage)
        return DFOTA_OK;
    return dfota_fail_detail(fault, DFOTA_ERR_LIMIT, DFOTA_NO_OFFSET, "MAKE-12",
                             "%llu bytes", (unsigned long long)size);
}

enum dfota_error dfota_make_dfota(struct dfota_making *job,
                                  struct dfota_fault *fault)
{
    size_t count = job->part_count;
    struct dfota_making_delta *deltas = calloc(count, sizeof(*deltas));
    struct dfota_view *views = calloc(count, sizeof(*views));
    struct dfota_manifest *manifest = calloc(1, sizeof(*manifest));
    enum dfota_error err = DFOTA_OK;

    if (deltas == NULL || views == NULL || manifest == NULL) {
        err = dfota_fail_memory(fault);
        goto out;
    }
    put_head(job, manifest);
    for (size_t i = 0; i < count && !err; i++) {
        if (!dfota_making_is_kept(job, i))
            err = dfota_making_delta(job, i, &deltas[i], fault);
        if (!err)
            err = put_partition(job, i, &deltas[i], manifest, fault);
        views[i] = dfota_buffer_view(&deltas[i].bytes);
    }
    if (!err)
        err = dfota_zip_write(manifest, views, &job->packages[0], fault);
    if (!err)
        err = check_storage(job, fault);
    for (size_t i = 0; i < count; i++)
        dfota_buffer_free(&deltas[i].bytes);
out:
    free(manifest);
    free(views);
    free(deltas);
    return err;
}

enum dfota_error dfota_make_bsdiff(struct dfota_making *job,
                                   struct dfota_fault *fault)
{
    const struct dfota_making_part *part = &job->parts[0];
    const struct dfota_bsdiff40_images images = {part->old, part->new};
    struct dfota_buffer copies = {0};
    enum dfota_error err;

    err = dfota_delta_find_copies(part->old, part->new, &job->request->progress,
                                  &copies, fault);
    dfota_making_report(job, "coding");
    if (!err)
        err = dfota_bsdiff40_write(&images, (const void *)copies.data,
                                   copies.size / sizeof(struct dfota_copy),
                                   &job->packages[0], fault);
    dfota_buffer_free(&copies);
    if (!err)
        dfota_making_note(job, 0, "bzip2", job->packages[0].size, 0);
    return err;
}
