/* SPDX-License-Identifier: MIT */
/* plan_check.h - plans of two images, for tests of the walk.  After cmocka.h.
 */
#ifndef DFOTA_TESTS_SUPPORT_PLAN_CHECK_H
#define DFOTA_TESTS_SUPPORT_PLAN_CHECK_H

#include <stdio.h>

#include "lib/apply/site.h"
#include "lib/base/file.h"
#include "lib/delta/align.h"
#include "lib/delta/plan.h"
#include "lib/delta/records.h"
#include "tests/support/image_pair.h"

/* Two images, and a plan that makes one of the other. */
struct planned {
    struct image_pair pair;
    struct dfota_buffer records;
    struct dfota_plan plan;
};

/* The records of `plan` anew, all of them of `dialect`. */
static inline void planned_records(struct planned *planned, uint8_t dialect)
{
    static const struct dfota_progress quiet = {NULL, NULL};
    struct dfota_plan *plan = &planned->plan;
    const struct dfota_align_task task = {.old = plan->old,
                                          .new = plan->new,
                                          .costs = &dfota_align_delta,
                                          .progress = &quiet};
    struct dfota_buffer copies = {0};

    dfota_buffer_free(&planned->records);
    assert_int_equal(dfota_align_images(&task, &copies, NULL), DFOTA_OK);
    dfota_records_make(dfota_buffer_view(&copies), plan->new, dialect,
                       &planned->records);
    assert_int_equal(dfota_buffer_check(&planned->records, NULL), DFOTA_OK);
    plan->records = (const void *)planned->records.data;
    plan->record_count = planned->records.size / sizeof(*plan->records);
    dfota_buffer_free(&copies);
}

/* A plan of `pair` in which nothing is foreseen; planned_free() ends both. */
static inline struct planned planned_of(struct image_pair pair)
{
    struct planned planned = {.pair = pair};

    planned.plan.old = dfota_buffer_view(&planned.pair.old);
    planned.plan.new = dfota_buffer_view(&planned.pair.new);
    planned_records(&planned, 0);
    return planned;
}

static inline void planned_free(struct planned *planned)
{
    dfota_buffer_free(&planned->records);
    image_pair_free(&planned->pair);
}

/*
 * Lets the plan foresee that, with a map of the copies of at least `map_length`
 * bytes; all records are of `dialect`.
 */
static inline void planned_foresee(struct planned *planned,
                                   const struct dfota_prediction *prediction,
                                   uint8_t dialect)
{
    planned_records(planned, dialect);
    planned->plan.prediction = *prediction;
    planned->plan.prediction.map_count =
        dfota_plan_count(&planned->plan, prediction->map_length);
}

/* Anything may be foreseen of anything. */
static inline struct dfota_prediction random_prediction(uint32_t *seed)
{
    struct dfota_prediction prediction = {
        .dialect_count = (uint8_t)random_below(seed, 4),
        .base_count = (uint8_t)random_below(seed, 5),
        .range_count = (uint8_t)random_below(seed, 5),
        .map_length = random_next(seed) >> (24 + random_below(seed, 8)),
        .learned = random_next(seed) >> (24 + random_below(seed, 8)),
    };

    for (unsigned i = 0; i < DFOTA_PREDICT_DIALECTS; i++)
        prediction.dialects[i] = (struct dfota_dialect){
            (uint8_t)(DFOTA_ISA_T32 + random_below(seed, 6)),
            (uint8_t)random_next(seed)};
    for (unsigned i = 0; i < DFOTA_PREDICT_BASES; i++)
        prediction.bases[i] =
            random_below(seed, 2) ? 0x08000000 : random_next(seed);
    for (unsigned i = 0; i < DFOTA_PREDICT_RANGES; i++)
        prediction.ranges[i] = (struct dfota_value_range){
            random_next(seed) & 0xfffff000, random_next(seed) & 0xff000};
    if (prediction.dialect_count + prediction.base_count +
            prediction.range_count ==
        0)
        prediction.map_length = prediction.learned = 0;
    return prediction;
}

/* Old and new of a pair in $TESTDATA. */
static inline struct image_pair testdata_pair(const char *name)
{
    struct image_pair pair = {{0}, {0}};

    for (unsigned i = 0; i < 2; i++) {
        char path[1024];

        snprintf(path, sizeof(path), "%s/pairs/%s/%s", getenv("TESTDATA"), name,
                 i == 0 ? "old" : "new");
        assert_int_equal(dfota_file_read(path, (size_t)1 << 20,
                                         i == 0 ? &pair.old : &pair.new, NULL),
                         DFOTA_OK);
    }
    return pair;
}

#endif
