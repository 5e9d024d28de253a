/* SPDX-License-Identifier: MIT */
/* filters of code; tests/interop/packed.py has those of real streams */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/packed_example.h"
#include "tests/support/random.h"

#define SIZE 20000

static const uint8_t filters[] = {DFOTA_FILTER_NONE, DFOTA_FILTER_X86,
                                  DFOTA_FILTER_ARM, DFOTA_FILTER_THUMB,
                                  DFOTA_FILTER_ARM64};

static void turn(const struct dfota_packed_region *region, uint8_t *bytes,
                 bool undoes)
{
    const struct dfota_packed_job job = {
        .packings = dfota_packings, .region = region, .contents = bytes};

    assert_int_equal(dfota_filter_turn(&job, undoes, NULL), DFOTA_OK);
}

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
            turn(&region, bytes, false);
            assert_int_equal(memcmp(bytes, before, SIZE) != 0, i != 0);
            turn(&region, bytes, true);
            assert_memory_equal(bytes, before, SIZE);
            turn(&region, bytes, true);
            turn(&region, bytes, false);
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

            turn(&region, bytes, false);
            turn(&region, bytes, true);
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
    turn(&region, bytes, false);
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

static void a_filter_that_is_not_linked_in_is_refused(void **state)
{
    static const struct dfota_packing *const few[] = {&dfota_packing_lzma,
                                                      &dfota_filter_arm, NULL};
    const struct dfota_packed_region region = {.filter = DFOTA_FILTER_THUMB};
    const struct dfota_packed_job job = {.packings = few, .region = &region};
    struct dfota_fault fault = {0};

    (void)state;
    assert_int_equal(dfota_filter_turn(&job, true, &fault),
                     DFOTA_ERR_UNSUPPORTED);
    assert_string_equal(fault.rule, "PKD-2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ways_are_inverse),
        cmocka_unit_test(short_contents_stay_as_they_are),
        cmocka_unit_test(calls_hold_where_they_lead),
        cmocka_unit_test(a_filter_that_is_not_linked_in_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
