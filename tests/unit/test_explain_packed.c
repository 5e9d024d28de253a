/* SPDX-License-Identifier: MIT */
/* what is told of the compressed streams that a delta unpacks */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/job_example.h"
#include "tests/support/packed_delta.h"

#define KIB   ((uint32_t)1024) /* bytes */
#define RAM   (8192 * KIB)
#define WORDS 20000

static struct dfota_fault fault;
static struct dfota_explained explained;

/* Writes a pair, and its package, and explains that by the old image. */
static void explain(const struct image_pair *pair)
{
    const struct dfota_make_request make = {.old_image = "old",
                                            .new_image = "new",
                                            .out = "out.zip",
                                            .type = DFOTA_TYPE_DFOTA,
                                            .ram = RAM};
    const struct dfota_explain_request request = {.file = "out.zip",
                                                  .old_image = "old"};
    struct dfota_made made;

    folder_write("old", pair->old.data, pair->old.size);
    folder_write("new", pair->new.data, pair->new.size);
    assert_int_equal(dfota_job_make(&make, &made, &fault), DFOTA_OK);
    dfota_made_free(&made);
    assert_int_equal(dfota_job_explain(&request, &explained, &fault), DFOTA_OK);
    assert_true(explained.deltas[0].counted);
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
    image_pair_free(&other);
    image_pair_free(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(says_what_each_stream_costs),
        folder_test(says_from_where_a_stream_comes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
