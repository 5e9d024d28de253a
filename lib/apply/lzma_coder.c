/* SPDX-License-Identifier: MIT */
#include "lib/apply/lzma_coder.h"

#define ODDS_EVEN    1024 /* of 2,048 */
#define ODDS_BITS    11
#define LEARN_SHIFT  5
#define RANGE_MIN    ((uint32_t)1 << 24)
#define LENGTH_MIN   2
#define LENGTH_SLOTS 4
#define SLOT_BITS    6
#define SLOT_ALIGNED                                                           \
    14 /* from this slot on the low bits have a tree of their own */
#define ALIGN_BITS   4
#define STATE_COPIED 7 /* from it on the token before copied something */
#define FIRST_BYTES  5 /* that a decoder reads before the first bit */

static void shift_low(struct dfota_lzma *lzma)
{
    if (lzma->low < 0xff000000 || lzma->low > UINT32_MAX) {
        uint8_t carry = (uint8_t)(lzma->low >> 32);
        uint8_t byte = lzma->cache;

        for (; lzma->pending > 0; lzma->pending--) {
            dfota_packed_put(lzma->io, (uint8_t)(byte + carry));
            byte = 0xff;
        }
        lzma->cache = (uint8_t)(lzma->low >> 24);
    }
    lzma->pending++;
    lzma->low = (lzma->low & 0x00ffffff) << 8;
}

static inline void normalize(struct dfota_lzma *lzma)
{
    if (lzma->range >= RANGE_MIN)
        return;
    lzma->range <<= 8;
    if (lzma->writes)
        shift_low(lzma);
    else
        lzma->code = lzma->code << 8 | dfota_packed_get(lzma->io);
}

static inline unsigned code_bit(struct dfota_lzma *lzma, uint16_t *odds,
                                unsigned bit)
{
    uint32_t bound = (lzma->range >> ODDS_BITS) * *odds;

    if (!lzma->writes)
        bit = lzma->code >= bound;
    if (bit == 0) {
        lzma->range = bound;
        *odds = (uint16_t)(*odds + ((2048 - *odds) >> LEARN_SHIFT));
    } else {
        lzma->low += bound;
        lzma->code -= bound;
        lzma->range -= bound;
        *odds = (uint16_t)(*odds - (*odds >> LEARN_SHIFT));
    }
    normalize(lzma);
    return bit;
}

/* `count` bits without odds, the highest first. */
static uint32_t code_direct(struct dfota_lzma *lzma, unsigned count,
                            uint32_t value)
{
    uint32_t coded = 0;

    for (unsigned i = count; i-- > 0;) {
        uint32_t bit = value >> i & 1;

        lzma->range >>= 1;
        if (!lzma->writes)
            bit = lzma->code >= lzma->range;
        if (bit != 0) {
            lzma->low += lzma->range;
            lzma->code -= lzma->range;
        }
        coded = coded << 1 | bit;
        normalize(lzma);
    }
    return coded;
}

static unsigned code_tree(struct dfota_lzma *lzma, uint16_t *odds,
                          unsigned count, unsigned value)
{
    unsigned node = 1;

    for (unsigned i = count; i-- > 0;)
        node = node << 1 | code_bit(lzma, &odds[node], value >> i & 1);
    return node - (1u << count);
}

/* The lowest bit first. */
static unsigned code_reverse(struct dfota_lzma *lzma, uint16_t *odds,
                             unsigned count, unsigned value)
{
    unsigned node = 1;
    unsigned coded = 0;

    for (unsigned i = 0; i < count; i++) {
        unsigned bit = code_bit(lzma, &odds[node], value >> i & 1);

        node = node << 1 | bit;
        coded |= bit << i;
    }
    return coded;
}

static uint32_t code_length(struct dfota_lzma *lzma,
                            struct dfota_lzma_lengths *odds, uint32_t length)
{
    unsigned place = 8u * lzma->place;
    uint32_t value = length - LENGTH_MIN;

    if (!code_bit(lzma, &odds->choice[0], value >= 8))
        return LENGTH_MIN + code_tree(lzma, odds->low[0] + place, 3, value);
    if (!code_bit(lzma, &odds->choice[1], value >= 16))
        return LENGTH_MIN + 8 +
               code_tree(lzma, odds->low[1] + place, 3, value - 8);
    return LENGTH_MIN + 16 + code_tree(lzma, odds->high, 8, value - 16);
}

/* A distance less 1. */
static uint32_t code_distance(struct dfota_lzma *lzma, uint32_t length,
                              uint32_t distance)
{
    struct dfota_lzma_odds *odds = &lzma->odds;
    uint32_t lengths = length - LENGTH_MIN;
    unsigned slot = lzma->writes ? dfota_packed_slot(distance, 1) : 0;
    unsigned bits;
    uint32_t base;

    if (lengths >= LENGTH_SLOTS)
        lengths = LENGTH_SLOTS - 1;
    slot = code_tree(lzma, odds->slot[lengths], SLOT_BITS, slot);
    base = dfota_packed_slot_base(slot, 1, &bits);
    distance -= base;
    if (slot < SLOT_ALIGNED)
        return base +
               code_reverse(lzma, odds->special + base - slot, bits, distance);
    bits -= ALIGN_BITS;
    base += code_direct(lzma, bits, distance >> ALIGN_BITS) << ALIGN_BITS;
    return base + code_reverse(lzma, odds->align, ALIGN_BITS, distance);
}

static void code_literal(struct dfota_lzma *lzma)
{
    uint32_t pos = lzma->pos - lzma->begin;
    uint8_t *at = lzma->contents + lzma->pos;
    unsigned before = pos > 0 ? *(at - 1) : 0;
    unsigned group = ((pos & ((1u << lzma->lp) - 1)) << lzma->lc) +
                     (before >> (8 - lzma->lc));
    uint16_t *odds = lzma->literals + 0x300 * (size_t)group;
    unsigned copied = 0;
    unsigned alike = 0; /* 0x100 so long, where that is asked */
    unsigned node = 1;

    if (lzma->pos == lzma->size) /* in the place of a marker */
        return;
    if (lzma->state >= STATE_COPIED) {
        copied = *(at - lzma->reps[0]);
        alike = 0x100;
    }
    for (unsigned i = 8; i-- > 0;) {
        unsigned other = copied << (8 - i) & alike;
        unsigned bit =
            code_bit(lzma, &odds[alike + other + node], *at >> i & 1);

        node = node << 1 | bit;
        if (other != bit << 8)
            alike = 0;
    }
    *at = (uint8_t)node;
}

static void code_rep(struct dfota_lzma *lzma, struct dfota_token *token)
{
    struct dfota_lzma_odds *odds = &lzma->odds;
    unsigned state = lzma->state;
    unsigned rep = token->kind == DFOTA_TOKEN_SHORT
                       ? 0u
                       : token->kind - (unsigned)DFOTA_TOKEN_REP;

    if (!code_bit(lzma, &odds->rep0[state], rep > 0)) {
        rep = 0;
        if (!code_bit(lzma, &odds->rep0_long[state][lzma->place],
                      token->kind != DFOTA_TOKEN_SHORT)) {
            *token = (struct dfota_token){DFOTA_TOKEN_SHORT, 1, lzma->reps[0]};
            return;
        }
    } else if (!code_bit(lzma, &odds->rep1[state], rep > 1)) {
        rep = 1;
    } else {
        rep = 2 + code_bit(lzma, &odds->rep2[state], rep > 2);
    }
    token->kind = (uint8_t)(DFOTA_TOKEN_REP + rep);
    token->distance = lzma->reps[rep];
    token->length = code_length(lzma, &odds->rep_length, token->length);
}

static void code_token(struct dfota_lzma *lzma, struct dfota_token *token)
{
    struct dfota_lzma_odds *odds = &lzma->odds;

    lzma->place = (uint8_t)((lzma->pos - lzma->begin) & ((1u << lzma->pb) - 1));
    if (!code_bit(lzma, &odds->match[lzma->state][lzma->place],
                  token->kind != DFOTA_TOKEN_LITERAL)) {
        *token = (struct dfota_token){.length = 1};
        code_literal(lzma);
    } else if (!code_bit(lzma, &odds->rep[lzma->state],
                         token->kind != DFOTA_TOKEN_MATCH)) {
        token->kind = DFOTA_TOKEN_MATCH;
        token->length = code_length(lzma, &odds->match_length, token->length);
        token->distance =
            code_distance(lzma, token->length, token->distance - 1) + 1;
    } else {
        code_rep(lzma, token);
    }
}

/* What the model remembers of the token, but for its contents. */
static void remember(struct dfota_lzma *lzma, const struct dfota_token *token)
{
    bool copied = lzma->state >= STATE_COPIED;

    if (token->kind == DFOTA_TOKEN_LITERAL) {
        unsigned less = lzma->state < 10 ? 3 : 6;

        lzma->state = lzma->state < 4 ? 0 : (uint8_t)(lzma->state - less);
        return;
    }
    if (token->kind == DFOTA_TOKEN_SHORT)
        lzma->state = copied ? 11 : 9;
    else if (token->kind == DFOTA_TOKEN_MATCH)
        lzma->state = copied ? 10 : 7;
    else
        lzma->state = copied ? 11 : 8;
    dfota_token_reps(lzma->reps, token);
}

bool dfota_lzma_token(struct dfota_lzma *lzma, struct dfota_token *token)
{
    uint32_t known = lzma->pos - lzma->begin;

    code_token(lzma, token);
    if (token->length > lzma->size - lzma->pos)
        return false;
    if (token->kind != DFOTA_TOKEN_LITERAL) {
        if (token->distance == 0 || token->distance > known)
            return false;
        if (!lzma->writes)
            dfota_packed_repeat(lzma->contents + lzma->pos, token);
    }
    remember(lzma, token);
    lzma->pos += token->length;
    return true;
}

bool dfota_lzma_marker(struct dfota_lzma *lzma)
{
    struct dfota_token token = {DFOTA_TOKEN_MATCH, LENGTH_MIN, 0};

    code_token(lzma, &token);
    return token.kind == DFOTA_TOKEN_MATCH && token.length == LENGTH_MIN &&
           token.distance == 0;
}

static void fill(uint16_t *odds, size_t count)
{
    while (count-- > 0)
        *odds++ = ODDS_EVEN;
}

void dfota_lzma_reset(struct dfota_lzma *lzma)
{
    lzma->state = 0;
    for (unsigned i = 0; i < DFOTA_TOKEN_REPS; i++)
        lzma->reps[i] = 1;
    fill((uint16_t *)&lzma->odds, sizeof(lzma->odds) / sizeof(uint16_t));
    fill(lzma->literals, (size_t)0x300 << (lzma->lc + lzma->lp));
}

bool dfota_lzma_begin(struct dfota_lzma *lzma)
{
    uint8_t first = 0;

    lzma->range = UINT32_MAX;
    lzma->low = 0;
    lzma->code = 0;
    lzma->cache = 0;
    lzma->pending = 1;
    for (unsigned i = 0; !lzma->writes && i < FIRST_BYTES; i++) {
        if (i == 0)
            first = dfota_packed_get(lzma->io);
        else
            lzma->code = lzma->code << 8 | dfota_packed_get(lzma->io);
    }
    return first == 0;
}

bool dfota_lzma_end(struct dfota_lzma *lzma)
{
    for (unsigned i = 0; lzma->writes && i < FIRST_BYTES; i++)
        shift_low(lzma);
    return lzma->writes || lzma->code == 0;
}
