/* SPDX-License-Identifier: MIT */
#include "lib/delta/find.h"

/* What a place says of its stream, which a recogniser does not announce. */
static size_t find_raw(struct dfota_search *search,
                       const struct dfota_place *place)
{
    struct dfota_packed_region region = {
        .offset = place->offset,
        .packing = place->packing,
        .filter = place->filter,
        .lc = place->lc,
        .lp = place->lp,
        .pb = place->pb,
    };

    switch (place->packing) {
    case DFOTA_PACKING_LZMA:
        return dfota_find_raw_lzma(search, &region);
    case DFOTA_PACKING_LZMA2:
        return dfota_find_raw_lzma2(search, &region);
    case DFOTA_PACKING_DEFLATE:
        return dfota_find_raw_deflate(search, &region);
    default:
        return dfota_find_announced(search, place->offset);
    }
}

/* Looks at one place, as if the image ended where that does. */
static size_t find_place(struct dfota_search *search,
                         const struct dfota_place *place)
{
    const struct dfota_view whole = search->image;
    size_t end;

    if (place->offset >= whole.size)
        return 0;
    if (place->size < whole.size - place->offset)
        search->image.size = (size_t)place->offset + place->size;
    end = find_raw(search, place);
    search->image = whole;
    return end;
}

void dfota_find_places(struct dfota_search *search, struct dfota_buffer *taken)
{
    const size_t one = sizeof(struct dfota_packed_region);
    size_t end = 0;

    for (size_t i = 0; i < search->places.count; i++) {
        const struct dfota_place *place = &search->places.places[i];
        size_t before = search->found.size;
        struct dfota_find_range range;
        size_t behind;

        if (place->offset < end)
            continue;
        behind = find_place(search, place);
        range = (struct dfota_find_range){
            place->offset, (uint32_t)behind,
            (uint32_t)((search->found.size - before) / one)};
        if (range.count == 0)
            continue;
        search->held |= (uint64_t)1 << i;
        dfota_buffer_add(taken, &range, sizeof(range));
        end = behind;
    }
}
