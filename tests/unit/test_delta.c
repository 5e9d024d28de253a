/* SPDX-License-Identifier: MIT */
/* the generator: whatever it makes, the applier makes the new image from */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/fault.h"
#include "tests/support/delta_made.h"
#include "tests/support/plan_check.h"

#define KIB  ((uint32_t)1024) /* bytes */
#define RAM  (256 * KIB)
#define RUN  ((size_t)1 << 19) /* bytes of a long run */
#define HEAD 120               /* bytes of a delta before what is coded */

static const char *const names[] = {"micropython-armv6m", "micropython-armv7m",
                                    "tfa-stm32mp1-armv7a", "tfa-sun50i-arm64"};

#define NAMES (sizeof(names) / sizeof(names[0]))

static const enum dfota_codec_choice choices[] = {
    DFOTA_CODEC_AUTO, DFOTA_CODEC_STORED, DFOTA_CODEC_ZLIB, DFOTA_CODEC_LZMA,
    DFOTA_CODEC_MIXED};

#define CHOICES (sizeof(choices) / sizeof(choices[0]))

/* A stream is in the codec that was chosen, or stored where that is smaller. */
static void assert_chosen(const struct dfota_delta_header *header,
                          enum dfota_codec_choice choice)
{
    static const uint8_t ids[] = {[DFOTA_CODEC_STORED] = DFOTA_CODEC_ID_STORED,
                                  [DFOTA_CODEC_ZLIB] = DFOTA_CODEC_ID_ZLIB,
                                  [DFOTA_CODEC_LZMA] = DFOTA_CODEC_ID_LZMA};

    if (choice == DFOTA_CODEC_AUTO || choice == DFOTA_CODEC_MIXED)
        return;
    assert_int_equal(header->coding, DFOTA_CODING_ID_STREAMS);
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        if (header->streams[i].codec != DFOTA_CODEC_ID_STORED)
            assert_int_equal(header->streams[i].codec, ids[choice]);
}

static void makes_every_image_again_in_every_coding(void **state)
{
    (void)state;
    for (enum image_kind kind = 0; kind < IMAGE_KINDS; kind++) {
        struct image_pair pair = image_pair_make(kind, 17);

        for (size_t i = 0; i < CHOICES; i++) {
            const struct dfota_delta_options options =
                delta_options(choices[i], RAM);
            struct dfota_delta_header header;

            assert_round_trip(&pair, &options, &header);
            assert_chosen(&header, choices[i]);
        }
        image_pair_free(&pair);
    }
}

static void makes_real_images_again_in_every_coding(void **state)
{
    (void)state;
    for (size_t n = 0; n < NAMES; n++) {
        struct image_pair pair = testdata_pair(names[n]);

        for (size_t i = 0; i < CHOICES; i++) {
            const struct dfota_delta_options options =
                delta_options(choices[i], RAM);
            struct dfota_delta_header header;

            assert_round_trip(&pair, &options, &header);
            assert_chosen(&header, choices[i]);
        }
        image_pair_free(&pair);
    }
}

/* Among the sizes around which the applier's chunks and words are cut. */
static void makes_images_of_every_small_size_again(void **state)
{
    uint32_t seed = 4;

    (void)state;
    for (unsigned round = 0; round < 300; round++) {
        const struct dfota_delta_options options =
            delta_options(choices[round % CHOICES], RAM);
        struct image_pair pair = {{0}, {0}};
        struct dfota_delta_header header;
        uint32_t alphabet = 1 + random_below(&seed, 5);

        image_add_random(&pair.old, &seed, random_below(&seed, 40), alphabet);
        if (round % 2 == 0)
            image_add_random(&pair.new, &seed, random_below(&seed, 40),
                             alphabet);
        else
            image_add_edited(&pair.new, &seed, dfota_buffer_view(&pair.old), 2);
        assert_round_trip(&pair, &options, &header);
        image_pair_free(&pair);
    }
}

/* One byte in old, in new, or in both, the same or another one. */
static void makes_images_of_one_byte_again(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4 * CHOICES; i++) {
        const struct dfota_delta_options options =
            delta_options(choices[i / 4], RAM);
        struct image_pair pair = {{0}, {0}};
        struct dfota_delta_header header;

        if (i % 4 != 0)
            dfota_buffer_add(&pair.old, "a", 1);
        if (i % 4 != 1)
            dfota_buffer_add(&pair.new, i % 4 == 2 ? "a" : "b", 1);
        assert_round_trip(&pair, &options, &header);
        image_pair_free(&pair);
    }
}

static void makes_random_edits_again(void **state)
{
    uint32_t seed = 29;

    (void)state;
    for (unsigned round = 0; round < 20; round++) {
        const struct dfota_delta_options options = delta_options(
            DFOTA_CODEC_AUTO, 8 * KIB + random_below(&seed, 64 * KIB));
        struct image_pair pair = testdata_pair(names[2 + round % 2]);
        struct dfota_delta_header header;

        dfota_buffer_free(&pair.new);
        image_add_edited(&pair.new, &seed, dfota_buffer_view(&pair.old),
                         1 + random_below(&seed, 200));
        assert_round_trip(&pair, &options, &header);
        image_pair_free(&pair);
    }
}

static void keeps_within_the_ram_of_the_module(void **state)
{
    static const enum image_kind kinds[] = {BOTH_EMPTY, EDITED_NOISE,
                                            SHIFTED_ADDRESSES, UNRELATED};
    static const uint32_t budgets[] = {
        4096,     4097,     8 * KIB,  16 * KIB,  16 * KIB + 511,
        17 * KIB, 24 * KIB, 96 * KIB, 256 * KIB, 64 * KIB * KIB};

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct image_pair pair = image_pair_make(kinds[i], 3);

        for (size_t j = 0; j < sizeof(budgets) / sizeof(budgets[0]); j++) {
            const struct dfota_delta_options options =
                delta_options(DFOTA_CODEC_AUTO, budgets[j]);
            struct dfota_delta_header header;

            assert_round_trip(&pair, &options, &header);
        }
        image_pair_free(&pair);
    }
}

/* Of real images, more memory makes deltas smaller, or hardly larger. */
static void uses_the_ram_that_there_is(void **state)
{
    static const uint32_t budgets[] = {4096,     16 * KIB,  24 * KIB,
                                       96 * KIB, 256 * KIB, 64 * KIB * KIB};

    (void)state;
    for (size_t n = 0; n < NAMES; n++) {
        struct image_pair pair = testdata_pair(names[n]);
        size_t before = pair.new.size;

        for (size_t i = 0; i < sizeof(budgets) / sizeof(budgets[0]); i++) {
            const struct dfota_delta_options options =
                delta_options(DFOTA_CODEC_AUTO, budgets[i]);
            struct dfota_delta_header header;
            size_t size = assert_round_trip(&pair, &options, &header);

            assert_in_range(size, 1000, before + before / 50);
            before = size;
        }
        image_pair_free(&pair);
    }
}

static void is_smallest_mixed(void **state)
{
    (void)state;
    for (size_t n = 0; n < NAMES; n++) {
        struct image_pair pair = testdata_pair(names[n]);
        struct dfota_delta_options options =
            delta_options(DFOTA_CODEC_AUTO, RAM);
        struct dfota_delta_header header;
        size_t mixed = assert_round_trip(&pair, &options, &header);

        assert_int_equal(header.coding, DFOTA_CODING_ID_MIXED);
        options.mixed = false;
        assert_in_range(mixed, 1, assert_round_trip(&pair, &options, &header));
        assert_int_equal(header.coding, DFOTA_CODING_ID_STREAMS);
        image_pair_free(&pair);
    }
}

static void refuses_less_ram_than_any_applier_needs(void **state)
{
    static const uint32_t budgets[] = {0, 1, 4095};
    struct image_pair pair = image_pair_make(EDITED_CODE, 3);

    (void)state;
    for (size_t i = 0; i < CHOICES; i++)
        for (size_t j = 0; j < sizeof(budgets) / sizeof(budgets[0]); j++) {
            const struct dfota_delta_options options =
                delta_options(choices[i], budgets[j]);
            struct dfota_fault fault = {0};
            struct dfota_buffer delta = {0};

            assert_int_equal(delta_make(&pair, &options, &delta, &fault),
                             DFOTA_ERR_LIMIT);
            assert_int_equal(fault.error, DFOTA_ERR_LIMIT);
            assert_string_equal(fault.rule, "MAKE-5");
            assert_int_equal(fault.offset, DFOTA_NO_OFFSET);
            assert_int_equal(delta.size, 0);
            assert_null(delta.data);
        }
    image_pair_free(&pair);
}

static void assert_same_on_any_number_of_threads(const struct image_pair *pair)
{
    static const unsigned threads[] = {2, 3, 0};
    struct dfota_delta_options options = delta_options(DFOTA_CODEC_AUTO, RAM);
    struct dfota_buffer first = {0};

    options.threads = 1;
    assert_int_equal(delta_make(pair, &options, &first, NULL), DFOTA_OK);
    for (unsigned i = 0; i < 3; i++) {
        struct dfota_buffer again = {0};

        options.threads = threads[i];
        assert_int_equal(delta_make(pair, &options, &again, NULL), DFOTA_OK);
        assert_int_equal(again.size, first.size);
        assert_memory_equal(again.data, first.data, first.size);
        dfota_buffer_free(&again);
    }
    dfota_buffer_free(&first);
}

static void makes_the_same_bytes_on_any_number_of_threads(void **state)
{
    (void)state;
    for (enum image_kind kind = 0; kind < IMAGE_KINDS; kind++) {
        struct image_pair pair = image_pair_make(kind, 8);

        assert_same_on_any_number_of_threads(&pair);
        image_pair_free(&pair);
    }
    for (size_t n = 0; n < NAMES; n++) {
        struct image_pair pair = testdata_pair(names[n]);

        assert_same_on_any_number_of_threads(&pair);
        image_pair_free(&pair);
    }
}

static void appends_to_what_the_buffer_holds(void **state)
{
    struct image_pair pair = image_pair_make(EDITED_CODE, 3);

    (void)state;
    for (size_t i = 0; i < CHOICES; i++) {
        const struct dfota_delta_options options =
            delta_options(choices[i], RAM);
        struct dfota_buffer alone = {0};
        struct dfota_buffer behind = {0};

        dfota_buffer_add(&behind, "before", 6);
        assert_int_equal(delta_make(&pair, &options, &alone, NULL), DFOTA_OK);
        assert_int_equal(delta_make(&pair, &options, &behind, NULL), DFOTA_OK);
        assert_int_equal(behind.size, 6 + alone.size);
        assert_memory_equal(behind.data, "before", 6);
        assert_memory_equal(behind.data + 6, alone.data, alone.size);
        dfota_buffer_free(&behind);
        dfota_buffer_free(&alone);
    }
    image_pair_free(&pair);
}

/* What hardly differs hardly costs anything: not what it costs, but at most. */
static void saves_what_can_be_saved(void **state)
{
    static const struct {
        enum image_kind kind;
        size_t most; /* bytes beyond the head */
    } cases[] = {
        {BOTH_EMPTY, 0},      {NEW_EMPTY, 0},           {IDENTICAL, 20},
        {SWAPPED_HALVES, 40}, {OLD_MUCH_LARGER, 20},    {UNRELATED, 6200},
        {EDITED_NOISE, 2000}, {NEW_MUCH_LARGER, 11000},
    };
    const struct dfota_delta_options options =
        delta_options(DFOTA_CODEC_AUTO, RAM);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct image_pair pair = image_pair_make(cases[i].kind, 21);
        struct dfota_delta_header header;
        size_t size = assert_round_trip(&pair, &options, &header);

        assert_in_range(size, 1, HEAD + cases[i].most);
        image_pair_free(&pair);
    }
}

/* Where everything matches everywhere, time could grow with the square. */
static void makes_long_runs_again(void **state)
{
    const struct dfota_delta_options options =
        delta_options(DFOTA_CODEC_AUTO, RAM);

    (void)state;
    for (unsigned changes = 0; changes <= 64; changes += 32) {
        struct image_pair pair = {{0}, {0}};
        uint32_t seed = 11;
        uint8_t *old = dfota_buffer_reserve(&pair.old, RUN);
        uint8_t *new = dfota_buffer_reserve(&pair.new, RUN);
        struct dfota_delta_header header;

        assert_non_null(old);
        assert_non_null(new);
        pair.old.size = RUN - 5;
        pair.new.size = RUN;
        memset(old, 0xff, RUN);
        memset(new, 0xff, RUN);
        for (unsigned i = 0; i < changes; i++) {
            old[random_below(&seed, RUN - 5)] = (uint8_t)i;
            new[random_below(&seed, RUN)] = (uint8_t)i;
        }
        assert_in_range(assert_round_trip(&pair, &options, &header), 1,
                        HEAD + 50 + 40 * changes);
        image_pair_free(&pair);
    }
}

/* Code and literals together, and bytes without order between them. */
static void cuts_compressed_parts_out_of_code(void **state)
{
    const struct dfota_delta_options options =
        delta_options(DFOTA_CODEC_AUTO, RAM);
    struct image_pair pair = testdata_pair(names[2]);
    struct dfota_delta_header header;
    uint32_t seed = 31;
    size_t without;
    size_t with;

    (void)state;
    without = assert_round_trip(&pair, &options, &header);
    image_add_random(&pair.new, &seed, 40000, 256);
    with = assert_round_trip(&pair, &options, &header);
    assert_in_range(with - without, 40000, 40200);
    image_pair_free(&pair);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_every_image_again_in_every_coding),
        cmocka_unit_test(makes_real_images_again_in_every_coding),
        cmocka_unit_test(makes_images_of_every_small_size_again),
        cmocka_unit_test(makes_images_of_one_byte_again),
        cmocka_unit_test(makes_random_edits_again),
        cmocka_unit_test(keeps_within_the_ram_of_the_module),
        cmocka_unit_test(uses_the_ram_that_there_is),
        cmocka_unit_test(is_smallest_mixed),
        cmocka_unit_test(refuses_less_ram_than_any_applier_needs),
        cmocka_unit_test(makes_the_same_bytes_on_any_number_of_threads),
        cmocka_unit_test(appends_to_what_the_buffer_holds),
        cmocka_unit_test(saves_what_can_be_saved),
        cmocka_unit_test(makes_long_runs_again),
        cmocka_unit_test(cuts_compressed_parts_out_of_code),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
