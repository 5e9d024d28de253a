/* SPDX-License-Identifier: MIT */
/*
 * finding.h - what a check found: rule, status, and a sentence
 *
 * A check that refuses nothing by itself collects findings in a list of the
 * caller's, who decides what they add up to.  A list never grows: when it is
 * full, further findings are counted and dropped, failures among them too, so
 * the counters and not the items say whether anything failed.
 */
#ifndef DFOTA_LIB_MODULE_FINDING_H
#define DFOTA_LIB_MODULE_FINDING_H

#include <stddef.h>

enum dfota_finding_status {
    DFOTA_FINDING_PASS,
    DFOTA_FINDING_FAIL, /* the module would refuse it, or must not get it */
    DFOTA_FINDING_WARN, /* no document forbids it, but it is worth knowing */
    DFOTA_FINDING_SKIP  /* could not be checked; the detail says what lacks */
};

#define DFOTA_FINDING_DETAIL_SIZE 200 /* bytes, the terminator included */

struct dfota_finding {
    const char *rule; /* a string literal, such as "URL-1" */
    enum dfota_finding_status status;
    char detail[DFOTA_FINDING_DETAIL_SIZE];
};

/* A list in the caller's array.  Set `items` and `capacity`, leave the rest 0.
 */
struct dfota_findings {
    struct dfota_finding *items;
    size_t capacity;
    size_t count;    /* items in use, at most `capacity` */
    size_t dropped;  /* findings that found no room */
    size_t failures; /* findings with status FAIL, dropped ones included */
};

/*
 * Adds a finding: a printf format and its arguments, cut to fit.  Whatever is
 * not printable ASCII becomes '?', so that text from outside cannot disturb a
 * terminal.
 */
__attribute__((format(printf, 4, 5))) void
dfota_findings_add(struct dfota_findings *list, const char *rule,
                   enum dfota_finding_status status, const char *format, ...);

/* The first finding of `rule`, or NULL. */
const struct dfota_finding *
dfota_findings_get(const struct dfota_findings *list, const char *rule);

/* "pass", "fail", "warn" or "skip". */
const char *dfota_finding_status_name(enum dfota_finding_status status);

#endif
