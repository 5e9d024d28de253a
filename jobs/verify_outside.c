/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "jobs/verification.h"
#include "lib/module/command.h"
#include "lib/module/url.h"

#define FINDINGS_MAX 32

/* The name of a file without its folders. */
static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

static bool ends_with(const char *text, const char *suffix)
{
    size_t length = strlen(text);
    size_t tail = strlen(suffix);

    return length >= tail && strcmp(text + length - tail, suffix) == 0;
}

/* NAM-1: the name tells the module which flow the package is for. */
static void check_name(struct dfota_verification *job)
{
    const char *name = base_name(job->request->package);
    const char *dot = strrchr(name, '.');
    bool mini_name = dot != NULL && strncasecmp(dot, ".mini", 5) == 0;

    if (job->method == DFOTA_METHOD_MINI && !ends_with(name, ".mini_1"))
        dfota_verification_fail(job, "NAM-1", DFOTA_MISMATCH_NONE,
                                "the first file of a MiniFOTA package is named "
                                "STEM.mini_1, and this one is %s",
                                name);
    else if (job->method != DFOTA_METHOD_MINI && mini_name)
        dfota_verification_fail(job, "NAM-1", DFOTA_MISMATCH_NONE,
                                "%s: a module takes a file named so for "
                                "MiniFOTA, which this is not",
                                name);
    else
        dfota_verification_note(job, "NAM-1", DFOTA_CHECK_PASS, "%s", name);
}

/* NAM-2: both files of a MiniFOTA package are there. */
static void check_pair(struct dfota_verification *job)
{
    if (job->method != DFOTA_METHOD_MINI)
        return;
    if (job->package.second.path == NULL)
        dfota_verification_note(job, "NAM-2", DFOTA_CHECK_SKIP,
                                "needs a first file named STEM.mini_1");
    else if (!job->package.second.present)
        dfota_verification_fail(job, "NAM-2", DFOTA_MISMATCH_NONE,
                                "%s is missing; both files must be on the "
                                "server, beside each other",
                                base_name(job->package.second.path));
    else
        dfota_verification_note(job, "NAM-2", DFOTA_CHECK_PASS, "%s",
                                base_name(job->package.second.path));
}

static enum dfota_check_status status_of(enum dfota_finding_status status)
{
    switch (status) {
    case DFOTA_FINDING_PASS:
        return DFOTA_CHECK_PASS;
    case DFOTA_FINDING_WARN:
        return DFOTA_CHECK_WARN;
    case DFOTA_FINDING_SKIP:
        return DFOTA_CHECK_SKIP;
    case DFOTA_FINDING_FAIL:
        break;
    }
    return DFOTA_CHECK_FAIL;
}

static void add_findings(struct dfota_verification *job,
                         const struct dfota_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct dfota_finding *finding = &findings->items[i];

        if (finding->status == DFOTA_FINDING_FAIL)
            dfota_verification_fail(job, finding->rule, DFOTA_MISMATCH_NONE,
                                    "%s", finding->detail);
        else
            dfota_verification_note(job, finding->rule,
                                    status_of(finding->status), "%s",
                                    finding->detail);
    }
}

/* MOD-1, MOD-2: the module's family, and its method of upgrade. */
static void check_module(struct dfota_verification *job)
{
    struct dfota_finding items[FINDINGS_MAX];
    struct dfota_findings findings = {.items = items, .capacity = FINDINGS_MAX};

    if (!job->has_module) {
        dfota_verification_note(job, "MOD-1", DFOTA_CHECK_SKIP,
                                "pass --module VERSION, what ATI reports");
        return;
    }
    dfota_rules_check_module(job->rules, &job->module, job->method, &findings);
    add_findings(job, &findings);
}

/* CMD, URL: how the module is told to fetch the package. */
static void check_command(struct dfota_verification *job)
{
    const struct dfota_verify_request *request = job->request;
    const struct dfota_target target = {
        .rules = job->rules,
        .method = job->method,
        .flash_mb = job->has_module ? job->module.flash_mb : 0,
        .head = job->has_module ? job->module.head : NULL,
        .package = base_name(request->package),
        .package_size = job->package.file.size,
    };
    struct dfota_finding items[FINDINGS_MAX];
    struct dfota_findings findings = {.items = items, .capacity = FINDINGS_MAX};

    if (request->command != NULL)
        dfota_command_lint(request->command, &target, NULL, &findings);
    else
        dfota_findings_add(&findings, "CMD-1", DFOTA_FINDING_SKIP,
                           "pass --command LINE, what is to be sent");
    add_findings(job, &findings);
    findings.count = 0;
    if (request->url != NULL)
        dfota_url_lint(request->url, &target, &findings);
    else if (request->command == NULL)
        dfota_findings_add(&findings, "URL-1", DFOTA_FINDING_SKIP,
                           "pass --url URL, where the package will be");
    add_findings(job, &findings);
}

/*
 * Bytes that a module needs beside the package while it upgrades, where its
 * documents speak of that and the package can tell.
 */
static uint64_t space_beside(const struct dfota_verification *job)
{
    const struct dfota_zip *zip = job->package.zip;

    return job->rules->space_for_images && zip != NULL
               ? dfota_manifest_space(&zip->manifest)
               : 0;
}

/* SPC-1: the package, and what it makes, fit where a module puts them. */
static void check_free(struct dfota_verification *job)
{
    uint64_t beside = space_beside(job);
    uint64_t size = job->package.file.size + beside;
    uint64_t free = job->request->free_space;
    char what[80] = "the package has";

    if (job->method == DFOTA_METHOD_MINI) /* which stores it in VFY-8's room */
        return;
    if (beside > 0)
        snprintf(what, sizeof(what),
                 "the package and %llu bytes to upgrade with have",
                 (unsigned long long)beside);
    if (free == 0)
        dfota_verification_note(job, "SPC-1", DFOTA_CHECK_SKIP,
                                "pass --free SIZE, what is free in the "
                                "module's files");
    else if (size > free)
        dfota_verification_fail(
            job, "SPC-1", DFOTA_MISMATCH_SPACE, "%s %llu bytes, %llu are free",
            what, (unsigned long long)size, (unsigned long long)free);
    else
        dfota_verification_note(job, "SPC-1", DFOTA_CHECK_PASS,
                                "%llu of %llu bytes", (unsigned long long)size,
                                (unsigned long long)free);
}

/* SPC-2: the package, with both its files, is no larger than the caller knows
 * the module to take. */
static void check_size(struct dfota_verification *job)
{
    uint64_t size = job->package.file.size + job->package.second.file.size;
    uint64_t most = job->request->max_size;

    if (most == 0)
        dfota_verification_note(job, "SPC-2", DFOTA_CHECK_SKIP,
                                "pass --max-size SIZE, if the module has a "
                                "limit");
    else if (size > most)
        dfota_verification_fail(job, "SPC-2", DFOTA_MISMATCH_SIZE,
                                "the package has %llu bytes, %llu are allowed",
                                (unsigned long long)size,
                                (unsigned long long)most);
    else
        dfota_verification_note(job, "SPC-2", DFOTA_CHECK_PASS,
                                "%llu of %llu bytes", (unsigned long long)size,
                                (unsigned long long)most);
}

void dfota_verify_outside(struct dfota_verification *job)
{
    check_name(job);
    check_pair(job);
    check_module(job);
    check_command(job);
    check_free(job);
    check_size(job);
}
