/* SPDX-License-Identifier: MIT */
#include "lib/delta/words.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/apply/site_bits.h"
#include "lib/base/fault.h"
#include "lib/base/large.h"
#include "lib/base/parallel.h"
#include "lib/base/spill.h"
#include "lib/delta/pairs.h"

#define GRANULES    ((size_t)1 << (32 - DFOTA_WORDS_GRANULE_BITS))
#define SHIFT_BITS  22 /* of a number by which shifts are counted */
#define SHIFTS      ((size_t)1 << SHIFT_BITS)
#define SITE_MIN    3   /* bytes; words may hold shorter ones */
#define SORTED_EACH 256 /* granules that are sorted by one task */
#define WORD        4
#define BITS        64

/*
 * There are many words, so they are read several times, and only those that may
 * matter are kept.  What is counted does not depend on who counts first.
 */
enum step {
    SHIFTS_SEEN, /* how often words changed by each shift: once or more often */
    CHANGES, /* how many words of a granule changed by one seen more often */
    COUNTS,  /* how many words there are of a granule where enough did */
    WORDS    /* these */
};

struct collection {
    const struct dfota_pairing *plan;
    struct dfota_predictor reader; /* that takes no value of a range for one */
    const struct dfota_regions *regions;
    enum step step;
    atomic_uint_least64_t *are_words; /* a bit a word of new: it is read */
    atomic_uchar *shifts;             /* by hash: 0, 1, or more */
    atomic_uint *changes;             /* by granule */
    atomic_size_t *places; /* by granule: words, then where the next goes */
    uint64_t wanted[GRANULES / BITS]; /* a bit a granule */
    uint64_t *words;
};

/* By how much a word changed, as a number of few bits. */
static uint32_t hash_of(uint32_t was, uint32_t is)
{
    return (is - was) * UINT32_C(0x9e3779b1) >> (32 - SHIFT_BITS);
}

/* Whether the words of a granule are collected. */
static bool is_wanted(const struct collection *all, size_t granule)
{
    return all->wanted[granule / BITS] >> granule % BITS & 1;
}

/* Wants the words of each granule of which at least `enough` changed; false
 * where there is none. */
static bool choose_wanted(struct collection *all, uint32_t enough)
{
    bool any = false;

    memset(all->wanted, 0, sizeof(all->wanted));
    for (size_t i = 0; i < GRANULES; i++) {
        if (atomic_load(&all->changes[i]) < enough)
            continue;
        all->wanted[i / BITS] |= (uint64_t)1 << i % BITS;
        any = true;
    }
    return any;
}

static void see_shift(struct collection *all, uint32_t hash)
{
    atomic_uchar *seen = &all->shifts[hash];

    if (atomic_load_explicit(seen, memory_order_relaxed) < 2)
        atomic_fetch_add_explicit(seen, 1, memory_order_relaxed);
}

static void count_change(struct collection *all, uint32_t granule,
                         uint32_t hash)
{
    if (atomic_load_explicit(&all->shifts[hash], memory_order_relaxed) > 1)
        atomic_fetch_add_explicit(&all->changes[granule], 1,
                                  memory_order_relaxed);
}

/* Counts a word of a granule; gives how many there were before. */
static size_t count_word(struct collection *all, uint32_t granule)
{
    return atomic_fetch_add_explicit(&all->places[granule], 1,
                                     memory_order_relaxed);
}

static void add_word(struct collection *all, uint32_t was, uint32_t is)
{
    uint32_t granule = was >> DFOTA_WORDS_GRANULE_BITS;

    switch (all->step) {
    case SHIFTS_SEEN:
        if (was != is)
            see_shift(all, hash_of(was, is));
        break;
    case CHANGES:
        if (was != is)
            count_change(all, granule, hash_of(was, is));
        break;
    case COUNTS:
        if (is_wanted(all, granule))
            (void)count_word(all, granule);
        break;
    case WORDS:
        if (is_wanted(all, granule))
            all->words[count_word(all, granule)] = dfota_pair(was, is);
        break;
    }
}

/* Adds the words of a copy from `begin` to `end` of new, whole ones. */
static void add_words(struct collection *all, const struct dfota_copy *copy,
                      uint32_t begin, uint32_t end)
{
    const uint8_t *new = all->plan->new.data;
    const uint8_t *old = all->plan->old.data + copy->old_pos;

    for (uint32_t pos = begin; pos < end; pos += WORD)
        add_word(all, dfota_get32(old + (pos - copy->new_pos)),
                 dfota_get32(new + pos));
}

/* Marks the words of new from number `first` to `end` - 1 as such that are
 * read; two threads may do so in one number. */
static void mark(struct collection *all, uint32_t first, uint32_t end)
{
    while (first < end) {
        uint32_t bit = first % BITS;
        uint32_t count = end - first < BITS - bit ? end - first : BITS - bit;

        atomic_fetch_or_explicit(&all->are_words[first / BITS],
                                 (UINT64_MAX >> (BITS - count)) << bit,
                                 memory_order_relaxed);
        first += count;
    }
}

/* Adds those words of a copy that lie between `begin` and `end` of old. */
static void find_words(struct collection *all, const struct dfota_copy *copy,
                       uint32_t begin, uint32_t end)
{
    uint32_t to_new = copy->new_pos - copy->old_pos;

    begin = (begin + WORD - 1) / WORD * WORD;
    end = end / WORD * WORD;
    if (begin >= end)
        return;
    add_words(all, copy, begin + to_new, end + to_new);
    mark(all, (begin + to_new) / WORD, (end + to_new) / WORD);
}

/* Adds the words of a copy that no instruction and no pointer has a part of. */
static void find_words_of(struct collection *all, const struct dfota_copy *copy)
{
    struct dfota_site_walk walk =
        dfota_sites_from(&all->reader, all->regions, all->plan->old,
                         copy->old_pos, copy->old_pos + copy->length);
    uint32_t begin = walk.pos;
    struct dfota_site site;

    while (dfota_sites_next(&walk, &site)) {
        if (site.size < SITE_MIN)
            continue;
        find_words(all, copy, begin, walk.pos - site.size);
        begin = walk.pos;
    }
    find_words(all, copy, begin, walk.end);
}

/* Adds the same words once more. */
static void reread_words_of(struct collection *all,
                            const struct dfota_copy *copy)
{
    uint32_t end = (copy->new_pos + copy->length) / WORD;

    for (uint32_t at = (copy->new_pos + WORD - 1) / WORD; at < end;) {
        uint64_t marks = atomic_load_explicit(&all->are_words[at / BITS],
                                              memory_order_relaxed) >>
                         at % BITS;
        uint32_t next = at - at % BITS + BITS;

        for (; marks != 0 && at < end; marks >>= 1, at++)
            if (marks & 1)
                add_words(all, copy, at * WORD, (at + 1) * WORD);
        at = at < end ? next : end;
    }
}

/* Task: reads the copies of one piece. */
static void read_piece(void *context, size_t index)
{
    struct collection *all = context;
    struct dfota_pairing_piece piece = dfota_pairing_piece(all->plan, index);

    for (size_t i = piece.first; i < piece.end; i++) {
        const struct dfota_copy *copy = &all->plan->copies[i];

        if ((copy->new_pos - copy->old_pos) % WORD != 0)
            continue;
        dfota_spills_look_at(copy->new_pos, copy->length);
        if (all->step == SHIFTS_SEEN)
            find_words_of(all, copy);
        else
            reread_words_of(all, copy);
    }
}

static void read_all(struct collection *all, enum step step)
{
    all->step = step;
    dfota_parallel(all->plan->threads, dfota_pairing_pieces(all->plan),
                   read_piece, all);
}

/* Words of all granules in which enough changed. */
static size_t count_wanted(const struct collection *all)
{
    size_t count = 0;

    for (size_t i = 0; i < GRANULES; i++)
        if (is_wanted(all, i))
            count += atomic_load(&all->places[i]);
    return count;
}

/* Gives each granule its place among the words; they follow each other. */
static void place_granules(struct collection *all)
{
    size_t at = 0;

    for (size_t i = 0; i < GRANULES; i++) {
        size_t count = is_wanted(all, i) ? atomic_load(&all->places[i]) : 0;

        atomic_store(&all->places[i], at);
        at += count;
    }
}

/* Task: sorts the words of some granules; each ends where the next one would
 * have gone. */
static void sort_granules(void *context, size_t index)
{
    struct collection *all = context;
    size_t first = index * SORTED_EACH;
    size_t begin = first > 0 ? atomic_load(&all->places[first - 1]) : 0;

    for (size_t i = first; i < first + SORTED_EACH; i++) {
        size_t end = atomic_load(&all->places[i]);

        dfota_pairs_order(all->words + begin, end - begin);
        begin = end;
    }
}

/* Collects what is wanted, no more than may be. */
static enum dfota_error take_words(struct collection *all,
                                   struct dfota_words *out,
                                   struct dfota_fault *fault)
{
    size_t most = all->plan->most;
    size_t count = count_wanted(all);

    for (uint32_t enough = DFOTA_WORDS_CHANGES;
         most > 0 && count > most / sizeof(*all->words); enough *= 2) {
        (void)choose_wanted(all, enough);
        count = count_wanted(all);
    }
    all->words = dfota_large((count + 1) * sizeof(*all->words));
    if (all->words == NULL)
        return dfota_fail_memory(fault);
    place_granules(all);
    read_all(all, WORDS);
    dfota_parallel(all->plan->threads, GRANULES / SORTED_EACH, sort_granules,
                   all);
    *out = (struct dfota_words){all->words, count};
    return DFOTA_OK;
}

/* Reads the words until they are collected, or there are none. */
static enum dfota_error collect(struct collection *all, struct dfota_words *out,
                                struct dfota_fault *fault)
{
    read_all(all, SHIFTS_SEEN);
    read_all(all, CHANGES);
    if (!choose_wanted(all, DFOTA_WORDS_CHANGES)) {
        *out = (struct dfota_words){NULL, 0};
        return DFOTA_OK;
    }
    read_all(all, COUNTS);
    return take_words(all, out, fault);
}

enum dfota_error dfota_words_collect(const struct dfota_pairing *plan,
                                     const struct dfota_predictor *predictor,
                                     const struct dfota_regions *regions,
                                     struct dfota_words *out,
                                     struct dfota_fault *fault)
{
    struct dfota_prediction without_ranges = *predictor->prediction;
    struct collection all = {
        .plan = plan,
        .reader = *predictor,
        .regions = regions,
        .are_words = dfota_large_zeroed(plan->new.size / WORD / BITS + 1,
                                        sizeof(*all.are_words)),
        .shifts = dfota_large_zeroed(SHIFTS, sizeof(*all.shifts)),
        .changes = dfota_large_zeroed(GRANULES, sizeof(*all.changes)),
        .places = dfota_large_zeroed(GRANULES, sizeof(*all.places)),
    };
    enum dfota_error err;

    without_ranges.range_count = 0;
    all.reader.prediction = &without_ranges;
    if (all.are_words == NULL || all.shifts == NULL || all.changes == NULL ||
        all.places == NULL)
        err = dfota_fail_memory(fault);
    else
        err = collect(&all, out, fault);
    free(all.are_words);
    free(all.shifts);
    free(all.changes);
    free(all.places);
    return err;
}

void dfota_words_free(struct dfota_words *words)
{
    free(words->pairs);
    *words = (struct dfota_words){NULL, 0};
}
