/* SPDX-License-Identifier: MIT */
/* packed regions of deflate; tests/interop/packed.py has other encoders */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/codec/deflate.h"
#include "tests/support/image_pair.h"
#include "tests/support/packed_check.h"

#define WORDS  60000
#define COPIES 200000

/* Packs `contents`, and takes that apart again. */
static void open_coded(struct packed *packed,
                       const struct dfota_buffer *contents, uint8_t window,
                       struct dfota_buffer *coded)
{
    const struct dfota_stream stream = {.codec = DFOTA_CODEC_ID_ZLIB,
                                        .props = window};

    assert_int_equal(dfota_encoder_zlib.encode(
                         &stream, dfota_buffer_view(contents), coded, NULL),
                     DFOTA_OK);
    packed->region =
        (struct dfota_packed_region){.packed_size = (uint32_t)coded->size,
                                     .contents_size = (uint32_t)contents->size,
                                     .packing = DFOTA_PACKING_DEFLATE};
    assert_int_equal(dfota_packed_check(&packed->region, NULL), DFOTA_OK);
    assert_int_equal(packed_open(packed, coded->data, COPIES, NULL), DFOTA_OK);
    assert_memory_equal(packed->contents, contents->data, contents->size);
}

struct example {
    struct image_pair pair;
    struct dfota_buffer old_coded;
    struct dfota_buffer new_coded;
    struct packed old;
    struct packed new;
};

static void open_example(struct example *example, uint8_t window)
{
    uint32_t seed = window;

    memset(example, 0, sizeof(*example));
    image_add_code(&example->pair.old, &seed, WORDS);
    image_add_random(&example->pair.old, &seed, 30000, 3);
    image_add_edited(&example->pair.new, &seed,
                     dfota_buffer_view(&example->pair.old), 20);
    open_coded(&example->old, &example->pair.old, window, &example->old_coded);
    open_coded(&example->new, &example->pair.new, window, &example->new_coded);
}

static void close_example(struct example *example)
{
    packed_close(&example->old);
    packed_close(&example->new);
    dfota_buffer_free(&example->old_coded);
    dfota_buffer_free(&example->new_coded);
    image_pair_free(&example->pair);
}

static void streams_of_all_windows_come_back(void **state)
{
    (void)state;
    for (uint8_t window = 9; window <= 15; window += 3) {
        struct example example;

        open_example(&example, window);
        assert_in_range(example.new.blocks.count, 2, PACKED_BLOCKS);
        assert_packed_comes_back(&example.new, &example.old);
        assert_packed_comes_back(&example.new, NULL);
        close_example(&example);
    }
}

/* Takes `size` bytes apart that make `contents` bytes, and makes them again. */
static void assert_bytes_come_back(const char *bytes, uint32_t size,
                                   const char *contents, uint32_t length)
{
    struct packed packed = {.region = {.packed_size = size,
                                       .contents_size = length,
                                       .packing = DFOTA_PACKING_DEFLATE}};

    assert_int_equal(packed_open(&packed, (const uint8_t *)bytes, length, NULL),
                     DFOTA_OK);
    assert_memory_equal(packed.contents, contents, length);
    assert_packed_comes_back(&packed, NULL);
    packed_close(&packed);
}

static void blocks_of_every_kind_come_back(void **state)
{
    (void)state;
    /* stored; stored, empty, stored; fixed; stored, then an empty fixed one */
    assert_bytes_come_back("\x01\x02\x00\xfd\xff"
                           "ab",
                           7, "ab", 2);
    assert_bytes_come_back("\x00\x01\x00\xfe\xff"
                           "a\x00\x00\x00\xff\xff\x01\x01\x00\xfe\xff"
                           "b",
                           17, "ab", 2);
    assert_bytes_come_back("\x4b\x4c\x04\x02\x00", 5, "aaaaa", 5);
    assert_bytes_come_back("\x00\x02\x00\xfd\xff"
                           "ab\x03\x00",
                           9, "ab", 2);
}

static void assert_refused(const char *bytes, uint32_t size, uint32_t length)
{
    struct packed packed = {.region = {.packed_size = size,
                                       .contents_size = length,
                                       .packing = DFOTA_PACKING_DEFLATE}};
    struct dfota_fault fault = {0};

    assert_int_equal(
        packed_open(&packed, (const uint8_t *)bytes, length, &fault),
        DFOTA_ERR_CORRUPT);
    assert_string_equal(fault.rule, "PKD-3");
    packed_close(&packed);
}

static void what_is_no_deflate_is_refused(void **state)
{
    (void)state;
    assert_refused("\x07", 1, 1); /* no such type of block */
    assert_refused("\x01\x01\x00\xff\xff\x61", 6, 1); /* size and its inverse */
    assert_refused("\x01\x02\x00\xfd\xff\x61\x61", 7, 1); /* contents end */
    assert_refused("\x01\x01\x00\xfe\xff\x61", 6, 2);     /* or do not */
    assert_refused("\x01\x01\x00\xfe\xff\x61\x61", 7, 1); /* bytes left over */
    assert_refused("\x03\x02\x00", 3, 3); /* a distance of nothing */
    assert_refused("\x1b\x03\x00", 3, 3); /* a length of nothing */
    assert_refused("\xed\xfd\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12,
                   9); /* too many codes */
}

static void a_parse_like_the_old_one_costs_next_to_nothing(void **state)
{
    struct dfota_buffer told = {0};
    struct example example;

    (void)state;
    open_example(&example, 15);
    assert_int_equal(packed_tell(&example.old, &example.old, &told, NULL),
                     DFOTA_OK);
    assert_in_range(told.size, 1, example.old.region.packed_size / 100);
    dfota_buffer_free(&told);
    close_example(&example);
}

static void changed_streams_are_refused_or_come_back(void **state)
{
    struct example example;
    unsigned refused = 0;

    (void)state;
    open_example(&example, 12);
    for (size_t i = 0; i < example.old_coded.size; i += 1 + i / 30) {
        struct packed again = {.region = example.old.region};
        struct dfota_fault fault = {0};
        struct dfota_buffer told = {0};

        example.old_coded.data[i] ^= 0x10;
        if (packed_open(&again, example.old_coded.data, COPIES, &fault)) {
            assert_string_equal(fault.rule, "PKD-3");
            refused++;
        } else {
            /* Such a stream may be one that no encoder would make. */
            assert_int_equal(packed_tell(&again, &example.old, &told, NULL),
                             DFOTA_OK);
        }
        example.old_coded.data[i] ^= 0x10;
        packed_close(&again);
        dfota_buffer_free(&told);
    }
    assert_in_range(refused, 100, SIZE_MAX);
    close_example(&example);
}

static void a_stream_cut_short_is_refused(void **state)
{
    struct example example;

    (void)state;
    open_example(&example, 15);
    for (uint32_t less = 1; less < 200; less++) {
        struct packed again = {.region = example.old.region};
        struct dfota_fault fault;

        again.region.packed_size -= less;
        assert_int_equal(
            packed_open(&again, example.old_coded.data, COPIES, &fault),
            DFOTA_ERR_CORRUPT);
        assert_string_equal(fault.rule, "PKD-3");
        packed_close(&again);
    }
    close_example(&example);
}

static void too_many_tokens_or_blocks_are_refused(void **state)
{
    struct example example;
    struct packed again = {0};
    struct dfota_fault fault;

    (void)state;
    open_example(&example, 15);
    again.region = example.old.region;
    assert_int_equal(packed_open(&again, example.old_coded.data,
                                 example.old.tokens.count - 1, &fault),
                     DFOTA_ERR_LIMIT);
    assert_string_equal(fault.rule, "PKD-4");
    packed_close(&again);
    close_example(&example);
}

static void broken_parses_are_refused_or_make_a_stream(void **state)
{
    struct example example;

    (void)state;
    open_example(&example, 15);
    assert_packed_breaks_cleanly(&example.new, &example.old);
    close_example(&example);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_of_all_windows_come_back),
        cmocka_unit_test(blocks_of_every_kind_come_back),
        cmocka_unit_test(what_is_no_deflate_is_refused),
        cmocka_unit_test(a_parse_like_the_old_one_costs_next_to_nothing),
        cmocka_unit_test(changed_streams_are_refused_or_come_back),
        cmocka_unit_test(a_stream_cut_short_is_refused),
        cmocka_unit_test(too_many_tokens_or_blocks_are_refused),
        cmocka_unit_test(broken_parses_are_refused_or_make_a_stream),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
