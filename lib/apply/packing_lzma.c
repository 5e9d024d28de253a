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

/* A stream on its way through the coder. */
struct job {
    const struct dfota_packed_job *job;
    struct dfota_packed_io *io;
    struct dfota_parse *parse; /* NULL: it is taken apart */
    struct dfota_lzma *lzma;
    bool known; /* LZMA2: there has been a dictionary, */
    bool ready; /* and a chunk with numbers since */
};

/* The tokens up to `size`, and the end of what is coded. */
static bool do_tokens(struct job *job, uint32_t size, bool marker)
{
    struct dfota_lzma *lzma = job->lzma;
    bool good = dfota_lzma_begin(lzma);

    lzma->size = size;
    while (good && lzma->pos < size) {
        struct dfota_token token = {0};

        if (job->parse != NULL)
            dfota_parse_token(job->parse, &token);
        good = dfota_lzma_token(lzma, &token) &&
               dfota_packed_keep_token(job->io, job->job->room, &token) &&
               !job->io->error && (job->parse == NULL || !job->parse->error);
    }
    return good && (!marker || dfota_lzma_marker(lzma)) && dfota_lzma_end(lzma);
}

static uint8_t do_byte(struct job *job, uint8_t byte)
{
    if (job->parse == NULL)
        return dfota_packed_get(job->io);
    dfota_packed_put(job->io, byte);
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
    uint8_t control = block->kind;

    if (control >= CODED)
        control = (uint8_t)(control | (block->size - 1) >> 16);
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
    lzma->pb = props / 45;
    lzma->lp = props / 9 % 5;
    lzma->lc = props % 9;
    return props <= PROPS_MAX && lzma->lc + lzma->lp <= LITERAL_BITS;
}

/* Whether the chunk can stand here, and what it makes of the coder. */
static bool enter(struct job *job, const struct dfota_packed_block *block)
{
    struct dfota_lzma *lzma = job->lzma;
    uint8_t kind = block->kind;

    if (kind == STORED_RESET || kind == CODED_RESET) {
        lzma->begin = lzma->pos;
        job->known = true;
        job->ready = false;
    }
    if (kind >= CODED_PROPS)
        job->ready = set_props(lzma, block->props);
    if ((kind > STORED && kind < CODED) || !job->known ||
        (kind >= CODED && !job->ready) || block->size == 0 ||
        block->size > lzma->size - lzma->pos)
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
    uint8_t *at = job->job->contents + job->lzma->pos;

    for (uint32_t i = 0; i < size; i++)
        at[i] = do_byte(job, at[i]);
    job->lzma->pos += size;
    if (job->parse != NULL)
        job->parse->pos += size;
    return dfota_packed_keep_token(job->io, job->job->room, &token);
}

static bool do_chunk(struct job *job, const struct dfota_packed_block *block)
{
    uint32_t left = job->io->left;

    if (block->kind < CODED)
        return do_stored(job, block->size);
    return do_tokens(job, job->lzma->pos + block->size, false) &&
           left - job->io->left == block->packed_size;
}

static bool do_lzma2(struct job *job)
{
    struct dfota_lzma *lzma = job->lzma;
    uint32_t size = lzma->size;

    for (;;) {
        struct dfota_packed_block block = {0};

        lzma->size = size;
        if (job->parse != NULL && lzma->pos < size) {
            dfota_parse_block(job->parse, &block);
            if (job->parse->error)
                return false;
        }
        do_header(job, &block);
        if (block.kind == END)
            return lzma->pos == size;
        if (!enter(job, &block) ||
            !dfota_packed_keep_block(job->io, job->job->found, &block, NULL) ||
            !do_chunk(job, &block) || job->io->error)
            return false;
    }
}

static bool run(const struct dfota_packed_job *packed_job,
                struct dfota_packed_io *io, struct dfota_parse *parse,
                void *memory)
{
    const struct dfota_packed_region *region = packed_job->region;
    struct dfota_lzma *lzma = memory;
    struct job job = {packed_job, io, parse, lzma, false, false};

    *lzma = (struct dfota_lzma){.writes = parse != NULL,
                                .lc = region->lc,
                                .lp = region->lp,
                                .pb = region->pb,
                                .contents = packed_job->contents,
                                .size = region->contents_size,
                                .io = io};
    if (region->packing == DFOTA_PACKING_LZMA2)
        return do_lzma2(&job);
    dfota_lzma_reset(lzma);
    return do_tokens(&job, region->contents_size, region->end_marker);
}

const struct dfota_packing dfota_packing_lzma = {
    DFOTA_PACKING_LZMA, DFOTA_PACKING_LZMA2, run, NULL};
