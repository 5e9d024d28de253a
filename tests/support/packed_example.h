/* SPDX-License-Identifier: MIT */
/*
 * packed_example.h - packed regions in memory: taken apart, and made again with
 * the parse told in between
 */
#ifndef DFOTA_TESTS_SUPPORT_PACKED_EXAMPLE_H
#define DFOTA_TESTS_SUPPORT_PACKED_EXAMPLE_H

#include <stdlib.h>
#include <string.h>

#include "lib/apply/packed.h"
#include "lib/base/buffer.h"
#include "lib/delta/packed_pair.h"

#define PACKED_SLOTS  4096
#define PACKED_HEADS  1024
#define PACKED_CHAIN  4096
#define PACKED_BLOCKS 64 /* of small contents */

/* A packed stream and what it was taken apart into. */
struct packed {
    struct dfota_packed_region region;
    const uint8_t *stream;
    uint8_t *contents;
    void *memory; /* of the tokens */
    struct dfota_tokens tokens;
    struct dfota_packed_blocks blocks;
};

static inline void *packed_take(size_t size)
{
    void *memory = malloc(size > 0 ? size : 1);

    if (memory == NULL)
        abort();
    return memory;
}

static inline enum dfota_error packed_read(void *context, uint32_t offset,
                                           void *out, size_t size)
{
    const struct packed *packed = context;

    if (offset < packed->region.offset ||
        offset + size > packed->region.offset + packed->region.packed_size)
        abort();
    memcpy(out, packed->stream + (offset - packed->region.offset), size);
    return DFOTA_OK;
}

/* Takes `packed->region` apart, which is at `stream`; most of `most` copies. */
static inline enum dfota_error packed_open(struct packed *packed,
                                           const uint8_t *stream, uint32_t most,
                                           struct dfota_fault *fault)
{
    uint32_t size = packed->region.contents_size;
    void *memory = packed_take(dfota_unpack_memory(&packed->region));
    struct dfota_packed_job job = {.packings = dfota_packings,
                                   .region = &packed->region,
                                   .context = packed,
                                   .read = packed_read,
                                   .room = &packed->tokens,
                                   .found = &packed->blocks,
                                   .memory = memory};
    uint32_t blocks = PACKED_BLOCKS + size / 1024 * 16;
    enum dfota_error err;

    packed->stream = stream;
    packed->contents = packed_take(size);
    packed->memory = packed_take(dfota_tokens_memory(size, most));
    packed->blocks = (struct dfota_packed_blocks){
        packed_take(blocks * sizeof(struct dfota_packed_block)),
        packed_take(blocks * sizeof(struct dfota_packed_codes)), blocks, 0};
    dfota_tokens_open(&packed->tokens, size, most, packed->memory);
    job.contents = packed->contents;
    err = dfota_unpack_region(&job, fault);
    free(memory);
    return err;
}

static inline void packed_close(struct packed *packed)
{
    free(packed->contents);
    free(packed->memory);
    free(packed->blocks.blocks);
    free(packed->blocks.codes);
}

/* What tells a parse, or is told one. */
struct packed_teller {
    struct dfota_mix mix;
    int16_t logits[DFOTA_MIX_LOGITS];
    int32_t weights[DFOTA_PARSE_SETS][DFOTA_MIX_CONTEXTS];
    uint16_t slots[PACKED_SLOTS];
    uint32_t heads[PACKED_HEADS];
    uint32_t chain[PACKED_CHAIN];
    struct dfota_parse_old old;
    struct dfota_copy copy;
    struct dfota_map_entry entry;
    struct dfota_map map;
};

static inline void packed_put(void *context, uint8_t byte)
{
    uint8_t *room = dfota_buffer_reserve(context, 1);

    if (room == NULL)
        abort();
    *room = byte;
    ((struct dfota_buffer *)context)->size++;
}

static inline enum dfota_error packed_write(void *context, const void *bytes,
                                            size_t size)
{
    for (size_t i = 0; i < size; i++)
        packed_put(context, ((const uint8_t *)bytes)[i]);
    return DFOTA_OK;
}

/* A job for `new`, of which all that both have was copied from `old`, if any;
 * the mixer knows nothing and has no range yet. */
static inline struct dfota_packed_job packed_job(struct packed_teller *teller,
                                                 const struct packed *new,
                                                 const struct packed *old)
{
    memset(teller, 0, sizeof(*teller));
    dfota_mix_logits(teller->logits);
    teller->mix = (struct dfota_mix){.logits = teller->logits,
                                     .weights = teller->weights,
                                     .slots = teller->slots,
                                     .slot_count = PACKED_SLOTS};
    dfota_mix_reset(&teller->mix, DFOTA_PARSE_SETS);
    if (old != NULL) {
        uint32_t length = old->region.contents_size;

        if (length > new->region.contents_size)
            length = new->region.contents_size;
        teller->old.tokens = &old->tokens;
        teller->copy.length = length;
        teller->entry.length = length;
    }
    teller->map = (struct dfota_map){&teller->entry, old != NULL};
    return (struct dfota_packed_job){.packings = dfota_packings,
                                     .region = &new->region,
                                     .contents = new->contents,
                                     .mix = &teller->mix,
                                     .olds = &teller->old,
                                     .old_count = old != NULL,
                                     .copies = &teller->copy,
                                     .copy_count = old != NULL,
                                     .map = &teller->map,
                                     .heads = teller->heads,
                                     .head_count = PACKED_HEADS,
                                     .chain = teller->chain,
                                     .chain_count = PACKED_CHAIN};
}

/* Tells the parse of `new`: appends it to `told`, and the stream to `made`
 * unless that is NULL. */
static inline enum dfota_error packed_tell(const struct packed *new,
                                           const struct packed *old,
                                           struct dfota_buffer *told,
                                           struct dfota_buffer *made)
{
    struct packed_teller *teller = packed_take(sizeof(*teller));
    struct dfota_packed_job job = packed_job(teller, new, old);
    enum dfota_error err;

    job.tokens = &new->tokens;
    job.blocks = &new->blocks;
    job.context = made;
    job.write = made != NULL ? packed_write : NULL;
    job.memory = packed_take(dfota_pack_memory(&new->region));
    dfota_range_encode(&teller->mix.range, packed_put, told);
    err = dfota_pack_region(&job, NULL);
    dfota_range_flush(&teller->mix.range);
    free(job.memory);
    free(teller);
    return err;
}

/* Makes the stream of `new`, of which the region and the contents are used,
 * from what was told. */
static inline enum dfota_error packed_make(const struct packed *new,
                                           const struct packed *old,
                                           const struct dfota_buffer *told,
                                           struct dfota_buffer *made,
                                           struct dfota_fault *fault)
{
    struct packed_teller *teller = packed_take(sizeof(*teller));
    struct dfota_packed_job job = packed_job(teller, new, old);
    uint32_t size = new->region.contents_size;
    const uint8_t *in = told->size > 0 ? told->data : (const uint8_t *)"";
    void *memory = packed_take(dfota_tokens_memory(size, size));
    struct dfota_tokens room;
    enum dfota_error err;

    dfota_tokens_open(&room, size, size, memory);
    job.room = new->region.packing == DFOTA_PACKING_DEFLATE ? &room : NULL;
    job.context = made;
    job.write = packed_write;
    job.memory = packed_take(dfota_pack_memory(&new->region));
    dfota_range_decode_bytes(&teller->mix.range, in, in + told->size);
    err = dfota_pack_region(&job, fault);
    free(memory);
    free(job.memory);
    free(teller);
    return err;
}

#endif
