/* SPDX-License-Identifier: MIT */
#include "lib/delta/delta.h"

#include <stdlib.h>
#include <string.h>

#include "lib/apply/delta_header.h"
#include "lib/apply/unpacking.h"
#include "lib/base/fault.h"
#include "lib/delta/align.h"
#include "lib/delta/budget.h"
#include "lib/delta/cut.h"
#include "lib/delta/delta_making.h"
#include "lib/delta/delta_write.h"
#include "lib/delta/draft_make.h"
#include "lib/delta/mixed.h"
#include "lib/delta/packed_price.h"

/* Bytes of a delta that may be smaller as streams. */
#define STREAMS_TINY 4096

/* How much of the scratch a stash may take, in eighths. */
static const uint8_t stash_eighths[] = {0, 1, 2};

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

/* Bytes that a delta may have; 0: no bound. */
static size_t delta_most(const struct dfota_bound *bound)
{
    return bound != NULL ? (size_t)bound->delta : 0;
}

/* Encodes a plan, and prices the regions that it makes. */
static enum dfota_error encode_mixed(const struct dfota_delta_making *making,
                                     const struct dfota_plan *plan,
                                     struct dfota_mixed_out *out,
                                     struct dfota_fault *fault)
{
    enum dfota_error err;

    if (making->packed == NULL)
        return dfota_mixed_encode(plan, out, fault);
    out->reached = calloc(plan->record_count + 1, sizeof(*out->reached));
    if (out->reached == NULL)
        return dfota_fail_memory(fault);
    err = dfota_mixed_encode(plan, out, fault);
    if (!err)
        dfota_packed_price(making->packed, plan, out->reached);
    free(out->reached);
    out->reached = NULL;
    return err;
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
        .mixed = {.slots = dfota_budget_slots(plan, options->ram)},
        .content = {.limit = delta_most(options->bound)}};
    enum dfota_error err;

    if (!options->mixed || mixed.mixed.slots == 0)
        return DFOTA_OK;
    err = encode_mixed(making, plan, &mixed, fault);
    if (!err) {
        header.coding = DFOTA_CODING_ID_MIXED;
        header.mixed = mixed.mixed;
        write_front(making, &header, out);
        dfota_buffer_add(out, mixed.records.data, mixed.records.size);
        dfota_buffer_add(out, mixed.content.data, mixed.content.size);
        err = write_back(making, out, fault);
    }
    dfota_mixed_free(&mixed);
    if (err == DFOTA_ERR_LIMIT && options->bound != NULL)
        return dfota_bound_refuse(options->bound->sure, fault);
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

    if (!err && (options->bound == NULL || options->bound->streams) &&
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
    if (err == DFOTA_ERR_LIMIT && options->bound != NULL)
        err = dfota_bound_refuse(options->bound->sure, fault);
    else if (err)
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

/* Waits for the digests, which may be in the making. */
static enum dfota_error wait_for_digests(const struct dfota_images *images,
                                         struct dfota_fault *fault)
{
    enum dfota_error err = DFOTA_OK;

    if (images->wait != NULL)
        err = images->wait(images->context);
    return err ? dfota_fail(fault, err, DFOTA_NO_OFFSET, NULL) : DFOTA_OK;
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
        err = dfota_draft_make(making, &left, &draft, fault);
    dfota_delta_report(options, "coding");
    if (!err && making->packed != NULL) {
        err = dfota_packed_code(making->packed, &draft.plan, &making->section,
                                fault);
        left = rest(options, &making->section.stated);
    }
    if (!err)
        err = wait_for_digests(making->images, fault);
    if (!err && in_place)
        err = write_in_place(making, &draft.plan, options, out, fault);
    else if (!err)
        err = write_smallest(making, &draft.plan, &left, out, fault);
    dfota_draft_free(&draft);
    return err;
}
