/* SPDX-License-Identifier: MIT */
/* foresee_check.h - what unit tests do with the copies of two images, and what
 * they expect of a prediction.  After cmocka.h. */
#ifndef DFOTA_TESTS_SUPPORT_FORESEE_CHECK_H
#define DFOTA_TESTS_SUPPORT_FORESEE_CHECK_H

#include "lib/delta/delta.h"
#include "lib/delta/foresee.h"
#include "tests/support/delta_check.h"
#include "tests/support/image_pair.h"

#define ENTRY_BYTES 12 /* of the map */

/* Two images and the copies between them. */
struct subject {
    struct image_pair pair;
    struct dfota_buffer copies;
    struct dfota_plan plan;
};

static inline struct subject subject_of(struct image_pair pair)
{
    static const struct dfota_progress quiet = {NULL, NULL};
    struct subject subject = {.pair = pair};

    subject.plan.old = dfota_buffer_view(&pair.old);
    subject.plan.new = dfota_buffer_view(&pair.new);
    assert_int_equal(dfota_delta_find_copies(subject.plan.old, subject.plan.new,
                                             &quiet, &subject.copies, NULL),
                     DFOTA_OK);
    subject.plan.copies = (const void *)subject.copies.data;
    subject.plan.copy_count = subject.copies.size / sizeof(struct dfota_copy);
    return subject;
}

static inline void subject_free(struct subject *subject)
{
    dfota_buffer_free(&subject->copies);
    image_pair_free(&subject->pair);
}

static inline struct dfota_foresight
foresee(const struct subject *subject, size_t map_memory, unsigned threads)
{
    struct dfota_foresight foresight;

    assert_int_equal(
        dfota_foresee(&subject->plan, map_memory, threads, &foresight, NULL),
        DFOTA_OK);
    return foresight;
}

/* Bytes of difference, not coded; `foresight` NULL: nothing is foreseen. */
static inline size_t difference_size(const struct subject *subject,
                                     const struct dfota_foresight *foresight)
{
    struct dfota_plan plan = subject->plan;
    struct dfota_predictor predictor;
    struct dfota_buffer out = {0};
    size_t size;

    if (foresight != NULL) {
        predictor = dfota_foresight_predictor(foresight, plan.old.size);
        plan.predictor = &predictor;
    }
    dfota_serialize_difference(&plan, DFOTA_UNIT_BYTE, &out);
    size = out.size;
    dfota_buffer_free(&out);
    return size;
}

/* A delta of stored streams that foresees that, and what the applier makes. */
static inline void assert_applies(const struct subject *subject,
                                  const struct dfota_foresight *foresight,
                                  uint8_t unit)
{
    const struct dfota_prediction *prediction = &foresight->prediction;
    struct dfota_plan plan = subject->plan;
    struct dfota_predictor predictor =
        dfota_foresight_predictor(foresight, plan.old.size);
    struct delta_example example = {
        .old = plan.old, .new = plan.new, .unit = unit};
    struct dfota_buffer streams[DFOTA_STREAM_COUNT] = {{0}};
    struct dfota_buffer entry = {0};

    plan.predictor = &predictor;
    dfota_serialize_control(&plan, &streams[DFOTA_STREAM_CONTROL]);
    dfota_serialize_difference(&plan, unit, &streams[DFOTA_STREAM_DIFFERENCE]);
    dfota_serialize_literal(&plan, &streams[DFOTA_STREAM_LITERAL]);
    dfota_buffer_add_le(&entry, prediction->kinds, 1);
    dfota_buffer_add_varint(&entry, prediction->map_count);
    dfota_buffer_add_varint(&entry, prediction->map_length);
    dfota_buffer_add_le(&entry, prediction->base_count, 1);
    for (unsigned i = 0; i < prediction->base_count; i++)
        dfota_buffer_add_le(&entry, prediction->bases[i], 4);
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        example.streams[i].coded = dfota_buffer_view(&streams[i]);
    if (prediction->kinds != 0)
        example.prediction = dfota_buffer_view(&entry);
    example.codec_ram = (prediction->map_count * ENTRY_BYTES + 15) / 16 * 16;
    assert_made(&example);
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        dfota_buffer_free(&streams[i]);
    dfota_buffer_free(&entry);
}

#endif
