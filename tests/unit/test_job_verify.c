/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/job_example.h"

static struct dfota_fault fault;
static struct dfota_verified verified;

/* Verifies, and expects an answer, whatever it is. */
static void verify(const char *package, const char *image, const char *target)
{
    const struct dfota_verify_request request = {
        .package = package, .image = image, .target = target};

    fault = (struct dfota_fault){0};
    assert_int_equal(dfota_job_verify(&request, &verified, &fault), DFOTA_OK);
    assert_non_null(verified.rules);
}

/* The first check of `rule` came out as `want`; returns what it found. */
static const char *check(const char *rule, enum dfota_check_status want)
{
    for (size_t i = 0; i < verified.check_count; i++) {
        if (strcmp(verified.checks[i].rule, rule) != 0)
            continue;
        assert_string_equal(dfota_check_status_name(verified.checks[i].status),
                            dfota_check_status_name(want));
        assert_int_not_equal(verified.checks[i].detail[0], '\0');
        return verified.checks[i].detail;
    }
    fail_msg("%s was not checked", rule);
    return NULL;
}

/* The verdict, and the number and line that a module would give. */
static void check_verdict(enum dfota_verdict want, int code)
{
    char urc[64] = "";

    assert_string_equal(dfota_verdict_name(verified.verdict),
                        dfota_verdict_name(want));
    assert_int_equal(verified.result_code, code);
    if (code == DFOTA_NO_CODE) {
        assert_null(verified.code_basis);
    } else {
        assert_string_equal(verified.code_basis, "documented");
        snprintf(urc, sizeof(urc), "+QIND: \"FOTA\",\"END\",%d", code);
    }
    assert_string_equal(verified.urc, urc);
    assert_true((verified.advice[0] == '\0') == (want == DFOTA_ACCEPT));
}

/* The package is rejected as a module rejects a broken one. */
static void check_broken(void)
{
    check_verdict(DFOTA_REJECT, 505);
    check("VFY-1", DFOTA_CHECK_FAIL);
    check("VFY-2", DFOTA_CHECK_SKIP);
    check("VFY-3", DFOTA_CHECK_SKIP);
    check("VFY-4", DFOTA_CHECK_SKIP);
    assert_null(verified.family);
}

static void accepts_the_right_package(void **state)
{
    (void)state;
    example_write();
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    verify("out.zip", "old", "new");
    check_verdict(DFOTA_ACCEPT, 0);
    check("VFY-1", DFOTA_CHECK_PASS);
    check("VFY-2", DFOTA_CHECK_PASS);
    check("VFY-3", DFOTA_CHECK_PASS);
    check("VFY-4", DFOTA_CHECK_PASS);
    assert_string_equal(verified.family, "lte-standard-a");
    assert_string_equal(verified.rules, "lte-standard-a-1.4");
    verify("out.zip", "old", NULL);
    check_verdict(DFOTA_ACCEPT, 0);
    check("VFY-4", DFOTA_CHECK_SKIP);
}

static void accepts_packages_of_the_smallest_images(void **state)
{
    static const char *const images[][2] = {{"", "a"}, {"a", ""}, {"a", "b"}};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        folder_write("old", images[i][0], strlen(images[i][0]));
        folder_write("new", images[i][1], strlen(images[i][1]));
        example_make("out.zip", DFOTA_TYPE_DFOTA);
        verify("out.zip", "old", "new");
        check_verdict(DFOTA_ACCEPT, 0);
        verify("out.zip", "new", "new");
        check_verdict(DFOTA_REJECT, 506);
    }
}

static void is_incomplete_without_the_flashed_image(void **state)
{
    struct dfota_verify_request request = {.package = "out.zip"};

    (void)state;
    example_write();
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    verify("out.zip", NULL, NULL);
    check_verdict(DFOTA_INCOMPLETE, DFOTA_NO_CODE);
    check("VFY-1", DFOTA_CHECK_PASS);
    assert_non_null(strstr(check("VFY-2", DFOTA_CHECK_SKIP), "--image"));
    check("VFY-3", DFOTA_CHECK_SKIP);
    assert_non_null(strstr(check("VFY-4", DFOTA_CHECK_SKIP), "--target"));
    verify("out.zip", NULL, "new");
    check_verdict(DFOTA_INCOMPLETE, DFOTA_NO_CODE);
    check("VFY-4", DFOTA_CHECK_PASS);

    request.allow_skip = true;
    assert_int_equal(dfota_job_verify(&request, &verified, NULL), DFOTA_OK);
    check_verdict(DFOTA_ACCEPT, 0);
    check("VFY-2", DFOTA_CHECK_SKIP);
}

static void is_incomplete_for_several_partitions(void **state)
{
    (void)state;
    example_write();
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    example_edit("out.zip", "two.zip", example_add_partition);
    verify("two.zip", "old", "new");
    check_verdict(DFOTA_INCOMPLETE, DFOTA_NO_CODE);
    check("VFY-1", DFOTA_CHECK_PASS);
    check("VFY-2", DFOTA_CHECK_SKIP);
    check("VFY-3", DFOTA_CHECK_SKIP);
    check("VFY-4", DFOTA_CHECK_SKIP);
}

static void rejects_a_package_for_another_image(void **state)
{
    struct job_example images = example_write();

    (void)state;
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    images.old[EXAMPLE_OLD_SIZE - 1] ^= 1;
    folder_write("other", images.old, EXAMPLE_OLD_SIZE);
    verify("out.zip", "other", "new");
    check_verdict(DFOTA_REJECT, 506);
    check("VFY-1", DFOTA_CHECK_PASS);
    check("VFY-2", DFOTA_CHECK_FAIL);
    check("VFY-3", DFOTA_CHECK_SKIP);
    check("VFY-4", DFOTA_CHECK_PASS);
    folder_write("other", "", 0);
    verify("out.zip", "other", NULL);
    check_verdict(DFOTA_REJECT, 506);

    verify("out.zip", "new", NULL);
    check_verdict(DFOTA_REJECT, 506);
    assert_int_equal(verified.check_count, 5);
    assert_int_equal(verified.checks[2].status, DFOTA_CHECK_WARN);
}

static void skipping_does_not_overrule_a_failure(void **state)
{
    struct dfota_verify_request request = {
        .package = "out.zip", .image = "new", .allow_skip = true};

    (void)state;
    example_write();
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    assert_int_equal(dfota_job_verify(&request, &verified, NULL), DFOTA_OK);
    check_verdict(DFOTA_REJECT, 506);
    request =
        (struct dfota_verify_request){.package = "old", .allow_skip = true};
    assert_int_equal(dfota_job_verify(&request, &verified, NULL), DFOTA_OK);
    check_verdict(DFOTA_REJECT, 505);
}

/* No module knows what was wanted, so none has a number for it. */
static void rejects_a_package_that_makes_another_image_than_wanted(void **state)
{
    (void)state;
    example_write();
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    verify("out.zip", "old", "old");
    check_verdict(DFOTA_REJECT, DFOTA_NO_CODE);
    check("VFY-3", DFOTA_CHECK_PASS);
    check("VFY-4", DFOTA_CHECK_FAIL);
}

/* --- packages whose container is sound ----------------------------------- */

static void break_new_md5(struct dfota_zip *package)
{
    package->manifest.partitions[0].new_image.md5[0] ^= 1;
}

static void break_old_md5(struct dfota_zip *package)
{
    package->manifest.partitions[0].old_image.md5[0] ^= 1;
}

static void break_last_stream(struct dfota_zip *package)
{
    struct dfota_view delta = package->deltas[0].bytes;

    ((uint8_t *)delta.data)[delta.size - 8] ^= 0x80;
}

static void rejects_a_package_that_cannot_be_applied(void **state)
{
    (void)state;
    example_write();
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    example_edit("out.zip", "bad.zip", break_last_stream);
    verify("bad.zip", "old", "new");
    check_verdict(DFOTA_REJECT, 504);
    check("VFY-1", DFOTA_CHECK_PASS);
    check("VFY-2", DFOTA_CHECK_PASS);
    assert_non_null(strstr(check("VFY-3", DFOTA_CHECK_FAIL), "(DLT-"));
    check("VFY-4", DFOTA_CHECK_PASS);
}

static void holds_the_images_against_every_digest_stated(void **state)
{
    (void)state;
    example_write();
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    example_edit("out.zip", "bad.zip", break_new_md5);
    verify("bad.zip", "old", "new");
    check_verdict(DFOTA_REJECT, 504);
    check("VFY-3", DFOTA_CHECK_FAIL);
    check("VFY-4", DFOTA_CHECK_FAIL);
    example_edit("out.zip", "bad.zip", break_old_md5);
    verify("bad.zip", "old", "new");
    check_verdict(DFOTA_REJECT, 506);
    check("VFY-2", DFOTA_CHECK_FAIL);
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
    package->manifest.partitions[0].old_image.sha256[31] ^= 1;
}

static void break_new_size(struct dfota_zip *package)
{
    package->manifest.partitions[0].new_image.size--;
}

static void break_new_crc32(struct dfota_zip *package)
{
    package->manifest.partitions[0].new_image.crc32 ^= 1;
}

static void rejects_a_manifest_that_contradicts_its_delta(void **state)
{
    static void (*const edits[])(struct dfota_zip *) = {
        break_ram,        break_codec,    break_old_size,
        break_old_sha256, break_new_size, break_new_crc32};

    (void)state;
    example_write();
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        example_edit("out.zip", "bad.zip", edits[i]);
        verify("bad.zip", "old", "new");
        check_broken();
        assert_non_null(strstr(check("VFY-1", DFOTA_CHECK_FAIL), "(PKG-1)"));
    }
}

/* --- packages that are broken -------------------------------------------- */

static void rejects_every_broken_byte(void **state)
{
    static const uint8_t masks[] = {0x01, 0x80, 0xff};
    struct dfota_buffer file;

    (void)state;
    example_write();
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    file = example_read("out.zip");
    for (size_t i = 0; i < file.size * sizeof(masks); i++) {
        file.data[i / sizeof(masks)] ^= masks[i % sizeof(masks)];
        folder_write("bad.zip", file.data, file.size);
        file.data[i / sizeof(masks)] ^= masks[i % sizeof(masks)];
        verify("bad.zip", "old", "new");
        check_broken();
    }
    dfota_buffer_free(&file);
}

static void rejects_every_truncation_and_what_is_appended(void **state)
{
    struct dfota_buffer file;

    (void)state;
    example_write();
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    file = example_read("out.zip");
    for (size_t size = 0; size < file.size; size++) {
        folder_write("bad.zip", file.data, size);
        verify("bad.zip", "old", "new");
        check_broken();
    }
    dfota_buffer_add(&file, "\n", 1);
    folder_write("bad.zip", file.data, file.size);
    verify("bad.zip", "old", "new");
    check_broken();
    dfota_buffer_free(&file);
}

static void rejects_what_is_no_dfota_package(void **state)
{
    static const char *const paths[] = {"old", "out.patch", "out.delta",
                                        "empty"};

    (void)state;
    example_write();
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    example_make("out.patch", DFOTA_TYPE_BSDIFF);
    example_unpack("out.zip", "out.delta");
    folder_write("empty", "", 0);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        verify(paths[i], "old", "new");
        check_broken();
    }
}

/* --- what says nothing about the package --------------------------------- */

static void reports_what_cannot_be_read(void **state)
{
    static const struct {
        struct dfota_verify_request request;
        const char *at_fault;
        int os_error;
    } cases[] = {
        {{.package = "missing"}, "missing", ENOENT},
        {{.package = "."}, ".", EISDIR},
        {{.package = "out.zip/x"}, "out.zip/x", ENOTDIR},
        {{.package = "out.zip", .image = "missing"}, "missing", ENOENT},
        {{.package = "out.zip", .image = "."}, ".", EISDIR},
        {{.package = "out.zip", .target = "old/x"}, "old/x", ENOTDIR},
    };

    (void)state;
    example_write();
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        fault = (struct dfota_fault){0};
        assert_int_equal(dfota_job_verify(&cases[i].request, &verified, &fault),
                         DFOTA_ERR_IO);
        assert_int_equal(fault.os_error, cases[i].os_error);
        assert_string_equal(fault.input, cases[i].at_fault);
        assert_int_equal(dfota_job_verify(&cases[i].request, &verified, NULL),
                         DFOTA_ERR_IO);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(accepts_the_right_package),
        folder_test(accepts_packages_of_the_smallest_images),
        folder_test(is_incomplete_without_the_flashed_image),
        folder_test(is_incomplete_for_several_partitions),
        folder_test(rejects_a_package_for_another_image),
        folder_test(skipping_does_not_overrule_a_failure),
        folder_test(rejects_a_package_that_makes_another_image_than_wanted),
        folder_test(rejects_a_package_that_cannot_be_applied),
        folder_test(holds_the_images_against_every_digest_stated),
        folder_test(rejects_a_manifest_that_contradicts_its_delta),
        folder_test(rejects_every_broken_byte),
        folder_test(rejects_every_truncation_and_what_is_appended),
        folder_test(rejects_what_is_no_dfota_package),
        folder_test(reports_what_cannot_be_read),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
