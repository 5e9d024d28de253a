/* SPDX-License-Identifier: MIT */
#include "lib/apply/learned.h"

/* How many keys are less than `key`. */
static uint32_t rank(const struct dfota_learned *learned, uint32_t key)
{
    uint32_t low = 0;
    uint32_t high = learned->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (learned->entries[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

enum dfota_learned_source
dfota_learned_find(const struct dfota_learned *learned, uint32_t key,
                   uint32_t *shift)
{
    const struct dfota_learned_entry *entries = learned->entries;
    uint32_t at = rank(learned, key);

    if (at < learned->count && entries[at].key == key) {
        *shift = entries[at].shift;
        return DFOTA_LEARNED_EXACT;
    }
    if (at == 0)
        return DFOTA_LEARNED_NOTHING;
    *shift = entries[at - 1].shift;
    return at < learned->count && entries[at].shift == *shift
               ? DFOTA_LEARNED_BETWEEN
               : DFOTA_LEARNED_NEAREST;
}

void dfota_learned_put(struct dfota_learned *learned, uint32_t key,
                       uint32_t shift)
{
    struct dfota_learned_entry *entries = learned->entries;
    uint32_t at = rank(learned, key);

    if (learned->capacity == 0)
        return;
    if (at == learned->count || entries[at].key != key) {
        if (learned->count == learned->capacity) {
            at = at > 0 ? at - 1 : 0;
        } else {
            for (uint32_t i = learned->count++; i > at; i--)
                entries[i] = entries[i - 1];
        }
    }
    entries[at] = (struct dfota_learned_entry){key, shift};
}
