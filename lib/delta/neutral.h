/* SPDX-License-Identifier: MIT */
/*
 * neutral.h - an image in which code is the same bytes wherever it lies
 *
 * Every site is made to lead, from one and the same position, to where it leads
 * in new.  Two such forms, of old and of new, are equal wherever the code is,
 * though it moved; so copies are found in them that the images do not show.
 */
#ifndef DFOTA_LIB_DELTA_NEUTRAL_H
#define DFOTA_LIB_DELTA_NEUTRAL_H

#include "lib/apply/predict.h"
#include "lib/base/buffer.h"
#include "lib/delta/leads.h"
#include "lib/delta/quiet.h"
#include "lib/delta/sites.h"

/* What is to be made neutral, and by what.  Owns nothing. */
struct dfota_neutral_task {
    struct dfota_view image;
    const struct dfota_predictor *predictor;
    const struct dfota_regions *regions;
    const struct dfota_leads *leads; /* where the sites of old lead in new; NULL
                                        where `image` is new */
    const struct dfota_quiet *quiet; /* stays as it is; NULL: nothing */
};

/*
 * Writes the neutral form of the image from `begin` to `end` - 1, as many
 * bytes, to `out`.  Sites that cannot lead so far stay as they are, and so do
 * those that such a border cuts.
 * Cost: linear but for the leads, each a search.
 */
void dfota_neutral_make(const struct dfota_neutral_task *task, uint32_t begin,
                        uint32_t end, uint8_t *out);

#endif
