/* SPDX-License-Identifier: MIT */
#include "lib/apply/deflate_coder.h"
#include "lib/apply/packing.h"

#define STORED_MAX 65535 /* bytes of a stored block */

#define SYMBOLS    (DFOTA_DEFLATE_LITERALS + DFOTA_DEFLATE_DISTANCES)

/* What is in the memory of whoever makes a stream. */
struct making {
    struct dfota_deflate deflate;
    uint32_t counts[SYMBOLS]; /* how often a block has each symbol */
};

_Static_assert(sizeof(struct making) <= DFOTA_DEFLATE_SIZE,
               "the coder fits in the memory counted for it");

/* A stream that is taken apart. */
struct source {
    const struct dfota_unpack_job *job;
    struct dfota_deflate *deflate;
    uint32_t pos; /* in the contents */
};

static bool read_stored(struct source *source, struct dfota_packed_block *block)
{
    struct dfota_deflate *deflate = source->deflate;
    struct dfota_token token = {.kind = DFOTA_TOKEN_STORED};

    dfota_deflate_align(deflate);
    token.length = dfota_deflate_bits(deflate, 16, 0);
    if (dfota_deflate_bits(deflate, 16, 0) != (token.length ^ STORED_MAX) ||
        token.length > source->job->region->contents_size - source->pos)
        return false;
    block->size = token.length;
    for (uint32_t i = 0; i < token.length; i++)
        source->job->contents[source->pos++] = dfota_packed_get(deflate->io);
    return token.length == 0 ||
           dfota_packed_keep_token(deflate->io, source->job->tokens, &token);
}

static bool read_token(struct source *source, struct dfota_token *token)
{
    const struct dfota_unpack_job *job = source->job;
    uint32_t left = job->region->contents_size - source->pos;
    uint8_t *to = job->contents + source->pos;
    uint8_t literal = 0;

    *token = (struct dfota_token){0};
    if (!dfota_deflate_token(source->deflate, &literal, token) ||
        source->deflate->io->error || token->length > left ||
        token->distance > source->pos)
        return false;
    if (token->length == 0)
        return true;
    if (token->kind == DFOTA_TOKEN_LITERAL)
        *to = literal;
    else
        dfota_packed_repeat(to, token);
    source->pos += token->length;
    return dfota_packed_keep_token(source->deflate->io, job->tokens, token);
}

static bool read_tokens(struct source *source, struct dfota_packed_block *block)
{
    struct dfota_deflate *deflate = source->deflate;
    unsigned type = block->kind & DFOTA_DEFLATE_TYPE;
    struct dfota_token token;

    if (type == DFOTA_DEFLATE_FIXED)
        dfota_deflate_fixed(deflate);
    else if (type != DFOTA_DEFLATE_DYNAMIC ||
             !dfota_deflate_lengths(deflate, &block->kind))
        return false;
    for (;; block->size++) {
        if (!read_token(source, &token))
            return false;
        if (token.length == 0)
            return true;
    }
}

static bool read_blocks(struct source *source)
{
    struct dfota_packed_block block;

    do {
        block = (struct dfota_packed_block){0};
        block.kind = (uint8_t)dfota_deflate_bits(source->deflate, 3, 0);
        if (!((block.kind & DFOTA_DEFLATE_TYPE) == 0
                  ? read_stored(source, &block)
                  : read_tokens(source, &block)) ||
            !dfota_packed_keep_block(source->deflate->io, source->job->blocks,
                                     &block, &source->deflate->lengths) ||
            source->deflate->io->error)
            return false;
    } while ((block.kind & DFOTA_DEFLATE_LAST) == 0);
    return source->pos == source->job->region->contents_size;
}

static bool unpack(const struct dfota_unpack_job *job,
                   struct dfota_packed_io *io, void *memory)
{
    struct dfota_deflate *deflate = memory;
    struct source source = {.job = job, .deflate = deflate};

    *deflate = (struct dfota_deflate){.io = io};
    return read_blocks(&source);
}

/* A stream that is told, and made. */
struct sink {
    const struct dfota_pack_job *job;
    struct dfota_parse *parse;
    struct dfota_deflate *deflate;
    const struct dfota_tokens *tokens; /* the caller's, or told so far */
    uint32_t *counts;
};

/* The token at `pos`, whose symbols are counted. */
static void count_token(const struct sink *sink, uint32_t pos,
                        const struct dfota_token *token)
{
    uint32_t *distances = sink->counts + DFOTA_DEFLATE_LITERALS;

    if (token->kind == DFOTA_TOKEN_LITERAL) {
        sink->counts[sink->job->contents[pos]]++;
        return;
    }
    sink->counts[dfota_deflate_length_symbol(token->length)]++;
    distances[dfota_deflate_distance_symbol(token->distance)]++;
}

static bool tell_tokens(struct sink *sink,
                        const struct dfota_packed_block *block)
{
    struct dfota_parse *parse = sink->parse;
    uint32_t size = sink->job->region->contents_size;
    bool last = (block->kind & DFOTA_DEFLATE_LAST) != 0;

    for (unsigned i = 0; i < SYMBOLS; i++)
        sink->counts[i] = 0;
    sink->counts[DFOTA_DEFLATE_END] = 1;
    for (uint32_t i = 0; last ? parse->pos < size : i < block->size; i++) {
        uint32_t pos = parse->pos;
        struct dfota_token token = {0};

        if (pos == size)
            return false;
        dfota_parse_token(parse, &token);
        if (parse->error)
            return false;
        count_token(sink, pos, &token);
        if (!dfota_packed_keep_token(sink->deflate->io, sink->job->room,
                                     &token))
            return false;
    }
    return true;
}

static bool tell_lengths(struct sink *sink,
                         const struct dfota_packed_block *block)
{
    struct dfota_packed_codes *lengths = &sink->deflate->lengths;
    const struct dfota_packed_blocks *known = sink->job->blocks;

    if (known != NULL && known->codes != NULL)
        *lengths = known->codes[sink->parse->block - 1];
    dfota_parse_codes(sink->parse, sink->counts, lengths->bits,
                      DFOTA_DEFLATE_LITERALS);
    dfota_parse_codes(sink->parse, sink->counts + DFOTA_DEFLATE_LITERALS,
                      lengths->bits + DFOTA_DEFLATE_LITERALS,
                      DFOTA_DEFLATE_DISTANCES);
    dfota_deflate_count(sink->deflate, block->kind, sink->counts);
    dfota_parse_codes(sink->parse, sink->counts, lengths->order,
                      DFOTA_PACKED_ORDER);
    for (unsigned i = 0; i < DFOTA_PACKED_ORDER; i++)
        if (lengths->order[i] > 7)
            return false;
    return !sink->parse->error;
}

static bool write_tokens(struct sink *sink, uint32_t pos,
                         struct dfota_packed_block *block)
{
    struct dfota_deflate *deflate = sink->deflate;
    struct dfota_token token;
    uint8_t literal;

    dfota_deflate_bits(deflate, 3, block->kind);
    if ((block->kind & DFOTA_DEFLATE_TYPE) == DFOTA_DEFLATE_FIXED)
        dfota_deflate_fixed(deflate);
    else if (!dfota_deflate_lengths(deflate, &block->kind))
        return false;
    for (; pos < sink->parse->pos && !deflate->io->error; pos += token.length) {
        dfota_tokens_at(sink->tokens, pos, &token);
        literal = sink->job->contents[pos];
        if (!dfota_deflate_token(deflate, &literal, &token))
            return false;
    }
    token = (struct dfota_token){0};
    return dfota_deflate_token(deflate, &literal, &token);
}

static bool do_tokens(struct sink *sink, struct dfota_packed_block *block)
{
    uint32_t pos = sink->parse->pos;
    bool dynamic = (block->kind & DFOTA_DEFLATE_TYPE) == DFOTA_DEFLATE_DYNAMIC;

    return tell_tokens(sink, block) &&
           (!dynamic || tell_lengths(sink, block)) &&
           (sink->job->write == NULL || write_tokens(sink, pos, block));
}

static bool do_stored(struct sink *sink, const struct dfota_packed_block *block)
{
    const struct dfota_token token = {DFOTA_TOKEN_STORED, block->size, 0};
    struct dfota_deflate *deflate = sink->deflate;
    uint32_t pos = sink->parse->pos;

    if (block->size > STORED_MAX ||
        block->size > sink->job->region->contents_size - pos)
        return false;
    if (block->size > 0 &&
        !dfota_packed_keep_token(deflate->io, sink->job->room, &token))
        return false;
    dfota_parse_skip(sink->parse, block->size);
    if (sink->job->write == NULL)
        return true;
    dfota_deflate_bits(deflate, 3, block->kind);
    dfota_deflate_align(deflate);
    dfota_deflate_bits(deflate, 16, block->size);
    dfota_deflate_bits(deflate, 16, block->size ^ STORED_MAX);
    for (; pos < sink->parse->pos; pos++)
        dfota_packed_put(deflate->io, sink->job->contents[pos]);
    return true;
}

static bool do_blocks(struct sink *sink)
{
    struct dfota_packed_block block;

    do {
        unsigned type;

        block = (struct dfota_packed_block){0};
        dfota_parse_block(sink->parse, &block);
        type = block.kind & DFOTA_DEFLATE_TYPE;
        if (type == DFOTA_DEFLATE_TYPE || sink->parse->error ||
            !(type == 0 ? do_stored(sink, &block) : do_tokens(sink, &block)) ||
            sink->deflate->io->error)
            return false;
    } while ((block.kind & DFOTA_DEFLATE_LAST) == 0);
    dfota_deflate_align(sink->deflate);
    return sink->parse->pos == sink->job->region->contents_size;
}

static bool pack(const struct dfota_pack_job *job, struct dfota_packed_io *io,
                 struct dfota_parse *parse, void *memory)
{
    struct making *making = memory;
    struct sink sink = {
        .job = job,
        .parse = parse,
        .deflate = &making->deflate,
        .tokens = job->tokens != NULL ? job->tokens : job->room,
        .counts = making->counts,
    };

    making->deflate = (struct dfota_deflate){.writes = true, .io = io};
    return do_blocks(&sink);
}

const struct dfota_packing dfota_packing_deflate = {
    DFOTA_PACKING_DEFLATE, DFOTA_PACKING_DEFLATE, unpack, pack};
