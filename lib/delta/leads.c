/* SPDX-License-Identifier: MIT */
#include "lib/delta/leads.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "lib/apply/site_bits.h"
#include "lib/base/fault.h"
#include "lib/base/parallel.h"
#include "lib/base/spill.h"
#include "lib/delta/pairs.h"

#define DOUBT        4 /* bytes of old of which one doubt is kept */
#define KIB          1024
#define VOTES_INSIDE 2 /* that a target in old needs, where there is a map */

void dfota_leads_free(struct dfota_leads *leads)
{
    dfota_buffer_free(&leads->entries);
}

/* By how much more than in old the site leads to in new, at `pos` there; false
 * where new has no such site. */
static bool changed_by(const struct dfota_site_walk *walk,
                       const struct dfota_site *site, struct dfota_view new,
                       uint32_t pos, uint32_t *shift)
{
    const struct dfota_predictor *predictor = walk->predictor;
    const struct dfota_isa *isa = predictor->isas[walk->dialect];
    struct dfota_site now;

    if (site->kind == DFOTA_SITE_POINTER32) {
        *shift = dfota_get32(new.data + pos) - site->target;
        return true;
    }
    if (pos % isa->step != 0 ||
        !isa->read(predictor->prediction->dialects[walk->dialect - 1].classes,
                   new.data + pos, site->size, pos, &now) ||
        now.kind != site->kind || now.size != site->size)
        return false;
    *shift = now.target - site->target;
    return true;
}

/* What the sites of one piece of the copies say. */
struct ballot {
    struct dfota_buffer votes; /* pairs of key and shift */
    struct dfota_buffer keys;  /* that the map is right about, of uint32_t */
    size_t most;               /* bytes of each; 0: no bound */
};

/*
 * Most sites lead where the map has it, and need no vote: so of these only the
 * keys are kept, and votes are made of those keys that some site, of whatever
 * piece, contradicted the map about.
 */
struct poll {
    const struct dfota_pairing *plan;
    const struct dfota_predictor *predictor;
    const struct dfota_regions *regions;
    atomic_uchar *doubts; /* a bit for each DOUBT bytes of old */
    uint64_t copied;      /* bytes of all copies */
    struct ballot *ballots;
};

static uint8_t doubt_bit(uint32_t key)
{
    return (uint8_t)(1u << (key / DOUBT % 8));
}

static bool is_doubted(const struct poll *poll, uint32_t key)
{
    return atomic_load_explicit(&poll->doubts[key / DOUBT / 8],
                                memory_order_relaxed) &
           doubt_bit(key);
}

static void add_vote(struct poll *poll, struct ballot *ballot, uint32_t key,
                     uint32_t shift)
{
    const struct dfota_predictor *predictor = poll->predictor;
    bool inside = key < predictor->old_size;

    if (inside && shift == dfota_map_shift(&predictor->map, key)) {
        if (ballot->most == 0 ||
            ballot->keys.size + sizeof(key) <= ballot->most)
            dfota_buffer_add(&ballot->keys, &key, sizeof(key));
        return;
    }
    if (inside && !is_doubted(poll, key))
        atomic_fetch_or_explicit(&poll->doubts[key / DOUBT / 8], doubt_bit(key),
                                 memory_order_relaxed);
    dfota_pairs_add(&ballot->votes, dfota_pair(key, shift), ballot->most);
}

/* Adds what the sites of one copy say. */
static void ask_copy(struct poll *poll, struct ballot *ballot,
                     const struct dfota_copy *copy)
{
    struct dfota_site_walk walk =
        dfota_sites_from(poll->predictor, poll->regions, poll->plan->old,
                         copy->old_pos, copy->old_pos + copy->length);
    struct dfota_site site;

    dfota_spills_look_at(copy->new_pos, copy->length);
    while (dfota_sites_next(&walk, &site)) {
        uint32_t at = walk.pos - site.size - copy->old_pos;
        uint32_t shift;

        if (changed_by(&walk, &site, poll->plan->new, copy->new_pos + at,
                       &shift))
            add_vote(poll, ballot, dfota_predict_key(walk.predictor, &site),
                     shift);
    }
}

/* Bytes of all the copies from `first` to `end` - 1. */
static uint64_t count_bytes(const struct dfota_pairing *plan, size_t first,
                            size_t end)
{
    uint64_t count = 0;

    for (size_t i = first; i < end; i++)
        count += plan->copies[i].length;
    return count;
}

/* Task: asks the copies of a piece.  Of what may be collected it has its share,
 * half of which is for the lists that are made of these. */
static void ask_piece(void *context, size_t index)
{
    struct poll *poll = context;
    const struct dfota_pairing *plan = poll->plan;
    struct dfota_pairing_piece piece = dfota_pairing_piece(plan, index);
    struct ballot *ballot = &poll->ballots[index];

    if (plan->most > 0)
        ballot->most = (size_t)(plan->most / KIB *
                                count_bytes(plan, piece.first, piece.end) /
                                (2 * poll->copied / KIB + 1)) +
                       sizeof(uint64_t);
    for (size_t i = piece.first; i < piece.end; i++)
        ask_copy(poll, ballot, &plan->copies[i]);
}

/* Task: makes votes of the keys of a piece that are in doubt. */
static void settle_doubts(void *context, size_t index)
{
    struct poll *poll = context;
    struct ballot *ballot = &poll->ballots[index];
    const uint32_t *keys = (const void *)ballot->keys.data;

    for (size_t i = 0; i < ballot->keys.size / sizeof(*keys); i++)
        if (is_doubted(poll, keys[i]))
            dfota_pairs_add(
                &ballot->votes,
                dfota_pair(keys[i],
                           dfota_map_shift(&poll->predictor->map, keys[i])),
                ballot->most);
    if (ballot->keys.error)
        ballot->votes.error = ballot->keys.error;
    dfota_buffer_free(&ballot->keys);
}

/* Appends the votes of all pieces, and frees them. */
static enum dfota_error gather(struct poll *poll, struct dfota_buffer *votes,
                               struct dfota_fault *fault)
{
    size_t pieces = dfota_pairing_pieces(poll->plan);
    enum dfota_error err = DFOTA_OK;
    size_t size = 0;

    for (size_t i = 0; i < pieces; i++)
        size += poll->ballots[i].votes.size;
    dfota_buffer_reserve(votes, size);
    for (size_t i = 0; i < pieces; i++) {
        struct dfota_buffer *some = &poll->ballots[i].votes;

        if (!err)
            err = dfota_buffer_check(some, fault);
        dfota_buffer_add(votes, some->data, some->size);
        dfota_buffer_free(some);
    }
    return err;
}

/* Asks all copies. */
static enum dfota_error hold_poll(struct poll *poll, struct dfota_buffer *votes,
                                  struct dfota_fault *fault)
{
    size_t pieces = dfota_pairing_pieces(poll->plan);
    unsigned threads = poll->plan->threads;
    enum dfota_error err;

    poll->copied = count_bytes(poll->plan, 0, poll->plan->copy_count);
    poll->doubts = calloc(poll->predictor->old_size / DOUBT / 8 + 1,
                          sizeof(*poll->doubts));
    poll->ballots = calloc(pieces, sizeof(*poll->ballots));
    if (poll->doubts == NULL || poll->ballots == NULL) {
        err = dfota_fail_memory(fault);
    } else {
        dfota_parallel(threads, pieces, ask_piece, poll);
        dfota_parallel(threads, pieces, settle_doubts, poll);
        err = gather(poll, votes, fault);
    }
    free(poll->doubts);
    free(poll->ballots);
    return err;
}

/* Adds the shift that most of the `count` votes for one key are for; the least
 * of those with equally many. */
static void count_key(const uint64_t *votes, size_t count, uint32_t old_size,
                      struct dfota_buffer *entries)
{
    struct dfota_learned_entry entry = {dfota_pair_first(votes[0]), 0};
    size_t most = entry.key < old_size ? VOTES_INSIDE - 1 : 0;
    size_t least = most;

    for (size_t i = 0, same; i < count; i += same) {
        same = dfota_pairs_same(&votes[i], count - i);
        if (same > most) {
            most = same;
            entry.shift = dfota_pair_second(votes[i]);
        }
    }
    if (most > least)
        dfota_buffer_add(entries, &entry, sizeof(entry));
}

enum dfota_error dfota_leads_vote(const struct dfota_pairing *plan,
                                  const struct dfota_predictor *predictor,
                                  const struct dfota_regions *regions,
                                  struct dfota_leads *out,
                                  struct dfota_fault *fault)
{
    struct poll poll = {plan, predictor, regions, .ballots = NULL};
    struct dfota_buffer votes = {0};
    struct dfota_leads leads = {0};
    enum dfota_error err = hold_poll(&poll, &votes, fault);
    const uint64_t *vote;
    size_t count;

    if (!err)
        err = dfota_pairs_sort(&votes, plan->threads, fault);
    vote = (const void *)votes.data;
    count = err ? 0 : votes.size / sizeof(*vote);
    for (size_t i = 0, group; i < count; i += group) {
        group = dfota_pairs_group(&vote[i], count - i);
        count_key(&vote[i], group, predictor->old_size, &leads.entries);
    }
    if (!err)
        err = dfota_buffer_check(&leads.entries, fault);
    if (err)
        dfota_leads_free(&leads);
    else
        *out = leads;
    dfota_buffer_free(&votes);
    return err;
}

uint32_t dfota_leads_shift(const struct dfota_leads *leads,
                           const struct dfota_predictor *predictor,
                           uint32_t key)
{
    const struct dfota_learned learned = {
        .entries = (void *)leads->entries.data,
        .count = (uint32_t)(leads->entries.size /
                            sizeof(struct dfota_learned_entry)),
    };
    uint32_t shift = 0;

    switch (dfota_learned_find(&learned, key, &shift)) {
    case DFOTA_LEARNED_EXACT:
        return shift;
    case DFOTA_LEARNED_BETWEEN:
        if (key >= predictor->old_size)
            return shift;
        break;
    default:
        break;
    }
    return key < predictor->old_size ? dfota_map_shift(&predictor->map, key)
                                     : 0;
}
