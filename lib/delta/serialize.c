/* SPDX-License-Identifier: MIT */
#include "lib/delta/serialize.h"

#include <string.h>

#define CHUNK DFOTA_PREDICT_PIECE /* bytes of difference taken at a time */

/* Where in new the copy after number `index`, or the end of new, begins. */
static size_t next_begin(const struct dfota_plan *plan, size_t index)
{
    if (index + 1 < plan->copy_count)
        return plan->copies[index + 1].new_pos;
    return plan->new.size;
}

/* Bytes of new before the first copy. */
static size_t first_gap(const struct dfota_plan *plan)
{
    return plan->copy_count > 0 ? plan->copies[0].new_pos : plan->new.size;
}

void dfota_serialize_control(const struct dfota_plan *plan,
                             struct dfota_buffer *out)
{
    int64_t old_pos = 0;

    if (first_gap(plan) > 0) {
        dfota_buffer_add_varint(out, 0);
        dfota_buffer_add_varint(out, first_gap(plan));
    }
    for (size_t i = 0; i < plan->copy_count; i++) {
        const struct dfota_copy *copy = &plan->copies[i];
        size_t end = (size_t)copy->new_pos + copy->length;
        int64_t seek = copy->old_pos - old_pos;

        dfota_buffer_add_varint(out, copy->length);
        dfota_buffer_add_varint(out, next_begin(plan, i) - end);
        dfota_buffer_add_varint(out, seek < 0 ? (uint64_t)(-seek) * 2 - 1
                                              : (uint64_t)seek * 2);
        old_pos = (int64_t)copy->old_pos + copy->length;
    }
}

/* Differences on their way into the stream, their zeros counted. */
struct zero_runs {
    struct dfota_buffer *out;
    uint64_t zeros; /* seen, and not yet written */
};

static void flush_zeros(struct zero_runs *runs)
{
    if (runs->zeros == 0)
        return;
    dfota_buffer_add_le(runs->out, 0, 1);
    dfota_buffer_add_varint(runs->out, runs->zeros - 1);
    runs->zeros = 0;
}

static void add_differences(struct zero_runs *runs, const uint8_t *bytes,
                            size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == 0) {
            runs->zeros++;
            continue;
        }
        flush_zeros(runs);
        dfota_buffer_add(runs->out, &bytes[i], 1);
    }
}

/* What the applier will have of old for a piece of a copy. */
static void take_old(const struct dfota_plan *plan,
                     const struct dfota_copy *copy, uint32_t done,
                     uint8_t *bytes, size_t size)
{
    memcpy(bytes, plan->old.data + copy->old_pos + done, size);
    if (plan->predictor != NULL)
        dfota_predict(plan->predictor, copy->old_pos + done,
                      copy->new_pos + done, bytes, size);
}

void dfota_serialize_difference(const struct dfota_plan *plan,
                                enum dfota_unit unit, struct dfota_buffer *out)
{
    struct zero_runs runs = {.out = out};
    uint8_t old[CHUNK];
    uint8_t new[CHUNK];

    for (size_t i = 0; i < plan->copy_count; i++) {
        const struct dfota_copy *copy = &plan->copies[i];

        for (uint32_t done = 0, size; done < copy->length; done += size) {
            uint32_t new_pos = copy->new_pos + done;

            size = CHUNK - new_pos % CHUNK;
            size = copy->length - done < size ? copy->length - done : size;
            take_old(plan, copy, done, old, size);
            memcpy(new, plan->new.data + new_pos, size);
            dfota_difference_take(unit, new_pos, new, old, size);
            add_differences(&runs, new, size);
        }
    }
    flush_zeros(&runs);
}

void dfota_serialize_literal(const struct dfota_plan *plan,
                             struct dfota_buffer *out)
{
    dfota_buffer_add(out, plan->new.data, first_gap(plan));
    for (size_t i = 0; i < plan->copy_count; i++) {
        size_t end = (size_t)plan->copies[i].new_pos + plan->copies[i].length;

        dfota_buffer_add(out, plan->new.data + end, next_begin(plan, i) - end);
    }
}
