/* SPDX-License-Identifier: MIT */
/* packed_check.h - packed streams that come back.  After cmocka.h. */
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

#endif
