/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/apply/zip_local.h"

#define AT 100 /* where in a file the header is said to stand */

/* The worked example of the spec: boot.delta, 13 bytes; then its contents. */
static const uint8_t good[] = {
    0x50, 0x4b, 0x03, 0x04, 0x0a, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x00, 0x21, 0x00, 0x78, 0x56, 0x34, 0x12, 0x0d, 0x00, 0x00, 0x00,
    0x0d, 0x00, 0x00, 0x00, 0x0a, 0x00, 0x00, 0x00, 'b',  'o',  'o',
    't',  '.',  'd',  'e',  'l',  't',  'a',  'x',
};

#define HEADER_SIZE (sizeof(good) - 1)

static struct dfota_fault fault;

static void reads_the_worked_example(void **state)
{
    struct dfota_cursor cursor = dfota_cursor(good, sizeof(good));
    struct dfota_zip_local local;

    (void)state;
    assert_int_equal(dfota_zip_local_read(&cursor, AT, &local, &fault),
                     DFOTA_OK);
    assert_int_equal(local.name_size, 10);
    assert_memory_equal(local.name, "boot.delta", 10);
    assert_int_equal(local.crc32, 0x12345678);
    assert_int_equal(local.size, 13);
    assert_int_equal(local.header_size, HEADER_SIZE);
    assert_ptr_equal(cursor.next, good + HEADER_SIZE);
    assert_int_equal(cursor.left, 1);
}

static void knows_an_entry_by_its_whole_name(void **state)
{
    struct dfota_cursor cursor = dfota_cursor(good, sizeof(good));
    struct dfota_zip_local local;

    (void)state;
    assert_int_equal(dfota_zip_local_read(&cursor, AT, &local, &fault),
                     DFOTA_OK);
    assert_true(dfota_zip_local_is(&local, "boot.delta"));
    assert_false(dfota_zip_local_is(&local, "boot.delt"));
    assert_false(dfota_zip_local_is(&local, "boot.deltax"));
    assert_false(dfota_zip_local_is(&local, "Boot.delta"));
    assert_false(dfota_zip_local_is(&local, ""));
}

/* Reads `header`, which must be refused and change nothing. */
static void check_refused(const uint8_t *header, size_t size, uint64_t at)
{
    struct dfota_cursor cursor = dfota_cursor(header, size);
    struct dfota_zip_local local = {.size = 7};

    assert_int_not_equal(dfota_zip_local_read(&cursor, at, &local, &fault),
                         DFOTA_OK);
    assert_ptr_equal(cursor.next, header);
    assert_int_equal(cursor.left, size);
    assert_false(cursor.short_read);
    assert_int_equal(local.size, 7);
}

static void refuses_every_truncation(void **state)
{
    (void)state;
    for (size_t size = 0; size < HEADER_SIZE; size++) {
        check_refused(good, size, AT);
        assert_int_equal(fault.error, DFOTA_ERR_TRUNCATED);
        assert_string_equal(fault.rule, "ZIP-3");
        assert_int_equal(fault.offset, AT + size);
    }
}

static void refuses_each_broken_rule(void **state)
{
    static const struct {
        const char *rule;
        size_t at; /* change this byte of the good header ... */
        uint8_t to;
        uint64_t offset; /* ... and expect a refusal there */
    } cases[] = {
        {"ZIP-4", 0, 'p', 0},     {"ZIP-4", 2, 1, 0},
        {"ZIP-5", 6, 1, 6}, /* encrypted */
        {"ZIP-5", 6, 8, 6}, /* a data descriptor */
        {"ZIP-5", 7, 8, 6}, /* a name in UTF-8 */
        {"ZIP-6", 8, 8, 8}, /* deflated */
        {"ZIP-6", 9, 1, 8},       {"ZIP-7", 18, 14, 18},
        {"ZIP-7", 25, 1, 18},     {"ZIP-8", 28, 4, 28},
        {"ZIP-9", 4, 45, 4}, /* zip64 */
        {"ZIP-9", 5, 3, 4},       {"ZIP-10", 10, 1, 10},
        {"ZIP-10", 12, 0x22, 10}, {"ZIP-11", 26, 0, 26},
        {"ZIP-11", 26, 39, 26},   {"ZIP-11", 27, 1, 26},
        {"ZIP-11", 30, '.', 30},  {"ZIP-11", 30, '/', 30},
        {"ZIP-11", 34, '/', 34},  {"ZIP-11", 34, '\\', 34},
        {"ZIP-11", 34, ':', 34},  {"ZIP-11", 34, ' ', 34},
        {"ZIP-11", 39, '\n', 39}, {"ZIP-11", 39, 0, 39},
        {"ZIP-11", 39, 0xe9, 39},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t header[sizeof(good)];

        memcpy(header, good, sizeof(good));
        header[cases[i].at] = cases[i].to;
        check_refused(header, sizeof(header), AT);
        assert_int_equal(fault.error, DFOTA_ERR_CORRUPT);
        assert_string_equal(fault.rule, cases[i].rule);
        assert_int_equal(fault.offset, AT + cases[i].offset);
    }
}

static void refuses_the_sizes_that_stand_for_zip64(void **state)
{
    uint8_t header[sizeof(good)];

    (void)state;
    memcpy(header, good, sizeof(good));
    memset(header + 18, 0xff, 8);
    check_refused(header, sizeof(header), AT);
    assert_string_equal(fault.rule, "ZIP-7");
    assert_int_equal(fault.offset, AT + 18);
}

static void tells_another_kind_of_file_at_its_beginning(void **state)
{
    (void)state;
    check_refused((const uint8_t *)"BSDIFF40", 8, 0);
    assert_int_equal(fault.error, DFOTA_ERR_FORMAT);
    assert_string_equal(fault.rule, "ZIP-1");
    assert_int_equal(fault.offset, 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_worked_example),
        cmocka_unit_test(knows_an_entry_by_its_whole_name),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(refuses_each_broken_rule),
        cmocka_unit_test(refuses_the_sizes_that_stand_for_zip64),
        cmocka_unit_test(tells_another_kind_of_file_at_its_beginning),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
