/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/base/output_folder.h"
#include "tests/support/folder.h"

static struct dfota_fault fault;
static struct dfota_output_folder output;

/* Begins `path`, with a file "a" in it. */
static void begin(const char *path)
{
    char name[200];

    assert_int_equal(dfota_output_folder_open(&output, path, &fault), DFOTA_OK);
    assert_true(snprintf(name, sizeof(name), "%s/a", output.temporary) <
                (int)sizeof(name));
    folder_write(name, "new", 3);
}

static void commit(void)
{
    assert_int_equal(dfota_output_folder_commit(&output, &fault), DFOTA_OK);
    assert_null(output.temporary);
    assert_null(output.target);
    dfota_output_folder_discard(&output);
}

static void appears_only_when_it_is_done(void **state)
{
    (void)state;
    begin("out");
    assert_false(folder_has("out"));
    commit();
    folder_check("out/a", "new", 3);
    begin("other/");
    commit();
    folder_check("other/a", "new", 3);
    begin("never");
    dfota_output_folder_discard(&output);
    dfota_output_folder_discard(&output);
    assert_int_equal(folder_count("."), 2);
}

static void takes_the_place_of_another(void **state)
{
    struct stat status;

    (void)state;
    assert_int_equal(mkdir("real", 0700), 0);
    assert_int_equal(chmod("real", 0750), 0);
    folder_write("real/b", "precious", 8);
    assert_int_equal(symlink("real", "link"), 0);
    begin("link");
    folder_check("real/b", "precious", 8);
    commit();
    folder_check("real/a", "new", 3);
    assert_int_equal(folder_count("real"), 1);
    assert_int_equal(folder_count("."), 2);
    assert_int_equal(stat("real", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0750);
}

/* A folder that nobody may write into, which counts for all but root. */
static void takes_the_place_of_a_read_only_one(void **state)
{
    struct stat status;

    (void)state;
    assert_int_equal(mkdir("out", 0700), 0);
    folder_write("out/b", "precious", 8);
    assert_int_equal(chmod("out", 0500), 0);
    begin("out");
    commit();
    folder_check("out/a", "new", 3);
    assert_int_equal(folder_count("out"), 1);
    assert_int_equal(folder_count("."), 1);
    assert_int_equal(stat("out", &status), 0);
    assert_int_equal(status.st_mode & 0777, 0700);
}

static void leaves_another_that_it_gives_up(void **state)
{
    (void)state;
    assert_int_equal(mkdir("out", 0700), 0);
    folder_write("out/b", "precious", 8);
    begin("out");
    dfota_output_folder_discard(&output);
    folder_check("out/b", "precious", 8);
    assert_int_equal(folder_count("out"), 1);
    assert_int_equal(folder_count("."), 1);
}

/* The temporary folder goes away before it can be renamed. */
static void puts_back_what_was_there(void **state)
{
    (void)state;
    assert_int_equal(mkdir("out", 0700), 0);
    folder_write("out/b", "precious", 8);
    begin("out");
    assert_int_equal(rename(output.temporary, "stolen"), 0);
    assert_int_equal(dfota_output_folder_commit(&output, &fault), DFOTA_ERR_IO);
    assert_int_equal(fault.os_error, ENOENT);
    assert_string_equal(fault.input, "out");
    folder_check("out/b", "precious", 8);
    assert_int_equal(folder_count("."), 2);
}

static void reports_where_it_cannot_be(void **state)
{
    static const struct {
        const char *path;
        int os_error;
    } cases[] = {{"file", ENOTDIR}, {"nowhere/out", ENOENT}, {"loop", ELOOP}};

    (void)state;
    folder_write("file", "", 0);
    assert_int_equal(symlink("loop", "loop"), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_output_folder none = {0};

        assert_int_equal(dfota_output_folder_open(&none, cases[i].path, &fault),
                         DFOTA_ERR_IO);
        assert_int_equal(fault.os_error, cases[i].os_error);
        assert_string_equal(fault.input, cases[i].path);
        assert_null(none.path);
        assert_int_equal(folder_count("."), 2);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(appears_only_when_it_is_done),
        folder_test(takes_the_place_of_another),
        folder_test(takes_the_place_of_a_read_only_one),
        folder_test(leaves_another_that_it_gives_up),
        folder_test(puts_back_what_was_there),
        folder_test(reports_where_it_cannot_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
