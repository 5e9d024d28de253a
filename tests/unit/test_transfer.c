/* SPDX-License-Identifier: MIT */
#include "lib/module/transfer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static unsigned code_of(const char *rules, bool ftp,
                        enum dfota_transfer failure, unsigned reply)
{
    return dfota_transfer_code(dfota_rules_find(rules), ftp, failure, reply);
}

#define A "lte-standard-a-1.4"
#define B "rg50x-rm5xx-1.1"

static void every_failure_has_a_code_of_its_document(void **state)
{
    (void)state;
    for (size_t i = 0; dfota_rules_at(i) != NULL; i++) {
        const struct dfota_rules *rules = dfota_rules_at(i);

        for (unsigned f = 1; f < DFOTA_TRANSFER_COUNT; f++) {
            unsigned ftp =
                dfota_transfer_code(rules, true, (enum dfota_transfer)f, 0);
            unsigned http =
                dfota_transfer_code(rules, false, (enum dfota_transfer)f, 0);

            assert_in_range(ftp, 601, 629);
            assert_in_range(http, 701, 730);
            assert_non_null(dfota_code_find(rules->ftp_err, ftp));
            assert_non_null(dfota_code_find(rules->http_err, http));
            assert_true(strlen(dfota_transfer_text((enum dfota_transfer)f)) >
                        0);
        }
        assert_int_equal(
            dfota_transfer_code(rules, true, DFOTA_TRANSFER_DONE, 550), 0);
    }
}

static void failures_are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(code_of(A, false, DFOTA_TRANSFER_DNS, 0), 714);
    assert_int_equal(code_of(A, true, DFOTA_TRANSFER_DNS, 0), 604);
    assert_int_equal(code_of(A, false, DFOTA_TRANSFER_RESPONSE, 404), 723);
    assert_int_equal(code_of(A, false, DFOTA_TRANSFER_DATA_TIME, 0), 727);
    assert_int_equal(code_of(A, true, DFOTA_TRANSFER_DATA_CLOSED, 0), 607);
}

static void a_reply_of_the_server_says_more(void **state)
{
    static const unsigned replies[][2] = {
        {421, 614}, {425, 615}, {426, 616}, {450, 617}, {451, 618}, {452, 619},
        {500, 620}, {501, 621}, {502, 622}, {503, 623}, {504, 624}, {530, 625},
        {532, 626}, {550, 627}, {551, 628}, {552, 629}, {553, 613}, {200, 613},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++)
        assert_int_equal(
            code_of(A, true, DFOTA_TRANSFER_RESPONSE, replies[i][0]),
            replies[i][1]);
    assert_int_equal(code_of(A, true, DFOTA_TRANSFER_DATA_CLOSED, 426), 616);
    assert_int_equal(code_of(A, true, DFOTA_TRANSFER_CLOSED, 421), 614);
    assert_int_equal(code_of(A, true, DFOTA_TRANSFER_DATA_CONNECT, 550), 615);
    assert_int_equal(code_of(A, true, DFOTA_TRANSFER_ROOM, 426), 619);
}

static void b_has_one_code_for_each_kind_of_server(void **state)
{
    (void)state;
    assert_int_equal(code_of(B, true, DFOTA_TRANSFER_RESPONSE, 550), 601);
    assert_int_equal(code_of(B, false, DFOTA_TRANSFER_DNS, 0), 701);
}

static void what_breaks_off_may_go_on(void **state)
{
    (void)state;
    assert_true(dfota_transfer_breaks_off(DFOTA_TRANSFER_CLOSED));
    assert_true(dfota_transfer_breaks_off(DFOTA_TRANSFER_DATA_TIME));
    assert_false(dfota_transfer_breaks_off(DFOTA_TRANSFER_DONE));
    assert_false(dfota_transfer_breaks_off(DFOTA_TRANSFER_RESPONSE));
    assert_false(dfota_transfer_breaks_off(DFOTA_TRANSFER_ROOM));
}

static bool is_coded(const char *line)
{
    bool whole = dfota_transfer_is_coded(line, strlen(line));

    for (size_t size = 0; size < 20 && size < strlen(line); size++)
        assert_false(dfota_transfer_is_coded(line, size));
    return whole;
}

static void coded_contents_are_known_by_their_header(void **state)
{
    (void)state;
    assert_true(is_coded("Transfer-Encoding: chunked\r\n"));
    assert_true(is_coded("content-ENCODING:  GZIP\r\n"));
    assert_true(is_coded("Content-Encoding:deflate\r\n"));
    assert_true(is_coded("Content-Encoding: br\r\n"));
    assert_false(is_coded("Content-Encoding: identity\r\n"));
    assert_false(is_coded("Transfer-Encoding: identity\r\n"));
    assert_false(is_coded("X-Content-Encoding: gzip\r\n"));
    assert_false(is_coded("Content-Length: 12\r\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failure_has_a_code_of_its_document),
        cmocka_unit_test(failures_are_told_apart),
        cmocka_unit_test(a_reply_of_the_server_says_more),
        cmocka_unit_test(b_has_one_code_for_each_kind_of_server),
        cmocka_unit_test(what_breaks_off_may_go_on),
        cmocka_unit_test(coded_contents_are_known_by_their_header),
    };

    return cmocka_run_group_tests_name("transfer", tests, NULL, NULL);
}
