/* SPDX-License-Identifier: MIT */
/* the predictor on pointers, and what holds for all kinds; test_predict_t32.c,
 * test_predict_a32.c and test_predict_a64.c have their instructions */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/predict_check.h"
#include "tests/support/random.h"

#define PIECE_MAX 64 /* bytes of a random piece */

/* What `word`, at an aligned place, is foreseen to become. */
static uint32_t foresee_word(const struct dfota_prediction *prediction,
                             uint32_t old_size, uint32_t word)
{
    const struct dfota_predictor predictor = {prediction, old_size,
                                              predict_map};
    uint8_t bytes[4];

    predict_put(bytes, word);
    predict_piece(&predictor, 0x40, 0x44, bytes, sizeof(bytes));
    return predict_get(bytes);
}

static void foresees_pointers_into_the_image(void **state)
{
    static const struct dfota_prediction prediction = {
        .kinds = DFOTA_PREDICT_POINTERS,
        .base_count = 1,
        .bases = {0x08020000}};
    static const uint32_t cases[][2] = {
        {0x08020000, 0x08020000}, /* the first byte, which stays */
        {0x0802001d, 0x0802001d}, {0x08022000, 0x08022100},
        {0x08022345, 0x08022445}, /* with the bit that says Thumb */
        {0x08023000, 0x08022f80}, {0x08024000, 0x48024000},
        {0x08026000, 0x08026001}, {0x08027fff, 0x08028fff}, /* the last */
        {0x0801ffff, 0x0801ffff}, {0x08028000, 0x08028000}, /* outside */
        {0x00000000, 0x00000000}, {0xffffffff, 0xffffffff},
    };

    (void)state;
    predict_entries[COUNT(predict_entries) - 1].old_pos = 0x7fff;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(foresee_word(&prediction, 0x8000, cases[i][0]),
                         cases[i][1]);
    predict_entries[COUNT(predict_entries) - 1].old_pos = 0x10000;
}

/* Such an image lies at the end of the addresses and at their beginning. */
static void foresees_pointers_around_the_last_address(void **state)
{
    static const struct dfota_prediction prediction = {
        .kinds = DFOTA_PREDICT_POINTERS,
        .base_count = 1,
        .bases = {0xffffd800}};

    (void)state;
    assert_int_equal(foresee_word(&prediction, 0x8000, 0xfffff800), 0xfffff900);
    assert_int_equal(foresee_word(&prediction, 0x8000, 0xffffffff), 0x000000ff);
    assert_int_equal(foresee_word(&prediction, 0x8000, 0x00000000), 0x00000100);
    assert_int_equal(foresee_word(&prediction, 0x8000, 0x00000800), 0x00000780);
}

/* The first base that fits counts. */
static void tries_all_bases_in_order(void **state)
{
    static const struct dfota_prediction prediction = {
        .kinds = DFOTA_PREDICT_POINTERS,
        .base_count = 4,
        .bases = {0x10000000, 0x20000000, 0x20003000, 0x30000000}};
    struct dfota_prediction fewer = prediction;

    (void)state;
    assert_int_equal(foresee_word(&prediction, 0x8000, 0x10002000), 0x10002100);
    assert_int_equal(foresee_word(&prediction, 0x8000, 0x20002000), 0x20002100);
    assert_int_equal(foresee_word(&prediction, 0x8000, 0x20004000), 0x60004000);
    assert_int_equal(foresee_word(&prediction, 0x8000, 0x20008000), 0x20008002);
    assert_int_equal(foresee_word(&prediction, 0x8000, 0x30003000), 0x30002f80);
    assert_int_equal(foresee_word(&prediction, 0x8000, 0x40003000), 0x40003000);
    fewer.base_count = 3;
    assert_int_equal(foresee_word(&fewer, 0x8000, 0x30003000), 0x30003000);
    fewer.base_count = 0;
    assert_int_equal(foresee_word(&fewer, 0x8000, 0x10002000), 0x10002000);
}

static void foresees_no_pointers_unless_asked(void **state)
{
    struct dfota_prediction prediction = {.base_count = 1, .bases = {0}};

    (void)state;
    for (unsigned kinds = 0; kinds <= DFOTA_PREDICT_ALL; kinds++) {
        prediction.kinds = (uint8_t)kinds;
        assert_int_equal(foresee_word(&prediction, 0x8000, 0x2000),
                         kinds & DFOTA_PREDICT_POINTERS ? 0x2100 : 0x2000);
    }
}

/* Pointers lie at multiples of 4 in old, wherever they are in new. */
static void sees_pointers_at_words_of_old(void **state)
{
    static const struct dfota_prediction prediction = {
        .kinds = DFOTA_PREDICT_POINTERS, .base_count = 1, .bases = {0x2000}};
    const struct dfota_predictor predictor = {&prediction, PREDICT_OLD_SIZE,
                                              predict_map};

    (void)state;
    for (uint32_t at = 0; at < 16; at++) {
        uint32_t old_pos = 0x100 + at / 4;
        uint8_t bytes[4];

        predict_put(bytes, 0x4080);
        predict_piece(&predictor, old_pos, 0x100 + at % 4, bytes, 4);
        assert_int_equal(predict_get(bytes), at / 4 == 0 ? 0x4180 : 0x4080);
    }
}

/* Behind an odd beginning the next word of old is found, and one more. */
static void finds_the_words_of_a_piece_that_begins_anywhere(void **state)
{
    static const struct dfota_prediction prediction = {
        .kinds = DFOTA_PREDICT_POINTERS | DFOTA_PREDICT_T32,
        .base_count = 1,
        .bases = {0x08020000}};
    const struct dfota_predictor predictor = {&prediction, PREDICT_OLD_SIZE,
                                              predict_map};

    (void)state;
    for (size_t begin = 0; begin < 12; begin++) {
        for (size_t end = begin; end <= 12; end++) {
            uint8_t bytes[12];

            for (size_t i = 0; i < 12; i += 4)
                predict_put(bytes + i, 0x08022000);
            predict_piece(&predictor, (uint32_t)begin, 7 + (uint32_t)begin,
                          bytes + begin, end - begin);
            for (size_t i = 0; i < 12; i += 4)
                assert_int_equal(predict_get(bytes + i),
                                 begin <= i && end >= i + 4 ? 0x08022100
                                                            : 0x08022000);
        }
    }
}

/* A word that is a pointer is not looked at as a branch any more. */
static void takes_a_pointer_before_a_branch(void **state)
{
    struct dfota_prediction prediction = {.base_count = 1};
    const struct dfota_predictor predictor = {&prediction, PREDICT_OLD_SIZE,
                                              predict_map};
    static const struct {
        uint8_t kind;
        uint32_t word;
    } cases[] = {{DFOTA_PREDICT_T32, T32(0xf000fffe)},
                 {DFOTA_PREDICT_A32, 0xea0003fe},
                 {DFOTA_PREDICT_A64, 0x14000400}};

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint8_t bytes[4];

        prediction.kinds = cases[i].kind | DFOTA_PREDICT_POINTERS;
        prediction.bases[0] = cases[i].word - 0x3000;
        predict_put(bytes, cases[i].word);
        predict_piece(&predictor, 0x1000, 0x1000, bytes, 4);
        assert_int_equal(predict_get(bytes), cases[i].word - 0x80);
        prediction.bases[0] = cases[i].word + 1;
        predict_put(bytes, cases[i].word);
        predict_piece(&predictor, 0x1000, 0x1000, bytes, 4);
        assert_int_not_equal(predict_get(bytes), cases[i].word);
        assert_int_not_equal(predict_get(bytes), cases[i].word - 0x80);
    }
}

/* Random kinds and bases. */
static void random_prediction(uint32_t *seed,
                              struct dfota_prediction *prediction)
{
    *prediction = (struct dfota_prediction){
        .kinds = (uint8_t)random_below(seed, DFOTA_PREDICT_ALL + 1),
        .base_count = (uint8_t)random_below(seed, DFOTA_PREDICT_BASES + 1)};
    for (unsigned i = 0; i < DFOTA_PREDICT_BASES; i++)
        prediction->bases[i] = random_next(seed);
}

/* Bytes of which many are the beginning of something. */
static void random_code(uint32_t *seed, uint8_t *bytes, size_t size)
{
    static const uint8_t tops[] = {0xf0, 0xf7, 0xf8, 0xea, 0xfb, 0x14,
                                   0x97, 0x90, 0xb0, 0x91, 0xf9, 0x3d};

    random_fill(seed, bytes, size);
    for (size_t i = 1; i < size; i += 2)
        if (random_below(seed, 2))
            bytes[i] = tops[random_below(seed, sizeof(tops))];
}

/* Where nothing moved, nothing changes, whatever the bytes look like. */
static void changes_nothing_where_nothing_moved(void **state)
{
    struct dfota_map_entry entry = {0, UINT32_MAX, 0};
    struct dfota_prediction prediction;
    struct dfota_predictor predictor = {&prediction, 0, {&entry, 1}};
    uint32_t seed = 5;

    (void)state;
    for (unsigned round = 0; round < 200000; round++) {
        uint8_t bytes[PIECE_MAX];
        uint8_t same[PIECE_MAX];
        size_t size = random_below(&seed, PIECE_MAX + 1);
        uint32_t at = random_next(&seed) >> random_below(&seed, 32);

        random_prediction(&seed, &prediction);
        predictor.old_size = random_next(&seed) >> random_below(&seed, 32);
        predictor.map.count = round % 2; /* an empty map shifts nothing */
        random_code(&seed, bytes, size);
        memcpy(same, bytes, size);
        predict_piece(&predictor, at, at, bytes, size);
        assert_memory_equal(bytes, same, size);
    }
}

/* Moved as one, image and branches stay as they are; pointers do not. */
static void changes_no_branch_of_what_moved_as_one(void **state)
{
    struct dfota_map_entry entry = {0, UINT32_MAX, 0};
    struct dfota_prediction prediction;
    const struct dfota_predictor predictor = {
        &prediction, PREDICT_OLD_SIZE, {&entry, 1}};
    uint32_t seed = 6;

    (void)state;
    for (unsigned round = 0; round < 50000; round++) {
        uint8_t bytes[PIECE_MAX];
        uint8_t same[PIECE_MAX];
        size_t size = random_below(&seed, PIECE_MAX + 1);
        uint32_t at = random_next(&seed) >> 4;

        random_prediction(&seed, &prediction);
        prediction.kinds &= (uint8_t)~DFOTA_PREDICT_POINTERS;
        entry.shift = random_next(&seed) >> 16 << 12; /* whole pages */
        random_code(&seed, bytes, size);
        memcpy(same, bytes, size);
        predict_piece(&predictor, at, at + entry.shift, bytes, size);
        assert_memory_equal(bytes, same, size);
    }
}

static void does_the_same_every_time_and_nothing_without_kinds(void **state)
{
    uint32_t seed = 7;

    (void)state;
    for (unsigned round = 0; round < 50000; round++) {
        uint8_t first[PIECE_MAX];
        uint8_t second[PIECE_MAX];
        uint8_t third[PIECE_MAX];
        size_t size = random_below(&seed, PIECE_MAX + 1);
        uint32_t old_pos = random_next(&seed) >> random_below(&seed, 32);
        uint32_t new_pos = random_next(&seed) >> random_below(&seed, 32);
        unsigned kinds = random_below(&seed, DFOTA_PREDICT_ALL + 1);

        random_code(&seed, first, size);
        memcpy(second, first, size);
        memcpy(third, first, size);
        predict_kinds(0, old_pos, new_pos, third, size);
        assert_memory_equal(third, first, size);
        predict_kinds(kinds, old_pos, new_pos, first, size);
        predict_kinds(kinds, old_pos, new_pos, second, size);
        assert_memory_equal(first, second, size);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(foresees_pointers_into_the_image),
        cmocka_unit_test(foresees_pointers_around_the_last_address),
        cmocka_unit_test(tries_all_bases_in_order),
        cmocka_unit_test(foresees_no_pointers_unless_asked),
        cmocka_unit_test(sees_pointers_at_words_of_old),
        cmocka_unit_test(finds_the_words_of_a_piece_that_begins_anywhere),
        cmocka_unit_test(takes_a_pointer_before_a_branch),
        cmocka_unit_test(changes_nothing_where_nothing_moved),
        cmocka_unit_test(changes_no_branch_of_what_moved_as_one),
        cmocka_unit_test(does_the_same_every_time_and_nothing_without_kinds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
