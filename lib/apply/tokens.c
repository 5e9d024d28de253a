/* SPDX-License-Identifier: MIT */
#include "lib/apply/tokens.h"

#include "lib/apply/site_bits.h"

#define RANK_BITS  256 /* bytes of contents between two ranks */
#define KIND_BITS  3
#define SHORT_SIZE ((uint32_t)1 << 21) /* distances that fit in 3 bytes */

static uint32_t bitmap_size(uint32_t size)
{
    return (size / 32 + 1) * 4;
}

static uint32_t rank_count(uint32_t size)
{
    return size / RANK_BITS + 1;
}

static uint8_t width_of(uint32_t size)
{
    return size < SHORT_SIZE ? 3 : 4;
}

void dfota_token_reps(uint32_t reps[DFOTA_TOKEN_REPS],
                      const struct dfota_token *token)
{
    unsigned from = DFOTA_TOKEN_REPS - 1;

    if (token->distance == 0 || token->kind == DFOTA_TOKEN_SHORT)
        return;
    if (token->kind >= DFOTA_TOKEN_REP)
        from = token->kind - (unsigned)DFOTA_TOKEN_REP;
    for (; from > 0; from--)
        reps[from] = reps[from - 1];
    reps[0] = token->distance;
}

uint32_t dfota_tokens_memory(uint32_t size, uint32_t most)
{
    return 2 * bitmap_size(size) + 4 * rank_count(size) + most * width_of(size);
}

void dfota_tokens_open(struct dfota_tokens *tokens, uint32_t size,
                       uint32_t most, void *memory)
{
    uint8_t *at = memory;

    *tokens = (struct dfota_tokens){
        .size = size, .most = most, .width = width_of(size)};
    tokens->ranks = memory;
    tokens->begins = at + 4 * (uint64_t)rank_count(size);
    tokens->copies = tokens->begins + bitmap_size(size);
    tokens->entries = tokens->copies + bitmap_size(size);
    for (uint32_t i = 0; i < 2 * bitmap_size(size); i++)
        tokens->begins[i] = 0;
    tokens->ranks[0] = 0;
}

static bool has(const uint8_t *bitmap, uint32_t pos)
{
    return bitmap[pos / 8] >> pos % 8 & 1;
}

static void mark(uint8_t *bitmap, uint32_t pos)
{
    bitmap[pos / 8] = (uint8_t)(bitmap[pos / 8] | 1u << pos % 8);
}

bool dfota_tokens_add(struct dfota_tokens *tokens,
                      const struct dfota_token *token)
{
    uint32_t end = tokens->end + token->length;
    uint32_t value = token->distance << KIND_BITS | token->kind;

    if (token->kind != DFOTA_TOKEN_LITERAL) {
        uint8_t *entry =
            tokens->entries + (uint64_t)tokens->count * tokens->width;

        if (tokens->count == tokens->most)
            return false;
        for (unsigned i = 0; i < tokens->width; i++)
            entry[i] = (uint8_t)(value >> (8 * i));
        mark(tokens->copies, tokens->end);
        tokens->count++;
    }
    mark(tokens->begins, tokens->end);
    for (uint32_t i = tokens->end / RANK_BITS + 1; i <= end / RANK_BITS; i++)
        tokens->ranks[i] = tokens->count;
    tokens->end = end;
    return true;
}

static uint32_t ones(uint32_t word)
{
    word -= word >> 1 & 0x55555555;
    word = (word & 0x33333333) + (word >> 2 & 0x33333333);
    word = (word + (word >> 4)) & 0x0f0f0f0f;
    return word * 0x01010101 >> 24;
}

/* How many copies begin before `pos`. */
static uint32_t rank_of(const struct dfota_tokens *tokens, uint32_t pos)
{
    uint32_t rank = tokens->ranks[pos / RANK_BITS];
    uint32_t at = pos / RANK_BITS * (RANK_BITS / 8);

    for (; at + 4 <= pos / 8; at += 4)
        rank += ones(dfota_get32(tokens->copies + at));
    return rank + ones(dfota_get32(tokens->copies + at) &
                       (((uint32_t)1 << (pos - 8 * at)) - 1));
}

uint32_t dfota_tokens_at(const struct dfota_tokens *tokens, uint32_t pos,
                         struct dfota_token *out)
{
    const uint8_t *entry;
    uint32_t value = 0;
    uint32_t end = pos + 1;

    while (pos > 0 && !has(tokens->begins, pos))
        pos--;
    while (end < tokens->end && !has(tokens->begins, end))
        end++;
    *out = (struct dfota_token){.length = end - pos};
    if (!has(tokens->copies, pos))
        return pos;
    entry = tokens->entries + (uint64_t)rank_of(tokens, pos) * tokens->width;
    for (unsigned i = tokens->width; i-- > 0;)
        value = value << 8 | entry[i];
    out->kind = (uint8_t)(value & ((1u << KIND_BITS) - 1));
    out->distance = value >> KIND_BITS;
    return pos;
}
