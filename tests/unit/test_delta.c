/* SPDX-License-Identifier: MIT */
/* the generator: whatever it makes, the applier makes the new image from */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "jobs/codecs.h"
#include "jobs/trial.h"
#include "lib/base/digest.h"
#include "lib/delta/delta.h"
#include "tests/support/image_pair.h"

#define KIB      1024u /* bytes */
#define RAM      (256 * KIB)
#define RUN      ((size_t)1 << 20) /* bytes of a long run */
#define HEAD_MAX 135               /* bytes of a delta before its streams */

static const struct dfota_progress quiet = {NULL, NULL};
static struct dfota_fault fault;

static enum dfota_error write_delta(const struct image_pair *pair,
                                    const struct dfota_encode_options *options,
                                    struct dfota_buffer *out)
{
    struct dfota_digests old;
    struct dfota_digests new;
    const struct dfota_images images = {
        {dfota_buffer_view(&pair->old), &old},
        {dfota_buffer_view(&pair->new), &new},
    };
    struct dfota_buffer copies = {0};
    enum dfota_error err;

    memset(&fault, 0, sizeof(fault));
    dfota_digest(pair->old.data, pair->old.size, &old, NULL);
    dfota_digest(pair->new.data, pair->new.size, &new, NULL);
    assert_int_equal(dfota_delta_find_copies(images.old.bytes, images.new.bytes,
                                             &quiet, &copies, &fault),
                     DFOTA_OK);
    err = dfota_delta_write(&images, dfota_buffer_view(&copies), options, out,
                            &fault);
    dfota_buffer_free(&copies);
    return err;
}

static enum dfota_error write_new(void *context, const void *bytes, size_t size,
                                  struct dfota_fault *unused)
{
    (void)unused;
    dfota_buffer_add(context, bytes, size);
    return DFOTA_OK;
}

/* The applier gets no more memory than the delta asks for. */
static void assert_applies(const struct image_pair *pair,
                           const struct dfota_buffer *delta)
{
    struct dfota_buffer made = {0};
    const struct dfota_sink sink = {write_new, &made};
    struct dfota_digests digests;

    assert_int_equal(dfota_trial_apply(dfota_buffer_view(delta),
                                       dfota_buffer_view(&pair->old), &sink,
                                       &digests, &fault),
                     DFOTA_OK);
    assert_int_equal(made.size, pair->new.size);
    assert_int_equal(digests.size, pair->new.size);
    if (made.size > 0)
        assert_memory_equal(made.data, pair->new.data, made.size);
    dfota_buffer_free(&made);
}

/* Makes a delta, applies it, and returns its header. */
static struct dfota_delta_header
assert_round_trip(const struct image_pair *pair, enum dfota_codec_choice codec,
                  uint32_t ram)
{
    const struct dfota_encode_options options = {dfota_encoders(codec), ram, 2};
    struct dfota_delta_header header;
    struct dfota_buffer delta = {0};

    assert_int_equal(write_delta(pair, &options, &delta), DFOTA_OK);
    assert_int_equal(
        dfota_trial_header(dfota_buffer_view(&delta), &header, &fault),
        DFOTA_OK);
    assert_in_range(header.ram, 4096, ram);
    assert_int_equal(header.old_size, pair->old.size);
    assert_int_equal(header.new_size, pair->new.size);
    assert_applies(pair, &delta);
    dfota_buffer_free(&delta);
    return header;
}

static size_t coded_size(const struct dfota_delta_header *header)
{
    size_t size = header->head_size;

    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        size += header->streams[i].coded_size;
    return size;
}

static void makes_every_image_again_with_every_codec(void **state)
{
    static const enum dfota_codec_choice choices[] = {
        DFOTA_CODEC_STORED, DFOTA_CODEC_ZLIB, DFOTA_CODEC_LZMA};

    (void)state;
    for (enum image_kind kind = 0; kind < IMAGE_KINDS; kind++) {
        struct image_pair pair = image_pair_make(kind, 17);

        for (unsigned i = 0; i < 3; i++) {
            struct dfota_delta_header header =
                assert_round_trip(&pair, choices[i], RAM);

            for (unsigned j = 0; j < DFOTA_STREAM_COUNT; j++)
                assert_true(header.streams[j].codec == DFOTA_CODEC_ID_STORED ||
                            header.streams[j].codec + 1u == choices[i]);
        }
        image_pair_free(&pair);
    }
}

/* Among the sizes around which the applier's chunks and words are cut. */
static void makes_images_of_every_small_size_again(void **state)
{
    uint32_t seed = 4;

    (void)state;
    for (int round = 0; round < 400; round++) {
        struct image_pair pair = {{0}, {0}};
        uint32_t alphabet = 1 + random_below(&seed, 5);

        image_add_random(&pair.old, &seed, random_below(&seed, 40), alphabet);
        if (round % 2 == 0)
            image_add_random(&pair.new, &seed, random_below(&seed, 40),
                             alphabet);
        else
            image_add_edited(&pair.new, &seed, dfota_buffer_view(&pair.old), 2);
        assert_round_trip(&pair, DFOTA_CODEC_STORED, RAM);
        image_pair_free(&pair);
    }
}

static void keeps_within_the_ram_of_the_module(void **state)
{
    static const enum image_kind kinds[] = {BOTH_EMPTY, EDITED_NOISE,
                                            SHIFTED_ADDRESSES, UNRELATED};
    static const uint32_t budgets[] = {
        4096,      4097,      8 * KIB,   16 * KIB,  16 * KIB + 511,
        17 * KIB,  32 * KIB,  48 * KIB,  64 * KIB,  100000,
        128 * KIB, 256 * KIB, 512 * KIB, 1024 * KIB};

    (void)state;
    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct image_pair pair = image_pair_make(kinds[i], 3);

        for (unsigned j = 0; j < sizeof(budgets) / sizeof(budgets[0]); j++)
            assert_round_trip(&pair, DFOTA_CODEC_AUTO, budgets[j]);
        image_pair_free(&pair);
    }
}

static void refuses_less_ram_than_any_applier_needs(void **state)
{
    static const uint32_t budgets[] = {0, 1, 4095};
    struct image_pair pair = image_pair_make(EDITED_CODE, 3);

    (void)state;
    for (unsigned i = 0; i < sizeof(budgets) / sizeof(budgets[0]); i++) {
        const struct dfota_encode_options options = {
            dfota_encoders(DFOTA_CODEC_AUTO), budgets[i], 1};
        struct dfota_buffer delta = {0};

        assert_int_equal(write_delta(&pair, &options, &delta), DFOTA_ERR_LIMIT);
        assert_int_equal(fault.error, DFOTA_ERR_LIMIT);
        assert_string_equal(fault.rule, "MAKE-5");
        assert_int_equal(fault.offset, DFOTA_NO_OFFSET);
        assert_int_equal(delta.size, 0);
        assert_null(delta.data);
    }
    image_pair_free(&pair);
}

static void writes_the_same_bytes_on_any_number_of_threads(void **state)
{
    static const unsigned threads[] = {2, 5, 0};

    (void)state;
    for (enum image_kind kind = 0; kind < IMAGE_KINDS; kind++) {
        struct image_pair pair = image_pair_make(kind, 8);
        struct dfota_encode_options options = {dfota_encoders(DFOTA_CODEC_AUTO),
                                               RAM, 1};
        struct dfota_buffer first = {0};

        assert_int_equal(write_delta(&pair, &options, &first), DFOTA_OK);
        for (unsigned i = 0; i < 3; i++) {
            struct dfota_buffer again = {0};

            options.threads = threads[i];
            assert_int_equal(write_delta(&pair, &options, &again), DFOTA_OK);
            assert_int_equal(again.size, first.size);
            assert_memory_equal(again.data, first.data, first.size);
            dfota_buffer_free(&again);
        }
        dfota_buffer_free(&first);
        image_pair_free(&pair);
    }
}

static void appends_to_what_the_buffer_holds(void **state)
{
    struct image_pair pair = image_pair_make(EDITED_CODE, 3);
    const struct dfota_encode_options options = {
        dfota_encoders(DFOTA_CODEC_ZLIB), RAM, 1};
    struct dfota_buffer alone = {0};
    struct dfota_buffer behind = {0};

    (void)state;
    dfota_buffer_add(&behind, "before", 6);
    assert_int_equal(write_delta(&pair, &options, &alone), DFOTA_OK);
    assert_int_equal(write_delta(&pair, &options, &behind), DFOTA_OK);
    assert_int_equal(behind.size, 6 + alone.size);
    assert_memory_equal(behind.data, "before", 6);
    assert_memory_equal(behind.data + 6, alone.data, alone.size);
    dfota_buffer_free(&behind);
    dfota_buffer_free(&alone);
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
        {EDITED_NOISE, 3000}, {NEW_MUCH_LARGER, 12000},
    };

    (void)state;
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct image_pair pair = image_pair_make(cases[i].kind, 21);
        struct dfota_delta_header header =
            assert_round_trip(&pair, DFOTA_CODEC_AUTO, RAM);

        assert_in_range(coded_size(&header), 0, HEAD_MAX + cases[i].most);
        image_pair_free(&pair);
    }
}

/* Addresses that all moved by one distance are one difference for words. */
static void adds_words_where_addresses_moved(void **state)
{
    struct image_pair pair = image_pair_make(SHIFTED_ADDRESSES, 2);
    struct dfota_delta_header header =
        assert_round_trip(&pair, DFOTA_CODEC_AUTO, RAM);

    (void)state;
    assert_int_equal(header.unit, 4);
    image_pair_free(&pair);
}

/* Where everything matches everywhere, time could grow with the square. */
static void makes_long_runs_again(void **state)
{
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
        header = assert_round_trip(&pair, DFOTA_CODEC_AUTO, RAM);
        assert_in_range(coded_size(&header), 0, HEAD_MAX + 50 + 40 * changes);
        image_pair_free(&pair);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_every_image_again_with_every_codec),
        cmocka_unit_test(makes_images_of_every_small_size_again),
        cmocka_unit_test(keeps_within_the_ram_of_the_module),
        cmocka_unit_test(refuses_less_ram_than_any_applier_needs),
        cmocka_unit_test(writes_the_same_bytes_on_any_number_of_threads),
        cmocka_unit_test(appends_to_what_the_buffer_holds),
        cmocka_unit_test(saves_what_can_be_saved),
        cmocka_unit_test(adds_words_where_addresses_moved),
        cmocka_unit_test(makes_long_runs_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
