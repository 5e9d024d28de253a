/* SPDX-License-Identifier: MIT */
#include "lib/delta/ranges.h"

#include <stdlib.h>

#include "lib/apply/site_bits.h"
#include "lib/base/fault.h"
#include "lib/base/spill.h"
#include "lib/delta/pairs.h"

#define GRANULE_BITS 14 /* ranges are whole numbers of 2^14 values */
#define GRANULES     ((size_t)1 << (32 - GRANULE_BITS))
#define NEAR         (1u << 16) /* values less apart foresee each other */
#define GAP_MAX      8          /* granules between two parts of a range */
#define SITE_MIN     3          /* bytes; words may hold shorter ones */

/* Gains are in fifths of a word: for one foreseen, and for one foreseen wrong
 * that did not become what most did; and what is worth to be taken. */
#define RIGHT       INT64_C(5)
#define SPLIT       INT64_C(-1)
#define GRANULE_MIN (4 * RIGHT)
#define CHANGES_MIN 4 /* changed words without which there is no such gain */
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

/*
 * The words of copies, as pairs of what they were and what they are.  There are
 * many, so they are read twice: at first only how many words of each granule
 * changed is counted, and then only granules are collected in which enough did
 * for a gain.
 */
struct collection {
    const struct dfota_pairing *plan;
    struct dfota_predictor reader; /* that takes no value of a range for one */
    const struct dfota_regions *regions;
    uint8_t *changes; /* by granule, no higher than CHANGES_MIN */
    bool counts;      /* or collects */
    struct dfota_buffer words;
};

static void add_word(struct collection *all, uint32_t was, uint32_t is)
{
    uint8_t *changes = &all->changes[was >> GRANULE_BITS];

    if (all->counts) {
        if (was != is && *changes < CHANGES_MIN)
            ++*changes;
    } else if (*changes >= CHANGES_MIN) {
        dfota_pairs_add(&all->words, dfota_pair(was, is), all->plan->most);
    }
}

/* Adds the words of a copy from `begin` to `end` of old. */
static void add_words(struct collection *all, const struct dfota_copy *copy,
                      uint32_t begin, uint32_t end)
{
    const uint8_t *old = all->plan->old.data;
    const uint8_t *new = all->plan->new.data + copy->new_pos;

    for (uint32_t pos = (begin + 3) & ~(uint32_t)3; pos + 4 <= end; pos += 4)
        add_word(all, dfota_get32(old + pos),
                 dfota_get32(new + (pos - copy->old_pos)));
}

/* Adds the words of a copy that no instruction and no pointer has a part of. */
static void add_copy(struct collection *all, const struct dfota_copy *copy)
{
    struct dfota_site_walk walk =
        dfota_sites_from(&all->reader, all->regions, all->plan->old,
                         copy->old_pos, copy->old_pos + copy->length);
    uint32_t begin = walk.pos;
    struct dfota_site site;

    dfota_spills_look_at(copy->new_pos, copy->length);
    while (dfota_sites_next(&walk, &site)) {
        if (site.size < SITE_MIN)
            continue;
        add_words(all, copy, begin, walk.pos - site.size);
        begin = walk.pos;
    }
    add_words(all, copy, begin, walk.end);
}

static void add_copies(struct collection *all)
{
    const struct dfota_pairing *plan = all->plan;

    for (size_t i = 0; i < plan->copy_count; i++)
        if ((plan->copies[i].new_pos - plan->copies[i].old_pos) % 4 == 0)
            add_copy(all, &plan->copies[i]);
}

static enum dfota_error collect(const struct dfota_pairing *plan,
                                const struct dfota_predictor *predictor,
                                const struct dfota_regions *regions,
                                struct dfota_buffer *words,
                                struct dfota_fault *fault)
{
    struct dfota_prediction without_ranges = *predictor->prediction;
    struct collection all = {.plan = plan,
                             .reader = *predictor,
                             .regions = regions,
                             .changes = calloc(GRANULES, 1),
                             .counts = true};

    if (all.changes == NULL)
        return dfota_fail_memory(fault);
    without_ranges.range_count = 0;
    all.reader.prediction = &without_ranges;
    add_copies(&all);
    all.counts = false;
    add_copies(&all);
    free(all.changes);
    *words = all.words;
    return dfota_pairs_sort(words, fault);
}

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
    struct dfota_buffer words = {0};
    struct ranking ranking = {0};
    enum dfota_error err = collect(plan, predictor, regions, &words, fault);

    if (!err) {
        rank_words((const void *)words.data, words.size / sizeof(uint64_t),
                   &ranking);
        prediction->range_count = ranking.count;
        for (unsigned i = 0; i < ranking.count; i++) {
            const struct range *range = &ranking.ranges[i];

            prediction->ranges[i] = (struct dfota_value_range){
                range->first << GRANULE_BITS, (range->end - range->first)
                                                  << GRANULE_BITS};
        }
    }
    dfota_buffer_free(&words);
    return err;
}
