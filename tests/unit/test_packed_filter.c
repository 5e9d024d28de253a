/* SPDX-License-Identifier: MIT */
/* filters of code; tests/interop/packed.py has those of real streams */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/apply/packed.h"
#include "tests/support/random.h"

#define SIZE 20000

static const uint8_t filters[] = {DFOTA_FILTER_NONE, DFOTA_FILTER_X86,
                                  DFOTA_FILTER_ARM, DFOTA_FILTER_THUMB,
                                  DFOTA_FILTER_ARM64};

/* Bytes among which opcodes, and the ends of distances, are frequent. */
static void fill(uint8_t *bytes, uint32_t seed)
{
    static const uint8_t often[] = {0xe8, 0xe9, 0x00, 0xff, 0xeb, 0xf0,
                                    0xf8, 0x94, 0x90, 0xb0, 0x01, 0x80};

    random_fill(&seed, bytes, SIZE);
    for (size_t i = 0; i < SIZE; i++)
        if (random_below(&seed, 4) != 0)
            bytes[i] = often[random_below(&seed, sizeof(often))];
}

static void both_ways_are_inverse(void **state)
{
    static uint8_t before[SIZE];
    static uint8_t bytes[SIZE];

    (void)state;
    for (unsigned i = 0; i < sizeof(filters); i++)
        for (uint32_t size = SIZE - 9; size < SIZE; size++) {
            const struct dfota_packed_region region = {.contents_size = size,
                                                       .filter = filters[i],
                                                       .filter_start =
                                                           i * 0x12340};

            fill(before, size);
            memcpy(bytes, before, SIZE);
            dfota_filter_do(&region, bytes);
            assert_int_equal(memcmp(bytes, before, SIZE) != 0, i != 0);
            dfota_filter_undo(&region, bytes);
            assert_memory_equal(bytes, before, SIZE);
            dfota_filter_undo(&region, bytes);
            dfota_filter_do(&region, bytes);
            assert_memory_equal(bytes, before, SIZE);
        }
}

static void short_contents_stay_as_they_are(void **state)
{
    uint8_t bytes[] = {0xe8, 0x00, 0x00, 0x00, 0x00};

    (void)state;
    for (uint32_t size = 0; size < 3; size++)
        for (unsigned i = 0; i < sizeof(filters); i++) {
            const struct dfota_packed_region region = {.contents_size = size,
                                                       .filter = filters[i]};

            dfota_filter_do(&region, bytes);
            dfota_filter_undo(&region, bytes);
        }
    assert_memory_equal(bytes, "\xe8\0\0\0", 5);
}

static void assert_done(uint8_t filter, const char *from, const char *to,
                        uint32_t size)
{
    const struct dfota_packed_region region = {
        .contents_size = size, .filter = filter, .filter_start = 0x1000};
    uint8_t bytes[16];

    memcpy(bytes, from, size);
    dfota_filter_do(&region, bytes);
    assert_memory_equal(bytes, to, size);
}

static void calls_hold_where_they_lead(void **state)
{
    (void)state;
    assert_done(DFOTA_FILTER_X86, "\xe8\x10\x00\x00\x00", "\xe8\x15\x10\0\0",
                5);
    assert_done(DFOTA_FILTER_ARM, "\x04\x00\x00\xeb", "\x06\x04\x00\xeb", 4);
    assert_done(DFOTA_FILTER_THUMB, "\x00\xf0\x02\xf8", "\x01\xf0\x04\xf8", 4);
    assert_done(DFOTA_FILTER_ARM64, "\x04\x00\x00\x94", "\x04\x04\x00\x94", 4);
    assert_done(DFOTA_FILTER_ARM64, "\x00\x00\x00\xb0", "\x00\x00\x00\xd0", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways_are_inverse),
        cmocka_unit_test(short_contents_stay_as_they_are),
        cmocka_unit_test(calls_hold_where_they_lead),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
