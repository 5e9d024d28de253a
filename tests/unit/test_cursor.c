/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/apply/cursor.h"
#include "lib/base/buffer.h"

static const uint8_t bytes[] = {0x01, 0x02, 0x03, 0x04, 0x05,
                                0x06, 0x07, 0xf8, 0x09};

static void reads_little_endian_numbers_of_every_width(void **state)
{
    static const uint64_t want[] = {0,
                                    0x01,
                                    0x0201,
                                    0x030201,
                                    0x04030201,
                                    0x0504030201,
                                    0x060504030201,
                                    0x07060504030201,
                                    0xf807060504030201};

    (void)state;
    for (unsigned count = 1; count <= 8; count++) {
        struct dfota_cursor cursor = dfota_cursor(bytes, sizeof(bytes));

        assert_true(dfota_cursor_le(&cursor, count) == want[count]);
        assert_int_equal(cursor.left, sizeof(bytes) - count);
        assert_ptr_equal(cursor.next, bytes + count);
        assert_false(cursor.short_read);
    }
}

static void reads_to_the_last_byte_and_no_further(void **state)
{
    struct dfota_cursor cursor = dfota_cursor(bytes, sizeof(bytes));

    (void)state;
    assert_ptr_equal(dfota_cursor_bytes(&cursor, 8), bytes);
    assert_ptr_equal(dfota_cursor_bytes(&cursor, 0), bytes + 8);
    assert_int_equal(dfota_cursor_le(&cursor, 1), 9);
    assert_int_equal(cursor.left, 0);
    assert_false(cursor.short_read);
    assert_null(dfota_cursor_bytes(&cursor, 1));
    assert_true(cursor.short_read);
}

static void gives_nothing_after_a_short_read(void **state)
{
    struct dfota_cursor cursor = dfota_cursor(bytes, sizeof(bytes));

    (void)state;
    assert_null(dfota_cursor_bytes(&cursor, sizeof(bytes) + 1));
    assert_true(cursor.short_read);
    assert_null(dfota_cursor_bytes(&cursor, 1));
    assert_int_equal(dfota_cursor_le(&cursor, 1), 0);
    assert_int_equal(dfota_cursor_le(&cursor, 8), 0);
    assert_int_equal(dfota_cursor_varint(&cursor), 0);
    assert_true(cursor.short_read);
    assert_false(cursor.overlong);
}

static void a_number_that_is_cut_short_is_zero(void **state)
{
    (void)state;
    for (unsigned count = 2; count <= 8; count++) {
        struct dfota_cursor cursor = dfota_cursor(bytes, count - 1);

        assert_true(dfota_cursor_le(&cursor, count) == 0);
        assert_true(cursor.short_read);
        assert_int_equal(cursor.left, 0);
    }
}

static void no_count_is_too_large_to_refuse(void **state)
{
    struct dfota_cursor cursor = dfota_cursor(bytes, sizeof(bytes));

    (void)state;
    dfota_cursor_le(&cursor, 1);
    assert_null(dfota_cursor_bytes(&cursor, SIZE_MAX));
    assert_true(cursor.short_read);
}

static void an_empty_input_needs_no_address(void **state)
{
    struct dfota_cursor cursor = dfota_cursor(NULL, 0);

    (void)state;
    dfota_cursor_bytes(&cursor, 0);
    assert_false(cursor.short_read);
    assert_int_equal(dfota_cursor_varint(&cursor), 0);
    assert_true(cursor.short_read);
}

static void reads_varints_as_the_buffer_writes_them(void **state)
{
    static const uint32_t values[] = {
        0,      1,          0x7f,       0x80,       0x3fff,
        0x4000, 0x1fffff,   0x200000,   0xfffffff,  0x10000000,
        300,    0x7fffffff, 0x80000000, 0xfffffffe, UINT32_MAX,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
        struct dfota_buffer out = {0};
        struct dfota_cursor cursor;

        dfota_buffer_add_varint(&out, values[i]);
        cursor = dfota_cursor(out.data, out.size);
        assert_true(dfota_cursor_varint(&cursor) == values[i]);
        assert_int_equal(cursor.left, 0);
        assert_false(cursor.short_read);
        assert_false(cursor.overlong);
        for (size_t size = 0; size < out.size; size++) {
            cursor = dfota_cursor(out.data, size);
            assert_int_equal(dfota_cursor_varint(&cursor), 0);
            assert_true(cursor.short_read);
        }
        dfota_buffer_free(&out);
    }
}

static void tells_varints_that_are_too_long_or_too_large(void **state)
{
    static const struct {
        uint8_t bytes[6];
        size_t size;
    } cases[] = {
        {{0x80, 0x00}, 2}, /* zero in two bytes */
        {{0xff, 0x00}, 2},
        {{0x80, 0x80, 0x00}, 3},
        {{0x81, 0x80, 0x80, 0x80, 0x00}, 5},
        {{0xff, 0xff, 0xff, 0xff, 0x10}, 5}, /* 33 bits */
        {{0x80, 0x80, 0x80, 0x80, 0x20}, 5},
        {{0x80, 0x80, 0x80, 0x80, 0x7f}, 5},
        {{0x80, 0x80, 0x80, 0x80, 0x80, 0x01}, 6}, /* six bytes */
        {{0xff, 0xff, 0xff, 0xff, 0xff, 0x00}, 6},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_cursor cursor =
            dfota_cursor(cases[i].bytes, cases[i].size);

        dfota_cursor_varint(&cursor);
        assert_true(cursor.overlong);
        assert_false(cursor.short_read);
    }
}

static void remembers_an_overlong_varint_among_good_ones(void **state)
{
    static const uint8_t three[] = {0x05, 0x80, 0x00, 0x06};
    struct dfota_cursor cursor = dfota_cursor(three, sizeof(three));

    (void)state;
    assert_int_equal(dfota_cursor_varint(&cursor), 5);
    assert_false(cursor.overlong);
    dfota_cursor_varint(&cursor);
    assert_int_equal(dfota_cursor_varint(&cursor), 6);
    assert_true(cursor.overlong);
    assert_false(cursor.short_read);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_little_endian_numbers_of_every_width),
        cmocka_unit_test(reads_to_the_last_byte_and_no_further),
        cmocka_unit_test(gives_nothing_after_a_short_read),
        cmocka_unit_test(a_number_that_is_cut_short_is_zero),
        cmocka_unit_test(no_count_is_too_large_to_refuse),
        cmocka_unit_test(an_empty_input_needs_no_address),
        cmocka_unit_test(reads_varints_as_the_buffer_writes_them),
        cmocka_unit_test(tells_varints_that_are_too_long_or_too_large),
        cmocka_unit_test(remembers_an_overlong_varint_among_good_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
