/* SPDX-License-Identifier: MIT */
/*
 * test_no_memory.c - every job, once for each allocation it makes, with that
 * one failing.  Linked with failing_own.c, and again with failing_all.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dfota/job_explain.h"
#include "dfota/job_verify.h"
#include "tests/support/failing_memory.h"
#include "tests/support/flash_example.h"
#include "tests/support/folder_example.h"

#define ALLOCATIONS_MAX 100000 /* more than any job makes */
#define BLOCK           50     /* bytes that change places together */

static struct dfota_fault fault;

/* Runs `job` until no allocation is left to fail; `check` judges each run. */
static void run_out(enum dfota_error (*job)(void),
                    void (*check)(enum dfota_error err))
{
    /* What libraries allocate once and keep, they have after the first run. */
    assert_int_equal(job(), DFOTA_OK);
    check(DFOTA_OK);
    for (unsigned n = 1; n < ALLOCATIONS_MAX; n++) {
        enum dfota_error err;
        bool failed;

        fault = (struct dfota_fault){0};
        failing_memory(n);
        err = job();
        failed = failing_memory_has_failed();
        failing_memory(0);
        if (err) {
            assert_int_equal(err, DFOTA_ERR_MEMORY);
            assert_int_equal(fault.error, DFOTA_ERR_MEMORY);
        }
        check(err);
        if (failed)
            continue;
        assert_int_equal(err, DFOTA_OK);
        assert_true(n > 5); /* something did fail before */
        return;
    }
    fail();
}

/* --- files --------------------------------------------------------------- */

/* What "out" is after a success, and the files there are. */
static struct dfota_buffer expected;
static size_t files;

/* "out" is whole, or what it was before, and nothing else is there. */
static void check_out(enum dfota_error err)
{
    if (err)
        folder_check("out", "precious", 8);
    else
        folder_check("out", expected.data, expected.size);
    folder_write("out", "precious", 8);
    assert_int_equal(folder_count("."), files);
}

/* Runs a job that writes "out" out of memory. */
static void run_out_writing(enum dfota_error (*job)(void))
{
    assert_int_equal(job(), DFOTA_OK);
    expected = example_read("out");
    files = folder_count(".");
    run_out(job, check_out);
    dfota_buffer_free(&expected);
}

static enum dfota_error make(enum dfota_package_type type)
{
    /* The name is that of a file and of a zip, so that both types keep it. */
    const struct dfota_make_request request = {.old_image = "old",
                                               .new_image = "new",
                                               .out = "out.bin",
                                               .type = type,
                                               .threads = 1};
    struct dfota_made made;
    enum dfota_error err = dfota_job_make(&request, &made, &fault);

    dfota_made_free(&made);
    fault.input = NULL; /* it may have been the path in `made` */
    return err;
}

static enum dfota_error make_dfota(void)
{
    return make(DFOTA_TYPE_DFOTA);
}

static enum dfota_error make_bsdiff(void)
{
    return make(DFOTA_TYPE_BSDIFF);
}

static enum dfota_error apply(const char *package)
{
    const struct dfota_apply_request request = {
        .package = package, .old_image = "old", .out = "out"};
    struct dfota_applied applied;

    return dfota_job_apply(&request, &applied, &fault);
}

static enum dfota_error apply_zip(void)
{
    return apply("package.zip");
}

static enum dfota_error apply_patch(void)
{
    return apply("package");
}

static void making_a_package_fails_whole(void **state)
{
    (void)state;
    example_write();
    assert_int_equal(symlink("out", "out.bin"), 0);
    run_out_writing(make_dfota);
}

static void making_a_patch_fails_whole(void **state)
{
    (void)state;
    example_write();
    assert_int_equal(symlink("out", "out.bin"), 0);
    run_out_writing(make_bsdiff);
}

static void applying_a_package_fails_whole(void **state)
{
    (void)state;
    example_write();
    example_make("package.zip", DFOTA_TYPE_DFOTA);
    run_out_writing(apply_zip);
}

static void applying_a_patch_fails_whole(void **state)
{
    (void)state;
    example_write();
    example_make("package", DFOTA_TYPE_BSDIFF);
    run_out_writing(apply_patch);
}

/* --- MiniFOTA ------------------------------------------------------------- */

static enum dfota_error make_mini(void)
{
    static const struct dfota_make_request request = {.old_image = "old.img",
                                                      .new_image = "new.img",
                                                      .out = "out",
                                                      .layout = "flash.json",
                                                      .type = DFOTA_TYPE_MINI,
                                                      .threads = 1};
    struct dfota_made made;
    enum dfota_error err = dfota_job_make(&request, &made, &fault);

    dfota_made_free(&made);
    fault.input = NULL;
    return err;
}

/* Both files are new, or both what they were before. */
static void check_both(enum dfota_error err)
{
    if (err) {
        folder_check("out.mini_1", "precious", 8);
        folder_check("out.mini_2", "treasure", 8);
    } else {
        struct flash_example flash = flash_example();

        flash_check_pair(&flash);
    }
    folder_write("out.mini_1", "precious", 8);
    folder_write("out.mini_2", "treasure", 8);
    assert_int_equal(folder_count("."), 5);
}

static void making_a_pair_fails_whole(void **state)
{
    (void)state;
    flash_example_write();
    run_out(make_mini, check_both);
}

static enum dfota_error apply_mini(void)
{
    static const struct dfota_apply_request request = {
        .package = "out.mini_1", .old_image = "old.img", .out = "out"};
    struct dfota_applied applied;

    return dfota_job_apply(&request, &applied, &fault);
}

static void applying_a_pair_fails_whole(void **state)
{
    (void)state;
    flash_example_write();
    flash_make(DFOTA_TYPE_MINI);
    run_out_writing(apply_mini);
}

static enum dfota_error apply_partitions(void)
{
    static const struct dfota_apply_request request = {
        .package = "out.zip", .old_image = "old.img", .out = "out"};
    struct dfota_applied applied;

    return dfota_job_apply(&request, &applied, &fault);
}

static void applying_to_partitions_fails_whole(void **state)
{
    (void)state;
    flash_example_write();
    flash_make(DFOTA_TYPE_DFOTA);
    run_out_writing(apply_partitions);
}

/* --- in place ------------------------------------------------------------- */

#define SMALL 4096 /* bytes of a flash of sixteen sectors */

/* Old and new of a small flash, of which two parts change places. */
static void write_small_flash(void)
{
    static const char layout[] =
        "{\"flash\": {\"size\": 4096, \"sector\": 256, \"scratch\": 2048,"
        " \"storage\": \"64K\"}, \"partitions\": [{\"name\": \"app\","
        " \"offset\": 0, \"size\": 4096, \"role\": \"app\"}]}";
    uint8_t old[SMALL];
    uint8_t new[SMALL];
    uint32_t seed = 3;

    random_fill(&seed, old, SMALL);
    memcpy(new, old, SMALL);
    memcpy(new + 100, old + 3000, 200);
    memcpy(new + 3000, old + 100, 200);
    folder_write("old", old, SMALL);
    folder_write("new", new, SMALL);
    folder_write("layout.json", layout, strlen(layout));
}

static void making_in_place_fails_whole(void **state)
{
    (void)state;
    write_small_flash();
    assert_int_equal(symlink("out", "out.bin"), 0);
    run_out_writing(make_dfota);
}

static void applying_in_place_fails_whole(void **state)
{
    (void)state;
    write_small_flash();
    example_make("package.zip", DFOTA_TYPE_DFOTA);
    run_out_writing(apply_zip);
}

/* --- folders -------------------------------------------------------------- */

static enum dfota_error make_folder(void)
{
    const struct dfota_make_request request = {
        .old_image = "A", .new_image = "B", .out = "out.bin", .threads = 1};
    struct dfota_made made;
    enum dfota_error err = dfota_job_make(&request, &made, &fault);

    dfota_made_free(&made);
    fault.input = NULL;
    return err;
}

static void making_of_folders_fails_whole(void **state)
{
    (void)state;
    folder_example_write();
    assert_int_equal(symlink("out", "out.bin"), 0);
    run_out_writing(make_folder);
}

static enum dfota_error apply_folder(void)
{
    static const struct dfota_apply_request request = {
        .package = "p.zip", .old_image = "A", .out = "C"};
    struct dfota_applied applied;

    return dfota_job_apply(&request, &applied, &fault);
}

/* "C" is made, or what it was before, and nothing else is there. */
static void check_made_folder(enum dfota_error err)
{
    assert_int_equal(folder_count("C"), err ? 1 : FOLDER_PARTS);
    if (err)
        folder_check("C/tz", "precious", 8);
    else
        folder_check_same("C/modem.img", "B/modem");
    assert_int_equal(folder_count("."), 4);
    if (err)
        return;
    for (size_t i = 0; i < FOLDER_PARTS; i++) {
        char path[40] = "C/";

        strcat(path, folder_parts[i].old_file + 2);
        assert_int_equal(unlink(path), 0);
    }
    folder_write("C/tz", "precious", 8);
}

static void applying_to_a_folder_fails_whole(void **state)
{
    (void)state;
    folder_example_write();
    folder_example_make();
    run_out(apply_folder, check_made_folder);
}

/* --- answers ------------------------------------------------------------- */

static struct dfota_verified verified;

static enum dfota_error verify(void)
{
    static const struct dfota_verify_request request = {
        .package = "package.zip", .image = "old", .target = "new"};

    return dfota_job_verify(&request, &verified, &fault);
}

/* Want of memory says nothing about a package. */
static void check_verdict(enum dfota_error err)
{
    if (!err)
        assert_int_equal(verified.verdict, DFOTA_ACCEPT);
}

static void want_of_memory_is_no_verdict(void **state)
{
    (void)state;
    example_write();
    example_make("package.zip", DFOTA_TYPE_DFOTA);
    run_out(verify, check_verdict);
}

static enum dfota_error verify_folder(void)
{
    static const struct dfota_verify_request request = {
        .package = "p.zip", .image = "A", .target = "B", .module = FOLDER_FROM};

    return dfota_job_verify(&request, &verified, &fault);
}

static void nor_is_it_one_about_folders(void **state)
{
    (void)state;
    folder_example_write();
    folder_example_make();
    run_out(verify_folder, check_verdict);
}

static struct dfota_explained explained;

static enum dfota_error explain(void)
{
    static const struct dfota_explain_request request = {.file = "package.zip",
                                                         .old_image = "old"};

    dfota_explained_free(&explained);
    return dfota_job_explain(&request, &explained, &fault);
}

static void check_explained(enum dfota_error err)
{
    if (err)
        return;
    assert_string_equal(explained.kind, "dfota-zip");
    assert_int_equal(explained.delta_count, 1);
    assert_string_not_equal(explained.deltas[0].streams[0].codec, "stored");
    assert_int_equal(explained.deltas[0].work.copies, EXAMPLE_OLD_SIZE / BLOCK);
}

/* Many records, of which the decoder that counts them needs memory to tell. */
static void explaining_fails_whole(void **state)
{
    struct job_example images = example_write();

    (void)state;
    for (size_t i = 0; i < EXAMPLE_OLD_SIZE; i += BLOCK)
        memcpy(images.new + i, images.old + EXAMPLE_OLD_SIZE - BLOCK - i,
               BLOCK);
    folder_write("new", images.new, EXAMPLE_OLD_SIZE);
    example_make("package.zip", DFOTA_TYPE_DFOTA);
    run_out(explain, check_explained);
    dfota_explained_free(&explained);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(making_a_package_fails_whole),
        folder_test(making_a_patch_fails_whole),
        folder_test(applying_a_package_fails_whole),
        folder_test(applying_a_patch_fails_whole),
        folder_test(making_a_pair_fails_whole),
        folder_test(applying_a_pair_fails_whole),
        folder_test(applying_to_partitions_fails_whole),
        folder_test(making_in_place_fails_whole),
        folder_test(applying_in_place_fails_whole),
        folder_test(making_of_folders_fails_whole),
        folder_test(applying_to_a_folder_fails_whole),
        folder_test(want_of_memory_is_no_verdict),
        folder_test(nor_is_it_one_about_folders),
        folder_test(explaining_fails_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
