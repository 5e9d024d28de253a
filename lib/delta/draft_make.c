/* SPDX-License-Identifier: MIT */
#include "lib/delta/draft_make.h"

#include "lib/delta/align.h"
#include "lib/delta/blocks.h"
#include "lib/delta/budget.h"
#include "lib/delta/foresee.h"
#include "lib/delta/index.h"
#include "lib/delta/leads.h"
#include "lib/delta/neutral_old.h"
#include "lib/delta/wanted.h"

/* Of aligning again what is foreseen.  More gain nothing; of large images a
 * second one gains 1/2 % and takes a fifth of the time. */
#define ROUNDS       2
#define ROUNDS_LARGE 1

/* Bytes of the set of what is wanted, where no bound of memory says less. */
#define WANTED_MOST ((uint64_t)64 << 20)

/* What new would be if nothing had moved. */
static void look_at_new(void *context, uint32_t begin, uint32_t end,
                        uint8_t *out)
{
    dfota_neutral_make(context, begin, end, out);
}

/* Aligns old and new as they would be if nothing had moved. */
static enum dfota_error align_neutral(struct dfota_sketch *sketch,
                                      const struct dfota_delta_options *options,
                                      struct dfota_buffer *copies,
                                      struct dfota_fault *fault)
{
    struct dfota_neutral_task new = {sketch->pairing.new,
                                     &sketch->rehearsal.predictor,
                                     &sketch->new_regions, NULL, sketch->quiet};
    struct dfota_align_task task = {
        .new = new.image,
        .costs = &dfota_align_delta,
        .progress = options->progress,
        .hints = dfota_buffer_view(&sketch->copies),
        .quiet = sketch->quiet,
        .threads = options->threads,
        .bound = options->bound,
        .look = look_at_new,
        .context = &new,
    };
    struct dfota_leads leads = {0};
    const struct dfota_neutral_task form = {sketch->pairing.old, new.predictor,
                                            &sketch->old_regions, &leads,
                                            sketch->quiet};
    struct dfota_neutral_old old;
    enum dfota_error err = dfota_leads_vote(
        &sketch->pairing, new.predictor, &sketch->old_regions, &leads, fault);

    if (err)
        return err;
    err = dfota_neutral_old_make(
        &form, options->threads,
        options->bound != NULL ? options->bound->spills : NULL, &old, fault);
    dfota_leads_free(&leads);
    if (err)
        return err;
    task.old = old.view;
    err = dfota_align_images(&task, copies, fault);
    dfota_neutral_old_free(&old);
    return err;
}

/* One round of aligning with what is foreseen, and foreseeing with that. */
static enum dfota_error improve(struct dfota_draft *draft,
                                const struct dfota_delta_options *options,
                                struct dfota_fault *fault)
{
    struct dfota_buffer copies = {0};
    struct dfota_sketch sketch;
    enum dfota_error err =
        dfota_sketch_open(draft, options->ram, &sketch, fault);

    if (err)
        return err;
    err = align_neutral(&sketch, options, &copies, fault);
    dfota_sketch_close(&sketch);
    if (!err)
        err = dfota_draft_set_copies(draft, dfota_buffer_view(&copies), fault);
    dfota_buffer_free(&copies);
    return err;
}

/* Whether it knows pointers. */
static bool points(const struct dfota_prediction *prediction)
{
    return prediction->base_count + prediction->range_count > 0;
}

static bool foresees(const struct dfota_prediction *prediction)
{
    return prediction->dialect_count > 0 || points(prediction);
}

static uint64_t wanted_most(const struct dfota_bound *bound)
{
    return bound != NULL && bound->index > 0 ? 2 * bound->index : WANTED_MOST;
}

/* Finds what is quiet before anything is aligned. */
static enum dfota_error find_quiet(const struct dfota_align_task *task,
                                   struct dfota_quiet *out,
                                   struct dfota_fault *fault)
{
    struct dfota_buffer runs = {0};
    enum dfota_error err = DFOTA_OK;

    if (!dfota_index_is_small(task->old.size))
        err = dfota_blocks_find(task->old, task->new, task->threads, &runs,
                                fault);
    if (!err)
        err = dfota_quiet_find(task->old, task->new, dfota_buffer_view(&runs),
                               out, fault);
    if (!err && runs.size > 0)
        err = dfota_wanted_make(task->new, dfota_buffer_view(&runs),
                                wanted_most(task->bound), &out->wanted, fault);
    dfota_buffer_free(&runs);
    return err;
}

enum dfota_error dfota_draft_make(const struct dfota_delta_making *making,
                                  const struct dfota_delta_options *options,
                                  struct dfota_draft *draft,
                                  struct dfota_fault *fault)
{
    const struct dfota_align_task task = {.old = making->old,
                                          .new = making->new,
                                          .costs = &dfota_align_delta,
                                          .progress = options->progress,
                                          .quiet = &draft->quiet,
                                          .threads = options->threads,
                                          .bound = options->bound};
    unsigned rounds =
        dfota_index_is_small(task.old.size) ? ROUNDS : ROUNDS_LARGE;
    struct dfota_buffer copies = {0};
    enum dfota_error err = find_quiet(&task, &draft->quiet, fault);

    draft->pairs_most =
        options->bound != NULL ? (size_t)options->bound->pairs : 0;
    draft->threads = options->threads;
    draft->plan.old = task.old;
    draft->plan.new = task.new;
    if (!err)
        err = dfota_align_images(&task, &copies, fault);
    if (!err)
        err = dfota_draft_set_copies(draft, dfota_buffer_view(&copies), fault);
    dfota_buffer_free(&copies);
    dfota_delta_report(options, "foreseeing");
    if (!err)
        err = dfota_foresee_code(draft, options, fault);
    if (!err)
        err = dfota_foresee_pointers(draft, options, fault);
    if (!err && points(&draft->plan.prediction))
        /* once more, now that pointers do not hide the code */
        err = dfota_foresee_code(draft, options, fault);
    for (unsigned i = 0;
         i < rounds && !err && foresees(&draft->plan.prediction); i++)
        err = improve(draft, options, fault);
    if (!err)
        err = dfota_foresee_classes(draft, options, fault);
    if (!err)
        err = dfota_draft_split(draft, fault);
    dfota_budget_tables(&draft->plan, options->ram);
    return err;
}
