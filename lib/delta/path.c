/* SPDX-License-Identifier: MIT */
#include "lib/delta/path.h"

#include "lib/base/spill.h"
#include "lib/delta/records.h"
#include "lib/delta/ways.h"

#define AHEAD     16 /* bytes before the match from which one is followed */
#define MATCH_MIN DFOTA_INDEX_MATCH /* bytes; shorter matches are chance */

/* While an alignment is right about so many bytes there is no search for better
 * ones until so many of them are left; and while it is right about less, none
 * before half of them. */
#define SURE_RUN  32
#define SURE_LEFT 16

/* Nor where the alignment is right again about so many bytes after a word: a
 * branch whose target moved is no reason to leave it. */
#define WORD  4
#define AGAIN 6

/* A match this long is not searched again until so many bytes of it are left:
 * that saves the time which long matches would take. */
#define FOLLOW_MIN  64
#define FOLLOW_LEFT 32

/* Where nothing was found for so many bytes, as in compressed data, only every
 * fourth is searched; for seeds, which lie at multiples of 4, every so manieth.
 */
#define BARREN_MIN        ((uint32_t)1 << 13)
#define BARREN_STEP       4
#define BARREN_STEP_SEEDS 13

/* Bytes without order that hints do not cover are not searched again. */
#define BLOCK      4096u
#define SURE_MATCH 7 /* bytes; longer ones are not chance */

/* Bytes of old that a search may make resident, or so. */
#define SEARCHED 1024

#define LITERAL  DFOTA_WAYS_LITERAL

struct finder {
    const struct dfota_path_task *task;
    struct dfota_ways all;
    uint32_t look_at;   /* the next search, in new */
    uint32_t found_at;  /* the last that was of use */
    uint32_t judged_to; /* whose order has been judged */
    uint32_t empty_to;  /* behind the last search that found nothing */
    uint32_t known_at;  /* from here on it is known where a search ... */
    uint64_t known;     /* ... may find something: a bit each */
    size_t hint;        /* the next one */
    size_t quiet;       /* the next stretch */
};

/* The way that is the cheapest up to now. */
static const struct dfota_way *best_of(const struct finder *finder)
{
    return &finder->all.ways[finder->all.best];
}

/* Moves the next search on behind a block without order, if there are hints and
 * nothing was found for long. */
static bool pass_over(struct finder *finder)
{
    const struct dfota_path_task *task = finder->task;
    uint32_t begin = finder->look_at / BLOCK * BLOCK;
    uint32_t end =
        finder->all.end - begin < BLOCK ? finder->all.end : begin + BLOCK;

    if (task->hint_count == 0 || finder->look_at < finder->judged_to ||
        finder->look_at - finder->found_at < BARREN_MIN)
        return false;
    if (begin < task->begin)
        begin = task->begin;
    finder->judged_to = end;
    if (!dfota_records_are_plain(task->piece.data + (begin - task->begin),
                                 end - begin))
        return false;
    finder->look_at = end;
    return true;
}

/* Whether the best alignment, of which `run` bytes from `pos` on are right, is
 * wrong about one word behind them only. */
static bool is_interrupted(const struct finder *finder, uint32_t pos,
                           uint32_t run)
{
    uint32_t behind = pos + run + WORD;

    return finder->all.best != LITERAL && behind < finder->all.end &&
           dfota_ways_run(&finder->all, best_of(finder)->shift, behind,
                          AGAIN) == AGAIN;
}

/* Whether matches that are chance have a say in what is searched next: where
 * the best alignment is right about as few bytes, or nothing is found. */
static bool minds_chance(const struct finder *finder, uint32_t pos,
                         uint32_t run)
{
    return finder->task->index->seeds.text.size == 0 &&
           ((run > 1 && run < MATCH_MIN) ||
            pos - finder->found_at >= BARREN_MIN);
}

/* Whether a search at `pos`, for `rest`, may find a match that is not chance.
 * Where none was found just before, the index is asked for many bytes at once:
 * few of them are passed over. */
static bool may_match(struct finder *finder, uint32_t pos,
                      struct dfota_view rest)
{
    if (pos - finder->known_at >= DFOTA_INDEX_AHEAD &&
        finder->empty_to == pos) {
        finder->known_at = pos;
        finder->known =
            dfota_index_which(finder->task->index, rest, DFOTA_INDEX_AHEAD);
    }
    return pos - finder->known_at >= DFOTA_INDEX_AHEAD ||
           (finder->known >> (pos - finder->known_at) & 1) != 0;
}

/* What the index has for `rest`, which is from `pos` on, where the best
 * alignment is right about `run` bytes. */
static struct dfota_match look_up(struct finder *finder, uint32_t pos,
                                  uint32_t run, struct dfota_view rest)
{
    struct dfota_match match = {0, 0};

    if (minds_chance(finder, pos, run) || may_match(finder, pos, rest))
        match = dfota_index_search(finder->task->index, rest);
    if (match.length < MATCH_MIN)
        finder->empty_to = pos + 1;
    return match;
}

/*
 * Looks for an alignment that from `look_at` on is right about more bytes than
 * the best one, and moves that on.
 */
static void search(struct finder *finder)
{
    const struct dfota_path_task *task = finder->task;
    uint32_t pos = finder->look_at++;
    struct dfota_view rest = {task->piece.data + (pos - task->begin),
                              finder->all.end - pos};
    struct dfota_match match;
    uint32_t run = 0;

    if (finder->all.best != LITERAL)
        run = dfota_ways_run(&finder->all, best_of(finder)->shift, pos,
                             UINT32_MAX);
    if (run >= SURE_RUN) {
        finder->look_at = pos + run - SURE_LEFT;
        finder->found_at = pos;
        return;
    }
    if (is_interrupted(finder, pos, run)) {
        finder->look_at = pos + run + WORD;
        finder->found_at = pos;
        return;
    }
    if (pass_over(finder))
        return;
    dfota_spills_look_at((uint64_t)pos * SEARCHED, SEARCHED);
    match = look_up(finder, pos, run, rest);
    if (match.length <= run)
        finder->look_at += run / 2;
    else if (match.length > SURE_MATCH)
        finder->found_at = pos;
    else if (pos - finder->found_at >= BARREN_MIN)
        finder->look_at += task->index->seeds.text.size > 0
                               ? BARREN_STEP_SEEDS - 1
                               : BARREN_STEP - 1;
    if (match.length < MATCH_MIN || match.length <= run)
        return;
    if (match.length >= FOLLOW_MIN)
        finder->look_at = pos + match.length - FOLLOW_LEFT;
    dfota_ways_follow(&finder->all, pos - match.position, pos);
}

/*
 * Takes at once what the best alignment is right about up to where the next
 * search is.  Gives how many bytes that is.
 */
static uint32_t take_run(struct finder *finder, uint32_t pos)
{
    uint32_t run;

    if (finder->all.best == LITERAL || finder->look_at <= pos + AHEAD)
        return 0;
    run = dfota_ways_run(&finder->all, best_of(finder)->shift, pos,
                         finder->look_at - pos - AHEAD);
    if (run < DFOTA_WAYS_RUN)
        return 0;
    dfota_ways_take_run(&finder->all, pos, run, false);
    return run;
}

/* Follows the alignments that the hints near `pos` say. */
static void take_hints(struct finder *finder, uint32_t pos)
{
    const struct dfota_path_task *task = finder->task;

    for (; finder->hint < task->hint_count; finder->hint++) {
        const struct dfota_copy *hint = &task->hints[finder->hint];

        if (hint->new_pos > pos + AHEAD)
            return;
        dfota_ways_follow(&finder->all, hint->new_pos - hint->old_pos,
                          pos + AHEAD);
    }
}

/* The quiet stretch that `pos` is in, or NULL. */
static const struct dfota_copy *quiet_at(struct finder *finder, uint32_t pos)
{
    const struct dfota_quiet *quiet = finder->task->quiet;
    const struct dfota_copy *stretch;
    size_t count;

    if (quiet == NULL || quiet->by_new.size == 0)
        return NULL;
    stretch = (const void *)quiet->by_new.data;
    count = quiet->by_new.size / sizeof(*stretch);
    while (finder->quiet < count &&
           stretch[finder->quiet].new_pos + stretch[finder->quiet].length <=
               pos)
        finder->quiet++;
    stretch += finder->quiet;
    return finder->quiet < count && pos >= stretch->new_pos ? stretch : NULL;
}

/*
 * Takes at once what is left of a quiet stretch, if `pos` is in one and the
 * best alignment is the one that it has.  Gives how many bytes that is.
 */
static uint32_t take_quiet(struct finder *finder, uint32_t pos)
{
    const struct dfota_copy *stretch = quiet_at(finder, pos);
    uint32_t shift;
    uint32_t run;

    if (stretch == NULL)
        return 0;
    shift = stretch->new_pos - stretch->old_pos;
    if (pos == stretch->new_pos || pos == finder->task->begin)
        dfota_ways_follow(&finder->all, shift, pos);
    if (finder->all.best == LITERAL || best_of(finder)->shift != shift)
        return 0;
    run = stretch->new_pos + stretch->length - pos;
    if (run > finder->all.end - pos)
        run = finder->all.end - pos;
    dfota_ways_take_run(&finder->all, pos, run, true);
    finder->look_at = finder->found_at = pos + run;
    return run;
}

/* Reads all of the piece. */
static void read_piece(struct finder *finder)
{
    uint32_t pos = finder->task->begin;

    while (pos < finder->all.end) {
        uint32_t run;

        dfota_ways_rank(&finder->all);
        take_hints(finder, pos);
        run = take_quiet(finder, pos);
        while (run == 0 && finder->look_at <= pos + AHEAD &&
               finder->look_at < finder->all.end)
            search(finder);
        if (run == 0)
            run = take_run(finder, pos);
        if (run == 0) {
            dfota_ways_take(&finder->all, pos);
            run = 1;
        }
        pos += run;
    }
}

/* The number of the last hint that begins at or before `pos`, or 0. */
static size_t first_hint(const struct dfota_path_task *task, uint32_t pos)
{
    size_t low = 0;
    size_t high = task->hint_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (task->hints[middle].new_pos <= pos)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? low - 1 : 0;
}

enum dfota_error dfota_path_find(const struct dfota_path_task *task,
                                 struct dfota_buffer *copies,
                                 struct dfota_fault *fault)
{
    struct finder finder = {
        .task = task,
        .all = {.old = task->old,
                .piece = task->piece,
                .begin = task->begin,
                .end = task->begin + (uint32_t)task->piece.size,
                .costs = task->costs},
        .look_at = task->begin,
        .found_at = task->begin,
        .empty_to = task->begin,
        .known_at = task->begin - DFOTA_INDEX_AHEAD,
        .hint = first_hint(task, task->begin),
    };
    enum dfota_error err;

    if (task->quiet != NULL)
        finder.quiet =
            dfota_quiet_behind(&task->quiet->by_new, false, task->begin);
    dfota_ways_begin(&finder.all);
    read_piece(&finder);
    err = dfota_ways_trace(&finder.all, copies, fault);
    dfota_ways_free(&finder.all);
    return err;
}
