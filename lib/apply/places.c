/* SPDX-License-Identifier: MIT */
#include "lib/apply/places.h"

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* How many of the `size` bytes from `pos` on have not been overwritten. */
static uint32_t left_in_image(const struct dfota_places *places, uint32_t pos,
                              uint32_t size)
{
    uint32_t place = pos / places->segment_size;
    uint32_t found = 0;

    while (found < size && place < places->count &&
           places->turns[place] >= places->turn) {
        found += places->segment_size - (pos + found) % places->segment_size;
        place++;
    }
    return place < places->count ? least(found, size) : size;
}

/* How many of the `size` bytes from `pos` on are in one range of the stash. */
static uint32_t left_in_stash(const struct dfota_places *places, uint32_t pos,
                              uint32_t size, uint32_t *offset)
{
    const struct dfota_stash_range *range;
    uint32_t low = 0;
    uint32_t high = places->stash_count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (places->stash[middle].old_pos <= pos)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return 0;
    range = &places->stash[low - 1];
    pos -= range->old_pos;
    if (pos >= range->size)
        return 0;
    *offset = range->offset + pos;
    return least(range->size - pos, size);
}

uint32_t dfota_places_find(const struct dfota_places *places, uint32_t pos,
                           uint32_t size, uint32_t *offset)
{
    uint32_t found = left_in_image(places, pos, size);

    *offset = UINT32_MAX;
    return found > 0 ? found : left_in_stash(places, pos, size, offset);
}

bool dfota_places_hold(const struct dfota_places *places, uint32_t pos,
                       uint32_t size)
{
    uint32_t offset;

    for (uint32_t found; size > 0; pos += found, size -= found) {
        found = dfota_places_find(places, pos, size, &offset);
        if (found == 0)
            return false;
    }
    return true;
}

uint32_t dfota_places_free(const struct dfota_places *places, bool backward,
                           uint32_t number)
{
    for (uint32_t i = 0; i < places->count; i++) {
        uint32_t place = backward ? places->count - 1 - i : i;

        if (places->turns[place] == DFOTA_TURN_NONE && number-- == 0)
            return place;
    }
    return places->count;
}
