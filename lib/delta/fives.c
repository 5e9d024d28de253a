/* SPDX-License-Identifier: MIT */
#include "lib/delta/fives.h"

#include <stdlib.h>

#include "lib/base/fault.h"
#include "lib/base/large.h"
#include "lib/delta/hash.h"

#define LENGTH DFOTA_FIVES_LENGTH
#define EIGHT  8u /* bytes that are read for a piece, and bits for each */

static uint64_t hash_of(const uint8_t *bytes)
{
    return dfota_hash_of_eight(dfota_eight_at(bytes) << 8 * (EIGHT - LENGTH));
}

static size_t word_of(const struct dfota_fives *fives, uint64_t hash)
{
    return (size_t)((hash >> 32) * fives->count >> 32);
}

/* Its bits there, of which both are set; now and then they are one. */
static uint64_t bits_of(uint64_t hash)
{
    return UINT64_C(1) << (hash >> 8 & 63) | UINT64_C(1) << (hash >> 14 & 63);
}

static void add(struct dfota_fives *fives, const uint8_t *bytes)
{
    uint64_t hash = hash_of(bytes);

    fives->words[word_of(fives, hash)] |= bits_of(hash);
}

enum dfota_error dfota_fives_make(struct dfota_view text,
                                  struct dfota_fives *out,
                                  struct dfota_fault *fault)
{
    struct dfota_fives made = {.count = (uint32_t)(text.size / EIGHT) + 1};
    uint8_t last[2 * EIGHT] = {0};
    size_t whole = text.size < EIGHT ? 0 : text.size - EIGHT + 1;

    made.words = dfota_large_zeroed(made.count, sizeof(*made.words));
    if (made.words == NULL)
        return dfota_fail_memory(fault);
    for (size_t i = 0; i < whole; i++)
        add(&made, text.data + i);
    for (size_t i = whole; i < text.size; i++)
        last[i - whole] = text.data[i];
    for (size_t i = whole; i + LENGTH <= text.size; i++)
        add(&made, last + (i - whole));
    *out = made;
    return DFOTA_OK;
}

void dfota_fives_free(struct dfota_fives *fives)
{
    free(fives->words);
    *fives = (struct dfota_fives){0};
}

/* Nothing depends on what is read, so that a processor waits for all words at
 * once. */
uint64_t dfota_fives_which(const struct dfota_fives *fives,
                           struct dfota_view sought, unsigned count)
{
    size_t whole = sought.size < EIGHT ? 0 : sought.size - EIGHT + 1;
    uint64_t none = 0;

    if (fives->count == 0)
        return UINT64_MAX;
    for (unsigned i = 0; i < count && i < whole; i++) {
        uint64_t hash = hash_of(sought.data + i);
        uint64_t missing = ~fives->words[word_of(fives, hash)] & bits_of(hash);

        none |= (uint64_t)(missing != 0) << i;
    }
    return ~none;
}
