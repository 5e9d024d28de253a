/* SPDX-License-Identifier: MIT */
/* The MiniFOTA flow: a pair of files, and the flash that it is for; what is
 * wrong with the pair itself is in test_verify_pair.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/mini_example.h"
#include "tests/support/verify_example.h"

#define HEADER_REGIONS 220 /* in a .mini_1; 20 bytes a region */
#define NEW_CRC32      16  /* in a region */

static void verify_module(const char *module)
{
    struct dfota_verify_request request = for_mini;

    request.module = module;
    verify(&request);
}

static void verify_image(const char *image)
{
    struct dfota_verify_request request = for_mini;

    request.image = image;
    verify(&request);
}

static void accepts_the_right_package(void **state)
{
    static const char *const order[] = {
        "NAM-1", "NAM-2", "MOD-1", "MOD-2", "CMD-1",  "URL-1",
        "SPC-2", "VFY-1", "VFY-2", "VFY-3", "VFY-4",  "VFY-5",
        "VFY-6", "VFY-7", "VFY-8", "VFY-9", "VFY-10",
    };

    (void)state;
    verify_write_mini();
    verify(&for_mini);
    verify_accepts("analogy");
    assert_int_equal(verified.check_count, COUNT(order));
    for (size_t i = 0; i < COUNT(order); i++) {
        assert_string_equal(verified.checks[i].rule, order[i]);
        if (strncmp(order[i], "VFY", 3) == 0 ||
            strncmp(order[i], "NAM", 3) == 0)
            assert_int_equal(verified.checks[i].status, DFOTA_CHECK_PASS);
    }
    assert_string_equal(verified.family, "lte-standard-a");
    assert_string_equal(verified.rules, "lte-standard-a-1.4");
}

/* --- VFY-2 to VFY-5 ------------------------------------------------------ */

static void rejects_another_project(void **state)
{
    (void)state;
    verify_write_mini();
    verify_module("EC200NCNLBR03A01M08");
    verify_rejects("VFY-2", 552, "analogy");
    verify_check("VFY-3", DFOTA_CHECK_PASS);
    verify_check("VFY-4", DFOTA_CHECK_PASS);
    assert_non_null(strstr(verified.advice, "scene 2"));
}

static void rejects_another_baseline(void **state)
{
    (void)state;
    verify_write_mini();
    verify_module("EC200NCNLAR04A01M08");
    verify_rejects("VFY-3", 553, "analogy");
}

static void rejects_another_version(void **state)
{
    (void)state;
    verify_write_mini();
    verify_module("EC200NCNLAR03A03M08");
    verify_rejects("VFY-4", 507, "analogy");
    verify_module("EC200NCNLAR03A01M04");
    verify_rejects("VFY-4", 507, "analogy");
}

static void tells_a_module_that_it_is_up_to_date(void **state)
{
    struct dfota_verify_request request = for_mini;

    (void)state;
    verify_write_mini();
    verify_module(FLASH_TO);
    verify_rejects("VFY-4", DFOTA_NO_CODE, NULL);
    verify_says("VFY-4", DFOTA_CHECK_FAIL, "already has " FLASH_TO);
    assert_non_null(strstr(verified.advice, "already"));
    request.module = FLASH_TO;
    request.image = "flash.json"; /* which says nothing of the kind */
    verify(&request);
    verify_rejects("VFY-4", DFOTA_NO_CODE, NULL);
    assert_null(verify_find("VFY-5", DFOTA_CHECK_WARN));
}

/* Every region counts, and what is kept does not. */
static void rejects_a_changed_image(void **state)
{
    struct flash_example flash = verify_write_mini();

    (void)state;
    for (size_t i = 0; i < FLASH_PARTS; i++) {
        size_t last = flash_parts[i].at + flash_parts[i].size - 1;

        flash.old[last] ^= 1;
        folder_write("other", flash.old, FLASH_SIZE);
        flash.old[last] ^= 1;
        verify_image("other");
        verify_rejects("VFY-5", 506, "analogy");
        verify_check("VFY-9", DFOTA_CHECK_SKIP);
    }
    folder_write("other", flash.old, FLASH_SIZE - 1);
    verify_image("other");
    verify_rejects("VFY-5", 506, "analogy");
    flash_fill_kept(flash.old, 99);
    folder_write("other", flash.old, FLASH_SIZE);
    verify_image("other");
    verify_accepts("analogy");
    verify_image("made.img");
    verify_rejects("VFY-5", 506, "analogy");
    verify_says("VFY-5", DFOTA_CHECK_WARN, "already");
}

/* --- VFY-9, VFY-10 ------------------------------------------------------- */

/* What .mini_1 promises of the big system, .mini_2 does not make. */
static void rejects_a_package_that_cannot_be_applied(void **state)
{
    struct dfota_buffer first;
    const struct dfota_verify_request request = for_mini;

    (void)state;
    verify_write_mini();
    first = example_read("out.mini_1");
    first.data[HEADER_REGIONS + 20 + NEW_CRC32] ^= 1;
    mini_example_seal_first(first.data);
    folder_write("out.mini_1", first.data, first.size);
    verify(&request);
    verify_rejects("VFY-9", 504, "analogy");
    verify_says("VFY-9", DFOTA_CHECK_FAIL, "(MIN-14)");
    verify_check("VFY-5", DFOTA_CHECK_PASS);
    verify_check("VFY-7", DFOTA_CHECK_PASS);
    dfota_buffer_free(&first);
}

static void rejects_what_makes_another_image_than_wanted(void **state)
{
    struct flash_example flash = verify_write_mini();
    struct dfota_verify_request request = for_mini;

    (void)state;
    request.target = "new.img"; /* another unit's, and right */
    verify(&request);
    verify_accepts("analogy");
    request.target = "other";
    flash.new[flash_parts[2].at] ^= 1;
    folder_write("other", flash.new, FLASH_SIZE);
    verify(&request);
    verify_rejects("VFY-10", DFOTA_NO_CODE, NULL);
    verify_check("VFY-9", DFOTA_CHECK_PASS);
    assert_non_null(strstr(verified.advice, "another image"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(accepts_the_right_package),
        folder_test(rejects_another_project),
        folder_test(rejects_another_baseline),
        folder_test(rejects_another_version),
        folder_test(tells_a_module_that_it_is_up_to_date),
        folder_test(rejects_a_changed_image),
        folder_test(rejects_a_package_that_cannot_be_applied),
        folder_test(rejects_what_makes_another_image_than_wanted),
    };

    return cmocka_run_group_tests_name("verify_mini", tests, NULL, NULL);
}
