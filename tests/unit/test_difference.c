/* SPDX-License-Identifier: MIT */
/* sums over bytes and words, alone and as the delta decoder cuts them */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/apply/difference.h"
#include "tests/support/delta_check.h"

enum { LONG = 3000 }; /* bytes: more than two of the applier's chunks */

static uint8_t old[LONG + 8];
static uint8_t difference[LONG];

/* Bytes that carry often. */
static int fill(void **state)
{
    uint32_t seed = 12345;

    (void)state;
    for (size_t i = 0; i < sizeof(old); i++) {
        seed = seed * 1664525 + 1013904223;
        old[i] = (uint8_t)(seed >> 24 | 0x80);
        if (i < sizeof(difference))
            difference[i] = (uint8_t)(seed >> 16 | 1);
    }
    return 0;
}

/* The sum as docs/SPEC.md words it: the carry of a byte goes on in its word. */
static void sum(enum dfota_unit unit, size_t new_pos, const uint8_t *from,
                uint8_t *out, size_t size)
{
    unsigned carry = 0;

    for (size_t i = 0; i < size; i++) {
        size_t in_word = (new_pos + i) % 4;
        bool whole = i >= in_word && i - in_word + 4 <= size;
        unsigned total = (unsigned)from[i] + difference[i];

        if (unit == DFOTA_UNIT_WORD && whole && in_word > 0)
            total += carry;
        out[i] = (uint8_t)total;
        carry = total >> 8;
    }
}

static void adds_as_specified_at_every_alignment(void **state)
{
    (void)state;
    for (uint32_t new_pos = 0; new_pos < 8; new_pos++)
        for (size_t size = 0; size < 20; size++) {
            uint8_t want[20];
            uint8_t made[20];

            memcpy(made, difference, sizeof(made));
            sum(DFOTA_UNIT_WORD, new_pos, old, want, size);
            dfota_difference_add(DFOTA_UNIT_WORD, new_pos, made, old, size);
            assert_memory_equal(made, want, size);
            assert_memory_equal(made + size, difference + size, 20 - size);

            memcpy(made, difference, sizeof(made));
            sum(DFOTA_UNIT_BYTE, new_pos, old, want, size);
            dfota_difference_add(DFOTA_UNIT_BYTE, new_pos, made, old, size);
            assert_memory_equal(made, want, size);
            assert_memory_equal(made + size, difference + size, 20 - size);
        }
}

static void takes_what_it_adds(void **state)
{
    static const enum dfota_unit units[] = {DFOTA_UNIT_BYTE, DFOTA_UNIT_WORD};

    (void)state;
    for (size_t i = 0; i < 2; i++)
        for (uint32_t new_pos = 0; new_pos < 4; new_pos++)
            for (size_t size = 0; size < 20; size++) {
                uint8_t bytes[20];

                memcpy(bytes, difference, sizeof(bytes));
                dfota_difference_add(units[i], new_pos, bytes, old, size);
                dfota_difference_take(units[i], new_pos, bytes, old, size);
                assert_memory_equal(bytes, difference, sizeof(bytes));
            }
}

/* A delta that inserts `before` bytes and copies `size` from `old_pos` on. */
static void assert_range_made(enum dfota_unit unit, uint32_t before,
                              uint32_t old_pos, uint32_t size)
{
    struct dfota_buffer control = {0};
    uint8_t *new = malloc(before + size + 1);
    struct delta_example example = {
        .old = {old, sizeof(old)},
        .new = {new, before + size},
        .unit = (uint8_t)unit,
        .streams = {{.coded = {NULL, 0}},
                    {.coded = {difference, size}},
                    {.coded = {(const uint8_t *)"!?.", before}}},
    };

    assert_non_null(new);
    memcpy(new, "!?.", before);
    sum(unit, before, old + old_pos, new + before, size);
    if (before > 0) {
        dfota_buffer_add_varint(&control, 0);
        dfota_buffer_add_varint(&control, before);
    }
    if (size > 0) {
        dfota_buffer_add_varint(&control, size);
        dfota_buffer_add_varint(&control, 0);
        dfota_buffer_add_varint(&control, 2 * (uint64_t)old_pos);
    }
    example.streams[DFOTA_STREAM_CONTROL].coded = dfota_buffer_view(&control);
    assert_made(&example);
    dfota_buffer_free(&control);
    free(new);
}

static void copies_words_at_every_alignment(void **state)
{
    (void)state;
    for (uint32_t before = 0; before < 4; before++)
        for (uint32_t old_pos = 0; old_pos < 4; old_pos++)
            for (uint32_t size = 0; size < 10; size++) {
                assert_range_made(DFOTA_UNIT_WORD, before, old_pos, size);
                assert_range_made(DFOTA_UNIT_BYTE, before, old_pos, size);
            }
}

/* The decoder must not cut a word where it goes on with its next chunk. */
static void copies_long_ranges_at_every_alignment(void **state)
{
    (void)state;
    for (uint32_t before = 0; before < 4; before++)
        for (uint32_t size = LONG - 4; size <= LONG; size++)
            assert_range_made(DFOTA_UNIT_WORD, before, before + 1, size);
    for (uint32_t size = 1020; size < 1030; size++)
        assert_range_made(DFOTA_UNIT_WORD, 1, 0, size);
}

/* Two ranges that meet within a word share no carry. */
static void keeps_the_words_of_two_ranges_apart(void **state)
{
    static const struct delta_example example = {
        .old = BYTES("\xff\xff\xff\xff\xff\xff"),
        .new = BYTES("\0\xff\0\0\xff\xff"),
        .unit = 4,
        .streams = {{.coded = BYTES("\x02\x00\x00\x04\x00\x00")},
                    {.coded = BYTES("\x01\x00\x00\x01\x01\x00\x01")}},
    };
    static const struct delta_example one_range = {
        .old = BYTES("\xff\xff\xff\xff\xff\xff"),
        .new = BYTES("\0\0\0\0\0\xff"),
        .unit = 4,
        .streams = {{.coded = BYTES("\x06\x00\x00")},
                    {.coded = BYTES("\x01\x00\x02\x01\x00\x00")}},
    };

    (void)state;
    assert_made(&example);
    assert_made(&one_range);
}

/* The last run of zeros covers all of one record and some of the next. */
static void gives_runs_of_zeros_across_records(void **state)
{
    static const struct delta_example example = {
        .old = BYTES("abcdefgh"),
        .new = BYTES("abcb-bcd.efgi"),
        .unit = 1,
        .streams = {{.coded = BYTES("\x04\x01\x00"
                                    "\x03\x01\x05"
                                    "\x04\x00\x00")},
                    {.coded = BYTES("\x00\x02\xfe\x00\x05\x01")},
                    {.coded = BYTES("-.")}},
    };

    (void)state;
    assert_made(&example);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_as_specified_at_every_alignment),
        cmocka_unit_test(takes_what_it_adds),
        cmocka_unit_test(copies_words_at_every_alignment),
        cmocka_unit_test(copies_long_ranges_at_every_alignment),
        cmocka_unit_test(keeps_the_words_of_two_ranges_apart),
        cmocka_unit_test(gives_runs_of_zeros_across_records),
    };

    return cmocka_run_group_tests(tests, fill, NULL);
}
