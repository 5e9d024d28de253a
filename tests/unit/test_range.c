/* SPDX-License-Identifier: MIT */
/* the range coder: what was encoded is decoded, and how far it reads */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/apply/range.h"
#include "lib/base/buffer.h"
#include "tests/support/random.h"

#define DECISIONS 20000
#define AHEAD     11 /* bytes of the delta before what is coded */

/* A decision, and how likely it was said to be 1. */
struct decision {
    uint32_t p;
    unsigned bit;
};

static struct decision decisions[DECISIONS];

/* What a read callback reads from, and how it is to fail. */
struct source {
    struct dfota_view coded;
    unsigned failing; /* the call that fails; 0: none */
    unsigned calls;
};

static void put(void *context, uint8_t byte)
{
    dfota_buffer_add(context, &byte, 1);
}

static enum dfota_error read_delta(void *context, uint32_t offset, void *out,
                                   size_t size)
{
    struct source *source = context;

    assert_in_range(size, 1, DFOTA_RANGE_BUFFER);
    assert_in_range(offset, AHEAD, AHEAD + source->coded.size - size);
    memcpy(out, source->coded.data + (offset - AHEAD), size);
    return ++source->calls == source->failing ? DFOTA_ERR_IO : DFOTA_OK;
}

/* Fills `decisions`: `kind` says how likely they are, and how they are. */
static void fill(uint32_t *seed, size_t count, unsigned kind)
{
    for (size_t i = 0; i < count; i++) {
        struct decision *d = &decisions[i];

        d->p = kind < 2   ? 1 + random_below(seed, 65535)
               : kind < 4 ? (random_below(seed, 2) ? 1 : 65535)
                          : 32768;
        d->bit =
            kind % 2 ? random_below(seed, 65536) < d->p : random_below(seed, 2);
    }
}

static struct dfota_buffer encode(size_t count)
{
    struct dfota_buffer coded = {0};
    struct dfota_range range;

    dfota_range_encode(&range, put, &coded);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(
            dfota_range_bit(&range, decisions[i].p, decisions[i].bit),
            decisions[i].bit);
    dfota_range_flush(&range);
    return coded;
}

/* Decodes from `coded`; gives how many decisions are right from the first. */
static size_t decode(struct source *source, size_t count,
                     struct dfota_range *range)
{
    static struct dfota_applier applier = {.read_delta = read_delta};
    static uint8_t buffer[DFOTA_RANGE_BUFFER];
    size_t right = 0;

    applier.context = source;
    dfota_range_decode(range, &applier, buffer, AHEAD,
                       AHEAD + (uint32_t)source->coded.size);
    for (size_t i = 0; i < count; i++)
        if (dfota_range_bit(range, decisions[i].p, 0) == decisions[i].bit &&
            right == i)
            right++;
    return right;
}

static void decodes_what_was_encoded(void **state)
{
    uint32_t seed = 3;

    (void)state;
    for (unsigned kind = 0; kind < 6; kind++) {
        for (size_t count = 0; count <= DECISIONS; count = 2 * count + 1) {
            struct dfota_buffer coded;
            struct source source = {{NULL, 0}, 0, 0};
            struct dfota_range range;

            fill(&seed, count, kind);
            coded = encode(count);
            source.coded = dfota_buffer_view(&coded);
            assert_int_equal(decode(&source, count, &range), count);
            assert_int_equal(range.error, DFOTA_OK);
            assert_true(dfota_range_used_up(&range));
            assert_int_equal(dfota_range_position(&range), AHEAD + coded.size);
            dfota_buffer_free(&coded);
        }
    }
}

/* What is likely takes little: about as much as information theory says. */
static void takes_few_bytes_for_what_is_likely(void **state)
{
    struct dfota_buffer coded;

    (void)state;
    for (size_t i = 0; i < DECISIONS; i++)
        decisions[i] = (struct decision){64880, 1}; /* 99 in 100 */
    coded = encode(DECISIONS);
    assert_in_range(coded.size, 30, 40); /* 20,000 * 0.0145 bits */
    dfota_buffer_free(&coded);
    for (size_t i = 0; i < DECISIONS; i++)
        decisions[i] = (struct decision){32768, i % 2};
    coded = encode(DECISIONS);
    assert_in_range(coded.size, DECISIONS / 8, DECISIONS / 8 + 4);
    dfota_buffer_free(&coded);
}

/* Bytes behind the end are zeros, so that zeros at the end need not be sent. */
static void reads_four_zeros_behind_the_end_and_refuses_a_fifth(void **state)
{
    uint32_t seed = 8;

    (void)state;
    for (unsigned round = 0; round < 200; round++) {
        size_t count = 100 + random_below(&seed, 300);
        struct dfota_buffer coded;
        struct source source = {{NULL, 0}, 0, 0};
        struct dfota_range range;

        fill(&seed, count, 5);
        coded = encode(count);
        assert_in_range(coded.size, count / 8, count / 8 + 4);
        for (size_t size = coded.size; size-- > 0;) {
            source.coded = (struct dfota_view){coded.data, size};
            (void)decode(&source, count, &range);
            /* each eight even decisions are a byte that is shifted in */
            assert_int_equal(range.error, size + 4 < 4 + (count / 8)
                                              ? DFOTA_ERR_CORRUPT
                                              : DFOTA_OK);
        }
        dfota_buffer_free(&coded);
    }
}

static void notices_bytes_that_are_left(void **state)
{
    uint32_t seed = 9;
    struct dfota_buffer coded;
    struct source source = {{NULL, 0}, 0, 0};
    struct dfota_range range;

    (void)state;
    fill(&seed, 800, 5);
    coded = encode(800);
    while (coded.size < 104) /* what four zeros may stand for */
        dfota_buffer_add_le(&coded, 0, 1);
    source.coded = dfota_buffer_view(&coded);
    assert_int_equal(decode(&source, 800, &range), 800);
    assert_true(dfota_range_used_up(&range));
    dfota_buffer_add_le(&coded, 0, 1);
    source.coded = dfota_buffer_view(&coded);
    assert_int_equal(decode(&source, 800, &range), 800);
    assert_false(dfota_range_used_up(&range));
    assert_int_equal(range.error, DFOTA_OK);
    assert_int_equal(dfota_range_position(&range), AHEAD + 104);
    dfota_buffer_free(&coded);
}

static void keeps_the_error_of_the_callback(void **state)
{
    uint32_t seed = 10;
    struct dfota_buffer coded;

    (void)state;
    fill(&seed, DECISIONS, 4);
    coded = encode(DECISIONS);
    for (unsigned failing = 1; failing < 10; failing++) {
        struct source source = {dfota_buffer_view(&coded), failing, 0};
        struct dfota_range range;

        (void)decode(&source, DECISIONS, &range);
        assert_int_equal(range.error, DFOTA_ERR_IO);
        assert_int_equal(source.calls, failing); /* it asks no more */
    }
    dfota_buffer_free(&coded);
}

/* Any bytes are some decisions. */
static void decodes_anything(void **state)
{
    uint32_t seed = 11;
    uint8_t bytes[2000];

    (void)state;
    for (unsigned round = 0; round < 100; round++) {
        struct source source = {{bytes, sizeof(bytes)}, 0, 0};
        struct dfota_range range;

        random_fill(&seed, bytes, sizeof(bytes));
        fill(&seed, DECISIONS, round % 6);
        (void)decode(&source, DECISIONS, &range);
        assert_true(range.low <= range.code && range.code <= range.high);
    }
}

static void puts_nothing_out_while_it_learns(void **state)
{
    struct dfota_range range = {.mode = DFOTA_RANGE_LEARN, .high = UINT32_MAX};

    (void)state;
    for (unsigned i = 0; i < 1000; i++)
        assert_int_equal(dfota_range_bit(&range, 1 + i * 65, i % 2), i % 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_what_was_encoded),
        cmocka_unit_test(takes_few_bytes_for_what_is_likely),
        cmocka_unit_test(reads_four_zeros_behind_the_end_and_refuses_a_fifth),
        cmocka_unit_test(notices_bytes_that_are_left),
        cmocka_unit_test(keeps_the_error_of_the_callback),
        cmocka_unit_test(decodes_anything),
        cmocka_unit_test(puts_nothing_out_while_it_learns),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
