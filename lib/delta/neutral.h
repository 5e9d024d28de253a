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
#include "lib/delta/sites.h"

/*
 * Appends to `out` the neutral form of `image`, as many bytes as that has.
 * `leads` is where the sites of old lead in new; NULL where `image` is new.
 * Sites that cannot lead so far stay as they are.  Ask dfota_buffer_check().
 * Cost: linear but for the leads, each a search.
 */
void dfota_neutral_make(struct dfota_view image,
                        const struct dfota_predictor *predictor,
                        const struct dfota_regions *regions,
                        const struct dfota_leads *leads,
                        struct dfota_buffer *out);

#endif
