/* SPDX-License-Identifier: MIT */
/* sites.h - the sites of an image, one after the other */
#ifndef DFOTA_LIB_DELTA_SITES_H
#define DFOTA_LIB_DELTA_SITES_H

#include "lib/apply/predict.h"
#include "lib/base/buffer.h"

/* From `begin` on, up to the next region, there is code of this dialect. */
struct dfota_region {
    uint32_t begin;  /* a position in the image */
    uint8_t dialect; /* its number in the prediction; 0: no code */
};

/* All regions of an image, sorted; before the first of them is no code. */
struct dfota_regions {
    const struct dfota_region *list;
    size_t count;
};

/* Where to look for sites, and how.  Owns nothing. */
struct dfota_site_walk {
    const struct dfota_predictor *predictor;
    const struct dfota_regions *regions;
    struct dfota_view image;
    uint32_t pos;     /* where to look next */
    uint32_t end;     /* nothing from here on is looked at */
    size_t region;    /* the number of the next region */
    unsigned dialect; /* that of the site found last */
};

/* A walk from `begin` to `end`, positions in `image`. */
struct dfota_site_walk dfota_sites_from(const struct dfota_predictor *predictor,
                                        const struct dfota_regions *regions,
                                        struct dfota_view image, uint32_t begin,
                                        uint32_t end);

/* Finds the next site, which begins at `walk->pos - site->size`; false at the
 * end. */
bool dfota_sites_next(struct dfota_site_walk *walk, struct dfota_site *site);

#endif
