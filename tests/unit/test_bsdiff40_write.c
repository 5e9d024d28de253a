/* SPDX-License-Identifier: MIT */
/* the half of bsdiff40.c that writes, read back by the other */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/bsdiff40.h"

#define VIEW(literal)                                                          \
    {                                                                          \
        (const uint8_t *)(literal), sizeof(literal) - 1                        \
    }

static const struct dfota_bsdiff40_images jelly = {
    .old = VIEW("Jelly bean"),
    .new = VIEW("Jelly-bear!!"),
};

static struct dfota_fault fault;

/* Writes a patch, finds that it makes the new image, and returns its size. */
static size_t assert_round_trip(const struct dfota_bsdiff40_images *images,
                                const struct dfota_copy *copies, size_t count)
{
    struct dfota_buffer patch = {0};
    struct dfota_buffer again = {0};
    size_t size;

    assert_int_equal(
        dfota_bsdiff40_write(images, copies, count, &patch, &fault), DFOTA_OK);
    assert_int_equal(dfota_bsdiff40_apply(dfota_buffer_view(&patch),
                                          images->old, images->new.size, &again,
                                          &fault),
                     DFOTA_OK);
    assert_int_equal(again.size, images->new.size);
    if (again.size > 0)
        assert_memory_equal(again.data, images->new.data, again.size);
    size = patch.size;
    dfota_buffer_free(&again);
    dfota_buffer_free(&patch);
    return size;
}

static void writes_the_worked_example(void **state)
{
    static const struct dfota_copy copy = {0, 0, 10};

    (void)state;
    assert_round_trip(&jelly, &copy, 1);
}

static void writes_any_list_of_copies(void **state)
{
    static const struct {
        struct dfota_copy copies[4];
        size_t count;
    } cases[] = {
        {{{0}}, 0},
        {{{0, 0, 1}}, 1},
        {{{0, 9, 1}}, 1},
        {{{11, 9, 1}}, 1},
        {{{11, 0, 1}}, 1},
        {{{6, 6, 3}, {9, 0, 1}}, 2},
        {{{0, 9, 1}, {1, 8, 1}, {2, 7, 1}, {11, 0, 1}}, 4},
        {{{2, 0, 10}}, 1},
        {{{0, 0, 0}, {12, 10, 0}}, 2}, /* copies of nothing */
        {{{3, 1, 0}, {3, 3, 4}, {7, 0, 0}, {8, 7, 3}}, 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_round_trip(&jelly, cases[i].copies, cases[i].count);
}

/* Each would be a triple that makes nothing, and soon be one too many. */
static void passes_over_copies_of_nothing(void **state)
{
    static const struct dfota_copy copies[] = {{0, 1, 0}, {0, 2, 0}, {0, 3, 0},
                                               {0, 4, 0}, {1, 5, 0}, {1, 6, 0}};
    struct dfota_bsdiff40_images images = jelly;

    (void)state;
    images.new.size = 1;
    assert_int_equal(assert_round_trip(&images, copies, 6),
                     assert_round_trip(&images, NULL, 0));
}

static void writes_empty_images(void **state)
{
    static const struct dfota_bsdiff40_images both = {{NULL, 0}, {NULL, 0}};
    struct dfota_bsdiff40_images images = jelly;

    (void)state;
    assert_round_trip(&both, NULL, 0);
    images.old = both.old;
    assert_round_trip(&images, NULL, 0);
    images.old = jelly.old;
    images.new = both.new;
    assert_round_trip(&images, NULL, 0);
}

/* New is old, with a byte changed here and there and its halves exchanged. */
static void a_patch_is_small_where_the_images_are_alike(void **state)
{
    enum { SIZE = 300000, HALF = SIZE / 2 };
    static const struct dfota_copy copies[] = {{0, HALF, HALF},
                                               {HALF, 0, HALF}};
    static uint8_t old[SIZE];
    static uint8_t new[SIZE];
    struct dfota_bsdiff40_images images = {{old, SIZE}, {new, SIZE}};
    uint32_t random = 1;

    (void)state;
    for (size_t i = 0; i < SIZE; i++) {
        random = random * 1664525 + 1013904223;
        old[i] = (uint8_t)(random >> 24);
    }
    memcpy(new, old + HALF, HALF);
    memcpy(new + HALF, old, HALF);
    for (size_t i = 0; i < SIZE; i += 5000)
        new[i]++;
    assert_true(assert_round_trip(&images, copies, 2) < 1000);
    assert_true(assert_round_trip(&images, copies, 0) > SIZE);
}

static void keeps_to_what_bspatch_can_be_asked(void **state)
{
    static const size_t large = (size_t)DFOTA_BSDIFF40_IMAGE_MAX + 1;
    struct dfota_buffer out = {0};

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct dfota_bsdiff40_images images = jelly;

        if (i == 0)
            images.old.size = large; /* refused before anything is read */
        else
            images.new.size = large;
        assert_int_equal(dfota_bsdiff40_write(&images, NULL, 0, &out, &fault),
                         DFOTA_ERR_LIMIT);
        assert_string_equal(fault.rule, "B40-10");
        assert_int_equal(fault.offset, DFOTA_NO_OFFSET);
        assert_null(out.data);
    }
}

static void refuses_copies_that_make_no_sense(void **state)
{
    static const struct dfota_copy cases[][2] = {
        {{0, 0, 11}, {11, 0, 1}},         /* past the end of old */
        {{0, 10, 1}, {11, 0, 1}},         /* likewise */
        {{0, 0, 1}, {11, 0, 2}},          /* past the end of new */
        {{0, 0, 1}, {13, 0, 0}},          /* likewise, though empty */
        {{0, 0, 2}, {1, 0, 1}},           /* overlapping */
        {{5, 0, 1}, {0, 0, 1}},           /* unsorted */
        {{0, UINT32_MAX, 1}, {11, 0, 1}}, /* sums past 32 bits */
        {{0, 1, UINT32_MAX}, {11, 0, 1}}, /* likewise */
        {{0, 0, 1}, {1, 0, UINT32_MAX}},  /* likewise */
        {{UINT32_MAX, 0, 1}, {11, 0, 1}}, /* likewise */
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_buffer out = {0};

        assert_int_equal(
            dfota_bsdiff40_write(&jelly, cases[i], 2, &out, &fault),
            DFOTA_ERR_USAGE);
        assert_null(out.data);
        assert_int_equal(out.error, DFOTA_OK);
    }
}

static void keeps_the_limit_of_the_output(void **state)
{
    static const struct dfota_copy copy = {0, 0, 10};
    struct dfota_buffer out = {0};

    (void)state;
    out.limit = assert_round_trip(&jelly, &copy, 1);
    assert_int_equal(dfota_bsdiff40_write(&jelly, &copy, 1, &out, NULL),
                     DFOTA_OK);
    assert_int_equal(out.size, out.limit);
    dfota_buffer_free(&out);

    out.limit--;
    assert_int_equal(dfota_bsdiff40_write(&jelly, &copy, 1, &out, &fault),
                     DFOTA_ERR_LIMIT);
    assert_null(out.data);
    assert_int_equal(out.error, DFOTA_OK);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_worked_example),
        cmocka_unit_test(writes_any_list_of_copies),
        cmocka_unit_test(passes_over_copies_of_nothing),
        cmocka_unit_test(writes_empty_images),
        cmocka_unit_test(a_patch_is_small_where_the_images_are_alike),
        cmocka_unit_test(keeps_to_what_bspatch_can_be_asked),
        cmocka_unit_test(refuses_copies_that_make_no_sense),
        cmocka_unit_test(keeps_the_limit_of_the_output),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
