/* SPDX-License-Identifier: MIT */
/* where streams of deflate end */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/delta/inflate_size.h"
#include "tests/support/packed_image.h"

#define MOST ((uint32_t)1 << 20)
#define VIEW(literal)                                                          \
    ((struct dfota_view){(const uint8_t *)(literal), sizeof(literal) - 1})

static void assert_measured(struct dfota_view bytes, uint32_t packed,
                            uint32_t contents)
{
    struct dfota_inflate_size size = dfota_inflate_measure(bytes, MOST);

    assert_int_equal(size.packed, packed);
    assert_int_equal(size.contents, contents);
}

static void streams_of_zlib_end_where_they_end(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed < 40; seed++) {
        struct dfota_buffer contents = {0};
        struct dfota_buffer coded = {0};
        uint32_t random = seed;
        size_t size;

        image_add_random(&contents, &random, (size_t)seed * 97,
                         seed % 3 == 0 ? 256 : seed);
        image_add_code(&contents, &random, (size_t)seed * seed * 7);
        image_add_deflate(&coded, dfota_buffer_view(&contents));
        size = coded.size;
        image_add_random(&coded, &random, 50, 256);
        assert_measured(dfota_buffer_view(&coded), (uint32_t)size,
                        (uint32_t)contents.size);
        for (size_t cut = 0; cut < size; cut += 1 + cut / 8)
            assert_int_equal(dfota_inflate_measure(
                                 (struct dfota_view){coded.data, cut}, MOST)
                                 .packed,
                             0);
        dfota_buffer_free(&contents);
        dfota_buffer_free(&coded);
    }
}

static void every_kind_of_block_is_known(void **state)
{
    (void)state;
    assert_measured(VIEW("\x01\x03\x00\xfc\xff"
                         "abc"),
                    8, 3);
    assert_measured(VIEW("\x03\x00"), 2, 0);
    assert_measured(VIEW("\x4b\x04\x00"), 3, 1);         /* a literal */
    assert_measured(VIEW("\x4b\x4c\x04\x02\x00"), 5, 5); /* and a match */
    /* literals of 8 and of 9 bits, and the longest matches */
    assert_measured(VIEW("\x4b\x4c\x1c\xf1\xe0\xc4\x84\xe1\xe2\x93\xa4\x81"
                         "\x07\x00"),
                    14, 592);
}

static void what_is_no_stream_has_no_size(void **state)
{
    (void)state;
    assert_int_equal(dfota_inflate_measure(VIEW(""), MOST).packed, 0);
    assert_int_equal(dfota_inflate_measure(VIEW("\x07\x00"), MOST).packed, 0);
    assert_int_equal(dfota_inflate_measure(VIEW("\x01\x03\x00\xfc\xfe"
                                                "abc"),
                                           MOST)
                         .packed,
                     0);
    /* a match in front of everything */
    assert_int_equal(dfota_inflate_measure(VIEW("\x03\x02"), MOST).packed, 0);
    assert_int_equal(
        dfota_inflate_measure(VIEW("\x05\xff\xff\xff\xff\xff"), MOST).packed,
        0);
}

static void contents_beyond_the_limit_are_not_counted(void **state)
{
    struct dfota_buffer contents = {0};
    struct dfota_buffer coded = {0};

    (void)state;
    for (int i = 0; i < 5000; i++)
        dfota_buffer_add_le(&contents, 0, 8);
    image_add_deflate(&coded, dfota_buffer_view(&contents));
    assert_int_equal(
        dfota_inflate_measure(dfota_buffer_view(&coded), 39999).packed, 0);
    assert_int_equal(
        dfota_inflate_measure(dfota_buffer_view(&coded), 40000).packed,
        coded.size);
    dfota_buffer_free(&contents);
    dfota_buffer_free(&coded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_of_zlib_end_where_they_end),
        cmocka_unit_test(every_kind_of_block_is_known),
        cmocka_unit_test(what_is_no_stream_has_no_size),
        cmocka_unit_test(contents_beyond_the_limit_are_not_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
