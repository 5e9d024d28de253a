/* SPDX-License-Identifier: MIT */
#include "lib/delta/foresee.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/parallel.h"
#include "lib/delta/vote.h"

/* Shorter copies say little of where code went, in bytes. */
#define LENGTH_MIN 16u
#define GAIN_MIN   24 /* bytes of differences that the entry must save */
#define TRIALS_MAX 8

/* The kinds of branches that are tried against each other. */
static const uint8_t branch_kinds[] = {
    0,
    DFOTA_PREDICT_T32,
    DFOTA_PREDICT_T32 | DFOTA_PREDICT_T32_BCC,
    DFOTA_PREDICT_T32 | DFOTA_PREDICT_T32_BLX,
    DFOTA_PREDICT_T32 | DFOTA_PREDICT_T32_BCC | DFOTA_PREDICT_T32_BLX,
    DFOTA_PREDICT_A32,
    DFOTA_PREDICT_A64,
};

#define BRANCH_KINDS (sizeof(branch_kinds) / sizeof(branch_kinds[0]))

/* Predictions that are measured at once. */
struct trials {
    const struct dfota_plan *plan;
    const struct dfota_foresight *foresight;
    size_t count;
    struct dfota_prediction predictions[TRIALS_MAX];
    size_t costs[TRIALS_MAX]; /* bytes of differences, before coding */
    enum dfota_error errors[TRIALS_MAX];
};

struct dfota_predictor
dfota_foresight_predictor(const struct dfota_foresight *foresight,
                          size_t old_size)
{
    return (struct dfota_predictor){
        .prediction = &foresight->prediction,
        .old_size = (uint32_t)old_size,
        .map = {(void *)foresight->map.data,
                (uint32_t)(foresight->map.size /
                           sizeof(struct dfota_map_entry))},
    };
}

void dfota_foresight_free(struct dfota_foresight *foresight)
{
    dfota_buffer_free(&foresight->map);
    *foresight = (struct dfota_foresight){0};
}

/* How many copies have at least `length` bytes. */
static uint32_t count_copies(const struct dfota_plan *plan, uint32_t length)
{
    uint32_t count = 0;

    for (size_t i = 0; i < plan->copy_count; i++)
        count += plan->copies[i].length >= length;
    return count;
}

/* Makes the map of as many copies as fit, the longest ones. */
static enum dfota_error make_map(const struct dfota_plan *plan,
                                 size_t map_memory, struct dfota_foresight *out,
                                 struct dfota_fault *fault)
{
    struct dfota_prediction *prediction = &out->prediction;
    struct dfota_predictor predictor;
    uint32_t length = LENGTH_MIN;
    enum dfota_error err;

    while (count_copies(plan, length) >
           map_memory / sizeof(struct dfota_map_entry))
        length += length / 2;
    prediction->map_length = length;
    prediction->map_count = count_copies(plan, length);
    for (size_t i = 0; i < plan->copy_count; i++) {
        const struct dfota_copy *copy = &plan->copies[i];
        struct dfota_map_entry entry = {copy->old_pos, copy->length,
                                        copy->new_pos - copy->old_pos};

        if (copy->length >= length)
            dfota_buffer_add(&out->map, &entry, sizeof(entry));
    }
    err = dfota_buffer_check(&out->map, fault);
    predictor = dfota_foresight_predictor(out, plan->old.size);
    if (!err)
        dfota_map_sort(&predictor.map);
    return err;
}

static void measure(void *context, size_t index)
{
    struct trials *trials = context;
    struct dfota_predictor predictor =
        dfota_foresight_predictor(trials->foresight, trials->plan->old.size);
    struct dfota_plan plan = *trials->plan;
    struct dfota_buffer out = {0};

    predictor.prediction = &trials->predictions[index];
    plan.predictor = &predictor;
    dfota_serialize_difference(&plan, DFOTA_UNIT_BYTE, &out);
    trials->errors[index] = dfota_buffer_check(&out, NULL);
    trials->costs[index] = out.size;
    dfota_buffer_free(&out);
}

/* Measures all trials; `*best` is the cheapest, the first of equals. */
static enum dfota_error run_trials(struct trials *trials, unsigned threads,
                                   size_t *best, struct dfota_fault *fault)
{
    *best = 0;
    dfota_parallel(threads, trials->count, measure, trials);
    for (size_t i = 0; i < trials->count; i++) {
        if (trials->errors[i])
            return dfota_fail(fault, trials->errors[i], DFOTA_NO_OFFSET, NULL);
        if (trials->costs[i] < trials->costs[*best])
            *best = i;
    }
    return DFOTA_OK;
}

/* Tries the kinds of branches.  `*cost` is what the best of them costs. */
static enum dfota_error choose_branches(struct trials *trials, unsigned threads,
                                        struct dfota_prediction *prediction,
                                        size_t *cost, struct dfota_fault *fault)
{
    size_t best;
    enum dfota_error err;

    trials->count = BRANCH_KINDS;
    for (size_t i = 0; i < trials->count; i++) {
        trials->predictions[i] = *prediction;
        trials->predictions[i].kinds = branch_kinds[i];
    }
    err = run_trials(trials, threads, &best, fault);
    if (err)
        return err;
    if (trials->costs[best] + GAIN_MIN > trials->costs[0])
        best = 0;
    prediction->kinds = branch_kinds[best];
    *cost = trials->costs[best];
    return DFOTA_OK;
}

/* Adds load addresses as long as each of them pays. */
static enum dfota_error choose_bases(struct trials *trials,
                                     struct dfota_foresight *out, size_t cost,
                                     struct dfota_fault *fault)
{
    struct dfota_prediction *prediction = &out->prediction;
    enum dfota_error err = DFOTA_OK;

    while (prediction->base_count < DFOTA_PREDICT_BASES) {
        struct dfota_predictor predictor =
            dfota_foresight_predictor(out, trials->plan->old.size);
        struct dfota_prediction more = *prediction;
        bool found = false;
        size_t best;

        err = dfota_vote_base(trials->plan, &predictor, &found,
                              &more.bases[more.base_count], fault);
        if (err || !found)
            return err;
        more.base_count++;
        more.kinds |= DFOTA_PREDICT_POINTERS;
        trials->count = 1;
        trials->predictions[0] = more;
        err = run_trials(trials, 1, &best, fault);
        if (err || trials->costs[0] + GAIN_MIN > cost)
            return err;
        cost = trials->costs[0];
        *prediction = more;
    }
    return err;
}

enum dfota_error dfota_foresee(const struct dfota_plan *plan, size_t map_memory,
                               unsigned threads, struct dfota_foresight *out,
                               struct dfota_fault *fault)
{
    struct dfota_foresight foresight = {0};
    struct trials trials = {.plan = plan, .foresight = &foresight};
    size_t cost = 0;
    enum dfota_error err = make_map(plan, map_memory, &foresight, fault);

    if (!err)
        err = choose_branches(&trials, threads, &foresight.prediction, &cost,
                              fault);
    if (!err)
        err = choose_bases(&trials, &foresight, cost, fault);
    if (err || foresight.prediction.kinds == 0) {
        dfota_foresight_free(&foresight);
        *out = (struct dfota_foresight){0};
        return err;
    }
    *out = foresight;
    return DFOTA_OK;
}
