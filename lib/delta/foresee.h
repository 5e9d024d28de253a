/* SPDX-License-Identifier: MIT */
/*
 * foresee.h - finds out what of copied code can be predicted, and how
 *
 * The load address of a raw image need not be known: every changed word votes
 * for those at which it would lead into a copy that moved by as much as the
 * word changed.  What kinds of branches there are is tried: whatever leaves the
 * fewest differences is kept.
 */
#ifndef DFOTA_LIB_DELTA_FORESEE_H
#define DFOTA_LIB_DELTA_FORESEE_H

#include "lib/apply/predict.h"
#include "lib/delta/serialize.h"

/* Owns the map.  {0} predicts nothing. */
struct dfota_foresight {
    struct dfota_prediction prediction;
    struct dfota_buffer map; /* of struct dfota_map_entry, sorted */
};

/*
 * Chooses what to predict of the copies of `plan`, whose predictor is not
 * looked at, with a map of at most `map_memory` bytes.
 *
 * Cost: some passes over new, shared between `threads` (0: one a processor).
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_foresee(const struct dfota_plan *plan, size_t map_memory,
                               unsigned threads, struct dfota_foresight *out,
                               struct dfota_fault *fault);

/* A predictor that works as the applier's will; valid as long as `foresight`.
 */
struct dfota_predictor
dfota_foresight_predictor(const struct dfota_foresight *foresight,
                          size_t old_size);

void dfota_foresight_free(struct dfota_foresight *foresight);

#endif
