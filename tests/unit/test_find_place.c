/* SPDX-License-Identifier: MIT */
/* packed streams that nothing announces, where somebody says that they are */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/delta/find.h"
#include "tests/support/packed_delta.h"

#define CONTENTS 20000 /* bytes */
#define NOISE    700
#define KIB      ((uint32_t)1024) /* bytes */
#define RAM      (8192 * KIB)

static const struct dfota_stream lzma_stream = {
    .codec = DFOTA_CODEC_ID_LZMA, .props = 0x5d, .dictionary = 1 << 20};

static void add_lzma(struct dfota_buffer *image, struct dfota_view contents)
{
    assert_int_equal(
        dfota_encoder_lzma.encode(&lzma_stream, contents, image, NULL),
        DFOTA_OK);
}

/* Chunks that are stored, and the byte that ends them. */
static void add_lzma2(struct dfota_buffer *image, struct dfota_view contents)
{
    dfota_buffer_add_le(image, 1, 1);
    dfota_buffer_add_le(image, (contents.size - 1) >> 8, 1);
    dfota_buffer_add_le(image, (contents.size - 1) & 0xff, 1);
    dfota_buffer_add(image, contents.data, contents.size);
    dfota_buffer_add_le(image, 0, 1);
}

static const struct {
    packed_adder *add;
    struct dfota_place place;
} kinds[] = {
    {add_lzma, {.packing = DFOTA_PACKING_LZMA, .lc = 3, .pb = 2}},
    {add_lzma2, {.packing = DFOTA_PACKING_LZMA2}},
    {image_add_deflate, {.packing = DFOTA_PACKING_DEFLATE}},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct example {
    struct dfota_buffer contents;
    struct dfota_buffer image;
    struct dfota_place places[4];
    size_t count;
    struct dfota_search search;
};

static struct example begin(uint32_t seed)
{
    struct example example = {.contents = {0}};

    image_add_code(&example.contents, &seed, CONTENTS / 4);
    image_add_random(&example.image, &seed, NOISE, 256);
    return example;
}

static void end(struct example *example)
{
    dfota_search_free(&example->search);
    dfota_buffer_free(&example->contents);
    dfota_buffer_free(&example->image);
}

/* Says that a stream begins where the image ends now, and adds it. */
static void add(struct example *example, size_t kind)
{
    struct dfota_place *place = &example->places[example->count++];

    *place = kinds[kind].place;
    place->offset = (uint32_t)example->image.size;
    place->size = UINT32_MAX;
    kinds[kind].add(&example->image, dfota_buffer_view(&example->contents));
}

static size_t find(struct example *example)
{
    dfota_search_free(&example->search);
    example->search =
        (struct dfota_search){.image = dfota_buffer_view(&example->image),
                              .places = {example->places, example->count}};
    assert_int_equal(dfota_find_packed(&example->search, NULL), DFOTA_OK);
    return example->search.found.size / sizeof(struct dfota_packed_region);
}

static const struct dfota_packed_region *found(const struct example *example,
                                               size_t index)
{
    const struct dfota_packed_region *regions =
        (const void *)example->search.found.data;

    return &regions[index];
}

static void streams_without_a_header_are_found_by_their_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        struct example example = begin(3);
        uint32_t seed = 9;
        size_t behind;

        add(&example, i);
        behind = example.image.size;
        image_add_random(&example.image, &seed, NOISE, 256);
        assert_int_equal(find(&example), 1);
        assert_int_equal(example.search.held, 1);
        assert_int_equal(found(&example, 0)->packing, kinds[i].place.packing);
        assert_int_equal(found(&example, 0)->lc, kinds[i].place.lc);
        assert_int_equal(found(&example, 0)->offset, NOISE);
        assert_int_equal(found(&example, 0)->packed_size, behind - NOISE);
        assert_int_equal(found(&example, 0)->contents_size, CONTENTS);
        example.count = 0;
        assert_int_equal(find(&example), 0);
        end(&example);
    }
}

static void several_places_are_found_among_other_streams(void **state)
{
    struct example example = begin(4);

    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        add(&example, i);
        image_add_lzma(&example.image, dfota_buffer_view(&example.contents));
    }
    assert_int_equal(find(&example), 2 * KINDS);
    assert_int_equal(example.search.held, (1 << KINDS) - 1);
    for (size_t i = 1; i < 2 * KINDS; i++)
        assert_in_range(found(&example, i)->offset,
                        found(&example, i - 1)->offset +
                            found(&example, i - 1)->packed_size,
                        example.image.size);
    end(&example);
}

static void a_place_may_have_a_header_that_announces_its_stream(void **state)
{
    struct example example = begin(5);

    (void)state;
    example.places[0] =
        (struct dfota_place){NOISE, UINT32_MAX, DFOTA_PLACE_ANY, 0, 0, 0, 0};
    example.count = 1;
    image_add_gzip(&example.image, dfota_buffer_view(&example.contents));
    assert_int_equal(find(&example), 1);
    assert_int_equal(example.search.held, 1);
    assert_int_equal(found(&example, 0)->packing, DFOTA_PACKING_DEFLATE);
    end(&example);
}

static void a_place_that_holds_nothing_takes_nothing_from_others(void **state)
{
    struct example example = begin(6);
    size_t count = 0;

    (void)state;
    image_add_lzma(&example.image, dfota_buffer_view(&example.contents));
    for (uint8_t kind = 0; kind < KINDS; kind++) {
        example.places[count] = kinds[kind].place;
        example.places[count].offset = NOISE + 100 + kind;
        example.places[count++].size = UINT32_MAX;
    }
    example.places[count++] = (struct dfota_place){
        UINT32_MAX, UINT32_MAX, DFOTA_PACKING_LZMA2, 0, 0, 0, 0};
    example.count = count;
    assert_int_equal(find(&example), 1);
    assert_int_equal(example.search.held, 0);
    assert_int_equal(found(&example, 0)->offset, NOISE + 13);
    end(&example);
}

static void a_stream_has_to_end_within_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        struct example example = begin(7);
        uint32_t whole;

        add(&example, i);
        whole = (uint32_t)example.image.size - NOISE;
        example.places[0].size = whole;
        assert_int_equal(find(&example), 1);
        example.places[0].size = whole - 1;
        assert_int_equal(find(&example), 0);
        assert_int_equal(example.search.held, 0);
        end(&example);
    }
}

static void a_place_goes_before_what_is_recognised_over_it(void **state)
{
    struct example example = begin(8);

    (void)state;
    /* an entry of a zip, of which the place says the stream itself */
    image_add_zip(&example.image, dfota_buffer_view(&example.contents));
    example.places[0] = (struct dfota_place){
        NOISE + 34, UINT32_MAX, DFOTA_PACKING_DEFLATE, DFOTA_FILTER_X86, 0,
        0,          0};
    example.count = 1;
    assert_int_equal(find(&example), 1);
    assert_int_equal(example.search.held, 1);
    assert_int_equal(found(&example, 0)->offset, NOISE + 34);
    assert_int_equal(found(&example, 0)->filter, DFOTA_FILTER_X86);
    end(&example);
}

static void places_that_overlap_hold_one_stream(void **state)
{
    struct example example = begin(9);

    (void)state;
    add(&example, 2);
    example.places[1] = example.places[0];
    example.places[1].offset++;
    example.count = 2;
    assert_int_equal(find(&example), 1);
    assert_int_equal(example.search.held, 1);
    end(&example);
}

/* Both images have the stream at another offset. */
static void deltas_look_into_streams_that_a_place_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i += 2) { /* stored chunks gain nothing */
        struct image_pair pair = {{0}, {0}};
        struct dfota_delta_options options =
            delta_options(DFOTA_CODEC_AUTO, RAM);
        struct dfota_findings findings = {.held = 0};
        struct dfota_buffer plain = {0};
        struct dfota_buffer delta = {0};
        struct dfota_place at[2] = {kinds[i].place, kinds[i].place};
        const struct dfota_places places = {at, 2};
        uint32_t seed = 11;

        image_add_random(&pair.new, &seed, 77, 256);
        packed_pair_add(&pair, &seed, kinds[i].add, CONTENTS, 10);
        at[0].offset = 200;
        at[1].offset = 277;
        at[0].size = at[1].size = UINT32_MAX;
        assert_int_equal(delta_make(&pair, &options, &plain, NULL), DFOTA_OK);
        options.places = &places;
        options.findings = &findings;
        assert_int_equal(delta_make(&pair, &options, &delta, NULL), DFOTA_OK);
        assert_delta_applies(&pair, &delta);
        assert_int_equal(findings.held, 3);
        assert_int_equal(packed_count(&findings).of[DFOTA_PACKED_UNPACKED], 1);
        assert_in_range(delta.size, 0, plain.size / 4);
        dfota_buffer_free(&findings.streams);
        dfota_buffer_free(&plain);
        dfota_buffer_free(&delta);
        image_pair_free(&pair);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_without_a_header_are_found_by_their_place),
        cmocka_unit_test(several_places_are_found_among_other_streams),
        cmocka_unit_test(a_place_may_have_a_header_that_announces_its_stream),
        cmocka_unit_test(a_place_that_holds_nothing_takes_nothing_from_others),
        cmocka_unit_test(a_stream_has_to_end_within_its_place),
        cmocka_unit_test(a_place_goes_before_what_is_recognised_over_it),
        cmocka_unit_test(places_that_overlap_hold_one_stream),
        cmocka_unit_test(deltas_look_into_streams_that_a_place_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
