/* SPDX-License-Identifier: MIT */
/* The part of foresee.h that finds pointers. */
#include "lib/base/fault.h"
#include "lib/delta/foresee.h"
#include "lib/delta/ranges.h"
#include "lib/delta/trials.h"
#include "lib/delta/vote.h"

/* Adds load addresses as long as each of them pays. */
static enum dfota_error add_bases(struct dfota_draft *draft,
                                  const struct dfota_delta_options *options,
                                  const struct dfota_sketch *sketch,
                                  size_t *cost)
{
    struct dfota_prediction *now = &draft->plan.prediction;
    enum dfota_error err = DFOTA_OK;

    while (now->base_count < DFOTA_PREDICT_BASES) {
        struct dfota_trial_way way = {.prediction = *now};
        bool found = false;
        size_t best;

        err = dfota_vote_base(&sketch->pairing, &sketch->rehearsal.predictor,
                              &found, &way.prediction.bases[now->base_count],
                              NULL);
        if (err || !found)
            return err;
        way.prediction.base_count++;
        err = dfota_trials_run(&draft->plan, options, &way, 1, &best);
        if (err || way.cost + DFOTA_TRIALS_GAIN > *cost)
            return err;
        *cost = way.cost;
        *now = way.prediction;
    }
    return err;
}

/* Adds as many of the ranges found, the best first, as pay. */
static enum dfota_error add_ranges(struct dfota_draft *draft,
                                   const struct dfota_delta_options *options,
                                   const struct dfota_sketch *sketch,
                                   size_t *cost)
{
    struct dfota_prediction *now = &draft->plan.prediction;
    struct dfota_trial_way ways[DFOTA_PREDICT_RANGES];
    struct dfota_prediction all = *now;
    size_t best;
    enum dfota_error err =
        dfota_ranges_find(&sketch->pairing, &sketch->rehearsal.predictor,
                          &sketch->old_regions, &all, NULL);

    if (err || all.range_count == 0)
        return err;
    for (uint8_t i = 0; i < all.range_count; i++) {
        ways[i] = (struct dfota_trial_way){.prediction = all};
        ways[i].prediction.range_count = (uint8_t)(i + 1);
    }
    err = dfota_trials_run(&draft->plan, options, ways, all.range_count, &best);
    if (err || ways[best].cost + DFOTA_TRIALS_GAIN > *cost)
        return err;
    *cost = ways[best].cost;
    *now = ways[best].prediction;
    return DFOTA_OK;
}

enum dfota_error
dfota_foresee_pointers(struct dfota_draft *draft,
                       const struct dfota_delta_options *options,
                       struct dfota_fault *fault)
{
    struct dfota_sketch sketch;
    size_t cost;
    enum dfota_error err;

    draft->plan.prediction.base_count = 0;
    draft->plan.prediction.range_count = 0;
    err = dfota_sketch_open(draft, options->ram, &sketch, fault);
    if (err)
        return err;
    err = dfota_trials_price(&draft->plan, options, &cost);
    if (!err)
        err = add_bases(draft, options, &sketch, &cost);
    if (!err)
        err = add_ranges(draft, options, &sketch, &cost);
    dfota_sketch_close(&sketch);
    return err ? dfota_fail(fault, err, DFOTA_NO_OFFSET, NULL) : DFOTA_OK;
}
