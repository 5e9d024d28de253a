/* SPDX-License-Identifier: MIT */
#include "lib/apply/mix_coder.h"

#define ANCHOR_MIN 24 /* bytes; shorter copies say little of what is next */

/* What a decision is about: salts of contexts, and sets of weights.  Those of
 * an order are few, and have the sets of the first ones. */
enum subject { DIALECT, INSERT, COPY, SAME, BACK, WORDS, FAR, NEAR, ORDER };

/* How many bits a number has. */
static uint32_t magnitude(uint32_t number)
{
    uint32_t bits = 0;

    for (; number > 0; number >>= 1)
        bits++;
    return bits;
}

static struct dfota_contexts contexts(const struct dfota_mix_coder *coder,
                                      enum subject subject, uint32_t detail)
{
    uint32_t insert = magnitude(coder->last.insert);
    uint32_t copy = magnitude(coder->last.copy);

    return (struct dfota_contexts){
        {dfota_mix_hash(subject, 0, 0), dfota_mix_hash(subject, 1, detail),
         dfota_mix_hash(subject, 2, insert * 32 + copy),
         dfota_mix_hash(subject, 3, detail * 32 + copy)},
        subject % ORDER};
}

static uint32_t number(struct dfota_mix_coder *coder, enum subject subject,
                       uint32_t detail, uint32_t value)
{
    struct dfota_contexts at = contexts(coder, subject, detail);

    return dfota_mix_number(&coder->records, &at, value);
}

static bool decide(struct dfota_mix_coder *coder, enum subject subject,
                   uint32_t detail, bool value)
{
    struct dfota_contexts at = contexts(coder, subject, detail);

    return dfota_mix_bit(&coder->records, &at, 0, value) != 0;
}

/* The shift of a copy, told by how it differs from the anchor. */
static uint32_t code_shift(struct dfota_mix_coder *coder, uint32_t detail,
                           uint32_t shift)
{
    uint32_t change = shift - coder->anchor;
    bool back = change >> 31;
    bool words;

    if (decide(coder, SAME, detail, change == 0))
        return coder->anchor;
    back = decide(coder, BACK, detail, back);
    if (back)
        change = -change;
    words = decide(coder, WORDS, 0, change % 4 == 0);
    if (words)
        change = number(coder, FAR, detail, change / 4) * 4;
    else
        change = number(coder, NEAR, detail, change);
    return coder->anchor + (back ? -change : change);
}

void dfota_mix_record(struct dfota_coder *self, struct dfota_record *record)
{
    struct dfota_mix_coder *coder = (struct dfota_mix_coder *)self;
    uint32_t begin = self->new_pos;
    uint32_t dialect;
    uint32_t insert;
    uint32_t shift;

    dialect = number(coder, DIALECT, coder->last.dialect, record->dialect);
    record->dialect = dialect < UINT8_MAX ? (uint8_t)dialect : UINT8_MAX;
    record->insert = number(coder, INSERT, record->dialect, record->insert);
    insert = magnitude(record->insert);
    record->copy = number(coder, COPY, insert, record->copy);
    begin += record->insert;
    shift = begin - record->old_pos;
    if (record->copy > 0) {
        shift = code_shift(coder, insert > 2 ? 2 : insert, shift);
        record->old_pos = begin - shift;
        if (record->copy >= ANCHOR_MIN)
            coder->anchor = shift;
    }
    coder->last = *record;
    dfota_mix_check(coder, &coder->records.range);
}

uint32_t dfota_mix_order(struct dfota_coder *self, enum dfota_order_number what,
                         uint32_t value)
{
    struct dfota_mix_coder *coder = (struct dfota_mix_coder *)self;

    value = number(coder, (enum subject)(ORDER + (unsigned)what), 0, value);
    dfota_mix_check(coder, &coder->records.range);
    return value;
}
