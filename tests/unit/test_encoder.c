/* SPDX-License-Identifier: MIT */
/* how encoders treat their output; test_codec.c decodes what they write */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/codec/deflate.h"
#include "lib/codec/lzma.h"
#include "tests/support/random.h"

enum { ENCODERS = 2, SIZE = 200000 };

static const struct dfota_encoder *const encoders[ENCODERS] = {
    &dfota_encoder_zlib, &dfota_encoder_lzma};

static const struct dfota_stream streams[ENCODERS] = {
    {.codec = DFOTA_CODEC_ID_ZLIB, .props = 15},
    {.codec = DFOTA_CODEC_ID_LZMA, .props = 93, .dictionary = 65536},
};

static uint8_t noise[SIZE];
static struct dfota_fault fault;

static int fill(void **state)
{
    uint32_t seed = 7;

    (void)state;
    random_fill(&seed, noise, sizeof(noise));
    return 0;
}

static enum dfota_error encode(size_t which, struct dfota_buffer *out)
{
    memset(&fault, 0, sizeof(fault));
    return encoders[which]->encode(&streams[which],
                                   (struct dfota_view){noise, sizeof(noise)},
                                   out, &fault);
}

static void writes_the_same_bytes_behind_whatever_there_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENCODERS; i++) {
        struct dfota_buffer alone = {0};
        struct dfota_buffer behind = {0};

        dfota_buffer_add(&behind, "before", 6);
        assert_int_equal(encode(i, &alone), DFOTA_OK);
        assert_int_equal(encode(i, &behind), DFOTA_OK);
        assert_int_equal(behind.size, 6 + alone.size);
        assert_memory_equal(behind.data, "before", 6);
        assert_memory_equal(behind.data + 6, alone.data, alone.size);
        dfota_buffer_free(&behind);
        dfota_buffer_free(&alone);
    }
}

/* Noise does not get smaller, and never much larger. */
static void costs_little_where_nothing_can_be_saved(void **state)
{
    (void)state;
    for (size_t i = 0; i < ENCODERS; i++) {
        struct dfota_buffer out = {0};

        assert_int_equal(encode(i, &out), DFOTA_OK);
        assert_in_range(out.size, SIZE - SIZE / 50, SIZE + SIZE / 50);
        dfota_buffer_free(&out);
    }
}

static void stops_at_every_limit_of_the_buffer(void **state)
{
    static const size_t limits[] = {1, 100, 65535, 65536, 65537, SIZE / 2};

    (void)state;
    for (size_t i = 0; i < ENCODERS; i++)
        for (size_t j = 0; j < sizeof(limits) / sizeof(limits[0]); j++) {
            struct dfota_buffer out = {.limit = limits[j]};

            assert_int_equal(encode(i, &out), DFOTA_ERR_LIMIT);
            assert_int_equal(fault.error, DFOTA_ERR_LIMIT);
            assert_in_range(out.size, 0, limits[j]);
            dfota_buffer_free(&out);
        }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_same_bytes_behind_whatever_there_is),
        cmocka_unit_test(costs_little_where_nothing_can_be_saved),
        cmocka_unit_test(stops_at_every_limit_of_the_buffer),
    };

    return cmocka_run_group_tests(tests, fill, NULL);
}
