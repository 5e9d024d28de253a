/* SPDX-License-Identifier: MIT */
/*
 * map.h - where the addresses of old went in new
 *
 * Made from the copies of a delta: what lay at an old position lies, in new,
 * one shift further on.
 */
#ifndef DFOTA_LIB_APPLY_MAP_H
#define DFOTA_LIB_APPLY_MAP_H

#include <stdint.h>

/* The old bytes from `old_pos` on went `shift` bytes further, modulo 2^32. */
struct dfota_map_entry {
    uint32_t old_pos;
    uint32_t length; /* bytes */
    uint32_t shift;
};

struct dfota_map {
    struct dfota_map_entry *entries;
    uint32_t count;
};

/* Sorts the entries by old position; those of one position by their shift. */
void dfota_map_sort(struct dfota_map *map);

/*
 * The shift of `old_pos`, in a sorted map: that of the last entry before it
 * which covers it, looking back over at most DFOTA_MAP_LOOK_BACK entries, else
 * of the last that begins before it, else of the first; 0 for an empty map.
 * Cost: the logarithm of the number of entries.
 */
uint32_t dfota_map_shift(const struct dfota_map *map, uint32_t old_pos);

#define DFOTA_MAP_LOOK_BACK 16

#endif
