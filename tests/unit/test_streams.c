/* SPDX-License-Identifier: MIT */
/* coding streams: they decode to what they were, and fit into the module */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/apply/delta_header.h"
#include "tests/support/delta_made.h"
#include "tests/support/plan_check.h"

#define KIB ((uint32_t)1024) /* bytes */

static const enum dfota_codec_choice choices[] = {
    DFOTA_CODEC_AUTO, DFOTA_CODEC_STORED, DFOTA_CODEC_ZLIB, DFOTA_CODEC_LZMA};

static size_t coded_size(const struct dfota_encoded *encoded)
{
    size_t size = 0;

    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        size += encoded->coded[i].size;
    return size;
}

/* Codes, and makes new of that within `ram`; gives the coded bytes. */
static size_t assert_codes(const struct planned *planned,
                           enum dfota_codec_choice choice, uint32_t ram)
{
    const struct dfota_delta_options options = delta_options(choice, ram);
    struct dfota_encoded encoded = {0};
    struct dfota_delta_header header;
    struct dfota_buffer delta;
    size_t size;

    assert_int_equal(
        dfota_streams_encode(&planned->plan, &options, &encoded, NULL),
        DFOTA_OK);
    delta = delta_of_streams(&planned->plan, encoded.streams, encoded.coded);
    header = assert_delta_applies(&planned->pair, &delta);
    assert_in_range(header.ram, DFOTA_APPLY_MEMORY, ram);
    dfota_buffer_free(&delta);
    size = coded_size(&encoded);
    dfota_encoded_free(&encoded);
    dfota_encoded_free(&encoded);
    return size;
}

static void decode_to_what_they_were(void **state)
{
    (void)state;
    for (enum image_kind kind = 0; kind < IMAGE_KINDS; kind++) {
        struct planned planned = planned_of(image_pair_make(kind, 23));

        for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
            assert_codes(&planned, choices[i], 256 * KIB);
            assert_codes(&planned, choices[i], 24 * KIB);
            assert_codes(&planned, choices[i], DFOTA_APPLY_MEMORY);
        }
        planned_free(&planned);
    }
}

/* Beside the tables of what is foreseen, and smaller the more room there is. */
static void fit_into_the_memory_that_there_is(void **state)
{
    static const uint32_t budgets[] = {9 * KIB,  16 * KIB, 20 * KIB,
                                       48 * KIB, 96 * KIB, 256 * KIB};
    static const struct dfota_prediction code = {
        .dialect_count = 1,
        .dialects = {{DFOTA_ISA_T32, 1}},
        .map_length = 800,
        .learned = 100};
    struct planned planned = planned_of(testdata_pair("tfa-stm32mp1-armv7a"));

    (void)state;
    planned_foresee(&planned, &code, 1);
    for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
        size_t before = SIZE_MAX;

        for (size_t j = 0; j < sizeof(budgets) / sizeof(budgets[0]); j++) {
            size_t size = assert_codes(&planned, choices[i], budgets[j]);

            assert_in_range(size, 1000, before);
            before = size;
        }
    }
    planned_free(&planned);
}

/* A choice of all codecs is as good as any one of them. */
static void take_the_smallest_way(void **state)
{
    struct planned planned = planned_of(testdata_pair("tfa-sun50i-arm64"));
    size_t best = assert_codes(&planned, DFOTA_CODEC_AUTO, 256 * KIB);

    (void)state;
    for (size_t i = 1; i < sizeof(choices) / sizeof(choices[0]); i++)
        assert_in_range(best, 1, assert_codes(&planned, choices[i], 256 * KIB));
    planned_free(&planned);
}

static void are_the_same_on_any_number_of_threads(void **state)
{
    struct planned planned = planned_of(image_pair_make(EDITED_CODE, 5));
    struct dfota_delta_options options =
        delta_options(DFOTA_CODEC_AUTO, 256 * KIB);
    struct dfota_encoded first = {0};

    (void)state;
    options.threads = 1;
    assert_int_equal(
        dfota_streams_encode(&planned.plan, &options, &first, NULL), DFOTA_OK);
    for (unsigned threads = 2; threads < 5; threads++) {
        struct dfota_encoded again = {0};

        options.threads = threads;
        assert_int_equal(
            dfota_streams_encode(&planned.plan, &options, &again, NULL),
            DFOTA_OK);
        assert_memory_equal(&again.streams, &first.streams,
                            sizeof(first.streams));
        for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
            assert_memory_equal(again.coded[i].data, first.coded[i].data,
                                first.coded[i].size);
        dfota_encoded_free(&again);
    }
    dfota_encoded_free(&first);
    planned_free(&planned);
}

static void are_refused_where_nothing_fits(void **state)
{
    struct planned planned = planned_of(image_pair_make(EDITED_CODE, 5));

    (void)state;
    for (size_t i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
        const struct dfota_delta_options options =
            delta_options(choices[i], DFOTA_APPLY_MEMORY - 1);
        struct dfota_encoded encoded = {0};
        struct dfota_fault fault = {0};

        assert_int_equal(
            dfota_streams_encode(&planned.plan, &options, &encoded, &fault),
            DFOTA_ERR_LIMIT);
        assert_string_equal(fault.rule, "MAKE-5");
        dfota_encoded_free(&encoded);
    }
    planned_free(&planned);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(decode_to_what_they_were),
        cmocka_unit_test(fit_into_the_memory_that_there_is),
        cmocka_unit_test(take_the_smallest_way),
        cmocka_unit_test(are_the_same_on_any_number_of_threads),
        cmocka_unit_test(are_refused_where_nothing_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
