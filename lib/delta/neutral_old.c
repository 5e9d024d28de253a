/* SPDX-License-Identifier: MIT */
#include "lib/delta/neutral_old.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>

#include "lib/base/fault.h"
#include "lib/base/large.h"
#include "lib/base/parallel.h"

/* Bytes that are made at once. */
#define PART ((uint32_t)1 << 20)

struct job {
    const struct dfota_neutral_task *task;
    struct dfota_neutral_old *out;
    atomic_bool failed;
    struct dfota_fault fault; /* of who failed first */
};

/* Task: makes a part in memory. */
static void make_part(void *context, size_t index)
{
    const struct job *job = context;
    uint32_t size = (uint32_t)job->task->image.size;
    uint32_t begin = (uint32_t)index * PART;
    uint32_t end = size - begin < PART ? size : begin + PART;

    dfota_neutral_make(job->task, begin, end, job->out->bytes + begin);
}

/* Task: makes a part and writes it to the file. */
static void write_part(void *context, size_t index)
{
    struct job *job = context;
    uint32_t size = (uint32_t)job->task->image.size;
    uint32_t begin = (uint32_t)index * PART;
    uint32_t end = size - begin < PART ? size : begin + PART;
    struct dfota_fault fault = {0};
    uint8_t *bytes;
    enum dfota_error err;

    dfota_spills_look();
    if (atomic_load(&job->failed))
        return;
    bytes = malloc(end - begin);
    if (bytes != NULL) {
        dfota_neutral_make(job->task, begin, end, bytes);
        err = dfota_spill_put(&job->out->spill, begin, bytes, end - begin,
                              &fault);
    } else {
        err = dfota_fail_memory(&fault);
    }
    free(bytes);
    if (err && !atomic_exchange(&job->failed, true))
        job->fault = fault;
}

/* Makes it in a file, which it then is the memory of. */
static enum dfota_error make_file(struct job *job, unsigned threads,
                                  struct dfota_spills *spills,
                                  struct dfota_fault *fault)
{
    size_t size = job->task->image.size;
    enum dfota_error err = dfota_spill_make(spills, &job->out->spill, fault);

    if (err)
        return err;
    dfota_parallel(threads, (size + PART - 1) / PART, write_part, job);
    if (!atomic_load(&job->failed))
        return dfota_spill_map(&job->out->spill, size, &job->out->view, fault);
    if (fault != NULL)
        *fault = job->fault;
    return job->fault.error;
}

enum dfota_error dfota_neutral_old_make(const struct dfota_neutral_task *task,
                                        unsigned threads,
                                        struct dfota_spills *spills,
                                        struct dfota_neutral_old *out,
                                        struct dfota_fault *fault)
{
    struct job job = {.task = task, .out = out};
    size_t size = task->image.size;
    enum dfota_error err = DFOTA_OK;

    *out = (struct dfota_neutral_old){.bytes = NULL};
    if (spills != NULL && size > 0) {
        err = make_file(&job, threads, spills, fault);
    } else {
        out->bytes = dfota_large(size + 1);
        if (out->bytes == NULL)
            return dfota_fail_memory(fault);
        out->view = (struct dfota_view){out->bytes, size};
        dfota_parallel(threads, (size + PART - 1) / PART, make_part, &job);
    }
    if (err)
        dfota_neutral_old_free(out);
    return err;
}

void dfota_neutral_old_free(struct dfota_neutral_old *old)
{
    free(old->bytes);
    dfota_spill_free(&old->spill);
    *old = (struct dfota_neutral_old){.bytes = NULL};
}
