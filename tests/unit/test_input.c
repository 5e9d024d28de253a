/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/time.h>

#include <cmocka.h>

#include "lib/base/input.h"
#include "tests/support/folder.h"
#include "tests/support/random.h"

#define SIZE 200000 /* bytes, more than are ever read at once */

static struct dfota_fault fault;
static struct dfota_input input;
static uint8_t image[SIZE];

/* Opens "in", which holds `image`. */
static void open_image(void)
{
    uint32_t seed = 7;

    random_fill(&seed, image, SIZE);
    folder_write("in", image, SIZE);
    assert_int_equal(dfota_input_open("in", SIZE, &input, &fault), DFOTA_OK);
    assert_int_equal(input.size, SIZE);
}

/* What is read at `offset` is what is there. */
static void check_read(size_t offset, size_t size)
{
    uint8_t *found = malloc(size + 1);

    assert_non_null(found);
    assert_int_equal(dfota_input_read(&input, offset, found, size, &fault),
                     DFOTA_OK);
    assert_memory_equal(found, image + offset, size);
    free(found);
}

static void reads_any_range(void **state)
{
    static const size_t sizes[] = {0, 1, 512, 1024, 4096, 4097, 70000};
    uint32_t seed = 1;

    (void)state;
    open_image();
    for (size_t at = 0; at + 1000 <= SIZE; at += 1000) /* one behind another */
        check_read(at, 1000);
    for (unsigned i = 0; i < 2000; i++) {
        size_t size = sizes[i % (sizeof(sizes) / sizeof(sizes[0]))];

        check_read(random_below(&seed, (uint32_t)(SIZE - size + 1)), size);
    }
    for (size_t at = SIZE; at >= 777; at -= 777) /* backwards */
        check_read(at - 777, 777);
    check_read(SIZE, 0);
    check_read(0, SIZE);
    assert_int_equal(dfota_input_check(&input, &fault), DFOTA_OK);
    dfota_input_close(&input);
    dfota_input_close(&input);
}

static void loads_all_of_it(void **state)
{
    struct dfota_buffer out = {0};

    (void)state;
    open_image();
    assert_int_equal(dfota_input_load(&input, &out, &fault), DFOTA_OK);
    assert_int_equal(out.size, SIZE);
    assert_memory_equal(out.data, image, SIZE);
    dfota_buffer_free(&out);
    dfota_input_close(&input);
    folder_write("in", "", 0);
    assert_int_equal(dfota_input_open("in", 0, &input, &fault), DFOTA_OK);
    assert_int_equal(dfota_input_load(&input, &out, &fault), DFOTA_OK);
    assert_int_equal(out.size, 0);
    dfota_buffer_free(&out);
    dfota_input_close(&input);
}

static int write_to_pipe(void)
{
    int fd = open("pipe", O_WRONLY);
    ssize_t put = write(fd, "piped", 5);

    return put == 5 && close(fd) == 0 ? 0 : 1;
}

/* What cannot be read twice is kept. */
static void takes_a_pipe(void **state)
{
    char found[4] = "";
    pid_t child;
    int status;

    (void)state;
    assert_int_equal(mkfifo("pipe", 0600), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(write_to_pipe());
    assert_int_equal(dfota_input_open("pipe", 5, &input, &fault), DFOTA_OK);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(input.size, 5);
    assert_int_equal(dfota_input_read(&input, 2, found, 3, &fault), DFOTA_OK);
    assert_string_equal(found, "ped");
    assert_int_equal(dfota_input_read(&input, 0, found, 3, &fault), DFOTA_OK);
    assert_string_equal(found, "pip");
    assert_int_equal(dfota_input_check(&input, &fault), DFOTA_OK);
    dfota_input_close(&input);
}

static void takes_a_file_that_does_not_tell_its_size(void **state)
{
    (void)state;
    assert_int_equal(
        dfota_input_open("/proc/self/status", SIZE, &input, &fault), DFOTA_OK);
    assert_true(input.size > 100);
    dfota_input_close(&input);
}

/* The file is not what it was when it was opened. */
static void check_changed(enum dfota_error err)
{
    assert_int_equal(err, DFOTA_ERR_IO);
    assert_int_equal(fault.error, DFOTA_ERR_IO);
    assert_string_equal(fault.rule, "FILE-2");
    assert_int_equal(fault.os_error, 0);
    assert_string_equal(fault.input, "in");
    fault = (struct dfota_fault){0};
}

static void notices_a_file_that_shrinks(void **state)
{
    struct dfota_buffer out = {0};
    uint8_t piece[100];

    (void)state;
    open_image();
    check_read(0, 100);
    assert_int_equal(truncate("in", SIZE - 1), 0);
    check_changed(
        dfota_input_read(&input, SIZE - 100, piece, sizeof(piece), &fault));
    check_changed(dfota_input_load(&input, &out, &fault));
    assert_null(out.data);
    check_changed(dfota_input_check(&input, &fault));
    assert_int_equal(truncate("in", 0), 0);
    check_changed(dfota_input_read(&input, SIZE / 2, piece, 1, &fault));
    dfota_input_close(&input);
}

static void notices_a_file_that_grows_or_is_written(void **state)
{
    const struct timeval times[2] = {{1, 0}, {1, 0}};
    struct dfota_buffer out = {0};

    (void)state;
    open_image();
    assert_int_equal(truncate("in", SIZE + 1), 0);
    check_changed(dfota_input_load(&input, &out, &fault));
    dfota_input_close(&input);
    open_image();
    assert_int_equal(utimes("in", times), 0);
    check_changed(dfota_input_check(&input, &fault));
    dfota_input_close(&input);
}

static void refuses_what_cannot_be_read(void **state)
{
    static const struct {
        const char *path;
        enum dfota_error want;
        int os_error;
    } cases[] = {{"missing", DFOTA_ERR_IO, ENOENT},
                 {".", DFOTA_ERR_IO, EISDIR},
                 {"in", DFOTA_ERR_LIMIT, 0},
                 {"/dev/zero", DFOTA_ERR_LIMIT, 0}};

    (void)state;
    folder_write("in", "abcd", 4);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_input none = {0};

        fault = (struct dfota_fault){0};
        assert_int_equal(dfota_input_open(cases[i].path, 3, &none, &fault),
                         cases[i].want);
        assert_int_equal(fault.error, cases[i].want);
        assert_int_equal(fault.os_error, cases[i].os_error);
        assert_string_equal(fault.input, cases[i].path);
        if (cases[i].want == DFOTA_ERR_LIMIT)
            assert_string_equal(fault.rule, "FILE-1");
        assert_null(none.path);
        dfota_input_close(&none);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(reads_any_range),
        folder_test(loads_all_of_it),
        folder_test(takes_a_pipe),
        folder_test(takes_a_file_that_does_not_tell_its_size),
        folder_test(notices_a_file_that_shrinks),
        folder_test(notices_a_file_that_grows_or_is_written),
        folder_test(refuses_what_cannot_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
