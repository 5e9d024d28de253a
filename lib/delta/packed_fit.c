/* SPDX-License-Identifier: MIT */
#include <stdlib.h>

#include "lib/apply/delta_header.h"
#include "lib/apply/unpacking.h"
#include "lib/delta/packed_code.h"

#define PLACE_MAX    ((uint32_t)1 << 20) /* bytes; larger ones share no place */
#define PLACES_MOST  64
#define REST_SHARE   16 /* one part in so many of the memory is for the rest, */
#define REST_SMALL   8  /* and one in so many of what small modules have */
#define SMALL_MEMORY ((uint32_t)512 << 10) /* bytes */
#define SLOTS_SHARE  64                    /* and for the slots of parses ... */
#define SLOTS_MOST   ((uint32_t)1 << 18)   /* ... so many: more are slow */
#define FINDER_SHARE 16                    /* and for finding repetitions */
#define FINDER_MOST  20                    /* bits of the number of entries */
#define FINDER_LEAST 10

static uint32_t up(uint32_t size)
{
    return (size + DFOTA_UNPACKED_UNIT - 1) / DFOTA_UNPACKED_UNIT *
           DFOTA_UNPACKED_UNIT;
}

static uint32_t need(const struct dfota_packed_stream *stream)
{
    const struct dfota_shelf_region region = {.packed = stream->region,
                                              .tokens = stream->tokens.count};

    return dfota_shelf_need(&region);
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

static bool is_unpacked(const struct dfota_packed_stream *stream)
{
    return stream->fate == DFOTA_PACKED_UNPACKED;
}

/* What the regions of new take. */
static void state_new(const struct dfota_packed_side *new,
                      struct dfota_unpacked *out)
{
    for (size_t i = 0; i < new->count; i++) {
        const struct dfota_shelf_region region = {
            .packed = new->streams[i].region,
            .tokens = new->streams[i].tokens.count};

        if (!is_unpacked(&new->streams[i]))
            continue;
        out->new_count++;
        out->contents = larger(out->contents, up(region.packed.contents_size));
        out->work = larger(out->work, dfota_region_work(&region));
    }
}

/* What those of old take, where there is `room` for them if possible. */
static void state_old(const struct dfota_packed_side *old, uint64_t room,
                      struct dfota_unpacked *out)
{
    uint64_t shared = 0;
    uint64_t kept = 0;
    uint32_t small = 0;

    for (size_t i = 0; i < old->count; i++) {
        const struct dfota_packed_region *region = &old->streams[i].region;

        if (!is_unpacked(&old->streams[i]))
            continue;
        out->old_count++;
        out->work = larger(out->work, up(dfota_unpack_memory(region)));
        if (need(&old->streams[i]) > PLACE_MAX) {
            kept += need(&old->streams[i]);
            continue;
        }
        shared += need(&old->streams[i]);
        out->place_size = larger(out->place_size, need(&old->streams[i]));
        small++;
    }
    if (kept + shared <= room) {
        out->place_size = 0;
        kept += shared;
        small = 0;
    }
    out->kept = kept < UINT32_MAX ? (uint32_t)kept : UINT32_MAX / 16 * 16;
    if (small > PLACES_MOST)
        small = PLACES_MOST;
    out->place_count = (uint16_t)small;
    while (out->place_count > 1 &&
           kept + (uint64_t)out->place_count * out->place_size > room)
        out->place_count--;
}

static uint32_t power_of(uint32_t size)
{
    uint32_t power = (uint32_t)1 << FINDER_LEAST;

    if (size < power)
        return 0;
    while (power < (uint32_t)1 << FINDER_MOST && power <= size / 2)
        power *= 2;
    return power;
}

/* States what it takes; gives whether there is so much. */
static bool state(const struct dfota_packed_pair *pair, uint32_t ram,
                  struct dfota_unpacked *out)
{
    uint32_t small = ram < SMALL_MEMORY ? ram : SMALL_MEMORY;
    uint64_t most = ram - ram / REST_SHARE - small / REST_SMALL;
    uint64_t room;

    *out = (struct dfota_unpacked){.slots = ram / SLOTS_SHARE / 2};
    if (out->slots > SLOTS_MOST)
        out->slots = SLOTS_MOST;
    if (out->slots < DFOTA_MIXED_SLOTS_MIN)
        out->slots = DFOTA_MIXED_SLOTS_MIN;
    state_new(&pair->new, out);
    out->chain = power_of(larger(ram / FINDER_SHARE, 16) / 8);
    if (out->chain / 2 > out->contents)
        out->chain = power_of(out->contents);
    out->heads = power_of(out->chain / 4);
    if (out->heads == 0)
        out->chain = 0;
    room = dfota_unpacking_memory(out);
    state_old(&pair->old, room < most ? most - room : 0, out);
    return dfota_unpacking_memory(out) <= most;
}

/* Leaves the stream packed that takes most memory. */
static void leave_largest(struct dfota_packed_pair *pair)
{
    struct dfota_packed_stream *largest = NULL;
    uint32_t most = 0;

    for (size_t i = 0; i < pair->old.count; i++)
        if (is_unpacked(&pair->old.streams[i]) &&
            need(&pair->old.streams[i]) >= most) {
            largest = &pair->old.streams[i];
            most = need(largest);
        }
    for (size_t i = 0; i < pair->new.count; i++)
        if (is_unpacked(&pair->new.streams[i]) &&
            pair->new.streams[i].region.contents_size >= most) {
            largest = &pair->new.streams[i];
            most = largest->region.contents_size;
        }
    if (largest != NULL)
        dfota_packed_leave(largest, DFOTA_PACKED_NO_ROOM);
}

enum dfota_error dfota_packed_fit(struct dfota_packed_pair *pair, uint32_t ram,
                                  struct dfota_unpacked *out,
                                  struct dfota_fault *fault)
{
    enum dfota_error err = dfota_packed_match(pair, fault);
    bool left = false;

    while (!err && !state(pair, ram, out) && out->new_count > 0) {
        leave_largest(pair);
        left = true;
    }
    if (!err && left) /* fewer now have anything in common */
        err = dfota_packed_match(pair, fault);
    if (!err)
        state(pair, ram, out);
    return err;
}
