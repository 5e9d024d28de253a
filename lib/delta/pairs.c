/* SPDX-License-Identifier: MIT */
#include "lib/delta/pairs.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/fault.h"

#define DIGITS     8 /* of a pair */
#define DIGIT_SIZE 256

static unsigned digit_of(uint64_t pair, unsigned digit)
{
    return (unsigned)(pair >> (8 * digit)) & (DIGIT_SIZE - 1);
}

/* Sorts by one digit, from `from` to `to`.  False, and nothing done, where all
 * pairs have the same. */
static bool sort_by(unsigned digit, const uint64_t *from, uint64_t *to,
                    size_t count)
{
    size_t places[DIGIT_SIZE] = {0};
    size_t place = 0;

    for (size_t i = 0; i < count; i++)
        places[digit_of(from[i], digit)]++;
    if (places[digit_of(from[0], digit)] == count)
        return false;
    for (unsigned value = 0; value < DIGIT_SIZE; value++) {
        size_t here = places[value];

        places[value] = place;
        place += here;
    }
    for (size_t i = 0; i < count; i++)
        to[places[digit_of(from[i], digit)]++] = from[i];
    return true;
}

void dfota_pairs_add(struct dfota_buffer *pairs, uint64_t pair, size_t most)
{
    if (most == 0 || pairs->size + sizeof(pair) <= most)
        dfota_buffer_add(pairs, &pair, sizeof(pair));
}

enum dfota_error dfota_pairs_sort(struct dfota_buffer *pairs,
                                  struct dfota_fault *fault)
{
    size_t count = pairs->size / sizeof(uint64_t);
    enum dfota_error err = dfota_buffer_check(pairs, fault);
    uint64_t *from = (void *)pairs->data;
    uint64_t *spare;
    uint64_t *to;

    if (err || count < 2)
        return err;
    to = spare = malloc(pairs->size);
    if (spare == NULL)
        return dfota_fail_memory(fault);
    for (unsigned digit = 0; digit < DIGITS; digit++) {
        if (sort_by(digit, from, to, count)) {
            uint64_t *sorted = to;

            to = from;
            from = sorted;
        }
    }
    if (from == spare)
        memcpy(pairs->data, spare, pairs->size);
    free(spare);
    return DFOTA_OK;
}

size_t dfota_pairs_same(const uint64_t *pairs, size_t count)
{
    size_t same = 1;

    while (same < count && pairs[same] == pairs[0])
        same++;
    return same;
}

size_t dfota_pairs_group(const uint64_t *pairs, size_t count)
{
    size_t same = 1;

    while (same < count &&
           dfota_pair_first(pairs[same]) == dfota_pair_first(pairs[0]))
        same++;
    return same;
}
