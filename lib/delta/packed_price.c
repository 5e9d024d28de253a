/* SPDX-License-Identifier: MIT */
#include "lib/delta/packed_price.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/fault.h"
#include "lib/delta/hash.h"

#define RECORD_COST   3   /* coded bytes of a record itself, about */
#define REGION_COST   8   /* and of a region's entry in the list */
#define INSERT_WEIGHT 256 /* an inserted byte costs as many copied ones */
#define BLOCK         16  /* bytes of old that are looked up together */

static bool is_unpacked(const struct dfota_packed_stream *stream)
{
    return stream->fate == DFOTA_PACKED_UNPACKED;
}

/* --- what contents cost --------------------------------------------------- */

/* Bytes of one range that are in another. */
static uint64_t overlap(uint64_t begin, uint64_t end, uint64_t other_begin,
                        uint64_t other_end)
{
    if (begin < other_begin)
        begin = other_begin;
    if (end > other_end)
        end = other_end;
    return begin < end ? end - begin : 0;
}

/* The weight of what of a record makes what lies from `begin` to `end`. */
static uint64_t weigh(const struct dfota_record *record, uint64_t new_pos,
                      uint64_t begin, uint64_t end)
{
    uint64_t copy = new_pos + record->insert;

    return INSERT_WEIGHT * overlap(new_pos, copy, begin, end) +
           overlap(copy, copy + record->copy, begin, end);
}

/* A record, where it is in the view of new, and what it costs. */
struct priced {
    const struct dfota_record *record;
    uint64_t new_pos;
    uint64_t end;
    uint64_t cost;
};

/* Shares what a record costs between the streams from `next` on that it makes;
 * gives the first that the record behind it may make. */
static size_t share(struct dfota_packed_side *new, size_t next,
                    const struct priced *priced)
{
    uint64_t all =
        weigh(priced->record, priced->new_pos, priced->new_pos, priced->end);
    unsigned shift = 0; /* of weights, so that nothing overflows */

    while (all >> shift > UINT32_MAX / 2)
        shift++;
    for (size_t i = next; i < new->count &&all > 0; i++) {
        struct dfota_packed_stream *stream = &new->streams[i];
        uint64_t stream_end =
            (uint64_t)stream->pos + stream->region.contents_size;

        if (!is_unpacked(stream)) {
            next += i == next;
            continue;
        }
        if (stream->pos >= priced->end)
            break;
        stream->contents_cost +=
            priced->cost *
            weigh(priced->record, priced->new_pos, stream->pos, stream_end) /
            all;
        next += i == next && stream_end <= priced->end;
    }
    return next;
}

void dfota_packed_price(struct dfota_packed_pair *pair,
                        const struct dfota_plan *plan, const uint32_t *reached)
{
    struct dfota_packed_side *new = &pair->new;
    uint64_t new_pos = 0;
    size_t next = 0;

    for (size_t i = 0; i < new->count; i++)
        new->streams[i].contents_cost = 0;
    for (size_t i = 0; i < plan->record_count; i++) {
        const struct dfota_record *record = &plan->records[i];
        const struct priced priced = {
            .record = record,
            .new_pos = new_pos,
            .end = new_pos + record->insert + record->copy,
            .cost = RECORD_COST + reached[i] - (i > 0 ? reached[i - 1] : 0)};

        next = share(new, next, &priced);
        new_pos = priced.end;
    }
}

/* --- what it would cost packed -------------------------------------------- */

/* Where in old a block is, and 1; 0: nowhere. */
struct index {
    uint32_t *places;
    uint64_t mask;
};

static uint64_t hash(const uint8_t *bytes)
{
    return dfota_hash_of(bytes, BLOCK) >> 20;
}

static enum dfota_error make_index(struct dfota_view old, struct index *out,
                                   struct dfota_fault *fault)
{
    for (out->mask = 1; out->mask < 2 * (old.size / BLOCK + 1);)
        out->mask *= 2;
    out->places = calloc(out->mask, sizeof(*out->places));
    if (out->places == NULL)
        return dfota_fail_memory(fault);
    out->mask--;
    for (size_t at = 0; old.size - at >= BLOCK; at += BLOCK)
        out->places[hash(old.data + at) & out->mask] = (uint32_t)at + 1;
    return DFOTA_OK;
}

/* How many bytes at the beginning of both are the same. */
static uint32_t extent(const uint8_t *a, size_t a_size, const uint8_t *b,
                       size_t b_size)
{
    size_t most = a_size < b_size ? a_size : b_size;
    size_t size = 0;

    while (size < most && a[size] == b[size])
        size++;
    return (uint32_t)size;
}

/* Bytes of a region that old does not have somewhere. */
static uint32_t price_packed(struct dfota_view old, struct dfota_view region,
                             const struct index *index)
{
    uint32_t unknown = (uint32_t)region.size;

    for (size_t at = 0; region.size - at >= BLOCK;) {
        const uint8_t *bytes = region.data + at;
        uint32_t place = index->places[hash(bytes) & index->mask];
        uint32_t size = 0;

        if (place > 0)
            size = extent(bytes, region.size - at, old.data + (place - 1),
                          old.size - (place - 1));
        if (size < BLOCK)
            size = 0;
        unknown -= size;
        at += size > 0 ? size : 1;
    }
    return unknown;
}

enum dfota_error dfota_packed_drop(struct dfota_packed_pair *pair,
                                   uint64_t *saved, struct dfota_fault *fault)
{
    struct index index;
    enum dfota_error err = make_index(pair->old.image, &index, fault);

    *saved = 0;
    if (err)
        return err;
    for (size_t i = 0; i < pair->new.count; i++) {
        struct dfota_packed_stream *stream = &pair->new.streams[i];
        const struct dfota_view region = {pair->new.image.data +
                                              stream->region.offset,
                                          stream->region.packed_size};
        uint64_t cost =
            stream->contents_cost + stream->parse_size + REGION_COST;
        uint32_t packed;

        if (!is_unpacked(stream))
            continue;
        packed = price_packed(pair->old.image, region, &index);
        if (packed >= cost)
            continue;
        *saved += cost - packed;
        dfota_packed_leave(stream, DFOTA_PACKED_NO_GAIN);
    }
    free(index.places);
    return DFOTA_OK;
}
