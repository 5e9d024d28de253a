/* SPDX-License-Identifier: MIT */
#include "lib/delta/order.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/fault.h"

#define ROUNDS 8 /* of moving segments to better turns; more gain nothing */

/* Some bytes that one segment reads from the place of another. */
struct edge {
    uint32_t reader;
    uint32_t place;
    uint64_t bytes;
};

struct finder {
    struct dfota_buffer edges;   /* of struct edge, by reader, then place */
    struct dfota_buffer mirrors; /* the same, by place, then reader */
    uint32_t *first_edge;        /* by reader; one more than there are */
    uint32_t *first_mirror;      /* by place; likewise */
    uint64_t *harm;  /* by segment: bytes that are lost if it comes next */
    int64_t *change; /* by segment: bytes that are lost when one comes first */
    bool *done;      /* by segment: whether it has a turn */
    uint32_t count;  /* of segments */
};

static int by_reader(const void *a, const void *b)
{
    const struct edge *x = a;
    const struct edge *y = b;

    if (x->reader != y->reader)
        return x->reader < y->reader ? -1 : 1;
    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    return 0;
}

static int by_place(const void *a, const void *b)
{
    const struct edge *x = a;
    const struct edge *y = b;

    if (x->place != y->place)
        return x->place < y->place ? -1 : 1;
    return by_reader(a, b);
}

/* --- who reads from whom -------------------------------------------------- */

static void add_copy(struct finder *finder, struct dfota_copy copy,
                     uint32_t segment_size)
{
    while (copy.length > 0) {
        struct edge edge = {copy.new_pos / segment_size,
                            copy.old_pos / segment_size, 0};
        uint32_t step = segment_size - copy.new_pos % segment_size;

        if (step > segment_size - copy.old_pos % segment_size)
            step = segment_size - copy.old_pos % segment_size;
        if (step > copy.length)
            step = copy.length;
        edge.bytes = step;
        if (edge.place < finder->count && edge.place != edge.reader)
            dfota_buffer_add(&finder->edges, &edge, sizeof(edge));
        copy.new_pos += step;
        copy.old_pos += step;
        copy.length -= step;
    }
}

/* Sorts edges, and makes one of those that are alike. */
static void unite(struct dfota_buffer *edges)
{
    struct edge *edge = (void *)edges->data;
    size_t count = edges->size / sizeof(*edge);
    size_t kept = 0;

    if (count == 0)
        return;
    qsort(edge, count, sizeof(*edge), by_reader);
    for (size_t i = 1; i < count; i++) {
        if (by_reader(&edge[kept], &edge[i]) == 0)
            edge[kept].bytes += edge[i].bytes;
        else
            edge[++kept] = edge[i];
    }
    edges->size = (kept + 1) * sizeof(*edge);
}

static const struct edge *edges_of(const struct dfota_buffer *edges)
{
    return (const void *)edges->data;
}

/* Finds where in the sorted edges those of each segment begin. */
static void index_edges(const struct dfota_buffer *edges, bool mirrored,
                        uint32_t count, uint32_t *first)
{
    const struct edge *edge = edges_of(edges);
    uint32_t at = 0;

    for (uint32_t i = 0; i <= count; i++) {
        while (at < edges->size / sizeof(*edge) &&
               (mirrored ? edge[at].place : edge[at].reader) < i)
            at++;
        first[i] = at;
    }
}

static enum dfota_error collect(const struct dfota_plan *plan,
                                uint32_t segment_size, struct finder *finder)
{
    uint32_t new_pos = 0;

    for (size_t i = 0; i < plan->record_count; i++) {
        const struct dfota_record *record = &plan->records[i];

        new_pos += record->insert;
        add_copy(finder,
                 (struct dfota_copy){new_pos, record->old_pos, record->copy},
                 segment_size);
        new_pos += record->copy;
    }
    unite(&finder->edges);
    dfota_buffer_add(&finder->mirrors, finder->edges.data, finder->edges.size);
    if (finder->edges.error || finder->mirrors.error)
        return DFOTA_ERR_MEMORY;
    if (finder->mirrors.size > 0)
        qsort(finder->mirrors.data, finder->mirrors.size / sizeof(struct edge),
              sizeof(struct edge), by_place);
    index_edges(&finder->edges, false, finder->count, finder->first_edge);
    index_edges(&finder->mirrors, true, finder->count, finder->first_mirror);
    return DFOTA_OK;
}

/* --- the order ------------------------------------------------------------ */

/* What `segment` reads is not lost any more, now that it has its turn. */
static void take_reads(const struct finder *finder, uint32_t segment,
                       uint64_t *harm)
{
    const struct edge *edge = edges_of(&finder->edges);

    for (uint32_t i = finder->first_edge[segment];
         i < finder->first_edge[segment + 1]; i++)
        harm[edge[i].place] -= edge[i].bytes;
}

/* The segment whose turn loses least; of equal ones the first from one side. */
static uint32_t least_harmful(const struct finder *finder, bool backward)
{
    uint32_t best = UINT32_MAX;

    for (uint32_t i = 0; i < finder->count; i++) {
        uint32_t at = backward ? finder->count - 1 - i : i;

        if (!finder->done[at] &&
            (best == UINT32_MAX || finder->harm[at] < finder->harm[best]))
            best = at;
    }
    return best;
}

/* Gives each segment a turn, always the one that loses least by it. */
static uint64_t choose(const struct finder *finder, bool backward,
                       uint32_t *places)
{
    const struct edge *mirror = edges_of(&finder->mirrors);
    uint64_t lost = 0;

    for (uint32_t i = 0; i < finder->count; i++) {
        finder->harm[i] = 0;
        finder->done[i] = false;
        for (uint32_t k = finder->first_mirror[i];
             k < finder->first_mirror[i + 1]; k++)
            finder->harm[i] += mirror[k].bytes;
    }
    for (uint32_t turn = 0; turn < finder->count; turn++) {
        uint32_t next = least_harmful(finder, backward);

        places[turn] = next;
        finder->done[next] = true;
        lost += finder->harm[next];
        take_reads(finder, next, finder->harm);
    }
    return lost;
}

/* For each other segment: the bytes that are lost when that one comes before
 * `segment`, less those that are when it comes behind. */
static void weigh(const struct finder *finder, uint32_t segment)
{
    const struct edge *edge = edges_of(&finder->edges);
    const struct edge *mirror = edges_of(&finder->mirrors);

    memset(finder->change, 0, finder->count * sizeof(*finder->change));
    for (uint32_t i = finder->first_edge[segment];
         i < finder->first_edge[segment + 1]; i++)
        finder->change[edge[i].place] += (int64_t)edge[i].bytes;
    for (uint32_t i = finder->first_mirror[segment];
         i < finder->first_mirror[segment + 1]; i++)
        finder->change[mirror[i].reader] -= (int64_t)mirror[i].bytes;
}

/* The turn to which the segment of `turn` had better move; `*gain` is what that
 * loses more, which is less than 0 unless it stays. */
static uint32_t best_turn(const struct finder *finder, const uint32_t *places,
                          uint32_t turn, int64_t *gain)
{
    uint32_t best = turn;
    int64_t sum = 0;

    *gain = 0;
    for (uint32_t i = turn + 1; i < finder->count; i++) {
        sum += finder->change[places[i]];
        if (sum < *gain) {
            *gain = sum;
            best = i;
        }
    }
    sum = 0;
    for (uint32_t i = turn; i-- > 0;) {
        sum -= finder->change[places[i]];
        if (sum < *gain) {
            *gain = sum;
            best = i;
        }
    }
    return best;
}

static void move_turn(uint32_t *places, uint32_t from, uint32_t to)
{
    uint32_t segment = places[from];

    if (to > from)
        memmove(&places[from], &places[from + 1],
                (to - from) * sizeof(*places));
    else
        memmove(&places[to + 1], &places[to], (from - to) * sizeof(*places));
    places[to] = segment;
}

/* Moves segments to other turns while that loses less. */
static uint64_t improve(const struct finder *finder, uint32_t *places,
                        uint64_t lost)
{
    bool moved = true;

    for (unsigned round = 0; round < ROUNDS && moved; round++) {
        moved = false;
        for (uint32_t turn = 0; turn < finder->count; turn++) {
            int64_t gain;
            uint32_t to;

            weigh(finder, places[turn]);
            to = best_turn(finder, places, turn, &gain);
            if (to == turn)
                continue;
            move_turn(places, turn, to);
            lost -= (uint64_t)-gain;
            moved = true;
        }
    }
    return lost;
}

/* Whether most segments come before the one in front of them. */
static bool goes_back(const uint32_t *places, uint32_t count)
{
    uint32_t back = 0;

    for (uint32_t turn = 1; turn < count; turn++)
        back += places[turn] < places[turn - 1];
    return back > count / 2;
}

/* Tries both sides to begin from. */
static enum dfota_error find(const struct finder *finder,
                             struct dfota_sequence *out)
{
    size_t size = finder->count * sizeof(uint32_t);
    struct dfota_sequence sequence = {.lost = UINT64_MAX};
    uint32_t *places = malloc(size + 1);

    for (unsigned backward = 0; backward < 2 && places != NULL; backward++) {
        uint64_t lost = choose(finder, backward, places);

        lost = improve(finder, places, lost);
        if (lost >= sequence.lost)
            continue;
        sequence.lost = lost;
        sequence.backward = goes_back(places, finder->count);
        sequence.places.size = 0;
        dfota_buffer_add(&sequence.places, places, size);
    }
    if (places == NULL || sequence.places.error) {
        dfota_sequence_free(&sequence);
        free(places);
        return DFOTA_ERR_MEMORY;
    }
    free(places);
    *out = sequence;
    return DFOTA_OK;
}

enum dfota_error dfota_sequence_find(const struct dfota_plan *plan,
                                     uint32_t segment_size,
                                     struct dfota_sequence *out,
                                     struct dfota_fault *fault)
{
    size_t count = (plan->new.size + segment_size - 1) / segment_size;
    struct finder finder = {
        .first_edge = calloc(count + 1, sizeof(*finder.first_edge)),
        .first_mirror = calloc(count + 1, sizeof(*finder.first_mirror)),
        .harm = calloc(count + 1, sizeof(*finder.harm)),
        .change = calloc(count + 1, sizeof(*finder.change)),
        .done = calloc(count + 1, sizeof(*finder.done)),
        .count = (uint32_t)count,
    };
    enum dfota_error err = DFOTA_ERR_MEMORY;

    if (finder.first_edge != NULL && finder.first_mirror != NULL &&
        finder.harm != NULL && finder.change != NULL && finder.done != NULL)
        err = collect(plan, segment_size, &finder);
    if (!err)
        err = find(&finder, out);
    free(finder.first_edge);
    free(finder.first_mirror);
    free(finder.harm);
    free(finder.change);
    free(finder.done);
    dfota_buffer_free(&finder.edges);
    dfota_buffer_free(&finder.mirrors);
    return err ? dfota_fail_memory(fault) : DFOTA_OK;
}

void dfota_sequence_free(struct dfota_sequence *sequence)
{
    dfota_buffer_free(&sequence->places);
    *sequence = (struct dfota_sequence){0};
}
