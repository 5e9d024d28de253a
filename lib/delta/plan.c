/* SPDX-License-Identifier: MIT */
#include "lib/delta/plan.h"

#include <stdlib.h>
#include <string.h>

#include "lib/apply/walk.h"
#include "lib/base/fault.h"
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

/* The map that the applier will make of the records. */
static void add_map(const struct dfota_plan *plan, struct dfota_buffer *out)
{
    uint32_t new_pos = 0;

    for (size_t i = 0; i < plan->record_count; i++) {
        const struct dfota_record *record = &plan->records[i];
        struct dfota_map_entry entry = {record->old_pos, record->copy, 0};

        new_pos += record->insert;
        entry.shift = new_pos - record->old_pos;
        if (record->copy > 0 && record->copy >= plan->prediction.map_length)
            dfota_buffer_add(out, &entry, sizeof(entry));
        new_pos += record->copy;
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
                                    const struct dfota_record *record,
                                    struct dfota_fault *fault)
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
            err = dfota_walk_make(walk, &sample, fault);
    }
    return err;
}

enum dfota_error dfota_rehearsal_walk(struct dfota_rehearsal *rehearsal,
                                      const struct dfota_plan *plan,
                                      struct dfota_coder *coder,
                                      struct dfota_fault *fault)
{
    struct dfota_walk *walk = malloc(sizeof(*walk));
    enum dfota_error err = DFOTA_OK;

    if (walk == NULL)
        return dfota_fail(fault, DFOTA_ERR_MEMORY, DFOTA_NO_OFFSET, NULL);
    walk->applier = &rehearsal->applier;
    walk->predictor = &rehearsal->predictor;
    walk->coder = coder;
    walk->new = plan->new.data;
    walk->new_size = (uint32_t)plan->new.size;
    rehearsal->predictor.learned.count = 0;
    memset(rehearsal->predictor.recent, 0, sizeof(rehearsal->predictor.recent));
    dfota_walk_begin(walk);
    for (size_t i = 0; i < plan->record_count && !err; i++) {
        struct dfota_record record = plan->records[i];

        err = dfota_walk_record(walk, &record, fault);
        if (!err && rehearsal->stride > 1)
            err = make_sample(rehearsal, walk, &record, fault);
        else if (!err)
            err = dfota_walk_make(walk, &record, fault);
        if (!err && rehearsal->done != NULL)
            rehearsal->done(rehearsal->context, i);
    }
    free(walk);
    return err;
}

void dfota_rehearsal_close(struct dfota_rehearsal *rehearsal)
{
    dfota_buffer_free(&rehearsal->map);
    dfota_buffer_free(&rehearsal->learned);
}
