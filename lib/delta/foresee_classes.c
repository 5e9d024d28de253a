/* SPDX-License-Identifier: MIT */
/* The part of foresee.h that chooses among sites. */
#include <stdbool.h>

#include "lib/base/fault.h"
#include "lib/delta/candidates.h"
#include "lib/delta/foresee.h"
#include "lib/delta/trials.h"

#define CLASSES_MAX 8 /* as many as bits */

static uint8_t more_classes(uint8_t isa)
{
    for (unsigned i = 0; i < DFOTA_CANDIDATES; i++)
        if (dfota_candidates[i].isa == isa)
            return dfota_candidates[i].more;
    return 0;
}

/* How dialect `index` can be widened. */
struct widening {
    unsigned index;
    size_t count; /* of classes that it does not have */
    /* With one of them each; with all; and as it is. */
    struct dfota_trial_way ways[CLASSES_MAX + 2];
};

static uint8_t *classes_of(const struct widening *widening,
                           struct dfota_trial_way *way)
{
    return &way->prediction.dialects[widening->index].classes;
}

/* Lists the ways. */
static void list_ways(const struct dfota_prediction *now,
                      struct widening *widening)
{
    const struct dfota_dialect *dialect = &now->dialects[widening->index];
    const struct dfota_trial_way as_it_is = {.prediction = *now};
    uint8_t missing = more_classes(dialect->isa) & (uint8_t)~dialect->classes;
    struct dfota_trial_way *way = widening->ways;

    for (unsigned bit = 1; bit < 256; bit <<= 1) {
        if ((missing & bit) == 0)
            continue;
        *way = as_it_is;
        *classes_of(widening, way++) |= (uint8_t)bit;
    }
    widening->count = (size_t)(way - widening->ways);
    way[0] = way[1] = as_it_is;
    *classes_of(widening, way) |= missing;
}

/* Tries the ways, the last one where its cost is not known. */
static enum dfota_error try_ways(struct dfota_draft *draft,
                                 const struct dfota_delta_options *options,
                                 struct widening *widening)
{
    struct dfota_trial_way *last = &widening->ways[widening->count + 1];
    bool is_known = draft->cost > 0;
    size_t best;
    enum dfota_error err =
        dfota_trials_run(&draft->plan, options, widening->ways,
                         widening->count + (is_known ? 1 : 2), &best);

    if (!err && !is_known)
        draft->cost = last->cost;
    return err;
}

/* The way with all classes that save something, in the place of that with all;
 * it is tried where it is another. */
static enum dfota_error try_some(const struct dfota_draft *draft,
                                 const struct dfota_delta_options *options,
                                 struct widening *widening)
{
    struct dfota_trial_way some = {.prediction = draft->plan.prediction};
    struct dfota_trial_way *all = &widening->ways[widening->count];
    size_t best;

    for (size_t i = 0; i < widening->count; i++)
        if (widening->ways[i].cost + DFOTA_TRIALS_GAIN <= draft->cost)
            *classes_of(widening, &some) |=
                *classes_of(widening, &widening->ways[i]);
    if (*classes_of(widening, &some) == *classes_of(widening, all))
        return DFOTA_OK;
    *all = some;
    return dfota_trials_run(&draft->plan, options, all, 1, &best);
}

/* Adds the classes of one dialect that save something. */
static enum dfota_error widen(struct dfota_draft *draft,
                              const struct dfota_delta_options *options,
                              unsigned index)
{
    struct widening widening = {.index = index};
    const struct dfota_trial_way *best = widening.ways;
    enum dfota_error err;

    list_ways(&draft->plan.prediction, &widening);
    if (widening.count == 0)
        return DFOTA_OK;
    err = try_ways(draft, options, &widening);
    for (size_t i = 1; i < widening.count && !err; i++)
        if (widening.ways[i].cost < best->cost)
            best = &widening.ways[i];
    if (err || best->cost + DFOTA_TRIALS_GAIN > draft->cost)
        return err;
    err = try_some(draft, options, &widening);
    if (err)
        return err;
    if (widening.ways[widening.count].cost <= best->cost)
        best = &widening.ways[widening.count];
    draft->cost = best->cost;
    draft->plan.prediction = best->prediction;
    return DFOTA_OK;
}

enum dfota_error
dfota_foresee_classes(struct dfota_draft *draft,
                      const struct dfota_delta_options *options,
                      struct dfota_fault *fault)
{
    enum dfota_error err = DFOTA_OK;

    for (unsigned i = 0; i < draft->plan.prediction.dialect_count && !err; i++)
        err = widen(draft, options, i);
    return err ? dfota_fail(fault, err, DFOTA_NO_OFFSET, NULL) : DFOTA_OK;
}
