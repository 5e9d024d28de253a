/* SPDX-License-Identifier: MIT */
/*
 * mix_coder.h - our own way to code: every decision mixed from four contexts
 *
 * Spec: docs/SPEC.md, chapter Delta, "Mixed coding".
 */
#ifndef DFOTA_LIB_APPLY_MIX_CODER_H
#define DFOTA_LIB_APPLY_MIX_CODER_H

#include "lib/apply/coder.h"
#include "lib/apply/mix.h"

#define DFOTA_MIX_RECORD_SLOTS 1024 /* slots that records are coded with */
#define DFOTA_MIX_RECORD_SETS  8
#define DFOTA_MIX_CONTENT_SETS 96

struct dfota_mix_coder {
    struct dfota_coder coder; /* first: the coder is this one */
    const struct dfota_predictor *predictor;

    struct dfota_mix records;
    uint32_t anchor; /* shift of the last copy that was not short */
    struct dfota_record last;

    struct dfota_mix content;
    uint64_t tail;           /* the last eight bytes, the newest lowest */
    uint32_t clean_history;  /* a bit a piece: 0 when it was clean */
    uint32_t stride_history; /* a bit a stride: 0 when it was clean */
    uint32_t doubt; /* pieces of a stride that is not clean, until one is not */
    uint64_t miss_history; /* a bit a copied byte: 1 when it was not foreseen */
    uint32_t run;          /* copied bytes foreseen in a row */
    uint32_t site_history; /* a bit a site: 1 when it was foreseen */
    uint32_t other_history; /* two bits a site that was not: which other */
    uint8_t drift[4];       /* actual less foreseen byte, last by position */
};

struct dfota_coding_job;

/*
 * Makes a coder, without its ranges, in the job's memory.  Whoever encodes
 * gives both mixers a range that does.
 */
struct dfota_mix_coder *dfota_mix_coder_make(struct dfota_coding_job *job,
                                             bool encodes);

/* Lets the coder forget all of the content, as at its beginning. */
void dfota_mix_coder_forget(struct dfota_mix_coder *coder);

/* Lets it forget all of the records. */
void dfota_mix_coder_rewind(struct dfota_mix_coder *coder);

/* Functions of the coder, by the file that they are in. */
void dfota_mix_record(struct dfota_coder *coder, struct dfota_record *record);
uint32_t dfota_mix_order(struct dfota_coder *coder,
                         enum dfota_order_number what, uint32_t number);
bool dfota_mix_clean(struct dfota_coder *coder, uint32_t size, bool clean);
bool dfota_mix_stride(struct dfota_coder *coder, uint32_t size, bool clean);
void dfota_mix_bytes(struct dfota_coder *coder, uint32_t old_pos,
                     const uint8_t *foreseen, uint8_t *actual, size_t size);
void dfota_mix_site(struct dfota_coder *coder, const struct dfota_guess *guess,
                    uint8_t *actual);
void dfota_mix_literal(struct dfota_coder *coder, uint8_t dialect,
                       uint32_t new_pos, uint8_t *actual, size_t size);

/* Makes an error of the range the coder's; notes where the range is. */
void dfota_mix_check(struct dfota_mix_coder *coder,
                     const struct dfota_range *range);

/* What the content's contexts remember of `byte`, the next of new. */
static inline void dfota_mix_remember(struct dfota_mix_coder *coder,
                                      uint8_t byte)
{
    coder->tail = coder->tail << 8 | byte;
}

#endif
