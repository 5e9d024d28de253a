/* SPDX-License-Identifier: MIT */
#include "jobs/unpacked.h"

#include <stdlib.h>
#include <string.h>

#include "jobs/spent.h"
#include "lib/base/fault.h"
#include "lib/delta/packed_pair.h"

/* --- which there are ------------------------------------------------------ */

static enum dfota_error read_view(void *context, uint32_t offset, void *out,
                                  size_t size)
{
    const struct dfota_view *delta = context;

    memcpy(out, delta->data + offset, size);
    return DFOTA_OK;
}

static struct dfota_explained_region
explain_region(const struct dfota_packed_region *region, uint32_t view)
{
    return (struct dfota_explained_region){
        .codec = dfota_packed_codec(region),
        .filtered = region->filter != DFOTA_FILTER_NONE,
        .offset = region->offset,
        .packed = region->packed_size,
        .contents = region->contents_size,
        .view = view,
        .from = DFOTA_EXPLAIN_NONE,
    };
}

enum dfota_error dfota_unpacked_explain(struct dfota_view delta,
                                        const struct dfota_delta_header *header,
                                        struct dfota_explained_unpacking *out,
                                        struct dfota_fault *fault)
{
    const struct dfota_unpacked *stated = &header->unpacked;
    const struct dfota_applier applier = {.context = &delta,
                                          .delta_size = (uint32_t)delta.size,
                                          .read_delta = read_view};
    struct dfota_shelf_region *olds =
        calloc((size_t)stated->old_count + 1, sizeof(*olds));
    struct dfota_new_region *news =
        calloc((size_t)stated->new_count + 1, sizeof(*news));
    struct dfota_explained_region *regions = calloc(
        (size_t)stated->old_count + stated->new_count + 1, sizeof(*regions));
    enum dfota_error err;

    out->regions = regions;
    if (olds == NULL || news == NULL || regions == NULL) {
        err = dfota_fail_memory(fault);
        goto out;
    }
    err = dfota_region_list_read(&applier, header, olds, news, fault);
    if (err)
        goto out;
    for (size_t i = 0; i < stated->old_count; i++)
        *regions++ = explain_region(&olds[i].packed, olds[i].pos);
    for (size_t i = 0; i < stated->new_count; i++)
        *regions++ = explain_region(&news[i].packed, news[i].pos);
    out->old_count = stated->old_count;
    out->new_count = stated->new_count;
    out->list_size = stated->list_size;
    out->parse_size = stated->parse_size;
out:
    free(olds);
    free(news);
    return err;
}

/* --- what they cost ------------------------------------------------------- */

static struct dfota_explained_region *new_region(struct dfota_unpacked_spy *spy,
                                                 size_t index)
{
    return &spy->out->regions[spy->out->old_count + index];
}

static uint64_t end_of(const struct dfota_explained_region *region)
{
    return region->view + region->contents;
}

void dfota_unpacked_spend(struct dfota_unpacked_spy *spy, uint64_t new_pos,
                          double bits)
{
    struct dfota_explained_region *region;

    while (spy->spent < spy->out->new_count &&
           end_of(new_region(spy, spy->spent)) <= new_pos)
        spy->spent++;
    if (spy->spent == spy->out->new_count)
        return;
    region = new_region(spy, spy->spent);
    if (region->view <= new_pos)
        region->contents_bits += dfota_spent_whole(bits);
}

/* The region of old that has `old_pos`, or none. */
static size_t find_old(const struct dfota_explained_unpacking *out,
                       uint64_t old_pos)
{
    size_t low = 0;
    size_t high = out->old_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (end_of(&out->regions[middle]) <= old_pos)
            low = middle + 1;
        else
            high = middle;
    }
    return low < out->old_count && out->regions[low].view <= old_pos
               ? low
               : DFOTA_EXPLAIN_NONE;
}

/* Votes with `size` bytes: what most have wins, if more than half have it. */
static void vote(struct dfota_unpacked_spy *spy, size_t from, uint64_t size)
{
    struct dfota_explained_region *region = new_region(spy, spy->copied);

    if (region->from == from) {
        spy->weight += size;
    } else if (spy->weight >= size) {
        spy->weight -= size;
    } else {
        spy->weight = size - spy->weight;
        region->from = from;
    }
}

void dfota_unpacked_copy(struct dfota_unpacked_spy *spy,
                         const struct dfota_copy *copy)
{
    uint64_t end = (uint64_t)copy->new_pos + copy->length;

    for (; spy->copied < spy->out->new_count; spy->copied++, spy->weight = 0) {
        const struct dfota_explained_region *region =
            new_region(spy, spy->copied);
        uint64_t first =
            region->view > copy->new_pos ? region->view : copy->new_pos;
        uint64_t last = end_of(region) < end ? end_of(region) : end;

        if (first < last)
            vote(spy,
                 find_old(spy->out, copy->old_pos + (first - copy->new_pos)),
                 last - first);
        if (end_of(region) > end)
            break;
    }
}

void dfota_unpacked_reset(struct dfota_unpacked_spy *spy)
{
    for (size_t i = 0; i < spy->out->new_count; i++) {
        new_region(spy, i)->from = DFOTA_EXPLAIN_NONE;
        new_region(spy, i)->contents_bits = 0;
        new_region(spy, i)->parse_bits = 0;
    }
    spy->spent = 0;
    spy->copied = 0;
    spy->weight = 0;
}

void dfota_unpacked_round(struct dfota_explained_unpacking *out)
{
    for (size_t i = out->old_count; i < out->old_count + out->new_count; i++) {
        struct dfota_explained_region *region = &out->regions[i];

        region->contents_bits = (region->contents_bits + 500) / 1000;
        region->parse_bits = (region->parse_bits + 500) / 1000;
    }
}

/* --- standing before the real one ----------------------------------------- */

/* How many of `size` bytes are at most the rest of one region. */
static size_t up_to_end(const struct dfota_unpacker *unpacker, size_t size)
{
    const struct dfota_new_region *region = &unpacker->news[unpacker->next];
    uint32_t left;

    if (unpacker->next == unpacker->header->unpacked.new_count)
        return size;
    left = region->pos + region->packed.contents_size - unpacker->new_pos;
    return left < size ? left : size;
}

/* A region is packed when its last byte comes, and its parse is told then. */
static enum dfota_error spy_write(struct dfota_unpacker *unpacker,
                                  const uint8_t *bytes, size_t size)
{
    const struct dfota_unpacked_spy *spy =
        (const void *)unpacker->applier->unpacking;
    const struct dfota_range *range = &unpacker->parse.range;

    while (size > 0) {
        size_t part = up_to_end(unpacker, size);
        uint32_t region = unpacker->next;
        double begun = dfota_spent_bits(range, 0);
        enum dfota_error err =
            dfota_unpacking_regions.write(unpacker, bytes, part);

        if (err)
            return err;
        if (unpacker->next > region)
            spy->out->regions[spy->out->old_count + region].parse_bits +=
                dfota_spent_whole(dfota_spent_bits(range, 0) - begun);
        bytes += part;
        size -= part;
    }
    return DFOTA_OK;
}

struct dfota_unpacked_spy
dfota_unpacked_spy(struct dfota_explained_unpacking *out)
{
    struct dfota_unpacked_spy spy = {.unpacking = dfota_unpacking_regions,
                                     .out = out};

    spy.unpacking.write = spy_write;
    return spy;
}
