/* SPDX-License-Identifier: MIT */
#include "lib/delta/wanted.h"

#include <string.h>

#include "lib/apply/copy.h"
#include "lib/base/spill.h"
#include "lib/delta/hash.h"

#define SHARE 2 /* part of new that may be beside its runs: 1/2 */
#define ROOM  4 /* bits for each piece, at least */

static size_t bytes_beside(struct dfota_view new, struct dfota_view runs)
{
    const struct dfota_copy *run = (const void *)runs.data;
    size_t beside = new.size;

    for (size_t i = 0; i < runs.size / sizeof(*run); i++)
        beside -= run[i].length;
    return beside;
}

/* The bit of a hash, in a set whose size is a power of two. */
static uint64_t bit_of(const struct dfota_buffer *wanted, uint64_t hash)
{
    return hash >> 8 & (8 * (uint64_t)wanted->size - 1);
}

/* Adds all pieces that begin from `begin` to `end`. */
static void add_pieces(struct dfota_view new, size_t begin, size_t end,
                       struct dfota_buffer *out)
{
    begin -= begin < DFOTA_WANTED_LENGTH ? begin : DFOTA_WANTED_LENGTH;
    for (; begin < end && new.size - begin >= DFOTA_WANTED_LENGTH; begin++) {
        uint64_t bit =
            bit_of(out, dfota_hash_of(new.data + begin, DFOTA_WANTED_LENGTH));

        out->data[bit / 8] |= (uint8_t)(1u << (bit % 8));
    }
}

void dfota_wanted_make(struct dfota_view new, struct dfota_view runs,
                       struct dfota_buffer *out)
{
    const struct dfota_copy *run = (const void *)runs.data;
    size_t beside = bytes_beside(new, runs);
    size_t size = 1;
    size_t done = 0;

    if (beside > new.size / SHARE)
        return;
    while (8 * size < ROOM * beside)
        size *= 2;
    if (dfota_buffer_reserve(out, size) == NULL)
        return;
    memset(out->data, 0, size);
    out->size = size;
    for (size_t i = 0; i < runs.size / sizeof(*run); i++) {
        add_pieces(new, done, run[i].new_pos, out);
        dfota_spills_look_at(done, run[i].new_pos - done);
        done = (size_t)run[i].new_pos + run[i].length;
    }
    add_pieces(new, done, new.size, out);
}

bool dfota_wanted_has(const struct dfota_buffer *wanted, uint64_t hash)
{
    uint64_t bit = bit_of(wanted, hash);

    return wanted->data[bit / 8] >> (bit % 8) & 1;
}

size_t dfota_wanted_of(const struct dfota_buffer *wanted, size_t count)
{
    uint64_t set = 0;

    for (size_t i = 0; i < wanted->size; i++)
        for (unsigned bits = wanted->data[i]; bits != 0; bits &= bits - 1)
            set++;
    return wanted->size > 0 ? (size_t)(count * set / (8 * wanted->size)) : 0;
}
