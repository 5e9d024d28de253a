/* SPDX-License-Identifier: MIT */
#include "lib/apply/mix.h"

#define COUNT_MAX       15           /* of a slot */
#define SLOT_NEW        (2048u << 4) /* even, and never asked */
#define WEIGHT_NEW      19661        /* 0.3 */
#define WEIGHT_MAX      (1 << 20)
#define LEARN_SHIFT     14   /* how slowly weights are learned */
#define LOGIT_MAX       3071 /* 12, in units of 1/256 */
#define LOGIT_STEP      64   /* between two entries of the table below */
#define PROBABILITY_MIN 2    /* in units of 1/65,536 */

/* 65,536 / (1 + exp(-x)) for x from -12 to 12 in steps of 1/4. */
static const uint32_t logistic[97] = {
    0,     1,     1,     1,     1,     1,     2,     2,     3,     4,     5,
    6,     8,     10,    13,    17,    22,    28,    36,    47,    60,    77,
    98,    126,   162,   208,   267,   342,   439,   562,   720,   922,   1179,
    1506,  1921,  2446,  3108,  3938,  4971,  6249,  7812,  9702,  11955, 14595,
    17625, 21025, 24743, 28693, 32768, 36843, 40793, 44511, 47911, 50941, 53581,
    55834, 57724, 59287, 60565, 61598, 62428, 63090, 63615, 64030, 64357, 64614,
    64816, 64974, 65097, 65194, 65269, 65328, 65374, 65410, 65438, 65459, 65476,
    65489, 65500, 65508, 65514, 65519, 65523, 65526, 65528, 65530, 65531, 65532,
    65533, 65534, 65534, 65535, 65535, 65535, 65535, 65535, 65536,
};

/* 65,536 / (count + 1.5): how much of what it missed a slot takes over. */
static const uint16_t rates[COUNT_MAX + 1] = {
    43691, 26214, 18725, 14564, 11916, 10082, 8738, 7710,
    6899,  6242,  5699,  5243,  4855,  4520,  4228, 3972};

uint32_t dfota_mix_probability(int32_t logit)
{
    uint32_t at;
    uint32_t part;

    if (logit > LOGIT_MAX)
        logit = LOGIT_MAX;
    if (logit < -LOGIT_MAX)
        logit = -LOGIT_MAX;
    at = (uint32_t)(logit + LOGIT_MAX + 1) / LOGIT_STEP;
    part = (uint32_t)(logit + LOGIT_MAX + 1) % LOGIT_STEP;
    part = (logistic[at + 1] - logistic[at]) * part / LOGIT_STEP;
    part += logistic[at];
    if (part < PROBABILITY_MIN)
        return PROBABILITY_MIN;
    if (part > 65536 - PROBABILITY_MIN)
        return 65536 - PROBABILITY_MIN;
    return part;
}

void dfota_mix_logits(int16_t logits[DFOTA_MIX_LOGITS])
{
    uint32_t at = 0;

    /* The inverse: entry i is the first logit of i + 2048 parts in 4096. */
    for (int32_t logit = 0; logit <= LOGIT_MAX; logit++)
        while (at < DFOTA_MIX_LOGITS &&
               at + DFOTA_MIX_LOGITS <= dfota_mix_probability(logit) / 16)
            logits[at++] = (int16_t)logit;
    while (at < DFOTA_MIX_LOGITS)
        logits[at++] = LOGIT_MAX;
}

void dfota_mix_reset(struct dfota_mix *mix, unsigned sets)
{
    for (unsigned i = 0; i < sets; i++)
        for (unsigned k = 0; k < DFOTA_MIX_CONTEXTS; k++)
            mix->weights[i][k] = WEIGHT_NEW;
    for (uint32_t i = 0; i < mix->slot_count; i++)
        mix->slots[i] = SLOT_NEW;
}

static uint16_t taught(uint16_t slot, unsigned bit)
{
    int32_t p = slot >> 4;
    uint32_t count = slot & COUNT_MAX;

    p += ((int32_t)(bit * 4095) - p) * rates[count] >> 16;
    return (uint16_t)((uint32_t)p << 4 | (count + (count < COUNT_MAX)));
}

static int32_t limited(int32_t weight)
{
    if (weight > WEIGHT_MAX)
        return WEIGHT_MAX;
    return weight < -WEIGHT_MAX ? -WEIGHT_MAX : weight;
}

unsigned dfota_mix_bit(struct dfota_mix *mix,
                       const struct dfota_contexts *contexts, uint32_t node,
                       unsigned bit)
{
    int32_t *weights = mix->weights[contexts->set];
    uint16_t *slots[DFOTA_MIX_CONTEXTS];
    int32_t opinions[DFOTA_MIX_CONTEXTS];
    uint32_t at = node * 0x9e3779b1;
    int32_t sum = 0;
    int32_t error;
    uint32_t p;

    for (unsigned i = 0; i < DFOTA_MIX_CONTEXTS; i++) {
        uint32_t hash = (contexts->of[i] + at) * 0x2c1b3c6d;

        slots[i] = mix->slots + ((uint64_t)hash * mix->slot_count >> 32);
        opinions[i] = dfota_mix_logit(mix->logits, *slots[i] >> 4);
        sum += (weights[i] >> 4) * opinions[i] >> 4;
    }
    p = dfota_mix_probability(sum >> 8);
    bit = dfota_range_bit(&mix->range, p, bit);
    error = (int32_t)(bit << 16) - (int32_t)p;
    for (unsigned i = 0; i < DFOTA_MIX_CONTEXTS; i++) {
        weights[i] =
            limited(weights[i] + ((opinions[i] * error) >> LEARN_SHIFT));
        *slots[i] = taught(*slots[i], bit);
    }
    return bit;
}

uint32_t dfota_mix_bits(struct dfota_mix *mix,
                        const struct dfota_contexts *contexts, unsigned bits,
                        uint32_t number)
{
    uint32_t node = 1;

    for (unsigned i = bits; i-- > 0;)
        node = node << 1 | dfota_mix_bit(mix, contexts, node, number >> i & 1);
    return node - ((uint32_t)1 << bits);
}

uint8_t dfota_mix_byte(struct dfota_mix *mix,
                       const struct dfota_contexts *contexts, uint8_t byte)
{
    return (uint8_t)dfota_mix_bits(mix, contexts, 8, byte);
}

uint32_t dfota_mix_number(struct dfota_mix *mix,
                          const struct dfota_contexts *contexts,
                          uint32_t number)
{
    uint32_t value = 1;
    uint32_t bits = 0;

    while (bits < 31 &&
           dfota_mix_bit(mix, contexts, bits, (number + 1) >> bits > 1))
        bits++;
    for (unsigned i = bits; i-- > 0;) {
        unsigned bit = (number + 1) >> i & 1;
        uint32_t node = 32 * (bits + 1) + value;

        if (i + 2 >= bits)
            bit = dfota_mix_bit(mix, contexts, node, bit);
        else
            bit = dfota_range_bit(&mix->range, 32768, bit);
        value = value << 1 | bit;
    }
    return value - 1;
}
