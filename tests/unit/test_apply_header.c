/* SPDX-License-Identifier: MIT */
/* the header of a delta, without a prediction; test_apply.c has what follows
 * it, test_apply_predict.c all of a prediction */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/header_check.h"

#define KIB 1024u /* bytes */

static void reads_all_fields(void **state)
{
    struct dfota_buffer delta = delta_example_build(&delta_example_good);

    (void)state;
    assert_int_equal(delta.size, AT_END);
    assert_int_equal(read_header(delta.data, delta.size, delta.size), DFOTA_OK);
    assert_int_equal(header.old_size, 16);
    assert_int_equal(header.new_size, 19);
    assert_int_equal(header.old_crc32,
                     dfota_crc32(0, delta_example_good.old.data, 16));
    assert_int_equal(header.new_crc32,
                     dfota_crc32(0, delta_example_good.new.data, 19));
    assert_memory_equal(header.old_digest, delta.data + AT_OLD_DIGEST, 16);
    assert_memory_equal(header.new_digest, delta.data + AT_NEW_DIGEST, 16);
    assert_int_equal(header.coding, DFOTA_CODING_ID_STREAMS);
    assert_int_equal(header.mixed.slots, 0);
    assert_int_equal(header.mixed.record_size, 0);
    assert_int_equal(header.mixed.content_size, 0);
    assert_int_equal(header.ram, DELTA_EXAMPLE_RAM);
    assert_int_equal(header.head_size, AT_CONTROL);
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++) {
        size_t size = delta_example_good.streams[i].coded.size;

        assert_int_equal(header.streams[i].codec, DFOTA_CODEC_ID_STORED);
        assert_int_equal(header.streams[i].raw_size, size);
        assert_int_equal(header.streams[i].coded_size, size);
    }
    dfota_buffer_free(&delta);
}

static void reads_every_kind_of_entry(void **state)
{
    static const struct dfota_view rest = BYTES("\x00"
                                                "\x02\x5d\x01\x80\x01\x0b"
                                                "\x01\x0f\xff\x7f\x05"
                                                "\x00\x06\x06");
    struct delta_example example = delta_example_good;
    struct dfota_buffer delta;

    (void)state;
    example.codec_ram = (6 + 40) * KIB + (32 + 12) * KIB;
    delta = delta_example_with_rest(&example, rest);
    assert_int_equal(read_header(delta.data, delta.size, delta.size), DFOTA_OK);
    assert_int_equal(header.ram, DELTA_EXAMPLE_RAM + example.codec_ram);
    assert_int_equal(header.head_size, AT_COUNTS + rest.size + 4);
    assert_int_equal(header.streams[0].codec, DFOTA_CODEC_ID_LZMA);
    assert_int_equal(header.streams[0].props, 0x5d);
    assert_int_equal(header.streams[0].dictionary, 6 * KIB);
    assert_int_equal(header.streams[0].raw_size, 128);
    assert_int_equal(header.streams[0].coded_size, 11);
    assert_int_equal(header.streams[1].codec, DFOTA_CODEC_ID_ZLIB);
    assert_int_equal(header.streams[1].props, 15);
    assert_int_equal(header.streams[1].dictionary, 0);
    assert_int_equal(header.streams[1].raw_size, 16383);
    dfota_buffer_free(&delta);
}

static void reads_the_numbers_of_mixed_coding(void **state)
{
    struct dfota_buffer delta = delta_example_build(&delta_example_mixed);

    (void)state;
    assert_int_equal(read_header(delta.data, delta.size, delta.size), DFOTA_OK);
    assert_int_equal(header.coding, DFOTA_CODING_ID_MIXED);
    assert_int_equal(header.mixed.slots, 256);
    assert_int_equal(header.mixed.record_size, 4);
    assert_int_equal(header.mixed.content_size, 5);
    assert_int_equal(header.head_size, delta.size - 9);
    assert_int_equal(header.ram, DELTA_EXAMPLE_RAM + 64 + 7808 + 512);
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        assert_int_equal(header.streams[i].coded_size, 0);
    dfota_buffer_free(&delta);
}

/* All there is to read is the header, whatever follows. */
static void needs_no_byte_of_what_is_coded(void **state)
{
    struct dfota_buffer delta = delta_example_build(&delta_example_good);

    (void)state;
    for (size_t size = AT_CONTROL; size <= AT_END; size++)
        assert_int_equal(read_header(delta.data, size, AT_END), DFOTA_OK);
    dfota_buffer_free(&delta);
}

static void refuses_every_truncation(void **state)
{
    struct dfota_buffer delta = delta_example_build(&delta_example_good);

    (void)state;
    for (delta.size = 0; delta.size < AT_CONTROL; delta.size++)
        assert_header_refused(&delta, DFOTA_ERR_TRUNCATED, "DLT-1", delta.size);
    for (; delta.size < AT_END; delta.size++)
        assert_header_refused(&delta, DFOTA_ERR_CORRUPT, "DLT-9", AT_OLD_SIZE);
    dfota_buffer_free(&delta);
}

static void refuses_each_broken_field(void **state)
{
    static const struct {
        const char *rule;
        size_t at; /* change this byte of the good delta ... */
        uint8_t to;
        bool sealed; /* ... and perhaps its CRC32 */
        enum dfota_error want;
        uint64_t offset;
    } cases[] = {
        {"DLT-1", AT_HEAD_SIZE, 168, false, DFOTA_ERR_TRUNCATED, AT_END},
        {"DLT-1", AT_HEAD_SIZE, 86, false, DFOTA_ERR_TRUNCATED, AT_END},
        {"DLT-2", 0, 0x88, true, DFOTA_ERR_FORMAT, 0},
        {"DLT-2", 1, 'd', true, DFOTA_ERR_FORMAT, 0},
        {"DLT-2", 2, 'E', true, DFOTA_ERR_FORMAT, 0},
        {"DLT-2", 3, 'd', true, DFOTA_ERR_FORMAT, 0},
        {"DLT-3", AT_HEAD_SIZE, 0, false, DFOTA_ERR_CORRUPT, AT_HEAD_SIZE},
        {"DLT-3", AT_HEAD_SIZE, 54, false, DFOTA_ERR_CORRUPT, AT_HEAD_SIZE},
        {"DLT-1", AT_HEAD_SIZE, 255, false, DFOTA_ERR_TRUNCATED, AT_END},
        {"DLT-4", AT_VERSION, 3, false, DFOTA_ERR_DIGEST, AT_CRC32},
        {"DLT-4", AT_CODING, 1, false, DFOTA_ERR_DIGEST, AT_CRC32},
        {"DLT-4", AT_NEW_SIZE, 1, false, DFOTA_ERR_DIGEST, AT_CRC32},
        {"DLT-4", AT_TABLE + 8, 7, false, DFOTA_ERR_DIGEST, AT_CRC32},
        {"DLT-4", AT_HEAD_SIZE, 62, false, DFOTA_ERR_DIGEST, AT_CRC32 - 1},
        {"DLT-5", AT_VERSION, 1, true, DFOTA_ERR_UNSUPPORTED, AT_VERSION},
        {"DLT-5", AT_VERSION, 3, true, DFOTA_ERR_UNSUPPORTED, AT_VERSION},
        {"DLT-5", AT_CODING, 2, true, DFOTA_ERR_UNSUPPORTED, AT_VERSION},
        {"DLT-5", AT_CODING, 255, true, DFOTA_ERR_UNSUPPORTED, AT_VERSION},
        {"DLT-6", AT_TABLE, 3, true, DFOTA_ERR_UNSUPPORTED, AT_TABLE},
        {"DLT-6", AT_TABLE + 3, 3, true, DFOTA_ERR_UNSUPPORTED, AT_TABLE + 3},
        {"DLT-6", AT_TABLE + 6, 255, true, DFOTA_ERR_UNSUPPORTED, AT_TABLE + 6},
        {"DLT-8", AT_HEAD_SIZE, 64, true, DFOTA_ERR_CORRUPT, AT_OLD_SIZE},
        {"DLT-8", AT_HEAD_SIZE, 62, true, DFOTA_ERR_CORRUPT, AT_OLD_SIZE},
        {"DLT-9", AT_TABLE + 2, 7, true, DFOTA_ERR_CORRUPT, AT_OLD_SIZE},
        {"DLT-9", AT_TABLE + 8, 7, true, DFOTA_ERR_CORRUPT, AT_OLD_SIZE},
        {"DLT-10", AT_NEW_SIZE, 5, true, DFOTA_ERR_CORRUPT, AT_OLD_SIZE},
        {"DLT-10", AT_TABLE + 7, 20, true, DFOTA_ERR_CORRUPT, AT_OLD_SIZE},
    };
    struct dfota_buffer delta = delta_example_build(&delta_example_good);
    uint8_t good[AT_END];

    (void)state;
    memcpy(good, delta.data, sizeof(good));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        delta.data[cases[i].at] = cases[i].to;
        if (cases[i].sealed)
            delta_example_seal(delta.data, delta.size);
        assert_header_refused(&delta, cases[i].want, cases[i].rule,
                              cases[i].offset);
        memcpy(delta.data, good, sizeof(good));
    }
    dfota_buffer_free(&delta);
}

static void refuses_each_broken_table(void **state)
{
    static const struct {
        const char *rule;
        struct dfota_view rest;
        uint64_t offset;
    } cases[] = {
        /* window bits; lc + lp, pb and dictionary of LZMA */
        {"DLT-7", BYTES("\x00\x01\x08\x0b\x0b\x00\x05\x05\x00\x06\x06"),
         AT_TABLE},
        {"DLT-7", BYTES("\x00\x00\x0b\x0b\x01\x10\x05\x05\x00\x06\x06"),
         AT_TABLE + 3},
        {"DLT-7", BYTES("\x00\x00\x0b\x0b\x00\x05\x05\x02\x05\x00\x06\x06"),
         AT_TABLE + 6},
        {"DLT-7", BYTES("\x00\x00\x0b\x0b\x00\x05\x05\x02\x0d\x00\x06\x06"),
         AT_TABLE + 6},
        {"DLT-7", BYTES("\x00\x00\x0b\x0b\x00\x05\x05\x02\xe1\x00\x06\x06"),
         AT_TABLE + 6},
        {"DLT-7", BYTES("\x00\x00\x0b\x0b\x00\x05\x05\x02\x5d\x26\x06\x06"),
         AT_TABLE + 6},
        {"DLT-7", BYTES("\x00\x00\x0b\x0b\x00\x05\x05\x02\x5d\xff\x06\x06"),
         AT_TABLE + 6},
        /* one byte short, one entry short, one more byte, one more entry */
        {"DLT-8", BYTES("\x00\x00\x0b\x0b\x00\x05\x05\x00\x06"), AT_OLD_SIZE},
        {"DLT-8", BYTES("\x00\x00\x0b\x0b\x00\x05\x05"), AT_OLD_SIZE},
        {"DLT-8", BYTES("\x00\x00\x0b\x0b\x00\x05\x05\x00\x06\x06\x00"),
         AT_OLD_SIZE},
        {"DLT-8", BYTES("\x00\x00\x0b\x0b\x00\x05\x05\x00\x06\x06\x00\x00\x00"),
         AT_OLD_SIZE},
        /* numbers: not in shortest form, more than 32 bits, without end */
        {"DLT-8", BYTES("\x00\x00\x8b\x00\x0b\x00\x05\x05\x00\x06\x06"),
         AT_OLD_SIZE},
        {"DLT-8", BYTES("\x00\x00\x0b\x0b\x00\x05\x05\x00\x06\x86\x00"),
         AT_OLD_SIZE},
        {"DLT-8",
         BYTES("\x00\x00\x8b\x80\x80\x80\x10\x0b\x00\x05\x05\x00\x06\x06"),
         AT_OLD_SIZE},
        {"DLT-8", BYTES("\x00\x00\x8b\x80\x80\x80\x80\x0b\x00\x05\x05\x00"),
         AT_OLD_SIZE},
        {"DLT-8", BYTES("\x00\x00\x0b\x0b\x00\x05\x05\x00\x06\x86"),
         AT_OLD_SIZE},
        /* sizes that are right again where they are cut to 32 bits */
        {"DLT-9",
         BYTES("\x00\x00\x0b\xff\xff\xff\xff\x0f\x00\x05\x07\x00\x06\x0f"),
         AT_OLD_SIZE},
        {"DLT-9", BYTES("\x00\x00\x0b\x0a\x00\x05\x05\x00\x06\x06"),
         AT_OLD_SIZE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_buffer delta =
            delta_example_with_rest(&delta_example_good, cases[i].rest);

        assert_header_refused(&delta, DFOTA_ERR_CORRUPT, cases[i].rule,
                              cases[i].offset);
        dfota_buffer_free(&delta);
    }
}

/* Slots, record size and content size of a delta whose coded bytes are 9. */
static void refuses_each_broken_number_of_mixed_coding(void **state)
{
    static const struct {
        const char *rule; /* NULL: good */
        struct dfota_view rest;
    } cases[] = {
        {NULL, BYTES("\x00\x80\x02\x04\x05")},
        {NULL, BYTES("\x00\x80\x02\x09\x00")},
        {NULL, BYTES("\x00\x80\x80\x80\x08\x00\x09")},
        {"DLT-8", BYTES("\x00\x80\x02\x04")},
        {"DLT-8", BYTES("\x00\x80\x02\x04\x05\x00")},
        {"DLT-8", BYTES("\x00\x80\x82\x00\x04\x05")},
        {"DLT-8", BYTES("\x00\x80\x02\x84\x00\x05")},
        {"DLT-8", BYTES("\x00\x80\x02\x84\x80\x80\x80\x10\x05")},
        {"DLT-9", BYTES("\x00\x80\x02\x04\x04")},
        {"DLT-9", BYTES("\x00\x80\x02\x05\x05")},
        {"DLT-9", BYTES("\x00\x80\x02\xff\xff\xff\xff\x0f\x0a")},
        {"DLT-11", BYTES("\x00\xff\x01\x04\x05")},
        {"DLT-11", BYTES("\x00\x81\x80\x80\x08\x04\x05")},
        {"DLT-11", BYTES("\x00\xff\xff\xff\xff\x0f\x04\x05")},
        {"DLT-11", BYTES("\x00\x00\x04\x05\x00\x00")},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_view rest = cases[i].rest;
        struct dfota_buffer delta;

        if (i + 1 == sizeof(cases) / sizeof(cases[0]))
            rest.size -= 2; /* the header has at least 55 bytes */
        delta = delta_example_with_rest(&delta_example_mixed, rest);
        if (cases[i].rule == NULL)
            assert_int_equal(read_header(delta.data, delta.size, delta.size),
                             DFOTA_OK);
        else
            assert_header_refused(&delta, DFOTA_ERR_CORRUPT, cases[i].rule,
                                  AT_OLD_SIZE);
        dfota_buffer_free(&delta);
    }
}

/* Three LZMA streams, four bases and ranges, and long numbers. */
static void reads_the_largest_header(void **state)
{
    static const struct dfota_view rest =
        BYTES("\x93\x01\x1f\x02\xff\x03\x00"
              "\x00\x00\x00\x08\x01\x02\x03\x04"
              "\xff\xff\xff\xff\x00\x00\x00\x00"
              "\x80\x80\x08\xff\xff\x3f\x00\x01"
              "\xff\xff\x3f\x00\x80\x80\x10\x80\x80\x20"
              "\x80\x80\x80\x80\x01\xff\xff\xff\xff\x0f\x80\x80\x40"
              "\x02\x5d\x00\xff\xff\xff\xff\x0f\x80\x80\x80\x80\x01"
              "\x02\x5d\x00\xff\xff\xff\xff\x0f\x80\x80\x80\x80\x01"
              "\x02\x5d\x00\xff\xff\xff\xff\x0f\x80\x80\x80\x80\x01");
    struct delta_example example = delta_example_good;
    struct dfota_buffer delta;

    (void)state;
    example.new_size = UINT32_MAX;
    delta = delta_example_with_rest(&example, rest);
    delta.size = delta.data[AT_HEAD_SIZE];
    assert_in_range(delta.size, 140, DFOTA_DELTA_HEAD_MAX);
    assert_int_equal(
        read_header(delta.data, delta.size, delta.size + 0x30000000), DFOTA_OK);
    assert_int_equal(header.new_size, UINT32_MAX);
    assert_int_equal(header.prediction.dialect_count, 3);
    assert_int_equal(header.prediction.dialects[0].isa, 1);
    assert_int_equal(header.prediction.dialects[0].classes, 0x1f);
    assert_int_equal(header.prediction.dialects[2].isa, 3);
    assert_int_equal(header.prediction.dialects[2].classes, 0);
    assert_int_equal(header.prediction.base_count, 4);
    assert_int_equal(header.prediction.bases[0], 0x08000000);
    assert_int_equal(header.prediction.bases[1], 0x04030201);
    assert_int_equal(header.prediction.bases[2], UINT32_MAX);
    assert_int_equal(header.prediction.bases[3], 0);
    assert_int_equal(header.prediction.range_count, 4);
    assert_int_equal(header.prediction.ranges[0].first, 0x20000000);
    assert_int_equal(header.prediction.ranges[0].size, 0xfffff000);
    assert_int_equal(header.prediction.ranges[1].first, 0);
    assert_int_equal(header.prediction.ranges[1].size, 0x1000);
    assert_int_equal(header.prediction.ranges[2].first, 0xfffff000);
    assert_int_equal(header.prediction.ranges[2].size, 0);
    assert_int_equal(header.prediction.ranges[3].first, 0x40000000);
    assert_int_equal(header.prediction.ranges[3].size, 0x80000000);
    assert_int_equal(header.prediction.map_count, 0x10000000);
    assert_int_equal(header.prediction.map_length, UINT32_MAX);
    assert_int_equal(header.prediction.learned, 0x100000);
    assert_int_equal(header.ram, DELTA_EXAMPLE_RAM + 3 * 44 * KIB +
                                     12 * 0x10000000u + 8 * 0x100000u);
    dfota_buffer_free(&delta);
}

/* Its memory would not be a number of 32 bits. */
static void refuses_three_of_the_largest_dictionaries(void **state)
{
    static const struct dfota_view rest =
        BYTES("\x00\x02\x5d\x25\x08\x0b\x02\x5d\x25\x05\x05\x02\x5d\x25"
              "\x06\x06");
    struct dfota_buffer delta =
        delta_example_with_rest(&delta_example_good, rest);

    (void)state;
    assert_header_refused(&delta, DFOTA_ERR_CORRUPT, "DLT-11", AT_OLD_SIZE);
    dfota_buffer_free(&delta);
}

static void refuses_every_other_size_of_the_delta(void **state)
{
    struct dfota_buffer delta = delta_example_build(&delta_example_good);

    (void)state;
    for (size_t size = 0; size < (size_t)2 * AT_END; size++) {
        enum dfota_error want = size == AT_END ? DFOTA_OK : DFOTA_ERR_CORRUPT;

        assert_int_equal(read_header(delta.data, delta.size, size), want);
        if (want)
            assert_string_equal(fault.rule, "DLT-9");
    }
    dfota_buffer_free(&delta);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_all_fields),
        cmocka_unit_test(reads_every_kind_of_entry),
        cmocka_unit_test(reads_the_numbers_of_mixed_coding),
        cmocka_unit_test(needs_no_byte_of_what_is_coded),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(refuses_each_broken_field),
        cmocka_unit_test(refuses_each_broken_table),
        cmocka_unit_test(refuses_each_broken_number_of_mixed_coding),
        cmocka_unit_test(reads_the_largest_header),
        cmocka_unit_test(refuses_three_of_the_largest_dictionaries),
        cmocka_unit_test(refuses_every_other_size_of_the_delta),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
