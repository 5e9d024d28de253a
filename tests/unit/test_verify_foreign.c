/* SPDX-License-Identifier: MIT */
/* What is no package of ours: packages of others, patches, and anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/verify_example.h"
#include "tests/support/zip_example.h"

#define UPDATER "META-INF/com/google/android/updater-script"

/* Writes a zip of these entries, as another tool might make it. */
static void write_entries(const char *path, const char *const *names,
                          size_t count)
{
    struct dfota_buffer file = {0};
    struct dfota_buffer tail = {0};

    for (size_t i = 0; i < count; i++) {
        const struct dfota_zip_local local = {
            .name = names[i], .name_size = (uint16_t)strlen(names[i])};

        dfota_zip_add_central(&tail, &local, file.size);
        zip_example_add(&file, names[i], "", 0);
    }
    dfota_zip_add_end(&tail, count, file.size);
    dfota_buffer_add(&file, tail.data, tail.size);
    folder_write(path, file.data, file.size);
    dfota_buffer_free(&tail);
    dfota_buffer_free(&file);
}

static void write_zip(const char *path, const char *name)
{
    write_entries(path, &name, 1);
}

/* Verifies the package for the right module and image of either flow. */
static void verify_package(const char *package)
{
    const struct dfota_verify_request request = {
        .package = package, .image = "old", .module = DFOTA_FROM};

    folder_write("old", "old", 3);
    verify(&request);
}

/* Known, so that its name, URL and size can be checked, but not read. */
static void check_of_others(const char *package, const char *what)
{
    verify_package(package);
    verify_lacks("VFY-1");
    verify_says("VFY-1", DFOTA_CHECK_SKIP, what);
    verify_check("NAM-1", DFOTA_CHECK_PASS);
    verify_not_checked("VFY-5");
}

static void knows_packages_of_others_by_what_they_hold(void **state)
{
    (void)state;
    write_zip("p.zip", UPDATER);
    check_of_others("p.zip", "Android recovery");
    write_zip("p.zip", "delta/system.diff");
    check_of_others("p.zip", "RedBend");
    write_zip("p.zip", "anything");
    check_of_others("p.zip", "zip archive");
}

static void knows_packages_of_others_by_their_magic(void **state)
{
    static const struct {
        const char *bytes;
        const char *what;
    } cases[] = {
        {"Marvell_FBF", "Marvell_FBF"},
        {"FOTA_FIRxxxx", "FOTA_FIR"},
        {"FOTA_SECxxxx", "FOTA_SEC"},
        {"FOTA_ALLxxxx", "FOTA_ALL"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        folder_write("p.bin", cases[i].bytes, strlen(cases[i].bytes));
        check_of_others("p.bin", cases[i].what);
    }
    folder_write("p.pac", "B\0P\0_\0R\0", 8);
    check_of_others("p.pac", "UNISOC");
}

/* Nothing that is passed can make up for what cannot be read. */
static void skipping_does_not_accept_a_package_of_others(void **state)
{
    struct dfota_verify_request request = {.package = "p.zip",
                                           .allow_skip = true};

    (void)state;
    write_zip("p.zip", UPDATER);
    verify(&request);
    verify_lacks("VFY-1");
    request.module = "EC200NCNLAR03A01M08";
    verify(&request);
    verify_rejects("MOD-2", DFOTA_NO_CODE, NULL);
    request.module = DFOTA_FROM;
    request.url = "http://h:80/q.zip";
    verify(&request);
    verify_rejects("URL-10", DFOTA_NO_CODE, NULL);
    request.url = "http://h:80/p.zip";
    request.max_size = 10;
    verify(&request);
    verify_rejects("SPC-2", DFOTA_NO_CODE, NULL);
    request.max_size = 1000;
    verify(&request);
    verify_lacks("VFY-1");
}

/* Patches say nothing of project and version: no module can check them. */
static void rejects_patches_and_what_is_no_package(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *what;
    } cases[] = {
        {"BSDIFF40xxxxxxxxxxxxxxxxxxxxxxxx", 32, "BSDIFF40"},
        {"ENDSLEY/BSDIFF43xxxxxxxx", 24, "ENDSLEY/BSDIFF43"},
        {"HDIFF13&", 8, "HDiffPatch"},
        {"\xd6\xc3\xc4", 3, "VCDIFF"},
        {"\x1f\x8b\x08", 3, "gzip"},
        {"\177ELF", 4, "ELF"},
        {"<html>404 Not Found", 19, "HTML"},
        {"PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22, "empty"},
        {"PK\3\4xxxxxxxxxx", 14, "damaged"},
        {"what is this?", 13, "neither"},
        {"", 0, "neither"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        folder_write("p.bin", cases[i].bytes, cases[i].size);
        verify_package("p.bin");
        verify_rejects("VFY-1", 505, "documented");
        verify_says("VFY-1", DFOTA_CHECK_FAIL, cases[i].what);
        verify_not_checked("VFY-5");
    }
}

static void rejects_what_is_ours_and_no_package(void **state)
{
    (void)state;
    verify_write_zip();
    example_unpack("p.zip", "p.delta");
    verify_package("p.delta");
    verify_rejects("VFY-1", 505, "documented");
    verify_says("VFY-1", DFOTA_CHECK_FAIL, "delta");
    example_make("p.patch", DFOTA_TYPE_BSDIFF);
    verify_package("p.patch");
    verify_rejects("VFY-1", 505, "documented");
    verify_says("VFY-1", DFOTA_CHECK_FAIL, "BSDIFF40");
}

/* The second file alone, under its own name and under others. */
static void rejects_a_second_file_given_as_package(void **state)
{
    static const struct {
        const char *name;
        const char *rule;
        int code;
        const char *basis;
    } cases[] = {
        {"out.mini_2", "NAM-1", DFOTA_NO_CODE, NULL},
        {"p.zip", "VFY-1", 505, "documented"},
        {"p.mini_1", "NAM-2", DFOTA_NO_CODE, NULL},
    };
    struct dfota_buffer file;

    (void)state;
    verify_write_mini();
    file = example_read("out.mini_2");
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct dfota_verify_request request = {.package = cases[i].name};

        folder_write(cases[i].name, file.data, file.size);
        verify(&request);
        verify_rejects(cases[i].rule, cases[i].code, cases[i].basis);
        verify_says("VFY-1", DFOTA_CHECK_FAIL, "second file");
    }
    dfota_buffer_free(&file);
}

/* A pair of another maker cannot be told from anything, but has two names. */
static void an_unknown_first_file_has_a_second_one_too(void **state)
{
    (void)state;
    folder_write("v.mini_1", "unknown bytes", 13);
    folder_write("v.mini_2", "more of them", 12);
    verify_package("v.mini_1");
    verify_check("NAM-1", DFOTA_CHECK_PASS);
    verify_says("NAM-2", DFOTA_CHECK_PASS, "v.mini_2");
    verify_rejects("MOD-2", DFOTA_NO_CODE, NULL);
    verify_check("VFY-1", DFOTA_CHECK_FAIL);
    assert_int_equal(unlink("v.mini_2"), 0);
    verify_package("v.mini_1");
    verify_rejects("NAM-2", DFOTA_NO_CODE, NULL);
}

/* --- zips of ours, damaged ----------------------------------------------- */

static void rejects_every_broken_byte_of_a_zip(void **state)
{
    static const uint8_t masks[] = {0x01, 0x80, 0xff};
    const struct dfota_verify_request request = {
        .package = "bad.zip", .image = "old", .module = DFOTA_FROM};
    struct dfota_buffer file;

    (void)state;
    verify_write_zip();
    file = example_read("p.zip");
    for (size_t i = 0; i < file.size; i++) {
        verify_flip(&file, "bad.zip", i, masks[i % COUNT(masks)]);
        verify(&request);
        verify_rejects("VFY-1", 505, "documented");
    }
    dfota_buffer_free(&file);
}

static void rejects_every_truncation_of_a_zip_and_what_is_appended(void **state)
{
    const struct dfota_verify_request request = {
        .package = "bad.zip", .image = "old", .module = DFOTA_FROM};
    struct dfota_buffer file;

    (void)state;
    verify_write_zip();
    file = example_read("p.zip");
    for (size_t size = 0; size < file.size; size++) {
        folder_write("bad.zip", file.data, size);
        verify(&request);
        verify_rejects("VFY-1", 505, "documented");
    }
    dfota_buffer_add(&file, "\n", 1);
    folder_write("bad.zip", file.data, file.size);
    verify(&request);
    verify_rejects("VFY-1", 505, "documented");
    dfota_buffer_free(&file);
}

/* Its entries in another order, as after unpacking and packing. */
static void rejects_a_zip_that_was_packed_again(void **state)
{
    static const char *const names[] = {"image.delta", "manifest.json"};
    struct dfota_verify_request request = {.package = "p.zip"};

    (void)state;
    write_entries("p.zip", names, COUNT(names));
    verify(&request);
    verify_rejects("VFY-1", 505, "documented");
    verify_says("VFY-1", DFOTA_CHECK_FAIL, "(ZIP-2)");
    assert_null(strstr(verified.advice, "pack it again"));
    request.rules = "lte-standard-a-1.5";
    verify(&request);
    assert_non_null(strstr(verified.advice, "Never unpack and pack it again"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(knows_packages_of_others_by_what_they_hold),
        folder_test(knows_packages_of_others_by_their_magic),
        folder_test(skipping_does_not_accept_a_package_of_others),
        folder_test(rejects_patches_and_what_is_no_package),
        folder_test(rejects_what_is_ours_and_no_package),
        folder_test(rejects_a_second_file_given_as_package),
        folder_test(an_unknown_first_file_has_a_second_one_too),
        folder_test(rejects_every_broken_byte_of_a_zip),
        folder_test(rejects_every_truncation_of_a_zip_and_what_is_appended),
        folder_test(rejects_a_zip_that_was_packed_again),
    };

    return cmocka_run_group_tests_name("verify_foreign", tests, NULL, NULL);
}
