/* SPDX-License-Identifier: MIT */
#include "lib/module/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(items) (sizeof(items) / sizeof((items)[0]))

static const struct dfota_model *find(const char *text)
{
    return dfota_model_find(text, strlen(text));
}

static void knows_the_modules_of_both_families(void **state)
{
    static const char *const lte[] = {
        "EC200A", "EC200M",  "EC200N",  "EC600K", "EC600M", "EC600N",
        "EC800K", "EC800M",  "EG600AK", "EG800K", "EG800W", "EG810M",
        "EG912N", "EG800AK", "EG915K",  "EG915N", "EG950A", "EG800M",
    };
    static const char *const rgm[] = {
        "RG500Q", "RG501Q", "RG502Q", "RM500Q",
        "RM502Q", "RM505Q", "RM510Q", "RM520N",
    };

    (void)state;
    for (size_t i = 0; i < COUNT(lte); i++) {
        assert_non_null(find(lte[i]));
        assert_string_equal(find(lte[i])->head, lte[i]);
        assert_int_equal(find(lte[i])->family, DFOTA_FAMILY_LTE_STANDARD_A);
    }
    for (size_t i = 0; i < COUNT(rgm); i++) {
        assert_non_null(find(rgm[i]));
        assert_int_equal(find(rgm[i])->family, DFOTA_FAMILY_RG50X_RM5XX);
    }
}

static void takes_the_whole_head_and_no_less(void **state)
{
    (void)state;
    assert_string_equal(find("EC200NCNLA")->head, "EC200N");
    assert_string_equal(find("EG800AKCNLC")->head, "EG800AK");
    assert_null(find("EC200"));
    assert_null(find("XEC200N"));
    assert_null(find("EG800ZCNLA"));
    assert_null(find("RM500UCNAA"));
    assert_null(dfota_model_find("EC200N", 5));
    assert_null(dfota_model_find("", 0));
}

static void flash_size_decides_the_method(void **state)
{
    static const struct {
        const char *head;
        unsigned mb;
        enum dfota_method want;
    } cases[] = {
        {"EC200N", 2, DFOTA_METHOD_MINI},
        {"EC200N", 4, DFOTA_METHOD_MINI},
        {"EC200N", 8, DFOTA_METHOD_MINI},
        {"EC200N", 16, DFOTA_METHOD_DFOTA},
        {"EC200N", 0, DFOTA_METHOD_UNKNOWN},
        {"EC200N", 32, DFOTA_METHOD_UNKNOWN},
        {"EC200A", 8, DFOTA_METHOD_DFOTA},
        {"EC200A", 16, DFOTA_METHOD_DFOTA},
        {"EC200A", 0, DFOTA_METHOD_DFOTA},
        {"RM500Q", 0, DFOTA_METHOD_DFOTA},
        {"EG800Z", 4, DFOTA_METHOD_MINI}, /* an unknown model */
        {"EG800Z", 0, DFOTA_METHOD_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(dfota_model_method(find(cases[i].head), cases[i].mb),
                         cases[i].want);
}

static void names_families_and_methods(void **state)
{
    (void)state;
    assert_string_equal(dfota_family_name(DFOTA_FAMILY_LTE_STANDARD_A),
                        "lte-standard-a");
    assert_string_equal(dfota_family_name(DFOTA_FAMILY_RG50X_RM5XX),
                        "rg50x-rm5xx");
    assert_null(dfota_family_name(DFOTA_FAMILY_NONE));
    assert_int_equal(dfota_family_find("lte-standard-a"),
                     DFOTA_FAMILY_LTE_STANDARD_A);
    assert_int_equal(dfota_family_find("rg50x-rm5xx"),
                     DFOTA_FAMILY_RG50X_RM5XX);
    assert_int_equal(dfota_family_find("lte"), DFOTA_FAMILY_NONE);
    assert_string_equal(dfota_method_name(DFOTA_METHOD_DFOTA), "DFOTA");
    assert_string_equal(dfota_method_name(DFOTA_METHOD_MINI), "MiniFOTA");
    assert_string_equal(dfota_method_name(DFOTA_METHOD_UNKNOWN),
                        "unknown method");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_modules_of_both_families),
        cmocka_unit_test(takes_the_whole_head_and_no_less),
        cmocka_unit_test(flash_size_decides_the_method),
        cmocka_unit_test(names_families_and_methods),
    };

    return cmocka_run_group_tests_name("model", tests, NULL, NULL);
}
