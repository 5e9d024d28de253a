/* SPDX-License-Identifier: MIT */
#include "jobs/trial.h"

#include <stdlib.h>
#include <string.h>

#include "jobs/codecs.h"
#include "jobs/in_place.h"
#include "lib/apply/delta_header.h"
#include "lib/base/crc32_host.h"
#include "lib/base/digest_beside.h"
#include "lib/base/fault.h"
#include "lib/base/large.h"
#include "lib/delta/packed_pair.h"

enum { OLD, NEW, IMAGES };

#define PIECE ((size_t)32 << 10) /* bytes of new that are handed on at once */

struct trial {
    const struct dfota_trial_task *task;
    struct dfota_fault *fault;
    struct dfota_beside *digesters[IMAGES];
    struct dfota_digests digests[IMAGES];
    unsigned begun; /* images whose digest has been begun: old, then new */
    size_t held;    /* bytes of new that have not been handed on */
    uint8_t piece[PIECE];
};

static enum dfota_error read_delta(void *context, uint32_t offset, void *out,
                                   size_t size)
{
    const struct trial *trial = context;

    if (size > 0)
        memcpy(out, trial->task->delta.data + offset, size);
    return DFOTA_OK;
}

static enum dfota_error read_old(void *context, uint32_t offset, void *out,
                                 size_t size)
{
    const struct trial *trial = context;

    return dfota_source_read(trial->task->old, offset, out, size, trial->fault);
}

/* Hands on what is held of new. */
static enum dfota_error hand_on(struct trial *trial)
{
    const struct dfota_sink *sink = trial->task->sink;
    size_t size = trial->held;

    trial->held = 0;
    return size > 0
               ? sink->write(sink->context, trial->piece, size, trial->fault)
               : DFOTA_OK;
}

/* Holds what comes in small pieces until there is enough of it. */
static enum dfota_error hold(struct trial *trial, const uint8_t *bytes,
                             size_t size)
{
    enum dfota_error err = DFOTA_OK;

    while (size > 0 && !err) {
        size_t room = PIECE - trial->held;
        size_t step = size < room ? size : room;

        memcpy(trial->piece + trial->held, bytes, step);
        trial->held += step;
        bytes += step;
        size -= step;
        if (trial->held == PIECE)
            err = hand_on(trial);
    }
    return err;
}

/* Who watches new being made gets it at once. */
static enum dfota_error write_new(void *context, const void *bytes, size_t size)
{
    struct trial *trial = context;
    const struct dfota_sink *made = trial->task->made;
    enum dfota_error err = DFOTA_OK;

    if (made != NULL)
        err = made->write(made->context, bytes, size, trial->fault);
    return err ? err : hold(trial, bytes, size);
}

static void begin_hash(void *context)
{
    ((struct trial *)context)->begun++;
}

static void add_hash(void *context, const uint8_t *bytes, size_t size)
{
    struct trial *trial = context;

    dfota_beside_add(trial->digesters[trial->begun - 1], bytes, size);
}

static void finish_hash(void *context, uint8_t out[DFOTA_SHA256_SIZE])
{
    struct trial *trial = context;
    unsigned image = trial->begun - 1;

    dfota_beside_finish(trial->digesters[image], &trial->digests[image]);
    memcpy(out, trial->digests[image].sha256, DFOTA_SHA256_SIZE);
}

enum dfota_error dfota_trial_header(struct dfota_view delta,
                                    struct dfota_delta_header *out,
                                    struct dfota_fault *fault)
{
    if (delta.size > UINT32_MAX)
        return dfota_fail(fault, DFOTA_ERR_LIMIT, UINT32_MAX, "FILE-1");
    return dfota_delta_read_header(delta.data, delta.size, (uint32_t)delta.size,
                                   out, fault);
}

static enum dfota_error
run(struct trial *trial, const struct dfota_delta_header *header, void *memory)
{
    const struct dfota_hash hash = {trial, begin_hash, add_hash, finish_hash};
    const struct dfota_applier applier = {
        .context = trial,
        .delta_size = (uint32_t)trial->task->delta.size,
        .old_size = (uint32_t)trial->task->old->size,
        .new_size_max = DFOTA_IMAGE_MAX,
        .read_delta = read_delta,
        .read_old = read_old,
        .write_new = write_new,
        .codings = trial->task->codings,
        .isas = dfota_all_isas,
        .codecs = dfota_codecs,
        .unpacking = trial->task->unpacking,
        .packings = dfota_packings,
        .crc32 = dfota_crc32_host,
        .sha256 = &hash,
        .memory = memory,
        .memory_size = header->ram,
    };

    enum dfota_error err;

    if (header->order.segment_size > 0)
        return dfota_in_place_try(&applier, trial->task, trial->fault);
    err = dfota_apply_delta(&applier, trial->fault);
    return err ? err : hand_on(trial);
}

enum dfota_error dfota_trial_run(const struct dfota_trial_task *task,
                                 struct dfota_digests *made,
                                 struct dfota_fault *fault)
{
    struct trial trial = {.task = task, .fault = fault};
    struct dfota_delta_header header = {0};
    void *memory = NULL;
    enum dfota_error err = dfota_trial_header(task->delta, &header, fault);

    if (err)
        return err;
    if (task->old->size > UINT32_MAX) /* and so not the one stated */
        return dfota_fail(fault, DFOTA_ERR_DIGEST, DFOTA_NO_OFFSET, "DLT-14");
    if (header.ram > DFOTA_TRIAL_RAM_MAX)
        return dfota_fail(fault, DFOTA_ERR_LIMIT, DFOTA_DELTA_FIXED, "DLT-13");
    memory = dfota_large_aligned(header.ram);
    trial.digesters[OLD] = dfota_beside_new(false);
    trial.digesters[NEW] = dfota_beside_new(true);
    if (memory != NULL && trial.digesters[OLD] != NULL &&
        trial.digesters[NEW] != NULL)
        err = run(&trial, &header, memory);
    else
        err = dfota_fail_memory(fault);
    if (!err) {
        *made = trial.digests[NEW];
        made->crc32 = header.new_crc32; /* the applier has checked that */
    }
    dfota_beside_free(trial.digesters[NEW]);
    dfota_beside_free(trial.digesters[OLD]);
    free(memory);
    return err;
}

enum dfota_error dfota_trial_apply_from(struct dfota_view delta,
                                        const struct dfota_source *old,
                                        const struct dfota_sink *sink,
                                        struct dfota_digests *made,
                                        struct dfota_fault *fault)
{
    const struct dfota_trial_task task = {
        .codings = dfota_codings,
        .unpacking = &dfota_unpacking_regions,
        .delta = delta,
        .old = old,
        .sink = sink,
    };

    return dfota_trial_run(&task, made, fault);
}

enum dfota_error dfota_trial_apply(struct dfota_view delta,
                                   struct dfota_view old,
                                   const struct dfota_sink *sink,
                                   struct dfota_digests *made,
                                   struct dfota_fault *fault)
{
    const struct dfota_source source = dfota_source_of_view(&old);

    return dfota_trial_apply_from(delta, &source, sink, made, fault);
}

/* A range of bytes that is being filled. */
struct range {
    uint8_t *next;
    size_t left; /* bytes */
};

static enum dfota_error fill_range(void *context, const void *bytes,
                                   size_t size, struct dfota_fault *fault)
{
    struct range *range = context;

    if (size > range->left)
        return dfota_fail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET, "APPLY-3");
    memcpy(range->next, bytes, size);
    range->next += size;
    range->left -= size;
    return DFOTA_OK;
}

enum dfota_error dfota_trial_apply_into(struct dfota_view delta,
                                        struct dfota_view old, uint8_t *out,
                                        size_t size, struct dfota_fault *fault)
{
    struct range range = {out, size};
    const struct dfota_sink sink = {fill_range, &range};
    struct dfota_digests made;
    enum dfota_error err;

    err = dfota_trial_apply(delta, old, &sink, &made, fault);
    if (!err && range.left > 0)
        err = dfota_fail(fault, DFOTA_ERR_REFUSED, DFOTA_NO_OFFSET, "APPLY-3");
    return err;
}
