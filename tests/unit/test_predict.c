/* SPDX-License-Identifier: MIT */
/* the predictor: what is a site, its key, and how its target moved; the sites
 * of each architecture have tests of their own */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/apply/predict.h"
#include "lib/apply/site_bits.h"
#include "tests/support/random.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Where old went in these tests. */
static struct dfota_map_entry entries[] = {
    {0x0000, 0x2000, 0},          /* stays */
    {0x2000, 0x1000, 0x100},      /* on */
    {0x3000, 0x1000, 0u - 0x80},  /* back */
    {0x4000, 0x1000, 0x40000000}, /* out of every branch's reach */
    {0x5000, 0x3000, 0x1000},
};

static struct dfota_learned_entry learned[8];

static const struct dfota_isa *const isas[] = {&dfota_isa_t32, &dfota_isa_a32,
                                               &dfota_isa_a64, NULL};

/* A predictor of an image of 0x8000 bytes that has learned nothing. */
static struct dfota_predictor
predictor_of(const struct dfota_prediction *prediction)
{
    struct dfota_predictor predictor = {
        .prediction = prediction,
        .old_size = 0x8000,
        .map = {entries, COUNT(entries)},
        .learned = {learned, 0, COUNT(learned)},
    };

    assert_int_equal(dfota_predict_open(&predictor, isas), DFOTA_OK);
    return predictor;
}

static bool read_at(const struct dfota_predictor *predictor, unsigned dialect,
                    const uint8_t *bytes, size_t left, uint32_t pos,
                    struct dfota_site *site)
{
    return dfota_predict_read(
        predictor, &(struct dfota_spot){dialect, bytes, left, pos}, site);
}

static void write_at(const struct dfota_predictor *predictor, unsigned dialect,
                     const struct dfota_site *site, uint8_t *bytes,
                     uint32_t pos, uint32_t shift)
{
    struct dfota_site moved = *site;

    moved.target += shift;
    dfota_predict_write(predictor, dialect, &moved, bytes, pos);
}

/* Whether a site begins at those four bytes. */
static bool read_word(const struct dfota_predictor *predictor, unsigned dialect,
                      uint32_t pos, uint32_t word, struct dfota_site *site)
{
    uint8_t bytes[4];

    dfota_put32(bytes, word);
    return read_at(predictor, dialect, bytes, 4, pos, site);
}

static void takes_words_into_the_image_for_pointers(void **state)
{
    static const struct dfota_prediction prediction = {
        .base_count = 2, .bases = {0x08020000, 0xffffc000}};
    static const struct {
        uint32_t word;
        bool pointer;
        uint32_t key;
    } cases[] = {
        {0x08020000, true, 0},      {0x0802001d, true, 0x1d},
        {0x08027fff, true, 0x7fff}, {0x0801ffff, false, 0},
        {0x08028000, false, 0},     {0xffffc000, true, 0}, /* around the end */
        {0xffffffff, true, 0x3fff}, {0x00000000, true, 0x4000},
        {0x00003fff, true, 0x7fff}, {0x00004000, false, 0},
        {0xffffbfff, false, 0},
    };
    const struct dfota_predictor predictor = predictor_of(&prediction);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct dfota_site site;
        bool is = read_word(&predictor, 0, 0x40, cases[i].word, &site);

        assert_int_equal(is, cases[i].pointer);
        if (!is)
            continue;
        assert_int_equal(site.kind, DFOTA_SITE_POINTER32);
        assert_int_equal(site.size, 4);
        assert_true(site.absolute);
        assert_int_equal(site.target, cases[i].word);
        assert_int_equal(dfota_predict_key(&predictor, &site), cases[i].key);
    }
}

static void takes_words_in_a_range_for_pointers(void **state)
{
    static const struct dfota_prediction prediction = {
        .base_count = 1,
        .range_count = 3,
        .bases = {0x08000000},
        .ranges = {{0x20000000, 0x1000}, {0xfffff000, 0x1000}, {0x1000, 0}}};
    static const uint32_t in[] = {0x20000000, 0x20000fff, 0xfffff000,
                                  0xffffffff};
    static const uint32_t out[] = {0x1fffffff, 0x20001000, 0xffffefff, 0,
                                   0x1000};
    const struct dfota_predictor predictor = predictor_of(&prediction);
    struct dfota_site site;

    (void)state;
    for (size_t i = 0; i < COUNT(in); i++) {
        assert_true(read_word(&predictor, 0, 0x40, in[i], &site));
        assert_int_equal(dfota_predict_key(&predictor, &site),
                         in[i] - 0x08000000);
    }
    for (size_t i = 0; i < COUNT(out); i++)
        assert_false(read_word(&predictor, 0, 0x40, out[i], &site));
}

/* Pointers lie at multiples of 4 in old, whole, and before any code. */
static void sees_pointers_at_words_of_old(void **state)
{
    static const struct dfota_prediction prediction = {.dialect_count = 1,
                                                       .base_count = 1,
                                                       .dialects = {{1, 1}},
                                                       .bases = {0xf7ffc000}};
    const struct dfota_predictor predictor = predictor_of(&prediction);
    const uint8_t bytes[] = {0x00, 0xf0, 0x00, 0xf8}; /* BL to p + 4 */
    const uint8_t both[] = {0x00, 0xf0, 0xff, 0xf7};  /* BL, and a pointer */
    struct dfota_site site;

    (void)state;
    for (uint32_t pos = 0; pos < 8; pos++) {
        bool is = read_at(&predictor, 1, both, 4, pos, &site);

        assert_int_equal(is, pos % 2 == 0);
        if (is)
            assert_int_equal(site.kind, pos % 4 == 0 ? DFOTA_SITE_POINTER32
                                                     : DFOTA_SITE_CALL);
        assert_int_equal(read_at(&predictor, 0, both, 4, pos, &site),
                         pos % 4 == 0);
        for (size_t left = 0; left < 4; left++)
            assert_false(read_at(&predictor, 1, both, left, pos, &site));
    }
    assert_true(read_at(&predictor, 1, bytes, 4, 0x100, &site));
    assert_int_equal(site.kind, DFOTA_SITE_CALL);
    assert_int_equal(dfota_predict_key(&predictor, &site), 0x104);
    assert_false(read_at(&predictor, 0, bytes, 4, 0x100, &site));
}

static void steps_to_multiples_in_old(void **state)
{
    static const struct dfota_prediction prediction = {
        .dialect_count = 2, .dialects = {{1, 1}, {3, 1}}};
    const struct dfota_predictor predictor = predictor_of(&prediction);

    (void)state;
    for (uint32_t pos = 0; pos < 8; pos++) {
        assert_int_equal(dfota_predict_step(&predictor, 0, pos), 4 - pos % 4);
        assert_int_equal(dfota_predict_step(&predictor, 1, pos), 2 - pos % 2);
        assert_int_equal(dfota_predict_step(&predictor, 2, pos), 4 - pos % 4);
    }
}

static void lacks_an_architecture_that_nobody_has(void **state)
{
    struct dfota_prediction prediction = {.dialect_count = 2,
                                          .dialects = {{1, 1}, {4, 1}}};
    struct dfota_predictor predictor = {.prediction = &prediction};

    (void)state;
    assert_int_equal(dfota_predict_open(&predictor, isas),
                     DFOTA_ERR_UNSUPPORTED);
    prediction.dialects[1].isa = 2;
    assert_int_equal(dfota_predict_open(&predictor, isas), DFOTA_OK);
    assert_ptr_equal(predictor.isas[0], NULL);
    assert_ptr_equal(predictor.isas[1], &dfota_isa_t32);
    assert_ptr_equal(predictor.isas[2], &dfota_isa_a32);
}

static void assert_shift(const struct dfota_predictor *predictor, uint32_t key,
                         uint32_t first, enum dfota_shift_source source)
{
    static const struct dfota_copy copy = {0x1234, 0x1000, 0x800};
    struct dfota_shifts shifts = dfota_predict_shifts(predictor, &copy, key);

    assert_int_equal(shifts.first, first);
    assert_int_equal(shifts.source, source);
}

/* Its own copy first, then the map; what was learned goes before both. */
static void asks_the_copy_then_the_map_then_nobody(void **state)
{
    static const struct dfota_prediction prediction = {.base_count = 1};
    struct dfota_predictor predictor = predictor_of(&prediction);

    (void)state;
    assert_shift(&predictor, 0xfff, 0, DFOTA_SHIFT_MAP);
    assert_shift(&predictor, 0x1000, 0x234, DFOTA_SHIFT_OWN);
    assert_shift(&predictor, 0x17ff, 0x234, DFOTA_SHIFT_OWN);
    assert_shift(&predictor, 0x1800, 0, DFOTA_SHIFT_MAP);
    assert_shift(&predictor, 0x2345, 0x100, DFOTA_SHIFT_MAP);
    assert_shift(&predictor, 0x3000, 0u - 0x80, DFOTA_SHIFT_MAP);
    assert_shift(&predictor, 0x7fff, 0x1000, DFOTA_SHIFT_MAP);
    assert_shift(&predictor, 0x8000, 0, DFOTA_SHIFT_NONE);
    assert_shift(&predictor, UINT32_MAX, 0, DFOTA_SHIFT_NONE);
}

static void believes_what_it_learned(void **state)
{
    static const struct dfota_prediction prediction = {.base_count = 1};
    struct dfota_predictor predictor = predictor_of(&prediction);

    (void)state;
    dfota_predict_learn(&predictor, 0x1100, 7);
    dfota_predict_learn(&predictor, 0x2345, 8);
    assert_shift(&predictor, 0x1100, 7, DFOTA_SHIFT_EXACT);
    assert_shift(&predictor, 0x2345, 8, DFOTA_SHIFT_EXACT);
    assert_shift(&predictor, 0x1101, 0x234, DFOTA_SHIFT_OWN);
    assert_shift(&predictor, 0x2346, 0x100, DFOTA_SHIFT_MAP);
    /* Of positions outside, neighbours are believed as well. */
    assert_shift(&predictor, 0x9000, 8, DFOTA_SHIFT_NEAREST);
    dfota_predict_learn(&predictor, 0xa000, 8);
    assert_shift(&predictor, 0x9000, 8, DFOTA_SHIFT_BETWEEN);
    assert_shift(&predictor, 0xa001, 8, DFOTA_SHIFT_NEAREST);
    dfota_predict_learn(&predictor, 0xb000, 9);
    assert_shift(&predictor, 0xa001, 8, DFOTA_SHIFT_NEAREST);
    assert_shift(&predictor, 0xb000, 9, DFOTA_SHIFT_EXACT);
}

/* The map's shift first, then the latest, each once among themselves. */
static void keeps_the_shifts_that_came_last(void **state)
{
    static const struct dfota_prediction prediction = {.base_count = 1};
    static const struct dfota_copy copy = {0, 0, 0};
    struct dfota_predictor predictor = predictor_of(&prediction);
    static const uint32_t wanted[] = {0x100, 2, 7, 6, 5, 4, 3};
    struct dfota_shifts shifts;

    (void)state;
    predictor.learned.capacity = 0; /* these are kept without */
    shifts = dfota_predict_shifts(&predictor, &copy, 0x2000);
    for (unsigned i = 1; i < DFOTA_SHIFT_OTHERS; i++)
        assert_int_equal(shifts.others[i], 0);
    for (uint32_t shift = 1; shift < 8; shift++)
        dfota_predict_learn(&predictor, 0x2000, shift);
    dfota_predict_learn(&predictor, 0x2000, 2);
    shifts = dfota_predict_shifts(&predictor, &copy, 0x2000);
    assert_int_equal(shifts.first, 0x100);
    for (unsigned i = 0; i < DFOTA_SHIFT_OTHERS; i++)
        assert_int_equal(shifts.others[i], wanted[i]);
}

static void leads_sites_where_they_moved(void **state)
{
    static const struct dfota_prediction prediction = {.dialect_count = 1,
                                                       .base_count = 1,
                                                       .dialects = {{3, 1}},
                                                       .bases = {0x08000000}};
    const struct dfota_predictor predictor = predictor_of(&prediction);
    struct dfota_site site;
    uint8_t bytes[4];

    (void)state;
    assert_true(read_word(&predictor, 0, 0, 0x08001234, &site));
    write_at(&predictor, 0, &site, bytes, 77, 0x10);
    assert_int_equal(dfota_get32(bytes), 0x08001244);
    write_at(&predictor, 0, &site, bytes, 77, 0u - 0x08001235);
    assert_int_equal(dfota_get32(bytes), UINT32_MAX);

    assert_true(read_word(&predictor, 1, 0x1000, 0x94000400, &site));
    assert_int_equal(site.target, 0x2000);
    dfota_put32(bytes, 0x94000400);
    write_at(&predictor, 1, &site, bytes, 0x1100, 0x200);
    assert_int_equal(dfota_get32(bytes), 0x94000440);
    write_at(&predictor, 1, &site, bytes, 0x1100, 0x40000000);
    assert_int_equal(dfota_get32(bytes), 0x94000440); /* too far: stays */
    write_at(&predictor, 1, &site, bytes, 0x1100, 2);
    assert_int_equal(dfota_get32(bytes), 0x94000440); /* no multiple of 4 */
}

/* Where nothing moved, nothing changes, whatever the bytes look like. */
static void changes_nothing_where_nothing_moved(void **state)
{
    struct dfota_prediction prediction = {.dialect_count = 3, .base_count = 1};
    struct dfota_predictor predictor;
    uint32_t seed = 5;

    (void)state;
    for (unsigned i = 0; i < 3; i++)
        prediction.dialects[i] = (struct dfota_dialect){(uint8_t)(i + 1), 0xff};
    predictor = predictor_of(&prediction);
    for (unsigned round = 0; round < 300000; round++) {
        uint8_t bytes[DFOTA_SITE_SIZE_MAX];
        uint8_t same[DFOTA_SITE_SIZE_MAX];
        uint32_t pos = random_next(&seed) & ~3u;
        unsigned dialect = round % 4;
        struct dfota_site site;

        random_fill(&seed, bytes, sizeof(bytes));
        memcpy(same, bytes, sizeof(bytes));
        if (!read_at(&predictor, dialect, bytes, sizeof(bytes), pos, &site))
            continue;
        write_at(&predictor, dialect, &site, bytes, pos, 0);
        assert_memory_equal(bytes, same, sizeof(bytes));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_words_into_the_image_for_pointers),
        cmocka_unit_test(takes_words_in_a_range_for_pointers),
        cmocka_unit_test(sees_pointers_at_words_of_old),
        cmocka_unit_test(steps_to_multiples_in_old),
        cmocka_unit_test(lacks_an_architecture_that_nobody_has),
        cmocka_unit_test(asks_the_copy_then_the_map_then_nobody),
        cmocka_unit_test(believes_what_it_learned),
        cmocka_unit_test(keeps_the_shifts_that_came_last),
        cmocka_unit_test(leads_sites_where_they_moved),
        cmocka_unit_test(changes_nothing_where_nothing_moved),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
