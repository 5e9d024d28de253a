/* SPDX-License-Identifier: MIT */
/* what is told of the compressed streams that a delta unpacks */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dfota/job_explain.h"
#include "tests/support/job_example.h"
#include "tests/support/packed_delta.h"

#define KIB   ((uint32_t)1024) /* bytes */
#define RAM   (8192 * KIB)
#define WORDS 20000

static struct dfota_fault fault;
static struct dfota_explained explained;

static struct dfota_made made;

/* Writes a pair, and its package for so much memory, and explains that by the
 * old image. */
static void explain_within(const struct image_pair *pair, uint32_t ram)
{
    const struct dfota_make_request make = {.old_image = "old",
                                            .new_image = "new",
                                            .out = "out.zip",
                                            .type = DFOTA_TYPE_DFOTA,
                                            .ram = ram};
    const struct dfota_explain_request request = {.file = "out.zip",
                                                  .old_image = "old"};

    folder_write("old", pair->old.data, pair->old.size);
    folder_write("new", pair->new.data, pair->new.size);
    dfota_made_free(&made);
    dfota_explained_free(&explained);
    assert_int_equal(dfota_job_make(&make, &made, &fault), DFOTA_OK);
    assert_int_equal(dfota_job_explain(&request, &explained, &fault), DFOTA_OK);
    assert_true(explained.deltas[0].counted);
}

static void explain(const struct image_pair *pair)
{
    explain_within(pair, RAM);
}

static const struct dfota_explained_region *old_region(size_t index)
{
    return &explained.deltas[0].unpacking.regions[index];
}

static const struct dfota_explained_region *new_region(size_t index)
{
    return old_region(explained.deltas[0].unpacking.old_count + index);
}

static void says_what_each_stream_costs(void **state)
{
    static packed_adder *const adders[] = {image_add_lzma, image_add_zlib,
                                           image_add_gzip};
    const size_t count = sizeof(adders) / sizeof(adders[0]);
    const struct dfota_explained_unpacking *told;
    struct image_pair pair = {{0}, {0}};
    uint64_t parses = 0;
    uint64_t contents = 0;
    uint64_t all = 0;
    uint32_t seed = 5;

    (void)state;
    for (size_t i = 0; i < count; i++)
        packed_pair_add(&pair, &seed, adders[i], WORDS, 10 + 40 * (unsigned)i);
    explain(&pair);
    told = &explained.deltas[0].unpacking;
    assert_int_equal(told->old_count, count);
    assert_int_equal(told->new_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(new_region(i)->from, i);
        assert_int_equal(old_region(i)->from, DFOTA_EXPLAIN_NONE);
        assert_in_range(new_region(i)->parse_bits, 8,
                        8 * new_region(i)->packed);
        assert_in_range(new_region(i)->contents_bits, 8,
                        4 * new_region(i)->packed);
        parses += new_region(i)->parse_bits;
        contents += new_region(i)->contents_bits;
    }
    for (size_t i = 0; i < DFOTA_SPENT_COUNT; i++)
        all += explained.deltas[0].work.bits[i];
    assert_in_range(parses, 8 * told->parse_size - 40, 8 * told->parse_size);
    assert_in_range(contents, all / 8,
                    all - parses -
                        explained.deltas[0].work.bits[DFOTA_SPENT_HEADER]);
    dfota_explained_free(&explained);
    dfota_made_free(&made);
    image_pair_free(&pair);
}

/* New has the second stream of old alone, and code that old has unpacked. */
static void says_from_where_a_stream_comes(void **state)
{
    struct image_pair pair = {{0}, {0}};
    struct image_pair other = {{0}, {0}};
    uint32_t seed = 9;

    (void)state;
    packed_pair_add(&other, &seed, image_add_lzma, WORDS, 10);
    dfota_buffer_add(&pair.old, other.old.data, other.old.size);
    packed_pair_add(&pair, &seed, image_add_lzma, WORDS, 10);
    explain(&pair);
    assert_int_equal(explained.deltas[0].unpacking.new_count, 1);
    assert_int_equal(old_region(new_region(0)->from)->offset,
                     other.old.size + 200 + PACKED_LZMA_HEADER);
    assert_int_equal(new_region(0)->offset, 200 + PACKED_LZMA_HEADER);
    assert_in_range(new_region(0)->view, new_region(0)->offset,
                    new_region(0)->offset + 15);
    dfota_explained_free(&explained);
    dfota_made_free(&made);
    image_pair_free(&other);
    image_pair_free(&pair);
}

/* Both jobs tell these fates of the streams of new. */
static void check_fates(const enum dfota_packed_fate *fates, size_t count)
{
    const struct dfota_made_delta *delta = &made.deltas[0];
    const struct dfota_explained_delta *told = &explained.deltas[0];

    assert_int_equal(delta->stream_count, count);
    assert_int_equal(told->compressed_count, count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(delta->streams[i].fate, fates[i]);
        assert_int_equal(told->compressed[i].fate, fates[i]);
        assert_int_equal(delta->streams[i].offset, told->compressed[i].offset);
        assert_int_equal(delta->streams[i].size, told->compressed[i].size);
        assert_string_equal(delta->streams[i].codec, told->compressed[i].codec);
        if (i > 0)
            assert_in_range(delta->streams[i].offset,
                            delta->streams[i - 1].offset + 1, UINT32_MAX);
    }
}

/* A stream that old has with another end alone, and one that it has nothing
 * of. */
static void add_without_gain(struct image_pair *pair, uint32_t *seed)
{
    struct dfota_buffer contents = {0};

    image_add_random(&contents, seed, 4 * WORDS, 64);
    image_add_zlib(&pair->old, dfota_buffer_view(&contents));
    contents.data[contents.size - 1] ^= 1;
    image_add_zlib(&pair->new, dfota_buffer_view(&contents));
    contents.size = 0;
    image_add_random(&contents, seed, 20000, 20);
    image_add_gzip(&pair->new, dfota_buffer_view(&contents));
    dfota_buffer_free(&contents);
}

static void says_why_streams_are_left_packed(void **state)
{
    static const enum dfota_packed_fate fates[] = {
        DFOTA_PACKED_UNPACKED, DFOTA_PACKED_SAME,   DFOTA_PACKED_UNSOUND,
        DFOTA_PACKED_NO_GAIN,  DFOTA_PACKED_NO_USE, DFOTA_PACKED_OTHER};
    struct image_pair pair = {{0}, {0}};
    uint32_t seed = 21;
    size_t xz;

    (void)state;
    packed_pair_add(&pair, &seed, image_add_lzma, WORDS, 10);
    packed_pair_add(&pair, &seed, image_add_zip, WORDS, 0);
    xz = pair.new.size + 200 + 24;
    packed_pair_add(&pair, &seed, image_add_xz, WORDS, 10);
    pair.new.data[xz] = 0x02; /* a chunk that needs an earlier one */
    add_without_gain(&pair, &seed);
    dfota_buffer_add(&pair.new, "\x28\xb5\x2f\xfd", 4);
    explain(&pair);
    check_fates(fates, sizeof(fates) / sizeof(fates[0]));
    dfota_explained_free(&explained);
    dfota_made_free(&made);
    image_pair_free(&pair);
}

static void says_that_a_stream_is_too_large_for_the_memory(void **state)
{
    static const enum dfota_packed_fate fates[] = {DFOTA_PACKED_UNPACKED,
                                                   DFOTA_PACKED_NO_ROOM};
    struct image_pair pair = {{0}, {0}};
    uint32_t seed = 23;

    (void)state;
    packed_pair_add(&pair, &seed, image_add_zlib, WORDS / 4, 10);
    packed_pair_add(&pair, &seed, image_add_zlib, 4 * WORDS, 10);
    explain_within(&pair, 256 * KIB);
    check_fates(fates, 2);
    dfota_explained_free(&explained);
    dfota_made_free(&made);
    image_pair_free(&pair);
}

static void says_that_deltas_in_place_unpack_nothing(void **state)
{
    static const enum dfota_packed_fate fates[] = {DFOTA_PACKED_IN_PLACE};
    static const char layout[] =
        "{\"flash\": {\"size\": \"128K\", \"sector\": 4096,"
        " \"scratch\": \"32K\", \"storage\": \"128K\"}, \"partitions\":"
        " [{\"name\": \"app\", \"offset\": 0, \"size\": \"128K\","
        " \"role\": \"app\"}]}";
    struct image_pair pair = {{0}, {0}};
    uint32_t seed = 25;

    (void)state;
    packed_pair_add(&pair, &seed, image_add_lzma, WORDS, 10);
    image_add_random(&pair.old, &seed, 128 * KIB - pair.old.size, 1);
    image_add_random(&pair.new, &seed, 128 * KIB - pair.new.size, 1);
    folder_write("layout.json", layout, strlen(layout));
    explain(&pair);
    check_fates(fates, 1);
    dfota_explained_free(&explained);
    dfota_made_free(&made);
    image_pair_free(&pair);
}

static void fates_have_names(void **state)
{
    static const char *const names[DFOTA_PACKED_FATES] = {
        "unpacked",   "same",    "unsound",  "no-room",
        "no-partner", "no-gain", "in-place", "other"};

    (void)state;
    for (int i = 0; i < DFOTA_PACKED_FATES; i++)
        assert_string_equal(dfota_packed_fate_name((enum dfota_packed_fate)i),
                            names[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(says_what_each_stream_costs),
        folder_test(says_from_where_a_stream_comes),
        folder_test(says_why_streams_are_left_packed),
        folder_test(says_that_a_stream_is_too_large_for_the_memory),
        folder_test(says_that_deltas_in_place_unpack_nothing),
        cmocka_unit_test(fates_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
