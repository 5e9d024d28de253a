/* SPDX-License-Identifier: MIT */
/*
 * Whatever is foreseen, by whatever records: a plan that is coded our own way
 * and applied makes its new image.
 *
 * Input: the prediction, the number of slots, the old image, and records.  Each
 * has a byte of its dialect and of how its copy is changed, one of inserted
 * bytes and these, one of copied bytes, and two of where these are in old.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/apply/cursor.h"
#include "lib/delta/mixed.h"
#include "tests/support/delta_bench.h"
#include "tests/support/delta_example.h"

#define RECORDS_MAX  64
#define NEW_SIZE_MAX (RECORDS_MAX * 2 * 255)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A plan in the making, and what it owns. */
struct made {
    struct dfota_plan plan;
    struct dfota_record records[RECORDS_MAX];
    struct dfota_buffer new;
    struct dfota_buffer fields; /* of the header, from the counts on */
};

/* The next `count` bytes, or all that is left. */
static struct dfota_view take(struct dfota_cursor *cursor, size_t count)
{
    size_t size = count < cursor->left ? count : cursor->left;

    return (struct dfota_view){dfota_cursor_bytes(cursor, size), size};
}

static void take_prediction(struct dfota_cursor *input,
                            struct dfota_prediction *out)
{
    unsigned counts = (unsigned)dfota_cursor_le(input, 1);

    out->dialect_count = counts & 3;
    out->base_count = (uint8_t)((counts >> 2 & 7) % 5);
    out->range_count = (uint8_t)((counts >> 5) % 5);
    for (unsigned i = 0; i < out->dialect_count; i++) {
        out->dialects[i].isa = (uint8_t)(1 + dfota_cursor_le(input, 1) % 6);
        out->dialects[i].classes = (uint8_t)dfota_cursor_le(input, 1);
    }
    for (unsigned i = 0; i < out->base_count; i++)
        out->bases[i] = (uint32_t)dfota_cursor_le(input, 4);
    for (unsigned i = 0; i < out->range_count; i++) {
        out->ranges[i].first = (uint32_t)dfota_cursor_le(input, 3) << 12;
        out->ranges[i].size = (uint32_t)dfota_cursor_le(input, 1) << 12;
    }
    out->map_length = (uint32_t)dfota_cursor_le(input, 1);
    out->learned = (uint32_t)dfota_cursor_le(input, 1);
    if (out->dialect_count + out->base_count + out->range_count == 0)
        out->map_length = out->learned = 0;
}

/* Appends the copied bytes; a word in a few is another. */
static void add_copy(const struct dfota_record *record, uint8_t change,
                     struct made *made)
{
    size_t from = made->new.size;

    dfota_buffer_add(&made->new, made->plan.old.data + record->old_pos,
                     record->copy);
    if (change == 0)
        return;
    for (size_t at = from + change; at < made->new.size; at += change)
        made->new.data[at] = (uint8_t)(made->new.data[at] + change);
}

static bool add_record(struct dfota_cursor *input, struct made *made)
{
    size_t old_size = made->plan.old.size;
    struct dfota_record *record = &made->records[made->plan.record_count];
    uint8_t how = (uint8_t)dfota_cursor_le(input, 1);
    struct dfota_view inserted = take(input, (size_t)dfota_cursor_le(input, 1));
    uint32_t copy = (uint32_t)dfota_cursor_le(input, 1);
    uint32_t at = (uint32_t)dfota_cursor_le(input, 2);

    at = old_size > 0 ? at % (uint32_t)old_size : 0;
    if (copy > old_size - at)
        copy = (uint32_t)old_size - at;
    *record = (struct dfota_record){(uint32_t)inserted.size, copy, at, how & 3};
    if (record->dialect > made->plan.prediction.dialect_count)
        record->dialect = made->plan.prediction.dialect_count;
    if (copy == 0 && how & 4)
        record->dialect++; /* bytes without order */
    if (inserted.size + copy == 0)
        return false;
    dfota_buffer_add(&made->new, inserted.data, inserted.size);
    add_copy(record, how >> 3, made);
    made->plan.record_count++;
    return true;
}

static void write_fields(const struct dfota_prediction *prediction,
                         struct dfota_buffer *out)
{
    unsigned counts = prediction->dialect_count |
                      (unsigned)prediction->base_count << 2 |
                      (unsigned)prediction->range_count << 5;

    dfota_buffer_add_le(out, counts, 1);
    for (unsigned i = 0; i < prediction->dialect_count; i++) {
        dfota_buffer_add_le(out, prediction->dialects[i].isa, 1);
        dfota_buffer_add_le(out, prediction->dialects[i].classes, 1);
    }
    for (unsigned i = 0; i < prediction->base_count; i++)
        dfota_buffer_add_le(out, prediction->bases[i], 4);
    for (unsigned i = 0; i < prediction->range_count; i++) {
        dfota_buffer_add_varint(out, prediction->ranges[i].first >> 12);
        dfota_buffer_add_varint(out, prediction->ranges[i].size >> 12);
    }
    if (counts == 0)
        return;
    dfota_buffer_add_varint(out, prediction->map_count);
    dfota_buffer_add_varint(out, prediction->map_length);
    dfota_buffer_add_varint(out, prediction->learned);
}

/* Codes the plan, and applies it. */
static void check(const struct made *made, uint32_t slots)
{
    struct dfota_mixed_out out = {.mixed = {.slots = slots}};
    struct delta_example example = {.old = made->plan.old,
                                    .new = made->plan.new,
                                    .coding = DFOTA_CODING_ID_MIXED,
                                    .slots = slots,
                                    .prediction =
                                        dfota_buffer_view(&made->fields)};
    struct dfota_delta_header header;
    struct dfota_buffer delta;
    struct delta_bench bench = {
        .old = made->plan.old, .new_size_max = NEW_SIZE_MAX, .sha256 = true};

    if (dfota_mixed_encode(&made->plan, &out, NULL))
        abort();
    example.records = dfota_buffer_view(&out.records);
    example.content = dfota_buffer_view(&out.content);
    delta = delta_example_build(&example);
    if (dfota_delta_read_header(delta.data, delta.size, (uint32_t)delta.size,
                                &header, NULL))
        abort();
    bench.delta = dfota_buffer_view(&delta);
    bench.memory_size = header.ram;
    if (bench_run(&bench, NULL) || bench.misuse != NULL)
        abort();
    if (bench.made.size != made->new.size ||
        (made->new.size > 0 &&
         memcmp(bench.made.data, made->new.data, made->new.size) != 0))
        abort();
    dfota_buffer_free(&bench.made);
    dfota_buffer_free(&delta);
    dfota_mixed_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dfota_cursor input = dfota_cursor(data, size);
    struct made made = {.plan = {.record_count = 0}};
    struct dfota_prediction *prediction = &made.plan.prediction;
    uint32_t slots;

    take_prediction(&input, prediction);
    slots = 256 + (uint32_t)dfota_cursor_le(&input, 2);
    made.plan.old = take(&input, (size_t)dfota_cursor_le(&input, 2));
    made.plan.records = made.records;
    while (made.plan.record_count < RECORDS_MAX && add_record(&input, &made))
        continue;
    made.plan.new = dfota_buffer_view(&made.new);
    prediction->map_count =
        prediction->dialect_count + prediction->base_count +
                    prediction->range_count >
                0
            ? dfota_plan_count(&made.plan, prediction->map_length)
            : 0;
    write_fields(prediction, &made.fields);
    check(&made, slots);
    dfota_buffer_free(&made.fields);
    dfota_buffer_free(&made.new);
    return 0;
}
