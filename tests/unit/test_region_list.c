/* SPDX-License-Identifier: MIT */
/* the list of packed regions that a delta has: told, and read again */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/apply/delta_header.h"
#include "lib/apply/region_list.h"
#include "tests/support/packed_sides.h"

#define OLDS 3
#define NEWS 4
#define HEAD 7 /* bytes before the list */

/* Two images of 10,000 bytes, and a third stream of new that is left. */
static struct dfota_packed_stream old_streams[OLDS] = {
    {.region = {.offset = 100,
                .packed_size = 500,
                .contents_size = 1000,
                .packing = DFOTA_PACKING_LZMA,
                .lc = 3,
                .pb = 2,
                .end_marker = true},
     .tokens = {.count = 17}},
    {.region = {.offset = 700,
                .packed_size = 300,
                .contents_size = 1000,
                .packing = DFOTA_PACKING_LZMA2},
     .tokens = {.count = 0}},
    {.region = {.offset = 9000,
                .packed_size = 1000,
                .contents_size = 70000,
                .packing = DFOTA_PACKING_DEFLATE},
     .tokens = {.count = 300}},
};

static struct dfota_packed_stream new_streams[NEWS] = {
    {.region = {.offset = 0,
                .packed_size = 500,
                .contents_size = 1000,
                .packing = DFOTA_PACKING_LZMA2,
                .filter = DFOTA_FILTER_ARM,
                .filter_start = 0x8000}},
    {.region = {.offset = 500,
                .packed_size = 400,
                .contents_size = 999,
                .packing = DFOTA_PACKING_DEFLATE},
     .tokens = {.count = 128}},
    {.region = {.offset = 1500,
                .packed_size = 10,
                .contents_size = 10,
                .packing = DFOTA_PACKING_DEFLATE},
     .fate = DFOTA_PACKED_NO_GAIN},
    {.region = {.offset = 2000,
                .packed_size = 8000,
                .contents_size = 20001,
                .packing = DFOTA_PACKING_LZMA,
                .lc = 0,
                .lp = 4,
                .pb = 4}},
};

struct list {
    struct dfota_buffer delta;
    struct dfota_delta_header header;
    struct dfota_shelf_region regions[OLDS + NEWS - 1];
    struct dfota_fault fault;
};

static enum dfota_error read_delta(void *context, uint32_t offset, void *out,
                                   size_t size)
{
    const struct dfota_buffer *delta = context;

    assert_in_range(offset + size, HEAD, delta->size);
    memcpy(out, delta->data + offset, size);
    return DFOTA_OK;
}

static struct list make_list(void)
{
    const struct dfota_packed_pair pair = {
        .old = {.streams = old_streams, .count = OLDS},
        .new = {.streams = new_streams, .count = NEWS}};
    struct list list = {.header = {.old_size = 10000,
                                   .new_size = 10000,
                                   .head_size = HEAD,
                                   .unpacked = {.old_count = OLDS,
                                                .new_count = NEWS - 1,
                                                .old_size = 80224,
                                                .new_size = 23152}}};

    dfota_buffer_add(&list.delta, "head   ", HEAD);
    dfota_packed_list(&pair, &list.delta);
    list.header.unpacked.list_size = (uint32_t)list.delta.size - HEAD;
    return list;
}

static enum dfota_error read_list(struct list *list)
{
    const struct dfota_applier applier = {.context = &list->delta,
                                          .delta_size =
                                              (uint32_t)list->delta.size,
                                          .read_delta = read_delta};

    list->fault = (struct dfota_fault){0};
    return dfota_region_list_read(&applier, &list->header, list->regions,
                                  &list->fault);
}

static struct list read_good(void)
{
    struct list list = make_list();

    assert_int_equal(read_list(&list), DFOTA_OK);
    return list;
}

static void check_region(const struct dfota_packed_region *got,
                         const struct dfota_packed_region *want)
{
    assert_int_equal(got->offset, want->offset);
    assert_int_equal(got->packed_size, want->packed_size);
    assert_int_equal(got->contents_size, want->contents_size);
    assert_int_equal(got->packing, want->packing);
    assert_int_equal(got->lc, want->lc);
    assert_int_equal(got->lp, want->lp);
    assert_int_equal(got->pb, want->pb);
    assert_true(got->end_marker == want->end_marker);
    assert_int_equal(got->filter, want->filter);
    assert_int_equal(got->filter_start, want->filter_start);
}

static void what_is_told_is_read_again(void **state)
{
    struct list list = read_good();

    (void)state;
    for (size_t i = 0; i < OLDS; i++) {
        check_region(&list.regions[i].packed, &old_streams[i].region);
        assert_int_equal(list.regions[i].tokens, old_streams[i].tokens.count);
    }
    for (size_t i = 0; i < NEWS - 1; i++) {
        const struct dfota_packed_stream *want =
            &new_streams[i < 2 ? i : NEWS - 1];

        check_region(&list.regions[OLDS + i].packed, &want->region);
        assert_int_equal(list.regions[OLDS + i].tokens, want->tokens.count);
    }
    dfota_buffer_free(&list.delta);
}

/* At multiples of 16; behind them the image goes on at such a remainder as its
 * offset has. */
static void contents_are_where_views_have_them(void **state)
{
    struct list list = read_good();

    (void)state;
    assert_int_equal(list.regions[0].pos, 112);
    assert_int_equal(list.regions[1].pos, 1216);
    assert_int_equal(list.regions[2].pos, 10224);
    assert_int_equal(list.regions[OLDS].pos, 0);
    assert_int_equal(list.regions[OLDS + 1].pos, 1024);
    assert_int_equal(list.regions[OLDS + 2].pos, 3136);
    dfota_buffer_free(&list.delta);
}

static void refuses_every_other_length(void **state)
{
    struct list list = make_list();
    uint32_t size = list.header.unpacked.list_size;

    (void)state;
    for (uint32_t less = 1; less <= size; less++) {
        list.header.unpacked.list_size = size - less;
        assert_int_equal(read_list(&list), DFOTA_ERR_CORRUPT);
        assert_string_equal(list.fault.rule, "DLT-41");
    }
    dfota_buffer_add(&list.delta, "\0", 1);
    list.header.unpacked.list_size = size + 1;
    assert_int_equal(read_list(&list), DFOTA_ERR_CORRUPT);
    assert_string_equal(list.fault.rule, "DLT-41");
    dfota_buffer_free(&list.delta);
}

/* Changes a number of the header, and expects this rule. */
static void check_header(struct dfota_delta_header header, const char *rule)
{
    struct list list = make_list();

    list.header = header;
    assert_int_equal(read_list(&list), DFOTA_ERR_CORRUPT);
    assert_string_equal(list.fault.rule, rule);
    assert_in_range(list.fault.offset, HEAD, list.delta.size);
    dfota_buffer_free(&list.delta);
}

static void refuses_regions_that_do_not_make_the_views(void **state)
{
    struct list list = read_good();
    struct dfota_delta_header header = list.header;

    (void)state;
    header.unpacked.old_size++;
    check_header(header, "DLT-42");
    header = list.header;
    header.unpacked.new_size--;
    check_header(header, "DLT-42");
    header = list.header;
    header.old_size = 9999; /* the last region does not fit */
    check_header(header, "DLT-42");
    header = list.header;
    header.new_size = 9999;
    check_header(header, "DLT-42");
    header = list.header;
    header.unpacked.old_count--; /* the rest is read as new's */
    header.unpacked.old_size = 11216;
    check_header(header, "DLT-42");
    dfota_buffer_free(&list.delta);
}

/* The first region of old is told by these bytes:
 * 7, 0x80, 93, 0, 1000 in two, 100, 500 in two, 17. */
static void check_byte(size_t at, uint8_t to, const char *rule)
{
    struct list list = make_list();

    list.delta.data[HEAD + at] = to;
    assert_int_equal(read_list(&list), DFOTA_ERR_CORRUPT);
    assert_string_equal(list.fault.rule, rule);
    dfota_buffer_free(&list.delta);
}

static void refuses_what_no_list_has(void **state)
{
    (void)state;
    check_byte(0, 8, "DLT-41");
    check_byte(0, 15, "DLT-41");
    check_byte(1, 3, "PKD-1");    /* the packing */
    check_byte(1, 0x81, "PKD-1"); /* LZMA2 with a marker */
    check_byte(2, 225, "PKD-1");  /* pb 5 */
    check_byte(3, 1, "PKD-1");    /* a filter, whose start comes next */
    check_byte(5, 0, "DLT-41");   /* one that is not in its shortest form */
}

/* One region of old with 16 bytes of contents. */
static void no_region_has_more_tokens_than_contents(void **state)
{
    struct list list = {
        .header = {
            .old_size = 20,
            .head_size = HEAD,
            .unpacked = {.old_count = 1, .old_size = 20, .list_size = 8}}};

    (void)state;
    dfota_buffer_add(&list.delta, "head   ", HEAD);
    dfota_buffer_add(&list.delta, "\7\0\135\0\20\0\24\20", 8);
    assert_int_equal(read_list(&list), DFOTA_OK);
    list.delta.data[HEAD + 7]++;
    assert_int_equal(read_list(&list), DFOTA_ERR_CORRUPT);
    assert_string_equal(list.fault.rule, "DLT-41");
    dfota_buffer_free(&list.delta);
}

static enum dfota_error read_nothing(void *context, uint32_t offset, void *out,
                                     size_t size)
{
    (void)context;
    (void)offset;
    (void)out;
    (void)size;
    return DFOTA_ERR_IO;
}

static void errors_of_reading_come_through(void **state)
{
    struct list list = make_list();
    const struct dfota_applier applier = {
        .delta_size = (uint32_t)list.delta.size, .read_delta = read_nothing};

    (void)state;
    assert_int_equal(dfota_region_list_read(&applier, &list.header,
                                            list.regions, &list.fault),
                     DFOTA_ERR_IO);
    dfota_buffer_free(&list.delta);
}

static void work_is_counted_with_tokens_for_deflate_alone(void **state)
{
    struct dfota_shelf_region region = {
        .packed = {.contents_size = 1000, .packing = DFOTA_PACKING_DEFLATE},
        .tokens = 100};
    uint32_t pack = (dfota_pack_memory(&region.packed) + 15) / 16 * 16;
    uint32_t tokens = (dfota_tokens_memory(1000, 100) + 15) / 16 * 16;

    (void)state;
    assert_int_equal(dfota_region_work(&region), pack + tokens);
    region.packed.packing = DFOTA_PACKING_LZMA2;
    pack = (dfota_pack_memory(&region.packed) + 15) / 16 * 16;
    assert_int_equal(dfota_region_work(&region), pack);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_told_is_read_again),
        cmocka_unit_test(contents_are_where_views_have_them),
        cmocka_unit_test(refuses_every_other_length),
        cmocka_unit_test(refuses_regions_that_do_not_make_the_views),
        cmocka_unit_test(refuses_what_no_list_has),
        cmocka_unit_test(no_region_has_more_tokens_than_contents),
        cmocka_unit_test(errors_of_reading_come_through),
        cmocka_unit_test(work_is_counted_with_tokens_for_deflate_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
