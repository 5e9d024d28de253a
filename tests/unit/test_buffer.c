/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/buffer.h"

static struct dfota_fault fault;

/* The buffer holds exactly these bytes and no error. */
static void check_holds(const struct dfota_buffer *buffer, const void *bytes,
                        size_t size)
{
    struct dfota_view view = dfota_buffer_view(buffer);

    assert_int_equal(dfota_buffer_check(buffer, &fault), DFOTA_OK);
    assert_int_equal(view.size, size);
    assert_memory_equal(view.data, bytes, size);
}

static void begins_and_ends_empty(void **state)
{
    struct dfota_buffer buffer = {0};

    (void)state;
    assert_int_equal(dfota_buffer_view(&buffer).size, 0);
    assert_int_equal(dfota_buffer_check(&buffer, &fault), DFOTA_OK);
    dfota_buffer_free(&buffer);
    dfota_buffer_add(&buffer, "abc", 3);
    dfota_buffer_free(&buffer);
    dfota_buffer_free(&buffer);
    assert_null(buffer.data);
    assert_int_equal(buffer.size, 0);
    assert_int_equal(buffer.capacity, 0);
}

static void appends_in_order(void **state)
{
    struct dfota_buffer buffer = {0};

    (void)state;
    dfota_buffer_add(&buffer, "ab", 2);
    dfota_buffer_add(&buffer, NULL, 0);
    dfota_buffer_add(&buffer, "", 0);
    dfota_buffer_add(&buffer, "c", 1);
    check_holds(&buffer, "abc", 3);
    dfota_buffer_free(&buffer);
}

static void keeps_what_it_has_while_it_grows(void **state)
{
    enum { COUNT = 100000 };
    struct dfota_buffer buffer = {0};

    (void)state;
    for (unsigned i = 0; i < COUNT; i++)
        dfota_buffer_add_le(&buffer, (uint32_t)(i * 2654435761u), 4);
    assert_int_equal(dfota_buffer_check(&buffer, &fault), DFOTA_OK);
    assert_int_equal(buffer.size, 4 * COUNT);
    for (unsigned i = 0; i < COUNT; i++) {
        uint32_t want = i * 2654435761u;

        for (unsigned j = 0; j < 4; j++)
            assert_true(buffer.data[4 * i + j] == (uint8_t)(want >> (8 * j)));
    }
    dfota_buffer_free(&buffer);
}

static void writes_the_low_bytes_first(void **state)
{
    struct dfota_buffer buffer = {0};

    (void)state;
    dfota_buffer_add_le(&buffer, 0x0102030405060708, 1);
    dfota_buffer_add_le(&buffer, 0x0102030405060708, 2);
    dfota_buffer_add_le(&buffer, 0x0102030405060708, 8);
    check_holds(&buffer, "\x08\x08\x07\x08\x07\x06\x05\x04\x03\x02\x01", 11);
    dfota_buffer_free(&buffer);
}

static void writes_varints_in_their_shortest_form(void **state)
{
    static const struct {
        uint64_t value;
        const char *want;
        size_t size;
    } cases[] = {
        {0, "\x00", 1},
        {0x7f, "\x7f", 1},
        {0x80, "\x80\x01", 2},
        {300, "\xac\x02", 2},
        {0x3fff, "\xff\x7f", 2},
        {0x4000, "\x80\x80\x01", 3},
        {UINT32_MAX, "\xff\xff\xff\xff\x0f", 5},
        {(uint64_t)1 << 63, "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01", 10},
        {UINT64_MAX, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_buffer buffer = {0};

        dfota_buffer_add_varint(&buffer, cases[i].value);
        check_holds(&buffer, cases[i].want, cases[i].size);
        dfota_buffer_free(&buffer);
    }
}

static void reserves_room_that_counts_only_once_it_is_filled(void **state)
{
    struct dfota_buffer buffer = {0};
    uint8_t *room;

    (void)state;
    dfota_buffer_add(&buffer, "a", 1);
    room = dfota_buffer_reserve(&buffer, 1000);
    assert_non_null(room);
    assert_int_equal(buffer.size, 1);
    memset(room, 'x', 1000);
    room[0] = 'b';
    room[1] = 'c';
    buffer.size += 2;
    dfota_buffer_add(&buffer, "d", 1);
    check_holds(&buffer, "abcd", 4);
    assert_non_null(dfota_buffer_reserve(&buffer, 0));
    check_holds(&buffer, "abcd", 4);
    dfota_buffer_free(&buffer);
}

/* A failed write changes nothing, nor does any after it, even one that fits. */
static void check_full(struct dfota_buffer *buffer, enum dfota_error want,
                       const void *bytes, size_t size)
{
    fault = (struct dfota_fault){0};
    dfota_buffer_add(buffer, "z", 1);
    dfota_buffer_add_le(buffer, 1, 1);
    dfota_buffer_add_varint(buffer, 1);
    assert_null(dfota_buffer_reserve(buffer, 0));
    assert_null(dfota_buffer_reserve(buffer, 1));
    assert_int_equal(buffer->size, size);
    assert_memory_equal(buffer->data, bytes, size);
    assert_int_equal(dfota_buffer_check(buffer, &fault), want);
    assert_int_equal(fault.error, want);
    assert_true(fault.offset == DFOTA_NO_OFFSET);
    assert_null(fault.rule);
    assert_int_equal(dfota_buffer_check(buffer, NULL), want);
}

static void fills_to_its_limit_and_no_further(void **state)
{
    struct dfota_buffer buffer = {.limit = 4};

    (void)state;
    dfota_buffer_add(&buffer, "abcd", 4);
    dfota_buffer_add(&buffer, NULL, 0);
    check_holds(&buffer, "abcd", 4);
    dfota_buffer_add(&buffer, "e", 1);
    check_full(&buffer, DFOTA_ERR_LIMIT, "abcd", 4);
    dfota_buffer_free(&buffer);
    assert_int_equal(buffer.limit, 4);
    dfota_buffer_add(&buffer, "efgh", 4);
    check_holds(&buffer, "efgh", 4);
    dfota_buffer_free(&buffer);
}

static void a_write_over_the_limit_is_not_even_begun(void **state)
{
    struct dfota_buffer buffer = {.limit = 4};

    (void)state;
    dfota_buffer_add(&buffer, "ab", 2);
    dfota_buffer_add(&buffer, "cde", 3);
    check_full(&buffer, DFOTA_ERR_LIMIT, "ab", 2);
    dfota_buffer_free(&buffer);
}

static void no_size_is_too_large_to_refuse(void **state)
{
    static const struct {
        size_t size;
        enum dfota_error want;
    } cases[] = {
        {SIZE_MAX,
         DFOTA_ERR_LIMIT}, /* with what is there, no number holds it */
        {SIZE_MAX - 1, DFOTA_ERR_LIMIT},
        {SIZE_MAX - 2, DFOTA_ERR_MEMORY},
        {SIZE_MAX / 2 + 1, DFOTA_ERR_MEMORY},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_buffer buffer = {0};

        dfota_buffer_add(&buffer, "ab", 2);
        assert_null(dfota_buffer_reserve(&buffer, cases[i].size));
        check_full(&buffer, cases[i].want, "ab", 2);
        dfota_buffer_free(&buffer);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_and_ends_empty),
        cmocka_unit_test(appends_in_order),
        cmocka_unit_test(keeps_what_it_has_while_it_grows),
        cmocka_unit_test(writes_the_low_bytes_first),
        cmocka_unit_test(writes_varints_in_their_shortest_form),
        cmocka_unit_test(reserves_room_that_counts_only_once_it_is_filled),
        cmocka_unit_test(fills_to_its_limit_and_no_further),
        cmocka_unit_test(a_write_over_the_limit_is_not_even_begun),
        cmocka_unit_test(no_size_is_too_large_to_refuse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
