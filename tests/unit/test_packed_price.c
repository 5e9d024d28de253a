/* SPDX-License-Identifier: MIT */
/* what packed regions cost unpacked, and which are left as they are */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/delta/packed_price.h"
#include "tests/support/packed_delta.h"

#define KIB   ((uint32_t)1024) /* bytes */
#define RAM   (8192 * KIB)
#define WORDS 20000

/* --- deltas --------------------------------------------------------------- */

/* Adds a stream of which only the last of the contents changed: all but the
 * end of it stands in old as it is. */
static void add_with_changed_end(struct image_pair *pair, uint32_t *seed)
{
    struct dfota_buffer contents = {0};

    image_add_random(&contents, seed, 4 * WORDS, 64);
    image_add_zlib(&pair->old, dfota_buffer_view(&contents));
    contents.data[contents.size - 1] ^= 1;
    image_add_zlib(&pair->new, dfota_buffer_view(&contents));
    dfota_buffer_free(&contents);
}

static void a_stream_that_costs_more_unpacked_is_left_packed(void **state)
{
    struct image_pair pair = {{0}, {0}};
    struct packed_counts counts;
    struct dfota_buffer delta;
    uint32_t seed = 7;

    (void)state;
    packed_pair_add(&pair, &seed, image_add_lzma, WORDS, 10);
    add_with_changed_end(&pair, &seed);
    delta = packed_delta(&pair, RAM, &counts);
    assert_int_equal(assert_delta_applies(&pair, &delta).unpacked.new_count, 1);
    assert_int_equal(counts.of[DFOTA_PACKED_UNPACKED], 1);
    assert_int_equal(counts.of[DFOTA_PACKED_NO_GAIN], 1);
    dfota_buffer_free(&delta);
    image_pair_free(&pair);
}

static void nothing_is_unpacked_where_no_stream_gains(void **state)
{
    struct image_pair pair = {{0}, {0}};
    struct packed_counts counts;
    struct dfota_buffer delta;
    uint32_t seed = 9;

    (void)state;
    add_with_changed_end(&pair, &seed);
    delta = packed_delta(&pair, RAM, &counts);
    assert_int_equal(assert_delta_applies(&pair, &delta).unpacked.new_count, 0);
    assert_int_equal(counts.of[DFOTA_PACKED_UNPACKED], 0);
    assert_int_equal(counts.of[DFOTA_PACKED_NO_GAIN], 1);
    dfota_buffer_free(&delta);
    image_pair_free(&pair);
}

/* --- prices --------------------------------------------------------------- */

/* Two streams of 100 bytes each, whose contents follow each other in the view
 * from 1,000 on, with 100 bytes between them. */
static struct dfota_packed_stream streams[3];

static struct dfota_packed_pair make_streams(void)
{
    struct dfota_packed_pair pair = {.new = {.streams = streams, .count = 3}};

    for (uint32_t i = 0; i < 3; i++)
        streams[i] = (struct dfota_packed_stream){
            .region = {.offset = 400 * i,
                       .packed_size = 400,
                       .contents_size = 1000},
            .pos = 1000 + 550 * i,
            .fate = i == 1 ? DFOTA_PACKED_SAME : DFOTA_PACKED_UNPACKED,
        };
    return pair;
}

static void contents_cost_what_the_records_cost_that_make_them(void **state)
{
    static const struct dfota_record records[] = {
        {.insert = 1000},             /* before */
        {.insert = 500, .copy = 500}, /* the first */
        {.copy = 100},                /* between */
        {.insert = 0, .copy = 500},   /* half of the second */
        {.insert = 500, .copy = 300}, /* its rest, and what is behind */
    };
    static const uint32_t reached[] = {1000, 1100, 1100, 1150, 1950};
    const struct dfota_plan plan = {.records = records, .record_count = 5};
    struct dfota_packed_pair pair = make_streams();

    (void)state;
    dfota_packed_price(&pair, &plan, reached);
    assert_int_equal(streams[0].contents_cost, 100 + 3);
    assert_int_equal(streams[1].contents_cost, 0);
    assert_in_range(streams[2].contents_cost, 53 + 795, 53 + 803);
}

static void a_record_is_shared_between_what_it_makes(void **state)
{
    static const struct dfota_record records[] = {
        {.insert = 500, .copy = 2600},
    };
    static const uint32_t reached[] = {26000};
    const struct dfota_plan plan = {.records = records, .record_count = 1};
    struct dfota_packed_pair pair = make_streams();

    (void)state;
    dfota_packed_price(&pair, &plan, reached);
    /* inserted bytes, which are before both, cost far more */
    assert_in_range(streams[0].contents_cost, 150, 250);
    assert_in_range(streams[2].contents_cost, streams[0].contents_cost,
                    streams[0].contents_cost);
}

static void a_region_is_left_whose_bytes_old_has(void **state)
{
    struct dfota_packed_pair pair = make_streams();
    struct dfota_buffer old = {0};
    struct dfota_buffer new = {0};
    uint64_t saved;
    uint32_t seed = 3;

    (void)state;
    image_add_random(&new, &seed, 1200, 256);
    image_add_random(&old, &seed, 37, 256);
    dfota_buffer_add(&old, new.data + 20, 350); /* of the first */
    pair.old.image = dfota_buffer_view(&old);
    pair.new.image = dfota_buffer_view(&new);
    for (uint32_t i = 0; i < 3; i++) {
        streams[i].parse_size = 60;
        streams[i].contents_cost = 100;
    }
    assert_int_equal(dfota_packed_drop(&pair, &saved, NULL), DFOTA_OK);
    assert_int_equal(streams[0].fate, DFOTA_PACKED_NO_GAIN);
    assert_int_equal(streams[1].fate, DFOTA_PACKED_SAME);
    assert_int_equal(streams[2].fate, DFOTA_PACKED_UNPACKED);
    assert_in_range(saved, 168 - 80, 168 - 50);
    streams[2].contents_cost = 340; /* and with its parse as much as it has */
    assert_int_equal(dfota_packed_drop(&pair, &saved, NULL), DFOTA_OK);
    assert_int_equal(streams[2].fate, DFOTA_PACKED_NO_GAIN);
    assert_in_range(saved, 1, 16);
    dfota_buffer_free(&old);
    dfota_buffer_free(&new);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_that_costs_more_unpacked_is_left_packed),
        cmocka_unit_test(nothing_is_unpacked_where_no_stream_gains),
        cmocka_unit_test(contents_cost_what_the_records_cost_that_make_them),
        cmocka_unit_test(a_record_is_shared_between_what_it_makes),
        cmocka_unit_test(a_region_is_left_whose_bytes_old_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
