/* SPDX-License-Identifier: MIT */
#include "lib/module/version.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(items) (sizeof(items) / sizeof((items)[0]))
#define UNTOUCHED    77

/* Strings that modules report or people give to packages, as seen in the
 * field, and the rule that refuses those which are no version strings. */
static const struct {
    const char *text;
    const char *rule;
} seen[] = {
    {"EC200NCNLAR03A01M08", NULL},
    {"EC200ACNHAR01A02M16", NULL},
    {"EC200ACNHAR01A07M16", NULL},
    {"EC200ACNDAR01A19M16", NULL},
    {"EC200ACNLAR01A12M16_fbf", NULL},
    {"EC200NCNAAR05A03M16", NULL},
    {"EC200NCNGBR03A06M16_OCPU_427", NULL},
    {"EC200ACNTAR01A01M2G_OCPU", NULL},
    {"EC200ACNTAR02A04M2G_OCPU", NULL},
    {"EC200ACNTAR03A02M2G_OCPU", NULL},
    {"EC200ACNTAR02A06N2G_OCPU", "VER-4"},
    {"EC600NCNLCR03A11M16_OCPU_QPY_BETA0313", NULL},
    {"EC600SCNAAR01A01M16_OCPU_PY_BETA1211", NULL},
    {"EC100YCNAAR01A01M16_OCPU_PY", NULL},
    {"EC600UCNLBR01A01M16_OCPU_V01", NULL},
    {"EG800KEULCR07A07M04_01.300.01.300", NULL},
    {"EG800ZCNLAR07A07M04", NULL},
    {"EG800ZCNLAR01A01M04_BETA_OCPU_20260511", NULL},
    {"EG800ZCNLAR01A01_OCPU_20260626", NULL},
    {"EG915NEUAPR03A04M16_01.200.01.200", NULL},
    {"EG915NEUAPR03A03M16_QTH_01.200.01.200", NULL},
    {"EG915UEUABR03A01M08", NULL},
    {"EC200UCNAAR02A01M08", NULL},
    {"EC200UCNAAR03A03M08", NULL},
    {"EC25EFAR02A03M4G", NULL},
    {"EC25EFAR02A09M4G", NULL},
    {"EC25EFAR06A01M4G_OCPU_01.001.01.001", NULL},
    {"EC25EFAR06A01M4G_OCPU_BETA1229", NULL},
    {"EC25EFAR06A06M4G_01.006.01.006", NULL},
    {"EC25EFAR06A18M4G", NULL},
    {"EC21AFAR05A06M4G_30.002.30.002", NULL},
    {"EC20EQAR02A05V03-R02A09V02", "VER-3"},
    {"EG25GGBR07A08M2G_01.003.01.003", NULL},
    {"EG91NAXGAR08A09M1G", NULL},
    {"EG91EFBR06A07M4G_01.007.01.007", NULL},
    {"EG95EXGAR08A02M1G", NULL},
    {"EM05GFAR07A07M1G_01.016.01.016", NULL},
    {"EM05GFAR07A07M1G_01.016.00.000", NULL},
    {"EM120RGLAPR02A07M4G_20.020.20.020", NULL},
    {"EG18EAPAR01A08M4G", NULL},
    {"Update_EG18EAPAR01A08V05M4G-R01A13M4G_01.200.01.200_V02.zip", "VER-3"},
    {"BG96MAR02A07M1G_01.007.01.007", NULL},
    {"BG96MAR02A07M1G_01.016.01.016-BG96MAR02A07M1G_01.018.01.018.bin",
     "VER-3"},
    {"BG96MAR04A03M1G", NULL},
    {"BG95M3LAR02A03", NULL},
    {"BG95M3LAR02A03_01.012.01.012", NULL},
    {"BG95M3LAR02A04_A0.301.A0.301", NULL},
    {"BG95M3LAR02A03_BETA0614", NULL},
    {"BG770AGLAAR02A05_JP_01.200.01.200", NULL},
    {"BC660KGLAAR01A03_01.001.01.001", NULL},
    {"BC660KGLAAR01A04", NULL},
    {"RM500QGLAAR03A02M4G", NULL},
    {"RM500QGLABR11A06M4G", NULL},
    {"RM500QGLABR13A03M4G", NULL},
    {"RM500UCNAAR01A16M2G_01.001.01", NULL},
    {"RM500UCNAAR03A11M2G_01.001.01.001", NULL},
    {"RM500UCNVAAR03A06M2G_01.001.01.001", NULL},
    {"RM502QAEAAR13A02M4G", NULL},
    {"RM520NGLAAR01A07M4G", NULL},
    {"RM520NGLAAR03A03M4G_04.211.04.211", NULL},
    {"RM520NGLAAR03A03M4G_A0.303", NULL},
    {"RM520NGLAPR01A03M4G_01.001.01.001", NULL},
    {"RG501QEUAAR12A11M4G_04.202", NULL},
    {"RG520NCNAAR01A03M4GA_30.006.02", NULL},
    {"RG520FNAEAR03A01M4G", NULL},
    {"RG502QEAAAR01A04-R11A03.zip", "VER-3"},
    {"RM520NGLV01-to-V02.zip", "VER-2"},
    {"update-v13-to-v12.zip", "VER-2"},
    {"AirM2M_780E_V1138_LTE_AT", "VER-2"},
    {"QPY_OCPU_V0006_EC600N_CNLA_FW", "VER-2"},
    {"LC76GPANR12A03S", "VER-4"},
    {"1529B10SIM7000G", "VER-2"},
};

static struct dfota_version version;
static struct dfota_fault fault;

static enum dfota_error parse(const char *text)
{
    memset(&version, 0, sizeof(version));
    memset(&fault, 0, sizeof(fault));
    version.flash_mb = UNTOUCHED;
    return dfota_version_parse(text, strlen(text), &version, &fault);
}

static void check_parts(void)
{
    char text[4 * DFOTA_VERSION_MAX];

    snprintf(text, sizeof(text), "%s%s%s%s%s%s%s%s", version.head,
             version.region, version.variant, version.baseline, version.edition,
             version.sub_edition, version.flash, version.suffix);
    assert_string_equal(text, version.text);
    snprintf(text, sizeof(text), "%s%s%s%s%s", version.project,
             version.baseline, version.version, version.flash, version.suffix);
    assert_string_equal(text, version.text);
}

static void accepts_and_refuses_what_was_seen_in_the_field(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(seen); i++) {
        enum dfota_error err = parse(seen[i].text);

        if (seen[i].rule == NULL) {
            assert_int_equal(err, DFOTA_OK);
            assert_string_equal(version.text, seen[i].text);
            check_parts();
        } else {
            assert_int_not_equal(err, DFOTA_OK);
            assert_string_equal(fault.rule, seen[i].rule);
            assert_int_equal(version.flash_mb, UNTOUCHED);
        }
    }
}

static void splits_the_example_of_the_guide(void **state)
{
    (void)state;
    assert_int_equal(parse("EC200NCNLAR03A01M08"), DFOTA_OK);
    assert_string_equal(version.project, "EC200NCNLA");
    assert_string_equal(version.head, "EC200N");
    assert_string_equal(version.region, "CN");
    assert_string_equal(version.variant, "LA");
    assert_string_equal(version.baseline, "R03");
    assert_string_equal(version.version, "A01");
    assert_string_equal(version.flash, "M08");
    assert_string_equal(version.suffix, "");
    assert_int_equal(version.flash_mb, 8);
    assert_non_null(version.model);
    assert_int_equal(dfota_version_method(&version), DFOTA_METHOD_MINI);
}

static void splits_every_part(void **state)
{
    (void)state;
    assert_int_equal(parse("EG18EAPAR01A08V05M4GA_01.200"), DFOTA_OK);
    assert_null(version.model);
    assert_string_equal(version.head, "EG18EAPA");
    assert_string_equal(version.region, "");
    assert_string_equal(version.variant, "");
    assert_string_equal(version.edition, "A08");
    assert_string_equal(version.sub_edition, "V05");
    assert_string_equal(version.version, "A08V05");
    assert_string_equal(version.flash, "M4GA");
    assert_int_equal(version.flash_mb, 0);
    assert_string_equal(version.suffix, "_01.200");
    check_parts();
}

static void reads_flash_sizes_of_one_scale_only(void **state)
{
    static const struct {
        const char *text;
        unsigned mb;
    } cases[] = {
        {"EC200NCNLAR03A01M02", 2},  {"EC200NCNLAR03A01M04", 4},
        {"EC200NCNLAR03A01M08", 8},  {"EC200NCNLAR03A01M16", 16},
        {"EC200NCNLAR03A01M32", 0},  {"EC200NCNLAR03A01M2G", 0},
        {"EC200NCNLAR03A01M16G", 0}, {"EC200NCNLAR03A01", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(parse(cases[i].text), DFOTA_OK);
        assert_int_equal(version.flash_mb, cases[i].mb);
    }
}

static void a_short_project_has_a_short_region(void **state)
{
    (void)state;
    assert_int_equal(parse("EC200NCR03A01"), DFOTA_OK);
    assert_string_equal(version.region, "C");
    assert_int_equal(parse("EC200NR03A01"), DFOTA_OK);
    assert_string_equal(version.head, "EC200N");
    assert_string_equal(version.region, "");
    check_parts();
}

static void refuses_each_broken_rule(void **state)
{
    static const struct {
        const char *rule;
        const char *good; /* accepted ... */
        const char *bad;  /* ... and refused at this byte, after one change */
        enum dfota_error want;
        uint64_t offset;
    } cases[] = {
        {"VER-1",
         "EC200NCNLAR03A01M08_0123456789012345678901234567890123456789ABCD",
         "EC200NCNLAR03A01M08_0123456789012345678901234567890123456789ABCDE",
         DFOTA_ERR_LIMIT, 64},
        {"VER-2", "EC200NCNLAR03A01", "EC200NCNLAR03A0", DFOTA_ERR_FORMAT, 0},
        {"VER-2", "EC200NCNLAR03A01", "EC200NCNLAR3A01", DFOTA_ERR_FORMAT, 0},
        {"VER-2", "EC200NCNLAR03A01", "EC200NCNLAr03A01", DFOTA_ERR_FORMAT, 0},
        {"VER-2", "EC200NCNLAR03A01", "", DFOTA_ERR_FORMAT, 0},
        {"VER-3", "EC200NCNLAR03A01", "EC200NcNLAR03A01", DFOTA_ERR_CORRUPT, 6},
        {"VER-3", "EC200NCNLAR03A01", " EC200NCNLAR03A01", DFOTA_ERR_CORRUPT,
         0},
        {"VER-3", "EC2R03A01", "C2R03A01", DFOTA_ERR_CORRUPT, 0},
        {"VER-3", "EC2R03A01", "ECNR03A01", DFOTA_ERR_CORRUPT, 0},
        {"VER-3", "EC2R03A01", "2EC2R03A01", DFOTA_ERR_CORRUPT, 0},
        {"VER-3", "EC200NCNLAR03A01_X", "EC200NCNLAR03A01_R03A02",
         DFOTA_ERR_CORRUPT, 16},
        {"VER-4", "EC200NCNLAR03A01", "EC200NCNLAR03A01 ", DFOTA_ERR_CORRUPT,
         16},
        {"VER-4", "EC200NCNLAR03A01", "EC200NCNLAR03A012", DFOTA_ERR_CORRUPT,
         16},
        {"VER-4", "EC200NCNLAR03A01M08", "EC200NCNLAR03A01M08.bin",
         DFOTA_ERR_CORRUPT, 19},
        {"VER-5", "EC200NCNLAR03A01V02", "EC200NCNLAR03A01V2",
         DFOTA_ERR_CORRUPT, 16},
        {"VER-5", "EC200NCNLAR03A01V02", "EC200NCNLAR03A01V023",
         DFOTA_ERR_CORRUPT, 16},
        {"VER-6", "EC200NCNLAR03A01M08", "EC200NCNLAR03A01M0",
         DFOTA_ERR_CORRUPT, 16},
        {"VER-6", "EC200NCNLAR03A01M08", "EC200NCNLAR03A01M", DFOTA_ERR_CORRUPT,
         16},
        {"VER-6", "EC200NCNLAR03A01M16", "EC200NCNLAR03A01M016",
         DFOTA_ERR_CORRUPT, 16},
        {"VER-6", "EC200NCNLAR03A01M1G", "EC200NCNLAR03A01MG",
         DFOTA_ERR_CORRUPT, 16},
        {"VER-7", "EC200NCNLAR03A01_X", "EC200NCNLAR03A01_", DFOTA_ERR_CORRUPT,
         17},
        {"VER-7", "EC200NCNLAR03A01_X.1", "EC200NCNLAR03A01_X-1",
         DFOTA_ERR_CORRUPT, 18},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(parse(cases[i].good), DFOTA_OK);
        assert_int_equal(parse(cases[i].bad), cases[i].want);
        assert_string_equal(fault.rule, cases[i].rule);
        assert_int_equal(fault.offset, cases[i].offset);
        assert_int_equal(version.flash_mb, UNTOUCHED);
    }
}

static void refuses_a_nul_inside(void **state)
{
    (void)state;
    version.flash_mb = UNTOUCHED;
    assert_int_equal(
        dfota_version_parse("EC200NCNLAR03A01\0_", 18, &version, &fault),
        DFOTA_ERR_CORRUPT);
    assert_string_equal(fault.rule, "VER-4");
    assert_int_equal(version.flash_mb, UNTOUCHED);
}

static void every_truncation_is_read_whole_or_refused(void **state)
{
    static const char text[] = "EC200NCNLAR03A01V05M08_OCPU";

    (void)state;
    for (size_t size = 0; size < sizeof(text); size++) {
        version.flash_mb = UNTOUCHED;
        if (dfota_version_parse(text, size, &version, &fault) == DFOTA_OK) {
            assert_int_equal(strlen(version.text), size);
            check_parts();
        } else {
            assert_int_equal(version.flash_mb, UNTOUCHED);
            assert_non_null(fault.rule);
        }
    }
}

static void compares_part_by_part(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        unsigned want;
    } cases[] = {
        {"EC200NCNLAR03A01M08", "EC200NCNLAR03A01M08", 0},
        {"EC200NCNLAR03A01M08", "EC200NCNAAR03A01M08", DFOTA_VERSION_PROJECT},
        {"EC200NCNLAR03A01M08", "EC200NCNLAR04A01M08", DFOTA_VERSION_BASELINE},
        {"EC200NCNLAR03A01M08", "EC200NCNLAR03A02M08", DFOTA_VERSION_VERSION},
        {"EC200NCNLAR03A01M08", "EC200NCNLAR03A01M16", DFOTA_VERSION_FLASH},
        {"EC200NCNLAR03A01M08", "EC200NCNLAR03A01", DFOTA_VERSION_FLASH},
        {"EC200NCNLAR03A01V01", "EC200NCNLAR03A01V02", DFOTA_VERSION_VERSION},
        {"EC200NCNLAR03A01V01", "EC200NCNLAR03A01", 0},
        {"EC200NCNLAR03A01_A", "EC200NCNLAR03A01_B", DFOTA_VERSION_VERSION},
        {"EC200NCNLAR03A01_A", "EC200NCNLAR03A01", 0},
        {"EC200NCNLAR03A01", "EC200ACNHAR04A02",
         DFOTA_VERSION_PROJECT | DFOTA_VERSION_BASELINE |
             DFOTA_VERSION_VERSION},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct dfota_version a;

        assert_int_equal(parse(cases[i].a), DFOTA_OK);
        a = version;
        assert_int_equal(parse(cases[i].b), DFOTA_OK);
        assert_int_equal(dfota_version_compare(&a, &version), cases[i].want);
        assert_int_equal(dfota_version_compare(&version, &a), cases[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_and_refuses_what_was_seen_in_the_field),
        cmocka_unit_test(splits_the_example_of_the_guide),
        cmocka_unit_test(splits_every_part),
        cmocka_unit_test(reads_flash_sizes_of_one_scale_only),
        cmocka_unit_test(a_short_project_has_a_short_region),
        cmocka_unit_test(refuses_each_broken_rule),
        cmocka_unit_test(refuses_a_nul_inside),
        cmocka_unit_test(every_truncation_is_read_whole_or_refused),
        cmocka_unit_test(compares_part_by_part),
    };

    return cmocka_run_group_tests_name("version", tests, NULL, NULL);
}
