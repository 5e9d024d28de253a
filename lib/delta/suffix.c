/* SPDX-License-Identifier: MIT */
#include "lib/delta/suffix.h"

#include <stdbool.h>
#include <stdlib.h>

#include <divsufsort.h>

#include "lib/base/fault.h"
#include "lib/base/large.h"

#define PAIRS 65536 /* values of two bytes */

static unsigned pair_at(struct dfota_view text, size_t position)
{
    return (unsigned)text.data[position] << 8 | text.data[position + 1];
}

/*
 * Counts the pairs and turns the counts into places.  The last suffix is one
 * byte and sorts before the pairs that begin with it: it belongs to no bucket,
 * and shifts all later ones by one.
 */
static void fill_buckets(struct dfota_suffixes *suffixes)
{
    struct dfota_view text = suffixes->text;
    uint32_t *buckets = suffixes->buckets;
    uint32_t place = 0;

    for (size_t i = 0; i + 1 < text.size; i++)
        buckets[pair_at(text, i)]++;
    for (unsigned pair = 0; pair < PAIRS; pair++) {
        uint32_t count = buckets[pair];

        if (text.size > 0 && pair == (unsigned)text.data[text.size - 1] << 8)
            place++;
        buckets[pair] = place;
        place += count;
    }
    buckets[PAIRS] = place;
}

enum dfota_error dfota_suffixes_make(struct dfota_view text,
                                     struct dfota_suffixes *out,
                                     struct dfota_fault *fault)
{
    struct dfota_suffixes made = {.text = text};

    made.order = dfota_large((text.size + 1) * sizeof(*made.order));
    made.buckets = calloc(PAIRS + 1, sizeof(*made.buckets));
    if (made.order == NULL || made.buckets == NULL ||
        (text.size > 0 &&
         divsufsort(text.data, made.order, (saidx_t)text.size) != 0)) {
        dfota_suffixes_free(&made);
        return dfota_fail_memory(fault);
    }
    fill_buckets(&made);
    *out = made;
    return DFOTA_OK;
}

void dfota_suffixes_free(struct dfota_suffixes *suffixes)
{
    free(suffixes->order);
    free(suffixes->buckets);
    *suffixes = (struct dfota_suffixes){0};
}

/* How many bytes `sought` and the suffix agree in; the first `known` do. */
static size_t agreement(struct dfota_view text, size_t suffix,
                        struct dfota_view sought, size_t known)
{
    size_t most = text.size - suffix;

    if (most > sought.size)
        most = sought.size;
    while (known < most && text.data[suffix + known] == sought.data[known])
        known++;
    return known;
}

struct dfota_match dfota_suffixes_search(const struct dfota_suffixes *suffixes,
                                         struct dfota_view sought)
{
    struct dfota_view text = suffixes->text;
    size_t low;      /* all before it sort before what is sought */
    size_t high;     /* it and all behind sort after */
    size_t agree[2]; /* with the suffix before `low`, and with that at `high` */
    struct dfota_match best = {0, 0};
    unsigned pair;

    if (sought.size < 2 || text.size < 2)
        return best;
    pair = pair_at(sought, 0);
    low = suffixes->buckets[pair];
    high = suffixes->buckets[pair + 1];
    /* The one-byte suffix may stand at the end of the bucket before its own. */
    if (high > low && (size_t)suffixes->order[high - 1] + 1 == text.size)
        high--;
    agree[0] = agree[1] = 2;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        size_t suffix = (size_t)suffixes->order[middle];
        size_t known = agree[0] < agree[1] ? agree[0] : agree[1];
        size_t same = agreement(text, suffix, sought, known);
        bool after = suffix + same < text.size && same < sought.size &&
                     text.data[suffix + same] > sought.data[same];

        if (same > best.length)
            best = (struct dfota_match){(uint32_t)suffix, (uint32_t)same};
        agree[after] = same;
        if (after)
            high = middle;
        else
            low = middle + 1;
    }
    return best;
}
