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
#define RANGES    2  /* of buckets of a table, each of which is a task */
#define LOT       32 /* seeds that are entered at a time */
#define DENSE     0  /* the table of short seeds */
#define PART      ((size_t)1 << 20)   /* bytes of the text that are a task */
#define BATCH     8                   /* tasks between two enterings */
#define APART_MAX ((uint32_t)1 << 24) /* no table is larger than 4 KiB then */

/* Of the dense and the sparse table; a length is a multiple of 8. */
static const struct {
    uint32_t length;
    uint32_t step;
} kinds[DFOTA_SEEDS_TABLES] = {{DFOTA_WANTED_LENGTH, 4}, {24, 16}};

static unsigned bits_of(uint64_t value)
{
    unsigned bits = 0;

    while (value >> bits != 0)
        bits++;
    return bits;
}

/* --- filling -------------------------------------------------------------- */

/* A seed, and the number of its bucket. */
struct seed {
    uint32_t bucket;
    uint32_t entry;
};

/* Enters the seeds of some buckets of a table, a few at a time. */
struct filler {
    struct dfota_view text;
    const struct dfota_seed_table *table;
    uint32_t first; /* of these buckets */
    uint32_t buckets;
    uint64_t before; /* the hash of the last seed */
    unsigned count;
    struct seed seeds[LOT + 1];
};

/* Enters what was collected.  There is nothing to guess, and little to do
 * between two of them: so a processor goes on while memory is slow. */
static void enter(struct filler *filler)
{
    uint32_t places =
        (uint32_t)((UINT64_C(1) << filler->table->place_bits) - 1);

    for (unsigned i = 0; i < filler->count; i++) {
        uint32_t entry = filler->seeds[i].entry;
        uint32_t *bucket =
            filler->table->entries + (size_t)filler->seeds[i].bucket * BUCKET;
        unsigned used = 0;

        for (unsigned k = 0; k < BUCKET; k++)
            used += bucket[k] != 0;
        /* one of a full bucket gives way */
        bucket[used < BUCKET ? used : ((entry & places) - 1) % BUCKET] = entry;
    }
    filler->count = 0;
}

/* Collects a seed; of equal ones in a row the first. */
static void add_seed(struct filler *filler, uint32_t place)
{
    const struct dfota_seed_table *table = filler->table;
    uint64_t hash = dfota_hash_of(
        filler->text.data + (size_t)place * table->step, table->length);
    uint32_t bucket = dfota_seed_bucket(table, hash);

    filler->seeds[filler->count] =
        (struct seed){bucket, dfota_seed_mark(table, hash) | (place + 1)};
    filler->count +=
        (hash != filler->before) & (bucket - filler->first < filler->buckets);
    filler->before = hash;
    if (filler->count == LOT)
        enter(filler);
}

/* Enters the seeds of the text from `begin` to `end`. */
static void fill_piece(struct filler *filler, size_t begin, size_t end)
{
    const struct dfota_seed_table *table = filler->table;
    uint32_t place = (uint32_t)((begin + table->step - 1) / table->step);

    filler->before = 0;
    for (size_t pos = (size_t)place * table->step; pos + table->length <= end;
         pos += table->step, place++) {
        dfota_spills_look_at(pos, table->step);
        add_seed(filler, place);
    }
}

/* Enters seeds of all that is not quiet. */
static void fill_loud(struct filler *filler, const struct dfota_quiet *quiet)
{
    const struct dfota_copy *stretch = NULL;
    size_t count = 0;
    size_t done = 0;

    if (quiet != NULL) {
        stretch = (const void *)quiet->by_old.data;
        count = quiet->by_old.size / sizeof(*stretch);
    }
    for (size_t i = 0; i < count; i++) {
        size_t end = (size_t)stretch[i].old_pos + stretch[i].length;

        if (stretch[i].old_pos > done)
            fill_piece(filler, done, stretch[i].old_pos);
        if (end > done)
            done = end;
    }
    fill_piece(filler, done, filler->text.size);
    enter(filler);
}

/* Task: fills some buckets of one table.  All tasks read all of the text, which
 * is quick; it is the tables where they would wait. */
static void fill(void *context, size_t index)
{
    const struct dfota_seeds *seeds = context;
    const struct dfota_seed_table *table = &seeds->tables[index / RANGES];
    uint64_t range = index % RANGES;
    struct filler filler = {.text = seeds->text, .table = table};

    filler.first = (uint32_t)(range * table->buckets / RANGES);
    filler.buckets =
        (uint32_t)((range + 1) * table->buckets / RANGES) - filler.first;
    fill_loud(&filler, seeds->quiet);
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
    uint64_t hashes[DFOTA_HASH_SET_MOST];
    uint64_t before = 0;

    while (pos + table->length <= end) {
        unsigned count = 0;
        uint64_t wanted;

        for (; count < DFOTA_HASH_SET_MOST && pos + table->length <= end;
             pos += table->step) {
            hashes[count++] =
                dfota_hash_of(seeds->text.data + pos, table->length);
            dfota_spills_look_at(pos, table->step);
        }
        wanted = dfota_hash_set_which(&seeds->quiet->wanted, hashes, count);
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
static void enter_places(struct filler *filler,
                         const struct dfota_buffer *places)
{
    const uint32_t *place = (const void *)places->data;

    filler->before = 0;
    for (size_t i = 0; i < places->size / sizeof(*place); i++)
        add_seed(filler, place[i]);
    enter(filler);
}

/* Enters all that is wanted, in the order of the text. */
static enum dfota_error fill_wanted(const struct dfota_seeds *seeds,
                                    unsigned threads, struct dfota_fault *fault)
{
    struct sifting sifting = {.seeds = seeds};
    struct filler filler = {.text = seeds->text,
                            .table = &seeds->tables[DENSE],
                            .buckets = seeds->tables[DENSE].buckets};
    size_t count = (seeds->text.size + PART - 1) / PART;
    enum dfota_error err = DFOTA_OK;

    if (seeds->quiet == NULL || seeds->quiet->wanted.count == 0)
        return DFOTA_OK;
    for (; sifting.first < count && !err; sifting.first += BATCH) {
        size_t left = count - sifting.first;
        size_t batch = left < BATCH ? left : BATCH;

        dfota_parallel(threads, batch, sift_part, &sifting);
        for (size_t i = 0; i < batch; i++) {
            if (!err)
                err = dfota_buffer_check(&sifting.places[i], fault);
            if (!err)
                enter_places(&filler, &sifting.places[i]);
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
    size_t wanted = task->quiet == NULL
                        ? 0
                        : dfota_hash_set_chance(&task->quiet->wanted,
                                                task->text.size - loud);
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
    dfota_parallel(task->threads, (size_t)DFOTA_SEEDS_TABLES * RANGES, fill,
                   &made);
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
