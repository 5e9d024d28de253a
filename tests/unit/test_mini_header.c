/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/mini_example.h"

#define UNTOUCHED 7
#define FROM      88 /* where the fields stand */
#define TO        154
#define REGIONS   220
#define FILLER    (REGIONS + 20 * MINI_REGIONS)

static struct dfota_mini_header header;
static struct dfota_fault fault;
static struct mini_example good;

static int build(void **state)
{
    (void)state;
    good = mini_example_build();
    return 0;
}

static int release(void **state)
{
    (void)state;
    mini_example_free(&good);
    return 0;
}

/* Reads from a copy of exactly `size` bytes. */
static enum dfota_error read_header(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size > 0 ? size : 1);
    enum dfota_error err;

    assert_non_null(copy);
    memcpy(copy, bytes, size);
    memset(&header, UNTOUCHED, sizeof(header));
    memset(&fault, 0, sizeof(fault));
    err = dfota_mini_read_header(copy, size, &header, &fault);
    assert_int_equal(dfota_mini_read_header(copy, size, &header, NULL), err);
    free(copy);
    return err;
}

static void assert_refused(const uint8_t *bytes, size_t size,
                           enum dfota_error want, const char *rule,
                           uint64_t offset)
{
    uint8_t untouched[sizeof(header)];

    memset(untouched, UNTOUCHED, sizeof(untouched));
    assert_int_equal(read_header(bytes, size), want);
    assert_int_equal(fault.error, want);
    assert_string_equal(fault.rule, rule);
    assert_int_equal(fault.offset, offset);
    assert_memory_equal(&header, untouched, sizeof(header));
}

static void reads_all_fields(void **state)
{
    struct mini_example_flash flash = mini_example_flash();

    (void)state;
    assert_int_equal(good.first.size, MINI_FIRST_SIZE);
    assert_int_equal(good.second.size, MINI_SECOND_SIZE);
    assert_int_equal(read_header(good.first.data, good.first.size), DFOTA_OK);
    assert_int_equal(header.flash_size, MINI_FLASH_SIZE);
    assert_int_equal(header.delta_size, MINI_DELTA_SIZE);
    assert_memory_equal(header.delta_md5, good.first.data + 16, 16);
    assert_int_equal(header.ram, 4096);
    assert_int_equal(header.second_size, MINI_SECOND_SIZE);
    assert_memory_equal(header.second_md5, good.first.data + 40, 16);
    assert_memory_equal(header.second_sha256, good.first.data + 56, 32);
    assert_string_equal(header.from.version, "XX21EULAR01A01M04");
    assert_string_equal(header.to.version, "XX21EULAR01A02M04");
    assert_int_equal(header.from.project_size, 8);
    assert_int_equal(header.to.baseline_size, 3);
    assert_int_equal(header.region_count, MINI_REGIONS);
    for (unsigned i = 0; i < MINI_REGIONS; i++) {
        const struct mini_example_region *region = &mini_example_regions[i];

        assert_int_equal(header.regions[i].address, region->address);
        assert_int_equal(header.regions[i].length, region->length);
        assert_int_equal(
            header.regions[i].old_crc32,
            dfota_crc32(0, flash.old + region->address, region->length));
        assert_int_equal(
            header.regions[i].new_crc32,
            dfota_crc32(0, flash.new + region->address, region->length));
    }
}

static void needs_no_byte_of_the_delta(void **state)
{
    (void)state;
    for (size_t size = 2048; size <= good.first.size; size++)
        assert_int_equal(read_header(good.first.data, size), DFOTA_OK);
}

static void refuses_every_truncation(void **state)
{
    (void)state;
    for (size_t size = 0; size < 2048; size++)
        assert_refused(good.first.data, size, DFOTA_ERR_TRUNCATED, "MIN-1",
                       size);
}

static void refuses_every_changed_byte(void **state)
{
    uint8_t bytes[2048];

    (void)state;
    memcpy(bytes, good.first.data, sizeof(bytes));
    for (size_t at = 0; at < sizeof(bytes); at++) {
        bytes[at] ^= 0x10;
        if (at < 4)
            assert_refused(bytes, sizeof(bytes), DFOTA_ERR_FORMAT, "MIN-2", 0);
        else
            assert_refused(bytes, sizeof(bytes), DFOTA_ERR_DIGEST, "MIN-3",
                           2044);
        bytes[at] ^= 0x10;
    }
}

/* Sealed again after every change, so that only the rule itself can refuse. */
static void refuses_each_broken_rule(void **state)
{
    static const struct {
        const char *rule;
        size_t at; /* change this byte of the good header ... */
        uint8_t to;
        enum dfota_error want; /* ... and expect this, at that offset */
        uint64_t offset;
    } cases[] = {
        {"MIN-2", 3, 'N', DFOTA_ERR_FORMAT, 0},
        {"MIN-4", 4, 0, DFOTA_ERR_UNSUPPORTED, 4},
        {"MIN-4", 4, 2, DFOTA_ERR_UNSUPPORTED, 4},
        {"MIN-5", 6, 1, DFOTA_ERR_CORRUPT, 6},
        {"MIN-5", 7, 0x80, DFOTA_ERR_CORRUPT, 7},
        {"MIN-5", REGIONS + 1, 1, DFOTA_ERR_CORRUPT, REGIONS + 1},
        {"MIN-5", REGIONS + 43, 1, DFOTA_ERR_CORRUPT, REGIONS + 43},
        {"MIN-5", FILLER, 1, DFOTA_ERR_CORRUPT, FILLER},
        {"MIN-5", 2043, 1, DFOTA_ERR_CORRUPT, 2043},
        {"MIN-5", 5, 2, DFOTA_ERR_CORRUPT, REGIONS + 40}, /* one is filler */
        {"MIN-6", 5, 0, DFOTA_ERR_CORRUPT, 5},
        {"MIN-6", 5, 33, DFOTA_ERR_CORRUPT, 5},
        {"MIN-6", 5, 255, DFOTA_ERR_CORRUPT, 5},
        {"MIN-7", 5, 4, DFOTA_ERR_CORRUPT, FILLER}, /* filler is one */
        {"MIN-7", REGIONS, 2, DFOTA_ERR_CORRUPT, REGIONS},
        {"MIN-7", REGIONS + 20, 1, DFOTA_ERR_CORRUPT, REGIONS + 20},
        {"MIN-7", REGIONS + 40, 0, DFOTA_ERR_CORRUPT, REGIONS + 40},
        {"MIN-7", REGIONS + 40, 3, DFOTA_ERR_CORRUPT, REGIONS + 40},
        /* lengths 0, to the end and a byte more, and beyond 32 bits */
        {"MIN-8", REGIONS + 8, 0, DFOTA_ERR_CORRUPT, REGIONS + 4},
        {"MIN-8", REGIONS + 48, 213, DFOTA_ERR_CORRUPT, REGIONS + 44},
        {"MIN-8", REGIONS + 45, 2, DFOTA_ERR_CORRUPT, REGIONS + 44},
        {"MIN-8", REGIONS + 47, 0xff, DFOTA_ERR_CORRUPT, REGIONS + 44},
        {"MIN-8", REGIONS + 51, 0xff, DFOTA_ERR_CORRUPT, REGIONS + 44},
        {"MIN-8", 9, 1, DFOTA_ERR_CORRUPT, REGIONS + 4}, /* a smaller flash */
        /* the app regions: into each other, and into the Mini region */
        {"MIN-9", REGIONS + 29, 1, DFOTA_ERR_CORRUPT, REGIONS + 24},
        {"MIN-9", REGIONS + 25, 1, DFOTA_ERR_CORRUPT, REGIONS + 24},
        {"MIN-9", REGIONS + 44, 15, DFOTA_ERR_CORRUPT, REGIONS + 44},
        {"MIN-9", REGIONS + 8, 45, DFOTA_ERR_CORRUPT, REGIONS + 44},
        {"MIN-10", FROM, 0, DFOTA_ERR_CORRUPT, FROM},
        {"MIN-10", FROM + 3, 0, DFOTA_ERR_CORRUPT, FROM + 4},
        {"MIN-10", FROM + 16, 0x1f, DFOTA_ERR_CORRUPT, FROM + 16},
        {"MIN-10", TO + 16, 0x7f, DFOTA_ERR_CORRUPT, TO + 16},
        {"MIN-10", TO + 63, 'x', DFOTA_ERR_CORRUPT, TO + 63},
        {"MIN-11", FROM + 64, 0, DFOTA_ERR_CORRUPT, FROM + 64},
        {"MIN-11", FROM + 65, 0, DFOTA_ERR_CORRUPT, FROM + 64},
        {"MIN-11", FROM + 65, 10, DFOTA_ERR_CORRUPT, FROM + 64},
        {"MIN-11", FROM + 64, 15, DFOTA_ERR_CORRUPT, FROM + 64},
        {"MIN-11", TO + 64, 255, DFOTA_ERR_CORRUPT, TO + 64},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t bytes[2048];

        memcpy(bytes, good.first.data, sizeof(bytes));
        bytes[cases[i].at] = cases[i].to;
        mini_example_seal_first(bytes);
        assert_refused(bytes, sizeof(bytes), cases[i].want, cases[i].rule,
                       cases[i].offset);
    }
}

static void refuses_sizes_that_no_file_can_have(void **state)
{
    uint8_t bytes[2048];

    (void)state;
    memcpy(bytes, good.first.data, sizeof(bytes));
    mini_example_put(bytes, 12, UINT32_MAX - 2048);
    mini_example_seal_first(bytes);
    assert_int_equal(read_header(bytes, sizeof(bytes)), DFOTA_OK);
    mini_example_put(bytes, 12, UINT32_MAX - 2047);
    mini_example_seal_first(bytes);
    assert_refused(bytes, sizeof(bytes), DFOTA_ERR_CORRUPT, "MIN-12", 12);

    mini_example_put(bytes, 12, 0);
    mini_example_put(bytes, 36, 44);
    mini_example_seal_first(bytes);
    assert_int_equal(read_header(bytes, sizeof(bytes)), DFOTA_OK);
    mini_example_put(bytes, 36, 43);
    mini_example_seal_first(bytes);
    assert_refused(bytes, sizeof(bytes), DFOTA_ERR_CORRUPT, "MIN-12", 36);
}

static void takes_regions_end_to_end_that_fill_the_flash(void **state)
{
    uint8_t bytes[2048];

    (void)state;
    memcpy(bytes, good.first.data, sizeof(bytes));
    mini_example_put(bytes, REGIONS + 28, 256); /* up to the Mini region */
    mini_example_put(bytes, REGIONS + 44, 272); /* at its end */
    mini_example_put(bytes, REGIONS + 48, 240); /* to the flash's end */
    mini_example_seal_first(bytes);
    assert_int_equal(read_header(bytes, sizeof(bytes)), DFOTA_OK);
}

static void takes_as_many_regions_as_there_can_be(void **state)
{
    uint8_t bytes[2048];

    (void)state;
    memcpy(bytes, good.first.data, sizeof(bytes));
    bytes[5] = 32;
    for (unsigned i = 1; i < 32; i++) {
        size_t at = REGIONS + 20 * (size_t)i;

        bytes[at] = 2;
        mini_example_put(bytes, at + 4, i + (i < 16 ? 0 : 300));
        mini_example_put(bytes, at + 8, 1);
    }
    mini_example_seal_first(bytes);
    assert_int_equal(read_header(bytes, sizeof(bytes)), DFOTA_OK);
    assert_int_equal(header.regions[31].address, 331);
    mini_example_put(bytes, REGIONS + 20 * 31 + 4, 330);
    mini_example_seal_first(bytes);
    assert_refused(bytes, sizeof(bytes), DFOTA_ERR_CORRUPT, "MIN-9",
                   REGIONS + 20 * 31 + 4);
    mini_example_put(bytes, REGIONS + 20 * 31 + 4, 329);
    mini_example_seal_first(bytes);
    assert_refused(bytes, sizeof(bytes), DFOTA_ERR_CORRUPT, "MIN-9",
                   REGIONS + 20 * 31 + 4);
}

static void takes_a_version_of_64_bytes(void **state)
{
    uint8_t bytes[2048];

    (void)state;
    memcpy(bytes, good.first.data, sizeof(bytes));
    memset(bytes + FROM + 17, '~', 46);
    bytes[FROM + 63] = ' ';
    mini_example_seal_first(bytes);
    assert_int_equal(read_header(bytes, sizeof(bytes)), DFOTA_OK);
    bytes[FROM + 64] = 62; /* with the baseline's 3 one too many */
    mini_example_seal_first(bytes);
    assert_refused(bytes, sizeof(bytes), DFOTA_ERR_CORRUPT, "MIN-11",
                   FROM + 64);
    bytes[FROM + 64] = 61;
    mini_example_seal_first(bytes);
    assert_int_equal(read_header(bytes, sizeof(bytes)), DFOTA_OK);
    assert_int_equal(strlen(header.from.version), 64);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_all_fields),
        cmocka_unit_test(needs_no_byte_of_the_delta),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(refuses_every_changed_byte),
        cmocka_unit_test(refuses_each_broken_rule),
        cmocka_unit_test(refuses_sizes_that_no_file_can_have),
        cmocka_unit_test(takes_regions_end_to_end_that_fill_the_flash),
        cmocka_unit_test(takes_as_many_regions_as_there_can_be),
        cmocka_unit_test(takes_a_version_of_64_bytes),
    };

    return cmocka_run_group_tests(tests, build, release);
}
