/* SPDX-License-Identifier: MIT */
/* large: memory of any size is there, all of it, and zero where that is said */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/large.h"

static const size_t sizes[] = {1,       4095,    2097152, 4194303,
                               4194304, 4194305, 9000001};

#define COUNT (sizeof(sizes) / sizeof(sizes[0]))

static void all_of_it_can_be_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        uint8_t *bytes = dfota_large(sizes[i]);

        assert_non_null(bytes);
        memset(bytes, 0xa5, sizes[i]);
        assert_int_equal(bytes[0], 0xa5);
        assert_int_equal(bytes[sizes[i] - 1], 0xa5);
        free(bytes);
    }
}

/* Also where it was somebody's before. */
static void zeroed_memory_is_zero(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        uint8_t *before = dfota_large(sizes[i]);
        uint8_t *bytes;

        assert_non_null(before);
        memset(before, 0xa5, sizes[i]);
        free(before);
        bytes = dfota_large_zeroed(sizes[i], 1);
        assert_non_null(bytes);
        for (size_t k = 0; k < sizes[i]; k++)
            if (bytes[k] != 0)
                fail();
        free(bytes);
    }
}

static void aligned_memory_is_where_an_applier_needs_it(void **state)
{
    (void)state;
    assert_null(dfota_large_aligned(SIZE_MAX));
    for (size_t i = 0; i < COUNT; i++) {
        uint8_t *bytes = dfota_large_aligned(sizes[i] - 1);

        assert_non_null(bytes);
        assert_int_equal((uintptr_t)bytes % 16, 0);
        memset(bytes, 0xa5, sizes[i] - 1);
        free(bytes);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(aligned_memory_is_where_an_applier_needs_it),
        cmocka_unit_test(all_of_it_can_be_written),
        cmocka_unit_test(zeroed_memory_is_zero),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
