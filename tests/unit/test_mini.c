/* SPDX-License-Identifier: MIT */
/* both files as a host reads them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/mini.h"
#include "tests/support/mini_example.h"

#define UNTOUCHED 7
#define DELTA     2048 /* where it stands in a .mini_1 */

static struct mini_example good;
static struct dfota_fault fault;
static enum dfota_mini_file at_fault;

static int build(void **state)
{
    (void)state;
    good = mini_example_build();
    return 0;
}

static int release(void **state)
{
    (void)state;
    mini_example_free(&good);
    return 0;
}

static struct dfota_view view_of(const struct dfota_buffer *buffer)
{
    return dfota_buffer_view(buffer);
}

static enum dfota_error read_pair(struct dfota_view first,
                                  struct dfota_view second,
                                  struct dfota_mini_pair *out)
{
    const struct dfota_view files[2] = {first, second};

    memset(&fault, 0, sizeof(fault));
    memset(out, UNTOUCHED, sizeof(*out));
    return dfota_mini_read_pair(files, out, &at_fault, &fault);
}

/* Expects that refusal of the pair, of `file`. */
static void assert_refused(struct dfota_view first, struct dfota_view second,
                           enum dfota_mini_file file, enum dfota_error want,
                           const char *rule)
{
    const struct dfota_view files[2] = {first, second};
    struct dfota_mini_pair pair;
    uint8_t untouched[sizeof(pair)];

    memset(untouched, UNTOUCHED, sizeof(untouched));
    assert_int_equal(read_pair(first, second, &pair), want);
    assert_int_equal(fault.error, want);
    assert_string_equal(fault.rule, rule);
    assert_int_equal(at_fault, file);
    assert_memory_equal(&pair, untouched, sizeof(pair));
    assert_int_equal(dfota_mini_read_pair(files, &pair, &at_fault, NULL), want);
}

/* A copy of the example that a test may break.  The caller frees it. */
static struct mini_example copied(void)
{
    struct mini_example copy = {{0}, {0}};

    dfota_buffer_add(&copy.first, good.first.data, good.first.size);
    dfota_buffer_add(&copy.second, good.second.data, good.second.size);
    assert_int_equal(copy.first.error | copy.second.error, DFOTA_OK);
    return copy;
}

/* Makes all digests right again that stand in a .mini_1. */
static void seal(struct mini_example *pair)
{
    struct dfota_digests digests = {0};
    uint8_t *first = pair->first.data;

    delta_example_seal(first + DELTA, pair->first.size - DELTA);
    dfota_digest(first + DELTA, pair->first.size - DELTA, &digests, NULL);
    memcpy(first + 16, digests.md5, 16);
    memcpy(pair->second.data + 20, digests.md5, 16);
    mini_example_seal_second(pair->second.data);
    dfota_digest(pair->second.data, pair->second.size, &digests, NULL);
    memcpy(first + 40, digests.md5, 16);
    memcpy(first + 56, digests.sha256, 32);
    mini_example_seal_first(first);
}

static void reads_a_pair_made_by_hand(void **state)
{
    struct dfota_mini_pair pair;

    (void)state;
    assert_int_equal(
        read_pair(view_of(&good.first), view_of(&good.second), &pair),
        DFOTA_OK);
    assert_int_equal(pair.first.header.region_count, MINI_REGIONS);
    assert_ptr_equal(pair.first.delta.data, good.first.data + DELTA);
    assert_int_equal(pair.first.delta.size, MINI_DELTA_SIZE);
    assert_int_equal(pair.first.delta_header.new_size, 16);
    assert_int_equal(pair.frames.frame_size, MINI_FRAME_SIZE);
    assert_int_equal(pair.frames.frame_count, MINI_FRAMES);
    assert_int_equal(pair.frames.ram, 4096);
    assert_int_equal(pair.frames.codec_count[0], MINI_FRAMES);
    assert_int_equal(pair.frames.raw_size, MINI_APP_SIZE);
    assert_int_equal(pair.frames.coded_size, MINI_APP_SIZE);
}

static void refuses_every_truncation(void **state)
{
    (void)state;
    for (size_t size = 0; size < good.first.size; size++) {
        struct dfota_view part = {good.first.data, size};

        assert_refused(part, view_of(&good.second), DFOTA_MINI_FIRST,
                       DFOTA_ERR_TRUNCATED, size < 2048 ? "MIN-1" : "MIN-15");
        assert_int_equal(fault.offset, size);
    }
    for (size_t size = 0; size < good.second.size; size++) {
        struct dfota_view part = {good.second.data, size};

        assert_refused(view_of(&good.first), part, DFOTA_MINI_SECOND,
                       DFOTA_ERR_TRUNCATED, "MIN-19");
        assert_int_equal(fault.offset, size);
    }
}

static void refuses_a_byte_too_many(void **state)
{
    struct mini_example pair = copied();

    (void)state;
    dfota_buffer_add(&pair.first, "", 1);
    dfota_buffer_add(&pair.second, "", 1);
    assert_refused(view_of(&pair.first), view_of(&good.second),
                   DFOTA_MINI_FIRST, DFOTA_ERR_CORRUPT, "MIN-15");
    assert_int_equal(fault.offset, MINI_FIRST_SIZE);
    assert_refused(view_of(&good.first), view_of(&pair.second),
                   DFOTA_MINI_SECOND, DFOTA_ERR_CORRUPT, "MIN-19");
    assert_int_equal(fault.offset, MINI_SECOND_SIZE);
    mini_example_free(&pair);
}

static void refuses_every_changed_byte(void **state)
{
    struct mini_example pair = copied();
    struct dfota_mini_pair out;

    (void)state;
    for (size_t at = 0; at < pair.first.size; at++) {
        pair.first.data[at] ^= 0x04;
        assert_int_not_equal(
            read_pair(view_of(&pair.first), view_of(&pair.second), &out),
            DFOTA_OK);
        assert_int_equal(at_fault, DFOTA_MINI_FIRST);
        pair.first.data[at] ^= 0x04;
    }
    for (size_t at = 0; at < pair.second.size; at++) {
        pair.second.data[at] ^= 0x04;
        assert_int_not_equal(
            read_pair(view_of(&pair.first), view_of(&pair.second), &out),
            DFOTA_OK);
        assert_int_equal(at_fault, DFOTA_MINI_SECOND);
        pair.second.data[at] ^= 0x04;
    }
    mini_example_free(&pair);
}

static void refuses_files_in_the_wrong_places(void **state)
{
    (void)state;
    assert_refused(view_of(&good.second), view_of(&good.first),
                   DFOTA_MINI_FIRST, DFOTA_ERR_FORMAT, "MIN-2");
    assert_refused(view_of(&good.first), view_of(&good.first),
                   DFOTA_MINI_SECOND, DFOTA_ERR_FORMAT, "MIN-20");
}

/* Two packages, each whole in itself, but not of the same delta. */
static void refuses_a_pair_from_two_runs(void **state)
{
    struct mini_example pair = copied();
    struct dfota_mini_pair out;

    (void)state;
    pair.first.data[DELTA + AT_NEW_DIGEST] ^= 1;
    seal(&pair);
    assert_int_equal(
        read_pair(view_of(&pair.first), view_of(&pair.second), &out), DFOTA_OK);
    assert_refused(view_of(&good.first), view_of(&pair.second),
                   DFOTA_MINI_SECOND, DFOTA_ERR_REFUSED, "MIN-24");
    assert_refused(view_of(&pair.first), view_of(&good.second),
                   DFOTA_MINI_SECOND, DFOTA_ERR_REFUSED, "MIN-24");
    mini_example_free(&pair);
}

/* The same delta, but another big system. */
static void refuses_a_pair_from_two_big_systems(void **state)
{
    struct mini_example pair = copied();
    size_t at = mini_example_frame_at(0);

    (void)state;
    pair.second.data[at + 24] ^= 1;
    mini_example_put(pair.second.data, at + 16,
                     dfota_crc32(0, pair.second.data + at + 24, 16));
    mini_example_seal_frame(pair.second.data, 0);
    assert_refused(view_of(&good.first), view_of(&pair.second),
                   DFOTA_MINI_SECOND, DFOTA_ERR_DIGEST, "MIN-25");
    mini_example_free(&pair);
}

static void compares_both_digests_of_the_second_file(void **state)
{
    static const size_t fields[] = {40, 55, 56, 87};

    (void)state;
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        struct mini_example pair = copied();

        pair.first.data[fields[i]] ^= 1;
        mini_example_seal_first(pair.first.data);
        assert_refused(view_of(&pair.first), view_of(&pair.second),
                       DFOTA_MINI_SECOND, DFOTA_ERR_DIGEST, "MIN-25");
        mini_example_free(&pair);
    }
}

/* Everything is sealed again but the delta's MD5. */
static void refuses_a_delta_that_differs_from_its_md5(void **state)
{
    struct mini_example pair = copied();

    (void)state;
    pair.first.data[16] ^= 1;
    mini_example_seal_first(pair.first.data);
    assert_refused(view_of(&pair.first), view_of(&pair.second),
                   DFOTA_MINI_FIRST, DFOTA_ERR_DIGEST, "MIN-16");
    assert_int_equal(fault.offset, DELTA);
    mini_example_free(&pair);
}

static void refuses_each_broken_rule_behind_right_digests(void **state)
{
    static const struct {
        const char *rule;
        size_t at; /* change this byte of the first file ... */
        uint8_t to;
        uint64_t offset; /* ... and expect a refusal there */
    } cases[] = {
        {"DLT-8", DELTA + AT_TABLE + 8, 0x90, DELTA + AT_OLD_SIZE},
        {"DLT-9", DELTA + AT_TABLE + 2, 0x02, DELTA + AT_OLD_SIZE},
        {"MIN-17", DELTA + AT_OLD_SIZE, 17, DELTA + AT_OLD_SIZE},
        {"MIN-17", DELTA + AT_NEW_SIZE, 17, DELTA + AT_OLD_SIZE},
        {"MIN-17", DELTA + AT_OLD_CRC32, 0, DELTA + AT_OLD_CRC32},
        {"MIN-17", DELTA + AT_NEW_CRC32, 0, DELTA + AT_NEW_CRC32},
        {"MIN-18", 33, 0x0f, 32}, /* less than the delta needs */
        {"MIN-18", 32, 0x01, 32}, /* more than anything needs */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mini_example pair = copied();

        pair.first.data[cases[i].at] = cases[i].to;
        seal(&pair);
        assert_refused(view_of(&pair.first), view_of(&pair.second),
                       DFOTA_MINI_FIRST, DFOTA_ERR_CORRUPT, cases[i].rule);
        assert_int_equal(fault.offset, cases[i].offset);
        mini_example_free(&pair);
    }
}

/* Frames that end before the file, though their number is right. */
static void refuses_frames_that_do_not_end_with_the_file(void **state)
{
    static const size_t sizes[] = {MINI_SECOND_SIZE - 1, MINI_SECOND_SIZE - 6,
                                   MINI_SECOND_SIZE + 1};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct mini_example pair = copied();

        dfota_buffer_add(&pair.second, "", 1);
        pair.second.size = sizes[i];
        mini_example_put(pair.first.data, 36, (uint32_t)sizes[i]);
        seal(&pair);
        assert_refused(view_of(&pair.first), view_of(&pair.second),
                       DFOTA_MINI_SECOND, DFOTA_ERR_CORRUPT, "MIN-34");
        mini_example_free(&pair);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_a_pair_made_by_hand),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(refuses_a_byte_too_many),
        cmocka_unit_test(refuses_every_changed_byte),
        cmocka_unit_test(refuses_files_in_the_wrong_places),
        cmocka_unit_test(refuses_a_pair_from_two_runs),
        cmocka_unit_test(refuses_a_pair_from_two_big_systems),
        cmocka_unit_test(compares_both_digests_of_the_second_file),
        cmocka_unit_test(refuses_a_delta_that_differs_from_its_md5),
        cmocka_unit_test(refuses_each_broken_rule_behind_right_digests),
        cmocka_unit_test(refuses_frames_that_do_not_end_with_the_file),
    };

    return cmocka_run_group_tests(tests, build, release);
}
