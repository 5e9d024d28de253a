/* SPDX-License-Identifier: MIT */
/* the header and table of a delta, without a prediction; test_apply.c has what
 * follows them, test_apply_predict.c all of a prediction */
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
    assert_memory_equal(header.old_sha256, delta.data + AT_OLD_SHA256, 32);
    assert_memory_equal(header.new_sha256, delta.data + AT_NEW_SHA256, 32);
    assert_int_equal(header.unit, 1);
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
    static const struct dfota_view table = BYTES("\x02\x5d\x01\x80\x01\x08"
                                                 "\x01\x0f\xff\x7f\x05"
                                                 "\x00\x06\x06");
    struct delta_example example = delta_example_good;
    struct dfota_buffer delta;

    (void)state;
    example.codec_ram = (6 + 40) * KIB + (32 + 12) * KIB;
    delta = delta_example_with_table(&example, table);
    assert_int_equal(read_header(delta.data, delta.size, delta.size), DFOTA_OK);
    assert_int_equal(header.ram, DELTA_EXAMPLE_RAM + example.codec_ram);
    assert_int_equal(header.head_size, AT_TABLE + table.size);
    assert_int_equal(header.streams[0].codec, DFOTA_CODEC_ID_LZMA);
    assert_int_equal(header.streams[0].props, 0x5d);
    assert_int_equal(header.streams[0].dictionary, 6 * KIB);
    assert_int_equal(header.streams[0].raw_size, 128);
    assert_int_equal(header.streams[0].coded_size, 8);
    assert_int_equal(header.streams[1].codec, DFOTA_CODEC_ID_ZLIB);
    assert_int_equal(header.streams[1].props, 15);
    assert_int_equal(header.streams[1].dictionary, 0);
    assert_int_equal(header.streams[1].raw_size, 16383);
    dfota_buffer_free(&delta);
}

/* All there is to read are header and table, whatever follows. */
static void needs_no_byte_of_the_streams(void **state)
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
        assert_header_refused(&delta, DFOTA_ERR_CORRUPT, "DLT-9", AT_TABLE);
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
        {"DLT-1", AT_TABLE_SIZE, 67, false, DFOTA_ERR_TRUNCATED, AT_END},
        {"DLT-2", 0, 0x88, true, DFOTA_ERR_FORMAT, 0},
        {"DLT-2", 1, 'd', true, DFOTA_ERR_FORMAT, 0},
        {"DLT-2", 2, 'E', true, DFOTA_ERR_FORMAT, 0},
        {"DLT-2", 3, 'd', true, DFOTA_ERR_FORMAT, 0},
        {"DLT-3", AT_TABLE_SIZE, 68, false, DFOTA_ERR_CORRUPT, AT_TABLE_SIZE},
        {"DLT-3", AT_TABLE_SIZE + 1, 1, false, DFOTA_ERR_CORRUPT,
         AT_TABLE_SIZE},
        {"DLT-4", AT_VERSION, 2, false, DFOTA_ERR_DIGEST, AT_CRC32},
        {"DLT-4", AT_RAM + 3, 1, false, DFOTA_ERR_DIGEST, AT_CRC32},
        {"DLT-4", AT_TABLE + 8, 7, false, DFOTA_ERR_DIGEST, AT_CRC32},
        {"DLT-4", AT_TABLE_SIZE, 8, false, DFOTA_ERR_DIGEST, AT_CRC32},
        {"DLT-5", AT_VERSION, 0, true, DFOTA_ERR_UNSUPPORTED, AT_VERSION},
        {"DLT-5", AT_VERSION, 2, true, DFOTA_ERR_UNSUPPORTED, AT_VERSION},
        {"DLT-5", AT_UNIT, 0, true, DFOTA_ERR_UNSUPPORTED, AT_VERSION},
        {"DLT-5", AT_UNIT, 2, true, DFOTA_ERR_UNSUPPORTED, AT_VERSION},
        {"DLT-5", AT_UNIT, 8, true, DFOTA_ERR_UNSUPPORTED, AT_VERSION},
        {"DLT-6", AT_TABLE, 3, true, DFOTA_ERR_UNSUPPORTED, AT_TABLE},
        {"DLT-6", AT_TABLE + 3, 3, true, DFOTA_ERR_UNSUPPORTED, AT_TABLE + 3},
        {"DLT-6", AT_TABLE + 6, 255, true, DFOTA_ERR_UNSUPPORTED, AT_TABLE + 6},
        {"DLT-9", AT_TABLE + 2, 7, true, DFOTA_ERR_CORRUPT, AT_TABLE},
        {"DLT-9", AT_TABLE + 8, 7, true, DFOTA_ERR_CORRUPT, AT_TABLE},
        {"DLT-10", AT_NEW_SIZE, 5, true, DFOTA_ERR_CORRUPT, AT_NEW_SIZE},
        {"DLT-10", AT_TABLE + 7, 20, true, DFOTA_ERR_CORRUPT, AT_NEW_SIZE},
        {"DLT-11", AT_RAM, 1, true, DFOTA_ERR_CORRUPT, AT_RAM},
        {"DLT-11", AT_RAM + 1, 0x0f, true, DFOTA_ERR_CORRUPT, AT_RAM},
        {"DLT-11", AT_RAM + 3, 1, true, DFOTA_ERR_CORRUPT, AT_RAM},
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
        struct dfota_view table;
        uint64_t offset; /* in the table */
    } cases[] = {
        /* window bits; lc + lp, pb and dictionary of LZMA */
        {"DLT-7", BYTES("\x01\x08\x08\x08\x00\x05\x05\x00\x06\x06"), 0},
        {"DLT-7", BYTES("\x00\x08\x08\x01\x10\x05\x05\x00\x06\x06"), 3},
        {"DLT-7", BYTES("\x00\x08\x08\x00\x05\x05\x02\x05\x00\x06\x06"), 6},
        {"DLT-7", BYTES("\x00\x08\x08\x00\x05\x05\x02\x0d\x00\x06\x06"), 6},
        {"DLT-7", BYTES("\x00\x08\x08\x00\x05\x05\x02\xe1\x00\x06\x06"), 6},
        {"DLT-7", BYTES("\x00\x08\x08\x00\x05\x05\x02\x5d\x26\x06\x06"), 6},
        {"DLT-7", BYTES("\x00\x08\x08\x00\x05\x05\x02\x5d\xff\x06\x06"), 6},
        /* nothing at all, one byte short, a whole entry */
        {"DLT-8", BYTES(""), 0},
        {"DLT-8", BYTES("\x00\x08\x08\x00\x05\x05\x00\x06"), 0},
        {"DLT-8", BYTES("\x00\x08\x08\x00\x05\x05"), 0},
        /* numbers: not in shortest form, more than 32 bits, without end */
        {"DLT-8", BYTES("\x00\x88\x00\x08\x00\x05\x05\x00\x06\x06"), 0},
        {"DLT-8", BYTES("\x00\x08\x08\x00\x05\x05\x00\x06\x86\x00"), 0},
        {"DLT-8", BYTES("\x00\x88\x80\x80\x80\x10\x08\x00\x05\x05\x00\x06\x06"),
         0},
        {"DLT-8", BYTES("\x00\x88\x80\x80\x80\x80\x08\x00\x05\x05\x00"), 0},
        {"DLT-8", BYTES("\x00\x08\x08\x00\x05\x05\x00\x06\x86"), 0},
        /* sizes that are right again where they are cut to 32 bits */
        {"DLT-9", BYTES("\x00\x08\xff\xff\xff\xff\x0f\x00\x05\x06\x00\x06\x0e"),
         0},
        {"DLT-9", BYTES("\x00\x08\x07\x00\x05\x05\x00\x06\x06"), 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_buffer delta =
            delta_example_with_table(&delta_example_good, cases[i].table);

        assert_header_refused(&delta, DFOTA_ERR_CORRUPT, cases[i].rule,
                              AT_TABLE + cases[i].offset);
        dfota_buffer_free(&delta);
    }
}

/* All numbers of the largest size that they can have. */
static void reads_the_largest_table(void **state)
{
    static const struct dfota_view table =
        BYTES("\x02\x5d\x00\xff\xff\xff\xff\x0f\x80\x80\x80\x80\x01"
              "\x02\x5d\x00\xff\xff\xff\xff\x0f\x80\x80\x80\x80\x01"
              "\x02\x5d\x00\xff\xff\xff\xff\x0f\x80\x80\x80\x80\x01"
              "\x3f\x80\x80\x80\x80\x01\xff\xff\xff\xff\x0f\x04"
              "\x00\x00\x00\x08\x01\x02\x03\x04"
              "\xff\xff\xff\xff\x00\x00\x00\x00");
    struct delta_example example = delta_example_good;
    struct dfota_buffer delta;

    (void)state;
    assert_int_equal(table.size, DFOTA_DELTA_HEAD_MAX - AT_TABLE);
    example.codec_ram = 3 * 44 * KIB + 12 * 0x10000000u;
    delta = delta_example_with_table(&example, table);
    delta_example_put(delta.data, AT_NEW_SIZE, UINT32_MAX);
    delta_example_seal(delta.data, delta.size);
    assert_int_equal(read_header(delta.data, DFOTA_DELTA_HEAD_MAX,
                                 DFOTA_DELTA_HEAD_MAX + 0x30000000),
                     DFOTA_OK);
    assert_int_equal(header.head_size, DFOTA_DELTA_HEAD_MAX);
    assert_int_equal(header.prediction.kinds, DFOTA_PREDICT_ALL);
    assert_int_equal(header.prediction.map_count, 0x10000000);
    assert_int_equal(header.prediction.map_length, UINT32_MAX);
    assert_int_equal(header.prediction.base_count, 4);
    assert_int_equal(header.prediction.bases[0], 0x08000000);
    assert_int_equal(header.prediction.bases[1], 0x04030201);
    assert_int_equal(header.prediction.bases[2], UINT32_MAX);
    assert_int_equal(header.prediction.bases[3], 0);
    dfota_buffer_free(&delta);
}

/* Its memory would not be a number of 32 bits. */
static void refuses_three_of_the_largest_dictionaries(void **state)
{
    static const struct dfota_view table =
        BYTES("\x02\x5d\x25\x08\x08\x02\x5d\x25\x05\x05\x02\x5d\x25\x06\x06");
    struct dfota_buffer delta =
        delta_example_with_table(&delta_example_good, table);

    (void)state;
    delta_example_put(delta.data, AT_RAM,
                      DELTA_EXAMPLE_RAM + 3 * (((uint32_t)3 << 29) + 40 * KIB));
    delta_example_seal(delta.data, delta.size);
    assert_header_refused(&delta, DFOTA_ERR_CORRUPT, "DLT-11", AT_RAM);
    delta_example_put(delta.data, AT_RAM, UINT32_MAX);
    delta_example_seal(delta.data, delta.size);
    assert_header_refused(&delta, DFOTA_ERR_CORRUPT, "DLT-11", AT_RAM);
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
        cmocka_unit_test(needs_no_byte_of_the_streams),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(refuses_each_broken_field),
        cmocka_unit_test(refuses_each_broken_table),
        cmocka_unit_test(reads_the_largest_table),
        cmocka_unit_test(refuses_three_of_the_largest_dictionaries),
        cmocka_unit_test(refuses_every_other_size_of_the_delta),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
