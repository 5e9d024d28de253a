/* SPDX-License-Identifier: MIT */
#include "lib/delta/neutral.h"

#include <string.h>

#include "lib/apply/site_bits.h"

/* Bits of what sites may reach.  They are seen from the multiple of that before
 * the target, and the longest reach that they have is taken. */
static const uint8_t reaches[] = {24, 20, 19};

#define REACH_BACK 17 /* the same for those that lead back only */

/* Makes a site lead to `target` from a position that only `target` decides. */
static void write_from_afar(const struct dfota_isa *isa,
                            const struct dfota_site *site, uint8_t *bytes,
                            uint32_t target)
{
    if (isa->write(site, bytes, 0, target))
        return;
    for (size_t i = 0; i < sizeof(reaches); i++)
        if (isa->write(site, bytes, target >> reaches[i] << reaches[i], target))
            return;
    (void)isa->write(site, bytes, ((target >> REACH_BACK) + 1) << REACH_BACK,
                     target);
}

void dfota_neutral_make(struct dfota_view image,
                        const struct dfota_predictor *predictor,
                        const struct dfota_regions *regions,
                        const struct dfota_leads *leads,
                        struct dfota_buffer *out)
{
    struct dfota_predictor reader = *predictor;
    uint8_t *bytes = dfota_buffer_reserve(out, image.size);
    struct dfota_site_walk walk;
    struct dfota_site site;

    if (bytes == NULL)
        return;
    if (image.size > 0)
        memcpy(bytes, image.data, image.size);
    reader.old_size = (uint32_t)image.size; /* pointers lead into this one */
    walk = dfota_sites_from(&reader, regions, image, 0, (uint32_t)image.size);
    while (dfota_sites_next(&walk, &site)) {
        uint8_t *at = bytes + walk.pos - site.size;

        if (leads != NULL)
            site.target += dfota_leads_shift(
                leads, predictor, dfota_predict_key(predictor, &site));
        if (site.kind == DFOTA_SITE_POINTER32)
            dfota_put32(at, site.target);
        else
            write_from_afar(reader.isas[walk.dialect], &site, at, site.target);
    }
    out->size += image.size;
}
