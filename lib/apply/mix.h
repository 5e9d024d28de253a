/* SPDX-License-Identifier: MIT */
/*
 * mix.h - the probability of a decision, mixed from four contexts
 *
 * Each context finds, by a hash, a slot that knows how often the decision was 1
 * in that context.  Their opinions are added in the logistic domain, with
 * weights that are learned for each of some sets of decisions.
 *
 * Spec: docs/SPEC.md, chapter Delta, "Decisions".
 */
#ifndef DFOTA_LIB_APPLY_MIX_H
#define DFOTA_LIB_APPLY_MIX_H

#include "lib/apply/range.h"

#define DFOTA_MIX_CONTEXTS 4

/* Entries of the table of logits, each two bytes; shared by all mixers. */
#define DFOTA_MIX_LOGITS 2048

struct dfota_mix {
    struct dfota_range range;
    const int16_t *logits; /* DFOTA_MIX_LOGITS, by dfota_mix_logits() */
    int32_t (*weights)[DFOTA_MIX_CONTEXTS]; /* by set, in 1/65,536 */
    uint16_t *slots; /* a probability of 12 bits above a count of 4 */
    uint32_t slot_count;
};

/* Fills the table of logits. */
void dfota_mix_logits(int16_t logits[DFOTA_MIX_LOGITS]);

/* The logit of `p`, a probability of 12 bits; 0 for 2,048. */
static inline int32_t dfota_mix_logit(const int16_t *logits, uint32_t p)
{
    uint32_t below = (p >> 11) - 1; /* all ones where p < 2048 */
    int32_t logit = logits[(p ^ below) % DFOTA_MIX_LOGITS];

    return (logit ^ (int32_t)below) - (int32_t)below;
}

/* The probability, in units of 1/65,536, of which `logit` is the logit. */
uint32_t dfota_mix_probability(int32_t logit);

/* Makes all of `sets` sets of weights and all slots know nothing. */
void dfota_mix_reset(struct dfota_mix *mix, unsigned sets);

/* Contexts that are looked at together, and the set of weights for them. */
struct dfota_contexts {
    uint32_t of[DFOTA_MIX_CONTEXTS]; /* hashes: dfota_mix_hash() */
    unsigned set;
};

/* A context made of two numbers; `salt` tells it from contexts of others. */
static inline uint32_t dfota_mix_hash(uint32_t salt, uint32_t a, uint32_t b)
{
    uint32_t hash = salt * 0x9e3779b1 + a * 0x85ebca77 + b * 0xc2b2ae3d;

    return (hash ^ hash >> 15) * 0x2c1b3c6d;
}

/*
 * The next decision among these contexts, which is `bit` where it is the
 * caller's.  `node` tells decisions in the same contexts apart.
 */
unsigned dfota_mix_bit(struct dfota_mix *mix,
                       const struct dfota_contexts *contexts, uint32_t node,
                       unsigned bit);

/* The next number of `bits` bits, the highest one first, a decision each, of
 * which the node is 1 and what came before. */
uint32_t dfota_mix_bits(struct dfota_mix *mix,
                        const struct dfota_contexts *contexts, unsigned bits,
                        uint32_t number);

/* The next byte, as eight bits. */
uint8_t dfota_mix_byte(struct dfota_mix *mix,
                       const struct dfota_contexts *contexts, uint8_t byte);

/*
 * The next number: how many bits it has, one by one, then these, the highest
 * two of them in the contexts and the others evenly.
 */
uint32_t dfota_mix_number(struct dfota_mix *mix,
                          const struct dfota_contexts *contexts,
                          uint32_t number);

#endif
