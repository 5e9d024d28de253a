/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "lib/base/fault.h"
#include "lib/delta/hash.h"
#include "lib/delta/packed_pair.h"

#define BLOCK       16 /* bytes of old that are looked up together */
#define ALIKE_SHARE 16 /* one part in so many must be alike */

/* Where a block of old is: which stream, and where in its contents. */
struct place {
    uint32_t stream; /* and 1; 0: there is none */
    uint32_t at;
};

struct index {
    struct place *places;
    uint64_t mask;
};

static uint64_t hash(const uint8_t *bytes)
{
    return dfota_hash_of(bytes, BLOCK) >> 20;
}

/* All bytes the same: such blocks are everywhere, and cost nothing packed. */
static bool is_flat(const uint8_t *bytes)
{
    return memcmp(bytes, bytes + 1, BLOCK - 1) == 0;
}

static bool is_unpacked(const struct dfota_packed_stream *stream)
{
    return stream->fate == DFOTA_PACKED_UNPACKED;
}

static enum dfota_error make_index(const struct dfota_packed_side *old,
                                   struct index *out, struct dfota_fault *fault)
{
    size_t blocks = 1;

    for (size_t i = 0; i < old->count; i++)
        if (is_unpacked(&old->streams[i]))
            blocks += old->streams[i].region.contents_size / BLOCK;
    for (out->mask = 1; out->mask < 2 * blocks;)
        out->mask *= 2;
    out->places = calloc(out->mask, sizeof(*out->places));
    if (out->places == NULL)
        return dfota_fail_memory(fault);
    out->mask--;
    for (size_t i = 0; i < old->count; i++) {
        const struct dfota_packed_stream *stream = &old->streams[i];

        for (uint32_t at = 0;
             is_unpacked(stream) && stream->region.contents_size - at >= BLOCK;
             at += BLOCK)
            out->places[hash(stream->contents + at) & out->mask] =
                (struct place){(uint32_t)i + 1, at};
    }
    return DFOTA_OK;
}

/* How many bytes from `at` of new on are as those of a place in old. */
static uint32_t extent(const struct dfota_packed_stream *new, uint32_t at,
                       const struct dfota_packed_stream *old, uint32_t from)
{
    uint32_t most = new->region.contents_size - at;
    uint32_t size = 0;

    if (most > old->region.contents_size - from)
        most = old->region.contents_size - from;
    while (size < most &&
           new->contents[at + size] == old->contents[from + size])
        size++;
    return size;
}

/* Counts what of a new stream stands somewhere in old. */
static void match_stream(struct dfota_packed_stream *new,
                         const struct dfota_packed_side *old,
                         const struct index *index)
{
    uint32_t at = 0;

    new->alike = 0;
    while (new->region.contents_size - at >= BLOCK) {
        const uint8_t *bytes = new->contents + at;
        struct place place = index->places[hash(bytes) & index->mask];
        struct dfota_packed_stream *from;
        uint32_t size = 0;

        if (place.stream > 0 && !is_flat(bytes)) {
            from = &old->streams[place.stream - 1];
            size = extent(new, at, from, place.at);
            if (size < BLOCK)
                size = 0;
            new->alike += size;
            from->alike += size;
        }
        at += size > 0 ? size : 1;
    }
}

enum dfota_error dfota_packed_match(struct dfota_packed_pair *pair,
                                    struct dfota_fault *fault)
{
    struct index index;
    enum dfota_error err = make_index(&pair->old, &index, fault);

    if (err)
        return err;
    for (size_t i = 0; i < pair->old.count; i++)
        pair->old.streams[i].alike = 0;
    for (size_t i = 0; i < pair->new.count; i++) {
        struct dfota_packed_stream *stream = &pair->new.streams[i];

        if (!is_unpacked(stream))
            continue;
        match_stream(stream, &pair->old, &index);
        if (stream->alike < stream->region.contents_size / ALIKE_SHARE)
            dfota_packed_leave(stream, DFOTA_PACKED_NO_USE);
    }
    for (size_t i = 0; i < pair->old.count; i++)
        if (is_unpacked(&pair->old.streams[i]) &&
            pair->old.streams[i].alike == 0)
            dfota_packed_leave(&pair->old.streams[i], DFOTA_PACKED_NO_USE);
    free(index.places);
    return DFOTA_OK;
}
