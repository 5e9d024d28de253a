/* SPDX-License-Identifier: MIT */
/* What a module of RG50xQ and RM5xxQ says to packages of partitions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/folder_example.h"
#include "tests/support/verify_example.h"

/* A request as it is for the right module, to be changed in one point. */
static const struct dfota_verify_request for_folder = {
    .package = "p.zip", .image = "A", .target = "B", .module = FOLDER_FROM};

static void verify_write_folder(void)
{
    folder_example_write();
    folder_example_make();
}

/* What the module does next: five attempts, or no end of them. */
static void check_retries(void)
{
    assert_non_null(strstr(verified.advice, "up to 5 times"));
    assert_non_null(strstr(verified.advice, "forced upgrade mode"));
    assert_true(strlen(verified.advice) + 1 < sizeof(verified.advice));
}

static void accepts_the_right_package(void **state)
{
    (void)state;
    verify_write_folder();
    verify(&for_folder);
    verify_accepts("documented");
    assert_string_equal(verified.family, "rg50x-rm5xx");
    assert_string_equal(verified.rules, "rg50x-rm5xx-1.1");
    verify_says("VFY-1", DFOTA_CHECK_PASS, "3 deltas");
    verify_says("VFY-5", DFOTA_CHECK_PASS, "all 4 partitions");
    verify_check("VFY-9", DFOTA_CHECK_PASS);
    verify_says("VFY-10", DFOTA_CHECK_PASS, "all 4 partitions");
}

static void answers_504_to_a_zip_that_is_not_in_order(void **state)
{
    struct dfota_buffer file;
    struct dfota_verify_request request = for_folder;

    (void)state;
    verify_write_folder();
    file = example_read("p.zip");
    request.package = "q.zip";
    verify_flip(&file, "q.zip", file.size / 2, 1);
    verify(&request);
    verify_rejects("VFY-1", 504, "documented");
    check_retries();
    folder_write("q.zip", file.data, file.size - 1);
    verify(&request);
    verify_rejects("VFY-1", 504, "documented");
    dfota_buffer_free(&file);
}

static void answers_505_to_another_project_or_version(void **state)
{
    static const struct {
        const char *module;
        const char *rule;
    } cases[] = {{"RM500QAEAAR03A01M4G", "VFY-2"},
                 {"RM500QGLABR03A01M4G", "VFY-2"},
                 {"RM500QGLAAR02A01M4G", "VFY-3"},
                 {"RM500QGLAAR03A03M4G", "VFY-4"},
                 {"RM500QGLAAR03A01M2G", "VFY-4"}};
    struct dfota_verify_request request = for_folder;

    (void)state;
    verify_write_folder();
    for (size_t i = 0; i < COUNT(cases); i++) {
        request.module = cases[i].module;
        verify(&request);
        verify_rejects(cases[i].rule, 505, "documented");
        check_retries();
    }
    request.module = FOLDER_TO;
    verify(&request);
    verify_rejects("VFY-4", DFOTA_NO_CODE, NULL);
    assert_non_null(strstr(verified.advice, "already"));
}

static void answers_510_and_names_each_partition(void **state)
{
    (void)state;
    verify_write_folder();
    folder_write("A/system.ubi", "x", 1);
    verify(&for_folder);
    verify_rejects("VFY-5", 510, "documented");
    verify_says("VFY-5", DFOTA_CHECK_FAIL, "system: 1 bytes");
    verify_check("VFY-9", DFOTA_CHECK_SKIP);
    check_retries();
    /* One that the package does not change counts as well. */
    assert_int_equal(rename("A/system.ubi", "A/boot.img"), 0);
    verify(&for_folder);
    verify_rejects("VFY-5", 510, "documented");
    verify_says("VFY-5", DFOTA_CHECK_FAIL, "system: there is no file");
    assert_string_equal(verified.checks[verified.decisive + 1].rule, "VFY-5");
    assert_non_null(
        strstr(verified.checks[verified.decisive + 1].detail, "boot: 1 bytes"));
}

static void answers_510_to_a_partition_it_does_not_list(void **state)
{
    struct dfota_verify_request request = for_folder;

    (void)state;
    verify_write_folder();
    folder_write("A/tz.mbn", "x", 1);
    verify(&for_folder);
    verify_rejects("VFY-5", 510, "documented");
    verify_says("VFY-5", DFOTA_CHECK_FAIL, "tz: the package does not list it");
    /* A file is no folder. */
    request.image = "A/boot.img";
    verify(&request);
    verify_rejects("VFY-5", 510, "documented");
    request.image = "B";
    verify(&request);
    verify_rejects("VFY-5", 510, "documented");
    verify_says("VFY-5", DFOTA_CHECK_WARN, "already what the package makes");
}

/* The package is stored, and beside it the largest image that it makes. */
static void answers_511_where_there_is_no_room(void **state)
{
    struct dfota_verify_request request = for_folder;
    struct dfota_buffer file;

    (void)state;
    verify_write_folder();
    file = example_read("p.zip");
    request.free_space = file.size + EXAMPLE_NEW_SIZE;
    verify(&request);
    verify_accepts("documented");
    request.free_space--;
    verify(&request);
    verify_rejects("SPC-1", 511, "documented");
    verify_says("SPC-1", DFOTA_CHECK_FAIL, "3040 bytes to upgrade with");
    assert_non_null(strstr(verified.advice, "Free space"));
    check_retries();
    /* The guide for LTE modules speaks of the download alone. */
    request.rules = "lte-standard-a-1.4";
    verify(&request);
    verify_check("SPC-1", DFOTA_CHECK_PASS);
    dfota_buffer_free(&file);
}

static void answers_550_above_a_limit_that_is_given(void **state)
{
    struct dfota_verify_request request = for_folder;
    struct dfota_buffer file;

    (void)state;
    verify_write_folder();
    verify(&request);
    verify_check("SPC-2", DFOTA_CHECK_SKIP);
    file = example_read("p.zip");
    request.max_size = file.size;
    verify(&request);
    verify_accepts("documented");
    request.max_size--;
    verify(&request);
    verify_rejects("SPC-2", 550, "documented");
    check_retries();
    dfota_buffer_free(&file);
}

static void say_another_md5(struct dfota_zip *package)
{
    package->manifest.partitions[1].new_image.md5[0] ^= 1;
}

/* The MD5 of what is made stands in the manifest alone. */
static void answers_520_where_it_cannot_be_applied(void **state)
{
    struct dfota_verify_request request = for_folder;

    (void)state;
    verify_write_folder();
    example_edit("p.zip", "q.zip", say_another_md5);
    request.package = "q.zip";
    verify(&request);
    verify_rejects("VFY-9", 520, "documented");
    verify_says("VFY-9", DFOTA_CHECK_FAIL, "system");
    assert_non_null(strstr(verified.advice, "520 to 530 or 540 to 546"));
    check_retries();
}

static void names_the_partition_that_is_not_wanted(void **state)
{
    struct dfota_verify_request request = for_folder;

    (void)state;
    verify_write_folder();
    folder_write("B/sbl.mbn", "x", 1);
    verify(&request);
    verify_rejects("VFY-10", DFOTA_NO_CODE, NULL);
    verify_says("VFY-10", DFOTA_CHECK_FAIL, "sbl: 1 bytes");
    request.target = "B/modem";
    verify(&request);
    verify_rejects("VFY-10", DFOTA_NO_CODE, NULL);
}

static void minifota_is_about_one_image(void **state)
{
    struct dfota_verify_request request = for_mini;

    (void)state;
    folder_example_write();
    verify_write_mini();
    request.image = "A";
    verify(&request);
    verify_rejects("VFY-5", 506, "analogy");
    request = for_mini;
    request.target = "B";
    verify(&request);
    verify_rejects("VFY-10", DFOTA_NO_CODE, NULL);
}

/* Of a folder that is none of partitions nothing can be said. */
static void refuses_what_is_no_folder_of_partitions(void **state)
{
    struct dfota_verify_request request = for_folder;

    (void)state;
    verify_write_folder();
    folder_write("B/other", "x", 1);
    assert_int_equal(dfota_job_verify(&request, &verified, &fault),
                     DFOTA_ERR_REFUSED);
    assert_string_equal(fault.rule, "DIR-2");
    assert_string_equal(fault.input, "B");
    assert_string_equal(fault.detail, "other");
    request.image = "B";
    assert_int_equal(dfota_job_verify(&request, &verified, &fault),
                     DFOTA_ERR_REFUSED);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(accepts_the_right_package),
        folder_test(answers_504_to_a_zip_that_is_not_in_order),
        folder_test(answers_505_to_another_project_or_version),
        folder_test(answers_510_and_names_each_partition),
        folder_test(answers_510_to_a_partition_it_does_not_list),
        folder_test(answers_511_where_there_is_no_room),
        folder_test(answers_550_above_a_limit_that_is_given),
        folder_test(answers_520_where_it_cannot_be_applied),
        folder_test(names_the_partition_that_is_not_wanted),
        folder_test(minifota_is_about_one_image),
        folder_test(refuses_what_is_no_folder_of_partitions),
    };

    return cmocka_run_group_tests_name("verify_folder", tests, NULL, NULL);
}
