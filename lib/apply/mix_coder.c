/* SPDX-License-Identifier: MIT */
#include "lib/apply/mix_coder.h"

#include "lib/apply/coding.h"
#include "lib/apply/delta_header.h"

void dfota_mix_check(struct dfota_mix_coder *coder,
                     const struct dfota_range *range)
{
    struct dfota_coder *self = &coder->coder;

    if (self->error)
        return;
    self->error = range->error;
    self->rule = range->error == DFOTA_ERR_CORRUPT ? "DLT-15" : NULL;
    self->position = dfota_range_position(range);
}

static void end_range(struct dfota_coder *self, const struct dfota_range *range)
{
    if (self->error || self->encodes || dfota_range_used_up(range))
        return;
    self->error = DFOTA_ERR_CORRUPT;
    self->rule = "DLT-20";
    self->position = dfota_range_position(range);
}

static void end_records(struct dfota_coder *self)
{
    end_range(self, &((struct dfota_mix_coder *)self)->records.range);
}

static void end_content(struct dfota_coder *self)
{
    end_range(self, &((struct dfota_mix_coder *)self)->content.range);
}

void dfota_mix_coder_rewind(struct dfota_mix_coder *coder)
{
    coder->anchor = 0;
    coder->last = (struct dfota_record){0};
    dfota_mix_reset(&coder->records, DFOTA_MIX_RECORD_SETS);
}

void dfota_mix_coder_forget(struct dfota_mix_coder *coder)
{
    dfota_mix_reset(&coder->content, DFOTA_MIX_CONTENT_SETS);
    coder->tail = 0;
    coder->clean_history = 0;
    coder->stride_history = 0;
    coder->doubt = 0;
    coder->miss_history = 0;
    coder->run = 0;
    coder->site_history = 0;
    coder->other_history = 0;
    for (unsigned i = 0; i < 4; i++)
        coder->drift[i] = 0;
}

static void set_up(struct dfota_mix_coder *coder,
                   const struct dfota_predictor *predictor, bool encodes)
{
    coder->coder = (struct dfota_coder){
        .encodes = encodes,
        .record = dfota_mix_record,
        .number = dfota_mix_order,
        .clean = dfota_mix_clean,
        .stride = dfota_mix_stride,
        .bytes = dfota_mix_bytes,
        .site = dfota_mix_site,
        .literal = dfota_mix_literal,
        .end_records = end_records,
        .end = end_content,
    };
    coder->predictor = predictor;
    dfota_mix_coder_rewind(coder);
    dfota_mix_coder_forget(coder);
}

/* --- setting up ----------------------------------------------------------- */

static void take_mix(struct dfota_coding_job *job, const int16_t *logits,
                     unsigned sets, uint32_t slots, struct dfota_mix *mix)
{
    mix->logits = logits;
    mix->weights =
        dfota_coding_take(job, (uint32_t)sizeof(*mix->weights) * sets);
    mix->slots = dfota_coding_take(job, (uint32_t)sizeof(*mix->slots) * slots);
    mix->slot_count = slots;
}

struct dfota_mix_coder *dfota_mix_coder_make(struct dfota_coding_job *job,
                                             bool encodes)
{
    struct dfota_mix_coder *coder = dfota_coding_take(job, sizeof(*coder));
    int16_t *logits =
        dfota_coding_take(job, sizeof(*logits) * DFOTA_MIX_LOGITS);

    dfota_mix_logits(logits);
    take_mix(job, logits, DFOTA_MIX_RECORD_SETS, DFOTA_MIX_RECORD_SLOTS,
             &coder->records);
    take_mix(job, logits, DFOTA_MIX_CONTENT_SETS, job->header->mixed.slots,
             &coder->content);
    set_up(coder, job->predictor, encodes);
    return coder;
}

static void decode_records(const struct dfota_coding_job *job,
                           struct dfota_mix_coder *coder, uint8_t *buffer)
{
    uint32_t begin = dfota_delta_coded(job->header);

    dfota_range_decode(&coder->records.range, job->applier, buffer, begin,
                       begin + job->header->mixed.record_size);
    dfota_mix_check(coder, &coder->records.range);
}

static void decode_content(const struct dfota_coding_job *job,
                           struct dfota_mix_coder *coder, uint32_t begin,
                           uint32_t size)
{
    dfota_range_decode(&coder->content.range, job->applier,
                       coder->content.range.buffer, begin, begin + size);
    dfota_mix_check(coder, &coder->content.range);
}

_Static_assert(sizeof(struct dfota_mix_coder) + 16 + DFOTA_RANGE_BUFFER +
                       DFOTA_RANGE_BUFFER <=
                   DFOTA_CODER_MEMORY,
               "coder and buffers are what SPEC states");

static enum dfota_error open_mixed(struct dfota_coding_job *job,
                                   struct dfota_coder **out,
                                   struct dfota_fault *fault)
{
    struct dfota_mix_coder *coder = dfota_mix_coder_make(job, false);
    uint32_t begin =
        dfota_delta_coded(job->header) + job->header->mixed.record_size;

    (void)fault;
    *out = &coder->coder;
    decode_records(job, coder, dfota_coding_take(job, DFOTA_RANGE_BUFFER));
    if (coder->coder.error)
        return coder->coder.error;
    coder->content.range.buffer = dfota_coding_take(job, DFOTA_RANGE_BUFFER);
    decode_content(job, coder, begin, job->header->mixed.content_size);
    return coder->coder.error;
}

static enum dfota_error rewind_mixed(struct dfota_coding_job *job,
                                     struct dfota_coder *self,
                                     struct dfota_fault *fault)
{
    struct dfota_mix_coder *coder = (struct dfota_mix_coder *)self;

    (void)fault;
    self->error = DFOTA_OK;
    decode_records(job, coder, coder->records.range.buffer);
    dfota_mix_coder_rewind(coder);
    return self->error;
}

static enum dfota_error segment_mixed(struct dfota_coding_job *job,
                                      struct dfota_coder *self, uint32_t begin,
                                      uint32_t size)
{
    struct dfota_mix_coder *coder = (struct dfota_mix_coder *)self;

    dfota_mix_coder_forget(coder);
    decode_content(job, coder, begin, size);
    return self->error;
}

const struct dfota_coding dfota_coding_mixed = {
    DFOTA_CODING_ID_MIXED, open_mixed, rewind_mixed, segment_mixed};
