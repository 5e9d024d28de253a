/* SPDX-License-Identifier: MIT */
/* seed_table.h - a table of where in a text short pieces of it begin */
#ifndef DFOTA_LIB_DELTA_SEED_TABLE_H
#define DFOTA_LIB_DELTA_SEED_TABLE_H

#include <stdint.h>

#define DFOTA_SEED_BUCKET 4 /* entries that one hash may have */

/* Where seeds of one length begin.  An entry is 0, or the number of a seed and
 * 1, and above that more of its hash. */
struct dfota_seed_table {
    uint32_t *entries;
    uint32_t length;     /* bytes of a seed, 8 at least */
    uint32_t step;       /* bytes between two seeds of the text */
    uint32_t buckets;    /* of the table */
    unsigned place_bits; /* of an entry that say which seed it is; the others
                            are of its hash */
};

/* The number of the bucket of a hash. */
static inline uint32_t dfota_seed_bucket(const struct dfota_seed_table *table,
                                         uint64_t hash)
{
    return (uint32_t)((hash >> 32) * table->buckets >> 32);
}

/* The part of the hash that an entry keeps, above its place. */
static inline uint32_t dfota_seed_mark(const struct dfota_seed_table *table,
                                       uint64_t hash)
{
    return table->place_bits < 32 ? (uint32_t)(hash >> 8) << table->place_bits
                                  : 0;
}

#endif
