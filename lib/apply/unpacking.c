/* SPDX-License-Identifier: MIT */
#include "lib/apply/unpacking.h"

#include "lib/apply/bytes.h"
#include "lib/apply/delta_header.h"

_Static_assert(sizeof(struct dfota_unpacker) + 16 + DFOTA_RANGE_BUFFER <=
                       DFOTA_UNPACKING_MEMORY &&
                   sizeof(struct dfota_new_region) <= DFOTA_NEW_ENTRY,
               "an unpacker takes what SPEC states");

static uint32_t least(uint32_t a, size_t b)
{
    return a < b ? a : (uint32_t)b;
}

/* An error of what is packed, at `offset` of the delta: that is what told it.
 */
static enum dfota_error told_at(const struct dfota_unpacker *unpacker,
                                enum dfota_error err, uint32_t offset)
{
    struct dfota_fault *fault = unpacker->fault;

    if (err && fault != NULL && fault->error == err && fault->rule != NULL &&
        fault->rule[0] == 'P' && fault->rule[1] == 'K')
        fault->offset = offset;
    return err;
}

static enum dfota_error range_error(const struct dfota_unpacker *unpacker)
{
    const struct dfota_range *range = &unpacker->parse.range;

    if (range->error != DFOTA_ERR_CORRUPT)
        return range->error;
    return dfota_fail(unpacker->fault, range->error,
                      dfota_range_position(range), "DLT-15");
}

/* --- setting up ----------------------------------------------------------- */

/* Deals out the caller's memory, as dfota_unpacking_memory() counted it. */
static void take_memory(struct dfota_unpacker *unpacker,
                        struct dfota_coding_job *job)
{
    const struct dfota_unpacked *stated = &unpacker->header->unpacked;
    struct dfota_mix *parse = &unpacker->parse;
    int16_t *logits =
        dfota_coding_take(job, sizeof(*logits) * DFOTA_MIX_LOGITS);

    dfota_mix_logits(logits);
    parse->logits = logits;
    parse->weights =
        dfota_coding_take(job, sizeof(*parse->weights) * DFOTA_PARSE_SETS);
    parse->slots =
        dfota_coding_take(job, sizeof(*parse->slots) * stated->slots);
    parse->slot_count = stated->slots;
    unpacker->shelf.regions = dfota_coding_take(
        job, sizeof(*unpacker->shelf.regions) * stated->old_count);
    unpacker->olds =
        dfota_coding_take(job, sizeof(*unpacker->olds) * stated->old_count);
    unpacker->news =
        dfota_coding_take(job, sizeof(*unpacker->news) * stated->new_count);
    unpacker->copies =
        dfota_coding_take(job, sizeof(*unpacker->copies) * stated->copies);
    unpacker->map =
        dfota_coding_take(job, sizeof(*unpacker->map) * stated->copies);
    unpacker->heads =
        dfota_coding_take(job, sizeof(*unpacker->heads) * stated->heads);
    unpacker->chain =
        dfota_coding_take(job, sizeof(*unpacker->chain) * stated->chain);
    unpacker->contents = dfota_coding_take(job, stated->contents);
    unpacker->work = dfota_coding_take(job, stated->work);
    unpacker->shelf.memory =
        dfota_coding_take(job, (uint32_t)dfota_unpacking_shelf(stated));
}

/* Whether every region gets the memory that it needs. */
static bool has_room(struct dfota_unpacker *unpacker)
{
    const struct dfota_unpacked *stated = &unpacker->header->unpacked;
    struct dfota_shelf *shelf = &unpacker->shelf;

    shelf->count = stated->old_count;
    shelf->place_count = stated->place_count;
    shelf->place_size = stated->place_size;
    if (dfota_shelf_arrange(shelf) > stated->kept)
        return false;
    for (uint32_t i = 0; i < shelf->count; i++)
        if (dfota_unpack_memory(&shelf->regions[i].packed) > stated->work)
            return false;
    for (uint32_t i = 0; i < stated->new_count; i++)
        if (unpacker->news[i].packed.contents_size > stated->contents ||
            dfota_region_work(&unpacker->news[i]) > stated->work)
            return false;
    return true;
}

static enum dfota_error open_unpacker(struct dfota_coding_job *job,
                                      const struct dfota_applier *applier,
                                      struct dfota_unpacker **out,
                                      struct dfota_fault *fault)
{
    struct dfota_unpacker *unpacker = dfota_coding_take(job, sizeof(*unpacker));
    uint8_t *buffer = dfota_coding_take(job, DFOTA_RANGE_BUFFER);
    const struct dfota_unpacked *stated = &job->header->unpacked;
    enum dfota_error err;

    *unpacker = (struct dfota_unpacker){
        .applier = applier, .header = job->header, .fault = fault};
    take_memory(unpacker, job);
    err = dfota_region_list_read(applier, job->header, unpacker->shelf.regions,
                                 unpacker->news, fault);
    if (err)
        return err;
    if (!has_room(unpacker))
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, job->header->head_size,
                          "DLT-43");
    dfota_mix_reset(&unpacker->parse, DFOTA_PARSE_SETS);
    dfota_range_decode(&unpacker->parse.range, applier, buffer,
                       applier->delta_size - stated->parse_size,
                       applier->delta_size);
    *out = unpacker;
    return range_error(unpacker);
}

/* --- old ------------------------------------------------------------------ */

static enum dfota_error load(struct dfota_unpacker *unpacker, uint32_t index)
{
    struct dfota_shelf *shelf = &unpacker->shelf;
    const struct dfota_shelf_region *region = &shelf->regions[index];
    struct dfota_unpack_job job = {
        .packings = unpacker->applier->packings,
        .region = &region->packed,
        .context = unpacker->applier->context,
        .read = unpacker->applier->read_old,
        .contents = dfota_shelf_contents(shelf, index),
        .tokens = dfota_shelf_tokens(shelf, index),
        .memory = unpacker->work,
    };
    enum dfota_error err;

    if (!dfota_shelf_take(shelf, index))
        return DFOTA_OK;
    if (dfota_shelf_worn(shelf, unpacker->header->unpacked.old_size))
        return dfota_fail(unpacker->fault, DFOTA_ERR_CORRUPT,
                          unpacker->header->head_size, "DLT-44");
    dfota_tokens_open(job.tokens, region->packed.contents_size, region->tokens,
                      dfota_shelf_parse(shelf, index));
    err = dfota_unpack_region(&job, unpacker->fault);
    if (!err)
        dfota_filter_undo(&region->packed, job.contents);
    return told_at(unpacker, err, unpacker->header->head_size);
}

/* Reads at most `*size` bytes that are not contents, in front of region
 * `index`; gives how many it does. */
static enum dfota_error read_gap(struct dfota_unpacker *unpacker,
                                 uint32_t index, uint32_t offset, uint8_t *out,
                                 uint32_t *size)
{
    const struct dfota_shelf *shelf = &unpacker->shelf;
    const struct dfota_shelf_region *after = &shelf->regions[index];
    const struct dfota_shelf_region *before =
        index > 0 ? &shelf->regions[index - 1] : NULL;
    const struct dfota_applier *applier = unpacker->applier;
    bool last = index == shelf->count;
    uint32_t until = last ? UINT32_MAX : after->pos; /* zeros are */
    struct dfota_view_gap gap = dfota_view_gap(
        before != NULL ? &before->packed : NULL,
        before != NULL ? before->pos : 0, last ? NULL : &after->packed);

    if (offset >= gap.begin && offset < gap.end) {
        *size = least(gap.end - offset, *size);
        return applier->read_old(applier->context,
                                 gap.image + (offset - gap.begin), out, *size);
    }
    if (offset < gap.begin)
        until = gap.begin;
    *size = least(until - offset, *size);
    for (uint32_t i = 0; i < *size; i++)
        out[i] = 0;
    return DFOTA_OK;
}

static enum dfota_error read_old(struct dfota_unpacker *unpacker,
                                 uint32_t offset, uint8_t *out, size_t size)
{
    const struct dfota_shelf *shelf = &unpacker->shelf;

    while (size > 0) {
        uint32_t index = dfota_shelf_find(shelf, offset);
        const struct dfota_shelf_region *region = &shelf->regions[index];
        uint32_t part = least(UINT32_MAX, size);
        enum dfota_error err;

        if (index == shelf->count || offset < region->pos) {
            err = read_gap(unpacker, index, offset, out, &part);
        } else {
            uint32_t at = offset - region->pos;

            part = least(region->packed.contents_size - at, part);
            err = load(unpacker, index);
            if (!err)
                dfota_bytes_copy(out, dfota_shelf_contents(shelf, index) + at,
                                 part);
        }
        if (err)
            return err;
        offset += part;
        out += part;
        size -= part;
    }
    return DFOTA_OK;
}

/* --- new ------------------------------------------------------------------ */

/* What of `copy` makes `region`; false where it is nothing. */
static bool clip(const struct dfota_new_region *region, struct dfota_copy *copy)
{
    uint32_t end = region->pos + region->packed.contents_size;

    if (copy->new_pos >= end || copy->new_pos + copy->length <= region->pos)
        return false;
    if (copy->new_pos + copy->length > end)
        copy->length = end - copy->new_pos;
    if (copy->new_pos < region->pos) {
        uint32_t less = region->pos - copy->new_pos;

        *copy = (struct dfota_copy){region->pos, copy->old_pos + less,
                                    copy->length - less};
    }
    return true;
}

/* Keeps the copy at hand where the region that is being made has it. */
static enum dfota_error keep_copy(struct dfota_unpacker *unpacker)
{
    struct dfota_copy copy = unpacker->copy;

    if (!clip(&unpacker->news[unpacker->next], &copy))
        return DFOTA_OK;
    if (unpacker->copy_count == unpacker->header->unpacked.copies)
        return dfota_fail(unpacker->fault, DFOTA_ERR_CORRUPT,
                          unpacker->header->head_size, "DLT-45");
    unpacker->copies[unpacker->copy_count++] = copy;
    return DFOTA_OK;
}

/* Where new is inside of a region: how many bytes of it are made. */
static bool inside(const struct dfota_unpacker *unpacker, uint32_t *made)
{
    if (unpacker->next == unpacker->header->unpacked.new_count ||
        unpacker->new_pos < unpacker->news[unpacker->next].pos)
        return false;
    *made = unpacker->new_pos - unpacker->news[unpacker->next].pos;
    return true;
}

static enum dfota_error note_record(struct dfota_unpacker *unpacker,
                                    const struct dfota_copy *copy)
{
    uint32_t made;

    unpacker->copy = *copy;
    return inside(unpacker, &made) && made > 0 ? keep_copy(unpacker) : DFOTA_OK;
}

/* The map of the copies that made a region. */
static struct dfota_map map_copies(const struct dfota_unpacker *unpacker)
{
    struct dfota_map map = {unpacker->map, unpacker->copy_count};

    for (uint32_t i = 0; i < map.count; i++) {
        const struct dfota_copy *copy = &unpacker->copies[i];

        map.entries[i] = (struct dfota_map_entry){
            copy->old_pos, copy->length, copy->new_pos - copy->old_pos};
    }
    dfota_map_sort(&map);
    return map;
}

/* Puts the regions on the shelf from which the one at hand is copied. */
static enum dfota_error use_olds(struct dfota_unpacker *unpacker)
{
    struct dfota_shelf *shelf = &unpacker->shelf;

    dfota_shelf_begin(shelf);
    for (uint32_t i = 0; i < unpacker->copy_count; i++) {
        const struct dfota_copy *copy = &unpacker->copies[i];

        for (uint32_t k = dfota_shelf_find(shelf, copy->old_pos);
             k < shelf->count &&
             shelf->regions[k].pos < copy->old_pos + copy->length;
             k++) {
            enum dfota_error err = load(unpacker, k);

            if (err)
                return err;
            shelf->regions[k].used = true;
        }
    }
    return DFOTA_OK;
}

/* Packs the region whose contents are complete. */
static enum dfota_error finish(struct dfota_unpacker *unpacker)
{
    enum dfota_error err = use_olds(unpacker);
    const struct dfota_new_region *region = &unpacker->news[unpacker->next++];
    const struct dfota_unpacked *stated = &unpacker->header->unpacked;
    uint32_t room_at = dfota_pack_memory(&region->packed);
    struct dfota_tokens room;
    struct dfota_map map = map_copies(unpacker);
    const struct dfota_pack_job job = {
        .packings = unpacker->applier->packings,
        .region = &region->packed,
        .contents = unpacker->contents,
        .mix = &unpacker->parse,
        .room = &room,
        .olds = unpacker->olds,
        .old_count = dfota_shelf_parses(&unpacker->shelf, unpacker->olds),
        .new_pos = region->pos,
        .copies = unpacker->copies,
        .copy_count = unpacker->copy_count,
        .map = &map,
        .heads = unpacker->heads,
        .head_count = stated->heads,
        .chain = unpacker->chain,
        .chain_count = stated->chain,
        .context = unpacker->context,
        .write = unpacker->write,
        .memory = unpacker->work,
    };

    if (err)
        return err;
    if (region->packed.packing == DFOTA_PACKING_DEFLATE)
        dfota_tokens_open(&room, region->packed.contents_size, region->tokens,
                          (uint8_t *)unpacker->work +
                              ((size_t)room_at + 15) / 16 * 16);
    dfota_filter_do(&region->packed, unpacker->contents);
    err = dfota_pack_region(&job, unpacker->fault);
    if (unpacker->parse.range.error)
        return range_error(unpacker);
    return told_at(unpacker, err, dfota_range_position(&unpacker->parse.range));
}

/* Takes up to `size` bytes that are contents of a region. */
static enum dfota_error gather(struct dfota_unpacker *unpacker, uint32_t made,
                               const uint8_t *bytes, uint32_t size)
{
    const struct dfota_new_region *region = &unpacker->news[unpacker->next];

    if (made == 0) {
        enum dfota_error err;

        unpacker->copy_count = 0;
        err = keep_copy(unpacker);
        if (err)
            return err;
    }
    dfota_bytes_copy(unpacker->contents + made, bytes, size);
    unpacker->new_pos += size;
    return made + size < region->packed.contents_size ? DFOTA_OK
                                                      : finish(unpacker);
}

/* Takes at most `*size` bytes that are not contents, and drops those that only
 * the view has; gives how many it takes. */
static enum dfota_error pass(struct dfota_unpacker *unpacker,
                             const uint8_t *bytes, uint32_t *size)
{
    const struct dfota_new_region *after = &unpacker->news[unpacker->next];
    const struct dfota_new_region *before =
        unpacker->next > 0 ? &unpacker->news[unpacker->next - 1] : NULL;
    bool last = unpacker->next == unpacker->header->unpacked.new_count;
    uint32_t until = last ? UINT32_MAX : after->pos; /* zeros are */
    uint32_t pos = unpacker->new_pos;
    struct dfota_view_gap gap = dfota_view_gap(
        before != NULL ? &before->packed : NULL,
        before != NULL ? before->pos : 0, last ? NULL : &after->packed);

    if (pos >= gap.begin && pos < gap.end) {
        *size = least(gap.end - pos, *size);
        unpacker->new_pos += *size;
        return unpacker->write(unpacker->context, bytes, *size);
    }
    if (pos < gap.begin)
        until = gap.begin;
    *size = least(until - pos, *size);
    unpacker->new_pos += *size;
    return DFOTA_OK;
}

static enum dfota_error write_new(struct dfota_unpacker *unpacker,
                                  const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        const struct dfota_new_region *region = &unpacker->news[unpacker->next];
        uint32_t part = least(UINT32_MAX, size);
        uint32_t made;
        enum dfota_error err;

        if (inside(unpacker, &made)) {
            part = least(region->packed.contents_size - made, part);
            err = gather(unpacker, made, bytes, part);
        } else {
            err = pass(unpacker, bytes, &part);
        }
        if (err)
            return err;
        bytes += part;
        size -= part;
    }
    return DFOTA_OK;
}

static enum dfota_error end_new(struct dfota_unpacker *unpacker)
{
    const struct dfota_range *range = &unpacker->parse.range;

    if (dfota_range_used_up(range))
        return DFOTA_OK;
    return dfota_fail(unpacker->fault, DFOTA_ERR_CORRUPT,
                      dfota_range_position(range), "DLT-20");
}

const struct dfota_unpacking dfota_unpacking_regions = {
    open_unpacker, read_old, note_record, write_new, end_new};
