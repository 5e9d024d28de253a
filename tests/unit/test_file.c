/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/folder.h"

#define NO_LIMIT SIZE_MAX

static struct dfota_fault fault;

/* --- reading ------------------------------------------------------------- */

/* Reads `path`, which must give exactly `bytes`. */
static void check_reads(const char *path, size_t limit, const void *bytes,
                        size_t size)
{
    struct dfota_buffer out = {0};

    assert_int_equal(dfota_file_read(path, limit, &out, &fault), DFOTA_OK);
    assert_int_equal(out.size, size);
    if (size > 0)
        assert_memory_equal(out.data, bytes, size);
    dfota_buffer_free(&out);
}

/* Reads `path`, which must fail and leave the buffer as it was. */
static void check_unreadable(const char *path, size_t limit,
                             enum dfota_error want, int os_error)
{
    struct dfota_buffer out = {0};

    fault = (struct dfota_fault){0};
    assert_int_equal(dfota_file_read(path, limit, &out, &fault), want);
    assert_int_equal(fault.error, want);
    assert_string_equal(fault.input, path);
    assert_int_equal(fault.os_error, os_error);
    assert_null(out.data);
    assert_int_equal(out.size, 0);
    assert_int_equal(out.error, DFOTA_OK);
    assert_int_equal(dfota_file_read(path, limit, &out, NULL), want);
}

static void reads_a_file_whole(void **state)
{
    (void)state;
    folder_write("in", "a\0b\n", 4);
    check_reads("in", NO_LIMIT, "a\0b\n", 4);
    check_reads("./in", 4, "a\0b\n", 4);
}

static void reads_an_empty_file(void **state)
{
    (void)state;
    folder_write("in", "", 0);
    check_reads("in", NO_LIMIT, "", 0);
    check_reads("in", 0, "", 0);
    check_reads("/dev/null", NO_LIMIT, "", 0);
}

static void reads_a_file_that_does_not_tell_its_size(void **state)
{
    struct dfota_buffer out = {0};

    (void)state;
    assert_int_equal(
        dfota_file_read("/proc/self/status", NO_LIMIT, &out, &fault), DFOTA_OK);
    assert_true(out.size > 100);
    assert_int_equal(out.data[out.size - 1], '\n');
    dfota_buffer_free(&out);
}

static void refuses_a_file_over_the_limit(void **state)
{
    (void)state;
    folder_write("in", "abcd", 4);
    check_reads("in", 4, "abcd", 4);
    check_unreadable("in", 3, DFOTA_ERR_LIMIT, 0);
    assert_string_equal(fault.rule, "FILE-1");
    assert_int_equal(fault.offset, 3);
    check_unreadable("/dev/zero", 5000000, DFOTA_ERR_LIMIT, 0);
    assert_string_equal(fault.rule, "FILE-1");
    assert_int_equal(fault.offset, 5000000);
}

/* A terabyte, of which nothing is stored: reading it would not end. */
static void refuses_a_huge_file_unread(void **state)
{
    (void)state;
    folder_write("in", "", 0);
    if (truncate("in", (off_t)1 << 40) != 0)
        skip(); /* a file system with smaller files */
    check_unreadable("in", INT32_MAX, DFOTA_ERR_LIMIT, 0);
    assert_string_equal(fault.rule, "FILE-1");
}

/* Writes three megabytes, and a little, in pieces of all sizes. */
static int write_pipe(void)
{
    uint8_t piece[5000];
    size_t done = 0;
    int fd = open("pipe", O_WRONLY);

    memset(piece, 'x', sizeof(piece));
    for (size_t size = 1; done < 3000000; size = (size * 7 + 1) % 5000) {
        if (write(fd, piece, size) != (ssize_t)size)
            return 1;
        done += size;
    }
    return close(fd) != 0 || done > 3005000;
}

static void reads_a_pipe_to_its_end(void **state)
{
    struct dfota_buffer out = {0};
    pid_t child;
    int status;

    (void)state;
    assert_int_equal(mkfifo("pipe", 0600), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(write_pipe());
    assert_int_equal(dfota_file_read("pipe", NO_LIMIT, &out, &fault), DFOTA_OK);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_in_range(out.size, 3000000, 3005000);
    for (size_t i = 0; i < out.size; i++)
        assert_true(out.data[i] == 'x');
    dfota_buffer_free(&out);
}

static void reports_what_cannot_be_read(void **state)
{
    (void)state;
    folder_write("in", "abcd", 4);
    check_unreadable("missing", NO_LIMIT, DFOTA_ERR_IO, ENOENT);
    check_unreadable("", NO_LIMIT, DFOTA_ERR_IO, ENOENT);
    check_unreadable(".", NO_LIMIT, DFOTA_ERR_IO, EISDIR);
    check_unreadable("in/more", NO_LIMIT, DFOTA_ERR_IO, ENOTDIR);
    check_unreadable("/proc/self/mem", NO_LIMIT, DFOTA_ERR_IO, EIO);
}

static void knows_a_file_by_all_its_names(void **state)
{
    (void)state;
    folder_write("a", "abcd", 4);
    folder_write("b", "abcd", 4);
    assert_int_equal(link("a", "hard"), 0);
    assert_int_equal(symlink("a", "soft"), 0);
    assert_int_equal(symlink("soft", "softer"), 0);
    assert_int_equal(symlink("missing", "dangling"), 0);
    assert_true(dfota_file_same("a", "a"));
    assert_true(dfota_file_same("a", "./a"));
    assert_true(dfota_file_same("hard", "a"));
    assert_true(dfota_file_same("a", "softer"));
    assert_true(dfota_file_same("soft", "hard"));
    assert_false(dfota_file_same("a", "b"));
    assert_false(dfota_file_same("a", "missing"));
    assert_false(dfota_file_same("missing", "a"));
    assert_false(dfota_file_same("missing", "missing"));
    assert_false(dfota_file_same("dangling", "missing"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(reads_a_file_whole),
        folder_test(reads_an_empty_file),
        folder_test(reads_a_file_that_does_not_tell_its_size),
        folder_test(refuses_a_file_over_the_limit),
        folder_test(refuses_a_huge_file_unread),
        folder_test(reads_a_pipe_to_its_end),
        folder_test(reports_what_cannot_be_read),
        folder_test(knows_a_file_by_all_its_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
