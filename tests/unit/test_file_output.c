/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "tests/support/folder.h"

#define NOBODY 65534 /* a user without rights */

static struct dfota_fault fault;
static struct dfota_output output;

/* Begins `path` with "new" in it. */
static void begin(const char *path)
{
    output = (struct dfota_output){0};
    assert_int_equal(dfota_output_open(&output, path, &fault), DFOTA_OK);
    assert_int_equal(dfota_output_write(&output, "ne", 2, &fault), DFOTA_OK);
    assert_int_equal(dfota_output_write(&output, NULL, 0, &fault), DFOTA_OK);
    assert_int_equal(dfota_output_write(&output, "w", 1, &fault), DFOTA_OK);
}

/* Nothing is left of the output. */
static void check_ended(void)
{
    assert_null(output.temporary);
    assert_null(output.target);
    dfota_output_discard(&output);
}

/* Finishes what begin() began. */
static void commit(void)
{
    assert_int_equal(dfota_output_commit(&output, &fault), DFOTA_OK);
    check_ended();
}

/* Writes "new" to `path`, which must work. */
static void replace(const char *path)
{
    begin(path);
    commit();
    folder_check(path, "new", 3);
}

/* Begins `path`, which must fail and leave nothing behind. */
static void check_refused(const char *path, int os_error)
{
    size_t before = folder_count(".");
    struct dfota_output untouched = {.fd = 77, .path = "untouched"};

    fault = (struct dfota_fault){0};
    assert_int_equal(dfota_output_open(&untouched, path, &fault), DFOTA_ERR_IO);
    assert_int_equal(fault.error, DFOTA_ERR_IO);
    assert_int_equal(fault.os_error, os_error);
    assert_string_equal(fault.input, path);
    assert_int_equal(untouched.fd, 77);
    assert_string_equal(untouched.path, "untouched");
    assert_int_equal(folder_count("."), before);
}

static mode_t mode_of(const char *path)
{
    struct stat status;

    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 07777;
}

static void appears_only_when_it_is_done(void **state)
{
    (void)state;
    begin("out");
    assert_false(folder_has("out"));
    assert_int_equal(folder_count("."), 1);
    folder_check(output.temporary, "new", 3);
    commit();
    folder_check("out", "new", 3);
    assert_int_equal(folder_count("."), 1);
}

static void leaves_the_old_file_as_it_was_until_then(void **state)
{
    (void)state;
    folder_write("out", "precious", 8);
    begin("out");
    folder_check("out", "precious", 8);
    commit();
    folder_check("out", "new", 3);
    assert_int_equal(folder_count("."), 1);
}

static void leaves_nothing_when_it_is_given_up(void **state)
{
    (void)state;
    folder_write("out", "precious", 8);
    begin("out");
    dfota_output_discard(&output);
    check_ended();
    folder_check("out", "precious", 8);
    assert_int_equal(folder_count("."), 1);
}

static void gives_up_nothing_when_nothing_was_begun(void **state)
{
    struct dfota_output none = {0};

    (void)state;
    dfota_output_discard(&none);
    assert_true(fcntl(0, F_GETFD) >= 0); /* a {0} has no file 0 to close */
}

static void may_be_empty(void **state)
{
    (void)state;
    assert_int_equal(dfota_output_open(&output, "out", &fault), DFOTA_OK);
    commit();
    folder_check("out", "", 0);
}

static void keeps_the_permissions_of_what_it_replaces(void **state)
{
    static const mode_t modes[] = {0600, 0640, 0644, 0755, 0444, 0400, 0666};

    (void)state;
    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
        folder_write("out", "precious", 8);
        assert_int_equal(chmod("out", modes[i]), 0);
        replace("out");
        assert_int_equal(mode_of("out"), modes[i]);
        assert_int_equal(unlink("out"), 0);
    }
}

static void does_not_hand_on_the_right_to_run_as_the_owner(void **state)
{
    (void)state;
    folder_write("out", "precious", 8);
    assert_int_equal(chmod("out", 06755), 0);
    replace("out");
    assert_int_equal(mode_of("out"), 0755);
}

static void gives_a_new_file_the_usual_permissions(void **state)
{
    mode_t before = umask(027);

    (void)state;
    replace("out");
    assert_int_equal(umask(before), 027);
    assert_int_equal(mode_of("out"), 0640);
}

static void takes_every_name_that_a_file_can_have(void **state)
{
    char longest[256];

    (void)state;
    memset(longest, 'x', 255);
    longest[255] = '\0';
    assert_int_equal(mkdir("папка с пробелом", 0700), 0);
    replace("./out");
    replace("-o");
    replace(" ");
    replace("out.zip\n");
    replace("обновление 2026.zip");
    replace("папка с пробелом/更新.zip");
    replace("\xff\xfe"); /* no text in any script */
    replace("папка с пробелом/../%s%n");
    replace(longest);
    assert_int_equal(folder_count("."), 9);
    assert_int_equal(folder_count("папка с пробелом"), 1);
}

static void passes_over_what_killed_runs_left(void **state)
{
    struct dfota_output other = {0};

    (void)state;
    assert_int_equal(dfota_output_open(&other, "out", &fault), DFOTA_OK);
    begin("out");
    commit();
    folder_check("out", "new", 3);
    assert_int_equal(dfota_output_commit(&other, &fault), DFOTA_OK);
    folder_check("out", "", 0);
    assert_int_equal(folder_count("."), 1);
}

static void goes_where_a_link_leads_and_keeps_the_link(void **state)
{
    char target[64];

    (void)state;
    assert_int_equal(mkdir("store", 0700), 0);
    assert_int_equal(mkdir("links", 0700), 0);
    folder_write("store/out", "precious", 8);
    assert_int_equal(chmod("store/out", 0640), 0);
    assert_int_equal(symlink("../store/out", "links/near"), 0);
    assert_int_equal(symlink("links/near", "far"), 0);
    begin("far");
    folder_check("far", "precious", 8);
    assert_int_equal(folder_count("store"), 2); /* on its file system */
    commit();
    folder_check("store/out", "new", 3);
    assert_int_equal(mode_of("store/out"), 0640);
    assert_int_equal(readlink("far", target, sizeof(target)), 10);
    assert_int_equal(readlink("links/near", target, sizeof(target)), 12);
    assert_int_equal(folder_count("store"), 1);
    assert_int_equal(folder_count("links"), 1);
    assert_int_equal(folder_count("."), 3);
}

static void follows_an_absolute_link(void **state)
{
    const char *folder = *state;
    struct dfota_buffer target = {0};

    dfota_buffer_add(&target, folder, strlen(folder));
    dfota_buffer_add(&target, "/out", sizeof("/out"));
    assert_int_equal(mkdir("links", 0700), 0);
    assert_int_equal(symlink((const char *)target.data, "links/out"), 0);
    dfota_buffer_free(&target);
    replace("links/out");
    folder_check("out", "new", 3);
    assert_int_equal(folder_count("links"), 1);
}

static void creates_what_a_link_promises(void **state)
{
    (void)state;
    assert_int_equal(symlink("out", "link"), 0);
    replace("link");
    folder_check("out", "new", 3);
    assert_int_equal(folder_count("."), 2);
}

static void refuses_what_no_file_can_be(void **state)
{
    (void)state;
    folder_write("file", "precious", 8);
    assert_int_equal(mkfifo("pipe", 0600), 0);
    assert_int_equal(symlink("b", "a"), 0);
    assert_int_equal(symlink("a", "b"), 0);
    assert_int_equal(symlink("nowhere/out", "lost"), 0);
    check_refused(".", EISDIR);
    check_refused("pipe", EINVAL);
    check_refused("/dev/null", EINVAL);
    check_refused("nowhere/out", ENOENT);
    check_refused("nowhere/", ENOENT);
    check_refused("lost", ENOENT);
    check_refused("file/out", ENOTDIR);
    check_refused("a", ELOOP);
    folder_check("file", "precious", 8);
    assert_false(folder_has("nowhere"));
}

static void fails_in_a_folder_that_was_removed(void **state)
{
    (void)state;
    assert_int_equal(mkdir("folder", 0700), 0);
    begin("folder/out");
    assert_int_equal(unlink(output.temporary), 0);
    assert_int_equal(rmdir("folder"), 0);
    fault = (struct dfota_fault){0};
    assert_int_equal(dfota_output_commit(&output, &fault), DFOTA_ERR_IO);
    assert_int_equal(fault.os_error, ENOENT);
    assert_string_equal(fault.input, "folder/out");
    check_ended();
    assert_int_equal(folder_count("."), 0);
}

static void fails_when_a_folder_took_its_place(void **state)
{
    (void)state;
    begin("out");
    assert_int_equal(mkdir("out", 0700), 0);
    fault = (struct dfota_fault){0};
    assert_int_equal(dfota_output_commit(&output, &fault), DFOTA_ERR_IO);
    assert_int_equal(fault.os_error, EISDIR);
    check_ended();
    assert_int_equal(folder_count("."), 1);
    assert_int_equal(folder_count("out"), 0);
}

/* A file of 1000 bytes fills the disk. */
static int write_to_a_full_disk(void)
{
    static const uint8_t bytes[1500];
    const struct rlimit limit = {1000, 1000};

    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0 ||
        dfota_output_open(&output, "out", &fault))
        return 1;
    if (dfota_output_write(&output, bytes, 500, &fault) ||
        dfota_output_write(&output, bytes, sizeof(bytes), &fault) !=
            DFOTA_ERR_IO ||
        fault.os_error != EFBIG || strcmp(fault.input, "out") != 0)
        return 2;
    dfota_output_discard(&output);
    return 0;
}

static void a_full_disk_leaves_the_old_file(void **state)
{
    (void)state;
    folder_write("out", "precious", 8);
    assert_int_equal(folder_in_child(write_to_a_full_disk), 0);
    folder_check("out", "precious", 8);
    assert_int_equal(folder_count("."), 1);
}

/* Gives up being root, if need be. */
static bool become_nobody(void)
{
    return getuid() != 0 || setuid(NOBODY) == 0;
}

static int write_to_a_drop_box(void)
{
    if (!become_nobody() || dfota_output_open(&output, "box/out", &fault) ||
        dfota_output_write(&output, "new", 3, &fault))
        return 1;
    return dfota_output_commit(&output, &fault) ? 2 : 0;
}

/* A folder may be written to and yet not be read, nor flushed. */
static void appears_in_a_folder_that_cannot_be_read(void **state)
{
    (void)state;
    assert_int_equal(mkdir("box", 0700), 0);
    assert_int_equal(chmod("box", getuid() == 0 ? 0333 : 0300), 0);
    assert_int_equal(chmod(".", 0711), 0);
    assert_int_equal(folder_in_child(write_to_a_drop_box), 0);
    folder_check("box/out", "new", 3);
    assert_int_equal(chmod("box", 0700), 0);
    assert_int_equal(folder_count("box"), 1);
}

static int write_where_it_is_forbidden(void)
{
    return !become_nobody() ||
           dfota_output_open(&output, "box/out", &fault) != DFOTA_ERR_IO ||
           fault.os_error != EACCES || strcmp(fault.input, "box/out") != 0;
}

static void reports_a_folder_that_cannot_be_written_to(void **state)
{
    (void)state;
    assert_int_equal(mkdir("box", 0555), 0);
    assert_int_equal(chmod(".", 0711), 0);
    assert_int_equal(folder_in_child(write_where_it_is_forbidden), 0);
    assert_int_equal(folder_count("box"), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(appears_only_when_it_is_done),
        folder_test(leaves_the_old_file_as_it_was_until_then),
        folder_test(leaves_nothing_when_it_is_given_up),
        folder_test(gives_up_nothing_when_nothing_was_begun),
        folder_test(may_be_empty),
        folder_test(keeps_the_permissions_of_what_it_replaces),
        folder_test(does_not_hand_on_the_right_to_run_as_the_owner),
        folder_test(gives_a_new_file_the_usual_permissions),
        folder_test(takes_every_name_that_a_file_can_have),
        folder_test(passes_over_what_killed_runs_left),
        folder_test(goes_where_a_link_leads_and_keeps_the_link),
        folder_test(follows_an_absolute_link),
        folder_test(creates_what_a_link_promises),
        folder_test(refuses_what_no_file_can_be),
        folder_test(fails_in_a_folder_that_was_removed),
        folder_test(fails_when_a_folder_took_its_place),
        folder_test(a_full_disk_leaves_the_old_file),
        folder_test(appears_in_a_folder_that_cannot_be_read),
        folder_test(reports_a_folder_that_cannot_be_written_to),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
