/* SPDX-License-Identifier: MIT */
/* header_check.h - what unit tests expect of a delta's header.  After cmocka.h.
 */
#ifndef DFOTA_TESTS_SUPPORT_HEADER_CHECK_H
#define DFOTA_TESTS_SUPPORT_HEADER_CHECK_H

#include <stdlib.h>
#include <string.h>

#include "tests/support/delta_example.h"

#define UNTOUCHED 7

/* What was read last, and why it was refused. */
static struct dfota_delta_header header;
static struct dfota_fault fault;

/* Reads a header from a copy of exactly `size` bytes. */
static inline enum dfota_error read_header(const uint8_t *bytes, size_t size,
                                           size_t delta_size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    enum dfota_error err;

    assert_non_null(copy);
    memcpy(copy, bytes, size);
    memset(&header, UNTOUCHED, sizeof(header));
    memset(&fault, 0, sizeof(fault));
    err = dfota_delta_read_header(copy, size, (uint32_t)delta_size, &header,
                                  &fault);
    free(copy);
    return err;
}

static inline void assert_header_refused(const struct dfota_buffer *delta,
                                         enum dfota_error want,
                                         const char *rule, uint64_t offset)
{
    uint8_t untouched[sizeof(header)];

    memset(untouched, UNTOUCHED, sizeof(untouched));
    assert_int_equal(read_header(delta->data, delta->size, delta->size), want);
    assert_int_equal(fault.error, want);
    assert_string_equal(fault.rule, rule);
    assert_int_equal(fault.offset, offset);
    assert_memory_equal(&header, untouched, sizeof(header));
    assert_int_equal(dfota_delta_read_header(delta->data, delta->size,
                                             (uint32_t)delta->size, &header,
                                             NULL),
                     want);
}

#endif
