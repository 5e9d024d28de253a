/* SPDX-License-Identifier: MIT */
#include "lib/delta/wanted.h"

#include "lib/apply/copy.h"
#include "lib/base/large.h"
#include "lib/base/spill.h"
#include "lib/delta/hash.h"

#define SHARE 2  /* part of new that may be beside its runs: 1/2 */
#define ROOM  16 /* bits for each piece, at least: few others pass by chance */
#define WORD  8  /* bytes that both bits of a piece are in: one look */

static size_t bytes_beside(struct dfota_view new, struct dfota_view runs)
{
    const struct dfota_copy *run = (const void *)runs.data;
    size_t beside = new.size;

    for (size_t i = 0; i < runs.size / sizeof(*run); i++)
        beside -= run[i].length;
    return beside;
}

/* The word of a hash, in a set whose size is a power of two. */
static uint64_t *word_of(const struct dfota_buffer *wanted, uint64_t hash)
{
    return (uint64_t *)(void *)wanted->data +
           (hash >> 20 & (wanted->size / WORD - 1));
}

/* Its bits there, of which both are set; now and then they are one. */
static uint64_t bits_of(uint64_t hash)
{
    return UINT64_C(1) << (hash >> 8 & 63) | UINT64_C(1) << (hash >> 14 & 63);
}

/* Adds all pieces that begin from `begin` to `end`. */
static void add_pieces(struct dfota_view new, size_t begin, size_t end,
                       struct dfota_buffer *out)
{
    begin -= begin < DFOTA_WANTED_LENGTH ? begin : DFOTA_WANTED_LENGTH;
    for (; begin < end && new.size - begin >= DFOTA_WANTED_LENGTH; begin++) {
        uint64_t hash = dfota_hash_of_eight(dfota_eight_at(new.data + begin));

        *word_of(out, hash) |= bits_of(hash);
    }
}

void dfota_wanted_make(struct dfota_view new, struct dfota_view runs,
                       uint64_t most, struct dfota_buffer *out)
{
    const struct dfota_copy *run = (const void *)runs.data;
    size_t beside = bytes_beside(new, runs);
    size_t size = WORD;
    size_t done = 0;

    if (beside > new.size / SHARE)
        return;
    while (8 * size < ROOM * beside && 2 * size <= most)
        size *= 2;
    out->data = dfota_large_zeroed(size, 1);
    if (out->data == NULL) {
        out->error = DFOTA_ERR_MEMORY;
        return;
    }
    out->size = out->capacity = size;
    for (size_t i = 0; i < runs.size / sizeof(*run); i++) {
        add_pieces(new, done, run[i].new_pos, out);
        dfota_spills_look_at(done, run[i].new_pos - done);
        done = (size_t)run[i].new_pos + run[i].length;
    }
    add_pieces(new, done, new.size, out);
}

/* Many in a row, with little beside it: so a processor can wait for several
 * words at a time. */
uint64_t dfota_wanted_which(const struct dfota_buffer *wanted,
                            const uint64_t *hashes, unsigned count)
{
    uint64_t which = 0;

    for (unsigned i = 0; i < count; i++) {
        uint64_t missing = ~*word_of(wanted, hashes[i]) & bits_of(hashes[i]);

        which |= (uint64_t)(missing == 0) << i;
    }
    return which;
}

size_t dfota_wanted_of(const struct dfota_buffer *wanted, size_t count)
{
    const uint64_t *words = (const void *)wanted->data;
    size_t size = wanted->size / WORD;
    uint64_t pairs = 0; /* of bits that are both set in a word */

    for (size_t i = 0; i < size; i++) {
        uint64_t set = 0;

        for (uint64_t bits = words[i]; bits != 0; bits &= bits - 1)
            set++;
        pairs += set * set;
    }
    return size > 0 ? (size_t)(count * (pairs / size) / 64 / 64) : 0;
}
