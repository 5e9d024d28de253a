/* SPDX-License-Identifier: MIT */
/* Partition folders that are refused, whole, and by which rule. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dfota/job_apply.h"
#include "tests/support/folder_example.h"

static struct dfota_fault fault;

static enum dfota_error make(struct dfota_make_request request)
{
    struct dfota_made made;
    enum dfota_error err;

    request.out = request.out != NULL ? request.out : "out";
    fault = (struct dfota_fault){0};
    err = dfota_job_make(&request, &made, &fault);
    dfota_made_free(&made);
    return err;
}

static enum dfota_error apply(const char *package, const char *old,
                              const char *out)
{
    const struct dfota_apply_request request = {
        .package = package, .old_image = old, .out = out};
    struct dfota_applied applied;

    fault = (struct dfota_fault){0};
    return dfota_job_apply(&request, &applied, &fault);
}

/* The last call was refused by `rule`, for `input`, which says `detail`. */
static void check_refused(const char *rule, const char *input,
                          const char *detail)
{
    assert_int_equal(fault.error, DFOTA_ERR_REFUSED);
    assert_string_equal(fault.rule, rule);
    assert_string_equal(fault.input, input);
    assert_string_equal(fault.detail, detail);
}

/* Neither from nor to "B" as it is can anything be made. */
static void check_folder(const char *rule, const char *detail)
{
    const struct dfota_make_request from = {.old_image = "B", .new_image = "A"};
    const struct dfota_make_request to = {.old_image = "A", .new_image = "B"};
    size_t before = folder_count(".");

    assert_int_equal(make(from), DFOTA_ERR_REFUSED);
    check_refused(rule, "B", detail);
    assert_int_equal(make(to), DFOTA_ERR_REFUSED);
    check_refused(rule, "B", detail);
    assert_int_equal(apply("p.zip", "B", "C"), DFOTA_ERR_REFUSED);
    check_refused(rule, "B", detail);
    assert_int_equal(folder_count("."), before);
}

static void there_are_only_files_in_a_folder(void **state)
{
    (void)state;
    folder_example_write();
    folder_example_make();
    assert_int_equal(mkdir("B/tz", 0700), 0);
    check_folder("DIR-1", "tz");
    assert_int_equal(rmdir("B/tz"), 0);
    assert_int_equal(symlink("../A/boot.img", "B/tz.img"), 0);
    check_folder("DIR-1", "tz.img");
    assert_int_equal(unlink("B/tz.img"), 0);
    assert_int_equal(mkfifo("B/tz.pipe", 0600), 0);
    check_folder("DIR-1", "tz.pipe");
}

static void each_file_is_named_after_a_partition(void **state)
{
    static const char *const names[] = {
        "aboot.img", "README",     ".img",        "modem.img.bak",
        "Modem.img", "modem2.img", "layout.json", ".modem"};

    (void)state;
    folder_example_write();
    folder_example_make();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char path[40] = "B/";

        strcat(path, names[i]);
        folder_write(path, "x", 1);
        check_folder("DIR-2", names[i]);
        assert_int_equal(unlink(path), 0);
    }
}

static void no_two_files_are_named_after_one_partition(void **state)
{
    (void)state;
    folder_example_write();
    folder_example_make();
    folder_write("B/boot.old", "x", 1);
    check_folder("DIR-3", "boot.old");
    /* Nor where all partitions are there already. */
    folder_write("B/tz", "x", 1);
    assert_int_equal(rename("B/boot.old", "B/tz.z"), 0);
    check_folder("DIR-3", "tz.z");
}

static void a_folder_is_not_empty(void **state)
{
    (void)state;
    folder_example_write();
    folder_example_make();
    for (size_t i = 0; i < FOLDER_PARTS; i++)
        assert_int_equal(unlink(folder_parts[i].new_file), 0);
    check_folder("DIR-4", "it is empty");
}

static void both_sides_have_the_same_partitions(void **state)
{
    const struct dfota_make_request up = {.old_image = "A", .new_image = "B"};
    const struct dfota_make_request down = {.old_image = "B", .new_image = "A"};

    (void)state;
    folder_example_write();
    folder_example_make();
    folder_write("B/tz.mbn", "x", 1);
    assert_int_equal(make(up), DFOTA_ERR_REFUSED);
    check_refused("DIR-5", "B", "tz");
    assert_int_equal(make(down), DFOTA_ERR_REFUSED);
    check_refused("DIR-5", "B", "tz");
    /* A package knows its partitions as well. */
    folder_write("A/tz.mbn", "x", 1);
    assert_int_equal(apply("p.zip", "A", "C"), DFOTA_ERR_REFUSED);
    check_refused("DIR-5", "A", "tz");
    assert_int_equal(unlink("A/tz.mbn"), 0);
    assert_int_equal(unlink("A/modem.img"), 0);
    assert_int_equal(apply("p.zip", "A", "C"), DFOTA_ERR_REFUSED);
    check_refused("DIR-5", "A", "modem");
    assert_false(folder_has("C"));
}

static void folders_go_into_one_kind_of_package(void **state)
{
    static const struct dfota_make_request cases[] = {
        {.old_image = "A", .new_image = "A/boot.img"},
        {.old_image = "A/boot.img", .new_image = "B"},
        {.old_image = "A", .new_image = "B", .layout = "flash.json"},
        {.old_image = "A", .new_image = "B", .type = DFOTA_TYPE_BSDIFF},
        {.old_image = "A", .new_image = "B", .type = DFOTA_TYPE_MINI},
    };
    const struct dfota_make_request called_for = {.old_image = "A",
                                                  .new_image = "B",
                                                  .from = "EC200NCNLAR03A01M08",
                                                  .to = "EC200NCNLAR03A02M08"};
    struct dfota_make_request missing = {.old_image = "A"};

    (void)state;
    folder_example_write();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(make(cases[i]), DFOTA_ERR_USAGE);
        assert_string_equal(fault.rule, "MAKE-10");
    }
    /* What is not there is no folder and no file. */
    missing.new_image = "missing";
    assert_int_equal(make(missing), DFOTA_ERR_IO);
    assert_int_equal(fault.os_error, ENOENT);
    assert_string_equal(fault.input, "missing");
    assert_int_equal(make(called_for), DFOTA_ERR_USAGE);
    assert_string_equal(fault.rule, "MAKE-6");
    assert_int_equal(folder_count("."), 2);
}

static void no_package_takes_the_place_of_an_image(void **state)
{
    const struct dfota_make_request request = {
        .old_image = "A", .new_image = "B", .out = "A/tz.zip"};

    (void)state;
    folder_example_write();
    folder_write("A/tz.zip", "x", 1);
    folder_write("B/tz.zip", "y", 1);
    assert_int_equal(make(request), DFOTA_ERR_REFUSED);
    assert_string_equal(fault.rule, "MAKE-2");
    folder_check("A/tz.zip", "x", 1);
}

static void only_a_dfota_package_is_for_a_folder(void **state)
{
    static const char *const packages[] = {"p.patch", "p.delta", "A/boot.img"};
    const struct dfota_make_request patch = {.old_image = "A/modem.img",
                                             .new_image = "B/modem",
                                             .out = "p.patch",
                                             .type = DFOTA_TYPE_BSDIFF};
    struct dfota_make_request image = patch;

    (void)state;
    folder_example_write();
    image.out = "image.zip";
    image.type = DFOTA_TYPE_DFOTA;
    assert_int_equal(make(patch), DFOTA_OK);
    assert_int_equal(make(image), DFOTA_OK);
    example_unpack("image.zip", "p.delta");
    for (size_t i = 0; i < sizeof(packages) / sizeof(packages[0]); i++) {
        assert_int_equal(apply(packages[i], "A", "C"), DFOTA_ERR_REFUSED);
        assert_string_equal(fault.rule, "APPLY-5");
        assert_string_equal(fault.input, packages[i]);
    }
    /* One for a single image knows no file names. */
    assert_int_equal(apply("image.zip", "A", "C"), DFOTA_ERR_REFUSED);
    check_refused("DIR-5", "A", "image");
    assert_false(folder_has("C"));
}

static void replaces_no_folder_with_other_things_in_it(void **state)
{
    (void)state;
    folder_example_write();
    folder_example_make();
    assert_int_equal(mkdir("C", 0700), 0);
    folder_write("C/thesis.txt", "precious", 8);
    assert_int_equal(apply("p.zip", "A", "C"), DFOTA_ERR_REFUSED);
    check_refused("APPLY-6", "C", "thesis.txt");
    folder_check("C/thesis.txt", "precious", 8);
    assert_int_equal(apply("p.zip", "A", "."), DFOTA_ERR_REFUSED);
    check_refused("APPLY-6", ".", "A");
    assert_int_equal(apply("p.zip", "A", "A/"), DFOTA_ERR_REFUSED);
    check_refused("APPLY-1", "A/", "");
    assert_int_equal(apply("p.zip", "A", "A/boot.img"), DFOTA_ERR_IO);
    assert_int_equal(fault.os_error, ENOTDIR);
    assert_int_equal(folder_count("."), 4);
}

/* One byte of a partition that changes, and of one that does not. */
static void refuses_every_other_old_partition(void **state)
{
    (void)state;
    folder_example_write();
    folder_example_make();
    assert_int_equal(mkdir("C", 0700), 0);
    folder_write("C/modem", "precious", 8);
    folder_write("A/boot.img", "x", 1);
    assert_int_equal(apply("p.zip", "A", "C"), DFOTA_ERR_DIGEST);
    assert_string_equal(fault.rule, "APPLY-4");
    assert_string_equal(fault.input, "p.zip");
    assert_string_equal(fault.detail, "boot");
    folder_write("A/system.ubi", "x", 1);
    assert_int_equal(apply("p.zip", "A", "C"), DFOTA_ERR_DIGEST);
    assert_string_equal(fault.rule, "DLT-14");
    assert_string_equal(fault.detail, "system");
    folder_check("C/modem", "precious", 8);
    assert_int_equal(folder_count("C"), 1);
    assert_int_equal(folder_count("."), 4);
}

/* While the job runs, at its first report of `step`, a partition shrinks. */
static const char *when;

static void shrink(void *context, const char *step, uint64_t done,
                   uint64_t total)
{
    (void)done;
    (void)total;
    if (when != NULL && strcmp(step, when) == 0) {
        assert_int_equal(truncate(context, 100), 0);
        when = NULL;
    }
}

static void notices_an_image_that_changes_meanwhile(void **state)
{
    static const struct {
        const char *step;
        char *path;
        const char *folder;
    } cases[] = {{"coding", "A/sbl", "A"},
                 {"coding", "B/system.bin", "B"},
                 {"proving", "A/modem.img", "A"}};

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct dfota_make_request request = {
            .old_image = "A",
            .new_image = "B",
            .threads = 1,
            .progress = {shrink, cases[i].path}};

        folder_example_write();
        when = cases[i].step;
        assert_int_equal(make(request), DFOTA_ERR_IO);
        assert_null(when);
        assert_string_equal(fault.rule, "FILE-2");
        assert_string_equal(fault.input, cases[i].folder);
        assert_string_equal(fault.detail, cases[i].path + 2);
        assert_int_equal(folder_count("."), 2);
        assert_int_equal(folder_empty(), 0);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(there_are_only_files_in_a_folder),
        folder_test(each_file_is_named_after_a_partition),
        folder_test(no_two_files_are_named_after_one_partition),
        folder_test(a_folder_is_not_empty),
        folder_test(both_sides_have_the_same_partitions),
        folder_test(folders_go_into_one_kind_of_package),
        folder_test(no_package_takes_the_place_of_an_image),
        folder_test(only_a_dfota_package_is_for_a_folder),
        folder_test(replaces_no_folder_with_other_things_in_it),
        folder_test(refuses_every_other_old_partition),
        folder_test(notices_an_image_that_changes_meanwhile),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
