/* SPDX-License-Identifier: MIT */
/* quiet: what is equal for kilobytes is found, and left out */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/delta/index.h"
#include "lib/delta/quiet.h"
#include "tests/support/random.h"

#define SIZE    ((uint32_t)5 << 20) /* bytes: a large image */
#define CHANGED 1000000u            /* where new differs, if it does */

struct images {
    struct dfota_view old;
    struct dfota_view new;
};

static struct images images_make(void)
{
    uint8_t *old = malloc(SIZE);
    uint8_t *new = malloc(SIZE);
    uint32_t seed = 4;

    assert_non_null(old);
    assert_non_null(new);
    for (uint32_t i = 0; i < SIZE; i++)
        old[i] = (uint8_t)random_below(&seed, 256);
    memcpy(new, old, SIZE);
    new[CHANGED] ^= 1;
    return (struct images){{old, SIZE}, {new, SIZE}};
}

static void images_free(struct images *images)
{
    free((void *)(uintptr_t)images->old.data);
    free((void *)(uintptr_t)images->new.data);
}

static struct dfota_quiet find(const struct images *images,
                               struct dfota_copy copy)
{
    const struct dfota_view copies = {(const void *)&copy, sizeof(copy)};
    struct dfota_quiet quiet = {.by_new = {0}};

    assert_int_equal(
        dfota_quiet_find(images->old, images->new, copies, &quiet, NULL),
        DFOTA_OK);
    assert_int_equal(quiet.by_new.size, quiet.by_old.size);
    return quiet;
}

static void is_all_but_what_changed_and_its_neighbours(void **state)
{
    struct images images = images_make();
    struct dfota_quiet quiet = find(&images, (struct dfota_copy){0, 0, SIZE});
    const struct dfota_copy *stretch = (const void *)quiet.by_new.data;

    (void)state;
    assert_int_equal(quiet.by_new.size, 2 * sizeof(*stretch));
    assert_in_range(stretch[0].length, CHANGED - 4096, CHANGED - 1);
    assert_in_range(stretch[1].new_pos, CHANGED + 1, CHANGED + 4096);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(stretch[i].new_pos, stretch[i].old_pos);
        assert_memory_equal(images.old.data + stretch[i].old_pos,
                            images.new.data + stretch[i].new_pos,
                            stretch[i].length);
    }
    dfota_quiet_free(&quiet);
    images_free(&images);
}

static void is_nothing_where_nothing_is_equal_for_long(void **state)
{
    struct images images = images_make();
    struct dfota_quiet quiet =
        find(&images, (struct dfota_copy){0, 1, SIZE - 1});

    (void)state;
    assert_int_equal(quiet.by_new.size, 0);
    dfota_quiet_free(&quiet);
    images_free(&images);
}

static void is_nothing_in_small_images(void **state)
{
    struct images images = images_make();
    struct dfota_quiet quiet;

    (void)state;
    images.old.size = images.new.size = 1u << 20;
    assert_true(dfota_index_is_small(images.old.size));
    quiet = find(&images, (struct dfota_copy){0, 0, 1u << 20});
    assert_int_equal(quiet.by_new.size, 0);
    dfota_quiet_free(&quiet);
    images_free(&images);
}

/* The rest of a copy begins and ends where the copy does. */
static void is_left_out_of_copies(void **state)
{
    static const struct dfota_copy stretches[2] = {{100, 1100, 50},
                                                   {300, 300, 100}};
    static const struct dfota_copy copies[2] = {{0, 1000, 200}, {300, 300, 90}};
    static const struct dfota_copy want[2] = {{0, 1000, 100}, {150, 1150, 50}};
    const struct dfota_view view = {(const void *)copies, sizeof(copies)};
    struct dfota_quiet quiet = {.by_new = {0}};
    struct dfota_buffer out = {0};

    (void)state;
    dfota_buffer_add(&quiet.by_new, stretches, sizeof(stretches));
    dfota_quiet_leave_out(&quiet, view, &out);
    assert_int_equal(out.size, sizeof(want));
    assert_memory_equal(out.data, want, sizeof(want));
    dfota_buffer_free(&out);
    dfota_quiet_free(&quiet);
}

static void is_found_by_its_position(void **state)
{
    static const struct dfota_copy stretches[2] = {{100, 0, 50}, {300, 60, 9}};
    struct dfota_buffer list = {0};

    (void)state;
    dfota_buffer_add(&list, stretches, sizeof(stretches));
    assert_int_equal(dfota_quiet_behind(&list, false, 0), 0);
    assert_int_equal(dfota_quiet_behind(&list, false, 149), 0);
    assert_int_equal(dfota_quiet_behind(&list, false, 150), 1);
    assert_int_equal(dfota_quiet_behind(&list, true, 68), 1);
    assert_int_equal(dfota_quiet_behind(&list, true, 69), 2);
    dfota_buffer_free(&list);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_all_but_what_changed_and_its_neighbours),
        cmocka_unit_test(is_found_by_its_position),
        cmocka_unit_test(is_left_out_of_copies),
        cmocka_unit_test(is_nothing_in_small_images),
        cmocka_unit_test(is_nothing_where_nothing_is_equal_for_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
