/* SPDX-License-Identifier: MIT */
/* the half of bsdiff40.c that reads; test_bsdiff40_write.c has the other */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/bsdiff40.h"
#include "lib/codec/bzip2.h"

#define NO_LIMIT UINT64_MAX
#define AT_END   1                   /* of the file: offset of no other fault */
#define MINUS    ((uint64_t)1 << 63) /* the sign bit */

/* The worked example of docs/SPEC.md: "Jelly bean" to "Jelly-bear!!". */
static const char new_image[] = "Jelly-bear!!";
static const struct dfota_view old_view = {(const uint8_t *)"Jelly bean", 10};

static struct dfota_fault fault;

/* What a patch is made of before it is compressed. */
struct parts {
    uint64_t numbers[12]; /* of the control triples, as they are written */
    size_t count;         /* of `numbers` */
    const char *diff;
    size_t diff_size;
    const char *extra;
    size_t extra_size;
    uint64_t new_size;
};

static const struct parts good = {
    .numbers = {10, 2, MINUS | 10},
    .count = 3,
    .diff = "\0\0\0\0\0\x0d\0\0\0\x04",
    .diff_size = 10,
    .extra = "!!",
    .extra_size = 2,
    .new_size = 12,
};

static struct dfota_buffer compress(const void *bytes, size_t size)
{
    struct dfota_buffer out = {0};

    assert_int_equal(
        dfota_bzip2_encode((struct dfota_view){bytes, size}, &out, NULL),
        DFOTA_OK);
    return out;
}

static struct dfota_buffer patch_of(const struct parts *parts)
{
    struct dfota_buffer numbers = {0};
    struct dfota_buffer streams[3];
    struct dfota_buffer patch = {0};

    for (size_t i = 0; i < parts->count; i++)
        dfota_buffer_add_le(&numbers, parts->numbers[i], 8);
    streams[0] = compress(numbers.data, numbers.size);
    streams[1] = compress(parts->diff, parts->diff_size);
    streams[2] = compress(parts->extra, parts->extra_size);
    dfota_buffer_add(&patch, "BSDIFF40", 8);
    dfota_buffer_add_le(&patch, streams[0].size, 8);
    dfota_buffer_add_le(&patch, streams[1].size, 8);
    dfota_buffer_add_le(&patch, parts->new_size, 8);
    for (int i = 0; i < 3; i++) {
        dfota_buffer_add(&patch, streams[i].data, streams[i].size);
        dfota_buffer_free(&streams[i]);
    }
    dfota_buffer_free(&numbers);
    return patch;
}

/* The start of stream 0, 1 or 2 in a small `patch`, and of what follows. */
static size_t start_of(const struct dfota_buffer *patch, int stream)
{
    size_t starts[4] = {32, 32u + patch->data[8],
                        32u + patch->data[8] + patch->data[16], patch->size};

    return starts[stream];
}

static enum dfota_error apply(struct dfota_view patch, struct dfota_buffer *out,
                              uint64_t limit)
{
    memset(&fault, 0, sizeof(fault));
    return dfota_bsdiff40_apply(patch, old_view, limit, out, &fault);
}

/* Applies `patch`, expects that refusal, and finds the output untouched. */
static void assert_refused(struct dfota_view patch, uint64_t limit,
                           enum dfota_error want, const char *rule,
                           uint64_t offset)
{
    struct dfota_buffer out = {0};

    assert_int_equal(apply(patch, &out, limit), want);
    assert_int_equal(fault.error, want);
    assert_string_equal(fault.rule, rule);
    if (offset != DFOTA_NO_OFFSET)
        assert_int_equal(fault.offset, offset);
    assert_null(out.data);
    assert_int_equal(out.size, 0);
    assert_int_equal(out.error, DFOTA_OK);
    assert_int_equal(dfota_bsdiff40_apply(patch, old_view, limit, &out, NULL),
                     want);
}

static void assert_made(const struct parts *parts, const char *want,
                        size_t size)
{
    struct dfota_buffer patch = patch_of(parts);
    struct dfota_buffer out = {0};

    assert_int_equal(apply(dfota_buffer_view(&patch), &out, size), DFOTA_OK);
    assert_int_equal(out.size, size);
    assert_memory_equal(out.data, want, size);
    dfota_buffer_free(&out);
    dfota_buffer_free(&patch);
}

static void applies_the_worked_example(void **state)
{
    (void)state;
    assert_made(&good, new_image, 12);
}

static void reads_the_header(void **state)
{
    struct dfota_buffer patch = patch_of(&good);
    struct dfota_view view = dfota_buffer_view(&patch);
    struct dfota_bsdiff40_header header;

    (void)state;
    assert_int_equal(dfota_bsdiff40_read_header(view, 12, &header, NULL), 0);
    assert_int_equal(header.control_size, patch.data[8]);
    assert_int_equal(header.diff_size, patch.data[16]);
    assert_int_equal(header.new_size, 12);
    dfota_buffer_free(&patch);
}

static void refuses_every_truncation(void **state)
{
    struct dfota_buffer patch = patch_of(&good);

    (void)state;
    for (size_t size = 0; size < patch.size; size++) {
        const char *rule = size < 32                    ? "B40-1"
                           : size < start_of(&patch, 2) ? "B40-5"
                                                        : "BZ2-1";
        uint8_t *cut = malloc(size > 0 ? size : 1);
        struct dfota_view view = {cut, size};

        assert_non_null(cut);
        memcpy(cut, patch.data, size);
        assert_refused(view, NO_LIMIT, DFOTA_ERR_TRUNCATED, rule, size);
        free(cut);
    }
    dfota_buffer_free(&patch);
}

static void refuses_each_broken_header(void **state)
{
    static const struct {
        const char *rule;
        size_t at; /* change this byte of the good patch ... */
        uint8_t to;
        uint64_t limit;
        enum dfota_error want; /* ... and expect this, at that offset */
        uint64_t offset;
    } cases[] = {
        {"B40-2", 0, 'b', NO_LIMIT, DFOTA_ERR_FORMAT, 0},
        {"B40-2", 7, '1', NO_LIMIT, DFOTA_ERR_FORMAT, 0},
        {"B40-3", 15, 0x80, NO_LIMIT, DFOTA_ERR_CORRUPT, 8},
        {"B40-3", 23, 0x80, NO_LIMIT, DFOTA_ERR_CORRUPT, 16},
        {"B40-3", 31, 0x80, NO_LIMIT, DFOTA_ERR_CORRUPT, 24},
        {"B40-4", 24, 13, 12, DFOTA_ERR_LIMIT, 24},
        {"B40-4", 30, 1, (uint64_t)1 << 48, DFOTA_ERR_LIMIT, 24},
        {"B40-5", 9, 1, NO_LIMIT, DFOTA_ERR_TRUNCATED, AT_END},
        {"B40-5", 15, 0x7f, NO_LIMIT, DFOTA_ERR_TRUNCATED, AT_END},
        {"B40-5", 23, 0x7f, NO_LIMIT, DFOTA_ERR_TRUNCATED, AT_END},
    };
    struct dfota_buffer patch = patch_of(&good);

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_bsdiff40_header header = {7, 7, 7};
        uint8_t was = patch.data[cases[i].at];
        uint64_t offset =
            cases[i].offset == AT_END ? patch.size : cases[i].offset;

        patch.data[cases[i].at] = cases[i].to;
        assert_refused(dfota_buffer_view(&patch), cases[i].limit, cases[i].want,
                       cases[i].rule, offset);
        dfota_bsdiff40_read_header(dfota_buffer_view(&patch), cases[i].limit,
                                   &header, NULL);
        assert_int_equal(header.new_size, 7);
        patch.data[cases[i].at] = was;
    }
    /* Two sizes whose sum is no signed number of 64 bits. */
    patch.data[15] = 0x7f;
    patch.data[23] = 0x7f;
    assert_refused(dfota_buffer_view(&patch), NO_LIMIT, DFOTA_ERR_TRUNCATED,
                   "B40-5", patch.size);
    dfota_buffer_free(&patch);
}

static void refuses_each_broken_triple(void **state)
{
    static const struct {
        const char *rule;
        uint64_t numbers[12];
        size_t count;
    } cases[] = {
        {"B40-6", {MINUS | 1, 2, 0}, 3},
        {"B40-6", {10, MINUS | 2, 0}, 3},
        {"B40-6", {MINUS, 2, 0}, 3}, /* minus zero */
        {"B40-7", {13, 0, 0}, 3},
        {"B40-7", {10, 3, 0}, 3},
        {"B40-7", {9, 0, 1, 1, 3, 0}, 6},
        {"B40-7", {10, INT64_MAX, 0}, 3},
        {"B40-7", {INT64_MAX, INT64_MAX, 0}, 3},
        {"B40-9", {10, 0, INT64_MAX, 0, 2, 0}, 6},
        {"B40-9", {0, 0, INT64_MAX, 10, 2, 0}, 6},
        {"B40-9",
         {0, 0, MINUS | INT64_MAX, 0, 0, MINUS | INT64_MAX, 10, 2, 0},
         9},
        {"B40-9", {10, 2, INT64_MAX}, 3}, /* though nothing follows */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct parts parts = good;
        struct dfota_buffer patch;

        memcpy(parts.numbers, cases[i].numbers, sizeof(parts.numbers));
        parts.count = cases[i].count;
        patch = patch_of(&parts);
        assert_refused(dfota_buffer_view(&patch), NO_LIMIT, DFOTA_ERR_CORRUPT,
                       cases[i].rule, 32);
        dfota_buffer_free(&patch);
    }
}

/* Triples may make nothing, but no more often than new has bytes, and one. */
static void refuses_triples_without_end(void **state)
{
    static const struct parts four = {
        {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0}, 12, "", 0, "!!", 2, 2};
    static const struct parts three = {
        {0, 0, 0, 0, 0, 0, 0, 2, 0}, 9, "", 0, "!!", 2, 2};
    struct dfota_buffer patch = patch_of(&four);

    (void)state;
    assert_refused(dfota_buffer_view(&patch), NO_LIMIT, DFOTA_ERR_CORRUPT,
                   "B40-8", 32);
    dfota_buffer_free(&patch);
    assert_made(&three, "!!", 2);
}

static void refuses_streams_that_hold_too_little_or_too_much(void **state)
{
    static const struct {
        enum dfota_error want;
        const char *rule;
        int stream; /* at fault: the offset lies in it or at its end */
        size_t count, diff_size, extra_size;
    } cases[] = {
        {DFOTA_ERR_TRUNCATED, "BZ2-2", 0, 2, 10, 2},
        {DFOTA_ERR_TRUNCATED, "BZ2-2", 0, 0, 10, 2},
        {DFOTA_ERR_TRUNCATED, "BZ2-2", 1, 3, 9, 2},
        {DFOTA_ERR_TRUNCATED, "BZ2-2", 2, 3, 10, 1},
        {DFOTA_ERR_CORRUPT, "BZ2-4", 0, 4, 10, 2},
        {DFOTA_ERR_CORRUPT, "BZ2-4", 0, 6, 10, 2},
        {DFOTA_ERR_CORRUPT, "BZ2-4", 1, 3, 11, 2},
        {DFOTA_ERR_CORRUPT, "BZ2-4", 2, 3, 10, 3},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct parts parts = good;
        struct dfota_buffer patch;

        parts.count = cases[i].count;
        parts.diff_size = cases[i].diff_size;
        parts.extra_size = cases[i].extra_size;
        patch = patch_of(&parts);
        assert_refused(dfota_buffer_view(&patch), NO_LIMIT, cases[i].want,
                       cases[i].rule, DFOTA_NO_OFFSET);
        assert_in_range(fault.offset, start_of(&patch, cases[i].stream),
                        start_of(&patch, cases[i].stream + 1));
        dfota_buffer_free(&patch);
    }
}

static void refuses_damaged_streams_and_bytes_after_them(void **state)
{
    (void)state;
    for (int stream = 0; stream < 3; stream++) {
        struct dfota_buffer patch = patch_of(&good);
        size_t end = start_of(&patch, stream + 1);

        patch.data[start_of(&patch, stream)] ^= 1;
        assert_refused(dfota_buffer_view(&patch), NO_LIMIT, DFOTA_ERR_CORRUPT,
                       "BZ2-3", start_of(&patch, stream) + 1);
        patch.data[start_of(&patch, stream)] ^= 1;

        dfota_buffer_add(&patch, "", 1);
        memmove(patch.data + end + 1, patch.data + end, patch.size - end - 1);
        patch.data[end] = 0;
        if (stream < 2)
            patch.data[8 + 8 * stream]++;
        assert_refused(dfota_buffer_view(&patch), NO_LIMIT, DFOTA_ERR_CORRUPT,
                       "BZ2-5", end);
        dfota_buffer_free(&patch);
    }
}

/* Were a claim believed, the sanitizer would refuse the allocation. */
static void believes_no_size_before_it_sees_the_bytes(void **state)
{
    struct parts parts = good;
    struct dfota_buffer patch;

    (void)state;
    parts.new_size = INT64_MAX;
    parts.numbers[0] = INT64_MAX - 2;
    patch = patch_of(&parts);
    assert_refused(dfota_buffer_view(&patch), NO_LIMIT, DFOTA_ERR_TRUNCATED,
                   "BZ2-2", start_of(&patch, 2));
    dfota_buffer_free(&patch);
}

/* As bspatch 4.3 does. */
static void bytes_outside_old_count_as_zero(void **state)
{
    static const struct parts before = {
        {2, 0, MINUS | 4, 4, 0, 0}, 6, "\0\0abcd", 6, "", 0, 6};
    static const struct parts after = {
        {0, 0, 8, 4, 0, 0}, 6, "\0\0cd", 4, "", 0, 4};
    static const struct parts far = {
        {0, 0, INT64_MAX - 4, 4, 0, 0}, 6, "abcd", 4, "", 0, 4};
    static const struct parts back = {
        {1, 0, INT64_MAX - 2, 1, 0, MINUS | (INT64_MAX - 2), 1, 0, 0},
        9,
        "\0X\0",
        3,
        "",
        0,
        3};

    (void)state;
    assert_made(&before, "Jeab\xad\xc9", 6);
    assert_made(&after, "ancd", 4);
    assert_made(&far, "abcd", 4);
    assert_made(&back, "JXl", 3);
}

static void keeps_the_limit_of_the_output(void **state)
{
    struct dfota_buffer patch = patch_of(&good);
    struct dfota_buffer out = {.limit = 12};

    (void)state;
    assert_int_equal(apply(dfota_buffer_view(&patch), &out, NO_LIMIT),
                     DFOTA_OK);
    assert_int_equal(out.limit, 12);
    dfota_buffer_free(&out);
    out.limit = 11;
    assert_int_equal(apply(dfota_buffer_view(&patch), &out, NO_LIMIT),
                     DFOTA_ERR_LIMIT);
    assert_null(out.data);
    assert_int_equal(out.error, DFOTA_OK);
    dfota_buffer_free(&patch);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(applies_the_worked_example),
        cmocka_unit_test(reads_the_header),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(refuses_each_broken_header),
        cmocka_unit_test(refuses_each_broken_triple),
        cmocka_unit_test(refuses_triples_without_end),
        cmocka_unit_test(refuses_streams_that_hold_too_little_or_too_much),
        cmocka_unit_test(refuses_damaged_streams_and_bytes_after_them),
        cmocka_unit_test(believes_no_size_before_it_sees_the_bytes),
        cmocka_unit_test(bytes_outside_old_count_as_zero),
        cmocka_unit_test(keeps_the_limit_of_the_output),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
