/* SPDX-License-Identifier: MIT */
#include "lib/apply/frame_mix.h"

#include "lib/apply/turn.h"

#define HASHED      3     /* contexts whose slots are found by hash */
#define GROUP       16    /* slots for half a byte in a context; one is idle */
#define COUNT_MAX   15    /* of a slot */
#define STATE_SHIFT 7     /* how slowly is learned what a slot is worth, */
#define HIT_SHIFT   6     /* that a pointer is right about a bit, */
#define RUN_SHIFT   5     /* and about a byte */
#define HIT_NEW     49152 /* 3/4 */
#define RUN_NEW     60000
#define RUN_LENGTH  24   /* from here on a pointer is asked for whole bytes */
#define COMPARE_MAX 32   /* bytes that are compared to find a length */
#define WEIGHT_NEW  8520 /* 0.13; two sets are added */
#define WEIGHT_MAX  (1 << 20)
#define LEARN_SHIFT 14
#define ORDER_MIN   2 /* bytes in the hash of the second pointer */

/* --- memory --------------------------------------------------------------- */

#define STATE_SIZE ((uint32_t)22 << 10) /* bytes beside frame and tables */

_Static_assert(sizeof(struct dfota_frame_mix) + DFOTA_FRAME_CODEC_SIZE <=
                   STATE_SIZE,
               "the memory stated suffices");

uint32_t dfota_frame_memory(const struct dfota_stream *stream)
{
    uint32_t slots = stream->dictionary;

    if (stream->props >= DFOTA_FRAME_KINDS || slots == 0 ||
        slots > DFOTA_FRAME_SLOTS_MAX || slots % GROUP != 0 ||
        stream->raw_size > DFOTA_FRAME_SIZE_MAX)
        return UINT32_MAX;
    return stream->raw_size + slots + slots / GROUP * 2 * DFOTA_FRAME_POINTERS +
           STATE_SIZE;
}

/* A slot that has seen `zeros` and `ones` says how likely 1 is. */
static uint16_t first_guess(uint32_t zeros, uint32_t ones)
{
    return (uint16_t)(65535 * (10 * ones + 3) / (10 * (zeros + ones) + 6));
}

/* A slot counts one of two, and forgets some of the other. */
static uint8_t counted(uint32_t zeros, uint32_t ones, unsigned bit)
{
    static const uint8_t kept[COUNT_MAX + 1] = {0, 1, 2, 2, 3, 3, 4, 4,
                                                5, 5, 5, 6, 6, 6, 7, 7};

    if (bit) {
        zeros = kept[zeros];
        ones += ones < COUNT_MAX;
    } else {
        zeros += zeros < COUNT_MAX;
        ones = kept[ones];
    }
    return (uint8_t)(zeros << 4 | ones);
}

static void reset_states(struct dfota_frame_mix *mix)
{
    for (unsigned i = 0; i < 256; i++) {
        uint32_t zeros = i >> 4;
        uint32_t ones = i & COUNT_MAX;

        for (unsigned k = 0; k < DFOTA_FRAME_CONTEXTS; k++)
            mix->states[k][i] = first_guess(zeros, ones);
        for (unsigned bit = 0; bit < 2; bit++)
            mix->counted[bit][i] = counted(zeros, ones, bit);
    }
}

static void reset_weights(int32_t (*weights)[DFOTA_FRAME_INPUTS], unsigned sets)
{
    for (unsigned i = 0; i < sets; i++)
        for (unsigned k = 0; k < DFOTA_FRAME_INPUTS; k++)
            weights[i][k] = WEIGHT_NEW;
}

/* The logit of each probability of 12 bits. */
static void reset_logits(int16_t logits[DFOTA_FRAME_LOGITS])
{
    int16_t *upper = logits + DFOTA_MIX_LOGITS;

    dfota_mix_logits(upper);
    for (unsigned i = 0; i < DFOTA_MIX_LOGITS; i++)
        logits[DFOTA_MIX_LOGITS - 1 - i] = (int16_t)-upper[i];
}

static void reset(struct dfota_frame_mix *mix)
{
    reset_logits(mix->logits);
    reset_states(mix);
    for (unsigned i = 0; i < DFOTA_FRAME_LENGTHS; i++) {
        for (unsigned k = 0; k < DFOTA_FRAME_POINTERS; k++)
            mix->hits[k][i] = HIT_NEW;
        mix->runs[i] = RUN_NEW;
    }
    for (unsigned i = 0; i < sizeof(mix->so_far); i++)
        mix->so_far[i] = 0;
    reset_weights(mix->by_match, 256);
    reset_weights(mix->by_node, 128);
    for (uint32_t i = 0; i < mix->groups * GROUP; i++)
        mix->slots[i] = 0;
    for (unsigned k = 0; k < DFOTA_FRAME_POINTERS; k++)
        for (uint32_t i = 0; i < mix->groups; i++)
            mix->pointers[k].table[i] = 0;
}

struct dfota_frame_mix *dfota_frame_open(const struct dfota_stream *stream,
                                         void *memory)
{
    struct dfota_frame_mix *mix = memory;
    size_t groups = stream->dictionary / GROUP;
    uint16_t *tables = (uint16_t *)(void *)(mix + 1);

    mix->kind = stream->props;
    mix->groups = (uint32_t)groups;
    mix->at = 0;
    mix->size = stream->raw_size;
    mix->tail = 0;
    for (unsigned i = 0; i < DFOTA_FRAME_POINTERS; i++)
        mix->pointers[i] = (struct dfota_frame_pointer){
            .table = tables + i * groups, .bytes = 3 - i};
    mix->slots = (uint8_t *)(tables + DFOTA_FRAME_POINTERS * groups);
    mix->frame = mix->slots + groups * GROUP;
    reset(mix);
    return mix;
}

/* --- pointers ------------------------------------------------------------- */

/* The class of a length: each up to 15, and then by its bits. */
static unsigned class_of(uint32_t length)
{
    unsigned bits = 5;

    if (length < 16)
        return length;
    while (length >> bits > 0)
        bits++;
    return bits + 11;
}

/* How many bytes before `a` are those before `b`, which is the later one. */
static uint32_t alike(const struct dfota_frame_mix *mix, uint32_t a, uint32_t b)
{
    uint32_t length = 0;

    while (length < COMPARE_MAX && length < a &&
           mix->frame[a - 1 - length] == mix->frame[b - 1 - length])
        length++;
    return length;
}

/* Moves a pointer behind the newest byte, or to a place that goes on likewise.
 */
static void advance(struct dfota_frame_mix *mix,
                    struct dfota_frame_pointer *pointer)
{
    uint32_t newest = (uint32_t)mix->tail & 0xff;
    uint32_t key =
        (uint32_t)mix->tail & (((uint32_t)1 << 8 * pointer->bytes) - 1);
    uint32_t hash = key * 0x9e3779b1;
    uint16_t *entry = pointer->table + ((uint64_t)hash * mix->groups >> 32);

    if (pointer->length > 0 && mix->frame[pointer->at] == newest) {
        pointer->length++;
        pointer->at++;
    } else {
        pointer->length = 0;
    }
    if (mix->at < pointer->bytes || mix->at == mix->size)
        return;
    if (pointer->length == 0 && *entry > 0) {
        uint32_t length = alike(mix, *entry, mix->at);

        pointer->at = *entry;
        pointer->length = length < pointer->bytes ? 0 : length;
    }
    *entry = (uint16_t)mix->at;
}

static void remember(struct dfota_frame_mix *mix, uint8_t byte)
{
    mix->frame[mix->at++] = byte;
    mix->tail = mix->tail << 8 | byte;
    for (unsigned i = 0; i < DFOTA_FRAME_POINTERS; i++)
        advance(mix, &mix->pointers[i]);
}

/* --- decisions ------------------------------------------------------------ */

/* Moves a probability towards what was seen. */
static void learn(uint16_t *p, unsigned seen, unsigned shift)
{
    *p = (uint16_t)(*p + (((int32_t)(65535 * seen) - *p) >> shift));
}

/* A byte, and what is known about it. */
struct place {
    uint32_t at;    /* its place in its unit; in bytes that in a word */
    uint32_t match; /* weights for when no pointer says anything */
    uint32_t contexts[HASHED];
    struct {
        uint32_t byte; /* what the pointer says, with a 1 before it; or 0 */
        uint16_t *hits;
    } said[DFOTA_FRAME_POINTERS];
    uint32_t node;   /* the bits coded so far, with a 1 before them */
    uint32_t nibble; /* likewise, of the half byte in work */
    uint8_t *groups[HASHED];
    uint32_t turns[HASHED]; /* order of the slots in their group */
};

static uint32_t before(const struct dfota_frame_mix *mix, uint32_t bytes)
{
    return (uint32_t)(mix->tail >> (8 * (bytes - 1))) & 0xff;
}

/* The third context, from bytes of the units before and of this one. */
static uint32_t third_context(const struct dfota_frame_mix *mix, uint32_t at)
{
    if (mix->kind == DFOTA_FRAME_BYTES)
        return before(mix, 1) | (before(mix, 2) & 0xe0) << 8;
    if (mix->kind == DFOTA_FRAME_T32)
        return before(mix, at == 1 ? 1 : 2) >> 3 |
               (before(mix, at == 1 ? 3 : 4) & 0xf8) << 8;
    return before(mix, at + 4) | (at > 0 ? before(mix, 1) : 0) << 8;
}

static void look(struct dfota_frame_mix *mix, struct place *place)
{
    uint32_t at = mix->at % (mix->kind == DFOTA_FRAME_T32 ? 2 : 4);

    place->at = at;
    place->match = 64 * at + 4 * (before(mix, 1) >> 4);
    place->contexts[0] = dfota_mix_hash(at, before(mix, 1), 0);
    place->contexts[1] = dfota_mix_hash(at + 4, before(mix, 2), 0);
    place->contexts[2] = dfota_mix_hash(at + 8, third_context(mix, at), 0);
    for (unsigned i = 0; i < DFOTA_FRAME_POINTERS; i++) {
        const struct dfota_frame_pointer *pointer = &mix->pointers[i];

        place->said[i].hits = &mix->hits[i][class_of(pointer->length)];
        place->said[i].byte =
            pointer->length > 0 ? 0x100u | mix->frame[pointer->at] : 0;
    }
}

/* Finds the slots for the four bits that come next. */
static void look_closer(struct dfota_frame_mix *mix, struct place *place)
{
    place->nibble = 1;
    for (unsigned i = 0; i < HASHED; i++) {
        uint32_t hash =
            (place->contexts[i] + place->node * 0x9e3779b1) * 0x2c1b3c6d;

        place->groups[i] =
            mix->slots + ((uint64_t)hash * mix->groups >> 32) * GROUP;
        place->turns[i] = hash >> 16 & (GROUP - 1);
    }
}

/* What all are asked about one bit. */
struct asked {
    int32_t logits[DFOTA_FRAME_INPUTS];
    uint8_t *slots[DFOTA_FRAME_CONTEXTS];
    uint16_t *states[DFOTA_FRAME_CONTEXTS];
    uint32_t match; /* which pointers say something */
};

static void ask(struct dfota_frame_mix *mix, const struct place *place,
                unsigned left, struct asked *asked)
{
    for (unsigned i = 0; i < HASHED; i++)
        asked->slots[i] = place->groups[i] + (place->turns[i] ^ place->nibble);
    asked->slots[HASHED] = &mix->so_far[256 * place->at + place->node];
    for (unsigned i = 0; i < DFOTA_FRAME_CONTEXTS; i++) {
        asked->states[i] = &mix->states[i][*asked->slots[i]];
        asked->logits[i] = mix->logits[*asked->states[i] >> 4];
    }
    asked->match = 0;
    for (unsigned i = 0; i < DFOTA_FRAME_POINTERS; i++) {
        int32_t *logit = &asked->logits[DFOTA_FRAME_CONTEXTS + i];

        *logit = 0;
        if (place->said[i].byte >> (left + 1) != place->node)
            continue;
        *logit = mix->logits[*place->said[i].hits >> 4];
        if ((place->said[i].byte >> left & 1) == 0)
            *logit = -*logit;
        asked->match |= 2u >> i;
    }
}

static void teach(struct dfota_frame_mix *mix, struct place *place,
                  const struct asked *asked, unsigned left, unsigned bit)
{
    for (unsigned i = 0; i < DFOTA_FRAME_CONTEXTS; i++) {
        learn(asked->states[i], bit, STATE_SHIFT);
        *asked->slots[i] = mix->counted[bit][*asked->slots[i]];
    }
    for (unsigned i = 0; i < DFOTA_FRAME_POINTERS; i++)
        if (asked->match & 2u >> i)
            learn(place->said[i].hits, (place->said[i].byte >> left & 1) == bit,
                  HIT_SHIFT);
    place->node = place->node << 1 | bit;
    place->nibble = place->nibble << 1 | bit;
}

/* A share of the sum; whatever the weights have become, it is one number. */
static int32_t weighted(int32_t a, int32_t b, int32_t logit)
{
    int32_t weight = (int32_t)((uint32_t)a + (uint32_t)b) >> 4;

    return (int32_t)((uint32_t)weight * (uint32_t)logit) >> 4;
}

/* Codes the bit of which `left` are still to come. */
static void code_bit(struct dfota_frame_mix *mix, struct place *place,
                     unsigned left, unsigned bit)
{
    struct asked asked;
    int32_t *a;
    int32_t *b;
    uint32_t sum = 0;
    int32_t error;
    uint32_t p;

    ask(mix, place, left, &asked);
    a = mix->by_match[place->match + asked.match];
    b = mix->by_node[32 * place->at + (left < 4 ? 16 : 0) + place->nibble];
    for (unsigned i = 0; i < DFOTA_FRAME_INPUTS; i++)
        sum += (uint32_t)weighted(a[i], b[i], asked.logits[i]);
    p = dfota_mix_probability((int32_t)sum >> 8);
    bit = dfota_range_bit(&mix->range, p, bit);
    error = (int32_t)(bit << 16) - (int32_t)p;
    for (unsigned i = 0; i < DFOTA_FRAME_INPUTS; i++) {
        uint32_t step = (uint32_t)(asked.logits[i] * error >> LEARN_SHIFT);

        a[i] = (int32_t)((uint32_t)a[i] + step);
        b[i] = (int32_t)((uint32_t)b[i] + step);
    }
    teach(mix, place, &asked, left, bit);
}

/* Where a pointer has been right for long, whether it is again. */
static bool code_run(struct dfota_frame_mix *mix, uint8_t byte)
{
    struct dfota_frame_pointer *pointer = &mix->pointers[0];
    uint8_t said;
    uint16_t *p;
    unsigned hit;

    if (pointer->length < RUN_LENGTH)
        return false;
    said = mix->frame[pointer->at];
    p = &mix->runs[class_of(pointer->length)];
    hit = dfota_range_bit(&mix->range, *p > 0 ? *p : 1, byte == said);
    learn(p, hit, RUN_SHIFT);
    if (hit)
        remember(mix, said);
    else
        pointer->length = 0;
    return hit;
}

void dfota_frame_byte(struct dfota_frame_mix *mix, uint8_t byte)
{
    struct place place = {.node = 1};

    if (code_run(mix, byte))
        return;
    look(mix, &place);
    for (unsigned left = 8; left-- > 0;) {
        if (left % 4 == 3)
            look_closer(mix, &place);
        code_bit(mix, &place, left, byte >> left & 1);
    }
    remember(mix, (uint8_t)place.node);
}

/* --- order ---------------------------------------------------------------- */

static void reverse(uint8_t *bytes, uint32_t size, uint32_t unit)
{
    for (uint32_t at = 0; size - at >= unit; at += unit)
        for (uint32_t i = 0; i < unit / 2; i++) {
            uint8_t byte = bytes[at + i];

            bytes[at + i] = bytes[at + unit - 1 - i];
            bytes[at + unit - 1 - i] = byte;
        }
}

void dfota_frame_turn(uint8_t kind, uint8_t *bytes, uint32_t size, int to)
{
    uint32_t unit = kind == DFOTA_FRAME_T32 ? 2 : 4;

    if (kind == DFOTA_FRAME_BYTES)
        return;
    if (to < 0)
        reverse(bytes, size, unit);
    dfota_turn_calls(kind, bytes, size, 0, to);
    if (to > 0)
        reverse(bytes, size, unit);
}
