/* SPDX-License-Identifier: MIT */
#include "lib/apply/region_list.h"

#include "lib/apply/packed_io.h"

uint32_t dfota_region_work(const struct dfota_shelf_region *region)
{
    uint32_t room =
        dfota_tokens_memory(region->packed.contents_size, region->tokens);
    uint32_t work = dfota_pack_memory(&region->packed);

    if (region->packed.packing == DFOTA_PACKING_DEFLATE)
        work += (room + 15) / 16 * 16;
    return work;
}

/* Where the list is in one of the images, and in its unpacked view. */
struct side {
    uint32_t size; /* of the image */
    uint32_t view; /* and of that */
    uint32_t offset;
    uint32_t pos;
    uint32_t gap; /* before the last region */
    struct dfota_packed_region last;
};

struct list {
    struct dfota_packed_io io;
    bool bad; /* a number was none */
};

static uint32_t varint(struct list *list)
{
    uint32_t value = 0;

    for (unsigned shift = 0; shift < 35; shift += 7) {
        uint8_t byte = dfota_packed_get(&list->io);

        if ((byte == 0 && shift > 0) || (byte > 15 && shift == 28))
            list->bad = true;
        value |= (uint32_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            break;
    }
    return value;
}

static void read_kind(struct list *list, struct dfota_packed_region *region)
{
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

/* Goes on by `size`, but no further than to `end`. */
static bool go(uint32_t *at, uint32_t size, uint32_t end)
{
    if (size > end - *at)
        return false;
    *at += size;
    return true;
}

/* Where the region told last is, and its contents at `*pos`. */
static bool place(struct side *side, uint32_t *pos)
{
    struct dfota_packed_region *region = &side->last;

    if (!go(&side->offset, side->gap, side->size) ||
        !go(&side->pos, side->gap, side->view) ||
        !go(&side->pos, (0 - side->pos) % DFOTA_VIEW_GRAIN, side->view))
        return false;
    region->offset = side->offset;
    *pos = side->pos;
    return go(&side->offset, region->packed_size, side->size) &&
           go(&side->pos, region->contents_size, side->view) &&
           go(&side->pos, (side->offset - side->pos) % DFOTA_VIEW_GRAIN,
              side->view);
}

/* The rule that the next region breaks, or NULL. */
static const char *read_region(struct list *list, struct side *side, bool old,
                               struct dfota_shelf_region *out)
{
    struct dfota_packed_region *region = &side->last;
    uint8_t told = dfota_packed_get(&list->io);

    if (told & DFOTA_REGION_KIND)
        read_kind(list, region);
    if (told & DFOTA_REGION_CONTENTS)
        region->contents_size = varint(list);
    if (told & DFOTA_REGION_GAP)
        side->gap = varint(list);
    region->packed_size = varint(list);
    out->tokens = 0;
    if (old || region->packing == DFOTA_PACKING_DEFLATE)
        out->tokens = varint(list);
    if (list->io.error || list->bad || told > 7 ||
        out->tokens > region->contents_size)
        return "DLT-41";
    if (!place(side, &out->pos))
        return "DLT-42";
    out->packed = *region;
    return dfota_packed_check(region, NULL) ? "PKD-1" : NULL;
}

enum dfota_error dfota_region_list_read(const struct dfota_applier *applier,
                                        const struct dfota_delta_header *header,
                                        struct dfota_shelf_region *regions,
                                        struct dfota_fault *fault)
{
    const struct dfota_unpacked *stated = &header->unpacked;
    struct list list = {.io = {.context = applier->context,
                               .read = applier->read_delta,
                               .next = header->head_size,
                               .left = stated->list_size}};
    uint32_t left = stated->old_count;
    struct side side = {.size = header->old_size, .view = stated->old_size};
    const char *rule = NULL;

    for (unsigned new = 0; new < 2 && rule == NULL; new ++) {
        for (; left > 0 && rule == NULL; left--)
            rule = read_region(&list, &side, !new, regions++);
        if (rule == NULL && side.view - side.pos != side.size - side.offset)
            rule = "DLT-42";
        left = stated->new_count;
        side =
            (struct side){.size = header->new_size, .view = stated->new_size};
    }
    if (list.io.error && list.io.error != DFOTA_ERR_CORRUPT)
        return list.io.error;
    if (rule == NULL && list.io.left > 0)
        rule = "DLT-41";
    if (rule != NULL)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, list.io.next, rule);
    return DFOTA_OK;
}
