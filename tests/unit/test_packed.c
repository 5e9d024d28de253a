/* SPDX-License-Identifier: MIT */
/* packed regions of LZMA; test_packed_lzma2.c has those of LZMA2 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/codec/lzma.h"
#include "tests/support/image_pair.h"
#include "tests/support/packed_check.h"

#define WORDS             5000
#define COPIES            40000
#define PREFIX            100 /* where the region is in its image */
#define PROPS(lc, lp, pb) (uint8_t)(((pb)*5 + (lp)) * 9 + (lc))

static void fill(struct image_pair *pair, uint32_t seed)
{
    image_add_random(&pair->old, &seed, 300, 256);
    image_add_code(&pair->old, &seed, WORDS);
    image_add_random(&pair->old, &seed, 3000, 3);
    image_add_edited(&pair->new, &seed, dfota_buffer_view(&pair->old), 20);
}

/* Packs `contents`, and takes that apart again. */
static void open_coded(struct packed *packed,
                       const struct dfota_buffer *contents, uint8_t props,
                       struct dfota_buffer *coded)
{
    const struct dfota_stream stream = {
        .codec = DFOTA_CODEC_ID_LZMA, .props = props, .dictionary = 1 << 20};

    assert_int_equal(dfota_encoder_lzma.encode(
                         &stream, dfota_buffer_view(contents), coded, NULL),
                     DFOTA_OK);
    packed->region =
        (struct dfota_packed_region){.offset = PREFIX,
                                     .packed_size = (uint32_t)coded->size,
                                     .contents_size = (uint32_t)contents->size,
                                     .lc = props % 9,
                                     .lp = props / 9 % 5,
                                     .pb = props / 45};
    assert_int_equal(dfota_packed_check(&packed->region, NULL), DFOTA_OK);
    assert_int_equal(packed_open(packed, coded->data, COPIES, NULL), DFOTA_OK);
    assert_memory_equal(packed->contents, contents->data, contents->size);
}

struct example {
    struct image_pair pair;
    struct dfota_buffer old_coded;
    struct dfota_buffer new_coded;
    struct packed old;
    struct packed new;
};

static void open_example(struct example *example, uint8_t props)
{
    memset(example, 0, sizeof(*example));
    fill(&example->pair, 1u + props);
    open_coded(&example->old, &example->pair.old, props, &example->old_coded);
    open_coded(&example->new, &example->pair.new, props, &example->new_coded);
}

static void close_example(struct example *example)
{
    packed_close(&example->old);
    packed_close(&example->new);
    dfota_buffer_free(&example->old_coded);
    dfota_buffer_free(&example->new_coded);
    image_pair_free(&example->pair);
}

static void streams_of_all_parameters_come_back(void **state)
{
    (void)state;
    for (unsigned lc = 0; lc <= 4; lc++)
        for (unsigned lp = 0; lc + lp <= 4; lp++)
            for (unsigned pb = 0; pb <= 4; pb += 2) {
                struct example example;

                open_example(&example, PROPS(lc, lp, pb));
                assert_packed_comes_back(&example.new, &example.old);
                assert_packed_comes_back(&example.new, NULL);
                close_example(&example);
            }
}

static void a_parse_like_the_old_one_costs_next_to_nothing(void **state)
{
    struct dfota_buffer told = {0};
    struct dfota_buffer alone = {0};
    struct example example;

    (void)state;
    open_example(&example, PROPS(3, 0, 2));
    assert_int_equal(packed_tell(&example.old, &example.old, &told, NULL),
                     DFOTA_OK);
    assert_int_equal(packed_tell(&example.old, NULL, &alone, NULL), DFOTA_OK);
    assert_in_range(told.size, 1, 150);
    assert_in_range(alone.size, 20 * told.size,
                    example.old.region.packed_size / 2);
    dfota_buffer_free(&told);
    dfota_buffer_free(&alone);
    close_example(&example);
}

static void tokens_make_up_the_contents(void **state)
{
    struct example example;
    struct dfota_token token;

    (void)state;
    open_example(&example, PROPS(3, 0, 2));
    for (uint32_t pos = 0; pos < example.old.region.contents_size;
         pos += token.length) {
        const uint8_t *at = example.old.contents + pos;

        assert_int_equal(dfota_tokens_at(&example.old.tokens, pos, &token),
                         pos);
        assert_in_range(token.length, 1, 273);
        assert_int_equal(token.kind == DFOTA_TOKEN_LITERAL,
                         token.distance == 0);
        assert_in_range(token.distance, 0, pos);
        for (uint32_t i = 0; token.distance > 0 && i < token.length; i++)
            assert_int_equal(at[i], *(at + i - token.distance));
    }
    close_example(&example);
}

static void assert_broken(struct example *example, const char *rule,
                          enum dfota_error expected)
{
    struct packed again = {.region = example->old.region};
    struct dfota_fault fault;

    assert_int_equal(
        packed_open(&again, example->old_coded.data, COPIES, &fault), expected);
    assert_string_equal(fault.rule, rule);
    packed_close(&again);
}

static void a_stream_cut_short_is_refused(void **state)
{
    struct example example;

    (void)state;
    open_example(&example, PROPS(3, 0, 2));
    for (uint32_t less = 1; less < 200; less++) {
        example.old.region.packed_size--;
        assert_broken(&example, "PKD-3", DFOTA_ERR_CORRUPT);
    }
    example.old.region.packed_size = 0;
    assert_broken(&example, "PKD-3", DFOTA_ERR_CORRUPT);
    close_example(&example);
}

static void contents_of_another_size_are_refused(void **state)
{
    struct example example;

    (void)state;
    open_example(&example, PROPS(3, 0, 2));
    example.old.region.contents_size--;
    assert_broken(&example, "PKD-3", DFOTA_ERR_CORRUPT);
    example.old.region.contents_size += 2;
    assert_broken(&example, "PKD-3", DFOTA_ERR_CORRUPT);
    close_example(&example);
}

/* Whatever a changed byte makes of a stream: it is refused, or comes back. */
static void changed_streams_are_refused_or_come_back(void **state)
{
    struct example example;
    unsigned refused = 0;

    (void)state;
    open_example(&example, PROPS(0, 2, 0));
    for (size_t i = 0; i < example.old_coded.size; i += 1 + i / 40) {
        struct packed again = {.region = example.old.region};

        example.old_coded.data[i] ^= 0x10;
        if (packed_open(&again, example.old_coded.data, COPIES, NULL))
            refused++;
        else
            assert_packed_comes_back(&again, &example.old);
        example.old_coded.data[i] ^= 0x10;
        packed_close(&again);
    }
    assert_in_range(refused, 100, SIZE_MAX);
    close_example(&example);
}

static void too_many_tokens_are_refused(void **state)
{
    struct example example;
    struct packed again = {0};
    struct dfota_fault fault;
    uint32_t count;

    (void)state;
    open_example(&example, PROPS(3, 0, 2));
    again.region = example.old.region;
    count = example.old.tokens.count;
    assert_int_equal(packed_open(&again, example.old_coded.data, count, &fault),
                     DFOTA_OK);
    packed_close(&again);
    assert_int_equal(
        packed_open(&again, example.old_coded.data, count - 1, &fault),
        DFOTA_ERR_LIMIT);
    assert_string_equal(fault.rule, "PKD-4");
    packed_close(&again);
    close_example(&example);
}

static void broken_parses_are_refused_or_make_a_stream(void **state)
{
    struct example example;

    (void)state;
    open_example(&example, PROPS(3, 0, 2));
    assert_packed_breaks_cleanly(&example.new, &example.old);
    close_example(&example);
}

static void a_packing_that_is_not_linked_in_is_refused(void **state)
{
    const struct dfota_packing *const none[] = {NULL};
    const struct dfota_packed_region region = {0};
    struct dfota_fault fault;

    (void)state;
    assert_int_equal(
        dfota_unpack_region(
            &(struct dfota_packed_job){.packings = none, .region = &region},
            &fault),
        DFOTA_ERR_UNSUPPORTED);
    assert_string_equal(fault.rule, "PKD-2");
    fault.rule = "";
    assert_int_equal(
        dfota_pack_region(
            &(struct dfota_packed_job){.packings = none, .region = &region},
            &fault),
        DFOTA_ERR_UNSUPPORTED);
    assert_string_equal(fault.rule, "PKD-2");
}

static void impossible_regions_are_refused(void **state)
{
    static const struct dfota_packed_region good = {
        .packed_size = 10, .contents_size = 10, .lc = 3, .pb = 2};
    struct dfota_packed_region bad[9];
    struct dfota_fault fault;

    (void)state;
    for (unsigned i = 0; i < 9; i++)
        bad[i] = good;
    bad[0].packing = 3;
    bad[1].contents_size = 0;
    bad[2].contents_size = DFOTA_TOKEN_CONTENTS_MAX + 1;
    bad[3].offset = UINT32_MAX;
    bad[4].lp = 2;
    bad[5].pb = 5;
    bad[6].filter = 1;
    bad[7].packing = DFOTA_PACKING_LZMA2;
    bad[8].lc = 255;
    bad[8].lp = 3;
    assert_int_equal(dfota_packed_check(&good, &fault), DFOTA_OK);
    for (unsigned i = 0; i < 9; i++) {
        fault.rule = "";
        assert_int_equal(dfota_packed_check(&bad[i], &fault),
                         DFOTA_ERR_CORRUPT);
        assert_string_equal(fault.rule, "PKD-1");
    }
}

static enum dfota_error fail_to_read(void *context, uint32_t offset, void *out,
                                     size_t size)
{
    (void)context;
    (void)offset;
    (void)out;
    (void)size;
    return DFOTA_ERR_IO;
}

static enum dfota_error fail_to_write(void *context, const void *bytes,
                                      size_t size)
{
    (void)context;
    (void)bytes;
    (void)size;
    return DFOTA_ERR_IO;
}

static void errors_of_callbacks_come_through(void **state)
{
    struct packed_teller *teller = packed_take(sizeof(*teller));
    struct dfota_packed_job unpack = {.packings = dfota_packings,
                                      .read = fail_to_read};
    struct dfota_packed_job pack;
    struct example example;

    (void)state;
    open_example(&example, PROPS(3, 0, 2));
    unpack.region = &example.old.region;
    unpack.contents = example.old.contents;
    unpack.memory = packed_take(dfota_unpack_memory(unpack.region));
    assert_int_equal(dfota_unpack_region(&unpack, NULL), DFOTA_ERR_IO);
    pack = packed_job(teller, &example.new, &example.old);
    pack.tokens = &example.new.tokens;
    pack.write = fail_to_write;
    pack.memory = packed_take(dfota_pack_memory(pack.region));
    teller->mix.range.mode = DFOTA_RANGE_LEARN;
    assert_int_equal(dfota_pack_region(&pack, NULL), DFOTA_ERR_IO);
    free(pack.memory);
    free(unpack.memory);
    free(teller);
    close_example(&example);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_of_all_parameters_come_back),
        cmocka_unit_test(a_parse_like_the_old_one_costs_next_to_nothing),
        cmocka_unit_test(tokens_make_up_the_contents),
        cmocka_unit_test(a_stream_cut_short_is_refused),
        cmocka_unit_test(contents_of_another_size_are_refused),
        cmocka_unit_test(changed_streams_are_refused_or_come_back),
        cmocka_unit_test(too_many_tokens_are_refused),
        cmocka_unit_test(broken_parses_are_refused_or_make_a_stream),
        cmocka_unit_test(a_packing_that_is_not_linked_in_is_refused),
        cmocka_unit_test(impossible_regions_are_refused),
        cmocka_unit_test(errors_of_callbacks_come_through),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
