/* SPDX-License-Identifier: MIT */
#include "lib/apply/deflate_coder.h"
#include "lib/apply/packing.h"

#define STORED_MAX 65535 /* bytes of a stored block */
#define ORDER_MAX  7     /* bits of a code that tells lengths */
#define SYMBOLS    (DFOTA_DEFLATE_LITERALS + DFOTA_DEFLATE_DISTANCES)

/* A stream on its way through the coder. */
struct job {
    const struct dfota_packed_job *job;
    struct dfota_packed_io *io;
    struct dfota_parse *parse;         /* NULL: it is taken apart */
    const struct dfota_tokens *tokens; /* the caller's, or told so far */
    uint32_t pos;                      /* in the contents */
    struct dfota_deflate deflate;
    uint32_t counts[SYMBOLS]; /* how often a block has each symbol */
};

_Static_assert(sizeof(struct job) <= DFOTA_DEFLATE_SIZE,
               "the coder fits in the memory counted for it");

static bool do_stored(struct job *job, struct dfota_packed_block *block)
{
    struct dfota_deflate *deflate = &job->deflate;
    struct dfota_token token = {.kind = DFOTA_TOKEN_STORED};
    uint8_t *at = job->job->contents + job->pos;

    if (block->size > STORED_MAX)
        return false;
    dfota_deflate_align(deflate);
    block->size = dfota_deflate_bits(deflate, 16, block->size);
    if (dfota_deflate_bits(deflate, 16, ~block->size) !=
            (block->size ^ STORED_MAX) ||
        block->size > job->job->region->contents_size - job->pos)
        return false;
    for (uint32_t i = 0; i < block->size; i++)
        at[i] = (uint8_t)dfota_deflate_bits(deflate, 8, at[i]);
    if (job->parse != NULL)
        job->parse->pos += block->size;
    job->pos += block->size;
    token.length = block->size;
    return token.length == 0 ||
           dfota_packed_keep_token(job->io, job->job->room, &token);
}

/* The tokens of a block, which are told before its codes are made. */
static bool tell_tokens(struct job *job, const struct dfota_packed_block *block)
{
    struct dfota_parse *parse = job->parse;
    uint32_t size = job->job->region->contents_size;
    uint32_t most = block->kind & DFOTA_DEFLATE_LAST ? size : block->size;

    for (unsigned i = 0; i < SYMBOLS; i++)
        job->counts[i] = 0;
    job->counts[DFOTA_DEFLATE_END] = 1;
    for (uint32_t i = 0; i < most && parse->pos < size; i++) {
        uint8_t literal = job->job->contents[parse->pos];
        struct dfota_token token = {0};

        dfota_parse_token(parse, &token);
        job->counts[dfota_deflate_symbol(&token, literal)]++;
        if (token.kind != DFOTA_TOKEN_LITERAL)
            job->counts[DFOTA_DEFLATE_LITERALS +
                        dfota_deflate_distance_symbol(token.distance)]++;
        if (parse->error ||
            !dfota_packed_keep_token(job->io, job->job->room, &token))
            return false;
    }
    return true;
}

static bool tell_lengths(struct job *job,
                         const struct dfota_packed_block *block)
{
    struct dfota_packed_codes *lengths = &job->deflate.lengths;
    const struct dfota_packed_blocks *known = job->job->blocks;

    if (known != NULL && known->codes != NULL)
        *lengths = known->codes[job->parse->block - 1];
    dfota_parse_codes(job->parse, job->counts, lengths->bits,
                      DFOTA_DEFLATE_LITERALS);
    dfota_parse_codes(job->parse, job->counts + DFOTA_DEFLATE_LITERALS,
                      lengths->bits + DFOTA_DEFLATE_LITERALS,
                      DFOTA_DEFLATE_DISTANCES);
    dfota_deflate_count(&job->deflate, block->kind, job->counts);
    dfota_parse_codes(job->parse, job->counts, lengths->order,
                      DFOTA_PACKED_ORDER);
    for (unsigned i = 0; i < DFOTA_PACKED_ORDER; i++)
        if (lengths->order[i] > ORDER_MAX)
            return false;
    return !job->parse->error;
}

/* The next token of the stream; its length is 0 at the end of the block. */
static bool do_token(struct job *job, struct dfota_token *token)
{
    uint32_t left = job->job->region->contents_size - job->pos;
    uint8_t *at = job->job->contents + job->pos;
    uint8_t none = 0;

    *token = (struct dfota_token){0};
    if (job->parse != NULL && job->pos < job->parse->pos)
        dfota_tokens_at(job->tokens, job->pos, token);
    if (!dfota_deflate_token(&job->deflate, left > 0 ? at : &none, token) ||
        token->length > left || token->distance > job->pos || job->io->error)
        return false;
    job->pos += token->length;
    if (job->parse != NULL || token->length == 0)
        return true;
    dfota_packed_repeat(at, token);
    return dfota_packed_keep_token(job->io, job->job->room, token);
}

static bool do_tokens(struct job *job, struct dfota_packed_block *block)
{
    struct dfota_deflate *deflate = &job->deflate;
    struct dfota_token token;

    if ((block->kind & DFOTA_DEFLATE_TYPE) == DFOTA_DEFLATE_FIXED)
        dfota_deflate_fixed(deflate);
    else if (!dfota_deflate_lengths(deflate, &block->kind))
        return false;
    block->size = 0;
    for (;; block->size++) {
        if (!do_token(job, &token))
            return false;
        if (token.length == 0)
            return true;
    }
}

static bool do_block(struct job *job, struct dfota_packed_block *block)
{
    unsigned type;

    if (job->parse != NULL) {
        dfota_parse_block(job->parse, block);
        type = block->kind & DFOTA_DEFLATE_TYPE;
        if (job->parse->error || (type != 0 && !tell_tokens(job, block)) ||
            (type == DFOTA_DEFLATE_DYNAMIC && !tell_lengths(job, block)))
            return false;
    }
    block->kind |= (uint8_t)dfota_deflate_bits(&job->deflate, 3, block->kind);
    type = block->kind & DFOTA_DEFLATE_TYPE;
    return type != DFOTA_DEFLATE_TYPE &&
           (type == 0 ? do_stored(job, block) : do_tokens(job, block)) &&
           dfota_packed_keep_block(job->io, job->job->found, block,
                                   &job->deflate.lengths) &&
           !job->io->error;
}

static bool run(const struct dfota_packed_job *packed_job,
                struct dfota_packed_io *io, struct dfota_parse *parse,
                void *memory)
{
    struct job *job = memory;
    struct dfota_packed_block block;

    *job =
        (struct job){.job = packed_job,
                     .io = io,
                     .parse = parse,
                     .tokens = packed_job->tokens != NULL ? packed_job->tokens
                                                          : packed_job->room,
                     .deflate = {.writes = parse != NULL, .io = io}};
    do {
        block = (struct dfota_packed_block){0};
        if (!do_block(job, &block))
            return false;
    } while ((block.kind & DFOTA_DEFLATE_LAST) == 0);
    dfota_deflate_align(&job->deflate);
    return job->pos == packed_job->region->contents_size;
}

const struct dfota_packing dfota_packing_deflate = {
    DFOTA_PACKING_DEFLATE, DFOTA_PACKING_DEFLATE, run, NULL};
