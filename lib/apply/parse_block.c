/* SPDX-License-Identifier: MIT */
#include "lib/apply/deflate_coder.h"
#include "lib/apply/parse.h"

#define CODED 0x80 /* control bytes of LZMA2, from here on */
#define PROPS 0xc0 /* and with parameters from here on */

static void set_contexts(struct dfota_parse *parse, uint32_t what,
                         uint32_t kind)
{
    dfota_parse_contexts(
        parse, what == 0 ? DFOTA_PARSE_SET_BLOCK : DFOTA_PARSE_SET_SIZE, 40,
        (const uint32_t[8]){what, 0, what, kind, what, parse->before.kind, what,
                            kind + 256u * parse->before.kind});
}

/* A number that is often `likely`: the bits in which it is not. */
static uint32_t told(struct dfota_parse *parse, uint32_t what, uint32_t kind,
                     uint32_t likely, uint32_t number)
{
    set_contexts(parse, what, kind);
    return likely ^
           dfota_mix_number(parse->mix, &parse->contexts, number ^ likely);
}

static void told_chunk(struct dfota_parse *parse,
                       struct dfota_packed_block *block)
{
    const struct dfota_packed_region *region = parse->job->region;
    uint8_t kind = block->kind;
    uint8_t props = block->props;
    uint32_t left = region->contents_size - parse->pos;

    block->props = parse->before.props;
    block->size = told(parse, 1, kind, left, block->size);
    parse->packed += 3;
    if (kind < CODED) {
        parse->packed += block->size;
        return;
    }
    parse->packed += kind >= PROPS ? 3 : 2;
    /* The last byte of a region is that of the end. */
    left = region->packed_size - 1 - parse->packed;
    block->packed_size = told(parse, 2, kind, left, block->packed_size);
    parse->packed += block->packed_size;
    if (kind >= PROPS)
        block->props = (uint8_t)told(parse, 3, kind, block->props, props);
}

void dfota_parse_block(struct dfota_parse *parse,
                       struct dfota_packed_block *block)
{
    const struct dfota_packed_blocks *known = parse->job->blocks;

    if (known != NULL && parse->block < known->count)
        *block = known->blocks[parse->block++];
    set_contexts(parse, 0, 0);
    block->kind = dfota_mix_byte(parse->mix, &parse->contexts, block->kind);
    if (parse->job->region->packing == DFOTA_PACKING_LZMA2)
        told_chunk(parse, block);
    else if ((block->kind & DFOTA_DEFLATE_LAST) == 0 ||
             (block->kind & DFOTA_DEFLATE_TYPE) == 0)
        block->size =
            told(parse, 1, block->kind, parse->before.size, block->size);
    if (!parse->error)
        parse->error = parse->mix->range.error;
    parse->before = *block;
}

/* The bits of a symbol's share of `sum`, in halves. */
static uint32_t ideal(uint32_t count, uint32_t sum)
{
    uint32_t share = sum / count;
    uint32_t bits = 0;

    while (share >> bits > 1)
        bits++;
    return 2 * bits + (bits > 0 ? share >> (bits - 1) & 1 : 0);
}

void dfota_parse_codes(struct dfota_parse *parse, const uint32_t *counts,
                       uint8_t *bits, unsigned size)
{
    uint8_t alike[64] = {0}; /* the bits of the last symbol as frequent */
    uint32_t sum = 0;
    uint32_t off = 0; /* how far the last one was from the ideal */

    for (unsigned i = 0; i < size; i++)
        sum += counts[i];
    for (unsigned i = 0; i < size; i++) {
        uint32_t wanted = counts[i] > 0 ? 1 + ideal(counts[i], sum) : 0;
        uint8_t *last = &alike[counts[i] < 32 ? counts[i] : 32 + wanted % 32];

        dfota_parse_contexts(
            parse, DFOTA_PARSE_SET_BITS + (wanted > 0), 48,
            (const uint32_t[8]){wanted, *last, wanted, off, *last,
                                counts[i] < 32 ? counts[i] : 32, size, wanted});
        bits[i] =
            (uint8_t)dfota_mix_bits(parse->mix, &parse->contexts, 4, bits[i]);
        if (wanted > 0)
            off = 32 + wanted - 2u * bits[i];
        *last = bits[i];
    }
}
