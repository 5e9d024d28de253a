/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "lib/delta/hash.h"
#include "lib/delta/seeds.h"

#define BUCKET DFOTA_SEED_BUCKET
#define AHEAD  DFOTA_SEEDS_AHEAD
#define EIGHT  8 /* bytes that compilers compare at once */

static const uint32_t *bucket_of(const struct dfota_seed_table *table,
                                 uint64_t hash)
{
    return table->entries + (size_t)dfota_seed_bucket(table, hash) * BUCKET;
}

/* The bits of an entry that say which seed it is. */
static uint32_t places_of(const struct dfota_seed_table *table)
{
    return (uint32_t)((UINT64_C(1) << table->place_bits) - 1);
}

/* Whether an entry may be of a seed with this mark. */
static bool agrees(uint32_t entry, uint32_t places, uint32_t mark)
{
    return (entry != 0) & ((entry & ~places) == mark);
}

/* How many bytes both begin with alike. */
static uint32_t agreement(struct dfota_view text, size_t pos,
                          struct dfota_view sought)
{
    size_t most = text.size - pos;
    size_t same = 0;

    if (most > sought.size)
        most = sought.size;
    while (same + EIGHT <= most &&
           memcmp(text.data + pos + same, sought.data + same, EIGHT) == 0)
        same += EIGHT;
    while (same < most && text.data[pos + same] == sought.data[same])
        same++;
    return (uint32_t)same;
}

/* Looks for a longer match among the seeds of one table. */
static void look_up(const struct dfota_seeds *seeds,
                    const struct dfota_seed_table *table,
                    struct dfota_view sought, struct dfota_match *best)
{
    uint32_t places = places_of(table);
    const uint32_t *bucket;
    uint64_t hash;
    uint32_t mark;

    if (sought.size < table->length)
        return;
    hash = dfota_hash_of(sought.data, table->length);
    mark = dfota_seed_mark(table, hash);
    bucket = bucket_of(table, hash);
    for (unsigned i = 0; i < BUCKET; i++) {
        uint32_t pos = ((bucket[i] & places) - 1) * table->step;
        uint32_t length;

        if (!agrees(bucket[i], places, mark))
            continue;
        length = agreement(seeds->text, pos, sought);
        if (length >= table->length && length > best->length)
            *best = (struct dfota_match){pos, length};
    }
}

struct dfota_match dfota_seeds_search(const struct dfota_seeds *seeds,
                                      struct dfota_view sought)
{
    struct dfota_match best = {0, 0};

    for (unsigned i = DFOTA_SEEDS_TABLES; i-- > 0;)
        look_up(seeds, &seeds->tables[i], sought, &best);
    return best;
}

/* --- many at once --------------------------------------------------------- */

/* Some pieces in a row, and what one table has for each. */
struct lookups {
    unsigned count;
    uint32_t marks[AHEAD];
    uint32_t entries[AHEAD][BUCKET];
};

/* An entry whose mark agrees with that of a piece. */
struct candidate {
    uint32_t entry;
    unsigned piece;
};

/* Reads the buckets of the first pieces.  Nothing depends on what is read, so
 * that a processor waits for all of them at once. */
static void read_buckets(const struct dfota_seed_table *table,
                         struct dfota_view sought, unsigned count,
                         struct lookups *out)
{
    uint64_t hashes[AHEAD];

    if (sought.size < table->length)
        count = 0;
    else if (sought.size - table->length + 1 < count)
        count = (unsigned)(sought.size - table->length + 1);
    out->count = count;
    for (unsigned i = 0; i < count; i++)
        hashes[i] = dfota_hash_of(sought.data + i, table->length);
    for (unsigned i = 0; i < count; i++) {
        memcpy(out->entries[i], bucket_of(table, hashes[i]),
               sizeof(out->entries[i]));
        out->marks[i] = dfota_seed_mark(table, hashes[i]);
    }
}

/* Notes all entries that agree; gives how many. */
static unsigned collect(const struct lookups *lookups, uint32_t places,
                        struct candidate *out)
{
    unsigned found = 0;

    for (unsigned i = 0; i < lookups->count; i++)
        for (unsigned k = 0; k < BUCKET; k++) {
            uint32_t entry = lookups->entries[i][k];

            out[found] = (struct candidate){entry, i};
            found += agrees(entry, places, lookups->marks[i]);
        }
    return found;
}

uint64_t dfota_seeds_which(const struct dfota_seeds *seeds,
                           struct dfota_view sought, unsigned count)
{
    struct lookups lookups[DFOTA_SEEDS_TABLES];
    struct candidate candidates[AHEAD * BUCKET + 1];
    uint64_t which = 0;

    for (unsigned i = 0; i < DFOTA_SEEDS_TABLES; i++)
        read_buckets(&seeds->tables[i], sought, count, &lookups[i]);
    for (unsigned i = 0; i < DFOTA_SEEDS_TABLES; i++) {
        const struct dfota_seed_table *table = &seeds->tables[i];
        uint32_t places = places_of(table);
        unsigned found = collect(&lookups[i], places, candidates);

        for (unsigned k = 0; k < found; k++) {
            size_t pos =
                (size_t)((candidates[k].entry & places) - 1) * table->step;
            unsigned piece = candidates[k].piece;
            bool same =
                memcmp(seeds->text.data + pos, sought.data + piece, EIGHT) == 0;

            which |= (uint64_t)same << piece;
        }
    }
    return which;
}
