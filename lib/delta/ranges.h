/* SPDX-License-Identifier: MIT */
/*
 * ranges.h - finds values that are addresses, though not of this image
 *
 * Words of RAM or of another image's addresses change together: what one of
 * them became, its neighbours and all its other occurrences became as well.
 * Where foreseeing them so is right more often than leaving them, they are
 * worth to be taken for pointers.
 */
#ifndef DFOTA_LIB_DELTA_RANGES_H
#define DFOTA_LIB_DELTA_RANGES_H

#include "lib/apply/predict.h"
#include "lib/delta/pairing.h"
#include "lib/delta/sites.h"

/*
 * Sets the ranges of `*prediction`, none up to DFOTA_PREDICT_RANGES, the best
 * first.  The copies are those of `plan`; `predictor` knows what instructions
 * there are and, by its bases, what are pointers already, and `regions` are
 * those of old.  On failure `*prediction` is untouched.
 *
 * Cost: that of dfota_words_collect().
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_ranges_find(const struct dfota_pairing *plan,
                                   const struct dfota_predictor *predictor,
                                   const struct dfota_regions *regions,
                                   struct dfota_prediction *prediction,
                                   struct dfota_fault *fault);

#endif
