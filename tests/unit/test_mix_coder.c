/* SPDX-License-Identifier: MIT */
/* mixed coding, from plans to new images */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/apply/site_bits.h"
#include "lib/delta/mixed.h"
#include "tests/support/delta_check.h"
#include "tests/support/plan_check.h"

#define T32_ALL 0x1f /* classes */
#define A64_ALL 0x13

static void add_prediction(const struct dfota_prediction *prediction,
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
    if (counts > 0) {
        dfota_buffer_add_varint(out, prediction->map_count);
        dfota_buffer_add_varint(out, prediction->map_length);
        dfota_buffer_add_varint(out, prediction->learned);
    }
}

/* Codes the plan, applies it, and expects new; gives the coded bytes. */
static size_t assert_made_of(const struct dfota_plan *plan, uint32_t slots)
{
    const struct dfota_prediction *prediction = &plan->prediction;
    struct dfota_mixed_out out = {.mixed = {.slots = slots}};
    struct dfota_buffer fields = {0};
    struct delta_example example = {.old = plan->old,
                                    .new = plan->new,
                                    .coding = DFOTA_CODING_ID_MIXED,
                                    .slots = slots};
    size_t size;

    assert_int_equal(dfota_mixed_encode(plan, &out, NULL), DFOTA_OK);
    assert_int_equal(out.mixed.record_size, out.records.size);
    assert_int_equal(out.mixed.content_size, out.content.size);
    add_prediction(prediction, &fields);
    example.prediction = dfota_buffer_view(&fields);
    example.records = dfota_buffer_view(&out.records);
    example.content = dfota_buffer_view(&out.content);
    example.codec_ram = DELTA_EXAMPLE_MIXED + (2 * slots + 15) / 16 * 16 +
                        (12 * prediction->map_count + 15) / 16 * 16 +
                        (8 * prediction->learned + 15) / 16 * 16;
    assert_made(&example);
    size = out.records.size + out.content.size;
    dfota_mixed_free(&out);
    dfota_buffer_free(&fields);
    return size;
}

static void makes_every_image_again(void **state)
{
    static const uint32_t slots[] = {256, 1000, 4097, 1 << 15};
    uint32_t seed = 43;

    (void)state;
    for (unsigned kind = 0; kind < IMAGE_KINDS; kind++) {
        struct planned planned =
            planned_of(image_pair_make((enum image_kind)kind, 7 + kind));

        for (unsigned round = 0; round < 4; round++) {
            struct dfota_prediction prediction = random_prediction(&seed);
            uint8_t dialect =
                (uint8_t)random_below(&seed, prediction.dialect_count + 1u);

            planned_foresee(&planned, &prediction, dialect);
            assert_made_of(&planned.plan, slots[round]);
        }
        planned_free(&planned);
    }
}

/* Inserted bytes alone, in every dialect, at every alignment. */
static void makes_inserted_bytes_again_in_every_dialect(void **state)
{
    static const uint8_t isas[] = {DFOTA_ISA_T32, DFOTA_ISA_A32,
                                   DFOTA_ISA_A64, DFOTA_ISA_RISCV,
                                   DFOTA_ISA_X86, DFOTA_ISA_XTENSA};
    static const uint32_t calls[] = {0xf834f312, 0xeb563412, 0x97563412};
    uint32_t seed = 44;
    uint8_t bytes[1500];

    (void)state;
    random_fill(&seed, bytes, sizeof(bytes));
    for (size_t i = 0; i + 4 < sizeof(bytes); i += 2) /* calls of all kinds */
        if (random_below(&seed, 2))
            dfota_put32(bytes + i, calls[random_below(&seed, 3)]);
    for (size_t i = 0; i < sizeof(isas); i++)
        for (uint32_t first = 1; first < 9; first++) {
            struct dfota_record records[] = {{first, 0, 0, 0},
                                             {700, 0, 0, 1},
                                             {797 - first, 0, 0, 2},
                                             {3, 0, 0, 1}};
            const struct dfota_plan plan = {
                .new = {bytes, sizeof(bytes)},
                .records = records,
                .record_count = 4,
                .prediction = {.dialect_count = 1,
                               .dialects = {{isas[i], 0xff}},
                               .map_length = 1}};

            assert_made_of(&plan, 512);
        }
}

/* Much that is as it was, and little that is not: strides of both kinds. */
static void tells_of_strides_in_a_few_bits(void **state)
{
    enum { SIZE = 100000, CHANGES = 4 };
    const struct dfota_record record = {0, SIZE, 0, 0};
    uint8_t *old = malloc(SIZE);
    uint8_t *new = malloc(SIZE);
    const struct dfota_plan plan = {.old = {old, SIZE},
                                    .new = {new, SIZE},
                                    .records = &record,
                                    .record_count = 1};
    uint32_t seed = 45;
    size_t same;

    (void)state;
    assert_non_null(old);
    assert_non_null(new);
    random_fill(&seed, old, SIZE);
    memcpy(new, old, SIZE);
    same = assert_made_of(&plan, 512);
    for (size_t i = 0; i < CHANGES; i++)
        new[11000 + i * 23456] ^= 0x55;
    assert_in_range(same, 1, 24);
    assert_in_range(assert_made_of(&plan, 512), same + CHANGES, same + 60);
    free(new);
    free(old);
}

/* Real images.  A wrong base and a wrong architecture only cost bytes. */
/* After 64 bytes as foreseen, groups of up to eight: of which none, one or two
 * are wrong, wherever they lie in old. */
static void tells_of_wrong_bytes_anywhere_in_a_group(void **state)
{
    enum { SIZE = 200, CALM = 64, PLACES = 24 };
    uint8_t old[SIZE + 8];
    uint8_t new[SIZE];
    uint32_t seed = 46;

    (void)state;
    random_fill(&seed, old, sizeof(old));
    for (uint32_t shift = 0; shift < 8; shift++)
        for (size_t at = 0; at < PLACES; at++) {
            const struct dfota_record record = {0, SIZE, shift, 0};
            const struct dfota_plan plan = {.old = {old, sizeof(old)},
                                            .new = {new, SIZE},
                                            .records = &record,
                                            .record_count = 1};

            memcpy(new, old + shift, SIZE);
            new[CALM + at] ^= 1;
            assert_made_of(&plan, 256);
            new[CALM + PLACES] ^= 1; /* so that its group is calm no more */
            assert_made_of(&plan, 256);
        }
}

static void takes_less_for_real_code_that_is_foreseen(void **state)
{
    static const struct {
        const char *name;
        struct dfota_dialect dialect;
        uint32_t base;
        unsigned least; /* in 100 of what it takes unforeseen, saved */
    } cases[] = {
        {"micropython-armv6m", {DFOTA_ISA_T32, T32_ALL}, 0, 50},
        {"micropython-armv7m", {DFOTA_ISA_T32, T32_ALL}, 0, 50},
        {"tfa-stm32mp1-armv7a", {DFOTA_ISA_T32, T32_ALL}, 0x2ffe0000, 20},
        {"tfa-sun50i-arm64", {DFOTA_ISA_A64, A64_ALL}, 0x104000, 20},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct dfota_prediction code = {.dialect_count = 1,
                                              .base_count = 1,
                                              .range_count = 1,
                                              .dialects = {cases[i].dialect},
                                              .bases = {cases[i].base},
                                              .ranges = {{0x20000000, 0x20000}},
                                              .map_length = 32,
                                              .learned = 1000};
        struct planned planned = planned_of(testdata_pair(cases[i].name));
        struct dfota_prediction wrong = code;
        size_t unforeseen = assert_made_of(&planned.plan, 1 << 16);
        size_t foreseen;
        size_t size;

        planned_foresee(&planned, &code, 1);
        foreseen = assert_made_of(&planned.plan, 1 << 16);
        assert_in_range(100 * foreseen, 1, (100 - cases[i].least) * unforeseen);

        wrong.bases[0] = 0x12345678; /* no base of anything */
        planned_foresee(&planned, &wrong, 1);
        size = assert_made_of(&planned.plan, 1 << 16);
        assert_in_range(size, foreseen, 2 * unforeseen);

        wrong.dialects[0] = (struct dfota_dialect){
            i < 2 ? DFOTA_ISA_A64 : DFOTA_ISA_XTENSA, 0xff};
        planned_foresee(&planned, &wrong, 1);
        size = assert_made_of(&planned.plan, 1 << 16);
        assert_in_range(size, foreseen, 2 * unforeseen);
        planned_free(&planned);
    }
}

/* The bytes of the specification's example. */
static void gives_the_bytes_of_the_example(void **state)
{
    static const struct dfota_record records[] = {{0, 16, 0, 0}, {4, 8, 16, 0}};
    const struct dfota_plan plan = {.old = delta_example_mixed.old,
                                    .new = delta_example_mixed.new,
                                    .records = records,
                                    .record_count = 2,
                                    .prediction = {.base_count = 1,
                                                   .bases = {0x08000000},
                                                   .map_count = 2,
                                                   .map_length = 8,
                                                   .learned = 4}};
    struct dfota_mixed_out out = {.mixed = {.slots = 256}};

    (void)state;
    assert_int_equal(dfota_mixed_encode(&plan, &out, NULL), DFOTA_OK);
    assert_int_equal(out.records.size, delta_example_mixed.records.size);
    assert_memory_equal(out.records.data, delta_example_mixed.records.data,
                        out.records.size);
    assert_int_equal(out.content.size, delta_example_mixed.content.size);
    assert_memory_equal(out.content.data, delta_example_mixed.content.data,
                        out.content.size);
    dfota_mixed_free(&out);
}

/* Any coded bytes make something or are refused; never is more asked for. */
static void survives_any_coded_bytes(void **state)
{
    uint32_t seed = 45;

    (void)state;
    for (unsigned round = 0; round < 3000; round++) {
        uint8_t bytes[64];
        struct delta_example example = delta_example_mixed;
        struct dfota_buffer delta;
        struct delta_bench bench;

        random_fill(&seed, bytes, sizeof(bytes));
        if (round % 2)
            example.content =
                (struct dfota_view){bytes, random_below(&seed, 64)};
        else
            example.records =
                (struct dfota_view){bytes, random_below(&seed, 64)};
        delta = delta_example_build(&example);
        bench = bench_of(&example, &delta);
        if (run(&bench))
            assert_non_null(bench.fault.rule);
        dfota_buffer_free(&bench.made);
        dfota_buffer_free(&delta);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_every_image_again),
        cmocka_unit_test(makes_inserted_bytes_again_in_every_dialect),
        cmocka_unit_test(tells_of_strides_in_a_few_bits),
        cmocka_unit_test(tells_of_wrong_bytes_anywhere_in_a_group),
        cmocka_unit_test(takes_less_for_real_code_that_is_foreseen),
        cmocka_unit_test(gives_the_bytes_of_the_example),
        cmocka_unit_test(survives_any_coded_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
