/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "tests/support/job_example.h"

static struct dfota_fault fault;
static char input[300]; /* its input, which does not outlive `made` */
static struct dfota_made made;

static enum dfota_error make(const struct dfota_make_request *request)
{
    fault = (struct dfota_fault){0};
    return dfota_job_make(request, &made, &fault);
}

static const struct dfota_make_request plain = {
    .old_image = "old", .new_image = "new", .out = "out.zip"};

/* Runs `request`, which must fail and leave the folder as it is. */
static void check_refused(const struct dfota_make_request *request,
                          enum dfota_error want, const char *rule)
{
    size_t before;

    folder_write("out.zip", "precious", 8);
    before = folder_count(".");
    assert_int_equal(make(request), want);
    assert_int_equal(fault.error, want);
    assert_non_null(fault.input);
    snprintf(input, sizeof(input), "%s", fault.input);
    if (rule != NULL)
        assert_string_equal(fault.rule, rule);
    else
        assert_null(fault.rule);
    folder_check("out.zip", "precious", 8);
    assert_int_equal(folder_count("."), before);
    dfota_made_free(&made);
    assert_int_equal(dfota_job_make(request, &made, NULL), want);
    dfota_made_free(&made);
}

static void refuses_images_that_are_the_same(void **state)
{
    struct dfota_make_request request = plain;

    (void)state;
    folder_write("old", "same", 4);
    folder_write("new", "same", 4);
    check_refused(&plain, DFOTA_ERR_REFUSED, "MAKE-1");
    request.new_image = "old";
    check_refused(&request, DFOTA_ERR_REFUSED, "MAKE-1");
    folder_write("old", "", 0);
    folder_write("new", "", 0);
    check_refused(&plain, DFOTA_ERR_REFUSED, "MAKE-1");
}

static void refuses_an_image_as_its_output(void **state)
{
    static const char *const names[] = {"old.zip",    "new.zip", "./old.zip",
                                        "old",        "new",     "hard",
                                        "sub/../new", "soft.zip"};
    struct job_example images = example_write();

    (void)state;
    assert_int_equal(rename("old", "old.zip"), 0);
    assert_int_equal(rename("new", "new.zip"), 0);
    assert_int_equal(link("old.zip", "hard.zip"), 0);
    assert_int_equal(symlink("new.zip", "soft.zip"), 0);
    assert_int_equal(mkdir("sub", 0700), 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct dfota_make_request request = {
            .old_image = "old.zip", .new_image = "new.zip", .out = names[i]};

        check_refused(&request, DFOTA_ERR_REFUSED, "MAKE-2");
        folder_check("old.zip", images.old, EXAMPLE_OLD_SIZE);
        folder_check("new.zip", images.new, EXAMPLE_NEW_SIZE);
    }
}

static void refuses_names_that_belong_to_minifota(void **state)
{
    static const char *const names[] = {
        "out.mini_1", "out.mini_2", "out.mini",      "out.MINI_1",
        ".mini_1",    "x/out.mini", "out.zip.mini_1"};

    (void)state;
    example_write();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct dfota_make_request request = plain;

        request.out = names[i];
        check_refused(&request, DFOTA_ERR_REFUSED, "MAKE-3");
        assert_string_equal(input, names[i]);
    }
}

/* --- what goes wrong while it is being proven ---------------------------- */

/* The only file in the folder whose name begins with a dot. */
static void find_temporary(char *out, size_t size)
{
    DIR *listing = opendir(".");
    struct dirent *entry;

    while ((entry = readdir(listing)) != NULL)
        if (entry->d_name[0] == '.' && entry->d_name[1] != '.' &&
            entry->d_name[1] != '\0')
            snprintf(out, size, "%s", entry->d_name);
    closedir(listing);
}

/* Puts the bytes of `context` in the written package's place, before it is read
 * back; for NULL, removes it. */
static void spoil(void *context, const char *step, uint64_t done,
                  uint64_t total)
{
    const struct dfota_view *bytes = context;
    char name[300] = "";

    (void)done;
    (void)total;
    if (strcmp(step, "proving") != 0)
        return;
    find_temporary(name, sizeof(name));
    if (bytes != NULL)
        folder_write(name, bytes->data, bytes->size);
    else
        assert_int_equal(unlink(name), 0);
}

/* Makes a package of either type, which must not be let out. */
static void check_unproven(const uint8_t *bytes, size_t size)
{
    struct dfota_view view = {bytes, size};
    struct dfota_make_request request = plain;

    request.progress = (struct dfota_progress){spoil, &view};
    check_refused(&request, DFOTA_ERR_REFUSED, "MAKE-4");
    request.type = DFOTA_TYPE_BSDIFF;
    check_refused(&request, DFOTA_ERR_REFUSED, "MAKE-4");
}

static void refuses_a_package_that_does_not_make_the_new_image(void **state)
{
    static const enum dfota_package_type types[] = {DFOTA_TYPE_DFOTA,
                                                    DFOTA_TYPE_BSDIFF};
    struct job_example images = example_write();

    (void)state;
    check_unproven((const uint8_t *)"broken", 6);
    check_unproven((const uint8_t *)"", 0);
    for (size_t i = 0; i < 2; i++) {
        struct dfota_buffer other;

        /* Sound, but a byte too short, or with the last byte wrong. */
        folder_write("new", images.new, EXAMPLE_NEW_SIZE - 1);
        example_make("other.zip", types[i]);
        example_write();
        other = example_read("other.zip");
        check_unproven(other.data, other.size);
        dfota_buffer_free(&other);
        images.new[EXAMPLE_NEW_SIZE - 1]++;
        folder_write("new", images.new, EXAMPLE_NEW_SIZE);
        example_make("other.zip", types[i]);
        images = example_write();
        other = example_read("other.zip");
        check_unproven(other.data, other.size);
        dfota_buffer_free(&other);
    }
}

static void a_package_that_vanishes_is_the_systems_fault(void **state)
{
    struct dfota_make_request request = plain;

    (void)state;
    example_write();
    request.progress.report = spoil;
    check_refused(&request, DFOTA_ERR_IO, NULL);
    assert_int_equal(fault.os_error, ENOENT);
}

/* --- what does not fit, and what the system refuses ---------------------- */

static void refuses_less_memory_than_any_applier_needs(void **state)
{
    struct dfota_make_request request = plain;

    (void)state;
    example_write();
    request.ram = 1;
    folder_write("out.zip", "precious", 8);
    assert_int_equal(make(&request), DFOTA_ERR_LIMIT);
    assert_string_equal(fault.rule, "MAKE-5");
    folder_check("out.zip", "precious", 8);
    assert_int_equal(folder_count("."), 3);
    dfota_made_free(&made);
}

static void refuses_an_image_of_two_gigabytes(void **state)
{
    struct dfota_make_request request = plain;

    (void)state;
    example_write();
    folder_write("huge", "", 0);
    if (truncate("huge", (off_t)1 << 31) != 0)
        skip(); /* a file system with smaller files */
    request.old_image = "huge";
    check_refused(&request, DFOTA_ERR_LIMIT, "FILE-1");
    assert_string_equal(input, "huge");
    request = plain;
    request.new_image = "huge";
    check_refused(&request, DFOTA_ERR_LIMIT, "FILE-1");
}

static void reports_images_that_cannot_be_read(void **state)
{
    static const struct {
        const char *path;
        int os_error;
    } cases[] = {{"missing", ENOENT}, {"old/more", ENOTDIR}};

    (void)state;
    example_write();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_make_request request = plain;

        request.old_image = cases[i].path;
        check_refused(&request, DFOTA_ERR_IO, NULL);
        assert_int_equal(fault.os_error, cases[i].os_error);
        assert_string_equal(input, cases[i].path);
        request = plain;
        request.new_image = cases[i].path;
        check_refused(&request, DFOTA_ERR_IO, NULL);
        assert_int_equal(fault.os_error, cases[i].os_error);
        assert_string_equal(input, cases[i].path);
    }
}

static void reports_an_output_that_cannot_be_written(void **state)
{
    static const struct {
        const char *path;
        int os_error;
    } cases[] = {{"nowhere/a.zip", ENOENT},
                 {"folder.zip", EISDIR},
                 {"old/a.zip", ENOTDIR}};

    (void)state;
    example_write();
    assert_int_equal(mkdir("folder.zip", 0700), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_make_request request = plain;

        request.out = cases[i].path;
        check_refused(&request, DFOTA_ERR_IO, NULL);
        assert_int_equal(fault.os_error, cases[i].os_error);
        assert_string_equal(input, cases[i].path);
    }
}

/* Makes a package where files cannot have more than 100 bytes. */
static int make_on_a_full_disk(void)
{
    const struct rlimit limit = {100, 100};
    enum dfota_error err;

    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 1;
    err = make(&plain);
    if (err != DFOTA_ERR_IO || fault.os_error != EFBIG ||
        strcmp(fault.input, "out.zip") != 0)
        return 2;
    dfota_made_free(&made);
    return 0;
}

static void a_full_disk_leaves_the_old_package(void **state)
{
    (void)state;
    example_write();
    folder_write("out.zip", "precious", 8);
    assert_int_equal(folder_in_child(make_on_a_full_disk), 0);
    folder_check("out.zip", "precious", 8);
    assert_int_equal(folder_count("."), 3);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(refuses_images_that_are_the_same),
        folder_test(refuses_an_image_as_its_output),
        folder_test(refuses_names_that_belong_to_minifota),
        folder_test(refuses_a_package_that_does_not_make_the_new_image),
        folder_test(a_package_that_vanishes_is_the_systems_fault),
        folder_test(refuses_less_memory_than_any_applier_needs),
        folder_test(refuses_an_image_of_two_gigabytes),
        folder_test(reports_images_that_cannot_be_read),
        folder_test(reports_an_output_that_cannot_be_written),
        folder_test(a_full_disk_leaves_the_old_package),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
