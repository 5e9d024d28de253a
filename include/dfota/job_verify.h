/* SPDX-License-Identifier: MIT */
/* job_verify.h - verifies a package as a module would; see job.h */
#ifndef DFOTA_JOB_VERIFY_H
#define DFOTA_JOB_VERIFY_H

#include "dfota/job.h"

struct dfota_verify_request {
    const char *package; /* path; required */
    const char
        *image; /* path of what is flashed now, file or folder, or NULL */
    const char *target;  /* the same of what it must become, or NULL */
    const char *module;  /* the version that ATI reports, or NULL */
    const char *url;     /* where the module is to fetch the package, or NULL */
    const char *command; /* the whole AT+QFOTADL line, or NULL */
    const char *rules;   /* name of a rule set; NULL: the family's newest */
    uint64_t free_space; /* bytes free in the module's files; 0: not known */
    uint64_t max_size;   /* bytes a package may have; 0: not known */
    bool allow_skip;     /* accept although the source was not checked */
    struct dfota_progress progress;
};

enum dfota_check_status {
    DFOTA_CHECK_PASS,
    DFOTA_CHECK_FAIL,
    DFOTA_CHECK_WARN,
    DFOTA_CHECK_SKIP
};

/* "pass", "fail", "warn" or "skip". */
DFOTA_API const char *dfota_check_status_name(enum dfota_check_status status);

struct dfota_check {
    const char *rule; /* static */
    enum dfota_check_status status;
    char detail[DFOTA_NOTE_SIZE]; /* what was compared, or what to pass */
};

enum dfota_verdict {
    DFOTA_ACCEPT,
    DFOTA_REJECT,
    DFOTA_INCOMPLETE /* nothing failed, but something was not checked */
};

/* "accept", "reject" or "incomplete". */
DFOTA_API const char *dfota_verdict_name(enum dfota_verdict verdict);

#define DFOTA_NO_CODE   (-1) /* the documents give no number */
#define DFOTA_CHECK_MAX 192  /* checks a verification can hold */

struct dfota_verified {
    enum dfota_verdict verdict;
    int result_code;        /* what the module would report, or NO_CODE */
    const char *code_basis; /* "documented", "analogy" or NULL; static */
    const char *family;     /* "lte-standard-a", "rg50x-rm5xx" or NULL */
    const char *rules;      /* name of the rule set; static */
    char module[DFOTA_VERSION_SIZE]; /* as requested, or "" */
    char urc[64];     /* the line the module would print, or "" */
    char advice[400]; /* what it does next, and what to mend */
    size_t check_count;
    struct dfota_check checks[DFOTA_CHECK_MAX];
    size_t decisive; /* unless accepted: which of `checks` decided that */
};

/*
 * Answers what a module would say to the package.  A broken package is a
 * verdict, not an error: this fails only when a file cannot be read, memory
 * runs out, or the request names what is no version (VER-1 to VER-7) or no rule
 * set (DFOTA_ERR_USAGE, VFY-0).  `*out` owns nothing.
 */
DFOTA_API enum dfota_error
dfota_job_verify(const struct dfota_verify_request *request,
                 struct dfota_verified *out, struct dfota_fault *fault);

#endif
