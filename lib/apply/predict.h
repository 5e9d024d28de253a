/* SPDX-License-Identifier: MIT */
/*
 * predict.h - what copied bytes become when the code around them moved
 *
 * A site in old leads to an old position, or to an address outside.  The map
 * tells where positions went, the learned table where they went against the
 * map, or where addresses outside went.  So the new site can be foreseen from
 * old bytes alone.  A wrong guess costs bytes, never correctness.  Generator
 * and applier run this same code.
 *
 * Spec: docs/SPEC.md, chapter Delta, "Prediction".
 */
#ifndef DFOTA_LIB_APPLY_PREDICT_H
#define DFOTA_LIB_APPLY_PREDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "dfota/apply.h"
#include "lib/apply/copy.h"
#include "lib/apply/learned.h"
#include "lib/apply/map.h"
#include "lib/apply/site.h"

#define DFOTA_SHIFT_RECENT 6
#define DFOTA_SHIFT_OTHERS (1 + DFOTA_SHIFT_RECENT)

struct dfota_predictor {
    const struct dfota_prediction *prediction;
    const struct dfota_isa *isas[DFOTA_PREDICT_DIALECTS + 1]; /* by dialect;
                        NULL where there are pointers alone, as in number 0 */
    uint32_t old_size;                                        /* bytes */
    struct dfota_map map;
    struct dfota_learned learned;
    uint32_t recent[DFOTA_SHIFT_RECENT]; /* shifts learned last, newest first */
};

/* Where the shift of a site is from; a context for models too. */
enum dfota_shift_source {
    DFOTA_SHIFT_NONE,    /* nothing is known */
    DFOTA_SHIFT_OWN,     /* it leads into the copy that it is in */
    DFOTA_SHIFT_MAP,     /* the map */
    DFOTA_SHIFT_NEAREST, /* the learned table, as its sources */
    DFOTA_SHIFT_BETWEEN,
    DFOTA_SHIFT_EXACT,
    DFOTA_SHIFT_SOURCES
};

/* The best guess how what a site leads to moved, and the next best ones. */
struct dfota_shifts {
    uint32_t first;
    uint32_t others[DFOTA_SHIFT_OTHERS]; /* any may be equal to another */
    uint8_t source; /* enum dfota_shift_source, of the first */
};

/*
 * Fills `predictor->isas` from `isas`, which ends with NULL.
 * Errors: DFOTA_ERR_UNSUPPORTED when one that the prediction needs is missing.
 */
enum dfota_error dfota_predict_open(struct dfota_predictor *predictor,
                                    const struct dfota_isa *const *isas);

/* Some old bytes, and what code they are. */
struct dfota_spot {
    unsigned dialect;
    const uint8_t *bytes;
    size_t left;  /* bytes that are there */
    uint32_t pos; /* where in old they begin */
};

/* Whether a site begins at a spot; `*out` is then that site. */
bool dfota_predict_read(const struct dfota_predictor *predictor,
                        const struct dfota_spot *spot, struct dfota_site *out);

/* Whether there are no sites at all in code of a dialect. */
static inline bool dfota_predict_idle(const struct dfota_predictor *p,
                                      unsigned dialect)
{
    return p->isas[dialect] == NULL &&
           p->prediction->base_count + p->prediction->range_count == 0;
}

/*
 * What the tables know the target of `site` by: the old position that it leads
 * to, or the old value from the first base.
 */
uint32_t dfota_predict_key(const struct dfota_predictor *predictor,
                           const struct dfota_site *site);

/* How the target of a site moved whose key is `key` and that is in `copy`. */
struct dfota_shifts
dfota_predict_shifts(const struct dfota_predictor *predictor,
                     const struct dfota_copy *copy, uint32_t key);

/* Forgets all that was learned. */
void dfota_predict_forget(struct dfota_predictor *predictor);

/* Keeps the shift of a key that was not foreseen. */
void dfota_predict_learn(struct dfota_predictor *predictor, uint32_t key,
                         uint32_t shift);

/*
 * Makes the site at `bytes`, now at `pos` of new, lead where `moved` does,
 * which is that site with another target; leaves it where that cannot be.
 */
void dfota_predict_write(const struct dfota_predictor *predictor,
                         unsigned dialect, const struct dfota_site *moved,
                         uint8_t *bytes, uint32_t pos);

/* Bytes over which to step where no site begins at old position `pos`. */
static inline uint32_t dfota_predict_step(const struct dfota_predictor *p,
                                          unsigned dialect, uint32_t pos)
{
    uint32_t unit = p->isas[dialect] != NULL ? p->isas[dialect]->step : 4;

    return unit - pos % unit;
}

#endif
