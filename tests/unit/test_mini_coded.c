/* SPDX-License-Identifier: MIT */
/* the module's reader of .mini_2: one frame, coded by each codec */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/codec/deflate.h"
#include "lib/codec/frame.h"
#include "lib/codec/lzma.h"
#include "tests/support/mini_bench.h"
#include "tests/support/mini_example.h"

#define STORED_RAM 4096 /* of a reader without codecs */
#define KIB        1024u

static const struct dfota_codec *const codecs[] = {
    &dfota_codec_stored, &dfota_codec_mixed, &dfota_codec_zlib,
    &dfota_codec_lzma, NULL};
static const struct dfota_codec *const stored_alone[] = {&dfota_codec_stored,
                                                         NULL};

static struct mini_example good;
static struct mini_example_flash want;
static struct dfota_mini_header header;
static struct dfota_fault fault;
static uint8_t flash[MINI_FLASH_SIZE];

static int build(void **state)
{
    (void)state;
    good = mini_example_build();
    want = mini_example_flash();
    return 0;
}

static int release(void **state)
{
    (void)state;
    mini_example_free(&good);
    return 0;
}

/* A module that is about to read `second`. */
static struct mini_bench bench_of(struct dfota_view second)
{
    assert_int_equal(
        dfota_mini_read_header(good.first.data, good.first.size, &header, NULL),
        DFOTA_OK);
    memcpy(flash, want.old, sizeof(flash));
    return (struct mini_bench){
        .header = &header,
        .second = second,
        .flash = flash,
        .codecs = codecs,
        .memory_size = STORED_RAM,
        .piece_size = 1000,
    };
}

static enum dfota_error run(struct mini_bench *bench)
{
    enum dfota_error err;

    memset(&fault, 0, sizeof(fault));
    err = mini_bench_run(bench, &fault);
    if (bench->misuse != NULL)
        fail_msg("the reader %s", bench->misuse);
    return err;
}

/* The example's file with `coded` as its first frame, and not stored. */
static struct dfota_buffer with_frame(const uint8_t parameters[3],
                                      struct dfota_view coded, uint32_t crc32)
{
    struct dfota_buffer out = {0};
    size_t second = mini_example_frame_at(1);

    dfota_buffer_add(&out, good.second.data, 44);
    dfota_buffer_add_le(&out, 0, 4);
    dfota_buffer_add_le(&out, 16, 4);
    dfota_buffer_add(&out, parameters, 3);
    dfota_buffer_add_le(&out, 0, 1);
    dfota_buffer_add_le(&out, coded.size, 4);
    dfota_buffer_add_le(&out, crc32, 4);
    dfota_buffer_add_le(&out, 0, 4);
    dfota_buffer_add(&out, coded.data, coded.size);
    dfota_buffer_add(&out, good.second.data + second,
                     good.second.size - second);
    assert_int_equal(out.error, DFOTA_OK);
    mini_example_seal(out.data, 44, 20);
    return out;
}

/* Reads it as a module that has been told the size of the file. */
static enum dfota_error run_frame(const uint8_t parameters[3],
                                  struct dfota_view coded, uint32_t crc32,
                                  size_t piece_size)
{
    struct dfota_buffer file = with_frame(parameters, coded, crc32);
    struct mini_bench bench = bench_of(dfota_buffer_view(&file));
    enum dfota_error err;

    header.second_size = (uint32_t)file.size;
    bench.memory_size = STORED_RAM + 104 * KIB;
    bench.piece_size = piece_size;
    err = run(&bench);
    if (!err)
        assert_int_equal(bench.written, MINI_APP_SIZE);
    dfota_buffer_free(&file);
    return err;
}

/* Sixteen zeros, raw deflate. */
static const struct dfota_view zeros_deflated = BYTES("\x63\x60\x40\x05\x00");
static const uint8_t zlib_9[3] = {1, 9, 0};
static const uint8_t zeros[16];

static void decodes_a_coded_frame_from_pieces_of_any_size(void **state)
{
    static const uint8_t lzma[3] = {2, 0, 0};
    const struct dfota_stream stream = {.codec = DFOTA_CODEC_ID_LZMA,
                                        .dictionary = 4096};
    const struct dfota_view raw = {zeros, sizeof(zeros)};
    struct dfota_buffer coded = {0};
    uint32_t crc32 = dfota_crc32(0, zeros, sizeof(zeros));

    (void)state;
    assert_int_equal(dfota_encoder_lzma.encode(&stream, raw, &coded, NULL),
                     DFOTA_OK);
    for (size_t piece = 1; piece <= 17; piece++) {
        assert_int_equal(run_frame(zlib_9, zeros_deflated, crc32, piece),
                         DFOTA_OK);
        assert_int_equal(
            run_frame(lzma, dfota_buffer_view(&coded), crc32, piece), DFOTA_OK);
    }
    dfota_buffer_free(&coded);
}

/* The same zeros, mixed, as the bytes they are. */
static const struct dfota_view zeros_mixed = BYTES("\xff\xff\xff\xff\x32");
static const uint8_t mixed_4k[3] = {3, 0, 0};

static void decodes_a_mixed_frame_from_pieces_of_any_size(void **state)
{
    (void)state;
    for (size_t piece = 1; piece <= 17; piece++)
        assert_int_equal(run_frame(mixed_4k, zeros_mixed,
                                   dfota_crc32(0, zeros, sizeof(zeros)), piece),
                         DFOTA_OK);
}

static void assert_damaged(struct dfota_view coded, uint32_t crc32)
{
    enum dfota_error err = run_frame(mixed_4k, coded, crc32, 60);

    assert_true(err == DFOTA_ERR_CORRUPT || err == DFOTA_ERR_DIGEST);
    assert_string_equal(fault.rule,
                        err == DFOTA_ERR_CORRUPT ? "MIN-35" : "MIN-36");
}

/* Whatever the bits: they are too many or too few, or decode to others. */
static void refuses_damaged_mixed_frames(void **state)
{
    uint32_t crc32 = dfota_crc32(0, zeros, sizeof(zeros));

    (void)state;
    for (size_t size = 1; size < zeros_mixed.size; size++)
        assert_damaged((struct dfota_view){zeros_mixed.data, size}, crc32);
    assert_int_equal(
        run_frame(mixed_4k,
                  (struct dfota_view)BYTES("\xff\xff\xff\xff\x32\0\0\0\0\0"),
                  crc32, 3),
        DFOTA_ERR_CORRUPT);
    assert_string_equal(fault.rule, "MIN-35");
    for (unsigned bit = 0; bit < 32; bit++) {
        uint8_t bytes[5];

        memcpy(bytes, zeros_mixed.data, sizeof(bytes));
        bytes[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
        assert_damaged((struct dfota_view){bytes, sizeof(bytes)}, crc32);
    }
}

static void refuses_frames_that_do_not_decode_to_their_size(void **state)
{
    static const struct dfota_view coded[] = {
        BYTES("\x63\x60"),                 /* ends early */
        BYTES("\x63\x60\x40\x05\x00\x00"), /* a byte too many */
        BYTES("\x63\x60\x40\x03\x00"),     /* one zero more */
        BYTES("\x63\x60\x40\x01\x00"),     /* one zero less */
        BYTES("\x07\x60\x40\x05\x00"),     /* no deflate at all */
    };
    uint32_t crc32 = dfota_crc32(0, zeros, sizeof(zeros));

    (void)state;
    for (size_t i = 0; i < sizeof(coded) / sizeof(coded[0]); i++)
        for (size_t piece = 1; piece <= 60; piece++) {
            enum dfota_error err = run_frame(zlib_9, coded[i], crc32, piece);

            assert_int_equal(err, DFOTA_ERR_CORRUPT);
            assert_string_equal(fault.rule, "MIN-35");
            assert_in_range(fault.offset, 68, 68 + coded[i].size);
        }
}

static void refuses_wrong_parameters(void **state)
{
    static const uint8_t parameters[][3] = {
        {1, 8, 0},
        {1, 16, 0},
        {1, 15, 1}, /* window, and a dictionary */
        {2, 225, 0},
        {2, 93, 9}, /* pb, 96 KiB */
        {2, 5, 0} /* lc + lp of 5 */,
        {2, 93, 255},
        {3, 4, 0}, /* no such kind of bytes */
        {3, 0, 9}, /* 96 KiB */
        {3, 255, 255},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(parameters) / sizeof(parameters[0]); i++) {
        assert_int_equal(run_frame(parameters[i], zeros_deflated, 0, 9),
                         DFOTA_ERR_CORRUPT);
        assert_string_equal(fault.rule, "MIN-31");
        assert_int_equal(fault.offset, 44 + 9);
    }
}

static void refuses_coded_sizes_that_do_not_pay(void **state)
{
    static const struct dfota_view none = {NULL, 0};
    static const struct dfota_view as_large = {zeros, 16};
    uint32_t crc32 = dfota_crc32(0, zeros, sizeof(zeros));

    (void)state;
    assert_int_equal(run_frame(zlib_9, none, crc32, 9), DFOTA_ERR_CORRUPT);
    assert_string_equal(fault.rule, "MIN-32");
    assert_int_equal(run_frame(zlib_9, as_large, crc32, 9), DFOTA_ERR_CORRUPT);
    assert_string_equal(fault.rule, "MIN-32");
    assert_int_equal(fault.offset, 44 + 12);
}

static void refuses_frames_that_leave_the_file(void **state)
{
    struct dfota_buffer file = with_frame(zlib_9, zeros_deflated,
                                          dfota_crc32(0, zeros, sizeof(zeros)));
    struct mini_bench bench = bench_of(dfota_buffer_view(&file));

    (void)state;
    /* Cut inside a frame, at its header's end, and inside its header. */
    for (uint32_t size = 45; size < file.size; size++) {
        header.second_size = size;
        bench.memory_size = STORED_RAM + 16 * KIB;
        assert_int_equal(run(&bench), DFOTA_ERR_CORRUPT);
        assert_string_equal(fault.rule, "MIN-34");
        assert_true(fault.offset <= size);
    }
    dfota_buffer_free(&file);
}

/* A frame that asks for `need` bytes gets them, and then one less. */
static void assert_needs(const uint8_t parameters[3], struct dfota_view coded,
                         size_t need)
{
    struct dfota_buffer file =
        with_frame(parameters, coded, dfota_crc32(0, zeros, sizeof(zeros)));
    struct mini_bench bench = bench_of(dfota_buffer_view(&file));

    header.second_size = (uint32_t)file.size;
    bench.memory_size = need;
    assert_int_equal(run(&bench), DFOTA_OK);
    bench.memory_size = need - 1;
    assert_int_equal(run(&bench), DFOTA_ERR_LIMIT);
    assert_string_equal(fault.rule, "MIN-33");
    assert_int_equal(fault.offset, 44 + 8);
    assert_int_equal(bench.calls, 0);
    dfota_buffer_free(&file);
}

static void needs_no_more_memory_than_the_formula_says(void **state)
{
    static const uint8_t lzma_8k[3] = {2, 0, 2};
    const struct dfota_stream stream = {.codec = DFOTA_CODEC_ID_LZMA,
                                        .dictionary = 8 * KIB};
    const struct dfota_view raw = {zeros, sizeof(zeros)};
    struct dfota_buffer coded = {0};

    (void)state;
    assert_needs(zlib_9, zeros_deflated, STORED_RAM + 512 + 12 * KIB);
    assert_int_equal(dfota_encoder_lzma.encode(&stream, raw, &coded, NULL),
                     DFOTA_OK);
    assert_needs(lzma_8k, dfota_buffer_view(&coded), STORED_RAM + 48 * KIB);
    assert_needs(mixed_4k, zeros_mixed, STORED_RAM + 16 + 27 * KIB);
    dfota_buffer_free(&coded);
}

static void refuses_a_codec_that_is_not_at_hand(void **state)
{
    struct dfota_buffer file = with_frame(zlib_9, zeros_deflated, 0);
    struct mini_bench bench = bench_of(dfota_buffer_view(&file));

    (void)state;
    header.second_size = (uint32_t)file.size;
    bench.codecs = stored_alone;
    bench.memory_size = STORED_RAM + 16 * KIB;
    assert_int_equal(run(&bench), DFOTA_ERR_UNSUPPORTED);
    assert_string_equal(fault.rule, "MIN-30");
    assert_int_equal(fault.offset, 44 + 8);
    dfota_buffer_free(&file);
}

static void states_the_memory_of_every_codec(void **state)
{
    struct dfota_stream stream = {0};

    (void)state;
    assert_int_equal(dfota_mini_frame_memory(&stream), 4 * KIB);
    stream = (struct dfota_stream){.codec = DFOTA_CODEC_ID_ZLIB, .props = 15};
    assert_int_equal(dfota_mini_frame_memory(&stream), (4 + 32 + 12) * KIB);
    stream = (struct dfota_stream){.codec = DFOTA_CODEC_ID_LZMA,
                                   .dictionary = 64 * KIB};
    assert_int_equal(dfota_mini_frame_memory(&stream), (4 + 64 + 40) * KIB);
    stream.props = 225;
    assert_int_equal(dfota_mini_frame_memory(&stream), UINT32_MAX);
    stream = (struct dfota_stream){.codec = DFOTA_CODEC_ID_MIXED,
                                   .dictionary = 48 * KIB,
                                   .raw_size = 64 * KIB};
    assert_int_equal(dfota_mini_frame_memory(&stream), 150 * KIB);
    stream.codec = 4;
    assert_int_equal(dfota_mini_frame_memory(&stream), UINT32_MAX);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(decodes_a_coded_frame_from_pieces_of_any_size),
        cmocka_unit_test(decodes_a_mixed_frame_from_pieces_of_any_size),
        cmocka_unit_test(refuses_damaged_mixed_frames),
        cmocka_unit_test(refuses_frames_that_do_not_decode_to_their_size),
        cmocka_unit_test(refuses_wrong_parameters),
        cmocka_unit_test(refuses_coded_sizes_that_do_not_pay),
        cmocka_unit_test(refuses_frames_that_leave_the_file),
        cmocka_unit_test(needs_no_more_memory_than_the_formula_says),
        cmocka_unit_test(refuses_a_codec_that_is_not_at_hand),
        cmocka_unit_test(states_the_memory_of_every_codec),
    };

    return cmocka_run_group_tests(tests, build, release);
}
