/* SPDX-License-Identifier: MIT */
#include "lib/apply/unpacking.h"

#include "lib/apply/bytes.h"
#include "lib/apply/delta_header.h"

#define NOWHERE UINT32_MAX /* in an image */

_Static_assert(sizeof(struct dfota_unpacker) + 16 <= DFOTA_UNPACKING_MEMORY &&
                   sizeof(struct dfota_shelf_region) + 8 <= DFOTA_NEW_ENTRY,
               "an unpacker takes what SPEC states");

static uint32_t least(uint32_t a, size_t b)
{
    return a < b ? a : (uint32_t)b;
}

/* What is wrong with the head, or the list behind it. */
static enum dfota_error refuse(const struct dfota_unpacker *unpacker,
                               const char *rule)
{
    return dfota_fail(unpacker->fault, DFOTA_ERR_CORRUPT,
                      unpacker->header->head_size, rule);
}

/* What is wrong with the coded parses. */
static enum dfota_error refuse_parse(const struct dfota_unpacker *unpacker,
                                     const char *rule)
{
    return dfota_fail(unpacker->fault, DFOTA_ERR_CORRUPT,
                      dfota_range_position(&unpacker->mix.range), rule);
}

static enum dfota_error range_error(const struct dfota_unpacker *unpacker)
{
    enum dfota_error err = unpacker->mix.range.error;

    return err == DFOTA_ERR_CORRUPT ? refuse_parse(unpacker, "DLT-15") : err;
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

/* --- setting up ----------------------------------------------------------- */

/* What the parses are coded with. */
static void take_mix(struct dfota_mix *mix, struct dfota_coding_job *job,
                     uint32_t slots)
{
    int16_t *logits =
        dfota_coding_take(job, sizeof(*logits) * DFOTA_MIX_LOGITS +
                                   sizeof(*mix->weights) * DFOTA_PARSE_SETS);

    dfota_mix_logits(logits);
    mix->logits = logits;
    mix->weights = (void *)(logits + DFOTA_MIX_LOGITS);
    mix->slots = dfota_coding_take(job, sizeof(*mix->slots) * slots);
    mix->slot_count = slots;
    dfota_mix_reset(mix, DFOTA_PARSE_SETS);
}

/* Deals out the caller's memory, as dfota_unpacking_memory() counted it. */
static void take_memory(struct dfota_unpacker *unpacker,
                        struct dfota_coding_job *job)
{
    const struct dfota_unpacked *stated = &unpacker->header->unpacked;
    struct dfota_packed_job *own = &unpacker->job;
    struct dfota_shelf *shelf = &unpacker->shelf;

    take_mix(&unpacker->mix, job, stated->slots);
    shelf->count = stated->old_count;
    shelf->place_count = stated->place_count;
    shelf->place_size = stated->place_size;
    shelf->regions = dfota_coding_take(
        job, sizeof(*shelf->regions) *
                 ((uint32_t)stated->old_count + stated->new_count));
    unpacker->news = shelf->regions + stated->old_count;
    unpacker->olds =
        dfota_coding_take(job, sizeof(*unpacker->olds) * stated->old_count);
    unpacker->copies =
        dfota_coding_take(job, 2 * sizeof(*unpacker->copies) * stated->copies);
    unpacker->map.entries = (void *)(unpacker->copies + stated->copies);
    own->packings = unpacker->applier->packings;
    own->mix = &unpacker->mix;
    own->olds = unpacker->olds;
    own->copies = unpacker->copies;
    own->map = &unpacker->map;
    own->heads = dfota_coding_take(job, sizeof(*own->heads) *
                                            (stated->heads + stated->chain));
    own->head_count = stated->heads;
    own->chain = own->heads + stated->heads;
    own->chain_count = stated->chain;
    own->contents = dfota_coding_take(job, stated->contents + stated->work);
    own->memory = own->contents + stated->contents;
    shelf->memory =
        dfota_coding_take(job, (uint32_t)dfota_unpacking_shelf(stated));
}

/* Whether every region gets the memory that it needs. */
static bool has_room(struct dfota_unpacker *unpacker)
{
    const struct dfota_unpacked *stated = &unpacker->header->unpacked;
    const struct dfota_shelf_region *region = unpacker->shelf.regions;

    if (dfota_shelf_arrange(&unpacker->shelf) > stated->kept)
        return false;
    for (; region < unpacker->news; region++)
        if (dfota_unpack_memory(&region->packed) > stated->work)
            return false;
    for (; region < unpacker->news + stated->new_count; region++)
        if (region->packed.contents_size > stated->contents ||
            dfota_region_work(region) > stated->work)
            return false;
    return true;
}

static enum dfota_error open_unpacker(struct dfota_coding_job *job,
                                      const struct dfota_applier *applier,
                                      struct dfota_unpacker **out,
                                      struct dfota_fault *fault)
{
    struct dfota_unpacker *unpacker = dfota_coding_take(job, sizeof(*unpacker));
    enum dfota_error err;

    *unpacker = (struct dfota_unpacker){
        .applier = applier, .header = job->header, .fault = fault};
    take_memory(unpacker, job);
    err = dfota_region_list_read(applier, job->header, unpacker->shelf.regions,
                                 fault);
    if (err)
        return err;
    if (!has_room(unpacker))
        return refuse(unpacker, "DLT-43");
    dfota_range_decode(&unpacker->mix.range, applier, unpacker->buffer,
                       applier->delta_size - job->header->unpacked.parse_size,
                       applier->delta_size);
    *out = unpacker;
    return range_error(unpacker);
}

/* --- old ------------------------------------------------------------------ */

static enum dfota_error load(struct dfota_unpacker *unpacker, uint32_t index)
{
    struct dfota_shelf *shelf = &unpacker->shelf;
    const struct dfota_shelf_region *region = &shelf->regions[index];
    const struct dfota_packed_job job = {
        .packings = unpacker->applier->packings,
        .region = &region->packed,
        .contents = dfota_shelf_contents(shelf, index),
        .context = unpacker->applier->context,
        .memory = unpacker->job.memory,
        .room = dfota_shelf_tokens(shelf, index),
        .read = unpacker->applier->read_old,
    };
    enum dfota_error err;

    if (!dfota_shelf_take(shelf, index))
        return DFOTA_OK;
    if (dfota_shelf_worn(shelf, unpacker->header->unpacked.old_size))
        return refuse(unpacker, "DLT-44");
    dfota_tokens_open(job.room, region->packed.contents_size, region->tokens,
                      dfota_shelf_parse(shelf, index));
    err = dfota_unpack_region(&job, unpacker->fault);
    if (!err)
        err = dfota_filter_turn(&job, true, unpacker->fault);
    return told_at(unpacker, err, unpacker->header->head_size);
}

/*
 * Where in its image `pos` of a view lies, which is before region `index` of
 * `count`, or NOWHERE; `*size` bytes from there on are alike, or fewer.
 */
static uint32_t between(const struct dfota_shelf_region *regions,
                        uint32_t index, uint32_t count, uint32_t pos,
                        uint32_t *size)
{
    const struct dfota_shelf_region *after = regions + index;
    uint32_t image = 0;
    uint32_t begin = 0;        /* of the image's bytes in the view, */
    uint32_t end = UINT32_MAX; /* and where they end there */
    uint32_t until = UINT32_MAX;

    if (index > 0) {
        const struct dfota_shelf_region *before = after - 1;

        image = before->packed.offset + before->packed.packed_size;
        begin = before->pos + before->packed.contents_size;
        begin += (image - begin) % DFOTA_VIEW_GRAIN;
    }
    if (index < count) {
        until = after->pos;
        end = begin + (after->packed.offset - image);
    }
    if (pos < begin) {
        until = begin;
        image = NOWHERE;
    } else if (pos < end) {
        until = end;
        image += pos - begin;
    } else {
        image = NOWHERE;
    }
    *size = least(until - pos, *size);
    return image;
}

static enum dfota_error read_old(struct dfota_unpacker *unpacker,
                                 uint32_t offset, uint8_t *out, size_t size)
{
    const struct dfota_applier *applier = unpacker->applier;
    const struct dfota_shelf *shelf = &unpacker->shelf;
    enum dfota_error err = DFOTA_OK;
    uint32_t part;

    for (; size > 0 && !err; offset += part, out += part, size -= part) {
        uint32_t index = dfota_shelf_find(shelf, offset);
        const struct dfota_shelf_region *region = &shelf->regions[index];

        part = least(UINT32_MAX, size);
        if (index == shelf->count || offset < region->pos) {
            uint32_t image =
                between(shelf->regions, index, shelf->count, offset, &part);

            for (uint32_t i = 0; i < part; i++)
                out[i] = 0;
            if (image != NOWHERE)
                err = applier->read_old(applier->context, image, out, part);
            continue;
        }
        part = least(region->pos + region->packed.contents_size - offset, part);
        err = load(unpacker, index);
        if (!err)
            dfota_bytes_copy(out,
                             dfota_shelf_contents(shelf, index) +
                                 (offset - region->pos),
                             part);
    }
    return err;
}

/* --- new ------------------------------------------------------------------ */

/* Keeps what of the copy at hand makes the region that is being made. */
static enum dfota_error keep_copy(struct dfota_unpacker *unpacker)
{
    const struct dfota_shelf_region *region = &unpacker->news[unpacker->next];
    uint32_t end = region->pos + region->packed.contents_size;
    struct dfota_copy copy = unpacker->copy;
    uint32_t copy_end = copy.new_pos + copy.length;
    uint32_t less = 0;

    if (copy.new_pos < region->pos)
        less = region->pos - copy.new_pos;
    if (copy_end > end)
        copy_end = end;
    copy.new_pos += less;
    copy.old_pos += less;
    copy.length = copy_end - copy.new_pos;
    if (copy_end <= copy.new_pos)
        return DFOTA_OK;
    if (unpacker->job.copy_count == unpacker->header->unpacked.copies)
        return refuse(unpacker, "DLT-45");
    unpacker->copies[unpacker->job.copy_count++] = copy;
    return DFOTA_OK;
}

static void note_record(struct dfota_unpacker *unpacker,
                        const struct dfota_copy *copy)
{
    unpacker->copy = *copy;
    unpacker->noted = false;
}

/* Makes the map of the copies that made a region, and puts the regions on the
 * shelf from which they are. */
static enum dfota_error use_olds(struct dfota_unpacker *unpacker)
{
    struct dfota_shelf *shelf = &unpacker->shelf;

    dfota_shelf_begin(shelf);
    unpacker->map.count = unpacker->job.copy_count;
    for (uint32_t i = 0; i < unpacker->map.count; i++) {
        const struct dfota_copy *copy = &unpacker->copies[i];

        unpacker->map.entries[i] = (struct dfota_map_entry){
            copy->old_pos, copy->length, copy->new_pos - copy->old_pos};
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
    dfota_map_sort(&unpacker->map);
    return DFOTA_OK;
}

/* Packs the region whose contents are complete. */
static enum dfota_error finish(struct dfota_unpacker *unpacker)
{
    enum dfota_error err = use_olds(unpacker);
    const struct dfota_shelf_region *region = &unpacker->news[unpacker->next++];
    struct dfota_packed_job *job = &unpacker->job;
    struct dfota_tokens room;

    if (err)
        return err;
    job->region = &region->packed;
    job->new_pos = region->pos;
    job->old_count = dfota_shelf_parses(&unpacker->shelf, unpacker->olds);
    job->room = NULL;
    if (region->packed.packing == DFOTA_PACKING_DEFLATE) {
        job->room = &room;
        dfota_tokens_open(&room, region->packed.contents_size, region->tokens,
                          (uint8_t *)job->memory +
                              dfota_pack_memory(&region->packed));
    }
    err = dfota_filter_turn(job, false, unpacker->fault);
    if (!err)
        err = dfota_pack_region(job, unpacker->fault);
    if (unpacker->mix.range.error)
        return range_error(unpacker);
    return told_at(unpacker, err, dfota_range_position(&unpacker->mix.range));
}

/* Takes up to `size` bytes that are contents of a region. */
static enum dfota_error gather(struct dfota_unpacker *unpacker,
                               const uint8_t *bytes, uint32_t *size)
{
    const struct dfota_shelf_region *region = &unpacker->news[unpacker->next];
    uint32_t made = unpacker->new_pos - region->pos;
    uint32_t left = region->packed.contents_size - made;
    enum dfota_error err = DFOTA_OK;

    *size = least(left, *size);
    if (made == 0)
        unpacker->job.copy_count = 0;
    if (made == 0 || !unpacker->noted)
        err = keep_copy(unpacker);
    unpacker->noted = true;
    dfota_bytes_copy(unpacker->job.contents + made, bytes, *size);
    return err || *size < left ? err : finish(unpacker);
}

/* Bytes that only the view has are dropped. */
static enum dfota_error write_new(struct dfota_unpacker *unpacker,
                                  const uint8_t *bytes, size_t size)
{
    const struct dfota_packed_job *job = &unpacker->job;
    uint32_t count = unpacker->header->unpacked.new_count;
    enum dfota_error err = DFOTA_OK;
    uint32_t part;

    for (; size > 0 && !err;
         unpacker->new_pos += part, bytes += part, size -= part) {
        uint32_t next = unpacker->next;

        part = least(UINT32_MAX, size);
        if (next < count && unpacker->new_pos >= unpacker->news[next].pos)
            err = gather(unpacker, bytes, &part);
        else if (between(unpacker->news, next, count, unpacker->new_pos,
                         &part) != NOWHERE)
            err = job->write(job->context, bytes, part);
    }
    return err;
}

static enum dfota_error end_new(struct dfota_unpacker *unpacker)
{
    return dfota_range_used_up(&unpacker->mix.range)
               ? DFOTA_OK
               : refuse_parse(unpacker, "DLT-20");
}

const struct dfota_unpacking dfota_unpacking_regions = {
    open_unpacker, read_old, note_record, write_new, end_new};
