/* SPDX-License-Identifier: MIT */
#include "lib/apply/region_list.h"

#include "lib/apply/packed_io.h"

uint32_t dfota_region_work(const struct dfota_new_region *region)
{
    uint64_t work =
        ((uint64_t)dfota_pack_memory(&region->packed) + 15) / 16 * 16;
    uint32_t room =
        dfota_tokens_memory(region->packed.contents_size, region->tokens);

    if (region->packed.packing != DFOTA_PACKING_DEFLATE)
        return (uint32_t)work;
    work += ((uint64_t)room + 15) / 16 * 16;
    return room < UINT32_MAX && work < UINT32_MAX ? (uint32_t)work : UINT32_MAX;
}

struct dfota_view_gap dfota_view_gap(const struct dfota_packed_region *before,
                                     uint32_t pos,
                                     const struct dfota_packed_region *after)
{
    struct dfota_view_gap gap = {0, UINT32_MAX, 0};

    if (before != NULL) {
        gap.image = before->offset + before->packed_size;
        gap.begin = pos + before->contents_size;
        gap.begin += (gap.image - gap.begin) % DFOTA_VIEW_GRAIN;
    }
    if (after != NULL)
        gap.end = gap.begin + (after->offset - gap.image);
    return gap;
}

struct list {
    struct dfota_packed_io io;
    struct dfota_packed_region last; /* whose `offset` is where it ends */
    uint32_t gap;                    /* before it */
    uint64_t pos;                    /* where it ends in the unpacked view */
    bool bad;                        /* a number was none */
};

static uint32_t varint(struct list *list)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < 35; shift += 7) {
        uint8_t byte = dfota_packed_get(&list->io);

        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte & 0x80)
            continue;
        if (value > UINT32_MAX || (byte == 0 && shift > 0))
            list->bad = true;
        return (uint32_t)value;
    }
    list->bad = true;
    return 0;
}

static void read_kind(struct list *list)
{
    struct dfota_packed_region *region = &list->last;
    uint8_t packing = dfota_packed_get(&list->io);
    uint8_t props = dfota_packed_get(&list->io);

    region->packing = packing & (uint8_t)~DFOTA_REGION_MARKER;
    region->end_marker = packing & DFOTA_REGION_MARKER;
    region->lc = props % 9;
    region->lp = props / 9 % 5;
    region->pb = props / 45;
    region->filter = dfota_packed_get(&list->io);
    region->filter_start = 0;
    if (region->filter != DFOTA_FILTER_NONE)
        region->filter_start = varint(list);
}

/*
 * The next region of an image of `size` bytes, and where its contents are.
 */
static enum dfota_error read_region(struct list *list, uint32_t size,
                                    struct dfota_packed_region *out,
                                    uint32_t *pos, struct dfota_fault *fault)
{
    struct dfota_packed_region *region = &list->last;
    uint8_t told = dfota_packed_get(&list->io);
    uint64_t at;

    if (told & DFOTA_REGION_KIND)
        read_kind(list);
    if (told & DFOTA_REGION_CONTENTS)
        region->contents_size = varint(list);
    if (told & DFOTA_REGION_GAP)
        list->gap = varint(list);
    region->packed_size = varint(list);
    if (list->io.error && list->io.error != DFOTA_ERR_CORRUPT)
        return list->io.error;
    if (list->io.error || list->bad || told > 7)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, list->io.next, "DLT-41");
    at = (uint64_t)region->offset + list->gap;
    list->pos += list->gap;
    list->pos += (0 - list->pos) % DFOTA_VIEW_GRAIN;
    if (at + region->packed_size > size || list->pos > UINT32_MAX)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, list->io.next, "DLT-42");
    region->offset = (uint32_t)at;
    if (dfota_packed_check(region, NULL))
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, list->io.next, "PKD-1");
    *out = *region;
    *pos = (uint32_t)list->pos;
    region->offset += region->packed_size;
    list->pos += region->contents_size;
    list->pos += (region->offset - list->pos) % DFOTA_VIEW_GRAIN;
    return DFOTA_OK;
}

static void begin_image(struct list *list)
{
    list->last = (struct dfota_packed_region){.contents_size = 0};
    list->gap = 0;
    list->pos = 0;
}

/* Whether the unpacked view of an image of `size` bytes has `unpacked`. */
static enum dfota_error end_image(const struct list *list, uint32_t size,
                                  uint32_t unpacked, struct dfota_fault *fault)
{
    if (list->pos + size - list->last.offset != unpacked)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, list->io.next, "DLT-42");
    return DFOTA_OK;
}

static enum dfota_error read_olds(struct list *list,
                                  const struct dfota_delta_header *header,
                                  struct dfota_shelf_region *olds,
                                  struct dfota_fault *fault)
{
    begin_image(list);
    for (uint32_t i = 0; i < header->unpacked.old_count; i++) {
        enum dfota_error err = read_region(
            list, header->old_size, &olds[i].packed, &olds[i].pos, fault);

        if (err)
            return err;
        olds[i].tokens = varint(list);
    }
    return end_image(list, header->old_size, header->unpacked.old_size, fault);
}

static enum dfota_error read_news(struct list *list,
                                  const struct dfota_delta_header *header,
                                  struct dfota_new_region *news,
                                  struct dfota_fault *fault)
{
    begin_image(list);
    for (uint32_t i = 0; i < header->unpacked.new_count; i++) {
        enum dfota_error err = read_region(
            list, header->new_size, &news[i].packed, &news[i].pos, fault);

        if (err)
            return err;
        news[i].tokens = 0;
        if (news[i].packed.packing == DFOTA_PACKING_DEFLATE)
            news[i].tokens = varint(list);
    }
    return end_image(list, header->new_size, header->unpacked.new_size, fault);
}

enum dfota_error dfota_region_list_read(const struct dfota_applier *applier,
                                        const struct dfota_delta_header *header,
                                        struct dfota_shelf_region *olds,
                                        struct dfota_new_region *news,
                                        struct dfota_fault *fault)
{
    struct list list = {.io = {.context = applier->context,
                               .read = applier->read_delta,
                               .next = header->head_size,
                               .left = header->unpacked.list_size}};
    enum dfota_error err = read_olds(&list, header, olds, fault);

    if (!err)
        err = read_news(&list, header, news, fault);
    if (!err && (list.bad || list.io.error || dfota_packed_left(&list.io) > 0))
        err = dfota_fail(fault, DFOTA_ERR_CORRUPT, list.io.next, "DLT-41");
    return err;
}
