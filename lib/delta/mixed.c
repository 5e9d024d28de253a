/* SPDX-License-Identifier: MIT */
#include "lib/delta/mixed.h"

#include <stdlib.h>

#include "lib/apply/delta_header.h"
#include "lib/apply/mix_coder.h"
#include "lib/base/fault.h"
#include "lib/base/large.h"

static void put(void *context, uint8_t byte)
{
    dfota_buffer_add(context, &byte, 1);
}

/* Called when a record is done: how far the content is. */
static void mark(void *context, size_t index)
{
    struct dfota_mixed_out *out = context;

    out->reached[index] = (uint32_t)out->content.size;
}

/* What is encoded in segments. */
struct segmented {
    struct dfota_mix_coder *coder;
    struct dfota_mixed_out *out;
    struct dfota_buffer contents; /* of uint32_t, by turn: bytes of each */
    size_t begun;                 /* where that at hand begins */
};

static void begin_segment(void *context, size_t turn)
{
    struct segmented *segmented = context;

    (void)turn;
    dfota_mix_coder_forget(segmented->coder);
    dfota_range_encode(&segmented->coder->content.range, put,
                       &segmented->out->content);
    segmented->begun = segmented->out->content.size;
}

static void end_segment(void *context, size_t turn)
{
    struct segmented *segmented = context;
    const struct dfota_buffer *content = &segmented->out->content;
    uint32_t size;

    (void)turn;
    dfota_range_flush(&segmented->coder->content.range);
    size = (uint32_t)(content->size - segmented->begun);
    dfota_buffer_add(&segmented->contents, &size, sizeof(size));
}

/* Codes the content of all segments, then the records, which tell its size. */
static enum dfota_error encode_segments(const struct dfota_plan *plan,
                                        struct dfota_rehearsal *rehearsal,
                                        struct dfota_coding_job *job,
                                        struct dfota_mixed_out *out,
                                        struct dfota_fault *fault)
{
    struct dfota_mix_coder *coder = dfota_mix_coder_make(job, true);
    struct segmented segmented = {.coder = coder, .out = out};
    enum dfota_error err;

    dfota_range_encode(&coder->records.range, put, NULL);
    coder->records.range.mode = DFOTA_RANGE_LEARN;
    rehearsal->begin = begin_segment;
    rehearsal->end = end_segment;
    rehearsal->context = &segmented;
    err = dfota_rehearsal_walk(rehearsal, plan, &coder->coder, fault);
    if (!err)
        err = dfota_buffer_check(&segmented.contents, fault);
    rehearsal->begin = NULL;
    rehearsal->end = NULL;
    rehearsal->contents = (const void *)segmented.contents.data;
    rehearsal->records_only = true;
    dfota_mix_coder_rewind(coder);
    dfota_range_encode(&coder->records.range, put, &out->records);
    if (!err)
        err = dfota_rehearsal_walk(rehearsal, plan, &coder->coder, fault);
    dfota_range_flush(&coder->records.range);
    dfota_buffer_free(&segmented.contents);
    return err;
}

static enum dfota_error encode(const struct dfota_plan *plan,
                               struct dfota_rehearsal *rehearsal,
                               struct dfota_coding_job *job,
                               struct dfota_mixed_out *out,
                               struct dfota_fault *fault)
{
    struct dfota_mix_coder *coder = dfota_mix_coder_make(job, true);
    enum dfota_error err;

    dfota_range_encode(&coder->records.range, put, &out->records);
    dfota_range_encode(&coder->content.range, put, &out->content);
    rehearsal->stride = out->stride;
    if (out->reached != NULL) {
        rehearsal->done = mark;
        rehearsal->context = out;
    }
    err = dfota_rehearsal_walk(rehearsal, plan, &coder->coder, fault);
    dfota_range_flush(&coder->records.range);
    dfota_range_flush(&coder->content.range);
    return err;
}

enum dfota_error dfota_mixed_encode(const struct dfota_plan *plan,
                                    struct dfota_mixed_out *out,
                                    struct dfota_fault *fault)
{
    struct dfota_delta_header header = {.coding = DFOTA_CODING_ID_MIXED,
                                        .new_size = (uint32_t)plan->new.size,
                                        .prediction = plan->prediction,
                                        .order = plan->order,
                                        .mixed = out->mixed};
    struct dfota_coding_job job = {.header = &header};
    struct dfota_rehearsal rehearsal;
    void *memory = NULL;
    enum dfota_error err = dfota_rehearsal_open(plan, &rehearsal, fault);

    if (err)
        return err;
    memory = dfota_large_aligned((size_t)dfota_delta_memory(&header));
    if (memory == NULL) {
        err = dfota_fail(fault, DFOTA_ERR_MEMORY, DFOTA_NO_OFFSET, NULL);
        goto out;
    }
    job.applier = &rehearsal.applier;
    job.predictor = &rehearsal.predictor;
    job.memory = memory;
    if (plan->order.segment_size > 0)
        err = encode_segments(plan, &rehearsal, &job, out, fault);
    else
        err = encode(plan, &rehearsal, &job, out, fault);
    if (!err)
        err = dfota_buffer_check(&out->records, fault);
    if (!err)
        err = dfota_buffer_check(&out->content, fault);
    out->mixed.record_size = (uint32_t)out->records.size;
    out->mixed.content_size = (uint32_t)out->content.size;
out:
    free(memory);
    dfota_rehearsal_close(&rehearsal);
    return err;
}

void dfota_mixed_free(struct dfota_mixed_out *out)
{
    dfota_buffer_free(&out->records);
    dfota_buffer_free(&out->content);
}
