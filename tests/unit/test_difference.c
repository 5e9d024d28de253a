/* SPDX-License-Identifier: MIT */
/* the difference stream: sums over bytes, and zeros counted across all cuts */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/delta_check.h"
#include "tests/support/random.h"

enum { LONG = 3000 }; /* bytes: more than two of the applier's windows */

static uint8_t old[LONG + 8];
static uint8_t difference[LONG];

/* Bytes whose sums are beyond 255 often, and no zero to be counted. */
static int fill(void **state)
{
    uint32_t seed = 12345;

    (void)state;
    random_fill(&seed, old, sizeof(old));
    random_fill(&seed, difference, sizeof(difference));
    for (size_t i = 0; i < sizeof(difference); i++)
        difference[i] |= 1;
    return 0;
}

/* A delta that inserts `before` bytes and copies `size` from `old_pos` on. */
static void assert_range_made(uint32_t before, uint32_t old_pos, uint32_t size)
{
    struct dfota_buffer control = {0};
    uint8_t *new = malloc(before + size + 1);
    struct delta_example example = {
        .old = {old, sizeof(old)},
        .new = {new, before + size},
        .streams = {{.coded = {NULL, 0}},
                    {.coded = {difference, size}},
                    {.coded = {(const uint8_t *)"!?.", before}}},
    };

    assert_non_null(new);
    memcpy(new, "!?.", before);
    for (uint32_t i = 0; i < size; i++)
        new[before + i] = (uint8_t)(old[old_pos + i] + difference[i]);
    if (before + size > 0) {
        dfota_buffer_add_varint(&control, 0);
        dfota_buffer_add_varint(&control, before);
        dfota_buffer_add_varint(&control, size);
        if (size > 0)
            dfota_buffer_add_varint(&control, 2 * (uint64_t)old_pos);
    }
    example.streams[DFOTA_STREAM_CONTROL].coded = dfota_buffer_view(&control);
    assert_made(&example);
    dfota_buffer_free(&control);
    free(new);
}

static void adds_at_every_alignment(void **state)
{
    (void)state;
    for (uint32_t before = 0; before < 4; before++)
        for (uint32_t old_pos = 0; old_pos < 4; old_pos++)
            for (uint32_t size = 0; size < 10; size++)
                assert_range_made(before, old_pos, size);
}

static void adds_over_long_ranges(void **state)
{
    (void)state;
    for (uint32_t before = 0; before < 4; before++)
        for (uint32_t size = LONG - 4; size <= LONG; size++)
            assert_range_made(before, before + 1, size);
    for (uint32_t size = 250; size < 270; size++)
        assert_range_made(1, 3, size);
    for (uint32_t size = 1020; size < 1030; size++)
        assert_range_made(1, 0, size);
}

/* The last run of zeros covers all of one record and some of the next. */
static void gives_runs_of_zeros_across_records(void **state)
{
    static const struct delta_example example = {
        .old = BYTES("abcdefgh"),
        .new = BYTES("abcb-bcd.efgi"),
        .streams = {{.coded = BYTES("\x00\x00\x04\x00"
                                    "\x00\x01\x03\x05"
                                    "\x00\x01\x04\x00")},
                    {.coded = BYTES("\x00\x02\xfe\x00\x05\x01")},
                    {.coded = BYTES("-.")}},
    };

    (void)state;
    assert_made(&example);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_at_every_alignment),
        cmocka_unit_test(adds_over_long_ranges),
        cmocka_unit_test(gives_runs_of_zeros_across_records),
    };

    return cmocka_run_group_tests(tests, fill, NULL);
}
