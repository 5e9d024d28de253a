/* SPDX-License-Identifier: MIT */
/* make_memory.c - how a job keeps within the memory that it may use; see
 * making.h */
#include "jobs/making.h"
#include "lib/base/fault.h"

/* What a delta from images of such sizes takes. */
static struct dfota_bound_work work_for(const struct dfota_making *job,
                                        uint64_t old_size, uint64_t new_size)
{
    enum dfota_codec_choice codec = job->request->codec;

    return (struct dfota_bound_work){
        .old_size = old_size,
        .new_size = new_size,
        /* frames of MiniFOTA, or the image that is written in place */
        .extra = job->has_layout ? 2 * new_size : job->finished,
        .ram = dfota_making_ram(job),
        .is_streams = codec != DFOTA_CODEC_AUTO && codec != DFOTA_CODEC_MIXED,
        .is_patch = job->request->type == DFOTA_TYPE_BSDIFF,
    };
}

uint64_t dfota_making_full(const struct dfota_making *job, uint64_t old_size,
                           uint64_t new_size)
{
    const struct dfota_bound_work work = work_for(job, old_size, new_size);

    return dfota_bound_full(&work);
}

enum dfota_error dfota_making_fit(struct dfota_making *job, uint64_t old_size,
                                  uint64_t new_size, struct dfota_bound *out,
                                  struct dfota_fault *fault)
{
    const struct dfota_bound_work work = work_for(job, old_size, new_size);
    uint64_t memory = job->request->memory;
    uint64_t least = dfota_bound_least(&work);
    bool fits = memory >= dfota_bound_full(&work);
    enum dfota_error err = DFOTA_OK;

    if (memory == 0)
        return DFOTA_OK;
    if (memory < least)
        return dfota_bound_refuse(least, fault);
    if (!fits && job->spills == NULL)
        err = dfota_spills_open(job->request->out, memory, &job->spills, fault);
    if (!err)
        *out = dfota_bound_share(&work, memory, fits ? NULL : job->spills);
    return err;
}

void dfota_making_tell_bound(struct dfota_making *job,
                             const struct dfota_bound *bound)
{
    job->lay_in_files |= bound->spills != NULL;
    job->was_coarse |= bound->is_coarse;
    job->was_thin |= bound->is_thin;
    job->left_packed |= bound->is_packed;
}

void dfota_making_warn_bound(struct dfota_making *job)
{
    if (job->lay_in_files)
        dfota_making_warn(job,
                          "to keep within %llu bytes of memory, images lay in "
                          "files%s%s%s: the package may be larger",
                          (unsigned long long)job->request->memory,
                          job->was_coarse ? ", less was searched" : "",
                          job->was_thin ? ", short copies were left out" : "",
                          job->left_packed ? ", no stream was unpacked" : "");
    else if (job->left_packed)
        dfota_making_warn(job,
                          "to keep within %llu bytes of memory, no stream was "
                          "unpacked: the package may be larger",
                          (unsigned long long)job->request->memory);
}
