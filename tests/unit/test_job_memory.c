/* SPDX-License-Identifier: MIT */
/* Packages made within a bound of memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/job_example.h"
#include "tests/support/random.h"

#define SIZE   ((size_t)5 << 20) /* bytes of an image */
#define PIECE  ((size_t)1 << 16) /* of one that is like another */
#define MIB    ((uint64_t)1 << 20)
#define ENOUGH (66 * MIB) /* for images in files */

static struct dfota_fault fault;
static struct dfota_made made;

/* Old is one piece again and again, a little different each time; of new some
 * is moved, and some other. */
static void write_images(const char *old_path, const char *new_path)
{
    uint8_t *old = malloc(SIZE);
    uint8_t *new = malloc(SIZE);
    uint32_t seed = 3;

    assert_non_null(old);
    assert_non_null(new);
    for (size_t i = 0; i < SIZE; i++)
        old[i] = i < PIECE || random_below(&seed, 5000) == 0
                     ? (uint8_t)random_below(&seed, 50)
                     : old[i - PIECE];
    memcpy(new, old, SIZE / 2);
    memcpy(new + SIZE / 2, old + SIZE / 2 - 1234, SIZE / 2);
    for (unsigned i = 0; i < 100; i++)
        new[random_below(&seed, SIZE)] ^= 1;
    memmove(new + SIZE / 4, new + SIZE / 8, 30000);
    folder_write(old_path, old, SIZE);
    folder_write(new_path, new, SIZE);
    free(old);
    free(new);
}

static enum dfota_error make(const char *out, uint64_t memory, unsigned threads)
{
    const struct dfota_make_request request = {.old_image = "old",
                                               .new_image = "new",
                                               .out = out,
                                               .memory = memory,
                                               .threads = threads};

    dfota_made_free(&made);
    fault = (struct dfota_fault){0};
    return dfota_job_make(&request, &made, &fault);
}

static bool warns_of(const char *what)
{
    for (size_t i = 0; i < made.warning_count; i++)
        if (strstr(made.warnings[i], what) != NULL)
            return true;
    return false;
}

static void check_same_files(const char *a, const char *b)
{
    struct dfota_buffer want = example_read(b);

    folder_check(a, want.data, want.size);
    dfota_buffer_free(&want);
}

static void makes_nearly_as_small_a_package_from_files(void **state)
{
    uint64_t size;

    (void)state;
    write_images("old", "new");
    assert_int_equal(make("free.zip", 0, 2), DFOTA_OK);
    assert_false(warns_of("memory"));
    size = made.package_size;
    assert_int_equal(make("bound.zip", ENOUGH, 2), DFOTA_OK);
    assert_true(warns_of("images lay in files"));
    assert_true(made.package_size <= size * 115 / 100);
    assert_int_equal(folder_count("."), 4);
    assert_int_equal(make("one.zip", ENOUGH, 1), DFOTA_OK);
    check_same_files("one.zip", "bound.zip");
    dfota_made_free(&made);
}

static void changes_nothing_where_there_is_enough(void **state)
{
    (void)state;
    write_images("old", "new");
    assert_int_equal(make("free.zip", 0, 2), DFOTA_OK);
    assert_int_equal(make("bound.zip", 4096 * MIB, 2), DFOTA_OK);
    assert_false(warns_of("memory"));
    check_same_files("free.zip", "bound.zip");
    dfota_made_free(&made);
}

static void refuses_too_little_and_says_what_would_do(void **state)
{
    uint64_t enough;

    (void)state;
    write_images("old", "new");
    assert_int_equal(make("out.zip", MIB, 1), DFOTA_ERR_LIMIT);
    assert_string_equal(fault.rule, "MAKE-13");
    enough = strtoull(fault.detail, NULL, 10);
    assert_in_range(enough, 32, 128);
    assert_int_equal(folder_count("."), 2);
    assert_int_equal(make("out.zip", (enough - 1) * MIB, 1), DFOTA_ERR_LIMIT);
    assert_string_equal(fault.rule, "MAKE-13");
    assert_int_equal(make("out.zip", enough * MIB, 1), DFOTA_OK);
    dfota_made_free(&made);
}

/* New has nothing of old, so that its delta is as large as it is. */
static void refuses_a_delta_that_is_too_large(void **state)
{
    uint8_t *bytes = malloc(SIZE);
    uint32_t seed = 9;
    uint64_t enough;

    (void)state;
    assert_non_null(bytes);
    write_images("old", "new");
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (uint8_t)(random_next(&seed) >> 7);
    folder_write("new", bytes, SIZE);
    free(bytes);
    assert_int_equal(make("out.zip", ENOUGH, 2), DFOTA_ERR_LIMIT);
    assert_string_equal(fault.rule, "MAKE-13");
    enough = strtoull(fault.detail, NULL, 10);
    assert_int_equal(folder_count("."), 2);
    assert_int_equal(make("out.zip", enough * MIB, 2), DFOTA_OK);
    dfota_made_free(&made);
}

/* A plain patch knows no bound. */
static void refuses_a_plain_patch_that_needs_more(void **state)
{
    const struct dfota_make_request request = {.old_image = "old",
                                               .new_image = "new",
                                               .out = "patch",
                                               .type = DFOTA_TYPE_BSDIFF,
                                               .memory = ENOUGH};

    (void)state;
    write_images("old", "new");
    assert_int_equal(dfota_job_make(&request, &made, &fault), DFOTA_ERR_LIMIT);
    assert_string_equal(fault.rule, "MAKE-13");
    dfota_made_free(&made);
}

/* One that lies in files, and small ones beside each other. */
static void keeps_to_it_with_folders_too(void **state)
{
    (void)state;
    assert_int_equal(mkdir("old", 0700), 0);
    assert_int_equal(mkdir("new", 0700), 0);
    write_images("old/system", "new/system");
    for (unsigned i = 0; i < 3; i++) {
        static const char *const names[] = {"modem", "boot", "tz"};
        char path[32];

        snprintf(path, sizeof(path), "old/%s", names[i]);
        folder_write(path, names, sizeof(names));
        snprintf(path, sizeof(path), "new/%s.img", names[i]);
        folder_write(path, names[i], 2);
    }
    assert_int_equal(make("bound.zip", ENOUGH, 2), DFOTA_OK);
    assert_true(warns_of("images lay in files"));
    assert_int_equal(made.delta_count, 4);
    assert_string_equal(made.deltas[0].partition, "modem");
    assert_string_equal(made.deltas[1].partition, "system");
    assert_int_equal(make("one.zip", ENOUGH, 1), DFOTA_OK);
    check_same_files("one.zip", "bound.zip");
    dfota_made_free(&made);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(makes_nearly_as_small_a_package_from_files),
        folder_test(changes_nothing_where_there_is_enough),
        folder_test(refuses_too_little_and_says_what_would_do),
        folder_test(refuses_a_delta_that_is_too_large),
        folder_test(refuses_a_plain_patch_that_needs_more),
        folder_test(keeps_to_it_with_folders_too),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
