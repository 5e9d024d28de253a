/* SPDX-License-Identifier: MIT */
#include "lib/apply/lzma_coder.h"
#include "lib/apply/packing.h"

#define END          0x00 /* control bytes of LZMA2 */
#define STORED_RESET 0x01 /* and forget the dictionary */
#define STORED       0x02
#define CODED        0x80
#define CODED_STATE  0xa0 /* and forget what was learned */
#define CODED_PROPS  0xc0 /* and have new numbers */
#define CODED_RESET  0xe0 /* and forget the dictionary */
#define PROPS_MAX    (4 * 45 + 4 * 9 + 8)
#define LITERAL_BITS 4 /* of lc and lp together */

_Static_assert(sizeof(struct dfota_lzma) <= DFOTA_LZMA_SIZE,
               "the coder fits in the memory counted for it");

/* A stream on its way through the coder: one of these two is there. */
struct job {
    const struct dfota_unpack_job *unpack;
    struct dfota_parse *parse;
    bool tells; /* the parse alone: nothing is packed */
    struct dfota_lzma *lzma;
    bool known; /* LZMA2: there has been a dictionary, */
    bool ready; /* and a chunk with numbers since */
};

/* The tokens up to `size`. */
static bool do_tokens(struct job *job, uint32_t size)
{
    struct dfota_lzma *lzma = job->lzma;

    lzma->size = size;
    while (lzma->pos < size) {
        struct dfota_token token = {0};

        if (job->parse != NULL)
            dfota_parse_token(job->parse, &token);
        if (job->tells)
            lzma->pos += token.length;
        else if (!dfota_lzma_token(lzma, &token))
            return false;
        if (job->unpack != NULL &&
            !dfota_packed_keep_token(lzma->io, job->unpack->tokens, &token))
            return false;
        if (lzma->io->error || (job->parse != NULL && job->parse->error))
            return false;
    }
    return true;
}

static bool do_end(struct job *job, bool marker)
{
    return job->tells || ((!marker || dfota_lzma_marker(job->lzma)) &&
                          dfota_lzma_end(job->lzma));
}

static bool do_lzma(struct job *job, const struct dfota_packed_region *region)
{
    struct dfota_lzma *lzma = job->lzma;

    dfota_lzma_reset(lzma);
    if (job->parse != NULL)
        dfota_parse_reset(job->parse, region->contents_size, true);
    return dfota_lzma_begin(lzma) && do_tokens(job, region->contents_size) &&
           do_end(job, region->end_marker);
}

static uint8_t do_byte(struct job *job, uint8_t byte)
{
    if (job->unpack != NULL)
        return dfota_packed_get(job->lzma->io);
    if (!job->tells)
        dfota_packed_put(job->lzma->io, byte);
    return byte;
}

/* The highest byte first. */
static uint32_t do_size(struct job *job, uint32_t less_one)
{
    uint32_t high = do_byte(job, (uint8_t)(less_one >> 8));

    return (high << 8) + do_byte(job, (uint8_t)less_one) + 1;
}

/* A chunk's header, as the stream or the parse has it. */
static void do_header(struct job *job, struct dfota_packed_block *block)
{
    uint32_t high = (block->size - 1) >> 16;
    uint8_t control = block->kind;

    if (job->unpack == NULL && control >= CODED)
        control = (uint8_t)(control | high);
    control = do_byte(job, control);
    block->kind = control;
    if (control == END)
        return;
    block->size = do_size(job, block->size - 1);
    if (control < CODED)
        return;
    block->kind = control & 0xe0;
    block->size += (control & 0x1fu) << 16;
    block->packed_size = do_size(job, block->packed_size - 1);
    if (control >= CODED_PROPS)
        block->props = do_byte(job, block->props);
}

static bool set_props(struct dfota_lzma *lzma, uint8_t props)
{
    if (props > PROPS_MAX)
        return false;
    lzma->pb = props / 45;
    lzma->lp = props / 9 % 5;
    lzma->lc = props % 9;
    return lzma->lc + lzma->lp <= LITERAL_BITS;
}

/* Whether the chunk can stand here, and what it makes of the coder. */
static bool enter(struct job *job, const struct dfota_packed_block *block)
{
    struct dfota_lzma *lzma = job->lzma;
    uint8_t kind = block->kind;
    bool resets = kind == STORED_RESET || kind == CODED_RESET;

    if ((kind > STORED && kind < CODED) || (!resets && !job->known) ||
        block->size == 0 || block->size > job->lzma->size - lzma->pos)
        return false;
    if (resets) {
        lzma->begin = lzma->pos;
        job->known = true;
        job->ready = false;
    }
    if (kind >= CODED_PROPS && !set_props(lzma, block->props))
        return false;
    if (kind >= CODED_PROPS)
        job->ready = true;
    if (kind >= CODED && !job->ready)
        return false;
    if (kind >= CODED_STATE)
        dfota_lzma_reset(lzma);
    if (job->parse != NULL)
        dfota_parse_reset(job->parse, lzma->pos + block->size,
                          kind >= CODED_STATE);
    return true;
}

static bool do_stored(struct job *job, uint32_t size)
{
    const struct dfota_token token = {DFOTA_TOKEN_STORED, size, 0};
    struct dfota_lzma *lzma = job->lzma;

    for (uint32_t i = 0; i < size; i++, lzma->pos++) {
        if (job->unpack != NULL)
            lzma->out[lzma->pos] = dfota_packed_get(lzma->io);
        else
            do_byte(job, lzma->contents[lzma->pos]);
    }
    if (job->parse != NULL)
        dfota_parse_skip(job->parse, size);
    return job->unpack == NULL ||
           dfota_packed_keep_token(lzma->io, job->unpack->tokens, &token);
}

static bool do_chunk(struct job *job, const struct dfota_packed_block *block)
{
    struct dfota_lzma *lzma = job->lzma;
    uint32_t left = dfota_packed_left(lzma->io);

    if (block->kind < CODED)
        return do_stored(job, block->size);
    return dfota_lzma_begin(lzma) && do_tokens(job, lzma->pos + block->size) &&
           do_end(job, false) &&
           (job->tells ||
            left - dfota_packed_left(lzma->io) == block->packed_size);
}

static bool do_lzma2(struct job *job, const struct dfota_packed_region *region)
{
    struct dfota_lzma *lzma = job->lzma;

    for (;;) {
        struct dfota_packed_block block = {0};

        lzma->size = region->contents_size;
        if (job->parse != NULL && lzma->pos < lzma->size)
            dfota_parse_block(job->parse, &block);
        if (job->parse != NULL && job->parse->error)
            return false;
        do_header(job, &block);
        if (block.kind == END)
            return lzma->pos == lzma->size;
        if (!enter(job, &block) ||
            (job->unpack != NULL &&
             !dfota_packed_keep_block(lzma->io, job->unpack->blocks, &block,
                                      NULL)) ||
            !do_chunk(job, &block) || lzma->io->error)
            return false;
    }
}

static bool run(struct job *job, const struct dfota_packed_region *region,
                struct dfota_packed_io *io)
{
    struct dfota_lzma *lzma = job->lzma;

    lzma->lc = region->lc;
    lzma->lp = region->lp;
    lzma->pb = region->pb;
    lzma->size = region->contents_size;
    lzma->io = io;
    return region->packing == DFOTA_PACKING_LZMA2 ? do_lzma2(job, region)
                                                  : do_lzma(job, region);
}

static bool unpack(const struct dfota_unpack_job *unpack_job,
                   struct dfota_packed_io *io, void *memory)
{
    struct dfota_lzma *lzma = memory;
    struct job job = {.unpack = unpack_job, .lzma = lzma};

    *lzma = (struct dfota_lzma){.contents = unpack_job->contents,
                                .out = unpack_job->contents};
    return run(&job, unpack_job->region, io);
}

static bool pack(const struct dfota_pack_job *pack_job,
                 struct dfota_packed_io *io, struct dfota_parse *parse,
                 void *memory)
{
    struct dfota_lzma *lzma = memory;
    struct job job = {
        .parse = parse, .lzma = lzma, .tells = pack_job->write == NULL};

    *lzma = (struct dfota_lzma){.writes = true, .contents = pack_job->contents};
    return run(&job, pack_job->region, io);
}

const struct dfota_packing dfota_packing_lzma = {
    DFOTA_PACKING_LZMA, DFOTA_PACKING_LZMA2, unpack, pack};
