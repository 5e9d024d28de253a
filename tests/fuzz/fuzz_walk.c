/* SPDX-License-Identifier: MIT */
/*
 * Whatever the images, what is copied of them and what is foreseen of that: the
 * applier makes of the coded plan what it was made from, in either coding, and
 * keeps its promises.
 *
 * Input: one byte of how, the prediction, and the records, each with how much
 * it inserts, copies, from where, its dialect and how many bytes of the copy
 * are edited; then the old image.  What is inserted is the end of that, and
 * edits are what is in it as well.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/apply/crc32.h"
#include "lib/apply/cursor.h"
#include "lib/apply/delta_header.h"
#include "lib/delta/delta_write.h"
#include "lib/delta/mixed.h"
#include "lib/delta/serialize.h"
#include "tests/support/delta_bench.h"

#define RECORDS_MAX 15
#define OLD_MAX     ((size_t)1 << 14) /* bytes */
#define SLOTS       300

/* The bits of the first byte; its upper half is the number of records. */
enum { STREAMS = 1 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t take(struct dfota_cursor *input, unsigned bytes)
{
    return (uint32_t)dfota_cursor_le(input, bytes);
}

static struct dfota_prediction take_prediction(struct dfota_cursor *input)
{
    uint32_t counts = take(input, 1);
    struct dfota_prediction prediction = {
        .dialect_count = counts % (DFOTA_PREDICT_DIALECTS + 1),
        .base_count = (uint8_t)(counts / 4 % (DFOTA_PREDICT_BASES + 1)),
        .range_count = (uint8_t)(counts / 32 % (DFOTA_PREDICT_RANGES + 1))};

    for (unsigned i = 0; i < prediction.dialect_count; i++)
        prediction.dialects[i] = (struct dfota_dialect){
            (uint8_t)(1 + take(input, 1) % 6), (uint8_t)take(input, 1)};
    for (unsigned i = 0; i < prediction.base_count; i++)
        prediction.bases[i] = take(input, 4);
    for (unsigned i = 0; i < prediction.range_count; i++)
        prediction.ranges[i] = (struct dfota_value_range){
            take(input, 2) << 16, take(input, 1) << DFOTA_RANGE_GRAIN};
    if (counts == 0)
        return prediction;
    prediction.map_length = take(input, 1);
    prediction.learned = take(input, 1);
    return prediction;
}

/* A record as the input says, and how many bytes of its copy are edited. */
struct piece {
    struct dfota_record record;
    uint8_t edits;
};

static struct piece take_piece(struct dfota_cursor *input,
                               const struct dfota_prediction *prediction)
{
    uint8_t plain = (uint8_t)(prediction->dialect_count + 1);
    struct piece piece;

    piece.record.insert = take(input, 1);
    piece.record.copy = take(input, 2);
    piece.record.old_pos = take(input, 2);
    piece.record.dialect = (uint8_t)(take(input, 1) % (plain + 1u));
    piece.edits = (uint8_t)take(input, 1);
    if (piece.record.dialect == plain)
        piece.record.copy = 0;
    return piece;
}

/* Makes the record one of this old image. */
static void fit(struct dfota_record *record, struct dfota_view old)
{
    if (record->insert > old.size)
        record->insert = (uint32_t)old.size;
    if (record->old_pos > old.size)
        record->old_pos = (uint32_t)old.size;
    if (record->copy > old.size - record->old_pos)
        record->copy = (uint32_t)old.size - record->old_pos;
}

/* Appends to new what the piece says of it. */
static void extend(struct dfota_buffer *new, const struct piece *piece,
                   struct dfota_view old)
{
    const struct dfota_record *record = &piece->record;
    size_t begin = new->size + record->insert;

    dfota_buffer_add(new, old.data + old.size - record->insert, record->insert);
    dfota_buffer_add(new, old.data + record->old_pos, record->copy);
    if (new->error)
        abort();
    for (size_t i = 0; i < piece->edits && record->copy > 0; i++) {
        size_t at =
            (i * 37 + (size_t)old.data[i % old.size] * 3) % record->copy;

        new->data[begin + at] ^= old.data[(i * 5 + 1) % old.size];
    }
}

static struct dfota_delta_header describe(const struct dfota_plan *plan)
{
    struct dfota_delta_header header = {
        .old_size = (uint32_t)plan->old.size,
        .new_size = (uint32_t)plan->new.size,
        .old_crc32 = dfota_crc32(0, plan->old.data, plan->old.size),
        .new_crc32 = dfota_crc32(0, plan->new.data, plan->new.size),
        .prediction = plan->prediction,
    };

    return header;
}

/* Both append a delta of the plan. */
static void code_mixed(const struct dfota_plan *plan,
                       struct dfota_buffer *delta)
{
    struct dfota_delta_header header = describe(plan);
    struct dfota_mixed_out out = {.mixed = {.slots = SLOTS}};

    if (dfota_mixed_encode(plan, &out, NULL))
        abort();
    header.coding = DFOTA_CODING_ID_MIXED;
    header.mixed = out.mixed;
    dfota_delta_write_head(&header, delta);
    dfota_buffer_add(delta, out.records.data, out.records.size);
    dfota_buffer_add(delta, out.content.data, out.content.size);
    dfota_mixed_free(&out);
}

static void code_streams(const struct dfota_plan *plan,
                         struct dfota_buffer *delta)
{
    struct dfota_delta_header header = describe(plan);
    struct dfota_buffer streams[DFOTA_STREAM_COUNT] = {{0}};

    if (dfota_serialize(plan, streams, NULL))
        abort();
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        header.streams[i].raw_size = header.streams[i].coded_size =
            (uint32_t)streams[i].size;
    dfota_delta_write_head(&header, delta);
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++) {
        dfota_buffer_add(delta, streams[i].data, streams[i].size);
        dfota_buffer_free(&streams[i]);
    }
}

/* The applier makes new of the delta, in the memory that this states. */
static void check(const struct dfota_plan *plan,
                  const struct dfota_buffer *delta)
{
    struct dfota_delta_header header;
    struct delta_bench bench = {.delta = dfota_buffer_view(delta),
                                .old = plan->old,
                                .new_size_max = (uint32_t)plan->new.size};

    if (delta->error ||
        dfota_delta_read_header(delta->data, delta->size, (uint32_t)delta->size,
                                &header, NULL))
        abort();
    bench.memory_size = header.ram;
    if (bench_run(&bench, NULL) || bench.misuse != NULL ||
        bench.made.size != plan->new.size ||
        (bench.made.size > 0 &&
         memcmp(bench.made.data, plan->new.data, bench.made.size) != 0))
        abort();
    dfota_buffer_free(&bench.made);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dfota_cursor input = dfota_cursor(data, size);
    uint32_t how = take(&input, 1);
    struct piece pieces[RECORDS_MAX];
    struct dfota_record records[RECORDS_MAX];
    struct dfota_plan plan = {.records = records,
                              .prediction = take_prediction(&input)};
    size_t count = how >> 4;
    struct dfota_buffer new = {0};
    struct dfota_buffer delta = {0};

    for (size_t i = 0; i < count; i++)
        pieces[i] = take_piece(&input, &plan.prediction);
    if (input.short_read || input.left == 0 || input.left > OLD_MAX)
        return 0;
    plan.old = (struct dfota_view){input.next, input.left};
    for (size_t i = 0; i < count; i++) {
        fit(&pieces[i].record, plan.old);
        extend(&new, &pieces[i], plan.old);
        if (pieces[i].record.insert + pieces[i].record.copy > 0)
            records[plan.record_count++] = pieces[i].record;
    }
    plan.new = dfota_buffer_view(&new);
    if (plan.prediction.dialect_count + plan.prediction.base_count +
            plan.prediction.range_count >
        0)
        plan.prediction.map_count =
            dfota_plan_count(&plan, plan.prediction.map_length);
    else
        plan.prediction = (struct dfota_prediction){0};
    if (how & STREAMS)
        code_streams(&plan, &delta);
    else
        code_mixed(&plan, &delta);
    check(&plan, &delta);
    dfota_buffer_free(&delta);
    dfota_buffer_free(&new);
    return 0;
}
