/* SPDX-License-Identifier: MIT */
/* The whole of a verification: verdict, what is left out, what goes wrong. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/verify_example.h"

/* --- packages without identity, and what is not given -------------------- */

/* A package that states no version needs no module, but the image. */
static void is_incomplete_without_the_flashed_image(void **state)
{
    struct dfota_verify_request request = {.package = "out.zip",
                                           .image = "old"};

    (void)state;
    example_write();
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    verify(&request);
    verify_accepts("documented");
    verify_says("VFY-2", DFOTA_CHECK_SKIP, "no version");
    verify_says("MOD-1", DFOTA_CHECK_SKIP, "--module");
    verify_says("VFY-10", DFOTA_CHECK_SKIP, "--target");
    assert_string_equal(verified.module, "");
    request.image = NULL;
    verify(&request);
    verify_lacks("VFY-5");
    verify_says("VFY-5", DFOTA_CHECK_SKIP, "--image");
    verify_check("VFY-9", DFOTA_CHECK_SKIP);
    request.target = "new";
    verify(&request);
    verify_lacks("VFY-5");
    verify_check("VFY-10", DFOTA_CHECK_PASS);
}

static void is_incomplete_without_the_module_of_an_identity(void **state)
{
    static const struct dfota_verify_request *const rights[] = {&for_dfota,
                                                                &for_mini};

    (void)state;
    verify_write_zip();
    verify_write_mini();
    for (size_t i = 0; i < COUNT(rights); i++) {
        struct dfota_verify_request request = *rights[i];

        request.module = NULL;
        verify(&request);
        verify_lacks("VFY-2");
        verify_says("VFY-2", DFOTA_CHECK_SKIP, "--module");
        request = *rights[i];
        request.image = NULL;
        verify(&request);
        verify_lacks("VFY-5");
    }
}

static void skipping_accepts_what_was_not_checked(void **state)
{
    static const struct dfota_verify_request *const rights[] = {&for_dfota,
                                                                &for_mini};
    static const char *const bases[] = {"documented", "analogy"};

    (void)state;
    verify_write_zip();
    verify_write_mini();
    for (size_t i = 0; i < COUNT(rights); i++) {
        struct dfota_verify_request request = *rights[i];

        request.module = NULL;
        request.image = NULL;
        verify(&request);
        verify_lacks("VFY-5");
        request.allow_skip = true;
        verify(&request);
        verify_accepts(bases[i]);
        verify_check("VFY-2", DFOTA_CHECK_SKIP);
        verify_check("VFY-5", DFOTA_CHECK_SKIP);
    }
}

static void skipping_does_not_overrule_a_failure(void **state)
{
    struct dfota_verify_request request = for_dfota;

    (void)state;
    verify_write_zip();
    request.allow_skip = true;
    request.image = "new";
    verify(&request);
    verify_rejects("VFY-5", 506, "documented");
    request.package = "old";
    verify(&request);
    verify_rejects("VFY-1", 505, "documented");
}

/* Whatever lacks its input says what to pass. */
static void says_what_to_pass_for_each_check_left_out(void **state)
{
    static const struct {
        const char *rule;
        const char *option;
    } cases[] = {{"MOD-1", "--module"},   {"CMD-1", "--command"},
                 {"URL-1", "--url"},      {"SPC-1", "--free"},
                 {"SPC-2", "--max-size"}, {"VFY-2", "--module"},
                 {"VFY-5", "--image"},    {"VFY-10", "--target"}};
    struct dfota_verify_request request = {.package = "p.zip"};

    (void)state;
    verify_write_zip();
    verify(&request);
    for (size_t i = 0; i < COUNT(cases); i++)
        verify_says(cases[i].rule, DFOTA_CHECK_SKIP, cases[i].option);
    request.command = "AT+QFOTADL=\"http://h:80/p.zip\"";
    verify(&request);
    assert_null(verify_find("CMD-1", DFOTA_CHECK_SKIP));
    assert_null(verify_find("URL-1", DFOTA_CHECK_SKIP));
    request.command = NULL;
    request.url = "http://h:80/p.zip";
    verify(&request);
    verify_check("CMD-1", DFOTA_CHECK_SKIP);
    assert_null(verify_find("URL-1", DFOTA_CHECK_SKIP));
}

/* A command and a URL are both looked at, the command first. */
static void checks_the_url_of_a_command_and_the_one_given(void **state)
{
    struct dfota_verify_request request = for_dfota;

    (void)state;
    verify_write_zip();
    request.command = "AT+QFOTADL=\"http://h:80/p.zip\",1,50,50";
    request.url = "ftp://u:p@h:21/d/p.zip";
    verify(&request);
    verify_rejects("URL-9", DFOTA_NO_CODE, NULL);
    request.url = "http://h:80/p.zip";
    request.command = "AT+QFOTADL=\"ftp://u:p@h:21/d/p.zip\",1,50,50";
    verify(&request);
    verify_rejects("URL-9", DFOTA_NO_CODE, NULL);
}

/* --- what decides -------------------------------------------------------- */

static void the_first_failure_decides_the_code(void **state)
{
    struct dfota_verify_request request = for_dfota;

    (void)state;
    verify_write_zip();
    request.module = "EC200ACNHAR02A01M16"; /* 553 and 507 */
    request.image = "new";                  /* 506 */
    verify(&request);
    verify_rejects("VFY-3", 553, "documented");
    request.url = "http://h:80/q.zip";
    verify(&request);
    verify_rejects("URL-10", DFOTA_NO_CODE, NULL);
    verify_check("VFY-3", DFOTA_CHECK_FAIL);
    verify_check("VFY-5", DFOTA_CHECK_FAIL);
}

static void accepts_packages_of_the_smallest_images(void **state)
{
    static const char *const images[][2] = {{"", "a"}, {"a", ""}, {"a", "b"}};
    struct dfota_verify_request request = {
        .package = "out.zip", .image = "old", .target = "new"};

    (void)state;
    for (size_t i = 0; i < COUNT(images); i++) {
        folder_write("old", images[i][0], strlen(images[i][0]));
        folder_write("new", images[i][1], strlen(images[i][1]));
        example_make("out.zip", DFOTA_TYPE_DFOTA);
        request.image = "old";
        verify(&request);
        verify_accepts("documented");
        request.image = "new";
        verify(&request);
        verify_rejects("VFY-5", 506, "documented");
    }
}

/* --- manifests that are sound and do not fit ----------------------------- */

static void break_new_md5(struct dfota_zip *package)
{
    package->manifest.partitions[0].new_image.md5[0] ^= 1;
}

static void break_old_md5(struct dfota_zip *package)
{
    package->manifest.partitions[0].old_image.md5[0] ^= 1;
}

static void break_ram(struct dfota_zip *package)
{
    package->manifest.partitions[0].ram++;
}

static void break_codec(struct dfota_zip *package)
{
    strcpy(package->manifest.partitions[0].codec, "none");
}

static void break_old_size(struct dfota_zip *package)
{
    package->manifest.partitions[0].old_image.size++;
}

static void break_old_sha256(struct dfota_zip *package)
{
    package->manifest.partitions[0].old_image.sha256[15] ^= 1;
}

static void break_rest_of_old_sha256(struct dfota_zip *package)
{
    package->manifest.partitions[0].old_image.sha256[16] ^= 1;
}

static void break_new_size(struct dfota_zip *package)
{
    package->manifest.partitions[0].new_image.size--;
}

static void break_new_crc32(struct dfota_zip *package)
{
    package->manifest.partitions[0].new_image.crc32 ^= 1;
}

/* Those that a delta's header repeats. */
static void rejects_a_manifest_that_contradicts_its_delta(void **state)
{
    static void (*const edits[])(struct dfota_zip *) = {
        break_ram,        break_codec,    break_old_size,
        break_old_sha256, break_new_size, break_new_crc32};
    struct dfota_verify_request request = for_dfota;

    (void)state;
    verify_write_zip();
    request.package = "bad.zip";
    for (size_t i = 0; i < COUNT(edits); i++) {
        example_edit("p.zip", "bad.zip", edits[i]);
        verify(&request);
        verify_rejects("VFY-1", 505, "documented");
        verify_says("VFY-1", DFOTA_CHECK_FAIL, "(PKG-1)");
    }
}

/* Those that it does not. */
static void holds_the_images_against_every_digest_stated(void **state)
{
    struct dfota_verify_request request = for_dfota;

    (void)state;
    verify_write_zip();
    request.package = "bad.zip";
    example_edit("p.zip", "bad.zip", break_new_md5);
    verify(&request);
    verify_rejects("VFY-9", 504, "documented");
    verify_check("VFY-10", DFOTA_CHECK_FAIL);
    request.target = NULL;
    verify(&request);
    verify_rejects("VFY-9", 504, "documented");
    example_edit("p.zip", "bad.zip", break_old_md5);
    verify(&request);
    verify_rejects("VFY-5", 506, "documented");
    example_edit("p.zip", "bad.zip", break_rest_of_old_sha256);
    verify(&request);
    verify_rejects("VFY-5", 506, "documented");
}

/* --- what says nothing about the package --------------------------------- */

static enum dfota_error refuse(const struct dfota_verify_request *request)
{
    fault = (struct dfota_fault){0};
    return dfota_job_verify(request, &verified, &fault);
}

static void refuses_rules_and_versions_that_are_none(void **state)
{
    static const char *const modules[][2] = {{"", "VER-2"},
                                             {"EC200A", "VER-2"},
                                             {"R01A02M16", "VER-3"},
                                             {"EC200ACNHAR01A02X", "VER-4"}};
    struct dfota_verify_request request = for_dfota;

    (void)state;
    verify_write_zip();
    request.rules = "lte-standard-a-1.4";
    assert_int_equal(refuse(&request), DFOTA_OK);
    verify_accepts("documented");
    request.rules = "lte-standard-a-1.3";
    assert_int_equal(refuse(&request), DFOTA_ERR_USAGE);
    assert_string_equal(fault.rule, "VFY-0");
    assert_non_null(strstr(fault.detail, "lte-standard-a-1.3"));
    request.rules = NULL;
    for (size_t i = 0; i < COUNT(modules); i++) {
        request.module = modules[i][0];
        assert_true(refuse(&request) != DFOTA_OK);
        assert_string_equal(fault.rule, modules[i][1]);
    }
}

static void reports_what_cannot_be_read(void **state)
{
    static const struct {
        struct dfota_verify_request request;
        const char *at_fault;
        int os_error;
    } cases[] = {
        {{.package = "missing"}, "missing", ENOENT},
        {{.package = "."}, ".", EISDIR},
        {{.package = "p.zip/x"}, "p.zip/x", ENOTDIR},
        {{.package = "p.zip", .image = "missing"}, "missing", ENOENT},
        {{.package = "p.zip", .target = "old/x"}, "old/x", ENOTDIR},
        {{.package = "out.mini_1"}, "out.mini_1", EISDIR},
    };

    (void)state;
    verify_write_zip();
    verify_write_mini();
    assert_int_equal(unlink("out.mini_2"), 0);
    assert_int_equal(mkdir("out.mini_2", 0700), 0);
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(refuse(&cases[i].request), DFOTA_ERR_IO);
        assert_int_equal(fault.os_error, cases[i].os_error);
        assert_string_equal(fault.input, cases[i].at_fault);
        assert_int_equal(dfota_job_verify(&cases[i].request, &verified, NULL),
                         DFOTA_ERR_IO);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(is_incomplete_without_the_flashed_image),
        folder_test(is_incomplete_without_the_module_of_an_identity),
        folder_test(skipping_accepts_what_was_not_checked),
        folder_test(skipping_does_not_overrule_a_failure),
        folder_test(says_what_to_pass_for_each_check_left_out),
        folder_test(checks_the_url_of_a_command_and_the_one_given),
        folder_test(the_first_failure_decides_the_code),
        folder_test(accepts_packages_of_the_smallest_images),
        folder_test(rejects_a_manifest_that_contradicts_its_delta),
        folder_test(holds_the_images_against_every_digest_stated),
        folder_test(refuses_rules_and_versions_that_are_none),
        folder_test(reports_what_cannot_be_read),
    };

    return cmocka_run_group_tests_name("job_verify", tests, NULL, NULL);
}
