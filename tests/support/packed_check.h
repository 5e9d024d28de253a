/* SPDX-License-Identifier: MIT */
/* packed_check.h - packed streams that come back, and parses that are broken.
 * After cmocka.h. */
#ifndef DFOTA_TESTS_SUPPORT_PACKED_CHECK_H
#define DFOTA_TESTS_SUPPORT_PACKED_CHECK_H

#include "tests/support/packed_example.h"

/* The stream of `new` can be told, and is made again from that. */
static inline void assert_packed_comes_back(const struct packed *new,
                                            const struct packed *old)
{
    struct dfota_buffer told = {0};
    struct dfota_buffer made = {0};

    assert_int_equal(packed_tell(new, old, &told, &made), DFOTA_OK);
    assert_int_equal(made.size, new->region.packed_size);
    assert_memory_equal(made.data, new->stream, made.size);
    made.size = 0;
    assert_int_equal(packed_make(new, old, &told, &made, NULL), DFOTA_OK);
    assert_int_equal(made.size, new->region.packed_size);
    assert_memory_equal(made.data, new->stream, made.size);
    dfota_buffer_free(&told);
    dfota_buffer_free(&made);
}

/* Whatever is told of `new` ends, and makes no more than the region has. */
static inline void assert_packed_breaks_cleanly(const struct packed *new,
                                                const struct packed *old)
{
    struct dfota_buffer told = {0};
    unsigned refused = 0;

    assert_int_equal(packed_tell(new, old, &told, NULL), DFOTA_OK);
    for (size_t i = 0; i < told.size; i += 1 + i / 40) {
        struct dfota_buffer made = {0};
        struct dfota_fault fault = {0};
        enum dfota_error err;

        told.data[i] ^= 0x21;
        err = packed_make(new, old, &told, &made, &fault);
        told.data[i] ^= 0x21;
        assert_in_range(made.size, 0, new->region.packed_size);
        refused += err == DFOTA_ERR_CORRUPT;
        if (err)
            assert_string_equal(fault.rule, "PKD-5");
        else
            assert_int_equal(made.size, new->region.packed_size);
        dfota_buffer_free(&made);
    }
    assert_in_range(refused, 20, SIZE_MAX);
    dfota_buffer_free(&told);
}

#endif
