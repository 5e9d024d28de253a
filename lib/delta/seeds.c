/* SPDX-License-Identifier: MIT */
#include "lib/delta/seeds.h"

#include <stdlib.h>

#include "lib/base/fault.h"
#include "lib/base/large.h"
#include "lib/base/parallel.h"
#include "lib/base/spill.h"
#include "lib/delta/hash.h"
#include "lib/delta/wanted.h"

#define BUCKET    DFOTA_SEED_BUCKET
#define DENSE     0                   /* the table of short seeds */
#define PART      ((size_t)1 << 20)   /* bytes of the text that are a task */
#define BATCH     8                   /* tasks between two enterings */
#define APART_MAX ((uint32_t)1 << 24) /* no table is larger than 4 KiB then */

/* Of the dense and the sparse table; a length is a multiple of 8. */
static const struct {
    uint32_t length;
    uint32_t step;
} kinds[DFOTA_SEEDS_TABLES] = {{DFOTA_WANTED_LENGTH, 4}, {24, 16}};

static uint32_t *bucket_of(const struct dfota_seed_table *table, uint64_t hash)
{
    return table->entries + (size_t)dfota_seed_bucket(table, hash) * BUCKET;
}

static unsigned bits_of(uint64_t value)
{
    unsigned bits = 0;

    while (value >> bits != 0)
        bits++;
    return bits;
}

/* Enters one seed, where its bucket is full for another one. */
static void enter(const struct dfota_seed_table *table, uint64_t hash,
                  uint32_t place)
{
    uint32_t *bucket = bucket_of(table, hash);
    unsigned used = 0;

    /* Nothing to guess: then a processor goes on while memory is slow. */
    for (unsigned i = 0; i < BUCKET; i++)
        used += bucket[i] != 0;
    bucket[used < BUCKET ? used : place % BUCKET] =
        dfota_seed_mark(table, hash) | (place + 1);
}

/* Enters the seeds of the text from `begin` to `end` into one table. */
static void fill_piece(struct dfota_view text,
                       const struct dfota_seed_table *table, size_t begin,
                       size_t end)
{
    uint32_t place = (uint32_t)((begin + table->step - 1) / table->step);
    uint64_t before = 0;

    for (size_t pos = (size_t)place * table->step; pos + table->length <= end;
         pos += table->step, place++) {
        uint64_t hash = dfota_hash_of(text.data + pos, table->length);

        dfota_spills_look_at(pos, table->step);
        if (hash != before)
            enter(table, hash, place);
        before = hash;
    }
}

/* Task: fills one table with what is not quiet. */
static void fill(void *context, size_t index)
{
    struct dfota_seeds *seeds = context;
    const struct dfota_seed_table *table = &seeds->tables[index];
    const struct dfota_copy *stretch = NULL;
    size_t count = 0;
    size_t done = 0;

    if (seeds->quiet != NULL) {
        stretch = (const void *)seeds->quiet->by_old.data;
        count = seeds->quiet->by_old.size / sizeof(*stretch);
    }
    for (size_t i = 0; i < count; i++) {
        size_t end = (size_t)stretch[i].old_pos + stretch[i].length;

        if (stretch[i].old_pos > done)
            fill_piece(seeds->text, table, done, stretch[i].old_pos);
        if (end > done)
            done = end;
    }
    fill_piece(seeds->text, table, done, seeds->text.size);
}

/* --- of what is quiet, what is wanted ------------------------------------- */

/* Some parts of the text, and which seeds of each are wanted: their places. */
struct sifting {
    const struct dfota_seeds *seeds;
    size_t first;
    struct dfota_buffer places[BATCH];
};

/* Notes the seeds from `begin` to `end` that are wanted; of equal ones in a row
 * the first. */
static void sift(const struct dfota_seeds *seeds, size_t begin, size_t end,
                 struct dfota_buffer *places)
{
    const struct dfota_seed_table *table = &seeds->tables[DENSE];
    uint32_t place = (uint32_t)((begin + table->step - 1) / table->step);
    size_t pos = (size_t)place * table->step;
    uint64_t hashes[DFOTA_WANTED_MOST];
    uint64_t before = 0;

    while (pos + table->length <= end) {
        unsigned count = 0;
        uint64_t wanted;

        for (; count < DFOTA_WANTED_MOST && pos + table->length <= end;
             pos += table->step) {
            hashes[count++] =
                dfota_hash_of(seeds->text.data + pos, table->length);
            dfota_spills_look_at(pos, table->step);
        }
        wanted = dfota_wanted_which(&seeds->quiet->wanted, hashes, count);
        for (unsigned i = 0; i < count; i++, place++) {
            if (hashes[i] != before && (wanted >> i & 1) != 0)
                dfota_buffer_add(places, &place, sizeof(place));
            before = hashes[i];
        }
    }
}

/* Task: goes through what is quiet in one part. */
static void sift_part(void *context, size_t index)
{
    struct sifting *sifting = context;
    const struct dfota_buffer *quiet = &sifting->seeds->quiet->by_old;
    const struct dfota_copy *stretch = (const void *)quiet->data;
    size_t done = (sifting->first + index) * PART;
    size_t stop = sifting->seeds->text.size;

    if (stop - done > PART)
        stop = done + PART;
    for (size_t i = dfota_quiet_behind(quiet, true, (uint32_t)done);
         i < quiet->size / sizeof(*stretch) && stretch[i].old_pos < stop; i++) {
        size_t end = (size_t)stretch[i].old_pos + stretch[i].length;

        if (end > stop)
            end = stop;
        if (stretch[i].old_pos > done)
            done = stretch[i].old_pos;
        if (end > done)
            sift(sifting->seeds, done, end, &sifting->places[index]);
        if (end > done)
            done = end;
    }
}

/* Enters what was found in one part. */
static void enter_places(const struct dfota_seeds *seeds,
                         const struct dfota_buffer *places)
{
    const struct dfota_seed_table *table = &seeds->tables[DENSE];
    const uint32_t *place = (const void *)places->data;

    for (size_t i = 0; i < places->size / sizeof(*place); i++)
        enter(table,
              dfota_hash_of(seeds->text.data + (size_t)place[i] * table->step,
                            table->length),
              place[i]);
}

/* Enters all that is wanted, in the order of the text. */
static enum dfota_error fill_wanted(const struct dfota_seeds *seeds,
                                    unsigned threads, struct dfota_fault *fault)
{
    struct sifting sifting = {.seeds = seeds};
    size_t count = (seeds->text.size + PART - 1) / PART;
    enum dfota_error err = DFOTA_OK;

    if (seeds->quiet == NULL || seeds->quiet->wanted.size == 0)
        return DFOTA_OK;
    for (; sifting.first < count && !err; sifting.first += BATCH) {
        size_t left = count - sifting.first;
        size_t batch = left < BATCH ? left : BATCH;

        dfota_parallel(threads, batch, sift_part, &sifting);
        for (size_t i = 0; i < batch; i++) {
            if (!err)
                err = dfota_buffer_check(&sifting.places[i], fault);
            if (!err)
                enter_places(seeds, &sifting.places[i]);
            dfota_buffer_free(&sifting.places[i]);
        }
    }
    return err;
}

/* --- all of it ------------------------------------------------------------ */

/* Bytes of the text that are not quiet, or more. */
static size_t loud_bytes(struct dfota_view text,
                         const struct dfota_quiet *quiet)
{
    const struct dfota_copy *stretch;
    size_t size = text.size;
    size_t done = 0;

    if (quiet == NULL)
        return size;
    stretch = (const void *)quiet->by_old.data;
    for (size_t i = 0; i < quiet->by_old.size / sizeof(*stretch); i++) {
        if (stretch[i].old_pos < done)
            continue;
        done = (size_t)stretch[i].old_pos + stretch[i].length;
        size -= stretch[i].length;
    }
    return size;
}

/* How many buckets so many seeds are entered into: a quarter more than they
 * would fill. */
static uint32_t buckets_for(size_t seeds)
{
    return (uint32_t)(seeds / BUCKET * 5 / 4 + 1);
}

/* Measures the tables with seeds `apart` times as far from each other as is of
 * use; gives how many bytes that takes. */
static uint64_t measure(struct dfota_seeds *seeds, size_t loud, size_t wanted,
                        uint32_t apart)
{
    uint64_t size = 0;

    for (unsigned i = 0; i < DFOTA_SEEDS_TABLES; i++) {
        struct dfota_seed_table *table = &seeds->tables[i];

        table->length = kinds[i].length;
        table->step = kinds[i].step * apart;
        table->place_bits = bits_of(seeds->text.size / table->step + 1);
        table->buckets =
            buckets_for((loud + (i == DENSE ? wanted : 0)) / table->step);
        size += (uint64_t)BUCKET * table->buckets * sizeof(*table->entries);
    }
    return size;
}

enum dfota_error dfota_seeds_make(const struct dfota_seeds_task *task,
                                  struct dfota_seeds *out,
                                  struct dfota_fault *fault)
{
    struct dfota_seeds made = {.text = task->text, .quiet = task->quiet};
    size_t loud = loud_bytes(task->text, task->quiet);
    size_t wanted =
        task->quiet == NULL
            ? 0
            : dfota_wanted_of(&task->quiet->wanted, task->text.size - loud);
    uint32_t apart = task->apart > 1 ? task->apart : 1;
    enum dfota_error err;

    while (measure(&made, loud, wanted, apart) > task->most &&
           task->most != 0 && apart < APART_MAX)
        apart *= 2;
    made.is_coarse = apart > 1 && apart > task->apart;
    for (unsigned i = 0; i < DFOTA_SEEDS_TABLES; i++) {
        struct dfota_seed_table *table = &made.tables[i];

        table->entries = dfota_large_zeroed((size_t)BUCKET * table->buckets,
                                            sizeof(*table->entries));
        if (table->entries == NULL) {
            dfota_seeds_free(&made);
            return dfota_fail_memory(fault);
        }
    }
    dfota_parallel(task->threads, DFOTA_SEEDS_TABLES, fill, &made);
    err = fill_wanted(&made, task->threads, fault);
    if (err)
        dfota_seeds_free(&made);
    else
        *out = made;
    return err;
}

void dfota_seeds_free(struct dfota_seeds *seeds)
{
    for (unsigned i = 0; i < DFOTA_SEEDS_TABLES; i++)
        free(seeds->tables[i].entries);
    *seeds = (struct dfota_seeds){0};
}
