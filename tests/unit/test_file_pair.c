/* SPDX-License-Identifier: MIT */
/* test_file_pair.c - dfota_output_commit_all(): files that appear together */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "tests/support/folder.h"

static struct dfota_fault fault;
static struct dfota_output outputs[DFOTA_OUTPUT_MAX];

/* With a folder in front of them, and without. */
static const char *const paths[][2] = {{"a", "b"}, {"in/a", "in/b"}};

#define PLACES 2

/* Begins both files, with "new a" and "new b" in them. */
static void begin(const char *const names[2])
{
    static const char *const contents[2] = {"new a", "new b"};

    for (size_t i = 0; i < 2; i++) {
        outputs[i] = (struct dfota_output){0};
        assert_int_equal(dfota_output_open(&outputs[i], names[i], &fault),
                         DFOTA_OK);
        assert_int_equal(
            dfota_output_write(&outputs[i], contents[i], 5, &fault), DFOTA_OK);
    }
}

static enum dfota_error commit(void)
{
    enum dfota_error err;

    fault = (struct dfota_fault){0};
    err = dfota_output_commit_all(outputs, 2, &fault);
    for (size_t i = 0; i < 2; i++) {
        assert_null(outputs[i].temporary);
        assert_null(outputs[i].target);
    }
    return err;
}

static void check_failed(int os_error, const char *path)
{
    assert_int_equal(commit(), DFOTA_ERR_IO);
    assert_int_equal(fault.os_error, os_error);
    assert_string_equal(fault.input, path);
}

/* How many files there are in the folder of `names`. */
static size_t count(const char *const names[2])
{
    return folder_count(names[0][0] == 'i' ? "in" : ".");
}

static int enter(void **state)
{
    return folder_enter(state) != 0 || mkdir("in", 0700) != 0;
}

#define pair_test(test)                                                        \
    cmocka_unit_test_setup_teardown(test, enter, folder_leave)

static void both_appear(void **state)
{
    (void)state;
    for (size_t i = 0; i < PLACES; i++) {
        begin(paths[i]);
        assert_false(folder_has(paths[i][0]));
        assert_false(folder_has(paths[i][1]));
        assert_int_equal(commit(), DFOTA_OK);
        folder_check(paths[i][0], "new a", 5);
        folder_check(paths[i][1], "new b", 5);
    }
    assert_int_equal(folder_count("in"), 2);
    assert_int_equal(folder_count("."), 3);
}

static void both_replace_what_was_there(void **state)
{
    (void)state;
    for (size_t i = 0; i < PLACES; i++) {
        folder_write(paths[i][0], "precious", 8);
        folder_write(paths[i][1], "treasure", 8);
        begin(paths[i]);
        folder_check(paths[i][0], "precious", 8);
        folder_check(paths[i][1], "treasure", 8);
        assert_int_equal(commit(), DFOTA_OK);
        folder_check(paths[i][0], "new a", 5);
        folder_check(paths[i][1], "new b", 5);
    }
    assert_int_equal(folder_count("in"), 2);
    assert_int_equal(folder_count("."), 3);
}

static void the_second_goes_again_when_the_first_cannot_appear(void **state)
{
    (void)state;
    for (size_t i = 0; i < PLACES; i++) {
        size_t before = count(paths[i]);

        begin(paths[i]);
        assert_int_equal(mkdir(paths[i][0], 0700), 0);
        check_failed(EISDIR, paths[i][0]);
        assert_false(folder_has(paths[i][1]));
        assert_int_equal(rmdir(paths[i][0]), 0);
        assert_int_equal(count(paths[i]), before);
    }
}

static void what_the_second_replaced_is_put_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < PLACES; i++) {
        size_t before;

        folder_write(paths[i][1], "treasure", 8);
        assert_int_equal(chmod(paths[i][1], 0640), 0);
        before = count(paths[i]);
        begin(paths[i]);
        assert_int_equal(mkdir(paths[i][0], 0700), 0);
        check_failed(EISDIR, paths[i][0]);
        folder_check(paths[i][1], "treasure", 8);
        assert_int_equal(rmdir(paths[i][0]), 0);
        assert_int_equal(count(paths[i]), before);
    }
}

/* A folder in the place of a file is nothing to put aside. */
static void a_full_folder_in_the_way_stays(void **state)
{
    (void)state;
    begin(paths[0]);
    assert_int_equal(mkdir("b", 0700), 0);
    folder_write("b/file", "treasure", 8);
    check_failed(EISDIR, "b");
    folder_check("b/file", "treasure", 8);
    assert_false(folder_has("a"));
    assert_int_equal(folder_count("."), 2);
}

static void nothing_changes_when_a_temporary_file_is_gone(void **state)
{
    (void)state;
    for (size_t gone = 0; gone < 2; gone++) {
        folder_write("a", "precious", 8);
        folder_write("b", "treasure", 8);
        begin(paths[0]);
        assert_int_equal(unlink(outputs[gone].temporary), 0);
        check_failed(ENOENT, paths[0][gone]);
        folder_check("a", "precious", 8);
        folder_check("b", "treasure", 8);
        assert_int_equal(folder_count("."), 3);
    }
}

static void one_or_none_will_do(void **state)
{
    (void)state;
    begin(paths[0]);
    dfota_output_discard(&outputs[1]);
    assert_int_equal(dfota_output_commit_all(outputs, 1, &fault), DFOTA_OK);
    folder_check("a", "new a", 5);
    assert_int_equal(dfota_output_commit_all(outputs, 0, &fault), DFOTA_OK);
    assert_int_equal(folder_count("."), 2);
}

static void goes_where_links_lead(void **state)
{
    (void)state;
    folder_write("in/store", "treasure", 8);
    assert_int_equal(symlink("in/store", "b"), 0);
    begin(paths[0]);
    assert_int_equal(mkdir("a", 0700), 0);
    check_failed(EISDIR, "a");
    folder_check("in/store", "treasure", 8);
    assert_int_equal(rmdir("a"), 0);
    begin(paths[0]);
    assert_int_equal(commit(), DFOTA_OK);
    folder_check("in/store", "new b", 5);
    assert_int_equal(folder_count("in"), 1);
    assert_int_equal(folder_count("."), 3);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        pair_test(both_appear),
        pair_test(both_replace_what_was_there),
        pair_test(the_second_goes_again_when_the_first_cannot_appear),
        pair_test(what_the_second_replaced_is_put_back),
        pair_test(a_full_folder_in_the_way_stays),
        pair_test(nothing_changes_when_a_temporary_file_is_gone),
        pair_test(one_or_none_will_do),
        pair_test(goes_where_links_lead),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
