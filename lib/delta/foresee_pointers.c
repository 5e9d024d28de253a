/* SPDX-License-Identifier: MIT */
/* The part of foresee.h that finds pointers. */
#include "lib/base/fault.h"
#include "lib/base/parallel.h"
#include "lib/delta/foresee.h"
#include "lib/delta/ranges.h"
#include "lib/delta/trials.h"
#include "lib/delta/vote.h"

/* One base more, and one more than that, which are tried side by side. */
struct guesses {
    struct dfota_draft *draft;
    const struct dfota_delta_options *options;
    const struct dfota_sketch *sketch;
    struct dfota_trial_way ways[2];
    bool found[2]; /* what there is of it */
    enum dfota_error errors[2];
};

/* Gives `*way` the base that is voted for where it is foreseen like that. */
static enum dfota_error add_base(const struct dfota_sketch *sketch,
                                 struct dfota_trial_way *way, bool *found)
{
    struct dfota_predictor predictor = sketch->rehearsal.predictor;
    struct dfota_prediction *prediction = &way->prediction;
    enum dfota_error err = DFOTA_OK;

    predictor.prediction = prediction;
    *found = false;
    if (prediction->base_count < DFOTA_PREDICT_BASES)
        err = dfota_vote_base(&sketch->pairing, &predictor, found,
                              &prediction->bases[prediction->base_count], NULL);
    prediction->base_count += *found;
    return err;
}

/* Task: tries one base more, or two. */
static void try_bases(void *context, size_t index)
{
    struct guesses *guesses = context;
    struct dfota_trial_way *way = &guesses->ways[index];
    enum dfota_error err = DFOTA_OK;
    size_t best;

    if (index > 0)
        err = add_base(guesses->sketch, way, &guesses->found[index]);
    if (!err && guesses->found[index])
        err = dfota_trials_run(&guesses->draft->plan, guesses->options, way, 1,
                               &best);
    guesses->errors[index] = err;
}

/* What the draft costs, where that is not known. */
static enum dfota_error find_cost(struct dfota_draft *draft,
                                  const struct dfota_delta_options *options)
{
    return draft->cost > 0
               ? DFOTA_OK
               : dfota_trials_price(&draft->plan, options, &draft->cost);
}

/* Takes a way, if it pays; false where it does not.  What it saves is that of a
 * sample. */
static bool take(struct dfota_draft *draft, const struct dfota_trial_way *way)
{
    uint64_t parts = draft->plan.stride > 0 ? draft->plan.stride : 1;

    if (way->cost >= draft->cost ||
        (draft->cost - way->cost) * parts < DFOTA_TRIALS_GAIN)
        return false;
    draft->cost = way->cost;
    draft->plan.prediction = way->prediction;
    return true;
}

/* Adds load addresses as long as each of them pays. */
static enum dfota_error add_bases(struct dfota_draft *draft,
                                  const struct dfota_delta_options *options,
                                  const struct dfota_sketch *sketch)
{
    for (;;) {
        struct guesses guesses = {draft, options, sketch, .errors = {0}};
        struct dfota_trial_way *ways = guesses.ways;
        enum dfota_error err;

        ways[0].prediction = draft->plan.prediction;
        err = add_base(sketch, &ways[0], &guesses.found[0]);
        if (err || !guesses.found[0])
            return err;
        ways[1].prediction = ways[0].prediction;
        err = find_cost(draft, options);
        dfota_parallel(options->threads, 2, try_bases, &guesses);
        for (unsigned i = 0; i < 2 && !err; i++)
            err = guesses.errors[i];
        if (err || !take(draft, &ways[0]) || !guesses.found[1] ||
            !take(draft, &ways[1]))
            return err;
    }
}

/* Adds as many of the ranges found, the best first, as pay. */
static enum dfota_error add_ranges(struct dfota_draft *draft,
                                   const struct dfota_delta_options *options,
                                   const struct dfota_sketch *sketch)
{
    struct dfota_trial_way ways[DFOTA_PREDICT_RANGES];
    struct dfota_prediction all = draft->plan.prediction;
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
    err = find_cost(draft, options);
    if (!err)
        err = dfota_trials_run(&draft->plan, options, ways, all.range_count,
                               &best);
    if (!err)
        (void)take(draft, &ways[best]);
    return err;
}

enum dfota_error
dfota_foresee_pointers(struct dfota_draft *draft,
                       const struct dfota_delta_options *options,
                       struct dfota_fault *fault)
{
    struct dfota_prediction *now = &draft->plan.prediction;
    struct dfota_sketch sketch;
    enum dfota_error err;

    if (now->base_count + now->range_count > 0)
        draft->cost = 0;
    now->base_count = 0;
    now->range_count = 0;
    err = dfota_sketch_open(draft, options->ram, &sketch, fault);
    if (err)
        return err;
    err = add_bases(draft, options, &sketch);
    if (!err)
        err = add_ranges(draft, options, &sketch);
    dfota_sketch_close(&sketch);
    return err ? dfota_fail(fault, err, DFOTA_NO_OFFSET, NULL) : DFOTA_OK;
}
