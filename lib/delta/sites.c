/* SPDX-License-Identifier: MIT */
#include "lib/delta/sites.h"

/* The number of the first region that begins behind `pos`. */
static size_t region_behind(const struct dfota_regions *regions, uint32_t pos)
{
    size_t low = 0;
    size_t high = regions->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (regions->list[middle].begin <= pos)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct dfota_site_walk dfota_sites_from(const struct dfota_predictor *predictor,
                                        const struct dfota_regions *regions,
                                        struct dfota_view image, uint32_t begin,
                                        uint32_t end)
{
    size_t region = region_behind(regions, begin);

    return (struct dfota_site_walk){
        .predictor = predictor,
        .regions = regions,
        .image = image,
        .pos = begin,
        .end = end,
        .region = region,
        .dialect = region > 0 ? regions->list[region - 1].dialect : 0,
    };
}

/* Goes to where one comes by steps from a region without sites. */
static void step_over_region(struct dfota_site_walk *walk)
{
    const struct dfota_regions *regions = walk->regions;
    uint32_t last = walk->end - 1;

    if (walk->region < regions->count &&
        regions->list[walk->region].begin < walk->end)
        last = regions->list[walk->region].begin - 1;
    walk->pos = last + dfota_predict_step(walk->predictor, walk->dialect, last);
}

bool dfota_sites_next(struct dfota_site_walk *walk, struct dfota_site *site)
{
    const struct dfota_regions *regions = walk->regions;

    while (walk->pos < walk->end) {
        while (walk->region < regions->count &&
               regions->list[walk->region].begin <= walk->pos)
            walk->dialect = regions->list[walk->region++].dialect;
        if (dfota_predict_idle(walk->predictor, walk->dialect)) {
            step_over_region(walk);
            continue;
        }
        if (dfota_predict_read(walk->predictor,
                               &(struct dfota_spot){
                                   walk->dialect, walk->image.data + walk->pos,
                                   walk->end - walk->pos, walk->pos},
                               site)) {
            walk->pos += site->size;
            return true;
        }
        walk->pos +=
            dfota_predict_step(walk->predictor, walk->dialect, walk->pos);
    }
    return false;
}
