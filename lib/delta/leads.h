/* SPDX-License-Identifier: MIT */
/*
 * leads.h - what sites led to in old, and where they lead in new
 *
 * The generator knows both images: each site that was copied says where what
 * it led to went, and the majority is right.  What the applier will know is
 * less; this serves to find better copies.
 */
#ifndef DFOTA_LIB_DELTA_LEADS_H
#define DFOTA_LIB_DELTA_LEADS_H

#include "lib/apply/predict.h"
#include "lib/delta/pairing.h"
#include "lib/delta/sites.h"

/* Owns its entries.  {0} knows nothing. */
struct dfota_leads {
    struct dfota_buffer entries; /* of struct dfota_learned_entry, sorted */
};

/*
 * Counts what the sites of the copies of `plan` say, of which `predictor` is
 * to know the prediction and the map; `regions` are those of old.  A target in
 * old needs two votes, one outside only one.  On failure `*out` is untouched.
 *
 * Cost: linear in the copies' bytes; 4 bytes a site, and 16 a vote.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_leads_vote(const struct dfota_pairing *plan,
                                  const struct dfota_predictor *predictor,
                                  const struct dfota_regions *regions,
                                  struct dfota_leads *out,
                                  struct dfota_fault *fault);

/*
 * How far what is known by `key`, see dfota_predict_key(), went: as voted; else
 * in old, as the map has it, and outside, as both its neighbours went; else 0.
 * Cost: the logarithm of the entries.
 */
uint32_t dfota_leads_shift(const struct dfota_leads *leads,
                           const struct dfota_predictor *predictor,
                           uint32_t key);

void dfota_leads_free(struct dfota_leads *leads);

#endif
