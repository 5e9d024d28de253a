/* SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "format/bsdiff40.h"
#include "format/dfota_zip.h"
#include "jobs/codecs.h"
#include "jobs/making.h"
#include "jobs/trial.h"
#include "lib/base/digest.h"
#include "lib/base/fault.h"
#include "lib/base/parallel.h"

/* Partitions of folders that are no larger are made side by side. */
#define SMALL ((uint64_t)8 << 20)

/* Bytes of memory that do not grow, when a package is put together. */
#define FIXED ((uint64_t)32 << 20)

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

/* --- deltas of all parts -------------------------------------------------- */

/* The deltas in the making, and the first part that failed. */
struct batch {
    struct dfota_making *job;
    struct dfota_making_delta *deltas;
    size_t small[DFOTA_MANIFEST_PARTITIONS_MAX]; /* parts made side by side */
    size_t small_count;
    struct dfota_fault faults[DFOTA_MANIFEST_PARTITIONS_MAX];
    enum dfota_error errors[DFOTA_MANIFEST_PARTITIONS_MAX];
    pthread_mutex_t reporting;
};

/* Reports for one of several parts, which take turns. */
static void report(void *context, const char *step, uint64_t done,
                   uint64_t total)
{
    struct batch *batch = context;
    const struct dfota_progress *progress = &batch->job->request->progress;

    if (progress->report == NULL)
        return;
    pthread_mutex_lock(&batch->reporting);
    progress->report(progress->context, step, done, total);
    pthread_mutex_unlock(&batch->reporting);
}

static bool is_small(const struct dfota_making_part *part)
{
    return part->old_file != NULL && part->old_file->size <= SMALL &&
           part->new_file->size <= SMALL;
}

/* Task: makes the delta of one of the small parts. */
static void make_small(void *context, size_t index)
{
    struct batch *batch = context;
    size_t part = batch->small[index];

    const struct dfota_progress progress = {report, batch};

    batch->errors[part] =
        dfota_making_delta(batch->job, part, &progress, &batch->deltas[part],
                           &batch->faults[part]);
}

/*
 * Makes the deltas of small partitions of folders, as many at once as there are
 * threads, and memory.  Those for which there is not enough are left.
 */
static void make_all_small(struct batch *batch)
{
    struct dfota_making *job = batch->job;
    uint64_t memory = job->request->memory;
    unsigned threads = dfota_parallel_threads(job->request->threads);
    uint64_t largest = 1;

    for (size_t i = 0; i < job->part_count; i++) {
        const struct dfota_making_part *part = &job->parts[i];
        uint64_t full;

        if (!is_small(part) || dfota_making_is_kept(job, i))
            continue;
        full =
            dfota_making_full(job, part->old_file->size, part->new_file->size);
        if (memory != 0 && full > memory)
            continue;
        largest = full > largest ? full : largest;
        batch->small[batch->small_count++] = i;
    }
    if (memory != 0 && memory / largest < threads)
        threads = (unsigned)(memory / largest);
    dfota_parallel(threads, batch->small_count, make_small, batch);
}

/* Makes the deltas of all other parts, one after the other. */
static enum dfota_error make_others(struct batch *batch)
{
    struct dfota_making *job = batch->job;
    size_t next = 0; /* of the small ones */

    for (size_t i = 0; i < job->part_count; i++) {
        bool is_made = next < batch->small_count && batch->small[next] == i;

        if (is_made)
            next++;
        else if (!dfota_making_is_kept(job, i))
            batch->errors[i] = dfota_making_delta(
                job, i, NULL, &batch->deltas[i], &batch->faults[i]);
        if (batch->errors[i])
            return batch->errors[i];
        job->finished += batch->deltas[i].bytes.size;
    }
    return DFOTA_OK;
}

/* Makes all deltas.  Of several parts that fail the first one tells why. */
static enum dfota_error make_deltas(struct dfota_making *job,
                                    struct dfota_making_delta *deltas,
                                    struct dfota_fault *fault)
{
    struct batch *batch = calloc(1, sizeof(*batch));
    enum dfota_error err;

    if (batch == NULL)
        return dfota_fail_memory(fault);
    batch->job = job;
    batch->deltas = deltas;
    pthread_mutex_init(&batch->reporting, NULL);
    make_all_small(batch);
    err = make_others(batch);
    for (size_t i = 0; i < job->part_count && err; i++) {
        if (!batch->errors[i])
            continue;
        if (fault != NULL)
            *fault = batch->faults[i];
        break;
    }
    pthread_mutex_destroy(&batch->reporting);
    free(batch);
    return err;
}

/* Describes all parts and notes their deltas. */
static enum dfota_error put_partitions(struct dfota_making *job,
                                       struct dfota_making_delta *deltas,
                                       struct dfota_manifest *manifest,
                                       struct dfota_fault *fault)
{
    enum dfota_error err = DFOTA_OK;

    for (size_t i = 0; i < job->part_count && !err; i++) {
        if (!dfota_making_is_kept(job, i))
            dfota_making_note_delta(job, i, &deltas[i]);
        err = put_partition(job, i, &deltas[i], manifest, fault);
    }
    return err;
}

/* Whether package and deltas fit into the memory that there is together. */
static enum dfota_error check_memory(const struct dfota_making *job,
                                     struct dfota_fault *fault)
{
    uint64_t memory = job->request->memory;
    uint64_t needed = FIXED + 3 * job->finished;

    if (memory == 0 || needed <= memory)
        return DFOTA_OK;
    return dfota_bound_refuse(needed, fault);
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
    err = make_deltas(job, deltas, fault);
    if (!err)
        err = check_memory(job, fault);
    if (!err)
        err = put_partitions(job, deltas, manifest, fault);
    for (size_t i = 0; i < count; i++)
        views[i] = dfota_buffer_view(&deltas[i].bytes);
    if (!err)
        err = dfota_zip_write(manifest, views, &job->packages[0], fault);
    if (!err)
        err = check_storage(job, fault);
    for (size_t i = 0; i < count; i++)
        dfota_making_delta_free(&deltas[i]);
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
