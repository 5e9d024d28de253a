/* SPDX-License-Identifier: MIT */
/* streams: what is written of a plan makes new again */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/delta/serialize.h"
#include "tests/support/delta_made.h"
#include "tests/support/plan_check.h"

/* A delta of the plan's streams, as they are, makes new. */
static void assert_made_again(const struct planned *planned)
{
    struct dfota_stream streams[DFOTA_STREAM_COUNT] = {{0}};
    struct dfota_buffer raw[DFOTA_STREAM_COUNT] = {{0}};
    struct dfota_buffer delta;

    assert_int_equal(dfota_serialize(&planned->plan, raw, NULL), DFOTA_OK);
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        streams[i].raw_size = streams[i].coded_size = (uint32_t)raw[i].size;
    delta = delta_of_streams(&planned->plan, streams, raw);
    assert_delta_applies(&planned->pair, &delta);
    dfota_buffer_free(&delta);
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        dfota_buffer_free(&raw[i]);
}

/* Whatever is foreseen of anything. */
static void make_every_image_again(void **state)
{
    uint32_t seed = 91;

    (void)state;
    for (enum image_kind kind = 0; kind < IMAGE_KINDS; kind++) {
        struct planned planned = planned_of(image_pair_make(kind, 5 + kind));

        assert_made_again(&planned);
        for (unsigned round = 0; round < 6; round++) {
            const struct dfota_prediction prediction = random_prediction(&seed);

            planned_foresee(
                &planned, &prediction,
                (uint8_t)random_below(&seed, prediction.dialect_count + 1u));
            assert_made_again(&planned);
        }
        planned_free(&planned);
    }
}

static void make_real_images_again(void **state)
{
    static const struct dfota_prediction code = {
        .dialect_count = 2,
        .base_count = 1,
        .dialects = {{DFOTA_ISA_T32, 0xff}, {DFOTA_ISA_A64, 0xff}},
        .map_length = 24,
        .learned = 500};
    static const char *const names[] = {"micropython-armv6m",
                                        "tfa-sun50i-arm64"};

    (void)state;
    for (uint8_t i = 0; i < 2; i++) {
        struct planned planned = planned_of(testdata_pair(names[i]));

        planned_foresee(&planned, &code, (uint8_t)(i + 1));
        assert_made_again(&planned);
        planned_free(&planned);
    }
}

/* The bytes of docs/SPEC.md: records, runs of zeros, and bytes as they are. */
static void are_written_as_specified(void **state)
{
    static const struct dfota_record records[] = {
        {2, 8, 4, 0}, {1, 5, 0, 0}, {3, 0, 0, 0}};
    const struct dfota_plan plan = {.old = delta_example_good.old,
                                    .new = delta_example_good.new,
                                    .records = records,
                                    .record_count = 3};
    struct dfota_buffer streams[DFOTA_STREAM_COUNT] = {{0}};

    (void)state;
    assert_int_equal(dfota_serialize(&plan, streams, NULL), DFOTA_OK);
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++) {
        const struct dfota_view *want = &delta_example_good.streams[i].coded;

        assert_int_equal(streams[i].size, want->size);
        assert_memory_equal(streams[i].data, want->data, want->size);
        dfota_buffer_free(&streams[i]);
    }
}

static void are_empty_for_an_empty_plan(void **state)
{
    const struct dfota_plan plan = {.record_count = 0};
    struct dfota_buffer streams[DFOTA_STREAM_COUNT] = {{0}};

    (void)state;
    assert_int_equal(dfota_serialize(&plan, streams, NULL), DFOTA_OK);
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++) {
        assert_int_equal(streams[i].size, 0);
        dfota_buffer_free(&streams[i]);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(make_every_image_again),
        cmocka_unit_test(make_real_images_again),
        cmocka_unit_test(are_written_as_specified),
        cmocka_unit_test(are_empty_for_an_empty_plan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
