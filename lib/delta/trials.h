/* SPDX-License-Identifier: MIT */
/* trials.h - codes a plan in several ways to see which is smallest */
#ifndef DFOTA_LIB_DELTA_TRIALS_H
#define DFOTA_LIB_DELTA_TRIALS_H

#include "lib/delta/plan.h"
#include "lib/delta/quiet.h"
#include "lib/delta/streams.h"

#define DFOTA_TRIALS_MAX  10
#define DFOTA_TRIALS_GAIN 8 /* bytes that anything must save to be kept */

/* One way: the plan, but with this prediction. */
struct dfota_trial_way {
    struct dfota_prediction prediction; /* its tables are set by the trial */
    bool all; /* all records are in the last dialect, whatever theirs */
    uint32_t *reached; /* as in struct dfota_mixed_out, or NULL */
    size_t cost;       /* bytes, once it has been tried */
    enum dfota_error error;
};

/*
 * One part of new in how many is enough for trials of a plan: the more there is
 * to code, the fewer.  What is `quiet` is known to be equal.
 * Cost: compares what the plan copies, but for that.
 */
uint32_t dfota_trials_stride(const struct dfota_plan *plan,
                             const struct dfota_quiet *quiet);

/*
 * Tries `count` ways, at most DFOTA_TRIALS_MAX; `*best` is the number of the
 * smallest, the first of equals.  Of large images a sample is coded.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_trials_run(const struct dfota_plan *plan,
                                  const struct dfota_delta_options *options,
                                  struct dfota_trial_way *ways, size_t count,
                                  size_t *best);

/*
 * What the plan costs as it is: what a way costs that changes nothing of it.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_trials_price(const struct dfota_plan *plan,
                                    const struct dfota_delta_options *options,
                                    size_t *cost);

#endif
