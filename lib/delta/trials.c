/* SPDX-License-Identifier: MIT */
#include "lib/delta/trials.h"

#include <string.h>

#include "lib/base/parallel.h"
#include "lib/base/spill.h"
#include "lib/delta/budget.h"
#include "lib/delta/index.h"
#include "lib/delta/mixed.h"
#include "lib/delta/records.h"

#define SLOTS 32768u /* enough to tell ways from each other */
#define SAMPLE                                                                 \
    ((size_t)1 << 14) /* bytes to be coded, in a trial, at most ... */
#define SAMPLE_LARGE                                                           \
    ((size_t)1 << 16) /* ... of large images, where those of a                 \
                         sample lie far apart */
#define BLOCK 4096u   /* bytes whose order is judged together */
#define EASY  32      /* copied bytes as quick as one of those */

struct trials {
    const struct dfota_plan *plan;
    const struct dfota_delta_options *options;
    struct dfota_trial_way *ways;
    uint32_t stride;
};

/* Bytes that differ. */
static size_t count_different(const uint8_t *a, const uint8_t *b, size_t size)
{
    size_t count = 0;

    if (memcmp(a, b, size) == 0) /* which is most of large images */
        return 0;
    for (size_t i = 0; i < size; i++)
        count += a[i] != b[i];
    return count;
}

/* What it takes to code a record's bytes from `begin` of new on. */
static size_t work_of(const struct dfota_plan *plan,
                      const struct dfota_record *record, uint32_t begin)
{
    const uint8_t *new = plan->new.data + begin;
    size_t work = 0;

    for (uint32_t done = 0, step; done < record->insert; done += step) {
        step = record->insert - done < BLOCK ? record->insert - done : BLOCK;
        if (!dfota_records_are_plain(new + done, step))
            work += step;
    }
    for (uint32_t done = 0, step; done < record->copy; done += step) {
        step = record->copy - done < BLOCK ? record->copy - done : BLOCK;
        work += count_different(plan->old.data + record->old_pos + done,
                                new + record->insert + done, step);
        dfota_spills_look_at(begin + record->insert + done, step);
    }
    return work;
}

/* One part in how many is enough: the more there is to code, the fewer. */
static uint32_t choose_stride(const struct dfota_plan *plan)
{
    size_t sample =
        dfota_index_is_small(plan->old.size) ? SAMPLE : SAMPLE_LARGE;
    size_t work = plan->new.size / EASY;
    uint32_t new_pos = 0;

    for (size_t i = 0; i < plan->record_count; i++) {
        const struct dfota_record *record = &plan->records[i];

        work += work_of(plan, record, new_pos);
        new_pos += record->insert + record->copy;
    }
    return (uint32_t)(work / sample + 1);
}

/* Appends the plan's records, all in one dialect. */
static void translate(const struct dfota_plan *plan, uint8_t dialect,
                      struct dfota_buffer *out)
{
    for (size_t i = 0; i < plan->record_count; i++) {
        struct dfota_record record = plan->records[i];

        record.dialect = dialect;
        dfota_buffer_add(out, &record, sizeof(record));
    }
}

static void try_way(void *context, size_t index)
{
    const struct trials *trials = context;
    struct dfota_trial_way *way = &trials->ways[index];
    struct dfota_mixed_out out = {
        .mixed = {.slots = SLOTS},
        .stride = trials->stride,
        .reached = way->reached,
    };
    struct dfota_buffer records = {0};
    struct dfota_plan plan = *trials->plan;

    plan.prediction = way->prediction;
    if (way->all) {
        translate(&plan, plan.prediction.dialect_count, &records);
        way->error = dfota_buffer_check(&records, NULL);
        plan.records = (const void *)records.data;
    }
    if (!way->error) {
        dfota_budget_tables(&plan, trials->options->ram);
        way->error = dfota_mixed_encode(&plan, &out, NULL);
    }
    way->cost = out.records.size + out.content.size;
    dfota_mixed_free(&out);
    dfota_buffer_free(&records);
}

enum dfota_error dfota_trials_run(const struct dfota_plan *plan,
                                  const struct dfota_delta_options *options,
                                  struct dfota_trial_way *ways, size_t count,
                                  size_t *best)
{
    struct trials trials = {plan, options, ways, choose_stride(plan)};

    for (size_t i = 0; i < count; i++)
        ways[i].error = DFOTA_OK;
    dfota_parallel(options->threads, count, try_way, &trials);
    *best = 0;
    for (size_t i = 0; i < count; i++) {
        if (ways[i].error)
            return ways[i].error;
        if (ways[i].cost < ways[*best].cost)
            *best = i;
    }
    return DFOTA_OK;
}

enum dfota_error dfota_trials_price(const struct dfota_plan *plan,
                                    const struct dfota_delta_options *options,
                                    size_t *cost)
{
    struct dfota_trial_way way = {.prediction = plan->prediction};
    size_t best;
    enum dfota_error err = dfota_trials_run(plan, options, &way, 1, &best);

    *cost = way.cost;
    return err;
}
