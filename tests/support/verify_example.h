/* SPDX-License-Identifier: MIT */
/*
 * verify_example.h - verifies small packages and looks at the answer.  After
 * cmocka.h.
 *
 * The packages are made from the images of job_example.h and flash_example.h,
 * with the versions below.
 */
#ifndef DFOTA_TESTS_SUPPORT_VERIFY_EXAMPLE_H
#define DFOTA_TESTS_SUPPORT_VERIFY_EXAMPLE_H

#include "dfota/job_verify.h"
#include "tests/support/flash_example.h"

#define COUNT(items) (sizeof(items) / sizeof((items)[0]))

#define DFOTA_FROM   "EC200ACNHAR01A02M16"
#define DFOTA_TO     "EC200ACNHAR01A03M16"
#define RM_FROM      "RM500QGLAAR03A01M4G"
#define RM_TO        "RM500QGLAAR03A02M4G"
#define ANY_RULE     NULL

static struct dfota_fault fault;
static struct dfota_verified verified;

/* A request as it is for the right module, to be changed in one point. */
static const struct dfota_verify_request for_dfota = {
    .package = "p.zip", .image = "old", .target = "new", .module = DFOTA_FROM};
static const struct dfota_verify_request for_mini = {.package = "out.mini_1",
                                                     .image = "old.img",
                                                     .target = "made.img",
                                                     .module = FLASH_FROM};

/* Makes a DFOTA package, which must work. */
static inline void verify_make_zip(const char *out, const char *from,
                                   const char *to)
{
    const struct dfota_make_request request = {.old_image = "old",
                                               .new_image = "new",
                                               .out = out,
                                               .type = DFOTA_TYPE_DFOTA,
                                               .from = from,
                                               .to = to};
    struct dfota_made made;

    assert_int_equal(dfota_job_make(&request, &made, &fault), DFOTA_OK);
    dfota_made_free(&made);
}

/* "old", "new" and the "p.zip" between them. */
static inline struct job_example verify_write_zip(void)
{
    struct job_example images = example_write();

    verify_make_zip("p.zip", DFOTA_FROM, DFOTA_TO);
    return images;
}

/* Makes out.mini_1 and out.mini_2, and "made.img", what becomes of "old.img".
 */
static inline void verify_make_mini(const struct flash_example *flash)
{
    uint8_t made[FLASH_SIZE];

    flash_write(flash);
    flash_make(DFOTA_TYPE_MINI);
    memcpy(made, flash->old, FLASH_SIZE);
    for (size_t i = 0; i < FLASH_PARTS; i++)
        memcpy(made + flash_parts[i].at, flash->new + flash_parts[i].at,
               flash_parts[i].size);
    folder_write("made.img", made, FLASH_SIZE);
}

static inline struct flash_example verify_write_mini(void)
{
    struct flash_example flash = flash_example();

    verify_make_mini(&flash);
    return flash;
}

/* The same pair for a module with 4 MB of flash. */
static inline void verify_write_mini_4(void)
{
    const struct dfota_make_request request = {.old_image = "old.img",
                                               .new_image = "new.img",
                                               .out = "out",
                                               .layout = "flash.json",
                                               .from = "EC200NCNLAR03A01M04",
                                               .to = "EC200NCNLAR03A02M04"};
    struct dfota_made made;

    verify_write_mini();
    assert_int_equal(dfota_job_make(&request, &made, &fault), DFOTA_OK);
    dfota_made_free(&made);
}

/* Verifies, and expects an answer, whatever it is. */
static inline void verify(const struct dfota_verify_request *request)
{
    fault = (struct dfota_fault){0};
    memset(&verified, 0x5a, sizeof(verified));
    if (dfota_job_verify(request, &verified, &fault) != DFOTA_OK)
        fail_msg("no answer: %s", fault.rule != NULL ? fault.rule : "");
    assert_non_null(verified.rules);
    assert_in_range(verified.check_count, 1, DFOTA_CHECK_MAX - 1);
}

/* The first check of `rule` that came out as `status`, or NULL. */
static inline const struct dfota_check *
verify_find(const char *rule, enum dfota_check_status status)
{
    for (size_t i = 0; i < verified.check_count; i++)
        if (verified.checks[i].status == status &&
            (rule == ANY_RULE || strcmp(verified.checks[i].rule, rule) == 0))
            return &verified.checks[i];
    return NULL;
}

/* One check of `rule` came out as `status`; returns what it found. */
static inline const char *verify_check(const char *rule,
                                       enum dfota_check_status status)
{
    const struct dfota_check *check = verify_find(rule, status);

    if (check == NULL)
        fail_msg("%s is no %s", rule, dfota_check_status_name(status));
    assert_int_not_equal(check->detail[0], '\0');
    return check->detail;
}

/* The same, and what it found says `part`. */
static inline void verify_says(const char *rule, enum dfota_check_status status,
                               const char *part)
{
    const char *detail = verify_check(rule, status);

    if (strstr(detail, part) == NULL)
        fail_msg("%s: %s", rule, detail);
}

static inline void verify_not_checked(const char *rule)
{
    for (size_t i = 0; i < verified.check_count; i++)
        assert_string_not_equal(verified.checks[i].rule, rule);
}

/* Code and URC, which go together: no URC without a code from a document. */
static inline void verify_code(int code, const char *basis)
{
    char urc[64] = "";

    assert_int_equal(verified.result_code, code);
    if (basis == NULL) {
        assert_null(verified.code_basis);
    } else {
        assert_non_null(verified.code_basis);
        assert_string_equal(verified.code_basis, basis);
        if (strcmp(basis, "documented") == 0)
            snprintf(urc, sizeof(urc), "+QIND: \"FOTA\",\"END\",%d", code);
    }
    assert_string_equal(verified.urc, urc);
}

/* Accepted: 0, which the documents state for DFOTA only. */
static inline void verify_accepts(const char *basis)
{
    const struct dfota_check *failed = verify_find(ANY_RULE, DFOTA_CHECK_FAIL);

    if (failed != NULL)
        fail_msg("%s: %s", failed->rule, failed->detail);
    assert_int_equal(verified.verdict, DFOTA_ACCEPT);
    verify_code(0, basis);
    assert_string_equal(verified.advice, "");
}

/* Rejected, first of all for `rule`, with what a module would report. */
static inline void verify_rejects(const char *rule, int code, const char *basis)
{
    const struct dfota_check *failed = verify_find(ANY_RULE, DFOTA_CHECK_FAIL);

    assert_int_equal(verified.verdict, DFOTA_REJECT);
    assert_non_null(failed);
    if (strcmp(failed->rule, rule) != 0)
        fail_msg("not %s but %s: %s", rule, failed->rule, failed->detail);
    assert_ptr_equal(&verified.checks[verified.decisive], failed);
    assert_int_not_equal(failed->detail[0], '\0');
    verify_code(code, basis);
    assert_int_not_equal(verified.advice[0], '\0');
}

/* Nothing failed, and `rule` was not checked. */
static inline void verify_lacks(const char *rule)
{
    const struct dfota_check *decisive = &verified.checks[verified.decisive];

    assert_null(verify_find(ANY_RULE, DFOTA_CHECK_FAIL));
    assert_int_equal(verified.verdict, DFOTA_INCOMPLETE);
    assert_string_equal(decisive->rule, rule);
    assert_int_equal(decisive->status, DFOTA_CHECK_SKIP);
    verify_code(DFOTA_NO_CODE, NULL);
    assert_int_not_equal(verified.advice[0], '\0');
}

/* Writes `from` as `to` with the byte at `at` changed. */
static inline void verify_flip(const struct dfota_buffer *from, const char *to,
                               size_t at, uint8_t mask)
{
    from->data[at] ^= mask;
    folder_write(to, from->data, from->size);
    from->data[at] ^= mask;
}

#endif
