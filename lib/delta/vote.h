/* SPDX-License-Identifier: MIT */
/* vote.h - finds the address at which a raw image would be loaded */
#ifndef DFOTA_LIB_DELTA_VOTE_H
#define DFOTA_LIB_DELTA_VOTE_H

#include <stdbool.h>

#include "lib/apply/predict.h"
#include "lib/delta/pairing.h"

/* Fewer votes than this may be chance. */
#define DFOTA_VOTES_MIN 16

/*
 * The load address that most changed words of the copies speak for, leaving out
 * words that by the bases of `predictor` are pointers already.  Its map tells
 * what moved.  `*found` is whether DFOTA_VOTES_MIN words speak for it.  The
 * most aligned address of those with nearly the most votes.
 *
 * Cost: some 16 bytes for each of at most 2^18 votes.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_vote_base(const struct dfota_pairing *plan,
                                 const struct dfota_predictor *predictor,
                                 bool *found, uint32_t *base,
                                 struct dfota_fault *fault);

#endif
