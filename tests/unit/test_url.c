/* SPDX-License-Identifier: MIT */
#include "lib/module/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(items) (sizeof(items) / sizeof((items)[0]))

#define PASS         DFOTA_FINDING_PASS
#define FAIL         DFOTA_FINDING_FAIL
#define WARN         DFOTA_FINDING_WARN
#define SKIP         DFOTA_FINDING_SKIP

#define T10          "0123456789"
#define T50          T10 T10 T10 T10 T10

/* Where a URL is bound for. */
enum bound {
    DFOTA_16,   /* guide 1.4, DFOTA, 16 MB */
    MINI_8,     /* guide 1.4, MiniFOTA, 8 MB */
    MINI_4,     /* 4 MB */
    MINI_2,     /* 2 MB */
    MINI_ANY,   /* flash size not known */
    DFOTA_4,    /* guide 1.4, DFOTA, 4 MB */
    NEW_MINI_8, /* digest of 1.5 */
    NEW_MINI_2, /* likewise, 2 MB */
    NEW_EG915N, /* likewise, of a model with a reservation */
    RG_RM,      /* note 1.1 */
    RG_RM_MINI, /* which knows no MiniFOTA */
    UNDECIDED   /* guide 1.4, method not known */
};

static const struct {
    const char *rules;
    enum dfota_method method;
    unsigned flash_mb;
    const char *head;
} bounds[] = {
    [DFOTA_16] = {"lte-standard-a-1.4", DFOTA_METHOD_DFOTA, 16, "EC200N"},
    [MINI_8] = {"lte-standard-a-1.4", DFOTA_METHOD_MINI, 8, "EC200N"},
    [MINI_4] = {"lte-standard-a-1.4", DFOTA_METHOD_MINI, 4, NULL},
    [MINI_2] = {"lte-standard-a-1.4", DFOTA_METHOD_MINI, 2, NULL},
    [MINI_ANY] = {"lte-standard-a-1.4", DFOTA_METHOD_MINI, 0, NULL},
    [DFOTA_4] = {"lte-standard-a-1.4", DFOTA_METHOD_DFOTA, 4, NULL},
    [NEW_MINI_8] = {"lte-standard-a-1.5", DFOTA_METHOD_MINI, 8, NULL},
    [NEW_MINI_2] = {"lte-standard-a-1.5", DFOTA_METHOD_MINI, 2, NULL},
    [NEW_EG915N] = {"lte-standard-a-1.5", DFOTA_METHOD_MINI, 8, "EG915N"},
    [RG_RM] = {"rg50x-rm5xx-1.1", DFOTA_METHOD_DFOTA, 0, NULL},
    [RG_RM_MINI] = {"rg50x-rm5xx-1.1", DFOTA_METHOD_MINI, 0, NULL},
    [UNDECIDED] = {"lte-standard-a-1.4", DFOTA_METHOD_UNKNOWN, 0, NULL},
};

static struct dfota_finding items[16];
static struct dfota_findings findings;

static void lint_for(enum bound bound, const char *url, const char *package)
{
    struct dfota_target target = {
        .rules = dfota_rules_find(bounds[bound].rules),
        .method = bounds[bound].method,
        .flash_mb = bounds[bound].flash_mb,
        .head = bounds[bound].head,
        .package = package,
    };

    findings = (struct dfota_findings){.items = items, .capacity = 16};
    dfota_url_lint(url, &target, &findings);
    assert_int_equal(findings.dropped, 0);
}

static enum dfota_finding_status status_of(const char *rule)
{
    const struct dfota_finding *finding = dfota_findings_get(&findings, rule);

    if (finding == NULL) {
        fail_msg("no finding of %s", rule);
        return SKIP;
    }
    return finding->status;
}

static void accepts_the_examples_of_the_documents(void **state)
{
    static const struct {
        enum bound bound;
        const char *url;
        const char *package;
    } cases[] = {
        {DFOTA_16, "FTP://test:test@192.0.2.2:21/EC200ACNHAR01A02M16.bin",
         "EC200ACNHAR01A02M16.bin"},
        {DFOTA_16, "http://www.example.com:100/EC200ACNHAR01A02M16.bin",
         "EC200ACNHAR01A02M16.bin"},
        {RG_RM, "ftp://test:test@124.74.41.170:21/RM520NGLV01-to-V02.zip",
         "RM520NGLV01-to-V02.zip"},
        {RG_RM, "http://www.quectel.com:100/update.zip", "update.zip"},
        {RG_RM, "/cache/ufs/update-v13-to-v12.zip", "update-v13-to-v12.zip"},
        {MINI_8, "http://192.0.2.2:80/system_patch.mini_1",
         "system_patch.mini_1"},
        {MINI_8, "ftp://u:p@192.0.2.2:21/system_patch.mini_1",
         "system_patch.mini_1"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        lint_for(cases[i].bound, cases[i].url, cases[i].package);
        for (size_t k = 0; k < findings.count; k++)
            if (items[k].status != PASS)
                fail_msg("%s: %s %s", cases[i].url, items[k].rule,
                         items[k].detail);
    }
}

/* Every rule, kept and broken by the smallest change. */
static const struct {
    const char *rule;
    enum bound bound;
    const char *url;
    enum dfota_finding_status want;
} cases[] = {
    {"URL-2", MINI_8, "ftp://u:p@h.example:21/p.mini_1", PASS},
    {"URL-2", MINI_4, "ftp://u:p@h.example:21/p.mini_1", FAIL},
    {"URL-2", MINI_2, "ftp://u:p@h.example:21/p.mini_1", FAIL},
    {"URL-2", MINI_ANY, "ftp://u:p@h.example:21/p.mini_1", WARN},
    {"URL-2", MINI_4, "http://h.example:80/p.mini_1", PASS},
    {"URL-2", MINI_8, "https://h.example:80/p.mini_1", FAIL},
    {"URL-2", MINI_8, "HTTP://h.example:80/p.mini_1", PASS},
    {"URL-2", NEW_MINI_8, "https://h.example:80/p.mini_1", PASS},
    {"URL-2", NEW_MINI_2, "https://h.example:80/p.mini_1", FAIL},
    {"URL-2", NEW_EG915N, "ftp://u:p@h.example:21/p.mini_1", WARN},
    {"URL-2", NEW_EG915N, "http://h.example:80/p.mini_1", PASS},
    {"URL-2", DFOTA_16, "https://h.example:443/p.zip", PASS},
    {"URL-2", DFOTA_4, "ftp://u:p@h.example:21/p.zip", FAIL},
    {"URL-2", DFOTA_4, "http://h.example:80/p.zip", PASS},
    {"URL-2", DFOTA_16, "tftp://h.example:80/p.zip", FAIL},
    {"URL-2", DFOTA_16, "://h.example:80/p.zip", FAIL},
    {"URL-2", DFOTA_16, "h.example:80/p.zip", FAIL},
    {"URL-2", DFOTA_16, "", FAIL},
    {"URL-2", RG_RM, "https://h.example:80/p.zip", PASS},
    {"URL-2", RG_RM_MINI, "http://h.example:80/p.mini_1", FAIL},
    {"URL-2", UNDECIDED, "http://h.example:80/p.mini_1", SKIP},

    {"URL-3", MINI_8, "http://h.example:80/a_b.mini_1", PASS},
    {"URL-3", MINI_8, "http://h.example:80/a b.mini_1", FAIL},
    {"URL-3", MINI_8, "http://h.example:80/a\\b.mini_1", FAIL},
    {"URL-3", MINI_8, "http://h.example:80/a%b.mini_1", FAIL},
    {"URL-3", DFOTA_16, "http://h.example:80/a b.zip", WARN},
    {"URL-3", RG_RM, "http://h.example:80/a b.zip", WARN},
    {"URL-3", RG_RM, "/cache/ufs/a b.zip", WARN},

    {"URL-4", DFOTA_16, "http://h.example:80/a!b.zip", PASS},
    {"URL-4", DFOTA_16, "http://h.example:80/a`b.zip", FAIL},
    {"URL-4", DFOTA_16, "http://h.example:80/a$b.zip", FAIL},
    {"URL-4", DFOTA_16, "http://h.example:80/a;b.zip", FAIL},
    {"URL-4", DFOTA_16, "http://h.example:80/a|b.zip", FAIL},
    {"URL-4", DFOTA_16, "http://h.example:80/a&b.zip", FAIL},
    {"URL-4", DFOTA_16, "http://h.example:80/a<b.zip", FAIL},
    {"URL-4", DFOTA_16, "http://h.example:80/a>b.zip", FAIL},
    {"URL-4", DFOTA_16, "http://h.example:80/a(b.zip", FAIL},
    {"URL-4", DFOTA_16, "http://h.example:80/a)b.zip", FAIL},
    {"URL-4", DFOTA_16, "http://h.example:80/a{b.zip", FAIL},
    {"URL-4", DFOTA_16, "http://h.example:80/a}b.zip", FAIL},
    {"URL-4", DFOTA_16, "http://h.example:80/a'b.zip", FAIL},
    {"URL-4", DFOTA_16, "http://h.example:80/a\"b.zip", FAIL},
    {"URL-4", DFOTA_16, "http://h.example:80/a\\b.zip", FAIL},
    {"URL-4", DFOTA_16, "http://h.example:80/a\xc3\xa9.zip", FAIL},
    {"URL-4", DFOTA_16, "http://h.example:80/a\nb.zip", FAIL},
    {"URL-4", DFOTA_16, "http://h.example:80/a\x7f.zip", FAIL},
    {"URL-4", DFOTA_16, "ftp://u:p$@h.example:21/ab.zip", FAIL},
    {"URL-4", RG_RM, "/cache/ufs/a;b.zip", FAIL},

    {"URL-5", DFOTA_16, "http://h.example:1/p.zip", PASS},
    {"URL-5", DFOTA_16, "http://h.example:0/p.zip", FAIL},
    {"URL-5", DFOTA_16, "http://h.example:65535/p.zip", PASS},
    {"URL-5", DFOTA_16, "http://h.example:65536/p.zip", FAIL},
    {"URL-5", DFOTA_16, "http://h.example:18446744073709551696/p", FAIL},
    {"URL-5", DFOTA_16, "http://h.example:8o/p.zip", FAIL},
    {"URL-5", DFOTA_16, "http://h.example:/p.zip", FAIL},
    {"URL-5", DFOTA_16, "http://h.example:80:80/p.zip", FAIL},
    {"URL-5", DFOTA_16, "http://h.example/p.zip", WARN},

    {"URL-6", DFOTA_16, "http://h:80/p.zip", PASS},
    {"URL-6", DFOTA_16, "http://:80/p.zip", FAIL},
    {"URL-6", DFOTA_16, "http://h_h:80/p.zip", FAIL},
    {"URL-6", DFOTA_16, "http://[2001:db8::1]:80/p.zip", FAIL},
    {"URL-6", DFOTA_16, "ftp://u:p@" T50 ":21/p.zip", PASS},
    {"URL-6", DFOTA_16, "ftp://u:p@" T50 "0:21/p.zip", FAIL},
    {"URL-6", DFOTA_16, "http://" T50 "0:80/p.zip", PASS},
    {"URL-6", RG_RM, "ftp://u:p@192.0.2.2:21/p.zip", PASS},
    {"URL-6", RG_RM, "ftp://u:p@h.example:21/p.zip", WARN},
    {"URL-6", RG_RM, "http://h.example:80/p.zip", PASS},

    {"URL-7", DFOTA_16, "ftp://" T50 ":" T50 "@h:21/p.zip", PASS},
    {"URL-7", DFOTA_16, "ftp://" T50 "0:p@h:21/p.zip", FAIL},
    {"URL-7", DFOTA_16, "ftp://u:" T50 "0@h:21/p.zip", FAIL},
    {"URL-7", RG_RM, "ftp://u:" T50 "0@192.0.2.2:21/p.zip", PASS},
    {"URL-7", DFOTA_16, "ftp://u@h:21/p.zip", WARN},
    {"URL-7", DFOTA_16, "ftp://h:21/p.zip", WARN},
    {"URL-7", DFOTA_16, "http://u:p@h:80/p.zip", WARN},

    {"URL-8", DFOTA_16, "ftp://u:p@h:21/" T50, PASS},
    {"URL-8", DFOTA_16, "ftp://u:p@h:21/" T50 "0", FAIL},

    {"URL-9", DFOTA_16, "ftp://u:p@h:21/p.zip", PASS},
    {"URL-9", DFOTA_16, "ftp://u:p@h:21/d/p.zip", FAIL},
    {"URL-9", DFOTA_16, "ftp://u:p@h:21//p.zip", FAIL},

    {"URL-10", DFOTA_16, "http://h:80/d/p.zip", SKIP},
    {"URL-10", DFOTA_16, "http://h:80/d/", FAIL},
    {"URL-10", DFOTA_16, "http://h:80", FAIL},
    {"URL-10", DFOTA_16, "http://h:80/p.mini_1", FAIL},
    {"URL-10", DFOTA_16, "http://h:80/p.minix", FAIL},
    {"URL-10", DFOTA_16, "http://h:80/p.mini_1.zip", SKIP},
    {"URL-10", MINI_8, "http://h:80/p.mini_1", SKIP},
    {"URL-10", MINI_8, "http://h:80/p.mini_2", FAIL},
    {"URL-10", MINI_8, "http://h:80/p.zip", FAIL},
    {"URL-10", MINI_8, "http://h:80/p.MINI_1", FAIL},

    {"URL-11", MINI_8, "http://h:80/p.mini_1", PASS},
    {"URL-11", MINI_8, "http://h:80/p.mini_1?", FAIL},
    {"URL-11", MINI_8, "http://h:80/p.mini_1#x", FAIL},
    {"URL-11", DFOTA_16, "http://h:80/get?file=p.zip", WARN},

    {"URL-12", RG_RM, "/cache/ufs/p.zip", PASS},
    {"URL-12", RG_RM, "/cache/p.zip", WARN},
    {"URL-12", RG_RM, "p.zip", FAIL},
};

static void keeps_and_breaks_each_rule(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        lint_for(cases[i].bound, cases[i].url, NULL);
        if (status_of(cases[i].rule) != cases[i].want)
            fail_msg("%s: %s is %s", cases[i].url, cases[i].rule,
                     dfota_finding_status_name(status_of(cases[i].rule)));
        assert_int_equal(findings.failures > 0 || cases[i].want != FAIL, 1);
    }
}

/* URL-1: the longest that fits, and one byte more. */
static void limits_the_length_in_bytes(void **state)
{
    static const struct {
        enum bound bound;
        const char *begin;
        size_t max;
    } limits[] = {
        {DFOTA_16, "http://h:80/", 255},
        {MINI_8, "http://h:80/", 128},
        {RG_RM, "http://h:80/", 512},
        {RG_RM, "/cache/ufs/", 512},
    };
    char url[1024];

    (void)state;
    for (size_t i = 0; i < COUNT(limits); i++) {
        memset(url, 'x', sizeof(url));
        memcpy(url, limits[i].begin, strlen(limits[i].begin));
        url[limits[i].max] = '\0';
        lint_for(limits[i].bound, url, NULL);
        assert_int_equal(status_of("URL-1"), PASS);
        url[limits[i].max] = 'x';
        url[limits[i].max + 1] = '\0';
        lint_for(limits[i].bound, url, NULL);
        assert_int_equal(status_of("URL-1"), FAIL);
    }
}

/* URL-10 */
static void compares_the_name_with_the_package(void **state)
{
    static const struct {
        enum bound bound;
        const char *url;
        const char *package;
        enum dfota_finding_status want;
    } names[] = {
        {DFOTA_16, "http://h:80/d/p.zip", "p.zip", PASS},
        {DFOTA_16, "http://h:80/d/P.zip", "p.zip", FAIL},
        {DFOTA_16, "http://h:80/d/xp.zip", "p.zip", FAIL},
        {DFOTA_16, "http://h:80/p.zip/x", "p.zip", FAIL},
        {DFOTA_16, "http://h:80/get?file=p.zip", "p.zip", PASS},
        {DFOTA_16, "http://h:80/p.zip?v=1", "p.zip", FAIL},
        {DFOTA_16, "http://h:80/p.zip", "", FAIL},
        {DFOTA_16, "http://h:80/p", "a-longer-name-than-the-path", FAIL},
        {MINI_8, "http://h:80/p.mini_1", "p.mini_1", PASS},
        {MINI_8, "http://h:80/q.mini_1", "p.mini_1", FAIL},
        {RG_RM, "/cache/ufs/p.zip", "p.zip", PASS},
        {RG_RM, "/cache/ufs/q.zip", "p.zip", FAIL},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(names); i++) {
        lint_for(names[i].bound, names[i].url, names[i].package);
        if (status_of("URL-10") != names[i].want)
            fail_msg("%s", names[i].url);
    }
}

static void says_where_the_guide_contradicts_itself(void **state)
{
    (void)state;
    lint_for(MINI_4, "ftp://u:p@h.example:21/p.mini_1", NULL);
    assert_non_null(
        strstr(dfota_findings_get(&findings, "URL-2")->detail, "4.3"));
}

static void check_span(struct dfota_span span, const char *want)
{
    assert_int_equal(span.size, strlen(want));
    assert_memory_equal(span.text, want, span.size);
}

static void splits_into_parts(void **state)
{
    struct dfota_url url = {0};

    (void)state;
    assert_true(dfota_url_split("FTP://me:a@b@h:21/d/a.bin?x=1#y", &url));
    check_span(url.scheme, "FTP");
    check_span(url.user, "me");
    check_span(url.password, "a@b");
    check_span(url.host, "h");
    check_span(url.port, "21");
    check_span(url.path, "/d/a.bin");
    check_span(url.query, "?x=1#y");
    assert_true(dfota_url_split("http://h", &url));
    check_span(url.host, "h");
    assert_null(url.user.text);
    assert_null(url.password.text);
    assert_null(url.port.text);
    assert_null(url.path.text);
    assert_null(url.query.text);
    assert_false(dfota_url_split("http:/h", &url));
    check_span(url.host, "h");
}

static void a_short_list_is_never_overrun(void **state)
{
    struct dfota_target target = {
        .rules = dfota_rules_find("lte-standard-a-1.4"),
        .method = DFOTA_METHOD_MINI,
    };

    (void)state;
    findings = (struct dfota_findings){.items = items, .capacity = 1};
    dfota_url_lint("tftp://\n", &target, &findings);
    assert_int_equal(findings.count, 1);
    assert_true(findings.dropped > 0 && findings.failures > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_the_examples_of_the_documents),
        cmocka_unit_test(keeps_and_breaks_each_rule),
        cmocka_unit_test(limits_the_length_in_bytes),
        cmocka_unit_test(compares_the_name_with_the_package),
        cmocka_unit_test(says_where_the_guide_contradicts_itself),
        cmocka_unit_test(splits_into_parts),
        cmocka_unit_test(a_short_list_is_never_overrun),
    };

    return cmocka_run_group_tests_name("url", tests, NULL, NULL);
}
