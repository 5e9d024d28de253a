/* SPDX-License-Identifier: MIT */
#include "lib/delta/align.h"

#include <stdbool.h>
#include <stdlib.h>

#include "lib/base/fault.h"
#include "lib/base/parallel.h"
#include "lib/base/spill.h"
#include "lib/delta/path.h"

/* New is cut into parts of so many bytes, whatever the number of threads.  The
 * way through one begins so far before it, and goes on so far behind, that its
 * neighbours come to the same there. */
#define PART   ((uint32_t)1 << 20)
#define BEFORE ((uint32_t)1 << 13)
#define BEHIND ((uint32_t)1 << 11)

/* Parts between two reports.  The more there are the less do threads wait for
 * each other; but what they copy is only thinned then where memory is bound. */
#define BATCH         64
#define BATCH_BOUNDED 8

#define APART         4 /* of seeds, once hints tell most: 1/4 of the memory */
#define REFINES       2 /* of an index that a bound makes coarse */

/* A part of new, and what is copied in it. */
struct part {
    struct dfota_buffer copies;
    enum dfota_error error;
};

struct aligner {
    const struct dfota_align_task *task;
    const struct dfota_quiet *quiet; /* of the task, or more of it */
    struct dfota_index index;
    struct dfota_view hints; /* of struct dfota_copy */
    size_t first;            /* part of the batch */
    struct part parts[BATCH];
};

/* Lets a copy begin earlier, behind `end` of new, where that is cheaper than
 * literals: a match shows an alignment only from where it is exact. */
static void extend_back(const struct dfota_path_task *task,
                        struct dfota_copy *copy, uint32_t end)
{
    const struct dfota_align_costs *costs = task->costs;
    const uint8_t *old = task->old.data + copy->old_pos;
    const uint8_t *new = task->piece.data + (copy->new_pos - task->begin);
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

/* Lets all copies of a piece begin earlier where that is cheaper. */
static void extend_all(const struct dfota_path_task *task,
                       struct dfota_buffer *copies)
{
    struct dfota_copy *copy = (void *)copies->data;
    uint32_t end = task->begin;

    for (size_t i = 0; i < copies->size / sizeof(*copy); i++) {
        extend_back(task, &copy[i], end);
        end = copy[i].new_pos + copy[i].length;
    }
}

/* Aligns a piece of new. */
static enum dfota_error align_piece(const struct aligner *aligner,
                                    uint32_t begin, struct dfota_view piece,
                                    struct dfota_buffer *copies)
{
    const struct dfota_align_task *task = aligner->task;
    const struct dfota_path_task way = {
        .old = task->old,
        .piece = piece,
        .begin = begin,
        .index = &aligner->index,
        .costs = task->costs,
        .quiet = aligner->quiet,
        .hints = (const void *)aligner->hints.data,
        .hint_count = aligner->hints.size / sizeof(struct dfota_copy),
    };
    enum dfota_error err = dfota_path_find(&way, copies, NULL);

    if (!err)
        extend_all(&way, copies);
    return err;
}

/* Task: aligns one part of the batch. */
static void align_part(void *context, size_t index)
{
    struct aligner *aligner = context;
    const struct dfota_align_task *task = aligner->task;
    struct part *part = &aligner->parts[index];
    uint32_t size = (uint32_t)task->new.size;
    uint32_t begin = (uint32_t)(aligner->first + index) * PART;
    uint32_t end = size - begin < PART + BEHIND ? size : begin + PART + BEHIND;
    struct dfota_view piece;
    uint8_t *bytes = NULL;

    dfota_spills_look();
    begin -= begin > 0 ? BEFORE : 0;
    piece = (struct dfota_view){task->new.data + begin, end - begin};
    if (task->look != NULL) {
        bytes = malloc(piece.size);
        if (bytes == NULL) {
            part->error = DFOTA_ERR_MEMORY;
            return;
        }
        task->look(task->context, begin, end, bytes);
        piece.data = bytes;
    }
    part->error = align_piece(aligner, begin, piece, &part->copies);
    free(bytes);
}

/* Cuts off what of a copy is not from `begin` to `end` of new. */
static struct dfota_copy clip(struct dfota_copy copy, uint32_t begin,
                              uint32_t end)
{
    uint32_t copy_end = copy.new_pos + copy.length;

    if (copy_end <= begin || copy.new_pos >= end)
        return (struct dfota_copy){0};
    if (copy.new_pos < begin) {
        copy.old_pos += begin - copy.new_pos;
        copy.new_pos = begin;
    }
    copy.length = (copy_end < end ? copy_end : end) - copy.new_pos;
    return copy;
}

/* Appends a copy, or lengthens the last one where it goes on there. */
static void append(struct dfota_buffer *copies, struct dfota_copy copy)
{
    struct dfota_copy *last = NULL;

    if (copies->size > 0)
        last = (struct dfota_copy *)(void *)(copies->data + copies->size) - 1;
    if (last != NULL && last->new_pos + last->length == copy.new_pos &&
        last->old_pos + last->length == copy.old_pos)
        last->length += copy.length;
    else if (copy.length > 0)
        dfota_buffer_add(copies, &copy, sizeof(copy));
}

/* Appends what of part `index` is copied. */
static void join(const struct part *part, size_t index,
                 struct dfota_buffer *copies)
{
    const struct dfota_copy *copy = (const void *)part->copies.data;
    uint64_t begin = (uint64_t)index * PART;
    uint64_t end = begin + PART;

    for (size_t i = 0; i < part->copies.size / sizeof(*copy); i++)
        append(copies, clip(copy[i], (uint32_t)begin,
                            end < UINT32_MAX ? (uint32_t)end : UINT32_MAX));
}

static void report(const struct dfota_align_task *task, size_t parts)
{
    uint64_t done = (uint64_t)parts * PART;

    if (task->progress->report != NULL)
        task->progress->report(task->progress->context, "matching",
                               done < task->new.size ? done : task->new.size,
                               task->new.size);
}

/* Aligns the next `count` parts, and appends what is copied in them. */
static enum dfota_error align_batch(struct aligner *aligner, size_t count,
                                    struct dfota_buffer *copies)
{
    enum dfota_error err = DFOTA_OK;

    dfota_parallel(aligner->task->threads, count, align_part, aligner);
    for (size_t i = 0; i < count; i++) {
        struct part *part = &aligner->parts[i];

        if (!err)
            err = part->error;
        if (!err)
            join(part, aligner->first + i, copies);
        dfota_buffer_free(&part->copies);
    }
    dfota_bound_thin(aligner->task->bound, copies);
    aligner->first += count;
    return err ? err : dfota_buffer_check(copies, NULL);
}

/* Aligns all parts by the index; `hints` as in the task. */
static enum dfota_error align_all(struct aligner *aligner,
                                  struct dfota_view hints,
                                  struct dfota_buffer *copies)
{
    size_t count = (aligner->task->new.size + PART - 1) / PART;
    size_t batch = aligner->task->bound != NULL ? BATCH_BOUNDED : BATCH;
    enum dfota_error err = DFOTA_OK;

    aligner->hints = hints;
    aligner->first = 0;
    while (aligner->first < count && !err) {
        size_t left = count - aligner->first;

        err = align_batch(aligner, left < batch ? left : batch, copies);
        report(aligner->task, aligner->first);
    }
    dfota_index_free(&aligner->index);
    aligner->index = (struct dfota_index){0};
    return err;
}

/* Indexes old, of a large one what is not quiet. */
static enum dfota_error make_index(struct aligner *aligner,
                                   struct dfota_fault *fault)
{
    const struct dfota_align_task *task = aligner->task;
    const struct dfota_seeds_task seeds = {
        .text = task->old,
        .quiet = aligner->quiet,
        .threads = task->threads,
        .apart = task->hints.size > 0 ? APART : 1,
        .most = task->bound != NULL ? task->bound->index : 0,
    };

    return dfota_index_make(&seeds, &aligner->index, fault);
}

/*
 * Where a bound makes the index coarse, that still finds long pieces which
 * moved; what is the same in them is quiet as well, and without it the index is
 * finer.  The copies so found, in `first`, become hints.
 */
static enum dfota_error refine(struct aligner *aligner,
                               struct dfota_quiet *quiet,
                               struct dfota_buffer *first,
                               struct dfota_fault *fault)
{
    const struct dfota_align_task *task = aligner->task;
    struct dfota_buffer hints = {0};
    struct dfota_quiet more = {.by_new = {0}};
    enum dfota_error err = align_all(aligner, dfota_buffer_view(first), &hints);

    if (!err)
        err = dfota_quiet_find(task->old, task->new, dfota_buffer_view(&hints),
                               &more, fault);
    if (err) {
        dfota_buffer_free(&hints);
        return err;
    }
    dfota_buffer_free(first);
    dfota_quiet_free(quiet);
    *first = hints;
    *quiet = more;
    aligner->quiet = quiet;
    return make_index(aligner, fault);
}

/* Aligns by all that is not known to be copied of old, once most is. */
static enum dfota_error align_left(struct aligner *aligner,
                                   struct dfota_view first,
                                   struct dfota_buffer *copies,
                                   struct dfota_fault *fault)
{
    struct dfota_bound *bound = aligner->task->bound;
    enum dfota_error err = dfota_index_left(aligner->task->old, first,
                                            bound != NULL ? bound->index : 0,
                                            &aligner->index, fault);

    if (err)
        return err;
    if (bound != NULL)
        bound->is_coarse |= aligner->index.is_coarse;
    return align_all(aligner, first, copies);
}

enum dfota_error dfota_align_images(const struct dfota_align_task *task,
                                    struct dfota_buffer *copies,
                                    struct dfota_fault *fault)
{
    struct aligner aligner = {.task = task, .quiet = task->quiet};
    struct dfota_quiet quiet = {.by_new = {0}};
    struct dfota_buffer hints = {0};
    struct dfota_buffer first = {0};
    bool twice = !dfota_index_is_small(task->old.size) && task->hints.size == 0;
    enum dfota_error err = make_index(&aligner, fault);

    for (unsigned i = 0;
         i < REFINES && twice && !err && aligner.index.is_coarse; i++)
        err = refine(&aligner, &quiet, &hints, fault);
    if (task->bound != NULL)
        task->bound->is_coarse |= aligner.index.is_coarse;
    if (!err)
        err =
            align_all(&aligner, twice ? dfota_buffer_view(&hints) : task->hints,
                      twice ? &first : copies);
    if (!err && twice)
        err = align_left(&aligner, dfota_buffer_view(&first), copies, fault);
    dfota_index_free(&aligner.index);
    dfota_quiet_free(&quiet);
    dfota_buffer_free(&hints);
    dfota_buffer_free(&first);
    return err ? dfota_fail(fault, err, DFOTA_NO_OFFSET, NULL) : DFOTA_OK;
}
