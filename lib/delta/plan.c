/* SPDX-License-Identifier: MIT */
#include "lib/delta/plan.h"

#include <stdlib.h>
#include <string.h>

#include "lib/apply/delta_header.h"
#include "lib/apply/walk.h"
#include "lib/base/fault.h"
#include "lib/base/spill.h"
#include "lib/delta/records.h"

/* All that a generator looks for. */
static const struct dfota_isa *const isas[] = {&dfota_isa_t32,
                                               &dfota_isa_a32,
                                               &dfota_isa_a64,
                                               &dfota_isa_riscv,
                                               &dfota_isa_x86,
                                               &dfota_isa_xtensa,
                                               NULL};

const struct dfota_isa *dfota_plan_isa(uint8_t id)
{
    unsigned i = 0;

    while (isas[i]->id != id)
        i++;
    return isas[i];
}

static enum dfota_error read_old(void *context, uint32_t offset, void *out,
                                 size_t size)
{
    const struct dfota_plan *plan = context;

    dfota_spills_look_at(offset, size);
    memcpy(out, plan->old.data + offset, size);
    return DFOTA_OK;
}

uint32_t dfota_plan_count(const struct dfota_plan *plan, uint32_t length)
{
    uint32_t count = 0;

    for (size_t i = 0; i < plan->record_count; i++)
        count += plan->records[i].copy > 0 && plan->records[i].copy >= length;
    return count;
}

uint32_t dfota_plan_segments(const struct dfota_plan *plan)
{
    const struct dfota_delta_header header = {
        .new_size = (uint32_t)plan->new.size, .order = plan->order};

    return plan->order.segment_size > 0 ? dfota_delta_segments(&header) : 0;
}

/* Adds the copies of the records from number `from` to `to`, which begin at
 * `new_pos`. */
static void add_copies(const struct dfota_plan *plan, size_t from, size_t to,
                       uint32_t new_pos, struct dfota_buffer *out)
{
    for (size_t i = from; i < to; i++) {
        const struct dfota_record *record = &plan->records[i];
        struct dfota_map_entry entry = {record->old_pos, record->copy, 0};

        new_pos += record->insert;
        entry.shift = new_pos - record->old_pos;
        if (record->copy > 0 && record->copy >= plan->prediction.map_length)
            dfota_buffer_add(out, &entry, sizeof(entry));
        new_pos += record->copy;
    }
}

/* The map that the applier will make of the records. */
static void add_map(const struct dfota_plan *plan, struct dfota_buffer *out)
{
    uint32_t count = dfota_plan_segments(plan);
    size_t from = 0;

    if (count == 0)
        add_copies(plan, 0, plan->record_count, 0, out);
    for (uint32_t i = 0; i < count; i++) {
        add_copies(plan, from, plan->segments[i].record_end,
                   plan->segments[i].new_pos, out);
        from = plan->segments[i].record_end;
    }
}

enum dfota_error dfota_rehearsal_open(const struct dfota_plan *plan,
                                      struct dfota_rehearsal *out,
                                      struct dfota_fault *fault)
{
    struct dfota_predictor *predictor = &out->predictor;
    size_t learned =
        plan->prediction.learned * sizeof(struct dfota_learned_entry);
    enum dfota_error err;

    *out = (struct dfota_rehearsal){
        .applier = {.context = (void *)(uintptr_t)plan,
                    .old_size = (uint32_t)plan->old.size,
                    .read_old = read_old,
                    .isas = isas},
        .predictor = {.prediction = &plan->prediction,
                      .old_size = (uint32_t)plan->old.size},
    };
    add_map(plan, &out->map);
    dfota_buffer_reserve(&out->learned, learned);
    err = dfota_buffer_check(&out->map, fault);
    if (!err)
        err = dfota_buffer_check(&out->learned, fault);
    if (err) {
        dfota_rehearsal_close(out);
        return err;
    }
    predictor->map = (struct dfota_map){
        (void *)out->map.data,
        (uint32_t)(out->map.size / sizeof(struct dfota_map_entry))};
    predictor->learned = (struct dfota_learned){(void *)out->learned.data, 0,
                                                plan->prediction.learned};
    dfota_map_sort(&predictor->map);
    (void)dfota_predict_open(predictor, isas); /* it has all there are */
    return DFOTA_OK;
}

/* Whether the coder is not told what new has from `new_pos` on. */
static bool passed_over(const struct dfota_rehearsal *rehearsal,
                        uint32_t new_pos)
{
    return new_pos / DFOTA_PLAN_PART % rehearsal->stride != 0;
}

/* Makes a record, but only what lies in parts that the coder is told, and of
 * that no insertion without order, which costs the same in every way. */
static enum dfota_error make_sample(const struct dfota_rehearsal *rehearsal,
                                    struct dfota_walk *walk,
                                    const struct dfota_record *record)
{
    uint32_t size = record->insert + record->copy;
    enum dfota_error err = DFOTA_OK;

    for (uint32_t done = 0, step; done < size && !err; done += step) {
        uint32_t border = done < record->insert ? record->insert : size;
        struct dfota_record sample = {.dialect = record->dialect};

        step = DFOTA_PLAN_PART - walk->new_pos % DFOTA_PLAN_PART;
        if (step > border - done)
            step = border - done;
        if (done < record->insert) {
            sample.insert = step;
        } else {
            sample.copy = step;
            sample.old_pos = record->old_pos + (done - record->insert);
        }
        if (passed_over(rehearsal, walk->new_pos) ||
            (sample.insert > 0 &&
             dfota_records_are_plain(walk->new + walk->new_pos, step)))
            walk->new_pos += step;
        else
            err = dfota_walk_make(walk, &sample, NULL);
    }
    return err;
}

/* Walks through the records from number `from` to `to`. */
static enum dfota_error walk_records(const struct dfota_rehearsal *rehearsal,
                                     const struct dfota_plan *plan,
                                     struct dfota_walk *walk, size_t from,
                                     size_t to)
{
    enum dfota_error err = DFOTA_OK;

    for (size_t i = from; i < to && !err; i++) {
        struct dfota_record record = plan->records[i];

        err = dfota_walk_record(walk, &record, NULL);
        if (!err && rehearsal->records_only)
            walk->new_pos += record.insert + record.copy;
        else if (!err && rehearsal->stride > 1)
            err = make_sample(rehearsal, walk, &record);
        else if (!err)
            err = dfota_walk_make(walk, &record, NULL);
        if (!err && rehearsal->done != NULL)
            rehearsal->done(rehearsal->context, i);
    }
    return err;
}

/* Tells what is saved before the first segment. */
static void tell_stash(const struct dfota_plan *plan, struct dfota_coder *coder)
{
    uint32_t old_pos = 0;

    for (uint32_t i = 0; i < plan->order.stash_count; i++) {
        const struct dfota_stash_range *range = &plan->stash[i];

        (void)coder->number(coder, DFOTA_ORDER_GAP, range->old_pos - old_pos);
        (void)coder->number(coder, DFOTA_ORDER_LENGTH, range->size);
        old_pos = range->old_pos + range->size;
    }
}

/* How many segments without a turn come before that of `turn`, or behind it
 * where the order is backward. */
static uint32_t passed_by(const struct dfota_plan *plan, uint32_t turn)
{
    uint32_t count = dfota_plan_segments(plan);
    uint32_t passed = 0;

    for (uint32_t i = turn + 1; i < count; i++)
        passed += plan->order.backward ==
                  (plan->segments[i].new_pos > plan->segments[turn].new_pos);
    return passed;
}

static enum dfota_error walk_segments(struct dfota_rehearsal *rehearsal,
                                      const struct dfota_plan *plan,
                                      struct dfota_walk *walk)
{
    struct dfota_coder *coder = walk->coder;
    uint32_t count = dfota_plan_segments(plan);
    enum dfota_error err = DFOTA_OK;
    size_t from = 0;

    tell_stash(plan, coder);
    for (uint32_t i = 0; i < count && !err; i++) {
        const struct dfota_plan_segment *segment = &plan->segments[i];

        (void)coder->number(coder, DFOTA_ORDER_PASSED, passed_by(plan, i));
        (void)coder->number(coder, DFOTA_ORDER_CONTENT,
                            rehearsal->contents != NULL ? rehearsal->contents[i]
                                                        : 0);
        dfota_predict_forget(&rehearsal->predictor);
        if (rehearsal->begin != NULL)
            rehearsal->begin(rehearsal->context, i);
        dfota_walk_begin(walk, segment->new_pos,
                         segment->new_pos + segment->size);
        err = walk_records(rehearsal, plan, walk, from, segment->record_end);
        if (rehearsal->end != NULL)
            rehearsal->end(rehearsal->context, i);
        from = segment->record_end;
    }
    return err;
}

enum dfota_error dfota_rehearsal_walk(struct dfota_rehearsal *rehearsal,
                                      const struct dfota_plan *plan,
                                      struct dfota_coder *coder,
                                      struct dfota_fault *fault)
{
    struct dfota_walk *walk = malloc(sizeof(*walk));
    enum dfota_error err;

    if (walk == NULL)
        return dfota_fail_memory(fault);
    walk->applier = &rehearsal->applier;
    walk->predictor = &rehearsal->predictor;
    walk->coder = coder;
    walk->new = plan->new.data;
    walk->places = NULL;
    if (plan->order.segment_size > 0) {
        err = walk_segments(rehearsal, plan, walk);
    } else {
        dfota_predict_forget(&rehearsal->predictor);
        dfota_walk_begin(walk, 0, (uint32_t)plan->new.size);
        err = walk_records(rehearsal, plan, walk, 0, plan->record_count);
    }
    free(walk);
    return err ? dfota_fail(fault, err, DFOTA_NO_OFFSET, NULL) : DFOTA_OK;
}

void dfota_rehearsal_close(struct dfota_rehearsal *rehearsal)
{
    dfota_buffer_free(&rehearsal->map);
    dfota_buffer_free(&rehearsal->learned);
}
