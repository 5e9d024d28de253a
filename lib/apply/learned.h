/* SPDX-License-Identifier: MIT */
/*
 * learned.h - where addresses went that the map of copies gets wrong
 *
 * Learned while new is made: whenever a site turns out to lead elsewhere than
 * was foreseen, the shift of what it leads to is kept.  A key that was never
 * seen goes where its neighbours went, if they went the same way.
 *
 * Spec: docs/SPEC.md, chapter Delta, "Prediction".
 */
#ifndef DFOTA_LIB_APPLY_LEARNED_H
#define DFOTA_LIB_APPLY_LEARNED_H

#include <stdbool.h>
#include <stdint.h>

struct dfota_learned_entry {
    uint32_t key;   /* an old position, or an old value */
    uint32_t shift; /* new less old, modulo 2^32 */
};

/* Sorted by key; the caller's memory. */
struct dfota_learned {
    struct dfota_learned_entry *entries;
    uint32_t count;
    uint32_t capacity;
};

/* What the table knows of a key. */
enum dfota_learned_source {
    DFOTA_LEARNED_NOTHING,
    DFOTA_LEARNED_NEAREST, /* the shift of the next smaller key */
    DFOTA_LEARNED_BETWEEN, /* the one shift of both neighbours */
    DFOTA_LEARNED_EXACT
};

/*
 * Finds the shift of `key`; `*shift` is set but for DFOTA_LEARNED_NOTHING.
 * Cost: the logarithm of the count.
 */
enum dfota_learned_source
dfota_learned_find(const struct dfota_learned *learned, uint32_t key,
                   uint32_t *shift);

/*
 * Keeps the shift of `key`, instead of that of the next smaller key when the
 * table is full, or of the first when there is none.  Cost: linear in what
 * lies behind.
 */
void dfota_learned_put(struct dfota_learned *learned, uint32_t key,
                       uint32_t shift);

#endif
