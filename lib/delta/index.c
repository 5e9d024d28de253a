/* SPDX-License-Identifier: MIT */
#include "lib/delta/index.h"

#include <stdlib.h>

#include "lib/base/fault.h"
#include "lib/delta/records.h"

#define SORTED    ((size_t)4 << 20) /* bytes; of larger images seeds are taken */
#define LEFT      ((size_t)16 << 20) /* bytes that are sorted at most */
#define LEFT_COST 6                  /* bytes for each of them */
#define LEFT_MIN  16u                /* bytes in a row; fewer are no use */
#define MARGIN    8u    /* bytes around them that are indexed too */
#define BLOCK     4096u /* bytes whose order is judged together */

/* A piece of the text. */
struct piece {
    uint32_t at;  /* where it begins in what is left ... */
    uint32_t pos; /* ... and in the text */
};

bool dfota_index_is_small(size_t size)
{
    return size <= SORTED;
}

/* Makes a suffix array, and the set that spares many a search in it. */
static enum dfota_error sort(struct dfota_view text, struct dfota_index *index,
                             struct dfota_fault *fault)
{
    enum dfota_error err = dfota_suffixes_make(text, &index->suffixes, fault);

    return err ? err : dfota_fives_make(text, &index->fives, fault);
}

enum dfota_error dfota_index_make(const struct dfota_seeds_task *task,
                                  struct dfota_index *out,
                                  struct dfota_fault *fault)
{
    struct dfota_index made = {.most = 0};
    enum dfota_error err;

    if (dfota_index_is_small(task->text.size))
        err = sort(task->text, &made, fault);
    else
        err = dfota_seeds_make(task, &made.seeds, fault);
    made.is_coarse = made.seeds.is_coarse;
    if (err)
        dfota_index_free(&made);
    else
        *out = made;
    return err;
}

void dfota_index_free(struct dfota_index *index)
{
    dfota_suffixes_free(&index->suffixes);
    dfota_hash_set_free(&index->fives);
    dfota_seeds_free(&index->seeds);
    dfota_buffer_free(&index->left);
    dfota_buffer_free(&index->pieces);
}

/* --- what is left --------------------------------------------------------- */

static int by_old(const void *a, const void *b)
{
    const struct dfota_copy *x = a;
    const struct dfota_copy *y = b;

    if (x->old_pos != y->old_pos)
        return x->old_pos < y->old_pos ? -1 : 1;
    return x->length < y->length ? -1 : x->length > y->length;
}

static void add_piece(struct dfota_view text, uint32_t begin, uint32_t end,
                      struct dfota_index *index)
{
    struct piece piece = {(uint32_t)index->left.size, begin};

    if (index->most != 0 && end - begin > index->most - index->left.size) {
        index->is_coarse = true;
        return;
    }
    if (index->left.size + (end - begin) > LEFT) {
        index->left.error = DFOTA_ERR_LIMIT;
        return;
    }
    dfota_buffer_add(&index->pieces, &piece, sizeof(piece));
    dfota_buffer_add(&index->left, text.data + begin, end - begin);
}

/* Adds what lies between two copies, but for blocks without order. */
static void add_left(struct dfota_view text, uint32_t begin, uint32_t end,
                     struct dfota_index *index)
{
    uint32_t from;

    begin -= begin < MARGIN ? begin : MARGIN;
    end += text.size - end < MARGIN ? (uint32_t)text.size - end : MARGIN;
    from = begin;
    for (uint32_t at = begin, size; at < end; at += size) {
        size = end - at < BLOCK ? end - at : BLOCK;
        if (!dfota_records_are_plain(text.data + at, size))
            continue;
        if (at > from)
            add_piece(text, from, at, index);
        from = at + size;
    }
    if (end > from)
        add_piece(text, from, end, index);
}

/* Adds all that the copies, sorted by where in the text they are from, leave.
 */
static void collect(struct dfota_view text, const struct dfota_copy *copies,
                    size_t count, struct dfota_index *index)
{
    uint32_t done = 0;

    for (size_t i = 0; i < count; i++) {
        uint32_t pos = copies[i].old_pos;

        if (pos > done && pos - done >= LEFT_MIN)
            add_left(text, done, pos, index);
        if (pos + copies[i].length > done)
            done = pos + copies[i].length;
    }
    if (text.size - done >= LEFT_MIN)
        add_left(text, done, (uint32_t)text.size, index);
}

enum dfota_error dfota_index_left(struct dfota_view text,
                                  struct dfota_view copies, uint64_t most,
                                  struct dfota_index *out,
                                  struct dfota_fault *fault)
{
    struct dfota_index made = {.most = (size_t)(most / LEFT_COST)};
    struct dfota_buffer sorted = {0};
    enum dfota_error err;

    dfota_buffer_add(&sorted, copies.data, copies.size);
    err = dfota_buffer_check(&sorted, fault);
    if (!err) {
        size_t count = copies.size / sizeof(struct dfota_copy);

        if (count > 0)
            qsort(sorted.data, count, sizeof(struct dfota_copy), by_old);
        collect(text, (const void *)sorted.data, count, &made);
        err = dfota_buffer_check(&made.pieces, fault);
    }
    dfota_buffer_free(&sorted);
    if (made.left.error == DFOTA_ERR_LIMIT) {
        dfota_buffer_free(&made.left);
        made.left.error = DFOTA_OK;
    }
    if (!err)
        err = dfota_buffer_check(&made.left, fault);
    if (!err)
        err = sort(dfota_buffer_view(&made.left), &made, fault);
    if (err)
        dfota_index_free(&made);
    else
        *out = made;
    return err;
}

/* --- searching ------------------------------------------------------------ */

/* Turns a place in what is left into one of the text. */
static struct dfota_match translate(const struct dfota_index *index,
                                    struct dfota_match match)
{
    const struct piece *pieces = (const void *)index->pieces.data;
    size_t low = 0;
    size_t high = index->pieces.size / sizeof(*pieces);
    size_t end;

    while (low + 1 < high) {
        size_t middle = low + (high - low) / 2;

        if (pieces[middle].at <= match.position)
            low = middle;
        else
            high = middle;
    }
    end = low + 1 < index->pieces.size / sizeof(*pieces) ? pieces[low + 1].at
                                                         : index->left.size;
    if (match.length > end - match.position)
        match.length = (uint32_t)(end - match.position);
    match.position += pieces[low].pos - pieces[low].at;
    return match;
}

struct dfota_match dfota_index_search(const struct dfota_index *index,
                                      struct dfota_view sought)
{
    struct dfota_match match;

    if (index->seeds.text.size > 0)
        return dfota_seeds_search(&index->seeds, sought);
    match = dfota_suffixes_search(&index->suffixes, sought);
    if (match.length > 0 && index->pieces.size > 0)
        match = translate(index, match);
    return match;
}

uint64_t dfota_index_which(const struct dfota_index *index,
                           struct dfota_view sought, unsigned count)
{
    return index->seeds.text.size > 0
               ? dfota_seeds_which(&index->seeds, sought, count)
               : dfota_fives_which(&index->fives, sought, count);
}
