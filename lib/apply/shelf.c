/* SPDX-License-Identifier: MIT */
#include "lib/apply/shelf.h"

#define TOKENS_SIZE 64 /* bytes on the shelf for a struct dfota_tokens */

_Static_assert(sizeof(struct dfota_tokens) <= TOKENS_SIZE &&
                   sizeof(struct dfota_shelf_region) +
                           sizeof(struct dfota_parse_old) <=
                       DFOTA_SHELF_ENTRY,
               "a region takes what SPEC states");

static uint32_t aligned(uint32_t size)
{
    return (size + 15) / 16 * 16;
}

uint32_t dfota_shelf_need(const struct dfota_shelf_region *region)
{
    uint32_t size = region->packed.contents_size;

    return TOKENS_SIZE + aligned(size) +
           aligned(dfota_tokens_memory(size, region->tokens));
}

uint64_t dfota_shelf_arrange(struct dfota_shelf *shelf)
{
    uint64_t kept = 0;
    uint32_t turn = 0;

    for (uint32_t i = 0; i < shelf->count; i++) {
        struct dfota_shelf_region *region = &shelf->regions[i];
        uint32_t need = dfota_shelf_need(region);

        region->loaded = false;
        if (need <= shelf->place_size && shelf->place_count > 0)
            continue;
        region->place = (uint32_t)kept;
        kept += need;
    }
    for (uint32_t i = 0; i < shelf->count; i++) {
        struct dfota_shelf_region *region = &shelf->regions[i];

        if (dfota_shelf_need(region) > shelf->place_size ||
            shelf->place_count == 0)
            continue;
        region->place = (uint32_t)kept + turn * shelf->place_size;
        turn = (turn + 1) % shelf->place_count;
    }
    shelf->unpacked = 0;
    return kept;
}

uint32_t dfota_shelf_find(const struct dfota_shelf *shelf, uint32_t pos)
{
    uint32_t low = 0;
    uint32_t high = shelf->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        const struct dfota_shelf_region *region = &shelf->regions[middle];

        if (pos < region->pos + region->packed.contents_size)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

bool dfota_shelf_take(struct dfota_shelf *shelf, uint32_t index)
{
    struct dfota_shelf_region *region = &shelf->regions[index];

    if (region->loaded)
        return false;
    for (uint32_t i = 0; i < shelf->count; i++)
        if (shelf->regions[i].place == region->place)
            shelf->regions[i].loaded = false;
    region->loaded = true;
    shelf->unpacked += region->packed.contents_size;
    return true;
}

bool dfota_shelf_worn(const struct dfota_shelf *shelf, uint32_t size)
{
    return shelf->unpacked > (uint64_t)size * DFOTA_SHELF_LIMIT;
}

struct dfota_tokens *dfota_shelf_tokens(const struct dfota_shelf *shelf,
                                        uint32_t index)
{
    void *at = shelf->memory + shelf->regions[index].place;

    return at;
}

uint8_t *dfota_shelf_contents(const struct dfota_shelf *shelf, uint32_t index)
{
    return shelf->memory + shelf->regions[index].place + TOKENS_SIZE;
}

void *dfota_shelf_parse(const struct dfota_shelf *shelf, uint32_t index)
{
    return dfota_shelf_contents(shelf, index) +
           aligned(shelf->regions[index].packed.contents_size);
}

void dfota_shelf_begin(struct dfota_shelf *shelf)
{
    for (uint32_t i = 0; i < shelf->count; i++)
        shelf->regions[i].used = false;
}

uint32_t dfota_shelf_parses(const struct dfota_shelf *shelf,
                            struct dfota_parse_old *out)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < shelf->count; i++)
        if (shelf->regions[i].loaded && shelf->regions[i].used)
            out[count++] = (struct dfota_parse_old){
                shelf->regions[i].pos, dfota_shelf_tokens(shelf, i)};
    return count;
}
