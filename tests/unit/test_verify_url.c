/* SPDX-License-Identifier: MIT */
/* How the module is told to fetch the package: URL and command. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/verify_example.h"

#define T10 "0123456789"
#define T50 T10 T10 T10 T10 T10

/* --- URL ----------------------------------------------------------------- */

/* The right request for the module whose package stands at `url`. */
static void verify_url(const struct dfota_verify_request *right,
                       const char *module, const char *url)
{
    struct dfota_verify_request request = *right;

    request.url = url;
    if (module != NULL)
        request.module = module;
    verify(&request);
}

static void keeps_and_breaks_each_url_rule_of_dfota(void **state)
{
    static const struct {
        const char *rule;
        const char *good;
        const char *bad;
    } cases[] = {
        {"URL-2", "http://h:80/p.zip", "tftp://h:80/p.zip"},
        {"URL-2", "HTTPS://h:443/p.zip", "/p.zip"},
        {"URL-4", "http://h:80/d/p.zip", "http://h:80/`d`/p.zip"},
        {"URL-5", "http://h:65535/p.zip", "http://h:65536/p.zip"},
        {"URL-6", "http://h.example:80/p.zip", "http://:80/p.zip"},
        {"URL-7", "FTP://" T50 ":p@h:21/p.zip", "FTP://" T50 "u:p@h:21/p.zip"},
        {"URL-9", "FTP://u:p@h:21/p.zip", "FTP://u:p@h:21/d/p.zip"},
        {"URL-10", "http://h:80/p.zip", "http://h:80/q.zip"},
        {"URL-10", "http://h:80/d/p.zip", "http://h:80/p.zip/d"},
    };

    (void)state;
    verify_write_zip();
    for (size_t i = 0; i < COUNT(cases); i++) {
        verify_url(&for_dfota, NULL, cases[i].good);
        verify_accepts("documented");
        verify_check(cases[i].rule, DFOTA_CHECK_PASS);
        verify_url(&for_dfota, NULL, cases[i].bad);
        verify_rejects(cases[i].rule, DFOTA_NO_CODE, NULL);
    }
}

static void keeps_and_breaks_each_url_rule_of_minifota(void **state)
{
    static const struct {
        const char *rule;
        const char *good;
        const char *bad;
    } cases[] = {
        {"URL-2", "http://h:80/out.mini_1", "https://h:80/out.mini_1"},
        {"URL-3", "http://h:80/a/out.mini_1", "http://h:80/a b/out.mini_1"},
        {"URL-3", "http://h:80/a-b/out.mini_1", "http://h:80/a%20b/out.mini_1"},
        {"URL-10", "http://h:80/out.mini_1", "http://h:80/out.mini_2"},
        {"URL-10", "http://h:80/d/out.mini_1", "http://h:80/d/new.mini_1"},
        {"URL-11", "http://h:80/out.mini_1", "http://h:80/out.mini_1?x=1"},
    };

    (void)state;
    verify_write_mini();
    for (size_t i = 0; i < COUNT(cases); i++) {
        verify_url(&for_mini, NULL, cases[i].good);
        verify_accepts("analogy");
        verify_check(cases[i].rule, DFOTA_CHECK_PASS);
        verify_url(&for_mini, NULL, cases[i].bad);
        verify_rejects(cases[i].rule, DFOTA_NO_CODE, NULL);
        assert_non_null(strstr(verified.advice, "scene 1"));
    }
}

/* A URL of `size` bytes that ends in /`name`. */
static const char *long_url(size_t size, const char *name)
{
    static const char start[] = "http://h:80/";
    static char url[600];

    memset(url, 'x', size);
    memcpy(url, start, sizeof(start) - 1);
    url[size - strlen(name) - 1] = '/';
    memcpy(url + size - strlen(name), name, strlen(name) + 1);
    return url;
}

static void limits_the_length_of_a_url(void **state)
{
    (void)state;
    verify_write_mini();
    verify_url(&for_mini, NULL, long_url(128, "out.mini_1"));
    verify_accepts("analogy");
    verify_url(&for_mini, NULL, long_url(129, "out.mini_1"));
    verify_rejects("URL-1", DFOTA_NO_CODE, NULL);
    verify_says("URL-1", DFOTA_CHECK_FAIL, "129 bytes, at most 128");
    verify_write_zip();
    verify_url(&for_dfota, NULL, long_url(255, "p.zip"));
    verify_accepts("documented");
    verify_url(&for_dfota, NULL, long_url(256, "p.zip"));
    verify_rejects("URL-1", DFOTA_NO_CODE, NULL);
}

/* FTP files have names of 50 bytes at most, in the root directory. */
static void limits_the_name_of_an_ftp_file(void **state)
{
    struct dfota_verify_request request = for_dfota;

    (void)state;
    verify_write_zip();
    assert_int_equal(link("p.zip", T50), 0);
    request.package = T50;
    verify_url(&request, NULL, "ftp://u:p@h:21/" T50);
    verify_accepts("documented");
    assert_int_equal(link("p.zip", T50 "x"), 0);
    request.package = T50 "x";
    verify_url(&request, NULL, "ftp://u:p@h:21/" T50 "x");
    verify_rejects("URL-8", DFOTA_NO_CODE, NULL);
}

/* The digest of 1.5 gives HTTPS to MiniFOTA, but not on 2 MB. */
static void https_depends_on_the_revision_of_the_guide(void **state)
{
    struct dfota_verify_request request = for_mini;

    (void)state;
    verify_write_mini();
    request.url = "https://h:443/out.mini_1";
    verify(&request);
    verify_rejects("URL-2", DFOTA_NO_CODE, NULL);
    request.rules = "lte-standard-a-1.5";
    verify(&request);
    verify_accepts("analogy");
    assert_string_equal(verified.rules, "lte-standard-a-1.5");
    request.module = "EC200NCNLAR03A01M02";
    verify(&request);
    verify_rejects("URL-2", DFOTA_NO_CODE, NULL);
}

/* One chapter gives FTP to MiniFOTA, another takes it from 2 and 4 MB. */
static void ftp_on_4_mb_is_a_contradiction_of_the_guide(void **state)
{
    static const char url[] = "ftp://u:p@h:21/out.mini_1";

    (void)state;
    verify_write_mini_4();
    verify_url(&for_mini, "EC200NCNLAR03A01M04", "http://h:80/out.mini_1");
    verify_accepts("analogy");
    verify_url(&for_mini, "EC200NCNLAR03A01M04", url);
    verify_rejects("URL-2", DFOTA_NO_CODE, NULL);
    verify_says("URL-2", DFOTA_CHECK_FAIL, "3.3.1.1 note 1");
    verify_says("URL-2", DFOTA_CHECK_FAIL, "4.3");
    verify_write_mini();
    verify_url(&for_mini, NULL, url);
    verify_accepts("analogy");
}

static void rg_and_rm_take_a_path_of_their_own(void **state)
{
    (void)state;
    example_write();
    verify_make_zip("p.zip", RM_FROM, RM_TO);
    verify_url(&for_dfota, RM_FROM, "/cache/ufs/p.zip");
    verify_accepts("documented");
    verify_check("URL-12", DFOTA_CHECK_PASS);
    verify_url(&for_dfota, RM_FROM, "cache/ufs/p.zip");
    verify_rejects("URL-12", DFOTA_NO_CODE, NULL);
}

/* --- CMD ----------------------------------------------------------------- */

static void verify_command(const struct dfota_verify_request *right,
                           const char *command)
{
    struct dfota_verify_request request = *right;

    request.command = command;
    verify(&request);
}

#define LINE(rest) "AT+QFOTADL=\"http://h:80/p.zip\"" rest

static void keeps_and_breaks_each_command_rule(void **state)
{
    static const struct {
        const char *rule;
        const char *good;
        const char *bad;
    } cases[] = {
        {"CMD-1", LINE(""), "AT+QFOTA=\"http://h:80/p.zip\""},
        {"CMD-2", LINE("\r\n"), "AT+QFOTADL"},
        {"CMD-3", LINE(",1"), "AT+QFOTADL=http://h:80/p.zip"},
        {"CMD-4", LINE(",1,50,50"), LINE(",1,50,50,1")},
        {"CMD-5", LINE(",0"), LINE(",2")},
        {"CMD-6", LINE(",1,5"), LINE(",1,4")},
        {"CMD-7", LINE(",1,5,100"), LINE(",1,5,101")},
        {"URL-10", LINE(""), "AT+QFOTADL=\"http://h:80/q.zip\""},
    };

    (void)state;
    verify_write_zip();
    for (size_t i = 0; i < COUNT(cases); i++) {
        verify_command(&for_dfota, cases[i].good);
        verify_accepts("documented");
        verify_command(&for_dfota, cases[i].bad);
        verify_rejects(cases[i].rule, DFOTA_NO_CODE, NULL);
    }
}

/* FILE: under DFOTA in A alone, and with the length that the package has. */
static void a_host_sends_the_package_under_dfota_only(void **state)
{
    struct dfota_buffer file;
    char line[60];

    (void)state;
    verify_write_zip();
    file = example_read("p.zip");
    snprintf(line, sizeof(line), "AT+QFOTADL=\"FILE:%zu\"", file.size);
    verify_command(&for_dfota, line);
    verify_accepts("documented");
    verify_check("CMD-8", DFOTA_CHECK_PASS);
    verify_check("CMD-9", DFOTA_CHECK_PASS);
    verify_not_checked("CMD-10");
    snprintf(line, sizeof(line), "AT+QFOTADL=\"FILE:%zu\",2", file.size);
    verify_command(&for_dfota, line);
    verify_accepts("documented");
    verify_says("CMD-10", DFOTA_CHECK_WARN, "010003");
    snprintf(line, sizeof(line), "AT+QFOTADL=\"FILE:%zu\"", file.size - 1);
    verify_command(&for_dfota, line);
    verify_rejects("CMD-9", DFOTA_NO_CODE, NULL);
    dfota_buffer_free(&file);
    verify_write_mini();
    verify_command(&for_mini, line);
    verify_rejects("CMD-8", DFOTA_NO_CODE, NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(keeps_and_breaks_each_url_rule_of_dfota),
        folder_test(keeps_and_breaks_each_url_rule_of_minifota),
        folder_test(limits_the_length_of_a_url),
        folder_test(limits_the_name_of_an_ftp_file),
        folder_test(https_depends_on_the_revision_of_the_guide),
        folder_test(ftp_on_4_mb_is_a_contradiction_of_the_guide),
        folder_test(rg_and_rm_take_a_path_of_their_own),
        folder_test(keeps_and_breaks_each_command_rule),
        folder_test(a_host_sends_the_package_under_dfota_only),
    };

    return cmocka_run_group_tests_name("verify_url", tests, NULL, NULL);
}
