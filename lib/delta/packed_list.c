/* SPDX-License-Identifier: MIT */
#include "lib/delta/packed_code.h"

/* What was told last. */
struct list {
    struct dfota_packed_region last;
    uint32_t end; /* of it in the image */
    uint32_t gap; /* before it */
    struct dfota_buffer *out;
};

static bool same_kind(const struct dfota_packed_region *a,
                      const struct dfota_packed_region *b)
{
    return a->packing == b->packing && a->lc == b->lc && a->lp == b->lp &&
           a->pb == b->pb && a->end_marker == b->end_marker &&
           a->filter == b->filter && a->filter_start == b->filter_start;
}

static void put_kind(const struct dfota_packed_region *region,
                     struct dfota_buffer *out)
{
    unsigned props = (region->pb * 5u + region->lp) * 9u + region->lc;

    dfota_buffer_add_le(
        out, region->packing | (region->end_marker ? DFOTA_REGION_MARKER : 0),
        1);
    dfota_buffer_add_le(out, props, 1);
    dfota_buffer_add_le(out, region->filter, 1);
    if (region->filter != DFOTA_FILTER_NONE)
        dfota_buffer_add_varint(out, region->filter_start);
}

static void put_region(struct list *list,
                       const struct dfota_packed_region *region)
{
    uint32_t gap = region->offset - list->end;
    unsigned told = 0;

    if (!same_kind(region, &list->last))
        told |= DFOTA_REGION_KIND;
    if (region->contents_size != list->last.contents_size)
        told |= DFOTA_REGION_CONTENTS;
    if (gap != list->gap)
        told |= DFOTA_REGION_GAP;
    dfota_buffer_add_le(list->out, told, 1);
    if (told & DFOTA_REGION_KIND)
        put_kind(region, list->out);
    if (told & DFOTA_REGION_CONTENTS)
        dfota_buffer_add_varint(list->out, region->contents_size);
    if (told & DFOTA_REGION_GAP)
        dfota_buffer_add_varint(list->out, gap);
    dfota_buffer_add_varint(list->out, region->packed_size);
    list->last = *region;
    list->gap = gap;
    list->end = region->offset + region->packed_size;
}

void dfota_packed_list(const struct dfota_packed_pair *pair,
                       struct dfota_buffer *out)
{
    struct list old = {.out = out};
    struct list new = {.out = out};

    for (size_t i = 0; i < pair->old.count; i++) {
        const struct dfota_packed_stream *stream = &pair->old.streams[i];

        if (stream->fate != DFOTA_PACKED_UNPACKED)
            continue;
        put_region(&old, &stream->region);
        dfota_buffer_add_varint(out, stream->tokens.count);
    }
    for (size_t i = 0; i < pair->new.count; i++) {
        const struct dfota_packed_stream *stream = &pair->new.streams[i];

        if (stream->fate != DFOTA_PACKED_UNPACKED)
            continue;
        put_region(&new, &stream->region);
        if (stream->region.packing == DFOTA_PACKING_DEFLATE)
            dfota_buffer_add_varint(out, stream->tokens.count);
    }
}
