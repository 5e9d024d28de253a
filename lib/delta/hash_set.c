/* SPDX-License-Identifier: MIT */
#include "lib/delta/hash_set.h"

#include <stdlib.h>

#include "lib/base/fault.h"
#include "lib/base/large.h"

static uint64_t *word_of(const struct dfota_hash_set *set, uint64_t hash)
{
    return set->words + ((hash >> 32) * set->count >> 32);
}

/* Its bits there, of which both are set; now and then they are one. */
static uint64_t bits_of(uint64_t hash)
{
    return UINT64_C(1) << (hash >> 8 & 63) | UINT64_C(1) << (hash >> 14 & 63);
}

enum dfota_error dfota_hash_set_make(uint32_t count, struct dfota_hash_set *out,
                                     struct dfota_fault *fault)
{
    struct dfota_hash_set made = {
        dfota_large_zeroed(count, sizeof(*made.words)), count};

    if (made.words == NULL)
        return dfota_fail_memory(fault);
    *out = made;
    return DFOTA_OK;
}

void dfota_hash_set_free(struct dfota_hash_set *set)
{
    free(set->words);
    *set = (struct dfota_hash_set){0};
}

void dfota_hash_set_add(const struct dfota_hash_set *set, uint64_t hash)
{
    *word_of(set, hash) |= bits_of(hash);
}

/* Many in a row, with little beside it: so a processor can wait for several
 * words at a time. */
uint64_t dfota_hash_set_which(const struct dfota_hash_set *set,
                              const uint64_t *hashes, unsigned count)
{
    uint64_t which = 0;

    for (unsigned i = 0; i < count; i++) {
        uint64_t missing = ~*word_of(set, hashes[i]) & bits_of(hashes[i]);

        which |= (uint64_t)(missing == 0) << i;
    }
    return which;
}

size_t dfota_hash_set_chance(const struct dfota_hash_set *set, size_t count)
{
    uint64_t pairs = 0; /* of bits that are both set in a word */

    for (uint32_t i = 0; i < set->count; i++) {
        uint64_t ones = 0;

        for (uint64_t bits = set->words[i]; bits != 0; bits &= bits - 1)
            ones++;
        pairs += ones * ones;
    }
    return set->count > 0 ? (size_t)(count * (pairs / set->count) / 64 / 64)
                          : 0;
}
