/* SPDX-License-Identifier: MIT */
#include "lib/delta/pairs.h"

#include <string.h>

#define DIGITS     8 /* of a pair */
#define DIGIT_SIZE 256
#define FEW        32 /* pairs that are sorted without counting digits */

static unsigned digit_of(uint64_t pair, unsigned digit)
{
    return (unsigned)(pair >> (8 * digit)) & (DIGIT_SIZE - 1);
}

/* Sorts few pairs. */
static void sort_few(uint64_t *pairs, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint64_t pair = pairs[i];
        size_t at = i;

        for (; at > 0 && pairs[at - 1] > pair; at--)
            pairs[at] = pairs[at - 1];
        pairs[at] = pair;
    }
}

/* Puts a pair where the next one of its digit belongs, and what was there where
 * that belongs, until one has the digit `value`: gives that. */
static uint64_t pass_on(uint64_t *pairs, uint64_t pair, unsigned digit,
                        unsigned value, size_t next[])
{
    unsigned other = digit_of(pair, digit);

    while (other != value) {
        uint64_t moved = pairs[next[other]];

        pairs[next[other]++] = pair;
        pair = moved;
        other = digit_of(pair, digit);
    }
    return pair;
}

/* Brings together what has the same digit; `ends` has where each is to end. */
static void distribute(uint64_t *pairs, unsigned digit, const size_t ends[])
{
    size_t next[DIGIT_SIZE] = {0};

    memcpy(next + 1, ends, (DIGIT_SIZE - 1) * sizeof(*next));
    for (unsigned value = 0; value < DIGIT_SIZE; value++)
        for (; next[value] < ends[value]; next[value]++)
            pairs[next[value]] =
                pass_on(pairs, pairs[next[value]], digit, value, next);
}

/* Sorts by a digit and all below it, in place: there are millions of pairs. */
static void sort_by(uint64_t *pairs, size_t count, unsigned digit)
{
    size_t ends[DIGIT_SIZE] = {0};
    size_t done = 0;

    if (count <= FEW) {
        sort_few(pairs, count);
        return;
    }
    for (size_t i = 0; i < count; i++)
        ends[digit_of(pairs[i], digit)]++;
    for (unsigned value = 1; value < DIGIT_SIZE; value++)
        ends[value] += ends[value - 1];
    distribute(pairs, digit, ends);
    for (unsigned value = 0; value < DIGIT_SIZE && digit > 0; value++) {
        sort_by(pairs + done, ends[value] - done, digit - 1);
        done = ends[value];
    }
}

void dfota_pairs_add(struct dfota_buffer *pairs, uint64_t pair, size_t most)
{
    if (most == 0 || pairs->size + sizeof(pair) <= most)
        dfota_buffer_add(pairs, &pair, sizeof(pair));
}

enum dfota_error dfota_pairs_sort(struct dfota_buffer *pairs,
                                  struct dfota_fault *fault)
{
    enum dfota_error err = dfota_buffer_check(pairs, fault);

    if (!err)
        sort_by((void *)pairs->data, pairs->size / sizeof(uint64_t),
                DIGITS - 1);
    return err;
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
