/* SPDX-License-Identifier: MIT */
#include "lib/delta/leads.h"

#include <stdlib.h>

#include "lib/apply/site_bits.h"
#include "lib/base/fault.h"
#include "lib/base/spill.h"
#include "lib/delta/pairs.h"

#define DOUBT        4 /* bytes of old of which one doubt is kept */
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

/*
 * The votes, as pairs of key and shift.  Most sites lead where the map has it,
 * and need no vote; so the copies are read twice, and the second time only what
 * leads to a key that some site contradicted the map about is collected.
 */
struct poll {
    const struct dfota_pairing *plan;
    const struct dfota_predictor *predictor;
    const struct dfota_regions *regions;
    uint8_t *doubts; /* a bit for each DOUBT bytes of old */
    bool counts;     /* or looks for doubts */
    struct dfota_buffer votes;
};

static void add_vote(struct poll *poll, uint32_t key, uint32_t shift)
{
    const struct dfota_predictor *predictor = poll->predictor;
    uint64_t vote = dfota_pair(key, shift);
    bool inside = key < predictor->old_size;
    uint8_t bit = (uint8_t)(1u << (key / DOUBT % 8));
    uint8_t *doubts = inside ? &poll->doubts[key / DOUBT / 8] : NULL;

    if (poll->counts && (!inside || *doubts & bit))
        dfota_pairs_add(&poll->votes, vote, poll->plan->most);
    else if (!poll->counts && inside && !(*doubts & bit) &&
             shift != dfota_map_shift(&predictor->map, key))
        *doubts |= bit;
}

/* Adds what the sites of one copy say. */
static void ask_copy(struct poll *poll, const struct dfota_copy *copy)
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
            add_vote(poll, dfota_predict_key(walk.predictor, &site), shift);
    }
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
    struct poll poll = {
        .plan = plan,
        .predictor = predictor,
        .regions = regions,
        .doubts = calloc(predictor->old_size / DOUBT / 8 + 1, 1),
    };
    struct dfota_buffer *votes = &poll.votes;
    struct dfota_leads leads = {0};
    enum dfota_error err;
    const uint64_t *vote;
    size_t count;

    if (poll.doubts == NULL)
        return dfota_fail_memory(fault);
    for (unsigned round = 0; round < 2; round++) {
        poll.counts = round > 0;
        for (size_t i = 0; i < plan->copy_count; i++)
            ask_copy(&poll, &plan->copies[i]);
    }
    free(poll.doubts);
    err = dfota_pairs_sort(votes, fault);
    vote = (const void *)votes->data;
    count = err ? 0 : votes->size / sizeof(*vote);
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
    dfota_buffer_free(votes);
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
