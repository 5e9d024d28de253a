/* SPDX-License-Identifier: MIT */
/* The DFOTA flow: what is in a zip, and the image that it is for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/verify_example.h"

/* The right request with another module. */
static void verify_module(const char *module)
{
    struct dfota_verify_request request = for_dfota;

    request.module = module;
    verify(&request);
}

/* The right request with another package. */
static void verify_package(const char *package)
{
    struct dfota_verify_request request = for_dfota;

    request.package = package;
    verify(&request);
}

static void accepts_the_right_package(void **state)
{
    static const char *const passed[] = {"NAM-1", "MOD-1", "MOD-2", "VFY-1",
                                         "VFY-2", "VFY-3", "VFY-4", "VFY-5",
                                         "VFY-9", "VFY-10"};

    (void)state;
    verify_write_zip();
    verify(&for_dfota);
    verify_accepts("documented");
    for (size_t i = 0; i < COUNT(passed); i++)
        verify_check(passed[i], DFOTA_CHECK_PASS);
    verify_not_checked("NAM-2");
    verify_not_checked("VFY-6");
    verify_not_checked("VFY-7");
    verify_not_checked("VFY-8");
    assert_string_equal(verified.family, "lte-standard-a");
    assert_string_equal(verified.rules, "lte-standard-a-1.4");
    assert_string_equal(verified.module, DFOTA_FROM);
}

/* The order in which a module meets them; the first failure decides. */
static void checks_in_the_order_of_the_module(void **state)
{
    static const char *const order[] = {
        "NAM-1", "MOD-1", "MOD-2", "CMD-1", "URL-1", "SPC-1", "SPC-2",
        "VFY-1", "VFY-2", "VFY-3", "VFY-4", "VFY-5", "VFY-9", "VFY-10",
    };

    (void)state;
    verify_write_zip();
    verify(&for_dfota);
    assert_int_equal(verified.check_count, COUNT(order));
    for (size_t i = 0; i < COUNT(order); i++)
        assert_string_equal(verified.checks[i].rule, order[i]);
    verify_module("EC200NCNLAR03A01M16");
    verify_rejects("VFY-2", 552, "documented");
    verify_check("VFY-3", DFOTA_CHECK_FAIL);
    verify_check("VFY-4", DFOTA_CHECK_FAIL);
}

/* --- VFY-2 to VFY-4 ------------------------------------------------------ */

static void rejects_another_project(void **state)
{
    (void)state;
    verify_write_zip();
    verify_module("EC200ACNLAR01A02M16");
    verify_rejects("VFY-2", 552, "documented");
    verify_says("VFY-2", DFOTA_CHECK_FAIL, "EC200ACNLA");
    verify_check("VFY-3", DFOTA_CHECK_PASS);
    verify_check("VFY-4", DFOTA_CHECK_PASS);
}

static void rejects_another_baseline(void **state)
{
    (void)state;
    verify_write_zip();
    verify_module("EC200ACNHAR02A02M16");
    verify_rejects("VFY-3", 553, "documented");
    verify_says("VFY-3", DFOTA_CHECK_FAIL, "R02");
    verify_check("VFY-2", DFOTA_CHECK_PASS);
}

static void rejects_another_version(void **state)
{
    static const char *const others[] = {
        "EC200ACNHAR01A01M16", "EC200ACNHAR01A04M16", "EC200ACNHAR01A02M08"};

    (void)state;
    verify_write_zip();
    for (size_t i = 0; i < COUNT(others); i++) {
        verify_module(others[i]);
        verify_rejects("VFY-4", 507, "documented");
        verify_says("VFY-4", DFOTA_CHECK_FAIL, others[i]);
    }
}

/* What is reported by one command and not by another does not count. */
static void accepts_what_one_string_has_and_the_other_lacks(void **state)
{
    (void)state;
    verify_write_zip();
    verify_module("EC200ACNHAR01A02V03M16_OCPU");
    verify_accepts("documented");
    verify_make_zip("p.zip", "EC200ACNHAR01A02V03M16", DFOTA_TO);
    verify_module("EC200ACNHAR01A02M16");
    verify_accepts("documented");
    verify_module("EC200ACNHAR01A02V04M16");
    verify_rejects("VFY-4", 507, "documented");
}

static void tells_a_module_that_it_is_up_to_date(void **state)
{
    struct dfota_verify_request request = for_dfota;

    (void)state;
    verify_write_zip();
    request.module = DFOTA_TO;
    verify(&request);
    verify_rejects("VFY-4", DFOTA_NO_CODE, NULL);
    verify_says("VFY-4", DFOTA_CHECK_FAIL, "already has " DFOTA_TO);
    assert_non_null(strstr(verified.advice, "already"));
    request.image = "new";
    verify(&request);
    verify_rejects("VFY-4", DFOTA_NO_CODE, NULL);
    verify_says("VFY-5", DFOTA_CHECK_WARN, "already");
    folder_write("other", "other", 5);
    request.image = "other";
    verify(&request);
    assert_null(verify_find("VFY-5", DFOTA_CHECK_WARN));
    assert_non_null(strstr(verified.advice, "already"));
}

static void state_another_project(struct dfota_zip *package)
{
    strcpy(package->manifest.from.project, "EC200ACNH");
    strcpy(package->manifest.from.baseline, "AR01");
}

/* A module compares what the package states, not our reading of it. */
static void compares_the_project_that_is_stated(void **state)
{
    (void)state;
    verify_write_zip();
    example_edit("p.zip", "bad.zip", state_another_project);
    verify_package("bad.zip");
    verify_rejects("VFY-2", 552, "documented");
    verify_check("VFY-3", DFOTA_CHECK_FAIL);
    verify_check("VFY-4", DFOTA_CHECK_PASS);
}

static void state_no_version(struct dfota_zip *package)
{
    strcpy(package->manifest.from.version, "EC200ACNHAR01");
}

static void rejects_what_states_no_version(void **state)
{
    (void)state;
    verify_write_zip();
    example_edit("p.zip", "bad.zip", state_no_version);
    verify_package("bad.zip");
    verify_rejects("VFY-4", 507, "documented");
}

/* --- VFY-5, VFY-9, VFY-10 ------------------------------------------------ */

static void rejects_a_changed_image(void **state)
{
    struct job_example images = verify_write_zip();
    struct dfota_verify_request request = for_dfota;

    (void)state;
    images.old[EXAMPLE_OLD_SIZE - 1] ^= 1;
    folder_write("other", images.old, EXAMPLE_OLD_SIZE);
    request.image = "other";
    verify(&request);
    verify_rejects("VFY-5", 506, "documented");
    verify_check("VFY-9", DFOTA_CHECK_SKIP);
    verify_check("VFY-10", DFOTA_CHECK_PASS);
    folder_write("other", "", 0);
    verify(&request);
    verify_rejects("VFY-5", 506, "documented");
    request.image = "new";
    verify(&request);
    verify_rejects("VFY-5", 506, "documented");
    verify_says("VFY-5", DFOTA_CHECK_WARN, "already");
    assert_non_null(strstr(verified.advice, "Nothing is to be done"));
}

static void break_last_stream(struct dfota_zip *package)
{
    struct dfota_view delta = package->deltas[0].bytes;

    ((uint8_t *)delta.data)[delta.size - 8] ^= 0x80;
}

static void rejects_a_package_that_cannot_be_applied(void **state)
{
    (void)state;
    verify_write_zip();
    example_edit("p.zip", "bad.zip", break_last_stream);
    verify_package("bad.zip");
    verify_rejects("VFY-9", 504, "documented");
    verify_says("VFY-9", DFOTA_CHECK_FAIL, "(DLT-");
    verify_check("VFY-5", DFOTA_CHECK_PASS);
    verify_check("VFY-10", DFOTA_CHECK_PASS);
}

/* No module knows what was wanted, so none has a number for it. */
static void rejects_what_makes_another_image_than_wanted(void **state)
{
    struct dfota_verify_request request = for_dfota;

    (void)state;
    verify_write_zip();
    request.target = "old";
    verify(&request);
    verify_rejects("VFY-10", DFOTA_NO_CODE, NULL);
    verify_check("VFY-9", DFOTA_CHECK_PASS);
    request.image = NULL;
    verify(&request);
    verify_rejects("VFY-10", DFOTA_NO_CODE, NULL);
}

/* --- images of several partitions ---------------------------------------- */

static void checks_each_partition_of_a_flash(void **state)
{
    struct flash_example flash = flash_example_write();
    const struct dfota_verify_request request = {.package = "out.zip",
                                                 .image = "flashed",
                                                 .target = "new.img",
                                                 .allow_skip = true};

    (void)state;
    flash_make(DFOTA_TYPE_DFOTA);
    for (size_t i = 0; i < FLASH_PARTS; i++) {
        size_t last = flash_parts[i].at + flash_parts[i].size - 1;

        folder_write("flashed", flash.old, FLASH_SIZE);
        verify(&request);
        verify_accepts("documented");
        flash.old[last] ^= 1;
        folder_write("flashed", flash.old, FLASH_SIZE);
        flash.old[last] ^= 1;
        verify(&request);
        verify_rejects("VFY-5", 506, "documented");
        verify_says("VFY-5", DFOTA_CHECK_FAIL, flash_parts[i].name);
        folder_write("flashed", flash.old, last);
        verify(&request);
        verify_says("VFY-5", DFOTA_CHECK_FAIL, flash_parts[i].name);
    }
    flash_fill_kept(flash.old, 99); /* another unit */
    folder_write("flashed", flash.old, FLASH_SIZE);
    verify(&request);
    verify_accepts("documented");
}

/* --- the codes of RG and RM ---------------------------------------------- */

static void gives_the_codes_of_the_note_to_rg_and_rm(void **state)
{
    struct dfota_verify_request request = for_dfota;
    struct dfota_buffer file;

    (void)state;
    example_write();
    verify_make_zip("p.zip", RM_FROM, RM_TO);
    request.module = RM_FROM;
    verify(&request);
    verify_accepts("documented");
    assert_string_equal(verified.family, "rg50x-rm5xx");
    assert_string_equal(verified.rules, "rg50x-rm5xx-1.1");

    request.module = "RM500QGLABR03A01M4G";
    verify(&request);
    verify_rejects("VFY-2", 505, "documented");
    request.module = "RM500QGLAAR04A01M4G";
    verify(&request);
    verify_rejects("VFY-3", 505, "documented");
    request.module = "RM500QGLAAR03A03M4G";
    verify(&request);
    verify_rejects("VFY-4", 505, "documented");
    assert_non_null(strstr(verified.advice, "5 times"));
    request.module = RM_FROM;
    request.image = "new";
    verify(&request);
    verify_rejects("VFY-5", 510, "documented");
    request.image = "old";
    example_edit("p.zip", "bad.zip", break_last_stream);
    request.package = "bad.zip";
    verify(&request);
    verify_rejects("VFY-9", 520, "documented");
    file = example_read("p.zip");
    verify_flip(&file, "bad.zip", file.size / 2, 1);
    verify(&request);
    verify_rejects("VFY-1", 504, "documented");
    dfota_buffer_free(&file);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(accepts_the_right_package),
        folder_test(checks_in_the_order_of_the_module),
        folder_test(rejects_another_project),
        folder_test(rejects_another_baseline),
        folder_test(rejects_another_version),
        folder_test(accepts_what_one_string_has_and_the_other_lacks),
        folder_test(tells_a_module_that_it_is_up_to_date),
        folder_test(compares_the_project_that_is_stated),
        folder_test(rejects_what_states_no_version),
        folder_test(rejects_a_changed_image),
        folder_test(rejects_a_package_that_cannot_be_applied),
        folder_test(rejects_what_makes_another_image_than_wanted),
        folder_test(checks_each_partition_of_a_flash),
        folder_test(gives_the_codes_of_the_note_to_rg_and_rm),
    };

    return cmocka_run_group_tests_name("verify_dfota", tests, NULL, NULL);
}
