/* SPDX-License-Identifier: MIT */
#include "lib/apply/mix_sets.h"
#include "lib/apply/turn.h"

/* Salts of the contexts; the place in its unit and the unit are added. */
#define LITERAL 64u

static void turn_calls(const struct dfota_isa *isa, uint8_t *bytes, size_t size,
                       uint32_t pos, int to)
{
    if (isa != NULL)
        dfota_turn_calls(isa->id, bytes, size, pos, to);
}

/* Bytes that are coded together, the last of them first. */
static unsigned unit_of(const struct dfota_isa *isa)
{
    return isa != NULL ? isa->step : 1;
}

/* A byte of a unit, and what is known before it. */
struct place {
    unsigned unit;  /* bytes in its unit */
    unsigned at;    /* its place in that */
    uint32_t above; /* the bytes of the unit behind it, the last one highest */
    uint64_t tail;  /* the bytes before the unit, the newest lowest */
};

static uint32_t before(const struct place *place, unsigned bytes)
{
    return (uint32_t)(place->tail >> (8 * (bytes - 1))) & 0xff;
}

static struct dfota_contexts contexts_of(const struct place *place,
                                         uint32_t new_pos)
{
    unsigned unit = place->unit;
    uint32_t salt = LITERAL + unit * 16 + place->at * 4;
    uint32_t top = before(place, 1); /* the last byte of the unit before */
    uint32_t top2 = before(place, unit + 1); /* and of the one before that */
    uint32_t a = place->above;
    uint32_t b;
    uint32_t c;

    if (unit == 1) {
        a = before(place, 1);
        b = a | before(place, 2) << 8;
        c = b | before(place, 3) << 16;
    } else if (place->at + 1 == unit) {
        a = top;
        b = top | top2 << 8;
        c = top | before(place, 2) << 8 | 1u << 16;
    } else if (unit == 2) {
        b = a | top << 8;
        c = a | before(place, 2) << 8 | 1u << 16;
    } else {
        b = a & 0xff;
        c = a ^ top << 24;
    }
    return (struct dfota_contexts){
        {dfota_mix_hash(salt, unit == 1 ? new_pos % 4 : 0, 0),
         dfota_mix_hash(salt + 1, a, 0), dfota_mix_hash(salt + 2, b, 0),
         dfota_mix_hash(salt + 3, c, 0)},
        DFOTA_SET_LITERAL + (unit == 1 ? 0 : place->at * 16 + (a >> 4) % 16)};
}

static void code_unit(struct dfota_mix_coder *coder, unsigned unit,
                      uint32_t new_pos, uint8_t *bytes)
{
    struct place place = {.unit = unit, .tail = coder->tail};

    for (unsigned at = unit; at-- > 0;) {
        struct dfota_contexts contexts;

        place.at = at;
        contexts = contexts_of(&place, new_pos);
        bytes[at] = dfota_mix_byte(&coder->content, &contexts, bytes[at]);
        place.above = place.above << 8 | bytes[at];
    }
    for (unsigned at = 0; at < unit; at++)
        dfota_mix_remember(coder, bytes[at]);
}

static void code_turned(struct dfota_mix_coder *coder,
                        const struct dfota_isa *isa, uint32_t new_pos,
                        uint8_t *bytes, size_t size)
{
    unsigned unit = unit_of(isa);

    for (size_t at = 0, step; at < size; at += step) {
        step = (new_pos + at) % unit == 0 && size - at >= unit ? unit : 1;
        code_unit(coder, (unsigned)step, new_pos + (uint32_t)at, bytes + at);
    }
}

/* Bytes without order: every bit is even. */
static void code_plain(struct dfota_mix_coder *coder, uint8_t *bytes,
                       size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned byte = 0;

        for (unsigned bit = 8; bit-- > 0;)
            byte = byte << 1 | dfota_range_bit(&coder->content.range, 32768,
                                               bytes[i] >> bit & 1);
        bytes[i] = (uint8_t)byte;
    }
}

void dfota_mix_literal(struct dfota_coder *self, uint8_t dialect,
                       uint32_t new_pos, uint8_t *actual, size_t size)
{
    struct dfota_mix_coder *coder = (struct dfota_mix_coder *)self;
    const struct dfota_predictor *predictor = coder->predictor;
    const struct dfota_isa *isa;
    uint8_t bytes[DFOTA_CODER_BLOCK];

    dfota_bytes_copy(bytes, actual, size);
    if (dialect > predictor->prediction->dialect_count) {
        code_plain(coder, bytes, size);
    } else {
        isa = predictor->isas[dialect];
        turn_calls(isa, bytes, size, new_pos, 1);
        code_turned(coder, isa, new_pos, bytes, size);
        turn_calls(isa, bytes, size, new_pos, -1);
    }
    dfota_bytes_copy(actual, bytes, size);
    coder->run = 0;
    dfota_mix_check(coder, &coder->content.range);
}
