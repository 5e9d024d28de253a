/* SPDX-License-Identifier: MIT */
#include "lib/delta/ways.h"

#include <string.h>

#define LITERAL  DFOTA_WAYS_LITERAL
#define NONE     UINT32_MAX  /* no segment */
#define NO_SHIFT 0x80000000u /* of a segment of literals; no copy has it */

/* A piece of new on the cheapest way to where another begins. */
struct segment {
    uint32_t begin;  /* in new */
    uint32_t shift;  /* new position less old, or NO_SHIFT */
    uint32_t before; /* the number of the segment before, or NONE */
};

void dfota_ways_begin(struct dfota_ways *all)
{
    all->segments = (struct dfota_buffer){0};
    all->count = 1;
    all->best = LITERAL;
    all->ways[LITERAL] = (struct dfota_way){
        .begin = all->begin, .before = NONE, .segment = NONE};
}

void dfota_ways_free(struct dfota_ways *all)
{
    dfota_buffer_free(&all->segments);
}

static uint8_t new_at(const struct dfota_ways *all, uint32_t pos)
{
    return all->piece.data[pos - all->begin];
}

uint32_t dfota_ways_run(const struct dfota_ways *all, uint32_t shift,
                        uint32_t pos, uint32_t most)
{
    uint32_t old_pos = pos - shift;
    const uint8_t *new;
    const uint8_t *old;
    uint32_t run = 0;

    if (old_pos >= all->old.size)
        return 0;
    new = all->piece.data + (pos - all->begin);
    old = all->old.data + old_pos;
    if (most > all->end - pos)
        most = all->end - pos;
    if (most > all->old.size - old_pos)
        most = (uint32_t)all->old.size - old_pos;
    while (run + 8 <= most && memcmp(old + run, new + run, 8) == 0)
        run += 8;
    while (run < most && old[run] == new[run])
        run++;
    return run;
}

void dfota_ways_rank(struct dfota_ways *all)
{
    all->best = LITERAL;
    for (unsigned i = 1; i < all->count; i++)
        if (all->ways[i].cost < all->ways[all->best].cost)
            all->best = i;
}

/* The place for one more way: of all but the best, who was idle longest goes
 * where there is none. */
static struct dfota_way *make_room(struct dfota_ways *all)
{
    unsigned idle = all->best == 1 ? 2 : 1;

    if (all->count <= DFOTA_WAYS_ALIGNMENTS)
        return &all->ways[all->count++];
    for (unsigned i = idle + 1; i < all->count; i++)
        if (i != all->best && all->ways[i].lively < all->ways[idle].lively)
            idle = i;
    return &all->ways[idle];
}

/* Notes that an alignment is of use at `pos`. */
static void enliven(struct dfota_way *way, uint32_t pos)
{
    if (way->lively < pos)
        way->lively = pos;
}

void dfota_ways_follow(struct dfota_ways *all, uint32_t shift, uint32_t pos)
{
    for (unsigned i = 1; i < all->count; i++) {
        if (all->ways[i].shift != shift)
            continue;
        enliven(&all->ways[i], pos);
        return;
    }
    *make_room(all) = (struct dfota_way){
        .cost = UINT64_MAX, .shift = shift, .lively = pos, .from = shift};
}

/* The segment that the best way ends with, kept. */
static uint32_t keep_best(struct dfota_ways *all)
{
    struct dfota_way *best = &all->ways[all->best];
    struct segment segment = {best->begin, best->shift, best->before};

    if (best->segment == NONE) {
        best->segment = (uint32_t)(all->segments.size / sizeof(segment));
        if (all->best == LITERAL)
            segment.shift = NO_SHIFT;
        dfota_buffer_add(&all->segments, &segment, sizeof(segment));
    }
    return best->segment;
}

/* Whether the alignment `way` has a byte of old for that of new at `pos`. */
static bool in_old(const struct dfota_ways *all, const struct dfota_way *way,
                   uint32_t pos)
{
    return pos - way->shift < all->old.size;
}

/* What the way `to` would cost if it were gone over to from the best one. */
static uint64_t change_cost(const struct dfota_ways *all, struct dfota_way *to)
{
    const struct dfota_way *best = &all->ways[all->best];
    const struct dfota_align_costs *costs = all->costs;

    if (to == &all->ways[LITERAL])
        return best->cost + costs->leave;
    if (to->shift == best->shift)
        return best->cost + costs->resume;
    if (to->from != best->shift) {
        to->from = best->shift;
        to->entry = dfota_align_enter_cost(costs, best->shift, to->shift);
    }
    return best->cost + to->entry;
}

/* Goes over from the best way to each that is dearer than that. */
static void change_ways(struct dfota_ways *all, uint32_t pos)
{
    const struct dfota_way *best = &all->ways[all->best];

    for (unsigned i = 0; i < all->count; i++) {
        struct dfota_way *way = &all->ways[i];
        uint64_t cost = change_cost(all, way);

        if (i == all->best || cost >= way->cost ||
            (i != LITERAL && !in_old(all, way, pos)))
            continue;
        way->before = keep_best(all);
        way->cost = cost;
        way->begin = pos;
        way->segment = NONE;
        if (i == LITERAL)
            way->shift = best->shift;
    }
}

/* What a byte at `pos` costs that differs along the alignment. */
static uint16_t different_cost(const struct dfota_ways *all,
                               const struct dfota_way *way, uint32_t pos)
{
    const struct dfota_align_costs *costs = all->costs;
    const uint8_t *old = all->old.data;
    uint32_t old_pos = pos - way->shift;
    uint16_t cost =
        way->run > 0 || way->begin == pos ? costs->different : costs->again;

    if (costs->repeated < cost && pos >= all->begin + 4 && old_pos >= 4 &&
        (uint8_t)(new_at(all, pos) - old[old_pos]) ==
            (uint8_t)(new_at(all, pos - 4) - old[old_pos - 4]))
        return costs->repeated;
    return cost;
}

/* Takes the byte of new at `pos` along an alignment. */
static void take_aligned(const struct dfota_ways *all, struct dfota_way *way,
                         uint32_t pos)
{

    if (all->old.data[pos - way->shift] == new_at(all, pos)) {
        way->cost += all->costs->equal;
        if (++way->run >= DFOTA_WAYS_RUN)
            enliven(way, pos);
    } else {
        way->cost += different_cost(all, way, pos);
        way->run = 0;
    }
}

/* Takes the byte of new at `pos` on way number `index`; false where that is of
 * no more use, and dropped. */
static bool take_way(struct dfota_ways *all, unsigned index, uint32_t pos)
{
    struct dfota_way *way = &all->ways[index];
    bool inside = in_old(all, way, pos);

    if (way->lively + DFOTA_WAYS_IDLE < pos ||
        (!inside && way->lively <= pos)) {
        *way = all->ways[--all->count];
        return false;
    }
    if (inside)
        take_aligned(all, way, pos);
    return true;
}

void dfota_ways_take(struct dfota_ways *all, uint32_t pos)
{
    change_ways(all, pos);
    all->ways[LITERAL].cost += all->costs->literal;
    enliven(&all->ways[all->best], pos);
    for (unsigned i = 1; i < all->count;)
        i += take_way(all, i, pos);
}

/* For how many bytes from `pos` on, `most` at most, it is known beforehand that
 * a way is neither dropped nor at the end of old, and no difference cheap. */
static uint32_t safe_bytes(const struct dfota_ways *all,
                           const struct dfota_way *way, uint32_t pos,
                           uint32_t most)
{
    const struct dfota_align_costs *costs = all->costs;
    uint32_t old_pos = pos - way->shift;
    uint32_t idle;

    if (old_pos >= all->old.size || way->lively + DFOTA_WAYS_IDLE < pos ||
        costs->repeated < costs->different || costs->repeated < costs->again)
        return 0;
    idle = way->lively + DFOTA_WAYS_IDLE - pos + 1;
    if (most > all->old.size - old_pos)
        most = (uint32_t)all->old.size - old_pos;
    return most < idle ? most : idle;
}

/*
 * Takes `count` bytes along an alignment: as take_aligned() does for each,
 * where no difference is repeated.  There is nothing to guess, for an alignment
 * that is not the best one is as often right as wrong.
 */
static void take_many(const struct dfota_ways *all, struct dfota_way *way,
                      uint32_t pos, uint32_t count)
{
    const uint8_t *old = all->old.data + (pos - way->shift);
    const uint8_t *new = all->piece.data + (pos - all->begin);
    const uint64_t costs[] = {all->costs->again, all->costs->different,
                              all->costs->equal};
    uint64_t cost = way->cost;
    uint32_t run = way->run;
    uint32_t lively = 0;

    if (count > 0 && way->begin == pos && run == 0 && old[0] != new[0])
        cost += costs[1] - costs[0];
    for (uint32_t i = 0; i < count; i++) {
        uint32_t same = old[i] == new[i];

        cost += costs[2 * same + (1 - same) * (run > 0)];
        run = (run + 1) * same;
        lively = run >= DFOTA_WAYS_RUN ? pos + i : lively;
    }
    way->cost = cost;
    way->run = run;
    enliven(way, lively);
}

/* Takes `run` bytes on a way that is not the best one; as take_way(). */
static bool take_along(struct dfota_ways *all, unsigned index, uint32_t pos,
                       uint32_t run)
{
    struct dfota_way *way = &all->ways[index];

    for (uint32_t done = 0, safe; done < run; done += safe) {
        safe = safe_bytes(all, way, pos + done, run - done);
        take_many(all, way, pos + done, safe);
        if (safe > 0)
            continue;
        if (!take_way(all, index, pos + done))
            return false;
        safe = 1;
    }
    return true;
}

void dfota_ways_take_run(struct dfota_ways *all, uint32_t pos, uint32_t run,
                         bool alone)
{
    struct dfota_way *way;

    if (alone) {
        all->ways[1] = all->ways[all->best];
        all->best = 1;
        all->count = 2;
    }
    if (all->count > 2)
        change_ways(all, pos);
    way = &all->ways[all->best];
    way->cost += (uint64_t)run * all->costs->equal;
    way->run += run;
    enliven(way, pos + run - 1);
    all->ways[LITERAL].cost += (uint64_t)run * all->costs->literal;
    for (unsigned i = 1; i < all->count;) {
        if (i == all->best || take_along(all, i, pos, run))
            i++;
        else if (all->best == all->count)
            all->best = i;
    }
}

/* Turns round the copies from number `first` on. */
static void reverse(struct dfota_buffer *copies, size_t first)
{
    struct dfota_copy *copy = (void *)copies->data;
    size_t last = copies->size / sizeof(*copy);

    while (first + 1 < last) {
        struct dfota_copy other = copy[first];

        copy[first++] = copy[--last];
        copy[last] = other;
    }
}

enum dfota_error dfota_ways_trace(struct dfota_ways *all,
                                  struct dfota_buffer *copies,
                                  struct dfota_fault *fault)
{
    const struct segment *segments;
    size_t first = copies->size / sizeof(struct dfota_copy);
    uint32_t end = all->end;
    uint32_t next;
    enum dfota_error err;

    dfota_ways_rank(all);
    next = keep_best(all);
    err = dfota_buffer_check(&all->segments, fault);
    if (err)
        return err;
    segments = (const void *)all->segments.data;
    while (next != NONE) {
        const struct segment *segment = &segments[next];
        struct dfota_copy copy = {segment->begin,
                                  segment->begin - segment->shift,
                                  end - segment->begin};

        if (segment->shift != NO_SHIFT && copy.length > 0)
            dfota_buffer_add(copies, &copy, sizeof(copy));
        end = segment->begin;
        next = segment->before;
    }
    if (!copies->error)
        reverse(copies, first);
    return dfota_buffer_check(copies, fault);
}
