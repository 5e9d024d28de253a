/* SPDX-License-Identifier: MIT */
#include "lib/delta/cut.h"

#include <stdlib.h>

#include "lib/apply/places.h"
#include "lib/base/fault.h"
#include "lib/delta/order.h"

#define STASH_MIN 24 /* bytes; fewer are not worth a range of the stash */
#define COPY_MIN  8  /* bytes; of a copy that is cut, fewer are inserted */

/* A plan in the making. */
struct cutter {
    const struct dfota_plan *plan;
    struct dfota_sequence sequence;
    struct dfota_buffer *parts; /* records of each segment, by place */
    struct dfota_buffer lost;   /* of struct dfota_stash_range: copied too late,
                                   as they are found */
    struct dfota_places places;
    uint32_t new_pos;         /* up to where new is cut */
    struct dfota_record open; /* what is to be the next record there */
};

static uint32_t least(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* --- records -------------------------------------------------------------- */

/* Ends the open record, in the segment before `new_pos`. */
static void end_record(struct cutter *cutter)
{
    struct dfota_record *open = &cutter->open;
    uint32_t place = (cutter->new_pos - 1) / cutter->places.segment_size;

    if (open->insert > 0 || open->copy > 0)
        dfota_buffer_add(&cutter->parts[place], open, sizeof(*open));
    *open = (struct dfota_record){.dialect = open->dialect};
}

/* How many of `size` bytes are in the segment at hand. */
static uint32_t fitting(const struct cutter *cutter, uint32_t size)
{
    uint32_t segment_size = cutter->places.segment_size;

    return least(size, segment_size - cutter->new_pos % segment_size);
}

static void insert(struct cutter *cutter, uint32_t size)
{
    cutter->open.insert += size;
    cutter->new_pos += size;
    if (cutter->new_pos % cutter->places.segment_size == 0)
        end_record(cutter);
}

static void copy(struct cutter *cutter, uint32_t old_pos, uint32_t size)
{
    cutter->open.old_pos = old_pos;
    cutter->open.copy = size;
    cutter->new_pos += size;
    end_record(cutter);
}

/* How many of the bytes from `old_pos` on can be read, or can not. */
static uint32_t stretch(const struct cutter *cutter, uint32_t old_pos,
                        uint32_t size, bool readable)
{
    uint32_t offset;
    uint32_t found;
    uint32_t done = 0;

    while (done < size) {
        found = dfota_places_find(&cutter->places, old_pos + done, size - done,
                                  &offset);
        if ((found > 0) != readable)
            break;
        done += readable ? found : 1;
    }
    return done;
}

/* Copies what can be read of a copy within one segment, and inserts the rest;
 * notes what that is. */
static void copy_part(struct cutter *cutter, uint32_t old_pos, uint32_t size)
{
    while (size > 0) {
        uint32_t there = stretch(cutter, old_pos, size, true);
        uint32_t gone = stretch(cutter, old_pos + there, size - there, false);

        if (there < size && there < COPY_MIN)
            insert(cutter, there);
        else
            copy(cutter, old_pos, there);
        if (gone >= STASH_MIN) {
            struct dfota_stash_range range = {old_pos + there, gone, 0};

            dfota_buffer_add(&cutter->lost, &range, sizeof(range));
        }
        if (gone > 0)
            insert(cutter, gone);
        old_pos += there + gone;
        size -= there + gone;
    }
}

static void cut_record(struct cutter *cutter, const struct dfota_record *record)
{
    uint32_t size;

    cutter->open.dialect = record->dialect;
    for (uint32_t done = 0; done < record->insert; done += size) {
        size = fitting(cutter, record->insert - done);
        insert(cutter, size);
    }
    for (uint32_t done = 0; done < record->copy; done += size) {
        uint32_t place = cutter->new_pos / cutter->places.segment_size;

        size = fitting(cutter, record->copy - done);
        cutter->places.turn = cutter->places.turns[place];
        copy_part(cutter, record->old_pos + done, size);
    }
    end_record(cutter);
}

/* Cuts all records into those of segments. */
static void cut_records(struct cutter *cutter)
{
    const struct dfota_plan *plan = cutter->plan;

    cutter->new_pos = 0;
    cutter->lost.size = 0;
    for (uint32_t i = 0; i < cutter->places.count; i++)
        cutter->parts[i].size = 0;
    for (size_t i = 0; i < plan->record_count; i++)
        cut_record(cutter, &plan->records[i]);
}

/* --- the stash ------------------------------------------------------------ */

static int longest_first(const void *a, const void *b)
{
    const struct dfota_stash_range *x = a;
    const struct dfota_stash_range *y = b;

    if (x->size != y->size)
        return x->size > y->size ? -1 : 1;
    if (x->old_pos != y->old_pos)
        return x->old_pos < y->old_pos ? -1 : 1;
    return 0;
}

static int by_old_pos(const void *a, const void *b)
{
    const struct dfota_stash_range *x = a;
    const struct dfota_stash_range *y = b;

    if (x->old_pos != y->old_pos)
        return x->old_pos < y->old_pos ? -1 : 1;
    return 0;
}

/* Makes one of sorted ranges that overlap or touch, and deals out the stash. */
static void unite(struct dfota_buffer *stash)
{
    struct dfota_stash_range *range = (void *)stash->data;
    size_t count = stash->size / sizeof(*range);
    size_t kept = 0;

    for (size_t i = 1; i < count; i++) {
        uint32_t end = range[kept].old_pos + range[kept].size;

        if (range[i].old_pos > end) {
            range[++kept] = range[i];
            range[kept].offset = range[kept - 1].offset + range[kept - 1].size;
        } else if (range[i].old_pos + range[i].size > end) {
            range[kept].size =
                range[i].old_pos + range[i].size - range[kept].old_pos;
        }
    }
    if (count > 0)
        stash->size = (kept + 1) * sizeof(*range);
}

/* Chooses what to keep of what comes too late: the longest as far as they fit,
 * whether or not they overlap. */
static void fill_stash(struct cutter *cutter, uint32_t stash_size,
                       struct dfota_buffer *stash)
{
    struct dfota_stash_range *lost = (void *)cutter->lost.data;
    size_t count = cutter->lost.size / sizeof(*lost);

    if (count == 0 || cutter->lost.error)
        return;
    qsort(lost, count, sizeof(*lost), longest_first);
    for (size_t i = 0; i < count; i++) {
        if (lost[i].size > stash_size)
            continue;
        stash_size -= lost[i].size;
        dfota_buffer_add(stash, &lost[i], sizeof(lost[i]));
    }
    if (stash->error || stash->size == 0)
        return;
    qsort(stash->data, stash->size / sizeof(*lost), sizeof(*lost), by_old_pos);
    unite(stash);
    cutter->places.stash = (void *)stash->data;
    cutter->places.stash_count = (uint32_t)(stash->size / sizeof(*lost));
}

/* --- the plan ------------------------------------------------------------- */

/* Puts the segments into their order. */
static void assemble(const struct cutter *cutter, struct dfota_cut *out)
{
    const uint32_t *places = (const void *)cutter->sequence.places.data;
    uint32_t segment_size = cutter->places.segment_size;

    for (uint32_t turn = 0; turn < cutter->places.count; turn++) {
        const struct dfota_buffer *part = &cutter->parts[places[turn]];
        struct dfota_plan_segment segment = {.new_pos =
                                                 places[turn] * segment_size};

        dfota_buffer_add(&out->records, part->data, part->size);
        segment.size = least(segment_size, (uint32_t)cutter->plan->new.size -
                                               segment.new_pos);
        segment.record_end = out->records.size / sizeof(struct dfota_record);
        dfota_buffer_add(&out->segments, &segment, sizeof(segment));
        if (part->error)
            out->records.error = part->error;
    }
}

static void describe(const struct cutter *cutter, struct dfota_cut *out)
{
    struct dfota_plan *plan = &out->plan;
    const struct dfota_stash_range *stash = (const void *)out->stash.data;
    size_t stash_count = out->stash.size / sizeof(*stash);

    *plan = *cutter->plan;
    plan->records = (const void *)out->records.data;
    plan->record_count = out->records.size / sizeof(struct dfota_record);
    plan->segments = (const void *)out->segments.data;
    plan->stash = stash;
    plan->order = (struct dfota_order){
        .segment_size = cutter->places.segment_size,
        .stash_count = (uint32_t)stash_count,
        .backward = cutter->sequence.backward,
    };
    if (stash_count > 0)
        plan->order.stash_size =
            stash[stash_count - 1].offset + stash[stash_count - 1].size;
}

/* Says when each place is overwritten. */
static void take_turns(struct cutter *cutter)
{
    const uint32_t *places = (const void *)cutter->sequence.places.data;

    for (uint32_t turn = 0; places != NULL && turn < cutter->places.count;
         turn++)
        cutter->places.turns[places[turn]] = (uint16_t)turn;
}

static void cut(struct cutter *cutter, uint32_t stash_size,
                struct dfota_cut *out)
{
    take_turns(cutter);
    cut_records(cutter);
    fill_stash(cutter, stash_size, &out->stash);
    if (out->stash.size > 0)
        cut_records(cutter); /* again, with a stash */
    assemble(cutter, out);
    if (cutter->lost.error)
        out->stash.error = cutter->lost.error;
    describe(cutter, out);
}

enum dfota_error dfota_cut_make(const struct dfota_plan *plan,
                                uint32_t segment_size, uint32_t stash_size,
                                struct dfota_cut *out,
                                struct dfota_fault *fault)
{
    size_t count = (plan->new.size + segment_size - 1) / segment_size;
    struct dfota_cut made = {.plan = *plan};
    struct cutter cutter = {
        .plan = plan,
        .parts = calloc(count + 1, sizeof(*cutter.parts)),
        .places = {.turns = calloc(count + 1, sizeof(*cutter.places.turns)),
                   .count = (uint32_t)count,
                   .segment_size = segment_size},
    };
    enum dfota_error err = DFOTA_ERR_MEMORY;

    if (cutter.parts != NULL && cutter.places.turns != NULL)
        err = dfota_sequence_find(plan, segment_size, &cutter.sequence, fault);
    else
        (void)dfota_fail_memory(fault);
    if (!err) {
        cut(&cutter, stash_size, &made);
        err = dfota_buffer_check(&made.records, fault);
    }
    if (!err)
        err = dfota_buffer_check(&made.segments, fault);
    if (!err)
        err = dfota_buffer_check(&made.stash, fault);
    for (size_t i = 0; i < count && cutter.parts != NULL; i++)
        dfota_buffer_free(&cutter.parts[i]);
    free(cutter.parts);
    free(cutter.places.turns);
    dfota_buffer_free(&cutter.lost);
    dfota_sequence_free(&cutter.sequence);
    if (err)
        dfota_cut_free(&made);
    else
        *out = made;
    return err;
}

void dfota_cut_free(struct dfota_cut *cut)
{
    dfota_buffer_free(&cut->records);
    dfota_buffer_free(&cut->segments);
    dfota_buffer_free(&cut->stash);
    *cut = (struct dfota_cut){.records = {0}};
}
