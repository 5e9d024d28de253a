/* SPDX-License-Identifier: MIT */
/* what the generator chooses to predict, and that the applier predicts it */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "jobs/codecs.h"
#include "jobs/trial.h"
#include "lib/base/file.h"
#include "lib/delta/delta.h"
#include "tests/support/foresee_check.h"
#include "tests/support/program.h"

#define MAP_MEMORY ((size_t)1 << 16) /* bytes; enough for all copies here */
#define IMAGE_MAX  ((size_t)1 << 20) /* bytes of a real image */

/* A program whose difference all comes of `kinds`, which are chosen. */
static void assert_foreseen(const struct program *program, unsigned kinds)
{
    struct subject subject = subject_of(program_make(program));
    struct dfota_foresight foresight = foresee(&subject, MAP_MEMORY, 2);
    size_t before = difference_size(&subject, NULL);
    size_t after = difference_size(&subject, &foresight);

    assert_int_equal(foresight.prediction.kinds, kinds);
    assert_in_range(before, 1000, SIZE_MAX);
    assert_in_range(after, 0, before / 20);
    assert_applies(&subject, &foresight, 1);
    assert_applies(&subject, &foresight, 4);
    dfota_foresight_free(&foresight);
    subject_free(&subject);
}

static void finds_the_load_address(void **state)
{
    static const uint32_t bases[] = {0,          0x08020000, 0x08000000,
                                     0x00004321, 0xfffc0000, 0x7ffff000,
                                     0x24000200};

    (void)state;
    for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
        const struct program program = {
            .kind = PROGRAM_DATA, .base_count = 1, .bases = {bases[i]}};

        assert_foreseen(&program, DFOTA_PREDICT_POINTERS);
    }
}

static void finds_several_load_addresses(void **state)
{
    const struct program program = {
        .kind = PROGRAM_DATA,
        .base_count = DFOTA_PREDICT_BASES,
        .bases = {0x08020000, 0x10000000, 0x20000800, 0xc0000000}};
    struct subject subject = subject_of(program_make(&program));
    struct dfota_foresight foresight = foresee(&subject, MAP_MEMORY, 2);

    (void)state;
    assert_int_equal(foresight.prediction.base_count, DFOTA_PREDICT_BASES);
    dfota_foresight_free(&foresight);
    subject_free(&subject);
    assert_foreseen(&program, DFOTA_PREDICT_POINTERS);
}

/* The four that say most are kept. */
static void takes_no_more_load_addresses_than_there_is_room_for(void **state)
{
    const struct program program = {.kind = PROGRAM_DATA,
                                    .base_count = PROGRAM_BASES,
                                    .bases = {0x08020000, 0x10000000,
                                              0x20000800, 0xc0000000,
                                              0x60000000, 0x70000000}};
    struct subject subject = subject_of(program_make(&program));
    struct dfota_foresight foresight = foresee(&subject, MAP_MEMORY, 2);

    (void)state;
    assert_int_equal(foresight.prediction.base_count, DFOTA_PREDICT_BASES);
    assert_in_range(difference_size(&subject, &foresight), 1,
                    difference_size(&subject, NULL) / 2);
    assert_applies(&subject, &foresight, 1);
    dfota_foresight_free(&foresight);
    subject_free(&subject);
}

static void finds_the_kind_of_branches(void **state)
{
    struct program program = {.kind = PROGRAM_T32, .calls = true};

    (void)state;
    assert_foreseen(&program, DFOTA_PREDICT_T32);
    program.kind = PROGRAM_A32;
    assert_foreseen(&program, DFOTA_PREDICT_A32);
    program.kind = PROGRAM_A64;
    assert_foreseen(&program, DFOTA_PREDICT_A64);
}

static void finds_branches_and_pointers_together(void **state)
{
    struct program program = {.kind = PROGRAM_T32,
                              .base_count = 1,
                              .bases = {0x08020000},
                              .calls = true};

    (void)state;
    assert_foreseen(&program, DFOTA_PREDICT_T32 | DFOTA_PREDICT_POINTERS);
    program.kind = PROGRAM_A64;
    assert_foreseen(&program, DFOTA_PREDICT_A64 | DFOTA_PREDICT_POINTERS);
}

static void chooses_nothing_where_there_is_nothing(void **state)
{
    static const enum image_kind kinds[] = {
        BOTH_EMPTY, OLD_EMPTY, NEW_EMPTY,    ONE_BYTE,
        IDENTICAL,  UNRELATED, EDITED_NOISE, SWAPPED_HALVES};

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct subject subject = subject_of(image_pair_make(kinds[i], 3));
        struct dfota_foresight foresight = foresee(&subject, MAP_MEMORY, 2);

        assert_int_equal(foresight.prediction.kinds, 0);
        assert_int_equal(foresight.prediction.map_count, 0);
        assert_int_equal(foresight.prediction.base_count, 0);
        assert_null(foresight.map.data);
        subject_free(&subject);
    }
}

/* The map of all copies of at least `length` bytes, and any kinds. */
static struct dfota_foresight forced(const struct subject *subject,
                                     uint32_t length, uint8_t kinds)
{
    struct dfota_foresight foresight = {
        .prediction = {.kinds = kinds,
                       .map_length = length,
                       .base_count = 2,
                       .bases = {0x08000000, 0xe1000000}}};
    struct dfota_predictor predictor;

    for (size_t i = 0; i < subject->plan.copy_count; i++) {
        const struct dfota_copy *copy = &subject->plan.copies[i];
        const struct dfota_map_entry entry = {copy->old_pos, copy->length,
                                              copy->new_pos - copy->old_pos};

        if (copy->length < length)
            continue;
        dfota_buffer_add(&foresight.map, &entry, sizeof(entry));
        foresight.prediction.map_count++;
    }
    predictor = dfota_foresight_predictor(&foresight, 0);
    dfota_map_sort(&predictor.map);
    return foresight;
}

/* Of code for another processor, or of no code at all: it only costs bytes. */
static void applies_whatever_is_foreseen(void **state)
{
    (void)state;
    for (enum image_kind kind = 0; kind < IMAGE_KINDS; kind++) {
        struct subject subject = subject_of(image_pair_make(kind, 9));

        for (uint8_t kinds = 1; kinds <= DFOTA_PREDICT_ALL; kinds++) {
            uint32_t length = kinds * 7u % 50;
            struct dfota_foresight foresight = forced(&subject, length, kinds);

            if (kind % 4 == kinds % 4u) /* a fourth of them all */
                assert_applies(&subject, &foresight, kinds % 8 < 4 ? 1 : 4);
            dfota_foresight_free(&foresight);
        }
        subject_free(&subject);
    }
}

static void chooses_the_same_on_any_number_of_threads(void **state)
{
    static const unsigned threads[] = {2, 5, 0};
    const struct program program = {.kind = PROGRAM_T32,
                                    .base_count = 2,
                                    .bases = {0x08020000, 0x20000800},
                                    .calls = true};
    struct subject subject = subject_of(program_make(&program));
    struct dfota_foresight first = foresee(&subject, MAP_MEMORY, 1);

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct dfota_foresight again =
            foresee(&subject, MAP_MEMORY, threads[i]);

        assert_memory_equal(&again.prediction, &first.prediction,
                            sizeof(first.prediction));
        assert_int_equal(again.map.size, first.map.size);
        assert_memory_equal(again.map.data, first.map.data, first.map.size);
        dfota_foresight_free(&again);
    }
    dfota_foresight_free(&first);
    subject_free(&subject);
}

/* However little memory, the longest copies of those that fit are the map. */
static void keeps_the_map_within_its_memory(void **state)
{
    static const size_t limits[] = {0, 1, 11, 12, 40, 100, 200, MAP_MEMORY};
    const struct program program = {.kind = PROGRAM_A32, .calls = true};
    struct subject subject = subject_of(program_make(&program));

    (void)state;
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        struct dfota_foresight foresight = foresee(&subject, limits[i], 2);
        uint32_t count = foresight.prediction.map_count;
        uint32_t long_enough = 0;

        for (size_t j = 0; j < subject.plan.copy_count; j++)
            long_enough += subject.plan.copies[j].length >=
                           foresight.prediction.map_length;
        assert_in_range(count * ENTRY_BYTES, 0, limits[i]);
        assert_int_equal(foresight.map.size, count * ENTRY_BYTES);
        if (foresight.prediction.kinds != 0)
            assert_int_equal(count, long_enough);
        assert_applies(&subject, &foresight, 4);
        dfota_foresight_free(&foresight);
    }
    subject_free(&subject);
}

static enum dfota_error write_new(void *context, const void *bytes, size_t size,
                                  struct dfota_fault *unused)
{
    (void)unused;
    dfota_buffer_add(context, bytes, size);
    return DFOTA_OK;
}

/* The generator's own delta, coded, with its own choice. */
static void assert_round_trip(const struct subject *subject, uint32_t ram)
{
    const struct dfota_encode_options options = {
        dfota_encoders(DFOTA_CODEC_AUTO), ram, 2};
    struct dfota_digests old;
    struct dfota_digests new;
    struct dfota_digests digests;
    const struct dfota_images images = {{subject->plan.old, &old},
                                        {subject->plan.new, &new}};
    struct dfota_buffer delta = {0};
    struct dfota_buffer made = {0};
    const struct dfota_sink sink = {write_new, &made};

    dfota_digest(images.old.bytes.data, images.old.bytes.size, &old, NULL);
    dfota_digest(images.new.bytes.data, images.new.bytes.size, &new, NULL);
    assert_int_equal(dfota_delta_write(&images,
                                       dfota_buffer_view(&subject->copies),
                                       &options, &delta, NULL),
                     DFOTA_OK);
    assert_int_equal(dfota_trial_apply(dfota_buffer_view(&delta),
                                       images.old.bytes, &sink, &digests, NULL),
                     DFOTA_OK);
    assert_int_equal(made.size, images.new.bytes.size);
    if (made.size > 0)
        assert_memory_equal(made.data, images.new.bytes.data, made.size);
    dfota_buffer_free(&made);
    dfota_buffer_free(&delta);
}

/* The smallest memory has no room for a map, whatever it would save. */
static void makes_programs_again_in_any_memory(void **state)
{
    struct program program = {
        .base_count = 2, .bases = {0x08020000, 0x20000800}, .calls = true};

    (void)state;
    for (program.kind = PROGRAM_T32; program.kind <= PROGRAM_A64;
         program.kind++) {
        struct subject subject = subject_of(program_make(&program));

        assert_round_trip(&subject, 4096);
        assert_round_trip(&subject, 4096 + 64);
        assert_round_trip(&subject, 5000);
        assert_round_trip(&subject, (uint32_t)256 << 10);
        subject_free(&subject);
    }
}

static void makes_real_images_again(void **state)
{
    static const char *const names[] = {
        "micropython-armv6m", "micropython-armv7m", "tfa-stm32mp1-armv7a",
        "tfa-sun50i-arm64"};
    static const uint8_t kinds[] = {55, 5, 13, 63};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct image_pair pair = {{0}, {0}};
        char path[4096];
        struct subject subject;

        snprintf(path, sizeof(path), "%s/pairs/%s/old", getenv("TESTDATA"),
                 names[i]);
        assert_int_equal(dfota_file_read(path, IMAGE_MAX, &pair.old, NULL),
                         DFOTA_OK);
        snprintf(path, sizeof(path), "%s/pairs/%s/new", getenv("TESTDATA"),
                 names[i]);
        assert_int_equal(dfota_file_read(path, IMAGE_MAX, &pair.new, NULL),
                         DFOTA_OK);
        subject = subject_of(pair);
        assert_round_trip(&subject, (uint32_t)256 << 10);
        for (size_t j = 0; j < sizeof(kinds); j++) {
            struct dfota_foresight foresight = forced(&subject, 8, kinds[j]);

            assert_applies(&subject, &foresight, j % 2 ? 4 : 1);
            dfota_foresight_free(&foresight);
        }
        subject_free(&subject);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_load_address),
        cmocka_unit_test(finds_several_load_addresses),
        cmocka_unit_test(takes_no_more_load_addresses_than_there_is_room_for),
        cmocka_unit_test(finds_the_kind_of_branches),
        cmocka_unit_test(finds_branches_and_pointers_together),
        cmocka_unit_test(chooses_nothing_where_there_is_nothing),
        cmocka_unit_test(applies_whatever_is_foreseen),
        cmocka_unit_test(chooses_the_same_on_any_number_of_threads),
        cmocka_unit_test(keeps_the_map_within_its_memory),
        cmocka_unit_test(makes_programs_again_in_any_memory),
        cmocka_unit_test(makes_real_images_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
