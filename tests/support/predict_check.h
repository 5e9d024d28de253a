/* SPDX-License-Identifier: MIT */
/*
 * predict_check.h - what unit tests expect of the predictor.  After cmocka.h.
 *
 * Instruction words are what assemblers make of the text beside them: of the
 * old site and target, and of the new ones.
 */
#ifndef DFOTA_TESTS_SUPPORT_PREDICT_CHECK_H
#define DFOTA_TESTS_SUPPORT_PREDICT_CHECK_H

#include <stdlib.h>
#include <string.h>

#include "lib/apply/predict.h"

#define PREDICT_OLD_SIZE ((uint32_t)0x10000000) /* bytes */
#define PREDICT_GUARD    32 /* bytes on either side of a piece */

/* Where old went in these tests. */
static struct dfota_map_entry predict_entries[] = {
    {0x0000, 0x2000, 0},          /* stays */
    {0x2000, 0x1000, 0x100},      /* on */
    {0x3000, 0x1000, 0u - 0x80},  /* back */
    {0x4000, 0x1000, 0x40000000}, /* out of every branch's reach */
    {0x5000, 0x1000, 2},          /* so that words are not aligned any more */
    {0x6000, 0x1000, 1},          /* nor halfwords */
    {0x7000, 0x1000, 0},          {0x10000, PREDICT_OLD_SIZE - 0x10000, 0x1000},
};

static const struct dfota_map predict_map = {
    predict_entries, sizeof(predict_entries) / sizeof(predict_entries[0])};

/* Foresees a piece that has guard bytes around it. */
static inline void predict_piece(const struct dfota_predictor *predictor,
                                 uint32_t old_pos, uint32_t new_pos,
                                 uint8_t *bytes, size_t size)
{
    uint8_t *block = malloc(size + (size_t)2 * PREDICT_GUARD);

    assert_non_null(block);
    memset(block, 0xf0, size + (size_t)2 * PREDICT_GUARD);
    if (size > 0)
        memcpy(block + PREDICT_GUARD, bytes, size);
    dfota_predict(predictor, old_pos, new_pos, block + PREDICT_GUARD, size);
    for (size_t i = 0; i < PREDICT_GUARD; i++) {
        assert_int_equal(block[i], 0xf0);
        assert_int_equal(block[PREDICT_GUARD + size + i], 0xf0);
    }
    if (size > 0)
        memcpy(bytes, block + PREDICT_GUARD, size);
    free(block);
}

/* The same, with the map above and no bases. */
static inline void predict_kinds(unsigned kinds, uint32_t old_pos,
                                 uint32_t new_pos, uint8_t *bytes, size_t size)
{
    const struct dfota_prediction prediction = {.kinds = (uint8_t)kinds};
    const struct dfota_predictor predictor = {&prediction, PREDICT_OLD_SIZE,
                                              predict_map};

    predict_piece(&predictor, old_pos, new_pos, bytes, size);
}

struct predict_case {
    const char *what; /* old instruction; new target, when that is foreseen */
    uint32_t old_pos;
    uint32_t new_pos;
    uint32_t old;
    uint32_t new;
};

static inline void predict_put(uint8_t *bytes, uint32_t word)
{
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(word >> (8 * i));
}

static inline uint32_t predict_get(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

/* A Thumb-2 instruction, its first halfword on the left, as a word. */
#define T32(word) ((uint32_t)(word) << 16 | (uint32_t)(word) >> 16)

/* With `kinds`, each old instruction becomes the new one. */
static inline void assert_foreseen(const struct predict_case *cases,
                                   size_t count, unsigned kinds)
{
    for (size_t i = 0; i < count; i++) {
        const struct predict_case *c = &cases[i];
        uint8_t bytes[4];

        predict_put(bytes, c->old);
        predict_kinds(kinds, c->old_pos, c->new_pos, bytes, sizeof(bytes));
        if (predict_get(bytes) != c->new)
            fail_msg("%s at %#x: %#010x, not %#010x", c->what, c->old_pos,
                     predict_get(bytes), c->new);
    }
}

/* With `kinds`, each old instruction stays. */
static inline void assert_left(const struct predict_case *cases, size_t count,
                               unsigned kinds)
{
    for (size_t i = 0; i < count; i++) {
        struct predict_case same = cases[i];

        same.new = same.old;
        assert_foreseen(&same, 1, kinds);
    }
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#endif
