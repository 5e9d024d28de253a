/* SPDX-License-Identifier: MIT */
#include "lib/delta/foresee.h"

#include <stdlib.h>

#include "lib/base/fault.h"
#include "lib/delta/candidates.h"
#include "lib/delta/draft.h"
#include "lib/delta/trials.h"

#define GAIN_SHARE   6  /* part of a part that another dialect must save: 1/6 */
#define GAIN_DIALECT 64 /* bytes that one more dialect must save in all */
#define PART         ((size_t)1 << 15) /* bytes of new judged together */
#define SHORTLIST    8 /* a candidate may cost 1/8 more and stay one */

static void add_dialect(struct dfota_prediction *prediction,
                        const struct dfota_candidate *candidate)
{
    if (candidate->isa != 0)
        prediction->dialects[prediction->dialect_count++] =
            (struct dfota_dialect){candidate->isa, candidate->classes};
}

/* --- which architectures -------------------------------------------------- */

/*
 * What parts of new cost with each candidate, and which are chosen.  A part is
 * some records: single ones say too little, and what they seem to say is
 * chance.
 */
struct census {
    struct dfota_draft *draft;
    uint32_t *reached[DFOTA_CANDIDATES];        /* by record */
    size_t cost[DFOTA_CANDIDATES];              /* of all records */
    uint8_t chosen[DFOTA_PREDICT_DIALECTS + 1]; /* candidates; the first none */
    unsigned count;                             /* of them */
};

/* Records `first` to `end` - 1 of a plan. */
struct part {
    size_t first;
    size_t end;
};

/* The part behind another one; none where `first` is the number of records. */
static struct part next_part(const struct dfota_plan *plan, struct part before)
{
    struct part part = {before.end, before.end};
    size_t size = 0;

    while (part.end < plan->record_count && size < PART) {
        size += plan->records[part.end].insert + plan->records[part.end].copy;
        part.end++;
    }
    return part;
}

static uint32_t part_cost(const struct census *census, unsigned candidate,
                          struct part part)
{
    const uint32_t *reached = census->reached[candidate];

    return reached[part.end - 1] -
           (part.first > 0 ? reached[part.first - 1] : 0);
}

/*
 * The chosen candidate that suits a part best, as its dialect.  It must be
 * clearly better than the one that suits all best: small differences are
 * chance.
 */
static uint8_t best_dialect(const struct census *census, struct part part)
{
    uint8_t best = census->count > 1;
    uint32_t least = part_cost(census, census->chosen[best], part);

    least -= least / GAIN_SHARE;
    for (uint8_t i = 0; i < census->count; i++) {
        uint32_t cost =
            part_cost(census, census->chosen[i], part) + DFOTA_TRIALS_GAIN;

        if (cost >= least)
            continue;
        least = cost;
        best = i;
    }
    return best;
}

/* What all cost, each part in the dialect that suits it best. */
static uint64_t census_cost(const struct census *census)
{
    const struct dfota_plan *plan = &census->draft->plan;
    struct part part = next_part(plan, (struct part){0, 0});
    uint64_t cost = 0;

    for (; part.first < plan->record_count; part = next_part(plan, part))
        cost +=
            part_cost(census, census->chosen[best_dialect(census, part)], part);
    return cost;
}

/* Chooses one more candidate, if there is one that saves enough. */
static bool choose_another(struct census *census)
{
    uint64_t least = census_cost(census);
    uint8_t best = 0;

    least -= least < GAIN_DIALECT ? least : GAIN_DIALECT;
    if (census->count > DFOTA_PREDICT_DIALECTS)
        return false;
    for (uint8_t i = 1; i < DFOTA_CANDIDATES; i++) {
        uint64_t cost;

        census->chosen[census->count++] = i;
        cost = census_cost(census);
        census->count--;
        if (cost >= least)
            continue;
        least = cost;
        best = i;
    }
    if (best != 0)
        census->chosen[census->count++] = best;
    return best != 0;
}

/* Gives every record the dialect that suits its part. */
static void set_dialects(const struct census *census)
{
    struct dfota_draft *draft = census->draft;
    struct dfota_record *records = (void *)draft->records.data;
    struct part part = next_part(&draft->plan, (struct part){0, 0});

    draft->plan.prediction.dialect_count = 0;
    for (unsigned i = 1; i < census->count; i++)
        add_dialect(&draft->plan.prediction,
                    &dfota_candidates[census->chosen[i]]);
    for (; part.first < draft->plan.record_count;
         part = next_part(&draft->plan, part))
        for (size_t i = part.first; i < part.end; i++)
            records[i].dialect = best_dialect(census, part);
}

/* The architecture that suits all best; 0 for none. */
static uint8_t best_for_all(const struct census *census)
{
    uint8_t best = 0;

    for (uint8_t i = 1; i < DFOTA_CANDIDATES; i++)
        if (census->cost[i] + DFOTA_TRIALS_GAIN < census->cost[best])
            best = i;
    return best;
}

/* Chooses none, and the architecture that suits all best, if there is one. */
static void begin_choice(struct census *census)
{
    census->count = 1;
    census->chosen[1] = best_for_all(census);
    if (census->chosen[1] != 0)
        census->count = 2;
}

/* All records in the one dialect that suits all best. */
static void set_one(struct census *census)
{
    struct dfota_record *records = (void *)census->draft->records.data;

    begin_choice(census);
    census->draft->plan.prediction.dialect_count = 0;
    add_dialect(&census->draft->plan.prediction,
                &dfota_candidates[census->chosen[census->count - 1]]);
    for (size_t i = 0; i < census->draft->plan.record_count; i++)
        records[i].dialect = (uint8_t)(census->count - 1);
}

/* Remembers the candidates that pointers, once known, may yet make the best. */
static void shorten(struct census *census)
{
    size_t least = census->cost[0];
    uint8_t list = 0;

    for (unsigned i = 1; i < DFOTA_CANDIDATES; i++)
        least = census->cost[i] < least ? census->cost[i] : least;
    for (unsigned i = 0; i < DFOTA_CANDIDATES; i++)
        if (census->cost[i] <= least + least / SHORTLIST)
            list |= (uint8_t)(1u << i);
    census->draft->shortlist = list;
}

/* Chooses between several dialects and one. */
static enum dfota_error settle(struct census *census,
                               const struct dfota_delta_options *options)
{
    struct dfota_trial_way way = {.all = false};
    size_t best;
    enum dfota_error err = DFOTA_OK;

    begin_choice(census);
    census->draft->cost = census->cost[best_for_all(census)];
    if (!choose_another(census)) {
        set_one(census);
        return DFOTA_OK;
    }
    while (choose_another(census))
        continue;
    set_dialects(census);
    way.prediction = census->draft->plan.prediction;
    err = dfota_trials_run(&census->draft->plan, options, &way, 1, &best);
    if (!err && way.cost + GAIN_DIALECT >= census->draft->cost)
        set_one(census);
    else
        census->draft->cost = way.cost;
    return err;
}

/* Lists the ways to try, one a candidate; gives how many. */
static size_t list_candidates(const struct census *census, uint8_t of[],
                              struct dfota_trial_way *ways)
{
    const struct dfota_draft *draft = census->draft;
    size_t count = 0;

    for (uint8_t i = 0; i < DFOTA_CANDIDATES; i++) {
        if ((draft->shortlist >> i & 1) == 0)
            continue;
        of[count] = i;
        ways[count] = (struct dfota_trial_way){
            .all = true,
            .prediction = draft->plan.prediction,
            .reached = census->reached[i],
        };
        ways[count].prediction.dialect_count = 0;
        add_dialect(&ways[count].prediction, &dfota_candidates[i]);
        count++;
    }
    return count;
}

static enum dfota_error hold_census(struct census *census,
                                    const struct dfota_delta_options *options)
{
    struct dfota_trial_way ways[DFOTA_CANDIDATES];
    uint8_t of[DFOTA_CANDIDATES];
    size_t count = list_candidates(census, of, ways);
    size_t best;
    enum dfota_error err;

    if (count == 1)
        return DFOTA_OK; /* there is nothing to choose from */
    err = dfota_trials_run(&census->draft->plan, options, ways, count, &best);
    if (err)
        return err;
    for (unsigned i = 0; i < DFOTA_CANDIDATES; i++)
        census->cost[i] = SIZE_MAX / 2;
    for (size_t i = 0; i < count; i++)
        census->cost[of[i]] = ways[i].cost;
    for (unsigned i = 0; i < DFOTA_CANDIDATES; i++)
        if (census->cost[i] == SIZE_MAX / 2)
            census->reached[i] = census->reached[of[best]];
    shorten(census);
    return settle(census, options);
}

enum dfota_error dfota_foresee_code(struct dfota_draft *draft,
                                    const struct dfota_delta_options *options,
                                    struct dfota_fault *fault)
{
    size_t count = draft->plan.record_count;
    struct census census = {.draft = draft};
    uint32_t *reached = calloc(DFOTA_CANDIDATES, count * sizeof(*reached) + 1);
    enum dfota_error err;

    if (reached == NULL)
        return dfota_fail(fault, DFOTA_ERR_MEMORY, DFOTA_NO_OFFSET, NULL);
    for (unsigned i = 0; i < DFOTA_CANDIDATES; i++)
        census.reached[i] = reached + i * count;
    if (draft->shortlist == 0)
        draft->shortlist =
            dfota_candidates_in(draft->plan.old, options->threads);
    err = hold_census(&census, options);
    free(reached);
    return err ? dfota_fail(fault, err, DFOTA_NO_OFFSET, NULL) : DFOTA_OK;
}

/* --- which of their sites ------------------------------------------------- */

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
