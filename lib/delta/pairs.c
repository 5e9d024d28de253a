/* SPDX-License-Identifier: MIT */
#include "lib/delta/pairs.h"

#include <stdbool.h>
#include <string.h>

#include "lib/base/parallel.h"

#define DIGIT_BITS 8
#define DIGIT_SIZE (1u << DIGIT_BITS)
#define FEW        32 /* pairs that are sorted without counting digits */

/* Pairs that one thread sorts as fast as several do. */
#define ALONE ((size_t)1 << 14)

/* Some pairs, and what `shift` makes the lowest digit they are told apart by.
 */
struct group {
    uint64_t *pairs;
    size_t ends[DIGIT_SIZE]; /* of those with each digit */
    unsigned shift;
};

static unsigned digit_of(const struct group *group, uint64_t pair)
{
    return (unsigned)(pair >> group->shift) & (DIGIT_SIZE - 1);
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
static uint64_t pass_on(const struct group *group, uint64_t pair,
                        unsigned value, size_t next[])
{
    unsigned other = digit_of(group, pair);

    while (other != value) {
        uint64_t moved = group->pairs[next[other]];

        group->pairs[next[other]++] = pair;
        pair = moved;
        other = digit_of(group, pair);
    }
    return pair;
}

/* Brings together what has the same digit. */
static void distribute(const struct group *group)
{
    size_t next[DIGIT_SIZE] = {0};

    memcpy(next + 1, group->ends, (DIGIT_SIZE - 1) * sizeof(*next));
    for (unsigned value = 0; value < DIGIT_SIZE; value++)
        for (; next[value] < group->ends[value]; next[value]++)
            group->pairs[next[value]] =
                pass_on(group, group->pairs[next[value]], value, next);
}

/* Sorts by the highest digit in which not all are alike; false where there is
 * none.  In place: there are millions of pairs. */
static bool sort_once(struct group *group, size_t count)
{
    uint64_t differ = 0;

    for (size_t i = 1; i < count; i++)
        differ |= group->pairs[i] ^ group->pairs[0];
    if (differ == 0)
        return false;
    group->shift = 0;
    while (differ >> group->shift >= DIGIT_SIZE)
        group->shift++;
    for (size_t i = 0; i < count; i++)
        group->ends[digit_of(group, group->pairs[i])]++;
    for (unsigned value = 1; value < DIGIT_SIZE; value++)
        group->ends[value] += group->ends[value - 1];
    distribute(group);
    return true;
}

/* Sorts those with one digit. */
static void sort_digit(void *context, size_t value)
{
    const struct group *group = context;
    size_t begin = value > 0 ? group->ends[value - 1] : 0;

    dfota_pairs_order(group->pairs + begin, group->ends[value] - begin);
}

void dfota_pairs_order(uint64_t *pairs, size_t count)
{
    struct group group = {.pairs = pairs};

    if (count <= FEW) {
        sort_few(pairs, count);
        return;
    }
    if (!sort_once(&group, count) || group.shift == 0)
        return;
    for (unsigned value = 0; value < DIGIT_SIZE; value++)
        sort_digit(&group, value);
}

void dfota_pairs_add(struct dfota_buffer *pairs, uint64_t pair, size_t most)
{
    if (most != 0 && pairs->size + sizeof(pair) > most)
        return;
    if (pairs->error || pairs->capacity - pairs->size < sizeof(pair) ||
        pairs->limit != 0) {
        dfota_buffer_add(pairs, &pair, sizeof(pair));
        return;
    }
    memcpy(pairs->data + pairs->size, &pair, sizeof(pair)); /* millions */
    pairs->size += sizeof(pair);
}

enum dfota_error dfota_pairs_sort(struct dfota_buffer *pairs, unsigned threads,
                                  struct dfota_fault *fault)
{
    struct group group = {.pairs = (void *)pairs->data};
    size_t count = pairs->size / sizeof(uint64_t);
    enum dfota_error err = dfota_buffer_check(pairs, fault);

    if (err || count == 0)
        return err;
    if (count <= ALONE)
        dfota_pairs_order(group.pairs, count);
    else if (sort_once(&group, count) && group.shift > 0)
        dfota_parallel(threads, DIGIT_SIZE, sort_digit, &group);
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
