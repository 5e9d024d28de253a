/* SPDX-License-Identifier: MIT */
/* What comes before the package is looked into: names, module, room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/verify_example.h"

/* --- NAM: the names of the files ----------------------------------------- */

/* A zip by any name but those of MiniFOTA. */
static void a_zip_may_have_any_other_name(void **state)
{
    static const char *const good[] = {"p", "p.bin", "p.mini_1.zip", "p.mni"};
    static const char *const bad[] = {"p.mini_1", "p.mini", "p.MINI_2",
                                      "p.zip.minis"};
    struct dfota_verify_request request = for_dfota;

    (void)state;
    verify_write_zip();
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_int_equal(link("p.zip", good[i]), 0);
        request.package = good[i];
        verify(&request);
        verify_accepts("documented");
        verify_says("NAM-1", DFOTA_CHECK_PASS, good[i]);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(link("p.zip", bad[i]), 0);
        request.package = bad[i];
        verify(&request);
        verify_rejects("NAM-1", DFOTA_NO_CODE, NULL);
        verify_check("VFY-9", DFOTA_CHECK_PASS);
    }
}

/* The first file ends in .mini_1, in small letters. */
static void a_first_file_has_its_own_name_only(void **state)
{
    static const char *const bad[] = {"out.zip", "out.mini_10", "out.Mini_1",
                                      "mini_1", "out.mini_1.bin"};
    struct dfota_verify_request request = for_mini;

    (void)state;
    verify_write_mini();
    verify(&request);
    verify_says("NAM-1", DFOTA_CHECK_PASS, "out.mini_1");
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_int_equal(rename(request.package, bad[i]), 0);
        request.package = bad[i];
        verify(&request);
        verify_rejects("NAM-1", DFOTA_NO_CODE, NULL);
    }
}

static void the_second_file_is_beside_the_first(void **state)
{
    (void)state;
    verify_write_mini();
    verify(&for_mini);
    verify_says("NAM-2", DFOTA_CHECK_PASS, "out.mini_2");
    assert_int_equal(rename("out.mini_2", "out2.mini_2"), 0);
    verify(&for_mini);
    verify_rejects("NAM-2", DFOTA_NO_CODE, NULL);
    verify_says("NAM-2", DFOTA_CHECK_FAIL, "out.mini_2 is missing");
    verify_check("VFY-1", DFOTA_CHECK_PASS);
    verify_check("VFY-5", DFOTA_CHECK_PASS);
    verify_check("VFY-7", DFOTA_CHECK_SKIP);
    verify_check("VFY-9", DFOTA_CHECK_SKIP);
    assert_non_null(strstr(verified.advice, "scene 4"));
}

/* --- MOD: the module's family and method --------------------------------- */

static void the_module_is_of_the_family_of_the_rules(void **state)
{
    struct dfota_verify_request request = for_dfota;

    (void)state;
    verify_write_zip();
    verify(&request);
    verify_check("MOD-1", DFOTA_CHECK_PASS);
    request.rules = "rg50x-rm5xx-1.1";
    verify(&request);
    verify_rejects("MOD-1", DFOTA_NO_CODE, NULL);
    assert_string_equal(verified.rules, "rg50x-rm5xx-1.1");
    request.module = "EC200ZCNHAR01A02M16"; /* not known to anybody */
    request.rules = NULL;
    verify(&request);
    verify_check("MOD-1", DFOTA_CHECK_WARN);
    verify_rejects("VFY-2", 552, "documented");
}

static void a_module_of_16_mb_takes_no_minifota(void **state)
{
    struct dfota_verify_request request = for_mini;

    (void)state;
    verify_write_mini();
    verify(&request);
    verify_check("MOD-2", DFOTA_CHECK_PASS);
    request.module = "EC200NCNLAR03A01M16";
    verify(&request);
    verify_rejects("MOD-2", DFOTA_NO_CODE, NULL);
    verify_says("MOD-2", DFOTA_CHECK_FAIL, "DFOTA");
    verify_check("VFY-4", DFOTA_CHECK_FAIL);
}

/* --- SPC ----------------------------------------------------------------- */

/* The codes are those of B alone. */
static void the_package_fits_into_what_is_free_and_allowed(void **state)
{
    struct dfota_verify_request request = for_dfota;
    struct dfota_buffer file;

    (void)state;
    verify_write_zip();
    file = example_read("p.zip");
    request.free_space = request.max_size = file.size;
    verify(&request);
    verify_accepts("documented");
    verify_check("SPC-1", DFOTA_CHECK_PASS);
    verify_check("SPC-2", DFOTA_CHECK_PASS);
    request.max_size = file.size - 1;
    verify(&request);
    verify_rejects("SPC-2", DFOTA_NO_CODE, NULL);
    request.free_space = file.size - 1;
    verify(&request);
    verify_rejects("SPC-1", DFOTA_NO_CODE, NULL);
    dfota_buffer_free(&file);

    verify_make_zip("p.zip", RM_FROM, RM_TO);
    request.module = RM_FROM;
    request.free_space = request.max_size = 100;
    verify(&request);
    verify_rejects("SPC-1", 511, "documented");
    request.free_space = 0;
    verify(&request);
    verify_rejects("SPC-2", 550, "documented");
    verify_check("SPC-1", DFOTA_CHECK_SKIP);
}

/* MiniFOTA stores nothing beside its flash; both its files are the package. */
static void both_files_count_under_minifota(void **state)
{
    struct dfota_verify_request request = for_mini;
    struct dfota_buffer first;
    struct dfota_buffer second;

    (void)state;
    verify_write_mini();
    first = example_read("out.mini_1");
    second = example_read("out.mini_2");
    request.free_space = 1;
    request.max_size = first.size + second.size;
    verify(&request);
    verify_accepts("analogy");
    verify_not_checked("SPC-1");
    request.max_size--;
    verify(&request);
    verify_rejects("SPC-2", DFOTA_NO_CODE, NULL);
    dfota_buffer_free(&second);
    dfota_buffer_free(&first);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(a_zip_may_have_any_other_name),
        folder_test(a_first_file_has_its_own_name_only),
        folder_test(the_second_file_is_beside_the_first),
        folder_test(the_module_is_of_the_family_of_the_rules),
        folder_test(a_module_of_16_mb_takes_no_minifota),
        folder_test(the_package_fits_into_what_is_free_and_allowed),
        folder_test(both_files_count_under_minifota),
    };

    return cmocka_run_group_tests_name("verify_names", tests, NULL, NULL);
}
