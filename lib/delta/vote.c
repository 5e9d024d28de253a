/* SPDX-License-Identifier: MIT */
#include "lib/delta/vote.h"

#include <stdlib.h>
#include <string.h>

#include "lib/apply/site_bits.h"
#include "lib/delta/pairs.h"

#define WORDS_MAX    ((size_t)1 << 16) /* changed words that are asked */
#define VOTES_A_WORD 4                 /* copies with one shift: rarely more */
#define NEARLY       16                /* one vote in so many does not count */
#define LENGTH_MIN   64                /* bytes; shorter copies are chance */

/* Where the number of votes changes, over addresses in units of a word: a pair
 * of such an address and what of it.  Sorted, ends come before begins. */
enum change { END, BEGIN };

/* By how much the number changes there. */
static int change_of(uint64_t pair)
{
    return dfota_pair_second(pair) == BEGIN ? 1 : -1;
}

static int by_shift(const void *a, const void *b)
{
    const struct dfota_map_entry *x = a;
    const struct dfota_map_entry *y = b;

    if (x->shift != y->shift)
        return x->shift < y->shift ? -1 : 1;
    if (x->length != y->length) /* the longest first */
        return x->length > y->length ? -1 : 1;
    return x->old_pos < y->old_pos ? -1 : x->old_pos > y->old_pos;
}

/* The words that are asked, and what they said. */
struct poll {
    const struct dfota_pairing *plan;
    const struct dfota_predictor *predictor;
    struct dfota_map by_shifts;
    size_t asked;              /* changed words */
    struct dfota_buffer votes; /* of changes, two a vote */
};

/* A vote: `word` may lead into each copy whose shift is how it changed. */
static void add_votes(struct poll *poll, uint32_t word, uint32_t change)
{
    const struct dfota_map_entry *entries = poll->by_shifts.entries;
    uint32_t low = 0;
    uint32_t high = poll->by_shifts.count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (entries[middle].shift < change)
            low = middle + 1;
        else
            high = middle;
    }
    for (uint32_t i = low; i < poll->by_shifts.count &&
                           i < low + VOTES_A_WORD && entries[i].shift == change;
         i++) {
        const struct dfota_map_entry *entry = &entries[i];
        uint32_t last = word - entry->old_pos; /* the highest such address */
        uint32_t begin = 0;

        if (entry->length < LENGTH_MIN || word < entry->old_pos)
            continue;
        if (last >= entry->length)
            begin = (last - entry->length) / 4 + 1;
        dfota_pairs_add(&poll->votes, dfota_pair(begin, BEGIN), 0);
        dfota_pairs_add(&poll->votes, dfota_pair(last / 4 + 1, END), 0);
    }
}

/* Whether `word` is taken for a pointer into old already. */
static bool is_known(const struct dfota_predictor *predictor, uint32_t word)
{
    const struct dfota_prediction *prediction = predictor->prediction;

    for (unsigned i = 0; i < prediction->base_count; i++)
        if (word - prediction->bases[i] < predictor->old_size)
            return true;
    return false;
}

/* Asks the changed words of one copy. */
static void ask_copy(struct poll *poll, const struct dfota_copy *copy)
{
    const struct dfota_pairing *plan = poll->plan;

    for (uint32_t at = (4 - copy->old_pos % 4) % 4;
         at + 4 <= copy->length && poll->asked < WORDS_MAX; at += 4) {
        uint32_t word = dfota_get32(plan->old.data + copy->old_pos + at);
        uint32_t change =
            dfota_get32(plan->new.data + copy->new_pos + at) - word;

        if (change == 0 || is_known(poll->predictor, word))
            continue;
        poll->asked++;
        add_votes(poll, word, change);
    }
}

/* The address, in `first` to `last`, that most low bits of are zero. */
static uint32_t most_aligned(uint32_t first, uint32_t last)
{
    for (unsigned bit = 31; bit > 0; bit--) {
        uint32_t candidate = last >> bit << bit;

        if (candidate >= first)
            return candidate;
    }
    return last;
}

/* The lowest bit of `address`; the more aligned, the higher. */
static uint32_t alignment(uint32_t address)
{
    return address == 0 ? UINT32_MAX : address & (0 - address);
}

/* How many votes the places with most of them have. */
static uint32_t most_votes(const uint64_t *changes, size_t count)
{
    uint32_t now = 0;
    uint32_t most = 0;

    for (size_t i = 0; i < count; i++) {
        now += (uint32_t)change_of(changes[i]);
        if (now > most)
            most = now;
    }
    return most;
}

/* The most aligned place, in words, that `enough` votes are for: the one with
 * most votes among equals, and the first among those. */
static uint32_t find_place(const uint64_t *changes, size_t count,
                           uint32_t enough)
{
    uint32_t now = 0;
    uint32_t most = 0;
    uint32_t best = 0;

    for (size_t i = 0; i + 1 < count; i++) {
        uint32_t at = dfota_pair_first(changes[i]);
        uint32_t end = dfota_pair_first(changes[i + 1]);
        uint32_t place;

        now += (uint32_t)change_of(changes[i]);
        if (now < enough || end == at)
            continue;
        place = most_aligned(at, end - 1);
        if (most == 0 || alignment(place) > alignment(best) ||
            (alignment(place) == alignment(best) && now > most)) {
            best = place;
            most = now;
        }
    }
    return best;
}

/* Of sorted votes. */
static uint32_t count_votes(const struct dfota_buffer *votes, uint32_t *base)
{
    const uint64_t *changes = (const void *)votes->data;
    size_t count = votes->size / sizeof(*changes);
    uint32_t most;

    if (count == 0)
        return 0;
    most = most_votes(changes, count);
    *base = 4 * find_place(changes, count, most - most / NEARLY);
    return most;
}

enum dfota_error dfota_vote_base(const struct dfota_pairing *plan,
                                 const struct dfota_predictor *predictor,
                                 bool *found, uint32_t *base,
                                 struct dfota_fault *fault)
{
    size_t map_size = predictor->map.count * sizeof(struct dfota_map_entry);
    struct dfota_buffer copy_of_map = {0};
    struct poll poll = {.plan = plan, .predictor = predictor};
    struct dfota_map *by_shifts = &poll.by_shifts;
    enum dfota_error err;

    dfota_buffer_add(&copy_of_map, predictor->map.entries, map_size);
    err = dfota_buffer_check(&copy_of_map, fault);
    if (err)
        return err;
    by_shifts->entries = (void *)copy_of_map.data;
    by_shifts->count = predictor->map.count;
    if (by_shifts->count > 0)
        qsort(by_shifts->entries, by_shifts->count, sizeof(*by_shifts->entries),
              by_shift);
    for (size_t i = 0; i < plan->copy_count; i++)
        if ((plan->copies[i].new_pos - plan->copies[i].old_pos) % 4 == 0)
            ask_copy(&poll, &plan->copies[i]);
    err = dfota_pairs_sort(&poll.votes, plan->threads, fault);
    if (!err)
        *found = count_votes(&poll.votes, base) >= DFOTA_VOTES_MIN;
    dfota_buffer_free(&poll.votes);
    dfota_buffer_free(&copy_of_map);
    return err;
}
