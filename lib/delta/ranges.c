/* SPDX-License-Identifier: MIT */
#include "lib/delta/ranges.h"

#include "lib/delta/pairs.h"
#include "lib/delta/words.h"

/* Ranges are whole numbers of granules. */
#define GRANULE_BITS DFOTA_WORDS_GRANULE_BITS
#define NEAR         (1u << 16) /* values less apart foresee each other */
#define GAP_MAX      8          /* granules between two parts of a range */

/* Gains are in fifths of a word: for one foreseen, and for one foreseen wrong
 * that did not become what most did; and what is worth to be taken. */
#define RIGHT       INT64_C(5)
#define SPLIT       INT64_C(-1)
#define GRANULE_MIN (DFOTA_WORDS_CHANGES * RIGHT) /* fewer cannot gain it */
#define RANGE_MIN   (16 * RIGHT)

/* Some granules, and what it gains to take their values for pointers. */
struct range {
    uint32_t first; /* granule */
    uint32_t end;   /* the granule behind the last */
    int64_t gain;
};

/* The ranges so far, the best first. */
struct ranking {
    struct range ranges[DFOTA_PREDICT_RANGES];
    uint8_t count;
};

/* What most occurrences of an old value became. */
struct change {
    uint32_t value;
    uint32_t shift;
    int64_t count;
    int64_t unchanged; /* occurrences that did not change */
};

/* The change of the first value of `words`, which begins all `count`. */
static struct change count_changes(const uint64_t *words, size_t count)
{
    struct change change = {dfota_pair_first(words[0]), 0, 0, 0};

    for (size_t i = 0, same; i < count; i += same) {
        uint32_t shift = dfota_pair_second(words[i]) - change.value;

        same = dfota_pairs_same(&words[i], count - i);
        if (shift == 0)
            change.unchanged = (int64_t)same;
        if ((int64_t)same > change.count) {
            change.count = (int64_t)same;
            change.shift = shift;
        }
    }
    return change;
}

/* What is gained by taking all `total` occurrences of a value for pointers:
 * the first one is foreseen by its neighbour `before`, the others by it. */
static int64_t gain_of(const struct change *change, const struct change *before,
                       size_t total)
{
    int64_t right = change->count - 1;

    if (before->count > 0 && change->value - before->value < NEAR &&
        change->shift == before->shift)
        right++;
    return RIGHT * (right - change->unchanged) +
           SPLIT * ((int64_t)total - change->count);
}

static void rank(struct ranking *ranking, struct range range)
{
    uint8_t at = ranking->count;

    if (range.gain <= RANGE_MIN)
        return;
    if (at == DFOTA_PREDICT_RANGES) {
        if (range.gain <= ranking->ranges[--at].gain)
            return;
    } else {
        ranking->count++;
    }
    for (; at > 0 && ranking->ranges[at - 1].gain < range.gain; at--)
        ranking->ranges[at] = ranking->ranges[at - 1];
    ranking->ranges[at] = range;
}

/* Takes a granule into the range `*open`, or ranks that and begins another. */
static void add_granule(struct ranking *ranking, struct range *open,
                        struct range granule)
{
    if (granule.gain < GRANULE_MIN)
        return;
    if (open->gain > 0 && granule.first - open->end <= GAP_MAX) {
        open->end = granule.end;
        open->gain += granule.gain;
        return;
    }
    rank(ranking, *open);
    *open = granule;
}

/* Finds the best ranges of sorted words. */
static void rank_words(const uint64_t *words, size_t count,
                       struct ranking *ranking)
{
    struct change before = {0};
    struct range granule = {0};
    struct range open = {0};

    for (size_t i = 0, group; i < count; i += group) {
        uint32_t number = dfota_pair_first(words[i]) >> GRANULE_BITS;
        struct change change;

        group = dfota_pairs_group(&words[i], count - i);
        change = count_changes(&words[i], group);
        if (number >= granule.end) {
            add_granule(ranking, &open, granule);
            granule = (struct range){number, number + 1, 0};
        }
        granule.gain += gain_of(&change, &before, group);
        before = change;
    }
    add_granule(ranking, &open, granule);
    rank(ranking, open);
}

enum dfota_error dfota_ranges_find(const struct dfota_pairing *plan,
                                   const struct dfota_predictor *predictor,
                                   const struct dfota_regions *regions,
                                   struct dfota_prediction *prediction,
                                   struct dfota_fault *fault)
{
    struct dfota_words words = {NULL, 0};
    struct ranking ranking = {0};
    enum dfota_error err =
        dfota_words_collect(plan, predictor, regions, &words, fault);

    if (!err) {
        rank_words(words.pairs, words.count, &ranking);
        prediction->range_count = ranking.count;
        for (unsigned i = 0; i < ranking.count; i++) {
            const struct range *range = &ranking.ranges[i];

            prediction->ranges[i] = (struct dfota_value_range){
                range->first << GRANULE_BITS, (range->end - range->first)
                                                  << GRANULE_BITS};
        }
    }
    dfota_words_free(&words);
    return err;
}
