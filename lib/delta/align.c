/* SPDX-License-Identifier: MIT */
#include "lib/delta/align.h"

#include <stdbool.h>

#include "lib/delta/suffix.h"

#define ALIGNMENTS_MAX 24  /* that are followed at once */
#define AHEAD          16  /* bytes before the match from which one is */
#define MATCH_MIN      5   /* bytes; shorter matches are chance */
#define RUN_MIN        4   /* equal bytes in a row that keep an alignment */
#define IDLE_MAX       256 /* bytes for which it is followed without them */

/* While an alignment is right about so many bytes there is no search for better
 * ones until so many of them are left; and while it is right about less, none
 * before half of them. */
#define SURE_RUN  32
#define SURE_LEFT 16

/* A match this long is not searched again until so many bytes of it are left:
 * that saves the time which long matches would take. */
#define FOLLOW_MIN  64
#define FOLLOW_LEFT 32

/* Where nothing was found for so many bytes, as in compressed data, only every
 * fourth is searched. */
#define BARREN_MIN  ((uint32_t)1 << 13)
#define BARREN_STEP 4
#define SURE_MATCH  7 /* bytes; longer ones are not chance */

#define LITERAL     0           /* the number of the way without alignment */
#define NONE        UINT32_MAX  /* no segment */
#define NO_SHIFT    0x80000000u /* of a segment of literals; no copy has it */

#define REPORT_STEP ((uint32_t)1 << 18) /* bytes of new between two reports */

const struct dfota_align_costs dfota_align_delta = {
    .literal = 5 * 16,
    .equal = 1,
    .different = 11 * 16,
    .again = 7 * 16,
    .repeated = UINT16_MAX,
    .enter = 22 * 16,
    .odd = 2 * 16,
    .resume = 250,
    .leave = 6 * 16,
};

const struct dfota_align_costs dfota_align_bsdiff = {
    .literal = 5 * 16,
    .equal = 1,
    .different = 11 * 16,
    .again = 7 * 16,
    .repeated = 3 * 16,
    .enter = 44 * 16,
    .odd = 2 * 16,
    .resume = 34 * 16,
    .leave = 6 * 16,
};

/* A piece of new on the cheapest way to where another begins. */
struct segment {
    uint32_t begin;  /* in new */
    uint32_t shift;  /* new position less old, or NO_SHIFT */
    uint32_t before; /* the number of the segment before, or NONE */
};

/* The cheapest way to make new up to here which ends in a certain manner. */
struct way {
    uint64_t cost;
    uint32_t shift;   /* of the alignment; of the last one for literals */
    uint32_t begin;   /* where in new its last segment begins */
    uint32_t before;  /* the segment before that, or NONE */
    uint32_t segment; /* what that is kept as, or NONE */
    uint32_t lively;  /* where it last was known to be of use */
    uint32_t run;     /* equal bytes just before */
    uint32_t from;    /* the shift from which `entry` is what it costs to go */
    uint32_t entry;   /* over to this alignment */
};

struct aligner {
    const struct dfota_align_task *task;
    struct dfota_suffixes suffixes;
    struct dfota_buffer segments;
    struct way ways[1 + ALIGNMENTS_MAX]; /* LITERAL, and the alignments */
    unsigned count;                      /* of ways */
    unsigned best;                       /* the cheapest of them */
    uint32_t look_at;                    /* the next search, in new */
    uint32_t found_at;                   /* the last that was of use */
};

/* 16 * log2(value), rounded down; 0 for 0. */
static uint32_t log2_sixteenths(uint32_t value)
{
    static const uint8_t fractions[16] = {0, 1,  2,  3,  5,  6,  7,  8,
                                          9, 10, 11, 12, 12, 13, 14, 15};
    uint32_t bits = 0;

    if (value == 0)
        return 0;
    for (unsigned half = 16; half > 0; half /= 2)
        if (value >> bits >> half != 0)
            bits += half;
    return 16 * bits +
           fractions[(bits >= 4 ? value >> (bits - 4) : value << (4 - bits)) &
                     15];
}

static uint32_t enter_cost(const struct dfota_align_costs *costs, uint32_t from,
                           uint32_t to)
{
    uint32_t change = to - from;
    uint32_t size = change >> 31 ? 0 - change : change;

    if (size % 4 == 0)
        return costs->enter + log2_sixteenths(size / 4);
    return (uint32_t)costs->enter + costs->odd + log2_sixteenths(size);
}

/* How many bytes from `pos` on are equal along `shift`, at most `most`. */
static uint32_t equal_run(const struct aligner *aligner, uint32_t shift,
                          uint32_t pos, uint32_t most)
{
    const struct dfota_align_task *task = aligner->task;
    uint32_t old_pos = pos - shift;
    uint32_t run = 0;

    if (old_pos >= task->old.size)
        return 0;
    if (most > task->new.size - pos)
        most = (uint32_t)task->new.size - pos;
    if (most > task->old.size - old_pos)
        most = (uint32_t)task->old.size - old_pos;
    while (run < most &&
           task->old.data[old_pos + run] == task->new.data[pos + run])
        run++;
    return run;
}

static unsigned find_best(const struct aligner *aligner)
{
    unsigned best = LITERAL;

    for (unsigned i = 1; i < aligner->count; i++)
        if (aligner->ways[i].cost < aligner->ways[best].cost)
            best = i;
    return best;
}

/* The place for one more way: of all but the best, who was idle longest goes
 * where there is none. */
static struct way *make_room(struct aligner *aligner)
{
    unsigned idle = aligner->best == 1 ? 2 : 1;

    if (aligner->count <= ALIGNMENTS_MAX)
        return &aligner->ways[aligner->count++];
    for (unsigned i = idle + 1; i < aligner->count; i++)
        if (i != aligner->best &&
            aligner->ways[i].lively < aligner->ways[idle].lively)
            idle = i;
    return &aligner->ways[idle];
}

/* Follows the alignment `shift` from `pos` on, unless it is already. */
static void follow(struct aligner *aligner, uint32_t shift, uint32_t pos)
{
    for (unsigned i = 1; i < aligner->count; i++)
        if (aligner->ways[i].shift == shift)
            return;
    *make_room(aligner) = (struct way){
        .cost = UINT64_MAX, .shift = shift, .lively = pos, .from = shift};
}

/*
 * Looks for an alignment that from `look_at` on is right about more bytes than
 * the best one, and moves that on.
 */
static void search(struct aligner *aligner)
{
    struct dfota_view new = aligner->task->new;
    uint32_t pos = aligner->look_at++;
    struct dfota_view rest = {new.data + pos, new.size - pos};
    struct dfota_match match;
    uint32_t run = 0;

    if (aligner->best != LITERAL)
        run = equal_run(aligner, aligner->ways[aligner->best].shift, pos,
                        UINT32_MAX);
    if (run >= SURE_RUN) {
        aligner->look_at = pos + run - SURE_LEFT;
        aligner->found_at = pos;
        return;
    }
    match = dfota_suffixes_search(&aligner->suffixes, rest);
    if (match.length <= run)
        aligner->look_at += run / 2;
    else if (match.length > SURE_MATCH)
        aligner->found_at = pos;
    else if (pos - aligner->found_at >= BARREN_MIN)
        aligner->look_at += BARREN_STEP - 1;
    if (match.length < MATCH_MIN || match.length <= run)
        return;
    if (match.length >= FOLLOW_MIN)
        aligner->look_at = pos + match.length - FOLLOW_LEFT;
    follow(aligner, pos - match.position, pos);
}

/* The segment that the best way ends with, kept. */
static uint32_t keep_best(struct aligner *aligner)
{
    struct way *best = &aligner->ways[aligner->best];
    struct segment segment = {best->begin, best->shift, best->before};

    if (best->segment == NONE) {
        best->segment = (uint32_t)(aligner->segments.size / sizeof(segment));
        if (aligner->best == LITERAL)
            segment.shift = NO_SHIFT;
        dfota_buffer_add(&aligner->segments, &segment, sizeof(segment));
    }
    return best->segment;
}

/* Whether the alignment `way` has a byte of old for that of new at `pos`. */
static bool in_old(const struct aligner *aligner, const struct way *way,
                   uint32_t pos)
{
    return pos - way->shift < aligner->task->old.size;
}

/* What the way `to` would cost if it were gone over to from the best one. */
static uint64_t change_cost(const struct aligner *aligner, struct way *to)
{
    const struct way *best = &aligner->ways[aligner->best];
    const struct dfota_align_costs *costs = aligner->task->costs;

    if (to == &aligner->ways[LITERAL])
        return best->cost + costs->leave;
    if (to->shift == best->shift)
        return best->cost + costs->resume;
    if (to->from != best->shift) {
        to->from = best->shift;
        to->entry = enter_cost(costs, best->shift, to->shift);
    }
    return best->cost + to->entry;
}

/* Goes over from the best way to each that is dearer than that. */
static void change_ways(struct aligner *aligner, uint32_t pos)
{
    const struct way *best = &aligner->ways[aligner->best];

    for (unsigned i = 0; i < aligner->count; i++) {
        struct way *way = &aligner->ways[i];
        uint64_t cost = change_cost(aligner, way);

        if (i == aligner->best || cost >= way->cost ||
            (i != LITERAL && !in_old(aligner, way, pos)))
            continue;
        way->before = keep_best(aligner);
        way->cost = cost;
        way->begin = pos;
        way->segment = NONE;
        if (i == LITERAL)
            way->shift = best->shift;
    }
}

/* Notes that an alignment is of use at `pos`. */
static void enliven(struct way *way, uint32_t pos)
{
    if (way->lively < pos)
        way->lively = pos;
}

/* What a byte at `pos` costs that differs along the alignment. */
static uint16_t different_cost(const struct aligner *aligner,
                               const struct way *way, uint32_t pos)
{
    const struct dfota_align_costs *costs = aligner->task->costs;
    const uint8_t *new = aligner->task->new.data;
    const uint8_t *old = aligner->task->old.data;
    uint32_t old_pos = pos - way->shift;
    uint16_t cost =
        way->run > 0 || way->begin == pos ? costs->different : costs->again;

    if (costs->repeated < cost && pos >= 4 && old_pos >= 4 &&
        (uint8_t)(new[pos] - old[old_pos]) ==
            (uint8_t)(new[pos - 4] - old[old_pos - 4]))
        return costs->repeated;
    return cost;
}

/* Takes the byte of new at `pos` along an alignment. */
static void take_aligned(const struct aligner *aligner, struct way *way,
                         uint32_t pos)
{
    const struct dfota_align_task *task = aligner->task;

    if (task->old.data[pos - way->shift] == task->new.data[pos]) {
        way->cost += task->costs->equal;
        if (++way->run >= RUN_MIN)
            enliven(way, pos);
    } else {
        way->cost += different_cost(aligner, way, pos);
        way->run = 0;
    }
}

/* Takes the byte of new at `pos` on all ways; drops those of no more use. */
static void take_byte(struct aligner *aligner, uint32_t pos)
{
    aligner->ways[LITERAL].cost += aligner->task->costs->literal;
    enliven(&aligner->ways[aligner->best], pos);
    for (unsigned i = 1; i < aligner->count;) {
        struct way *way = &aligner->ways[i];
        bool inside = in_old(aligner, way, pos);

        if (way->lively + IDLE_MAX < pos || (!inside && way->lively <= pos)) {
            *way = aligner->ways[--aligner->count];
            continue;
        }
        if (inside)
            take_aligned(aligner, way, pos);
        i++;
    }
}

/*
 * Takes at once what the only alignment is right about up to where the next
 * search is.  Gives how many bytes that is.  Afterwards literals would begin
 * anew, whatever they cost before.
 */
static uint32_t take_run(struct aligner *aligner, uint32_t pos)
{
    struct way *way = &aligner->ways[1];
    uint32_t run;

    if (aligner->count != 2 || aligner->best != 1 ||
        aligner->look_at <= pos + AHEAD)
        return 0;
    run = equal_run(aligner, way->shift, pos, aligner->look_at - pos - AHEAD);
    if (run < RUN_MIN)
        return 0;
    way->cost += (uint64_t)run * aligner->task->costs->equal;
    way->run += run;
    enliven(way, pos + run - 1);
    aligner->ways[LITERAL].cost +=
        (uint64_t)run * aligner->task->costs->literal;
    return run;
}

static void report(const struct dfota_align_task *task, uint32_t pos)
{
    if (task->progress->report != NULL)
        task->progress->report(task->progress->context, "matching", pos,
                               task->new.size);
}

/* Reads all of new. */
static void read_new(struct aligner *aligner)
{
    uint32_t reported = 0;
    uint32_t pos = 0;

    while (pos < aligner->task->new.size) {
        uint32_t run;

        aligner->best = find_best(aligner);
        while (aligner->look_at <= pos + AHEAD &&
               aligner->look_at < aligner->task->new.size)
            search(aligner);
        run = take_run(aligner, pos);
        if (run == 0) {
            change_ways(aligner, pos);
            take_byte(aligner, pos);
            run = 1;
        }
        pos += run;
        if (pos - reported >= REPORT_STEP) {
            reported = pos;
            report(aligner->task, pos);
        }
    }
    aligner->best = find_best(aligner);
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

/* Lets a copy begin earlier, behind `end` of new, where that is cheaper than
 * literals: a match shows an alignment only from where it is exact. */
static void extend_back(const struct dfota_align_task *task,
                        struct dfota_copy *copy, uint32_t end)
{
    const struct dfota_align_costs *costs = task->costs;
    const uint8_t *old = task->old.data + copy->old_pos;
    const uint8_t *new = task->new.data + copy->new_pos;
    uint32_t most = copy->new_pos - end;
    uint32_t length = 0;
    bool was_same = true;
    int64_t saved = 0;
    int64_t best = 0;

    if (most > copy->old_pos)
        most = copy->old_pos;
    for (uint32_t i = 1; i <= most && saved > best - (int64_t)costs->enter;
         i++) {
        bool same = *(old - i) == *(new - i);

        saved += costs->literal;
        saved -= same       ? costs->equal
                 : was_same ? costs->different
                            : costs->again;
        was_same = same;
        if (saved > best) {
            best = saved;
            length = i;
        }
    }
    copy->new_pos -= length;
    copy->old_pos -= length;
    copy->length += length;
}

/* Appends the copies of the best way. */
static void trace(struct aligner *aligner, struct dfota_buffer *copies)
{
    const struct segment *segments;
    size_t first = copies->size / sizeof(struct dfota_copy);
    uint32_t end = (uint32_t)aligner->task->new.size;
    uint32_t next = keep_best(aligner);

    if (dfota_buffer_check(&aligner->segments, NULL))
        return;
    segments = (const void *)aligner->segments.data;
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
    if (copies->error)
        return;
    reverse(copies, first);
    end = 0;
    for (size_t i = first; i < copies->size / sizeof(struct dfota_copy); i++) {
        struct dfota_copy *copy = (struct dfota_copy *)(void *)copies->data + i;

        extend_back(aligner->task, copy, end);
        end = copy->new_pos + copy->length;
    }
}

enum dfota_error dfota_align_images(const struct dfota_align_task *task,
                                    struct dfota_buffer *copies,
                                    struct dfota_fault *fault)
{
    struct aligner aligner = {.task = task, .count = 1};
    enum dfota_error err;

    aligner.ways[LITERAL] = (struct way){.before = NONE, .segment = NONE};
    err = dfota_suffixes_make(task->old, &aligner.suffixes, fault);
    if (err)
        return err;
    read_new(&aligner);
    trace(&aligner, copies);
    err = dfota_buffer_check(&aligner.segments, fault);
    if (!err)
        err = dfota_buffer_check(copies, fault);
    dfota_buffer_free(&aligner.segments);
    dfota_suffixes_free(&aligner.suffixes);
    return err;
}
