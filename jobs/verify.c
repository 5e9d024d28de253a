/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jobs/verification.h"
#include "lib/base/fault.h"

const char *dfota_check_status_name(enum dfota_check_status status)
{
    static const char *const names[] = {[DFOTA_CHECK_PASS] = "pass",
                                        [DFOTA_CHECK_FAIL] = "fail",
                                        [DFOTA_CHECK_WARN] = "warn",
                                        [DFOTA_CHECK_SKIP] = "skip"};

    return names[status];
}

const char *dfota_verdict_name(enum dfota_verdict verdict)
{
    static const char *const names[] = {[DFOTA_ACCEPT] = "accept",
                                        [DFOTA_REJECT] = "reject",
                                        [DFOTA_INCOMPLETE] = "incomplete"};

    return names[verdict];
}

/* --- what is asked -------------------------------------------------------- */

static enum dfota_error read_module(struct dfota_verification *job,
                                    struct dfota_fault *fault)
{
    const char *text = job->request->module;
    struct dfota_fault cause = {0};
    enum dfota_error err;

    if (text == NULL)
        return DFOTA_OK;
    err = dfota_version_parse(text, strlen(text), &job->module, &cause);
    if (err)
        return dfota_fail_detail(fault, err, DFOTA_NO_OFFSET, cause.rule,
                                 "\"%s\"", text);
    job->has_module = true;
    snprintf(job->out->module, sizeof(job->out->module), "%s",
             job->module.text);
    return DFOTA_OK;
}

static enum dfota_error read_rules(struct dfota_verification *job,
                                   struct dfota_fault *fault)
{
    const char *name = job->request->rules;

    if (name == NULL)
        return DFOTA_OK;
    job->rules = dfota_rules_find(name);
    return job->rules != NULL
               ? DFOTA_OK
               : dfota_fail_detail(fault, DFOTA_ERR_USAGE, DFOTA_NO_OFFSET,
                                   "VFY-0", "%s", name);
}

static enum dfota_error read_files(struct dfota_verification *job,
                                   struct dfota_fault *fault)
{
    const struct dfota_verify_request *request = job->request;
    enum dfota_error err;

    err = dfota_package_open(request->package, &job->package, fault);
    if (!err && request->image != NULL)
        err = dfota_stored_open(request->image, &job->image, fault);
    if (!err && request->target != NULL)
        err = dfota_stored_open(request->target, &job->target, fault);
    return err;
}

/* What the package is for: by what it holds, else by its name. */
static void find_method(struct dfota_verification *job)
{
    const char *slash = strrchr(job->request->package, '/');
    const char *name = slash != NULL ? slash + 1 : job->request->package;
    const char *dot = strrchr(name, '.');
    bool mini = job->package.kind == DFOTA_PACKAGE_MINI;

    if (job->package.kind == DFOTA_PACKAGE_FOREIGN)
        mini = dot != NULL && strncmp(dot, ".mini", 5) == 0;
    job->method = mini ? DFOTA_METHOD_MINI : DFOTA_METHOD_DFOTA;
}

/* The family of the module, or of the package, or the one that is commonest. */
static enum dfota_family find_family(const struct dfota_verification *job)
{
    const struct dfota_model *model =
        job->has_module ? job->module.model : NULL;

    if (model != NULL && model->family != DFOTA_FAMILY_NONE)
        return model->family;
    if (job->package.zip != NULL)
        return job->package.zip->manifest.family;
    return DFOTA_FAMILY_LTE_STANDARD_A;
}

static enum dfota_error find_rules(struct dfota_verification *job,
                                   struct dfota_fault *fault)
{
    struct dfota_fault ignored;

    /* A zip tells its family; why it is refused is a later step's to say. */
    if (job->package.kind == DFOTA_PACKAGE_ZIP &&
        dfota_package_read(&job->package, &ignored) == DFOTA_ERR_MEMORY)
        return dfota_fail_memory(fault);
    if (job->rules == NULL)
        job->rules = dfota_rules_default(find_family(job));
    job->out->rules = job->rules->name;
    job->out->family = dfota_family_name(job->rules->family);
    return DFOTA_OK;
}

/* --- what is answered ----------------------------------------------------- */

static enum dfota_verdict judge(const struct dfota_verification *job)
{
    bool skipped =
        job->request->image == NULL || (job->has_identity && !job->has_module);

    if (job->failed != NULL)
        return DFOTA_REJECT;
    if (!job->readable || (skipped && !job->request->allow_skip))
        return DFOTA_INCOMPLETE;
    return DFOTA_ACCEPT;
}

/* The number that the module would report for the first failure. */
static int find_code(const struct dfota_verification *job)
{
    unsigned code = 0;

    if (job->out->verdict == DFOTA_ACCEPT)
        return 0;
    if (job->failed != NULL && job->mismatch != DFOTA_MISMATCH_NONE)
        code = job->rules->mismatch[job->mismatch];
    return code != 0 ? (int)code : DFOTA_NO_CODE;
}

/* The check that decided against the package: what failed, or lacks most. */
static size_t find_decisive(const struct dfota_verification *job)
{
    const struct dfota_verified *out = job->out;
    enum dfota_check_status status = DFOTA_CHECK_FAIL;
    const char *rule = job->failed;

    if (rule == NULL) {
        status = DFOTA_CHECK_SKIP;
        rule = !job->readable                ? "VFY-1"
               : job->request->image == NULL ? "VFY-5"
                                             : "VFY-2";
    }
    for (size_t i = 0; i < out->check_count; i++)
        if (out->checks[i].status == status &&
            strcmp(out->checks[i].rule, rule) == 0)
            return i;
    return 0;
}

static void conclude(struct dfota_verification *job)
{
    struct dfota_verified *out = job->out;
    bool mini = job->method == DFOTA_METHOD_MINI;

    out->verdict = judge(job);
    out->result_code = find_code(job);
    if (out->result_code != DFOTA_NO_CODE) {
        out->code_basis = mini ? "analogy" : "documented";
        if (!mini)
            snprintf(out->urc, sizeof(out->urc), "+QIND: \"FOTA\",\"END\",%d",
                     out->result_code);
    }
    if (out->verdict != DFOTA_ACCEPT)
        out->decisive = find_decisive(job);
    dfota_verify_advise(job);
}

static enum dfota_error run(struct dfota_verification *job,
                            struct dfota_fault *fault)
{
    enum dfota_error err = read_rules(job, fault);

    if (!err)
        err = read_module(job, fault);
    if (!err)
        err = read_files(job, fault);
    if (!err)
        err = find_rules(job, fault);
    if (err)
        return err;
    find_method(job);
    dfota_verify_outside(job);
    err = dfota_verify_inside(job, fault);
    if (!err)
        err = dfota_stored_check(&job->image, fault);
    if (!err)
        err = dfota_stored_check(&job->target, fault);
    if (!err)
        conclude(job);
    return err;
}

enum dfota_error dfota_job_verify(const struct dfota_verify_request *request,
                                  struct dfota_verified *out,
                                  struct dfota_fault *fault)
{
    struct dfota_verification *job = calloc(1, sizeof(*job));
    struct dfota_fault ignored = {0};
    enum dfota_error err;

    *out = (struct dfota_verified){0};
    if (job == NULL)
        return dfota_fail_memory(fault);
    job->request = request;
    job->out = out;
    job->mismatch = DFOTA_MISMATCH_NONE;
    err = run(job, fault != NULL ? fault : &ignored);
    if (err) {
        dfota_stored_keep_name(&job->image, fault);
        dfota_stored_keep_name(&job->target, fault);
    }
    dfota_buffer_free(&job->flash);
    dfota_stored_close(&job->target);
    dfota_stored_close(&job->image);
    dfota_package_close(&job->package);
    free(job);
    return err;
}
