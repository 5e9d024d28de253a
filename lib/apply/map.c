/* SPDX-License-Identifier: MIT */
#include "lib/apply/map.h"

#include <stdbool.h>

static bool before(const struct dfota_map_entry *a,
                   const struct dfota_map_entry *b)
{
    if (a->old_pos != b->old_pos)
        return a->old_pos < b->old_pos;
    if (a->shift != b->shift)
        return a->shift < b->shift;
    return a->length < b->length;
}

/* Lets the entry at `root` sink to its place in the heap of `count`. */
static void sink(struct dfota_map_entry *heap, uint32_t root, uint32_t count)
{
    struct dfota_map_entry entry = heap[root];
    uint32_t child;

    while ((child = 2 * root + 1) < count) {
        if (child + 1 < count && before(&heap[child], &heap[child + 1]))
            child++;
        if (!before(&entry, &heap[child]))
            break;
        heap[root] = heap[child];
        root = child;
    }
    heap[root] = entry;
}

void dfota_map_sort(struct dfota_map *map)
{
    struct dfota_map_entry *heap = map->entries;

    for (uint32_t root = map->count / 2; root > 0; root--)
        sink(heap, root - 1, map->count);
    for (uint32_t last = map->count; last > 1; last--) {
        struct dfota_map_entry largest = heap[0];

        heap[0] = heap[last - 1];
        heap[last - 1] = largest;
        sink(heap, 0, last - 1);
    }
}

uint32_t dfota_map_shift(const struct dfota_map *map, uint32_t old_pos)
{
    const struct dfota_map_entry *entries = map->entries;
    uint32_t low = 0;
    uint32_t high = map->count;

    if (map->count == 0)
        return 0;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (entries[middle].old_pos <= old_pos)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return entries[0].shift;
    for (uint32_t i = low; i > 0 && low - i < DFOTA_MAP_LOOK_BACK; i--)
        if (old_pos - entries[i - 1].old_pos < entries[i - 1].length)
            return entries[i - 1].shift;
    return entries[low - 1].shift;
}
