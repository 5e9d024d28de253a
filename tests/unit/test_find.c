/* SPDX-License-Identifier: MIT */
/* packed streams in an image: those that are there, and no others */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/delta/find.h"
#include "tests/support/packed_image.h"

#define CONTENTS 20000 /* bytes */
#define NOISE    700

struct example {
    struct dfota_buffer contents;
    struct dfota_buffer image;
    struct dfota_search search;
};

static struct example begin(uint32_t seed)
{
    struct example example = {.contents = {0}};

    image_add_code(&example.contents, &seed, CONTENTS / 4);
    image_add_random(&example.image, &seed, NOISE, 256);
    return example;
}

static const struct dfota_packed_region *found(struct example *example,
                                               size_t index)
{
    const struct dfota_packed_region *regions =
        (const void *)example->search.found.data;

    assert_in_range(index, 0,
                    example->search.found.size / sizeof(*regions) - 1);
    return &regions[index];
}

static size_t find(struct example *example)
{
    dfota_search_free(&example->search);
    example->search =
        (struct dfota_search){.image = dfota_buffer_view(&example->image)};
    assert_int_equal(dfota_find_packed(&example->search, NULL), DFOTA_OK);
    return example->search.found.size / sizeof(struct dfota_packed_region);
}

static size_t count_others(const struct example *example)
{
    return example->search.others.size / sizeof(struct dfota_find_other);
}

static void end(struct example *example)
{
    dfota_search_free(&example->search);
    dfota_buffer_free(&example->contents);
    dfota_buffer_free(&example->image);
}

typedef void adder(struct dfota_buffer *image, struct dfota_view contents);

static const struct {
    adder *add;
    unsigned header;  /* bytes before what is packed ... */
    unsigned trailer; /* ... and behind it */
    uint8_t packing;
} kinds[] = {
    {image_add_lzma, 13, 0, DFOTA_PACKING_LZMA},
    {image_add_xz, 24, 5, DFOTA_PACKING_LZMA2},
    {image_add_gzip, 15, 8, DFOTA_PACKING_DEFLATE},
    {image_add_zlib, 2, 4, DFOTA_PACKING_DEFLATE},
    {image_add_zip, 34, 0, DFOTA_PACKING_DEFLATE},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void streams_of_every_kind_are_found_where_they_are(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        struct example example = begin(3);
        uint32_t seed = 9;
        size_t at = example.image.size;
        size_t behind;

        kinds[i].add(&example.image, dfota_buffer_view(&example.contents));
        behind = example.image.size;
        image_add_random(&example.image, &seed, NOISE, 256);
        assert_int_equal(find(&example), 1);
        assert_int_equal(found(&example, 0)->packing, kinds[i].packing);
        assert_int_equal(found(&example, 0)->offset, at + kinds[i].header);
        assert_int_equal(found(&example, 0)->contents_size, CONTENTS);
        assert_in_range(found(&example, 0)->packed_size,
                        behind - at - kinds[i].header - kinds[i].trailer - 3,
                        behind - at - kinds[i].header - kinds[i].trailer);
        end(&example);
    }
}

static void several_streams_are_found_in_their_order(void **state)
{
    struct example example = begin(4);

    (void)state;
    for (size_t i = 0; i < KINDS; i++)
        kinds[i].add(&example.image, dfota_buffer_view(&example.contents));
    assert_int_equal(find(&example), KINDS);
    for (size_t i = 0; i < KINDS; i++)
        assert_int_equal(found(&example, i)->packing, kinds[i].packing);
    for (size_t i = 1; i < KINDS; i++)
        assert_in_range(found(&example, i)->offset,
                        found(&example, i - 1)->offset +
                            found(&example, i - 1)->packed_size,
                        example.image.size);
    end(&example);
}

static void a_stream_that_is_cut_off_is_none(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        struct example example = begin(5);
        size_t at = example.image.size;
        size_t whole;

        kinds[i].add(&example.image, dfota_buffer_view(&example.contents));
        assert_int_equal(find(&example), 1);
        whole = found(&example, 0)->offset + found(&example, 0)->packed_size;
        for (size_t size = at; size < whole; size += 1 + (size - at) * 9) {
            example.image.size = size;
            assert_int_equal(find(&example), 0);
        }
        example.image.size = whole - 1;
        assert_int_equal(find(&example), 0);
        end(&example);
    }
}

/* Literals, copies and runs, one of which comes next wherever it should end. */
static void a_stream_with_more_contents_than_stated_is_none(void **state)
{
    struct example example = begin(12);
    size_t at = example.image.size + 5;

    (void)state;
    image_add_lzma(&example.image, dfota_buffer_view(&example.contents));
    assert_int_equal(find(&example), 1);
    for (uint32_t size = 512; size < 1024; size++) {
        example.image.data[at] = (uint8_t)size;
        example.image.data[at + 1] = (uint8_t)(size >> 8);
        assert_int_equal(find(&example), 0);
    }
    end(&example);
}

/* Though they can be decoded, and end where they should. */
static void zeros_behind_a_header_of_lzma_are_no_stream(void **state)
{
    static const uint8_t header[] = {0x5d, 0, 0, 1, 0, 0, 0, 1};
    static const uint8_t zeros[4000];

    (void)state;
    for (size_t first = 0; first < 6; first++) {
        struct example example = begin(13);
        uint32_t seed = 1;

        dfota_buffer_add(&example.image, header, sizeof(header));
        dfota_buffer_add(&example.image, zeros, sizeof(zeros));
        assert_int_equal(find(&example), 0);
        assert_int_equal(example.search.spent, 0);
        example.contents.size = 0;
        dfota_buffer_add(&example.contents, zeros, first);
        image_add_random(&example.contents, &seed, 4000, 256);
        image_add_lzma(&example.image, dfota_buffer_view(&example.contents));
        assert_int_equal(find(&example), 1);
        end(&example);
    }
}

static void the_smallest_streams_are_left_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        struct example example = begin(6);

        example.contents.size = 64;
        kinds[i].add(&example.image, dfota_buffer_view(&example.contents));
        assert_int_equal(find(&example), 0);
        end(&example);
    }
}

static void filters_of_xz_are_known_or_left_alone(void **state)
{
    static const struct {
        uint8_t filters[12];
        size_t size;
        unsigned count;
        bool known;
        uint8_t filter;
        uint32_t start;
    } cases[] = {
        {{0x21, 1, 0x16}, 3, 1, true, DFOTA_FILTER_NONE, 0},
        {{4, 0, 0x21, 1, 0x16}, 5, 2, true, DFOTA_FILTER_X86, 0},
        {{7, 0, 0x21, 1, 0x16}, 5, 2, true, DFOTA_FILTER_ARM, 0},
        {{7, 4, 0, 0x80, 0, 0, 0x21, 1, 0x16},
         9,
         2,
         true,
         DFOTA_FILTER_ARM,
         0x8000},
        {{8, 0, 0x21, 1, 0x16}, 5, 2, true, DFOTA_FILTER_THUMB, 0},
        {{10, 0, 0x21, 1, 0x16}, 5, 2, true, DFOTA_FILTER_ARM64, 0},
        {{5, 0, 0x21, 1, 0x16}, 5, 2, false, 0, 0},
        {{3, 1, 0, 0x21, 1, 0x16}, 6, 2, false, 0, 0},
        {{7, 0, 4, 0, 0x21, 1, 0x16}, 7, 3, false, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct example example = begin(7);

        image_begin_xz(&example.image, 0);
        image_add_xz_block(&example.image, dfota_buffer_view(&example.contents),
                           (struct dfota_view){cases[i].filters, cases[i].size},
                           cases[i].count);
        dfota_buffer_add_le(&example.image, 0, 1);
        assert_int_equal(find(&example), cases[i].known);
        assert_int_equal(count_others(&example), !cases[i].known);
        if (cases[i].known) {
            assert_int_equal(found(&example, 0)->filter, cases[i].filter);
            assert_int_equal(found(&example, 0)->filter_start, cases[i].start);
        }
        end(&example);
    }
}

static void all_blocks_of_xz_are_found_whatever_their_check(void **state)
{
    static const uint8_t lzma2[] = {0x21, 1, 0x16};
    static const struct {
        uint8_t check;
        uint8_t size;
    } checks[] = {{0, 0}, {1, 4}, {4, 8}, {10, 32}, {15, 64}};

    (void)state;
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        struct example example = begin(8);

        image_begin_xz(&example.image, checks[i].check);
        for (int block = 0; block < 3; block++) {
            image_add_xz_block(&example.image,
                               dfota_buffer_view(&example.contents),
                               (struct dfota_view){lzma2, sizeof(lzma2)}, 1);
            for (unsigned k = 0; k < checks[i].size; k++)
                dfota_buffer_add_le(&example.image, 0x5a, 1);
        }
        dfota_buffer_add_le(&example.image, 0, 1);
        assert_int_equal(find(&example), 3);
        end(&example);
    }
}

static void streams_of_other_kinds_are_listed_unless_too_many(void **state)
{
    struct example example = begin(10);
    const struct dfota_find_other *others;

    (void)state;
    dfota_buffer_add(&example.image, "\x28\xb5\x2f\xfd", 4);
    dfota_buffer_add(&example.image, "\x04\x22\x4d\x18", 4);
    dfota_buffer_add(&example.image, "\x02\x21\x4c\x18", 4);
    assert_int_equal(find(&example), 0);
    assert_int_equal(count_others(&example), 3);
    others = (const void *)example.search.others.data;
    assert_string_equal(others[0].codec, "zstd");
    assert_string_equal(others[1].codec, "lz4");
    assert_int_equal(others[1].offset, NOISE + 4);
    for (unsigned i = 0; i < 2 * DFOTA_FIND_OTHERS_MAX; i++)
        dfota_buffer_add(&example.image, "\x28\xb5\x2f\xfd", 4);
    find(&example);
    assert_int_equal(count_others(&example), DFOTA_FIND_OTHERS_MAX);
    end(&example);
}

/* Each of the many headers leads through all that follows. */
static void what_only_announces_streams_takes_no_long_time(void **state)
{
    struct example example = begin(11);

    (void)state;
    for (int i = 0; i < 20000; i++)
        dfota_buffer_add(&example.image, "\x1f\x8b\x08\x08", 4);
    for (int i = 0; i < 20000; i++)
        dfota_buffer_add(&example.image,
                         "\x5d\0\0\x10\0\xff\xff\xff\xff\xff"
                         "\xff\xff\xff\0\0\0\0\0",
                         18);
    find(&example);
    assert_in_range(example.search.spent, 0,
                    16 * (uint64_t)example.image.size + (2u << 20));
    end(&example);
}

/* Looks at every single offset. */
static struct dfota_search find_slowly(const struct example *example)
{
    struct dfota_search search = {.image = dfota_buffer_view(&example->image),
                                  .most = example->search.most};

    for (size_t at = 0; at < search.image.size;) {
        size_t behind = dfota_find_announced(&search, at);

        at = behind > at ? behind : at + 1;
    }
    return search;
}

static void assert_found_slowly(struct example *example)
{
    struct dfota_search slow;

    find(example);
    slow = find_slowly(example);
    assert_int_equal(example->search.spent, slow.spent);
    assert_int_equal(example->search.found.size, slow.found.size);
    assert_int_equal(example->search.others.size, slow.others.size);
    if (slow.found.size > 0)
        assert_memory_equal(example->search.found.data, slow.found.data,
                            slow.found.size);
    if (slow.others.size > 0)
        assert_memory_equal(example->search.others.data, slow.others.data,
                            slow.others.size);
    dfota_search_free(&slow);
}

static void a_search_finds_what_a_look_at_every_offset_finds(void **state)
{
    static const uint8_t bytes[] = {0,    0,    0,    0,    0xff, 0xff, 8,
                                    0x78, 0x9c, 0xda, 0x80, 0x10, 0xfd, '7',
                                    'P',  'K',  0x1f, 0x8b, 0x28, 0xb5, 0x2f,
                                    4,    2,    0x22, 0x21, 0x18, 0x4d};
    uint32_t seed = 14;

    (void)state;
    for (size_t i = 0; i < 8 * KINDS; i++) {
        struct example example = begin(15);

        for (size_t k = random_below(&seed, 2000); k > 0; k--)
            dfota_buffer_add(&example.image,
                             &bytes[random_below(&seed, sizeof(bytes))], 1);
        kinds[i % KINDS].add(&example.image,
                             dfota_buffer_view(&example.contents));
        for (size_t k = random_below(&seed, 40); k > 0; k--)
            dfota_buffer_add(&example.image,
                             &bytes[random_below(&seed, sizeof(bytes))], 1);
        assert_found_slowly(&example);
        assert_true(example.search.found.size > 0);
        example.image.size -= random_below(&seed, 60);
        assert_found_slowly(&example);
        end(&example);
    }
}

static void an_empty_image_holds_nothing(void **state)
{
    struct example example = {.contents = {0}};

    (void)state;
    assert_int_equal(find(&example), 0);
    end(&example);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_of_every_kind_are_found_where_they_are),
        cmocka_unit_test(several_streams_are_found_in_their_order),
        cmocka_unit_test(a_stream_that_is_cut_off_is_none),
        cmocka_unit_test(a_stream_with_more_contents_than_stated_is_none),
        cmocka_unit_test(zeros_behind_a_header_of_lzma_are_no_stream),
        cmocka_unit_test(the_smallest_streams_are_left_alone),
        cmocka_unit_test(filters_of_xz_are_known_or_left_alone),
        cmocka_unit_test(all_blocks_of_xz_are_found_whatever_their_check),
        cmocka_unit_test(streams_of_other_kinds_are_listed_unless_too_many),
        cmocka_unit_test(what_only_announces_streams_takes_no_long_time),
        cmocka_unit_test(a_search_finds_what_a_look_at_every_offset_finds),
        cmocka_unit_test(an_empty_image_holds_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
