/* SPDX-License-Identifier: MIT */
#include "jobs/verification.h"

#include <stdarg.h>
#include <stdio.h>

__attribute__((format(printf, 4, 0))) static void
add(struct dfota_verification *job, const char *rule,
    enum dfota_check_status status, const char *format, va_list args)
{
    struct dfota_verified *out = job->out;
    struct dfota_check *check;

    if (out->check_count == DFOTA_CHECK_MAX)
        return;
    check = &out->checks[out->check_count++];
    check->rule = rule;
    check->status = status;
    vsnprintf(check->detail, sizeof(check->detail), format, args);
}

void dfota_verification_note(struct dfota_verification *job, const char *rule,
                             enum dfota_check_status status, const char *format,
                             ...)
{
    va_list args;

    va_start(args, format);
    add(job, rule, status, format, args);
    va_end(args);
}

void dfota_verification_fail(struct dfota_verification *job, const char *rule,
                             enum dfota_mismatch mismatch, const char *format,
                             ...)
{
    va_list args;

    if (job->failed == NULL) {
        job->mismatch = mismatch;
        job->failed = rule;
    }
    va_start(args, format);
    add(job, rule, DFOTA_CHECK_FAIL, format, args);
    va_end(args);
}

void dfota_verification_fault(struct dfota_verification *job, const char *rule,
                              enum dfota_mismatch mismatch,
                              const struct dfota_fault *fault)
{
    const char *what = dfota_rule_text(fault->rule);
    char where[40] = "";

    if (fault->offset != DFOTA_NO_OFFSET)
        snprintf(where, sizeof(where),
                 "offset %llu: ", (unsigned long long)fault->offset);
    dfota_verification_fail(job, rule, mismatch, "%s%s%s%s (%s)", where,
                            what != NULL ? what
                                         : dfota_error_text(fault->error),
                            fault->detail[0] != '\0' ? ": " : "", fault->detail,
                            fault->rule != NULL ? fault->rule : "no rule");
}

bool dfota_verification_is_machine(enum dfota_error err)
{
    return err == DFOTA_ERR_IO || err == DFOTA_ERR_MEMORY;
}
