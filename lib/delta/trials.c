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

/* What it takes to code `size` inserted bytes. */
static size_t work_of_insert(const uint8_t *bytes, uint32_t size)
{
    size_t work = 0;

    for (uint32_t done = 0, step; done < size; done += step) {
        step = size - done < BLOCK ? size - done : BLOCK;
        if (!dfota_records_are_plain(bytes + done, step))
            work += step;
    }
    return work;
}

/* The same for a copy; `*next` is the number of the first quiet stretch that
 * ends behind its beginning, and then behind its end. */
static size_t work_of_copy(const struct dfota_plan *plan,
                           const struct dfota_copy *copy,
                           const struct dfota_buffer *quiet, size_t *next)
{
    const struct dfota_copy *stretch = (const void *)quiet->data;
    size_t count = quiet->size / sizeof(*stretch);
    size_t work = 0;

    for (uint32_t done = 0, step; done < copy->length; done += step) {
        uint32_t pos = copy->new_pos + done;
        uint32_t left = copy->length - done;

        step = left < BLOCK ? left : BLOCK;
        while (*next < count &&
               stretch[*next].new_pos + stretch[*next].length <= pos)
            ++*next;
        if (*next < count && stretch[*next].new_pos <= pos) {
            step = stretch[*next].new_pos + stretch[*next].length - pos;
            step = step < left ? step : left;
            continue;
        }
        if (*next < count && stretch[*next].new_pos - pos < step)
            step = stretch[*next].new_pos - pos;
        work += count_different(plan->old.data + copy->old_pos + done,
                                plan->new.data + pos, step);
        dfota_spills_look_at(pos, step);
    }
    return work;
}

uint32_t dfota_trials_stride(const struct dfota_plan *plan,
                             const struct dfota_quiet *quiet)
{
    size_t sample =
        dfota_index_is_small(plan->old.size) ? SAMPLE : SAMPLE_LARGE;
    size_t work = plan->new.size / EASY;
    uint32_t new_pos = 0;
    size_t next = 0;

    for (size_t i = 0; i < plan->record_count; i++) {
        const struct dfota_record *record = &plan->records[i];
        struct dfota_copy copy = {new_pos + record->insert, record->old_pos,
                                  record->copy};

        work += work_of_insert(plan->new.data + new_pos, record->insert);
        work += work_of_copy(plan, &copy, &quiet->by_new, &next);
        new_pos = copy.new_pos + copy.length;
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
    static const struct dfota_quiet nothing = {.by_new = {0}};
    struct trials trials = {plan, options, ways, plan->stride};

    if (trials.stride == 0)
        trials.stride = dfota_trials_stride(plan, &nothing);
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
