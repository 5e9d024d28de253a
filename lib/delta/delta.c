/* SPDX-License-Identifier: MIT */
#include "lib/delta/delta.h"

#include <stdlib.h>
#include <string.h>

#include "lib/apply/delta_header.h"
#include "lib/apply/unpacking.h"
#include "lib/base/fault.h"
#include "lib/base/parallel.h"
#include "lib/delta/align.h"
#include "lib/delta/budget.h"
#include "lib/delta/cut.h"
#include "lib/delta/delta_making.h"
#include "lib/delta/delta_write.h"
#include "lib/delta/draft.h"
#include "lib/delta/foresee.h"
#include "lib/delta/mixed.h"
#include "lib/delta/neutral.h"

#define ROUNDS 2 /* of aligning again what is foreseen; more gain nothing */
#define STREAMS_TINY                                                           \
    4096 /* bytes of a delta that may be smaller as streams                    \
          */
#define NEUTRAL_PART                                                           \
    ((uint32_t)1 << 20) /* bytes of old made neutral at once                   \
                         */

/* How much of the scratch a stash may take, in eighths. */
static const uint8_t stash_eighths[] = {0, 1, 2};

static void report(const struct dfota_delta_options *options, const char *step)
{
    const struct dfota_progress *progress = options->progress;

    if (progress->report != NULL)
        progress->report(progress->context, step, 0, 0);
}

enum dfota_error dfota_delta_find_copies(struct dfota_view old,
                                         struct dfota_view new,
                                         const struct dfota_progress *progress,
                                         struct dfota_buffer *copies,
                                         struct dfota_fault *fault)
{
    const struct dfota_align_task task = {.old = old,
                                          .new = new,
                                          .costs = &dfota_align_bsdiff,
                                          .progress = progress};

    return dfota_align_images(&task, copies, fault);
}

/* The neutral form of old, which is made in parts. */
struct neutral_old {
    struct dfota_neutral_task task;
    uint8_t *bytes;
};

static void make_old(void *context, size_t index)
{
    const struct neutral_old *old = context;
    uint32_t size = (uint32_t)old->task.image.size;
    uint32_t begin = (uint32_t)index * NEUTRAL_PART;
    uint32_t end = size - begin < NEUTRAL_PART ? size : begin + NEUTRAL_PART;

    dfota_neutral_make(&old->task, begin, end, old->bytes + begin);
}

/* What new would be if nothing had moved. */
static void look_at_new(void *context, uint32_t begin, uint32_t end,
                        uint8_t *out)
{
    dfota_neutral_make(context, begin, end, out);
}

/* Makes the neutral form of old; NULL without memory. */
static uint8_t *neutral_old(const struct dfota_sketch *sketch,
                            const struct dfota_leads *leads, unsigned threads)
{
    size_t size = sketch->pairing.old.size;
    struct neutral_old old = {{sketch->pairing.old,
                               &sketch->rehearsal.predictor,
                               &sketch->old_regions, leads, sketch->quiet},
                              malloc(size + 1)};

    if (old.bytes != NULL)
        dfota_parallel(threads, (size + NEUTRAL_PART - 1) / NEUTRAL_PART,
                       make_old, &old);
    return old.bytes;
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
        .look = look_at_new,
        .context = &new,
    };
    struct dfota_leads leads = {0};
    uint8_t *old;
    enum dfota_error err = dfota_leads_vote(
        &sketch->pairing, new.predictor, &sketch->old_regions, &leads, fault);

    if (err)
        return err;
    old = neutral_old(sketch, &leads, options->threads);
    dfota_leads_free(&leads);
    task.old = (struct dfota_view){old, sketch->pairing.old.size};
    err = old != NULL ? dfota_align_images(&task, copies, fault)
                      : dfota_fail_memory(fault);
    free(old);
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

static bool foresees(const struct dfota_prediction *prediction)
{
    return prediction->dialect_count + prediction->base_count +
               prediction->range_count >
           0;
}

static enum dfota_error make_draft(const struct dfota_delta_making *making,
                                   const struct dfota_delta_options *options,
                                   struct dfota_draft *draft,
                                   struct dfota_fault *fault)
{
    const struct dfota_align_task task = {.old = making->old,
                                          .new = making->new,
                                          .costs = &dfota_align_delta,
                                          .progress = options->progress,
                                          .quiet = &draft->quiet,
                                          .threads = options->threads};
    const struct dfota_copy same = {0, 0,
                                    (uint32_t)(task.old.size < task.new.size
                                                   ? task.old.size
                                                   : task.new.size)};
    const struct dfota_view unmoved = {(const uint8_t *)&same, sizeof(same)};
    struct dfota_buffer copies = {0};
    enum dfota_error err =
        dfota_quiet_find(task.old, task.new, unmoved, &draft->quiet, fault);

    draft->plan.old = task.old;
    draft->plan.new = task.new;
    if (!err)
        err = dfota_align_images(&task, &copies, fault);
    if (!err)
        err = dfota_draft_set_copies(draft, dfota_buffer_view(&copies), fault);
    dfota_buffer_free(&copies);
    report(options, "foreseeing");
    if (!err)
        err = dfota_foresee_code(draft, options, fault);
    if (!err)
        err = dfota_foresee_pointers(draft, options, fault);
    if (!err) /* once more, now that pointers do not hide the code */
        err = dfota_foresee_code(draft, options, fault);
    for (unsigned i = 0;
         i < ROUNDS && !err && foresees(&draft->plan.prediction); i++)
        err = improve(draft, options, fault);
    if (!err)
        err = dfota_foresee_classes(draft, options, fault);
    if (!err)
        err = dfota_draft_split(draft, fault);
    dfota_budget_tables(&draft->plan, options->ram);
    return err;
}

/* --- coding --------------------------------------------------------------- */

static struct dfota_delta_header
describe(const struct dfota_delta_making *making, const struct dfota_plan *plan)
{
    const struct dfota_images *images = making->images;
    const struct dfota_digests *old = images->old.digests;
    const struct dfota_digests *new = images->new.digests;
    struct dfota_delta_header header = {
        .order = plan->order,
        .prediction = plan->prediction,
        .unpacked = making->section.stated,
        .old_size = (uint32_t)images->old.bytes.size,
        .new_size = (uint32_t)images->new.bytes.size,
        .old_crc32 = old->crc32,
        .new_crc32 = new->crc32,
    };

    memcpy(header.old_digest, old->sha256, DFOTA_DELTA_DIGEST_SIZE);
    memcpy(header.new_digest, new->sha256, DFOTA_DELTA_DIGEST_SIZE);
    return header;
}

/* Appends what is in front of all that is coded. */
static void write_front(const struct dfota_delta_making *making,
                        const struct dfota_delta_header *header,
                        struct dfota_buffer *out)
{
    dfota_delta_write_head(header, out);
    dfota_buffer_add(out, making->section.list.data, making->section.list.size);
}

/* And what is behind it. */
static enum dfota_error write_back(const struct dfota_delta_making *making,
                                   struct dfota_buffer *out,
                                   struct dfota_fault *fault)
{
    dfota_buffer_add(out, making->section.parse.data,
                     making->section.parse.size);
    return dfota_buffer_check(out, fault);
}

/* Our own way; appends nothing where there is no room for it. */
static enum dfota_error write_mixed(const struct dfota_delta_making *making,
                                    const struct dfota_plan *plan,
                                    const struct dfota_delta_options *options,
                                    struct dfota_buffer *out,
                                    struct dfota_fault *fault)
{
    struct dfota_delta_header header = describe(making, plan);
    struct dfota_mixed_out mixed = {
        .mixed = {.slots = dfota_budget_slots(plan, options->ram)}};
    enum dfota_error err;

    if (!options->mixed || mixed.mixed.slots == 0)
        return DFOTA_OK;
    err = dfota_mixed_encode(plan, &mixed, fault);
    if (!err) {
        header.coding = DFOTA_CODING_ID_MIXED;
        header.mixed = mixed.mixed;
        write_front(making, &header, out);
        dfota_buffer_add(out, mixed.records.data, mixed.records.size);
        dfota_buffer_add(out, mixed.content.data, mixed.content.size);
        err = write_back(making, out, fault);
    }
    dfota_mixed_free(&mixed);
    return err;
}

static enum dfota_error write_streams(const struct dfota_delta_making *making,
                                      const struct dfota_plan *plan,
                                      const struct dfota_delta_options *options,
                                      struct dfota_buffer *out,
                                      struct dfota_fault *fault)
{
    struct dfota_delta_header header = describe(making, plan);
    struct dfota_encoded encoded = {0};
    enum dfota_error err = dfota_streams_encode(plan, options, &encoded, fault);

    if (!err) {
        header.coding = DFOTA_CODING_ID_STREAMS;
        memcpy(header.streams, encoded.streams, sizeof(header.streams));
        write_front(making, &header, out);
        for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
            dfota_buffer_add(out, encoded.coded[i].data, encoded.coded[i].size);
        err = write_back(making, out, fault);
    }
    dfota_encoded_free(&encoded);
    return err;
}

/* Inserted bytes with some order: what streams may code better than we do. */
static size_t ordered_bytes(const struct dfota_plan *plan)
{
    size_t size = 0;

    for (size_t i = 0; i < plan->record_count; i++)
        if (plan->records[i].dialect <= plan->prediction.dialect_count)
            size += plan->records[i].insert;
    return size;
}

/* Codes the plan in every way that may pay, and appends the smallest. */
static enum dfota_error
write_smallest(const struct dfota_delta_making *making,
               const struct dfota_plan *plan,
               const struct dfota_delta_options *options,
               struct dfota_buffer *out, struct dfota_fault *fault)
{
    struct dfota_buffer mixed = {0};
    struct dfota_buffer streams = {0};
    const struct dfota_buffer *best = &mixed;
    enum dfota_error err = write_mixed(making, plan, options, &mixed, fault);

    if (!err &&
        (mixed.size <= STREAMS_TINY || ordered_bytes(plan) >= mixed.size)) {
        err = write_streams(making, plan, options, &streams, fault);
        if (mixed.size == 0 || (!err && streams.size < mixed.size))
            best = &streams;
        else if (err == DFOTA_ERR_LIMIT)
            err = DFOTA_OK;
    }
    if (!err) {
        dfota_buffer_add(out, best->data, best->size);
        err = dfota_buffer_check(out, fault);
    }
    dfota_buffer_free(&mixed);
    dfota_buffer_free(&streams);
    return err;
}

/* --- in place ------------------------------------------------------------- */

/* Cuts the plan for a stash of so many bytes, codes it, and puts the delta in
 * the place of `*best` if it is smaller, or the first. */
static enum dfota_error try_stash(const struct dfota_delta_making *making,
                                  const struct dfota_plan *plan,
                                  const struct dfota_delta_options *options,
                                  uint32_t stash, struct dfota_buffer *best)
{
    uint32_t segment = options->scratch - stash;
    struct dfota_buffer out = {0};
    struct dfota_cut cut = {.plan = *plan};
    enum dfota_error err = dfota_cut_make(plan, segment, stash, &cut, NULL);

    if (!err) {
        dfota_budget_tables(&cut.plan, options->ram);
        err = write_mixed(making, &cut.plan, options, &out, NULL);
    }
    if (!err && out.size > 0 && (best->size == 0 || out.size < best->size)) {
        struct dfota_buffer other = *best;

        *best = out;
        out = other;
    }
    dfota_buffer_free(&out);
    dfota_cut_free(&cut);
    return err;
}

/* Appends the smallest delta that can be applied in place. */
static enum dfota_error
write_in_place(const struct dfota_delta_making *making,
               const struct dfota_plan *plan,
               const struct dfota_delta_options *options,
               struct dfota_buffer *out, struct dfota_fault *fault)
{
    uint32_t grain = options->sector > DFOTA_SEGMENT_GRAIN
                         ? options->sector
                         : DFOTA_SEGMENT_GRAIN;
    struct dfota_buffer best = {0};
    enum dfota_error err = DFOTA_OK;
    uint32_t tried = UINT32_MAX;

    for (size_t i = 0; i < sizeof(stash_eighths) && !err; i++) {
        uint32_t stash =
            options->scratch / 8 * stash_eighths[i] / grain * grain;

        if (stash != tried)
            err = try_stash(making, plan, options, stash, &best);
        tried = stash;
    }
    if (err)
        err = dfota_fail(fault, err, DFOTA_NO_OFFSET, NULL);
    else if (best.size == 0)
        err = dfota_fail(fault, DFOTA_ERR_LIMIT, DFOTA_NO_OFFSET, "MAKE-5");
    dfota_buffer_add(out, best.data, best.size);
    dfota_buffer_free(&best);
    return err ? err : dfota_buffer_check(out, fault);
}

/* Whether segments as large as the scratch are such as a delta can have. */
static enum dfota_error check_scratch(const struct dfota_images *images,
                                      const struct dfota_delta_options *options,
                                      struct dfota_fault *fault)
{
    uint32_t scratch = options->scratch;

    if (!options->mixed || scratch == 0 || scratch > DFOTA_SEGMENT_MAX ||
        scratch % DFOTA_SEGMENT_GRAIN != 0 ||
        images->new.bytes.size / (scratch - scratch / 4) >= DFOTA_SEGMENTS_MAX)
        return dfota_fail(fault, DFOTA_ERR_LIMIT, DFOTA_NO_OFFSET, "MAKE-11");
    return DFOTA_OK;
}

/* Options with the memory that the regions of `stated` leave. */
static struct dfota_delta_options
rest(const struct dfota_delta_options *options,
     const struct dfota_unpacked *stated)
{
    struct dfota_delta_options left = *options;
    uint64_t memory = dfota_unpacking_memory(stated);

    left.ram = memory < left.ram ? left.ram - (uint32_t)memory : 0;
    return left;
}

enum dfota_error dfota_delta_make_one(struct dfota_delta_making *making,
                                      const struct dfota_delta_options *options,
                                      struct dfota_buffer *out,
                                      struct dfota_fault *fault)
{
    struct dfota_delta_options left = rest(options, &making->section.stated);
    bool in_place = options->sector > 0;
    struct dfota_draft draft = {0};
    enum dfota_error err = DFOTA_OK;

    if (in_place)
        err = check_scratch(making->images, options, fault);
    if (!err)
        err = make_draft(making, &left, &draft, fault);
    report(options, "coding");
    if (!err && making->packed != NULL) {
        err = dfota_packed_code(making->packed, &draft.plan, &making->section,
                                fault);
        left = rest(options, &making->section.stated);
    }
    if (!err && in_place)
        err = write_in_place(making, &draft.plan, options, out, fault);
    else if (!err)
        err = write_smallest(making, &draft.plan, &left, out, fault);
    dfota_draft_free(&draft);
    return err;
}
