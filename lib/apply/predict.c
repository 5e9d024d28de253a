/* SPDX-License-Identifier: MIT */
#include "lib/apply/predict.h"

#include "lib/apply/site_bits.h"

enum dfota_error dfota_predict_open(struct dfota_predictor *predictor,
                                    const struct dfota_isa *const *isas)
{
    const struct dfota_prediction *prediction = predictor->prediction;

    predictor->isas[0] = NULL;
    for (unsigned i = 0; i < prediction->dialect_count; i++) {
        const struct dfota_isa *const *isa = isas;

        while (*isa != NULL && (*isa)->id != prediction->dialects[i].isa)
            isa++;
        if (*isa == NULL)
            return DFOTA_ERR_UNSUPPORTED;
        predictor->isas[i + 1] = *isa;
    }
    return DFOTA_OK;
}

/* Whether `value` points into old, loaded at one of the bases. */
static bool inside(const struct dfota_predictor *predictor, uint32_t value,
                   uint32_t *pos)
{
    const struct dfota_prediction *prediction = predictor->prediction;

    for (unsigned i = 0; i < prediction->base_count; i++) {
        *pos = value - prediction->bases[i];
        if (*pos < predictor->old_size)
            return true;
    }
    return false;
}

static bool is_pointer(const struct dfota_predictor *predictor, uint32_t value)
{
    const struct dfota_prediction *prediction = predictor->prediction;
    uint32_t pos;

    if (inside(predictor, value, &pos))
        return true;
    for (unsigned i = 0; i < prediction->range_count; i++)
        if (value - prediction->ranges[i].first < prediction->ranges[i].size)
            return true;
    return false;
}

bool dfota_predict_read(const struct dfota_predictor *predictor,
                        const struct dfota_spot *spot, struct dfota_site *out)
{
    const struct dfota_dialect *dialects = predictor->prediction->dialects;
    const struct dfota_isa *isa = predictor->isas[spot->dialect];

    if (spot->pos % 4 == 0 && spot->left >= 4 &&
        is_pointer(predictor, dfota_get32(spot->bytes))) {
        *out = (struct dfota_site){dfota_get32(spot->bytes),
                                   DFOTA_SITE_POINTER32, 4, true};
        return true;
    }
    return isa != NULL && spot->pos % isa->step == 0 &&
           isa->read(dialects[spot->dialect - 1].classes, spot->bytes,
                     spot->left, spot->pos, out);
}

uint32_t dfota_predict_key(const struct dfota_predictor *predictor,
                           const struct dfota_site *site)
{
    const struct dfota_prediction *prediction = predictor->prediction;
    uint32_t pos;

    if (!site->absolute || inside(predictor, site->target, &pos))
        return site->absolute ? pos : site->target;
    return site->target -
           (prediction->base_count > 0 ? prediction->bases[0] : 0);
}

struct dfota_shifts
dfota_predict_shifts(const struct dfota_predictor *predictor,
                     const struct dfota_copy *copy, uint32_t key)
{
    struct dfota_shifts shifts = {.source = DFOTA_SHIFT_NONE};
    enum dfota_learned_source learned;
    uint32_t shift;

    if (key - copy->old_pos < copy->length) {
        shifts.first = copy->new_pos - copy->old_pos;
        shifts.source = DFOTA_SHIFT_OWN;
    } else if (key < predictor->old_size) {
        shifts.first = dfota_map_shift(&predictor->map, key);
        shifts.source = DFOTA_SHIFT_MAP;
    }
    shifts.others[0] = shifts.first;
    for (unsigned i = 0; i < DFOTA_SHIFT_RECENT; i++)
        shifts.others[i + 1] = predictor->recent[i];
    learned = dfota_learned_find(&predictor->learned, key, &shift);
    if (learned == DFOTA_LEARNED_EXACT ||
        (learned != DFOTA_LEARNED_NOTHING && key >= predictor->old_size)) {
        shifts.first = shift;
        shifts.source =
            (uint8_t)(DFOTA_SHIFT_NEAREST + learned - DFOTA_LEARNED_NEAREST);
    }
    return shifts;
}

void dfota_predict_forget(struct dfota_predictor *predictor)
{
    predictor->learned.count = 0;
    for (unsigned i = 0; i < DFOTA_SHIFT_RECENT; i++)
        predictor->recent[i] = 0;
}

void dfota_predict_learn(struct dfota_predictor *predictor, uint32_t key,
                         uint32_t shift)
{
    unsigned at = 0;

    dfota_learned_put(&predictor->learned, key, shift);
    while (at + 1 < DFOTA_SHIFT_RECENT && predictor->recent[at] != shift)
        at++;
    for (; at > 0; at--)
        predictor->recent[at] = predictor->recent[at - 1];
    predictor->recent[0] = shift;
}

void dfota_predict_write(const struct dfota_predictor *predictor,
                         unsigned dialect, const struct dfota_site *moved,
                         uint8_t *bytes, uint32_t pos)
{
    if (moved->kind == DFOTA_SITE_POINTER32)
        dfota_put32(bytes, moved->target);
    else
        (void)predictor->isas[dialect]->write(moved, bytes, pos, moved->target);
}
