/* SPDX-License-Identifier: MIT */
/* mixed decisions: tables, and decoding what was encoded */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/apply/crc32.h"
#include "lib/apply/mix.h"
#include "lib/base/buffer.h"
#include "tests/support/random.h"

#define SLOTS 700 /* no power of two, and few: contexts meet */
#define SETS  5
#define STEPS 20000

static int16_t logits[DFOTA_MIX_LOGITS];

/* A mixer and its memory. */
struct mixer {
    struct dfota_mix mix;
    int32_t weights[SETS][DFOTA_MIX_CONTEXTS];
    uint16_t slots[SLOTS];
    uint8_t buffer[DFOTA_RANGE_BUFFER];
    struct dfota_applier applier;
};

static void put(void *context, uint8_t byte)
{
    dfota_buffer_add(context, &byte, 1);
}

static enum dfota_error read_delta(void *context, uint32_t offset, void *out,
                                   size_t size)
{
    const struct dfota_buffer *coded = context;

    assert_in_range(size, 1, coded->size - offset);
    memcpy(out, coded->data + offset, size);
    return DFOTA_OK;
}

static void open_mixer(struct mixer *mixer)
{
    dfota_mix_logits(logits);
    mixer->mix.logits = logits;
    mixer->mix.weights = mixer->weights;
    mixer->mix.slots = mixer->slots;
    mixer->mix.slot_count = SLOTS;
    dfota_mix_reset(&mixer->mix, SETS);
}

static void open_encoder(struct mixer *mixer, struct dfota_buffer *coded)
{
    open_mixer(mixer);
    dfota_range_encode(&mixer->mix.range, put, coded);
}

static void open_decoder(struct mixer *mixer, struct dfota_buffer *coded)
{
    open_mixer(mixer);
    mixer->applier =
        (struct dfota_applier){.context = coded, .read_delta = read_delta};
    dfota_range_decode(&mixer->mix.range, &mixer->applier, mixer->buffer, 0,
                       (uint32_t)coded->size);
}

static struct dfota_contexts random_contexts(uint32_t *seed)
{
    struct dfota_contexts contexts;

    for (unsigned i = 0; i < DFOTA_MIX_CONTEXTS; i++)
        contexts.of[i] =
            dfota_mix_hash(i, random_below(seed, 8), random_below(seed, 3));
    contexts.set = random_below(seed, SETS);
    return contexts;
}

/* Some bits, bytes and numbers, in some contexts: the same for one seed. */
static void code_all(struct mixer *mixer, uint32_t seed, bool known)
{
    for (unsigned i = 0; i < STEPS; i++) {
        struct dfota_contexts contexts = random_contexts(&seed);
        uint32_t what = random_below(&seed, 3);
        uint32_t value = random_next(&seed) >> random_below(&seed, 32);
        uint32_t asked = known ? value : i * 0x9e3779b1;

        if (value == UINT32_MAX) /* the one that cannot be told */
            value = asked = 0;
        if (what == 0)
            assert_int_equal(
                dfota_mix_bit(&mixer->mix, &contexts, i % 3, asked & 1),
                value & 1);
        else if (what == 1)
            assert_int_equal(
                dfota_mix_byte(&mixer->mix, &contexts, (uint8_t)asked),
                value & 0xff);
        else
            assert_int_equal(dfota_mix_number(&mixer->mix, &contexts, asked),
                             value);
    }
}

static void decodes_what_was_encoded(void **state)
{
    static struct mixer mixer;

    (void)state;
    for (uint32_t seed = 1; seed < 6; seed++) {
        struct dfota_buffer coded = {0};

        open_encoder(&mixer, &coded);
        code_all(&mixer, seed, true);
        dfota_range_flush(&mixer.mix.range);
        open_decoder(&mixer, &coded);
        code_all(&mixer, seed, false);
        assert_int_equal(mixer.mix.range.error, DFOTA_OK);
        assert_true(dfota_range_used_up(&mixer.mix.range));
        dfota_buffer_free(&coded);
    }
}

/* All numbers but the largest, around each where one more bit begins. */
static void tells_every_number(void **state)
{
    static const struct dfota_contexts contexts = {{1, 2, 3, 4}, 0};
    static struct mixer mixer;
    struct dfota_buffer coded = {0};

    (void)state;
    open_encoder(&mixer, &coded);
    for (unsigned i = 2; i < 96; i++)
        (void)dfota_mix_number(&mixer.mix, &contexts,
                               ((uint32_t)1 << i / 3) - 2 + i % 3);
    (void)dfota_mix_number(&mixer.mix, &contexts, UINT32_MAX - 1);
    dfota_range_flush(&mixer.mix.range);
    open_decoder(&mixer, &coded);
    for (unsigned i = 2; i < 96; i++)
        assert_int_equal(dfota_mix_number(&mixer.mix, &contexts, 0),
                         ((uint32_t)1 << i / 3) - 2 + i % 3);
    assert_int_equal(dfota_mix_number(&mixer.mix, &contexts, 0),
                     UINT32_MAX - 1);
    dfota_buffer_free(&coded);
}

/* In units of 1/256; the logistic function is cut into straight lines. */
static void knows_the_logits(void **state)
{
    (void)state;
    dfota_mix_logits(logits);
    assert_int_equal(logits[0], 0);
    assert_in_range(logits[1024], 275, 290);   /* 256 * ln 3 is 281.2 */
    assert_in_range(logits[1843], 750, 760);   /* 256 * ln 19 is 753.8 */
    assert_in_range(logits[2047], 2100, 2180); /* 256 * ln 4095 is 2129.4 */
    for (unsigned i = 1; i < DFOTA_MIX_LOGITS; i++)
        assert_in_range(logits[i], logits[i - 1], 3071);
}

static size_t size_of(unsigned kind)
{
    static struct mixer mixer;
    struct dfota_buffer coded = {0};
    uint32_t seed = 77;
    size_t size;

    open_encoder(&mixer, &coded);
    for (unsigned i = 0; i < 8000; i++) {
        const struct dfota_contexts contexts = {
            {dfota_mix_hash(1, i % 8, 0), dfota_mix_hash(2, i % 5, 0),
             dfota_mix_hash(3, random_next(&seed), 0), dfota_mix_hash(4, 0, 0)},
            0};
        unsigned bit = kind == 0   ? 1
                       : kind == 1 ? i % 8 == 3
                       : kind == 2 ? random_below(&seed, 100) == 0
                                   : random_below(&seed, 2);

        (void)dfota_mix_bit(&mixer.mix, &contexts, 0, bit);
    }
    dfota_range_flush(&mixer.mix.range);
    size = coded.size;
    dfota_buffer_free(&coded);
    return size;
}

/* Bytes for 8,000 decisions. */
static void learns_what_depends_on_one_context(void **state)
{
    (void)state;
    assert_in_range(size_of(0), 1, 16);      /* always the same */
    assert_in_range(size_of(1), 1, 40);      /* one context tells it */
    assert_in_range(size_of(2), 60, 100);    /* 1 in 100 */
    assert_in_range(size_of(3), 1000, 1060); /* nothing tells it */
}

/* Whatever comes, weights and slots stay within their limits. */
static void keeps_weights_and_slots_in_their_limits(void **state)
{
    static struct mixer mixer;
    struct dfota_buffer coded = {0};
    uint32_t seed = 5;

    (void)state;
    open_encoder(&mixer, &coded);
    for (unsigned i = 0; i < 200000; i++) {
        struct dfota_contexts contexts = random_contexts(&seed);

        contexts.of[1] = contexts.of[0]; /* the same slot twice */
        (void)dfota_mix_bit(&mixer.mix, &contexts, 0,
                            i / 20000 % 2 ? i & 1 : i / 1000 % 2);
        for (unsigned k = 0; k < DFOTA_MIX_CONTEXTS; k++)
            assert_in_range(mixer.weights[contexts.set][k] + (1 << 20), 0,
                            1 << 21);
    }
    dfota_buffer_free(&coded);
}

/* The format: if this changes, deltas that were made before mean another
 * thing. */
static void gives_these_bytes(void **state)
{

    static struct mixer mixer;
    struct dfota_buffer coded = {0};

    (void)state;
    open_encoder(&mixer, &coded);
    for (uint32_t i = 0; i < 40; i++) {
        const struct dfota_contexts contexts = {
            {dfota_mix_hash(0, i % 2, 0), dfota_mix_hash(1, i % 3, i),
             dfota_mix_hash(2, 0, i % 5), dfota_mix_hash(3, 0, 0)},
            i % SETS};

        (void)dfota_mix_bit(&mixer.mix, &contexts, i, i % 3 == 0);
        (void)dfota_mix_byte(&mixer.mix, &contexts, (uint8_t)(i % 7));
        (void)dfota_mix_number(&mixer.mix, &contexts, i * i * i);
    }
    dfota_range_flush(&mixer.mix.range);
    assert_int_equal(coded.size, 149);
    assert_int_equal(dfota_crc32(0, coded.data, coded.size), 0xfa2ed167);
    dfota_buffer_free(&coded);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_what_was_encoded),
        cmocka_unit_test(tells_every_number),
        cmocka_unit_test(knows_the_logits),
        cmocka_unit_test(learns_what_depends_on_one_context),
        cmocka_unit_test(keeps_weights_and_slots_in_their_limits),
        cmocka_unit_test(gives_these_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
