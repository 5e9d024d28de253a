/* SPDX-License-Identifier: MIT */
#include "lib/delta/mixed.h"

#include <stdlib.h>

#include "lib/apply/delta_header.h"
#include "lib/apply/mix_coder.h"
#include "lib/base/fault.h"

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
                                        .prediction = plan->prediction,
                                        .mixed = out->mixed};
    struct dfota_coding_job job = {.header = &header};
    struct dfota_rehearsal rehearsal;
    void *memory = NULL;
    enum dfota_error err = dfota_rehearsal_open(plan, &rehearsal, fault);

    if (err)
        return err;
    memory =
        aligned_alloc(16, ((size_t)dfota_delta_memory(&header) + 15) / 16 * 16);
    if (memory == NULL) {
        err = dfota_fail(fault, DFOTA_ERR_MEMORY, DFOTA_NO_OFFSET, NULL);
        goto out;
    }
    job.applier = &rehearsal.applier;
    job.predictor = &rehearsal.predictor;
    job.memory = memory;
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
