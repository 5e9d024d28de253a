/* SPDX-License-Identifier: MIT */
/* The part of foresee.h that chooses among sites. */
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

/* Ways with one more class each for dialect `index`; gives how many. */
static size_t list_classes(const struct dfota_prediction *now, unsigned index,
                           struct dfota_trial_way *ways)
{
    uint8_t more = more_classes(now->dialects[index].isa);
    size_t count = 0;

    for (unsigned bit = 1; bit < 256; bit <<= 1) {
        if ((more & bit) == 0 || now->dialects[index].classes & bit)
            continue;
        ways[count] = (struct dfota_trial_way){.prediction = *now};
        ways[count++].prediction.dialects[index].classes |= (uint8_t)bit;
    }
    return count;
}

/* How dialect `index` can be widened. */
struct widening {
    unsigned index;
    size_t count;
    struct dfota_trial_way ways[CLASSES_MAX]; /* with one more class each */
    struct dfota_trial_way all;               /* with all that save something */
};

static uint8_t *classes_of(const struct widening *widening,
                           struct dfota_trial_way *way)
{
    return &way->prediction.dialects[widening->index].classes;
}

/*
 * Tries the ways, and beside them the plan as it is, where its cost is not
 * known, and all of the classes, where a second thread has nothing else to do.
 */
static enum dfota_error try_classes(struct dfota_draft *draft,
                                    const struct dfota_delta_options *options,
                                    struct widening *widening)
{
    struct dfota_trial_way ways[CLASSES_MAX + 2];
    size_t first = draft->cost == 0;
    size_t count = widening->count + first;
    size_t best;
    enum dfota_error err;

    ways[0] = (struct dfota_trial_way){.prediction = draft->plan.prediction};
    widening->all = ways[0];
    for (size_t i = 0; i < widening->count; i++) {
        ways[first + i] = widening->ways[i];
        *classes_of(widening, &widening->all) |=
            *classes_of(widening, &widening->ways[i]);
    }
    if (count % 2 != 0 && widening->count > 1)
        ways[count++] = widening->all;
    err = dfota_trials_run(&draft->plan, options, ways, count, &best);
    if (err)
        return err;
    if (first)
        draft->cost = ways[0].cost;
    for (size_t i = 0; i < widening->count; i++)
        widening->ways[i] = ways[first + i];
    widening->all = ways[count - 1]; /* or one that has fewer classes */
    return DFOTA_OK;
}

/* Adds the classes of one dialect that save something. */
static enum dfota_error widen(struct dfota_draft *draft,
                              const struct dfota_delta_options *options,
                              unsigned index)
{
    struct widening widening = {.index = index};
    struct dfota_trial_way all = {.prediction = draft->plan.prediction};
    struct dfota_trial_way *best = &widening.ways[0];
    enum dfota_error err;

    widening.count =
        list_classes(&draft->plan.prediction, index, widening.ways);
    if (widening.count == 0)
        return DFOTA_OK;
    err = try_classes(draft, options, &widening);
    for (size_t i = 0; i < widening.count && !err; i++) {
        struct dfota_trial_way *way = &widening.ways[i];

        best = way->cost < best->cost ? way : best;
        if (way->cost + DFOTA_TRIALS_GAIN <= draft->cost)
            *classes_of(&widening, &all) |= *classes_of(&widening, way);
    }
    if (err || best->cost + DFOTA_TRIALS_GAIN > draft->cost)
        return err;
    if (*classes_of(&widening, &all) == *classes_of(&widening, best))
        all.cost = best->cost;
    else if (*classes_of(&widening, &all) ==
             *classes_of(&widening, &widening.all))
        all.cost = widening.all.cost;
    else
        err = dfota_trials_run(&draft->plan, options, &all, 1, &(size_t){0});
    if (err)
        return err;
    if (all.cost <= best->cost)
        best = &all;
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
