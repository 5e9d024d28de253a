/* SPDX-License-Identifier: MIT */
#include "lib/module/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(items) (sizeof(items) / sizeof((items)[0]))

#define PASS         DFOTA_FINDING_PASS
#define FAIL         DFOTA_FINDING_FAIL
#define WARN         DFOTA_FINDING_WARN
#define SKIP         DFOTA_FINDING_SKIP

static struct dfota_finding items[4];
static struct dfota_findings findings;

static const struct dfota_rules *get(const char *name)
{
    const struct dfota_rules *rules = dfota_rules_find(name);

    assert_non_null(rules);
    return rules;
}

static void finds_each_rule_set_by_its_name(void **state)
{
    (void)state;
    for (size_t i = 0; dfota_rules_at(i) != NULL; i++)
        assert_ptr_equal(get(dfota_rules_at(i)->name), dfota_rules_at(i));
    assert_non_null(get("lte-standard-a-1.4"));
    assert_non_null(get("lte-standard-a-1.5"));
    assert_non_null(get("rg50x-rm5xx-1.1"));
    assert_null(dfota_rules_find("lte-standard-a"));
    assert_null(dfota_rules_find(""));
}

static void the_default_is_the_newest_official_one(void **state)
{
    (void)state;
    assert_ptr_equal(dfota_rules_default(DFOTA_FAMILY_LTE_STANDARD_A),
                     get("lte-standard-a-1.4"));
    assert_ptr_equal(dfota_rules_default(DFOTA_FAMILY_RG50X_RM5XX),
                     get("rg50x-rm5xx-1.1"));
    assert_null(dfota_rules_default(DFOTA_FAMILY_NONE));
    assert_false(get("lte-standard-a-1.5")->official);
}

static void every_rule_set_is_complete(void **state)
{
    (void)state;
    for (size_t i = 0; dfota_rules_at(i) != NULL; i++) {
        const struct dfota_rules *rules = dfota_rules_at(i);

        assert_non_null(rules->source);
        assert_int_equal(strlen(rules->date), 10);
        assert_non_null(dfota_family_name(rules->family));
        assert_non_null(dfota_rules_profile(rules, DFOTA_METHOD_DFOTA, 0));
        assert_true(rules->port_default_ftp == 21 &&
                    rules->port_default_http == 80);
        assert_string_not_equal(dfota_code_find(rules->err, 0)->english, "");
        for (size_t kind = 0; kind < DFOTA_MISMATCH_COUNT; kind++)
            assert_true(rules->mismatch[kind] == 0 ||
                        dfota_code_find(rules->err, rules->mismatch[kind]));
        for (const struct dfota_rules_module *module = rules->modules;
             module->head != NULL; module++) {
            const struct dfota_model *model =
                dfota_model_find(module->head, strlen(module->head));

            assert_non_null(model);
            assert_string_equal(model->head, module->head);
            assert_int_equal(model->family, rules->family);
        }
    }
}

static void check_codes(const struct dfota_code_list *list, unsigned first,
                        unsigned last)
{
    assert_non_null(dfota_code_find(list, 0));
    for (unsigned code = first; code <= last; code++) {
        const struct dfota_code *found = dfota_code_find(list, code);

        assert_non_null(found);
        assert_true(strlen(found->english) > 0 && strlen(found->chinese) > 0);
    }
    assert_null(dfota_code_find(list, first - 1));
    assert_null(dfota_code_find(list, last + 1));
}

static void knows_the_codes_of_the_guide(void **state)
{
    static const unsigned err[] = {0, 504, 505, 506, 507, 552, 553};
    const struct dfota_rules *rules = get("lte-standard-a-1.4");

    (void)state;
    check_codes(rules->ftp_err, 601, 629);
    check_codes(rules->http_err, 701, 730);
    check_codes(rules->file_err, 500, 500);
    assert_int_equal(rules->err->count, COUNT(err));
    for (size_t i = 0; i < COUNT(err); i++)
        assert_non_null(dfota_code_find(rules->err, err[i]));
    assert_null(dfota_code_find(rules->err, 510));
}

static void knows_the_codes_of_the_note(void **state)
{
    static const unsigned err[] = {0,   502, 504, 505, 510, 511,
                                   520, 530, 540, 546, 550};
    static const unsigned none[] = {506, 507, 519, 531, 539, 547, 552, 553};
    const struct dfota_rules *rules = get("rg50x-rm5xx-1.1");

    (void)state;
    check_codes(rules->ftp_err, 601, 601);
    check_codes(rules->http_err, 701, 701);
    assert_null(dfota_code_find(rules->file_err, 0));
    for (size_t i = 0; i < COUNT(err); i++)
        assert_non_null(dfota_code_find(rules->err, err[i]));
    for (size_t i = 0; i < COUNT(none); i++)
        assert_null(dfota_code_find(rules->err, none[i]));
}

static void each_mismatch_has_its_code(void **state)
{
    static const unsigned lte[DFOTA_MISMATCH_COUNT] = {552, 553, 507, 507, 506,
                                                       505, 504, 0,   0};
    static const unsigned rgm[DFOTA_MISMATCH_COUNT] = {505, 505, 505, 505, 510,
                                                       504, 520, 511, 550};

    (void)state;
    assert_memory_equal(get("lte-standard-a-1.4")->mismatch, lte, sizeof(lte));
    assert_memory_equal(get("lte-standard-a-1.5")->mismatch, lte, sizeof(lte));
    assert_memory_equal(get("rg50x-rm5xx-1.1")->mismatch, rgm, sizeof(rgm));
}

static void profiles_follow_method_and_flash_size(void **state)
{
    const struct dfota_rules *rules = get("lte-standard-a-1.4");
    const struct dfota_profile *profile;

    (void)state;
    profile = dfota_rules_profile(rules, DFOTA_METHOD_MINI, 8);
    assert_int_equal(profile->schemes, DFOTA_SCHEME_FTP | DFOTA_SCHEME_HTTP);
    assert_int_equal(profile->url_max, 128);
    assert_int_equal(profile->urc.first_file_end, 60);
    assert_true(profile->codes_by_analogy);
    profile = dfota_rules_profile(rules, DFOTA_METHOD_MINI, 2);
    assert_int_equal(profile->schemes, DFOTA_SCHEME_HTTP);
    profile = dfota_rules_profile(rules, DFOTA_METHOD_DFOTA, 16);
    assert_int_equal(profile->url_max, 255);
    assert_true(profile->urc.download_progress && profile->host_file);
    profile = dfota_rules_profile(rules, DFOTA_METHOD_DFOTA, 8);
    assert_false(profile->urc.download_progress);
    assert_false(profile->urc.download_result);
    assert_null(dfota_rules_profile(rules, DFOTA_METHOD_UNKNOWN, 8));
    rules = get("rg50x-rm5xx-1.1");
    assert_null(dfota_rules_profile(rules, DFOTA_METHOD_MINI, 0));
    profile = dfota_rules_profile(rules, DFOTA_METHOD_DFOTA, 0);
    assert_int_equal(profile->url_max, 512);
    assert_false(profile->urc.download_progress || profile->host_file);
    assert_int_equal(rules->retries, 5);
}

static void lists_change_with_the_revision(void **state)
{
    static const struct {
        const char *head;
        const char *region;
        bool in_1_4;
        bool in_1_5;
    } cases[] = {
        {"EC200N", "CN", true, true},  {"EC200N", "EU", true, false},
        {"EG800AK", "CN", true, true}, {"EG800AK", "EU", false, true},
        {"EG915K", "EU", true, true},  {"EG915K", "LA", false, true},
        {"EG800W", "CN", true, false}, {"EG800M", "CN", false, true},
        {"EC200M", "CN", true, true},  {"EC200M", "EU", false, false},
        {"EC200M", "", false, false},  {"EC200A", "", true, true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(dfota_rules_module(get("lte-standard-a-1.4"),
                                            cases[i].head,
                                            cases[i].region) != NULL,
                         cases[i].in_1_4);
        assert_int_equal(dfota_rules_module(get("lte-standard-a-1.5"),
                                            cases[i].head,
                                            cases[i].region) != NULL,
                         cases[i].in_1_5);
    }
}

static void check_module(const char *rules, const char *text,
                         enum dfota_method method)
{
    struct dfota_version version;

    findings = (struct dfota_findings){.items = items, .capacity = 4};
    assert_int_equal(dfota_version_parse(text, strlen(text), &version, NULL),
                     DFOTA_OK);
    dfota_rules_check_module(get(rules), &version, method, &findings);
}

static void checks_model_and_method(void **state)
{
    static const struct {
        const char *rules;
        const char *version;
        enum dfota_method method;
        enum dfota_finding_status mod_1;
        enum dfota_finding_status mod_2;
    } cases[] = {
        {"lte-standard-a-1.4", "EC200NCNLAR03A01M08", DFOTA_METHOD_MINI, PASS,
         PASS},
        {"lte-standard-a-1.4", "EC200NCNLAR03A01M08", DFOTA_METHOD_DFOTA, PASS,
         FAIL},
        {"lte-standard-a-1.4", "EC200NCNLAR03A01M16", DFOTA_METHOD_DFOTA, PASS,
         PASS},
        {"lte-standard-a-1.4", "EC200ACNHAR01A02M08", DFOTA_METHOD_DFOTA, PASS,
         PASS},
        {"lte-standard-a-1.4", "EC200NCNLAR03A01", DFOTA_METHOD_MINI, PASS,
         SKIP},
        {"lte-standard-a-1.4", "EC200NCNLAR03A01M08", DFOTA_METHOD_UNKNOWN,
         PASS, SKIP},
        {"lte-standard-a-1.4", "EG800ZCNLAR07A07M04", DFOTA_METHOD_MINI, WARN,
         PASS},
        {"lte-standard-a-1.4", "EC200MEULAR07A07M08", DFOTA_METHOD_MINI, WARN,
         PASS},
        {"lte-standard-a-1.4", "EG950AEULAR07A07M16", DFOTA_METHOD_DFOTA, WARN,
         PASS},
        {"lte-standard-a-1.4", "RM500QGLAAR03A02M4G", DFOTA_METHOD_DFOTA, FAIL,
         PASS},
        {"rg50x-rm5xx-1.1", "RM500QGLAAR03A02M4G", DFOTA_METHOD_DFOTA, PASS,
         PASS},
        {"rg50x-rm5xx-1.1", "RM520NGLAAR01A07M4G", DFOTA_METHOD_DFOTA, WARN,
         PASS},
        {"rg50x-rm5xx-1.1", "EC200NCNLAR03A01M16", DFOTA_METHOD_DFOTA, FAIL,
         PASS},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        check_module(cases[i].rules, cases[i].version, cases[i].method);
        assert_int_equal(dfota_findings_get(&findings, "MOD-1")->status,
                         cases[i].mod_1);
        assert_int_equal(dfota_findings_get(&findings, "MOD-2")->status,
                         cases[i].mod_2);
    }
}

static void a_full_list_still_counts_failures(void **state)
{
    (void)state;
    findings = (struct dfota_findings){.items = items, .capacity = 1};
    dfota_findings_add(&findings, "MOD-1", PASS, "%s", "a\n\x1b\xc3\xa9z");
    dfota_findings_add(&findings, "MOD-2", FAIL, "lost");
    assert_int_equal(findings.count, 1);
    assert_int_equal(findings.dropped, 1);
    assert_int_equal(findings.failures, 1);
    assert_string_equal(items[0].detail, "a????z");
    assert_null(dfota_findings_get(&findings, "MOD-2"));
    assert_string_equal(dfota_finding_status_name(PASS), "pass");
    assert_string_equal(dfota_finding_status_name(FAIL), "fail");
    assert_string_equal(dfota_finding_status_name(WARN), "warn");
    assert_string_equal(dfota_finding_status_name(SKIP), "skip");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_each_rule_set_by_its_name),
        cmocka_unit_test(the_default_is_the_newest_official_one),
        cmocka_unit_test(every_rule_set_is_complete),
        cmocka_unit_test(knows_the_codes_of_the_guide),
        cmocka_unit_test(knows_the_codes_of_the_note),
        cmocka_unit_test(each_mismatch_has_its_code),
        cmocka_unit_test(profiles_follow_method_and_flash_size),
        cmocka_unit_test(lists_change_with_the_revision),
        cmocka_unit_test(checks_model_and_method),
        cmocka_unit_test(a_full_list_still_counts_failures),
    };

    return cmocka_run_group_tests_name("rules", tests, NULL, NULL);
}
