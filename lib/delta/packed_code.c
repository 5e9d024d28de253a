/* SPDX-License-Identifier: MIT */
#include "lib/delta/packed_code.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/fault.h"

#define WEAR_SHARE 2 /* old is unpacked half as often as an applier allows */

/* What the applier will have when it comes to a region of new. */
struct rehearsal {
    struct dfota_packed_pair *pair;
    const struct dfota_plan *plan;
    struct dfota_packed_section *out;
    struct dfota_shelf shelf;
    const struct dfota_packed_stream **olds; /* those of the shelf */
    struct dfota_parse_old *parses;
    struct dfota_buffer
        copies;              /* of struct dfota_copy: of the region at hand */
    struct dfota_buffer map; /* of struct dfota_map_entry: of these */
    struct dfota_mix mix;
    uint32_t *heads;
    uint32_t *chain;
    /* what is compared with what is made: */
    const uint8_t *packed;
    uint32_t left;
};

/* --- setting up ----------------------------------------------------------- */

static void put_byte(void *context, uint8_t byte)
{
    dfota_buffer_add(context, &byte, 1);
}

static void list_olds(struct rehearsal *rehearsal)
{
    const struct dfota_packed_side *old = &rehearsal->pair->old;
    uint32_t count = 0;

    for (size_t i = 0; i < old->count; i++) {
        const struct dfota_packed_stream *stream = &old->streams[i];

        if (stream->fate != DFOTA_PACKED_UNPACKED)
            continue;
        rehearsal->olds[count] = stream;
        rehearsal->shelf.regions[count++] =
            (struct dfota_shelf_region){.packed = stream->region,
                                        .pos = stream->pos,
                                        .tokens = stream->tokens.count};
    }
    rehearsal->shelf.count = count;
    rehearsal->shelf.place_count = rehearsal->out->stated.place_count;
    rehearsal->shelf.place_size = rehearsal->out->stated.place_size;
    dfota_shelf_arrange(&rehearsal->shelf);
}

static enum dfota_error open(struct rehearsal *rehearsal,
                             struct dfota_fault *fault)
{
    const struct dfota_unpacked *stated = &rehearsal->out->stated;
    struct dfota_mix *mix = &rehearsal->mix;
    size_t olds = (size_t)stated->old_count + 1;
    int16_t *logits = calloc(DFOTA_MIX_LOGITS, sizeof(*logits));

    mix->logits = logits;
    mix->weights = calloc(DFOTA_PARSE_SETS, sizeof(*mix->weights));
    mix->slots = calloc(stated->slots, sizeof(*mix->slots));
    mix->slot_count = stated->slots;
    rehearsal->olds = calloc(olds, sizeof(const void *));
    rehearsal->parses = calloc(olds, sizeof(*rehearsal->parses));
    rehearsal->shelf.regions = calloc(olds, sizeof(struct dfota_shelf_region));
    rehearsal->heads = calloc((size_t)stated->heads + 1, sizeof(uint32_t));
    rehearsal->chain = calloc((size_t)stated->chain + 1, sizeof(uint32_t));
    if (logits == NULL || mix->weights == NULL || mix->slots == NULL ||
        rehearsal->olds == NULL || rehearsal->parses == NULL ||
        rehearsal->shelf.regions == NULL || rehearsal->heads == NULL ||
        rehearsal->chain == NULL)
        return dfota_fail_memory(fault);
    dfota_mix_logits(logits);
    dfota_mix_reset(mix, DFOTA_PARSE_SETS);
    dfota_range_encode(&mix->range, put_byte, &rehearsal->out->parse);
    list_olds(rehearsal);
    return DFOTA_OK;
}

static void close(struct rehearsal *rehearsal)
{
    free((void *)rehearsal->mix.logits);
    free(rehearsal->mix.weights);
    free(rehearsal->mix.slots);
    free(rehearsal->olds);
    free(rehearsal->parses);
    free(rehearsal->shelf.regions);
    free(rehearsal->heads);
    free(rehearsal->chain);
    dfota_buffer_free(&rehearsal->copies);
    dfota_buffer_free(&rehearsal->map);
}

/* --- a region of new ------------------------------------------------------ */

/* Puts on the shelf what a copy is made from. */
static void use(struct rehearsal *rehearsal, const struct dfota_copy *copy)
{
    struct dfota_shelf *shelf = &rehearsal->shelf;

    for (uint32_t i = dfota_shelf_find(shelf, copy->old_pos);
         i < shelf->count &&
         shelf->regions[i].pos < copy->old_pos + copy->length;
         i++) {
        dfota_shelf_take(shelf, i);
        shelf->regions[i].used = true;
    }
}

/* The parses that the applier will have. */
static uint32_t list_parses(struct rehearsal *rehearsal)
{
    const struct dfota_copy *copies = (const void *)rehearsal->copies.data;
    struct dfota_shelf *shelf = &rehearsal->shelf;
    uint32_t count = 0;

    dfota_shelf_begin(shelf);
    for (size_t i = 0; i < rehearsal->copies.size / sizeof(*copies); i++)
        use(rehearsal, &copies[i]);
    for (uint32_t i = 0; i < shelf->count; i++)
        if (shelf->regions[i].loaded && shelf->regions[i].used)
            rehearsal->parses[count++] = (struct dfota_parse_old){
                shelf->regions[i].pos, &rehearsal->olds[i]->tokens};
    return count;
}

static struct dfota_map map_copies(struct rehearsal *rehearsal)
{
    const struct dfota_copy *copies = (const void *)rehearsal->copies.data;
    size_t count = rehearsal->copies.size / sizeof(*copies);
    struct dfota_map map;

    rehearsal->map.size = 0;
    for (size_t i = 0; i < count; i++) {
        const struct dfota_map_entry entry = {
            copies[i].old_pos, copies[i].length,
            copies[i].new_pos - copies[i].old_pos};

        dfota_buffer_add(&rehearsal->map, &entry, sizeof(entry));
    }
    map.entries = (void *)rehearsal->map.data;
    map.count = (uint32_t)(rehearsal->map.size / sizeof(*map.entries));
    dfota_map_sort(&map);
    return map;
}

/* Takes what is packed, which must be what new has. */
static enum dfota_error compare(void *context, const void *bytes, size_t size)
{
    struct rehearsal *rehearsal = context;

    if (size > rehearsal->left || memcmp(rehearsal->packed, bytes, size) != 0)
        return DFOTA_ERR_REFUSED;
    rehearsal->packed += size;
    rehearsal->left -= (uint32_t)size;
    return DFOTA_OK;
}

static enum dfota_error pack(struct rehearsal *rehearsal,
                             struct dfota_packed_stream *stream,
                             uint8_t *contents, void *memory)
{
    const struct dfota_unpacked *stated = &rehearsal->out->stated;
    struct dfota_map map = map_copies(rehearsal);
    const struct dfota_packed_job job = {
        .packings = dfota_packings,
        .region = &stream->region,
        .contents = contents,
        .mix = &rehearsal->mix,
        .tokens = &stream->tokens,
        .blocks = &stream->blocks,
        .olds = rehearsal->parses,
        .old_count = list_parses(rehearsal),
        .new_pos = stream->pos,
        .copies = (const void *)rehearsal->copies.data,
        .copy_count =
            (uint32_t)(rehearsal->copies.size / sizeof(struct dfota_copy)),
        .map = &map,
        .heads = rehearsal->heads,
        .head_count = stated->heads,
        .chain = rehearsal->chain,
        .chain_count = stated->chain,
        .context = rehearsal,
        .write = compare,
        .memory = memory,
    };
    enum dfota_error err = dfota_filter_turn(&job, false, NULL);

    if (err)
        return err;
    rehearsal->packed = rehearsal->pair->new.image.data + stream->region.offset;
    rehearsal->left = stream->region.packed_size;
    err = dfota_pack_region(&job, NULL);
    return !err && rehearsal->left > 0 ? DFOTA_ERR_REFUSED : err;
}

/* Tells how a region is packed, and that it comes out as it is in new. */
static enum dfota_error code_region(struct rehearsal *rehearsal,
                                    struct dfota_packed_stream *stream,
                                    struct dfota_fault *fault)
{
    const struct dfota_packed_region *region = &stream->region;
    size_t before = rehearsal->out->parse.size;
    uint8_t *contents = malloc(region->contents_size);
    void *memory =
        aligned_alloc(16, ((size_t)dfota_pack_memory(region) + 15) / 16 * 16);
    enum dfota_error err = DFOTA_OK;

    if (contents == NULL || memory == NULL) {
        err = dfota_fail_memory(fault);
    } else {
        memcpy(contents, stream->contents, region->contents_size);
        err = pack(rehearsal, stream, contents, memory);
        if (err) {
            dfota_packed_leave(stream, DFOTA_PACKED_UNSOUND);
            err = dfota_fail(fault, DFOTA_ERR_REFUSED, region->offset, NULL);
        }
    }
    stream->parse_size = (uint32_t)(rehearsal->out->parse.size - before);
    free(memory);
    free(contents);
    return err;
}

/* --- all of new ----------------------------------------------------------- */

/* What of a record's copy makes a region; its length is 0 where nothing is. */
static struct dfota_copy clip(const struct dfota_packed_stream *stream,
                              struct dfota_copy copy)
{
    uint64_t end = (uint64_t)stream->pos + stream->region.contents_size;
    uint64_t copy_end = (uint64_t)copy.new_pos + copy.length;
    uint32_t less = copy.new_pos < stream->pos ? stream->pos - copy.new_pos : 0;

    if (copy.new_pos >= end || copy_end <= stream->pos)
        return (struct dfota_copy){0, 0, 0};
    if (copy_end > end)
        copy.length = (uint32_t)(end - copy.new_pos);
    return (struct dfota_copy){copy.new_pos + less, copy.old_pos + less,
                               copy.length - less};
}

/* The stream that is unpacked from `index` on. */
static size_t next_stream(const struct dfota_packed_side *side, size_t index)
{
    while (index < side->count &&
           side->streams[index].fate != DFOTA_PACKED_UNPACKED)
        index++;
    return index;
}

/* Where a walk through the records is. */
struct stage {
    size_t stream;
    uint32_t new_pos; /* behind the record at hand */
};

/* Ends the regions that are complete with a record. */
static enum dfota_error do_record(struct rehearsal *rehearsal,
                                  struct stage *stage,
                                  const struct dfota_record *record,
                                  struct dfota_fault *fault)
{
    struct dfota_packed_side *new = &rehearsal->pair->new;
    const struct dfota_copy copy = {stage->new_pos + record->insert,
                                    record->old_pos, record->copy};
    enum dfota_error err = DFOTA_OK;

    use(rehearsal, &copy);
    stage->new_pos += record->insert + record->copy;
    while (!err && stage->stream < new->count) {
        struct dfota_packed_stream *stream = &new->streams[stage->stream];
        struct dfota_copy part = clip(stream, copy);

        if (part.length > 0)
            dfota_buffer_add(&rehearsal->copies, &part, sizeof(part));
        if (stage->new_pos - stream->pos < stream->region.contents_size ||
            stage->new_pos < stream->pos)
            break;
        if (rehearsal->out->stated.copies * sizeof(part) <
            rehearsal->copies.size)
            rehearsal->out->stated.copies =
                (uint32_t)(rehearsal->copies.size / sizeof(part));
        err = code_region(rehearsal, stream, fault);
        rehearsal->copies.size = 0;
        stage->stream = next_stream(new, stage->stream + 1);
    }
    return err;
}

static enum dfota_error code_all(struct rehearsal *rehearsal,
                                 struct dfota_fault *fault)
{
    const struct dfota_plan *plan = rehearsal->plan;
    struct stage stage = {next_stream(&rehearsal->pair->new, 0), 0};
    enum dfota_error err = DFOTA_OK;

    for (size_t i = 0; i < plan->record_count && !err; i++)
        err = do_record(rehearsal, &stage, &plan->records[i], fault);
    if (!err && dfota_shelf_worn(&rehearsal->shelf,
                                 (uint32_t)(plan->old.size / WEAR_SHARE)))
        err = dfota_fail(fault, DFOTA_ERR_LIMIT, DFOTA_NO_OFFSET, NULL);
    return err;
}

enum dfota_error dfota_packed_code(struct dfota_packed_pair *pair,
                                   const struct dfota_plan *plan,
                                   struct dfota_packed_section *out,
                                   struct dfota_fault *fault)
{
    struct rehearsal rehearsal = {.pair = pair, .plan = plan, .out = out};
    enum dfota_error err = open(&rehearsal, fault);

    if (!err)
        err = code_all(&rehearsal, fault);
    if (!err) {
        dfota_range_flush(&rehearsal.mix.range);
        dfota_packed_list(pair, &out->list);
        err = dfota_buffer_check(&out->list, fault);
    }
    if (!err)
        err = dfota_buffer_check(&out->parse, fault);
    if (!err)
        err = dfota_buffer_check(&rehearsal.copies, fault);
    out->stated.old_size = (uint32_t)pair->old.view.size;
    out->stated.new_size = (uint32_t)pair->new.view.size;
    out->stated.list_size = (uint32_t)out->list.size;
    out->stated.parse_size = (uint32_t)out->parse.size;
    close(&rehearsal);
    return err;
}

void dfota_packed_section_free(struct dfota_packed_section *section)
{
    dfota_buffer_free(&section->list);
    dfota_buffer_free(&section->parse);
}
