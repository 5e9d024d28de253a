/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/delta/pairs.h"
#include "tests/support/random.h"

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;

    return x < y ? -1 : x > y;
}

/* Random pairs, of which only the bits of `mask` are not 0. */
static void assert_sorts(size_t count, uint64_t mask, uint32_t seed)
{
    struct dfota_buffer pairs = {0};
    struct dfota_buffer want = {0};

    for (size_t i = 0; i < count; i++) {
        uint64_t first = random_next(&seed);
        uint64_t pair = (first << 32 | random_next(&seed)) & mask;

        dfota_buffer_add(&pairs, &pair, sizeof(pair));
        dfota_buffer_add(&want, &pair, sizeof(pair));
    }
    if (count > 0)
        qsort(want.data, count, sizeof(uint64_t), by_value);
    assert_int_equal(dfota_pairs_sort(&pairs, 2, NULL), DFOTA_OK);
    assert_int_equal(pairs.size, want.size);
    if (count > 0)
        assert_memory_equal(pairs.data, want.data, want.size);
    dfota_buffer_free(&pairs);
    dfota_buffer_free(&want);
}

static void sorts_any_number_of_pairs(void **state)
{
    static const size_t counts[] = {0, 1, 2, 3, 255, 256, 257, 5000, 40000};
    static const uint64_t masks[] = {
        0, 3, UINT64_MAX, 0xff00ff, 0xffffffff00000000, (uint64_t)7 << 61};

    (void)state;
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
        for (size_t j = 0; j < sizeof(masks) / sizeof(masks[0]); j++)
            assert_sorts(counts[i], masks[j], (uint32_t)(i * 10 + j + 1));
}

static void counts_pairs_that_are_the_same_or_begin_so(void **state)
{
    const uint64_t pairs[] = {dfota_pair(1, 5), dfota_pair(1, 5),
                              dfota_pair(1, 6), dfota_pair(2, 6)};

    (void)state;
    assert_int_equal(dfota_pairs_same(pairs, 4), 2);
    assert_int_equal(dfota_pairs_same(pairs, 1), 1);
    assert_int_equal(dfota_pairs_same(pairs + 2, 2), 1);
    assert_int_equal(dfota_pairs_group(pairs, 4), 3);
    assert_int_equal(dfota_pairs_group(pairs, 2), 2);
    assert_int_equal(dfota_pairs_group(pairs + 3, 1), 1);
    assert_int_equal(dfota_pair_first(pairs[3]), 2);
    assert_int_equal(dfota_pair_second(pairs[3]), 6);
}

static void hands_on_what_failed_before(void **state)
{
    struct dfota_buffer pairs = {.error = DFOTA_ERR_MEMORY};

    (void)state;
    assert_int_equal(dfota_pairs_sort(&pairs, 2, NULL), DFOTA_ERR_MEMORY);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_pairs_that_are_the_same_or_begin_so),
        cmocka_unit_test(hands_on_what_failed_before),
        cmocka_unit_test(sorts_any_number_of_pairs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
