/* SPDX-License-Identifier: MIT */
/* the writer of .mini_2, proved by the module's reader */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/mini_second.h"
#include "lib/apply/mini_frames.h"
#include "lib/codec/deflate.h"
#include "lib/codec/frame.h"
#include "lib/codec/lzma.h"
#include "tests/support/mini_bench.h"
#include "tests/support/mini_example.h"

#define KIB        1024u
#define FLASH_SIZE (300 * KIB)
#define NO_BUDGET  UINT32_MAX

static const struct dfota_codec *const codecs[] = {
    &dfota_codec_stored, &dfota_codec_mixed, &dfota_codec_zlib,
    &dfota_codec_lzma, NULL};
static const struct dfota_encoder *const both[] = {&dfota_encoder_zlib,
                                                   &dfota_encoder_lzma, NULL};
static const struct dfota_encoder *const mixed[] = {&dfota_encoder_mixed, NULL};
static const struct dfota_encoder *const zlib_alone[] = {&dfota_encoder_zlib,
                                                         NULL};
static const struct dfota_encoder *const none[] = {NULL};

static struct dfota_fault fault;

/*
 * A big system of three kinds of bytes: noise that nothing makes smaller, text
 * that repeats, and zeros.  Two regions of it, the first with a short end.
 */
static uint8_t image[FLASH_SIZE];

static struct dfota_mini_header header = {
    .flash_size = FLASH_SIZE,
    .delta_size = 123,
    .delta_md5 = "of some delta..",
    .region_count = 3,
    .regions = {{.address = 290 * KIB, .length = 10 * KIB},
                {.address = 4 * KIB, .length = 150 * KIB + 1},
                {.address = 160 * KIB, .length = 128 * KIB}},
};

static struct dfota_view apps[2];

static int build(void **state)
{
    uint32_t noise = 1;

    (void)state;
    for (uint32_t i = 0; i < FLASH_SIZE; i++) {
        noise = noise * 1664525 + 1013904223;
        if (i / (40 * KIB) % 3 == 0)
            image[i] = (uint8_t)(noise >> 24);
        else if (i / (40 * KIB) % 3 == 1)
            image[i] =
                (uint8_t)((uint32_t) "a line of text "[i % 15] + i / 900 % 3);
    }
    for (unsigned i = 0; i < 2; i++)
        apps[i] = (struct dfota_view){image + header.regions[i + 1].address,
                                      header.regions[i + 1].length};
    return 0;
}

static struct dfota_buffer
write_second(const struct dfota_mini_frame_options *options)
{
    struct dfota_buffer out = {0};

    assert_int_equal(
        dfota_mini_write_second(&header, apps, options, &out, &fault),
        DFOTA_OK);
    return out;
}

/* Reads `file` in the memory its frames state, into a flash that is erased. */
static enum dfota_error prove(struct dfota_view file, struct mini_bench *bench)
{
    struct dfota_mini_frames frames;
    enum dfota_error err;

    header.second_size = (uint32_t)file.size;
    assert_int_equal(dfota_mini_check_frames(&header, file, &frames, &fault),
                     DFOTA_OK);
    bench->header = &header;
    bench->second = file;
    bench->codecs = codecs;
    bench->memory_size = frames.ram;
    err = mini_bench_run(bench, &fault);
    if (bench->misuse != NULL)
        fail_msg("the reader %s", bench->misuse);
    return err;
}

/* The regions are new, and all else is as erased as before. */
static void assert_flash(const uint8_t *flash)
{
    uint8_t *want = malloc(FLASH_SIZE);

    assert_non_null(want);
    memset(want, 0xff, FLASH_SIZE);
    for (unsigned i = 1; i < header.region_count; i++)
        memcpy(want + header.regions[i].address,
               image + header.regions[i].address, header.regions[i].length);
    assert_memory_equal(flash, want, FLASH_SIZE);
    free(want);
}

static void assert_makes_the_regions(struct dfota_view file, size_t piece_size)
{
    struct mini_bench bench = {.flash = malloc(FLASH_SIZE),
                               .piece_size = piece_size};

    assert_non_null(bench.flash);
    memset(bench.flash, 0xff, FLASH_SIZE);
    assert_int_equal(prove(file, &bench), DFOTA_OK);
    assert_flash(bench.flash);
    free(bench.flash);
}

static void makes_the_regions_from_pieces_of_any_size(void **state)
{
    static const size_t pieces[] = {1, 2, 3, 7, 16, 17, 4096, 1 << 20};
    static const struct dfota_encoder *const *const encoders[] = {both, mixed};

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        const struct dfota_mini_frame_options options = {encoders[k], NO_BUDGET,
                                                         0, 0};
        struct dfota_buffer file = write_second(&options);

        assert_true(file.size < header.regions[1].length);
        for (size_t i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++)
            assert_makes_the_regions(dfota_buffer_view(&file), pieces[i]);
        dfota_buffer_free(&file);
    }
}

static void makes_the_regions_from_frames_of_any_size(void **state)
{
    static const uint32_t sizes[] = {999, 4095, 4096, 4097, 10000, 65535};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        const struct dfota_mini_frame_options options = {
            i % 2 == 0 ? zlib_alone : mixed, NO_BUDGET, sizes[i], 0};
        struct dfota_buffer file = write_second(&options);

        assert_makes_the_regions(dfota_buffer_view(&file), 1500);
        dfota_buffer_free(&file);
    }
}

/* Frame `index` of 16 KiB has been written, or is erased. */
static void assert_frame(const uint8_t *flash, uint32_t index, bool written)
{
    struct dfota_mini_place place;

    dfota_mini_find_place(&header, 16 * KIB, index, &place);
    if (written)
        assert_memory_equal(flash + place.address, image + place.address,
                            place.size);
    for (uint32_t i = 0; !written && i < place.size; i++)
        assert_int_equal(flash[place.address + i], 0xff);
}

static void goes_on_at_every_frame(void **state)
{
    const struct dfota_mini_frame_options options = {both, NO_BUDGET, 16 * KIB,
                                                     0};
    struct dfota_buffer file = write_second(&options);
    struct mini_bench whole = {.flash = malloc(FLASH_SIZE), .piece_size = 700};

    (void)state;
    assert_non_null(whole.flash);
    assert_int_equal(prove(dfota_buffer_view(&file), &whole), DFOTA_OK);
    assert_int_equal(whole.done_count, 10 + 8);
    for (unsigned i = 0; i < whole.done_count; i++) {
        struct mini_bench rest = {.flash = whole.flash,
                                  .from = &whole.done[i],
                                  .skips = true,
                                  .piece_size = 1000};

        memset(rest.flash, 0xff, FLASH_SIZE);
        assert_int_equal(prove(dfota_buffer_view(&file), &rest), DFOTA_OK);
        assert_int_equal(rest.done_count, whole.done_count - i - 1);
        for (uint32_t frame = 0; frame < whole.done_count; frame++)
            assert_frame(rest.flash, frame, frame > i);
    }
    free(whole.flash);
    dfota_buffer_free(&file);
}

static void gives_the_same_bytes_for_any_number_of_threads(void **state)
{
    const struct dfota_mini_frame_options one = {both, NO_BUDGET, 20000, 1};
    struct dfota_buffer want = write_second(&one);

    (void)state;
    for (unsigned threads = 2; threads < 6; threads++) {
        const struct dfota_mini_frame_options options = {both, NO_BUDGET, 20000,
                                                         threads};
        struct dfota_buffer file = write_second(&options);

        assert_int_equal(file.size, want.size);
        assert_memory_equal(file.data, want.data, want.size);
        dfota_buffer_free(&file);
    }
    dfota_buffer_free(&want);
}

static void stores_what_does_not_become_smaller(void **state)
{
    const struct dfota_mini_frame_options options = {both, NO_BUDGET, 10 * KIB,
                                                     0};
    struct dfota_buffer file = write_second(&options);
    struct dfota_mini_frames frames;

    (void)state;
    header.second_size = (uint32_t)file.size;
    assert_int_equal(dfota_mini_check_frames(&header, dfota_buffer_view(&file),
                                             &frames, &fault),
                     DFOTA_OK);
    assert_in_range(frames.codec_count[DFOTA_CODEC_ID_STORED], 1, 20);
    assert_in_range(frames.codec_count[DFOTA_CODEC_ID_LZMA], 1, 20);
    assert_int_equal(frames.frame_count, 16 + 13);
    assert_int_equal(frames.raw_size, 150 * KIB + 1 + 128 * KIB);
    assert_int_equal(frames.coded_size + 44 + frames.frame_count * 24,
                     file.size);
    dfota_buffer_free(&file);
}

/* In memory that grows. */
static void assert_keeps_to_memory(const struct dfota_encoder *const *encoders,
                                   const uint32_t *budgets, size_t count)
{
    uint64_t before = UINT64_MAX;

    for (size_t i = 0; i < count; i++) {
        const struct dfota_mini_frame_options options = {encoders, budgets[i],
                                                         0, 0};
        struct dfota_buffer file = write_second(&options);
        struct dfota_mini_frames frames;

        header.second_size = (uint32_t)file.size;
        assert_int_equal(dfota_mini_check_frames(&header,
                                                 dfota_buffer_view(&file),
                                                 &frames, &fault),
                         DFOTA_OK);
        assert_true(frames.ram <= budgets[i]);
        /* More memory pays, but for a few bytes. */
        assert_true(before == UINT64_MAX ||
                    frames.coded_size <= before + before / 200);
        before = frames.coded_size;
        assert_makes_the_regions(dfota_buffer_view(&file), 4096);
        dfota_buffer_free(&file);
    }
}

static void keeps_to_the_memory_of_the_module(void **state)
{
    static const uint32_t budgets[] = {
        4 * KIB,  16 * KIB + 511, 16 * KIB + 512, 20 * KIB,  48 * KIB - 1,
        48 * KIB, 50 * KIB,       64 * KIB,       108 * KIB, 1024 * KIB};
    static const uint32_t mixed_budgets[] = {95 * KIB - 1, 95 * KIB, 110 * KIB,
                                             150 * KIB - 1, 150 * KIB};

    (void)state;
    assert_keeps_to_memory(both, budgets, sizeof(budgets) / sizeof(budgets[0]));
    assert_keeps_to_memory(mixed, mixed_budgets,
                           sizeof(mixed_budgets) / sizeof(mixed_budgets[0]));
}

static void needs_no_library_unless_told_to(void **state)
{
    const struct dfota_mini_frame_options options = {mixed, NO_BUDGET, 0, 0};
    const struct dfota_mini_frame_options others = {both, NO_BUDGET, 0, 0};
    struct dfota_buffer file = write_second(&options);
    struct dfota_buffer other = write_second(&others);
    struct dfota_mini_frames frames;

    (void)state;
    header.second_size = (uint32_t)file.size;
    assert_int_equal(dfota_mini_check_frames(&header, dfota_buffer_view(&file),
                                             &frames, &fault),
                     DFOTA_OK);
    assert_in_range(frames.codec_count[DFOTA_CODEC_ID_STORED], 1, 2);
    assert_in_range(frames.codec_count[DFOTA_CODEC_ID_MIXED], 3, 4);
    assert_int_equal(frames.codec_count[DFOTA_CODEC_ID_ZLIB], 0);
    assert_int_equal(frames.codec_count[DFOTA_CODEC_ID_LZMA], 0);
    assert_int_equal(frames.ram, 150 * KIB);
    assert_true(file.size < other.size + other.size / 32);
    dfota_buffer_free(&other);
    dfota_buffer_free(&file);
}

/* Without encoders the file is the one that the tests make by hand. */
static void writes_the_file_made_by_hand(void **state)
{
    const struct dfota_mini_frame_options options = {none, 4096,
                                                     MINI_FRAME_SIZE, 0};
    struct mini_example_flash flash = mini_example_flash();
    const struct dfota_view views[2] = {{flash.new, 40}, {flash.new + 300, 37}};
    struct mini_example example = mini_example_build();
    struct dfota_mini_header read;
    struct dfota_buffer out = {0};

    (void)state;
    assert_int_equal(dfota_mini_read_header(example.first.data,
                                            example.first.size, &read, NULL),
                     DFOTA_OK);
    dfota_buffer_add(&out, "x", 1);
    assert_int_equal(
        dfota_mini_write_second(&read, views, &options, &out, &fault),
        DFOTA_OK);
    assert_int_equal(out.size, 1 + MINI_SECOND_SIZE);
    assert_memory_equal(out.data + 1, example.second.data, MINI_SECOND_SIZE);
    dfota_buffer_free(&out);
    mini_example_free(&example);
}

static void writes_a_file_without_frames(void **state)
{
    const struct dfota_mini_frame_options options = {both, NO_BUDGET, 0, 0};
    struct dfota_mini_header alone = header;
    struct dfota_buffer out = {0};
    struct mini_bench bench = {
        .header = &alone, .codecs = codecs, .piece_size = 11};

    (void)state;
    alone.region_count = 1;
    alone.second_size = 44;
    assert_int_equal(
        dfota_mini_write_second(&alone, NULL, &options, &out, &fault),
        DFOTA_OK);
    assert_int_equal(out.size, 44);
    bench.second = dfota_buffer_view(&out);
    assert_int_equal(mini_bench_run(&bench, &fault), DFOTA_OK);
    assert_int_equal(bench.calls, 0);
    dfota_buffer_free(&out);
}

static void assert_not_written(const struct dfota_view *views,
                               const struct dfota_mini_frame_options *options,
                               enum dfota_error want, const char *rule)
{
    struct dfota_buffer out = {.limit = 1000};

    dfota_buffer_add(&out, "abc", 3);
    memset(&fault, 0, sizeof(fault));
    assert_int_equal(
        dfota_mini_write_second(&header, views, options, &out, &fault), want);
    if (rule != NULL)
        assert_string_equal(fault.rule, rule);
    assert_int_equal(out.size, 3);
    assert_memory_equal(out.data, "abc", 3);
    dfota_buffer_free(&out);
}

static void refuses_what_cannot_be_written(void **state)
{
    const struct dfota_mini_frame_options little = {both, 4095, 0, 0};
    const struct dfota_mini_frame_options large = {both, NO_BUDGET, 65537, 0};
    const struct dfota_mini_frame_options fine = {none, NO_BUDGET, 0, 0};
    struct dfota_view views[2] = {apps[0], apps[1]};

    (void)state;
    assert_not_written(apps, &little, DFOTA_ERR_LIMIT, "MAKE-5");
    assert_not_written(apps, &large, DFOTA_ERR_USAGE, NULL);
    assert_not_written(apps, &fine, DFOTA_ERR_LIMIT, NULL); /* of `out` */
    views[1].size--;
    assert_not_written(views, &fine, DFOTA_ERR_USAGE, NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_the_regions_from_pieces_of_any_size),
        cmocka_unit_test(makes_the_regions_from_frames_of_any_size),
        cmocka_unit_test(goes_on_at_every_frame),
        cmocka_unit_test(gives_the_same_bytes_for_any_number_of_threads),
        cmocka_unit_test(stores_what_does_not_become_smaller),
        cmocka_unit_test(keeps_to_the_memory_of_the_module),
        cmocka_unit_test(needs_no_library_unless_told_to),
        cmocka_unit_test(writes_the_file_made_by_hand),
        cmocka_unit_test(writes_a_file_without_frames),
        cmocka_unit_test(refuses_what_cannot_be_written),
    };

    return cmocka_run_group_tests(tests, build, NULL);
}
