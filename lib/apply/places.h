/* SPDX-License-Identifier: MIT */
/*
 * places.h - what of old can be read while new is written over it
 *
 * Spec: docs/SPEC.md, chapter Delta, "In place".
 */
#ifndef DFOTA_LIB_APPLY_PLACES_H
#define DFOTA_LIB_APPLY_PLACES_H

#include <stdbool.h>

#include "dfota/in_place.h"

/* Of places of which it is not known yet when they are overwritten. */
#define DFOTA_TURN_NONE UINT16_MAX

/* The caller's memory. */
struct dfota_places {
    uint16_t *turns; /* when each place is overwritten */
    uint32_t count;
    uint32_t segment_size;           /* bytes of a place */
    struct dfota_stash_range *stash; /* sorted, without overlap */
    uint32_t stash_count;
    uint32_t turn; /* of the segment that is being made */
};

/*
 * How many of the `size` bytes from `pos` on can be read at once: from the
 * image, where `*offset` becomes UINT32_MAX, or from that offset in the stash.
 * 0 where the first of them is lost.
 * Cost: the logarithm of the ranges of the stash, and linear in the places.
 */
uint32_t dfota_places_find(const struct dfota_places *places, uint32_t pos,
                           uint32_t size, uint32_t *offset);

/* Whether all of `size` bytes from `pos` on can be read. */
bool dfota_places_hold(const struct dfota_places *places, uint32_t pos,
                       uint32_t size);

/* The place that has `number` others before it, of those that have no turn yet,
 * or behind it where `backward`; `count` where there are not so many. */
uint32_t dfota_places_free(const struct dfota_places *places, bool backward,
                           uint32_t number);

#endif
