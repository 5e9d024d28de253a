/* SPDX-License-Identifier: MIT */
#include "lib/delta/blocks.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "lib/apply/copy.h"
#include "lib/base/fault.h"
#include "lib/base/parallel.h"
#include "lib/base/spill.h"
#include "lib/delta/hash.h"

#define BLOCK  1024u               /* bytes of old of which the first ... */
#define HASHED 32u                 /* ... so many are looked up */
#define STRIDE 256u                /* bytes compared at once */
#define PART   ((uint32_t)1 << 20) /* bytes of new that are a task */

struct finder {
    struct dfota_view old;
    struct dfota_view new;
    uint32_t *table;     /* by hash: the number of a block and 1, and above that
                            more of the hash; 0 for none */
    unsigned bits;       /* of a hash that say where */
    unsigned place_bits; /* of such a number */
    struct dfota_buffer *parts; /* the copies of each */
};

/* A part of new, as far as it is read. */
struct reader {
    const struct finder *finder;
    uint32_t begin;
    uint32_t end;
    uint32_t done;  /* what is before it will not be copied any more */
    uint32_t shift; /* of the last run: new position less old */
    struct dfota_buffer *copies;
};

/* Bytes that are all the same are everywhere, and say nothing. */
static bool is_flat(const uint8_t *bytes)
{
    return memcmp(bytes, bytes + 1, HASHED - 1) == 0;
}

static uint32_t *entry_of(const struct finder *finder, uint64_t hash)
{
    return finder->table + (hash >> (64 - finder->bits));
}

/* What an entry has of a hash: without, old would be looked at in vain. */
static uint32_t mark_of(const struct finder *finder, uint64_t hash)
{
    return (uint32_t)(hash >> 8) << finder->place_bits;
}

/* Enters every block of old; of several with one hash the first. */
static void fill_table(const struct finder *finder)
{
    for (size_t i = 0; i < finder->old.size / BLOCK; i++) {
        const uint8_t *bytes = finder->old.data + i * BLOCK;
        uint64_t hash = dfota_hash_of(bytes, HASHED);
        uint32_t *entry = entry_of(finder, hash);

        dfota_spills_look_at(i * BLOCK, BLOCK);
        if (*entry == 0 && !is_flat(bytes))
            *entry = mark_of(finder, hash) | ((uint32_t)i + 1);
    }
}

static enum dfota_error make_table(struct finder *finder,
                                   struct dfota_fault *fault)
{
    size_t count = finder->old.size / BLOCK;

    finder->place_bits = 1;
    while (count >> finder->place_bits > 0)
        finder->place_bits++;
    finder->bits = finder->place_bits + 1;
    finder->table = calloc((size_t)1 << finder->bits, sizeof(*finder->table));
    if (finder->table == NULL)
        return dfota_fail_memory(fault);
    fill_table(finder);
    return DFOTA_OK;
}

/* How many bytes both go on alike, at most `most`. */
static uint32_t agreement(const uint8_t *a, const uint8_t *b, uint32_t most)
{
    uint32_t same = 0;

    while (most - same >= STRIDE && memcmp(a + same, b + same, STRIDE) == 0)
        same += STRIDE;
    while (same < most && a[same] == b[same])
        same++;
    return same;
}

/* How many bytes from `pos` of the part on are the same along a shift. */
static uint32_t run_of(const struct reader *reader, uint32_t shift,
                       uint32_t pos)
{
    struct dfota_view old = reader->finder->old;
    uint32_t old_pos = pos - shift;
    uint32_t most = reader->end - pos;

    if (old_pos >= old.size)
        return 0;
    if (most > old.size - old_pos)
        most = (uint32_t)old.size - old_pos;
    return agreement(reader->finder->new.data + pos, old.data + old_pos, most);
}

/* Whether the last shift is right at `pos`. */
static bool goes_on(const struct reader *reader, uint32_t pos)
{
    const struct finder *finder = reader->finder;
    uint32_t old_pos = pos - reader->shift;

    return old_pos < finder->old.size && finder->old.size - old_pos >= HASHED &&
           memcmp(finder->old.data + old_pos, finder->new.data + pos, HASHED) ==
               0;
}

/* Whether a run is found at `pos`, and along which shift: the last one, where
 * that will do. */
static bool find_shift(struct reader *reader, uint32_t pos)
{
    const struct finder *finder = reader->finder;
    const uint8_t *bytes = finder->new.data + pos;
    uint64_t hash = dfota_hash_of(bytes, HASHED);
    uint32_t entry = *entry_of(finder, hash);
    uint32_t old_pos;

    if (entry == 0 || entry >> finder->place_bits !=
                          mark_of(finder, hash) >> finder->place_bits)
        return false;
    entry &= ((uint32_t)1 << finder->place_bits) - 1;
    old_pos = (entry - 1) * BLOCK;
    if (memcmp(finder->old.data + old_pos, bytes, HASHED) != 0)
        return false;
    if (!goes_on(reader, pos))
        reader->shift = pos - old_pos;
    return true;
}

/* Copies all that is the same around `pos`, and gives where that ends. */
static uint32_t take_run(struct reader *reader, uint32_t pos)
{
    const struct finder *finder = reader->finder;
    struct dfota_copy run = {pos, pos - reader->shift,
                             run_of(reader, reader->shift, pos)};
    uint32_t end = pos + run.length;

    while (run.new_pos > reader->done && run.old_pos > 0 &&
           finder->new.data[run.new_pos - 1] ==
               finder->old.data[run.old_pos - 1]) {
        run.new_pos--;
        run.old_pos--;
        run.length++;
    }
    if (run.length >= BLOCK || run.new_pos == reader->begin ||
        end == reader->end)
        dfota_buffer_add(reader->copies, &run, sizeof(run));
    reader->done = end;
    return end;
}

/* Task: finds the runs of one part. */
static void read_part(void *context, size_t index)
{
    const struct finder *finder = context;
    uint32_t begin = (uint32_t)index * PART;
    uint32_t left = (uint32_t)finder->new.size - begin;
    uint32_t pos = begin;
    struct reader reader = {.finder = finder,
                            .begin = begin,
                            .end = begin + (left < PART ? left : PART),
                            .done = begin,
                            .copies = &finder->parts[index]};

    dfota_spills_look();
    while (reader.end - pos >= HASHED)
        pos = find_shift(&reader, pos) ? take_run(&reader, pos) : pos + 1;
}

/* Lets the last run go on up to `end` of new, as far as both are the same. */
static void extend_last(const struct finder *finder, uint32_t end,
                        struct dfota_buffer *copies)
{
    struct dfota_copy *last =
        (struct dfota_copy *)(void *)(copies->data + copies->size) - 1;
    uint32_t new_pos = last->new_pos + last->length;
    uint32_t old_pos = last->old_pos + last->length;
    uint32_t most = end - new_pos;

    if (most > finder->old.size - old_pos)
        most = (uint32_t)finder->old.size - old_pos;
    last->length +=
        agreement(finder->new.data + new_pos, finder->old.data + old_pos, most);
}

/* Appends the runs of part `index`, the first of which may be the rest of the
 * last one. */
static void join(const struct finder *finder, size_t index,
                 struct dfota_buffer *copies)
{
    const struct dfota_copy *copy = (const void *)finder->parts[index].data;
    size_t count = finder->parts[index].size / sizeof(*copy);
    size_t end = (index + 1) * PART;
    const struct dfota_copy *last;

    if (count > 0)
        end = copy->new_pos;
    else if (end > finder->new.size)
        end = finder->new.size;
    if (copies->size > 0) {
        extend_last(finder, (uint32_t)end, copies);
        last = (struct dfota_copy *)(void *)(copies->data + copies->size) - 1;
        if (count > 0 && last->new_pos + last->length == copy->new_pos &&
            last->old_pos + last->length == copy->old_pos) {
            extend_last(finder, copy->new_pos + copy->length, copies);
            copy++;
            count--;
        }
    }
    dfota_buffer_add(copies, copy, count * sizeof(*copy));
}

enum dfota_error dfota_blocks_find(struct dfota_view old, struct dfota_view new,
                                   unsigned threads,
                                   struct dfota_buffer *copies,
                                   struct dfota_fault *fault)
{
    size_t count = (new.size + PART - 1) / PART;
    struct finder finder = {.old = old, .new = new};
    enum dfota_error err = make_table(&finder, fault);

    if (!err) {
        finder.parts = calloc(count + 1, sizeof(*finder.parts));
        err = finder.parts != NULL ? DFOTA_OK : dfota_fail_memory(fault);
    }
    if (!err)
        dfota_parallel(threads, count, read_part, &finder);
    for (size_t i = 0; i < count && finder.parts != NULL; i++) {
        if (!err)
            err = dfota_buffer_check(&finder.parts[i], fault);
        if (!err)
            join(&finder, i, copies);
        dfota_buffer_free(&finder.parts[i]);
    }
    free(finder.parts);
    free(finder.table);
    return err ? err : dfota_buffer_check(copies, fault);
}
