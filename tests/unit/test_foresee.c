/* SPDX-License-Identifier: MIT */
/* what the generator finds out of images that nobody has described */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/delta/foresee.h"
#include "lib/delta/trials.h"
#include "tests/support/delta_made.h"
#include "tests/support/plan_check.h"
#include "tests/support/program.h"

#define RAM  ((uint32_t)1 << 18) /* bytes */
#define NEAR 512u                /* bytes */

/* A draft of the pair's plain copies. */
static struct dfota_draft draft_of(const struct image_pair *pair)
{
    static const struct dfota_progress quiet = {NULL, NULL};
    struct dfota_draft draft = {0};
    struct dfota_buffer copies = {0};

    draft.plan.old = dfota_buffer_view(&pair->old);
    draft.plan.new = dfota_buffer_view(&pair->new);
    assert_int_equal(dfota_align_images(
                         &(struct dfota_align_task){.old = draft.plan.old,
                                                    .new = draft.plan.new,
                                                    .costs = &dfota_align_delta,
                                                    .progress = &quiet},
                         &copies, NULL),
                     DFOTA_OK);
    assert_int_equal(
        dfota_draft_set_copies(&draft, dfota_buffer_view(&copies), NULL),
        DFOTA_OK);
    dfota_buffer_free(&copies);
    return draft;
}

/* What the draft is known to cost, it costs. */
static void assert_cost(const struct dfota_draft *draft)
{
    const struct dfota_delta_options options =
        delta_options(DFOTA_CODEC_AUTO, RAM);
    size_t cost;

    if (draft->cost == 0)
        return; /* not known */
    assert_int_equal(dfota_trials_price(&draft->plan, &options, &cost),
                     DFOTA_OK);
    assert_int_equal(draft->cost, cost);
}

/* Code, then pointers, then the classes of what code there is. */
static void foresee(struct dfota_draft *draft)
{
    const struct dfota_delta_options options =
        delta_options(DFOTA_CODEC_AUTO, RAM);

    assert_int_equal(dfota_foresee_code(draft, &options, NULL), DFOTA_OK);
    assert_cost(draft);
    assert_int_equal(dfota_foresee_pointers(draft, &options, NULL), DFOTA_OK);
    assert_cost(draft);
    assert_int_equal(dfota_foresee_code(draft, &options, NULL), DFOTA_OK);
    assert_cost(draft);
    assert_int_equal(dfota_foresee_classes(draft, &options, NULL), DFOTA_OK);
    assert_cost(draft);
    for (size_t i = 0; i < draft->plan.record_count; i++)
        assert_in_range(draft->plan.records[i].dialect, 0,
                        draft->plan.prediction.dialect_count);
}

/* The delta that the whole generator makes of the pair says that. */
static struct dfota_prediction prediction_of(const struct image_pair *pair)
{
    const struct dfota_delta_options options =
        delta_options(DFOTA_CODEC_AUTO, RAM);
    struct dfota_delta_header header;

    assert_round_trip(pair, &options, &header);
    return header.prediction;
}

static bool has_isa(const struct dfota_prediction *prediction, uint8_t isa)
{
    for (unsigned i = 0; i < prediction->dialect_count; i++)
        if (prediction->dialects[i].isa == isa)
            return true;
    return false;
}

/* Whether one of the bases is `base` or near: what of an image moved by less
 * than functions have bytes hardly tells them apart. */
static bool has_base(const struct dfota_prediction *prediction, uint32_t base)
{
    for (unsigned i = 0; i < prediction->base_count; i++)
        if (prediction->bases[i] - base + NEAR <= 2 * NEAR)
            return true;
    return false;
}

static void finds_the_architecture_of_real_code(void **state)
{
    static const struct {
        const char *name;
        uint8_t isa;
        uint8_t classes; /* among others */
    } cases[] = {
        {"micropython-armv6m", DFOTA_ISA_T32, DFOTA_T32_CALLS},
        {"micropython-armv7m", DFOTA_ISA_T32, DFOTA_T32_CALLS},
        {"tfa-stm32mp1-armv7a", DFOTA_ISA_T32, DFOTA_T32_CALLS},
        {"tfa-sun50i-arm64", DFOTA_ISA_A64, DFOTA_A64_CALLS | DFOTA_A64_PAGES}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct image_pair pair = testdata_pair(cases[i].name);
        struct dfota_draft draft = draft_of(&pair);

        foresee(&draft);
        assert_true(draft.cost > 0);
        assert_int_equal(draft.plan.prediction.dialect_count, 1);
        assert_int_equal(draft.plan.prediction.dialects[0].isa, cases[i].isa);
        assert_int_equal(draft.plan.prediction.dialects[0].classes &
                             cases[i].classes,
                         cases[i].classes);
        dfota_draft_free(&draft);
        image_pair_free(&pair);
    }
}

/* Where the projects that these images are of say that they are loaded. */
static void finds_the_load_address_of_real_images(void **state)
{
    static const struct {
        const char *name;
        uint32_t base;
    } cases[] = {{"micropython-armv6m", 0},
                 {"micropython-armv7m", 0},
                 {"tfa-stm32mp1-armv7a", 0x2ffe9000},
                 {"tfa-sun50i-arm64", 0x00104000}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct image_pair pair = testdata_pair(cases[i].name);
        struct dfota_prediction prediction = prediction_of(&pair);

        assert_true(has_base(&prediction, cases[i].base));
        image_pair_free(&pair);
    }
}

static void finds_the_load_addresses_of_programs(void **state)
{
    static const uint32_t bases[] = {0,          0x08020000, 0x00004321,
                                     0xfffc0000, 0x7ffff000, 0x24000200};

    (void)state;
    for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
        const struct program program = {
            .kind = PROGRAM_DATA, .base_count = 1, .bases = {bases[i]}};
        struct image_pair pair = program_make(&program);
        struct dfota_draft draft = draft_of(&pair);

        foresee(&draft);
        assert_true(has_base(&draft.plan.prediction, bases[i]));
        dfota_draft_free(&draft);
        image_pair_free(&pair);
    }
}

static void finds_several_load_addresses(void **state)
{
    const struct program program = {
        .kind = PROGRAM_DATA,
        .base_count = DFOTA_PREDICT_BASES,
        .bases = {0x08020000, 0x10000000, 0x20000800, 0xc0000000}};
    struct image_pair pair = program_make(&program);
    struct dfota_draft draft = draft_of(&pair);

    (void)state;
    foresee(&draft);
    for (size_t i = 0; i < DFOTA_PREDICT_BASES; i++)
        assert_true(has_base(&draft.plan.prediction, program.bases[i]));
    dfota_draft_free(&draft);
    image_pair_free(&pair);
}

static void finds_the_architecture_of_programs(void **state)
{
    static const uint8_t isas[] = {[PROGRAM_T32] = DFOTA_ISA_T32,
                                   [PROGRAM_A32] = DFOTA_ISA_A32,
                                   [PROGRAM_A64] = DFOTA_ISA_A64};
    struct program program = {
        .base_count = 1, .bases = {0x08020000}, .calls = true};

    (void)state;
    for (program.kind = PROGRAM_T32; program.kind <= PROGRAM_A64;
         program.kind++) {
        struct image_pair pair = program_make(&program);
        struct dfota_prediction prediction = prediction_of(&pair);

        assert_int_equal(prediction.dialect_count, 1);
        assert_true(has_isa(&prediction, isas[program.kind]));
        image_pair_free(&pair);
    }
}

/* A flash of which one half is code of one processor, one of another. */
static struct image_pair two_halves(void)
{
    static const char *const names[] = {"tfa-sun50i-arm64",
                                        "micropython-armv7m"};
    struct image_pair flash = {{0}, {0}};

    for (unsigned i = 0; i < 2; i++) {
        struct image_pair half = testdata_pair(names[i]);

        dfota_buffer_add(&flash.old, half.old.data, half.old.size);
        dfota_buffer_add(&flash.new, half.new.data, half.new.size);
        while (i == 0 && flash.old.size % 65536 != 0)
            dfota_buffer_add(&flash.old, "\xff", 1);
        while (i == 0 && flash.new.size % 65536 != 0)
            dfota_buffer_add(&flash.new, "\xff", 1);
        image_pair_free(&half);
    }
    return flash;
}

/* Each part is judged by itself; what both share does not matter. */
static void finds_both_architectures_of_a_flash(void **state)
{
    struct image_pair flash = two_halves();
    struct dfota_draft draft = draft_of(&flash);
    const struct dfota_prediction *prediction = &draft.plan.prediction;
    uint32_t pos = 0;
    uint64_t right = 0;

    (void)state;
    foresee(&draft);
    assert_int_equal(prediction->dialect_count, 2);
    assert_true(has_isa(prediction, DFOTA_ISA_A64));
    assert_true(has_isa(prediction, DFOTA_ISA_T32));
    for (size_t i = 0; i < draft.plan.record_count; i++) {
        const struct dfota_record *record = &draft.plan.records[i];
        uint8_t isa = record->dialect > 0
                          ? prediction->dialects[record->dialect - 1].isa
                          : 0;

        if (isa == (pos < 65536 ? DFOTA_ISA_A64 : DFOTA_ISA_T32))
            right += record->insert + record->copy;
        pos += record->insert + record->copy;
    }
    assert_in_range(right, flash.new.size * 2 / 3, flash.new.size);
    dfota_draft_free(&draft);
    image_pair_free(&flash);
}

static void foresees_nothing_where_there_is_nothing(void **state)
{
    static const enum image_kind kinds[] = {
        BOTH_EMPTY, OLD_EMPTY, NEW_EMPTY,    ONE_BYTE,
        IDENTICAL,  UNRELATED, EDITED_NOISE, SWAPPED_HALVES};

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct image_pair pair = image_pair_make(kinds[i], 3);
        struct dfota_prediction prediction = prediction_of(&pair);

        assert_int_equal(prediction.dialect_count, 0);
        assert_int_equal(prediction.base_count, 0);
        assert_int_equal(prediction.range_count, 0);
        assert_int_equal(prediction.map_count, 0);
        assert_int_equal(prediction.learned, 0);
        image_pair_free(&pair);
    }
}

/* Whatever was foreseen before, and there are more architectures now. */
static void does_not_depend_on_what_was_foreseen_before(void **state)
{
    const struct dfota_delta_options options =
        delta_options(DFOTA_CODEC_AUTO, RAM);
    struct image_pair pair = testdata_pair("micropython-armv6m");
    struct dfota_draft draft = draft_of(&pair);
    struct dfota_prediction first;

    (void)state;
    assert_int_equal(dfota_foresee_code(&draft, &options, NULL), DFOTA_OK);
    first = draft.plan.prediction;
    draft.shortlist = 0;
    draft.plan.prediction.dialect_count = 2;
    draft.plan.prediction.dialects[0] =
        (struct dfota_dialect){DFOTA_ISA_XTENSA, 0xff};
    draft.plan.prediction.dialects[1] =
        (struct dfota_dialect){DFOTA_ISA_X86, 0xff};
    assert_int_equal(dfota_foresee_code(&draft, &options, NULL), DFOTA_OK);
    assert_int_equal(draft.plan.prediction.dialect_count, first.dialect_count);
    assert_memory_equal(draft.plan.prediction.dialects, first.dialects,
                        sizeof(first.dialects[0]));
    dfota_draft_free(&draft);
    image_pair_free(&pair);
}

/* Code of some other processor, or no code at all: it only costs bytes. */
static void makes_programs_again_in_any_memory(void **state)
{
    static const uint32_t budgets[] = {4096, 4096 + 64, 5000, 13000, RAM};
    struct program program = {
        .base_count = 2, .bases = {0x08020000, 0x20000800}, .calls = true};

    (void)state;
    for (program.kind = PROGRAM_DATA; program.kind <= PROGRAM_A64;
         program.kind++) {
        struct image_pair pair = program_make(&program);

        for (size_t i = 0; i < sizeof(budgets) / sizeof(budgets[0]); i++) {
            const struct dfota_delta_options options =
                delta_options(DFOTA_CODEC_AUTO, budgets[i]);
            struct dfota_delta_header header;

            assert_round_trip(&pair, &options, &header);
        }
        image_pair_free(&pair);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_architecture_of_real_code),
        cmocka_unit_test(finds_the_load_address_of_real_images),
        cmocka_unit_test(finds_the_load_addresses_of_programs),
        cmocka_unit_test(finds_several_load_addresses),
        cmocka_unit_test(finds_the_architecture_of_programs),
        cmocka_unit_test(finds_both_architectures_of_a_flash),
        cmocka_unit_test(foresees_nothing_where_there_is_nothing),
        cmocka_unit_test(does_not_depend_on_what_was_foreseen_before),
        cmocka_unit_test(makes_programs_again_in_any_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
