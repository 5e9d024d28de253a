/* SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "dfota/job.h"
#include "jobs/package.h"
#include "jobs/trial.h"
#include "lib/base/digest.h"
#include "lib/base/file.h"
#include "lib/module/rules.h"

/* No check has yet failed with a code of the module's. */
#define NO_MISMATCH DFOTA_MISMATCH_COUNT

/* Everything one verification holds while it runs. */
struct verification {
    const struct dfota_verify_request *request;
    struct dfota_verified *out;
    struct dfota_package package;
    struct dfota_buffer image;
    struct dfota_digests image_digests;
    struct dfota_digests target_digests;
    const struct dfota_rules *rules;
    bool source_fits;             /* VFY-2 passed */
    enum dfota_mismatch mismatch; /* the first, as a module meets them */
};

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

__attribute__((format(printf, 4, 5))) static void
add_check(struct verification *job, const char *rule,
          enum dfota_check_status status, const char *format, ...)
{
    struct dfota_verified *out = job->out;
    struct dfota_check *check = &out->checks[out->check_count];
    va_list args;

    if (out->check_count == DFOTA_CHECK_MAX)
        return;
    out->check_count++;
    check->rule = rule;
    check->status = status;
    va_start(args, format);
    vsnprintf(check->detail, sizeof(check->detail), format, args);
    va_end(args);
}

/* Adds a check that the module answers with the code of `mismatch`. */
static void fail_as(struct verification *job, enum dfota_mismatch mismatch)
{
    if (job->mismatch == NO_MISMATCH)
        job->mismatch = mismatch;
}

/* A check that failed as `fault` says. */
static void add_fault(struct verification *job, const char *rule,
                      const struct dfota_fault *fault)
{
    const char *what = dfota_rule_text(fault->rule);
    char where[40] = "";

    if (fault->offset != DFOTA_NO_OFFSET)
        snprintf(where, sizeof(where),
                 "offset %llu: ", (unsigned long long)fault->offset);
    add_check(job, rule, DFOTA_CHECK_FAIL, "%s%s%s%s (%s)", where,
              what != NULL ? what : dfota_error_text(fault->error),
              fault->detail[0] != '\0' ? ": " : "", fault->detail,
              fault->rule != NULL ? fault->rule : "no rule");
}

static bool is_machine_error(enum dfota_error err)
{
    return err == DFOTA_ERR_IO || err == DFOTA_ERR_MEMORY;
}

/* VFY-1: the package is a DFOTA zip, whole and consistent. */
static enum dfota_error check_container(struct verification *job,
                                        struct dfota_fault *fault)
{
    const struct dfota_package *package = &job->package;
    struct dfota_fault cause = {0};
    enum dfota_error err = DFOTA_OK;

    if (package->kind == DFOTA_PACKAGE_ZIP)
        err = dfota_package_read_zip(&job->package, &cause);
    if (is_machine_error(err)) {
        *fault = cause;
        return err;
    }
    if (err) {
        add_fault(job, "VFY-1", &cause);
    } else if (package->kind != DFOTA_PACKAGE_ZIP) {
        add_check(job, "VFY-1", DFOTA_CHECK_FAIL, "not a DFOTA package but: %s",
                  package->description);
    } else {
        add_check(job, "VFY-1", DFOTA_CHECK_PASS,
                  "zip, manifest, %zu delta%s and all digests are right",
                  package->zip->manifest.partition_count,
                  package->zip->manifest.partition_count == 1 ? "" : "s");
        job->out->family = dfota_family_name(package->zip->manifest.family);
        return DFOTA_OK;
    }
    fail_as(job, DFOTA_MISMATCH_CONTAINER);
    return DFOTA_OK;
}

/* The only partition there is, or NULL. */
static const struct dfota_manifest_partition *
single(const struct verification *job)
{
    const struct dfota_zip *zip = job->package.zip;

    if (zip == NULL || zip->manifest.partition_count != 1)
        return NULL;
    return &zip->manifest.partitions[0];
}

/* Why there is no single partition to hold an image against. */
static const char *why_not_single(const struct verification *job)
{
    return job->package.zip == NULL
               ? "the package could not be read"
               : "an image is held against a single partition only";
}

static bool same_digests(const struct dfota_digests *a,
                         const struct dfota_digests *b)
{
    return a->size == b->size && a->crc32 == b->crc32 &&
           memcmp(a->md5, b->md5, sizeof(a->md5)) == 0 &&
           memcmp(a->sha256, b->sha256, sizeof(a->sha256)) == 0;
}

static void describe(const struct dfota_digests *digests, char *out,
                     size_t size)
{
    char md5[2 * DFOTA_MD5_SIZE + 1];

    dfota_hex(digests->md5, sizeof(digests->md5), md5);
    snprintf(out, size, "%llu bytes, MD5 %s", (unsigned long long)digests->size,
             md5);
}

/* Compares an image with what the manifest states of it. */
static bool check_image(struct verification *job, const char *rule,
                        const struct dfota_digests *stated,
                        const struct dfota_digests *found)
{
    char expected[80];
    char given[80];

    describe(stated, expected, sizeof(expected));
    describe(found, given, sizeof(given));
    if (same_digests(stated, found)) {
        add_check(job, rule, DFOTA_CHECK_PASS, "%s", given);
        return true;
    }
    add_check(job, rule, DFOTA_CHECK_FAIL, "given %s; the package needs %s",
              given, expected);
    return false;
}

/* VFY-2: the flashed image is the one that the package was made from. */
static bool check_source(struct verification *job)
{
    const struct dfota_manifest_partition *partition = single(job);

    if (partition == NULL || job->request->image == NULL) {
        add_check(job, "VFY-2", DFOTA_CHECK_SKIP, "%s",
                  partition == NULL ? why_not_single(job)
                                    : "pass --image FILE, the flashed image");
        return false;
    }
    if (check_image(job, "VFY-2", &partition->old_image, &job->image_digests))
        return true;
    if (same_digests(&partition->new_image, &job->image_digests))
        add_check(job, "VFY-2", DFOTA_CHECK_WARN,
                  "the given image is already what the package makes");
    fail_as(job, DFOTA_MISMATCH_SOURCE);
    return false;
}

static enum dfota_error drop(void *context, const void *bytes, size_t size,
                             struct dfota_fault *fault)
{
    (void)context;
    (void)bytes;
    (void)size;
    (void)fault;
    return DFOTA_OK;
}

/* VFY-3: the module's applier makes the new image, in the memory stated. */
static enum dfota_error check_trial(struct verification *job,
                                    struct dfota_fault *fault)
{
    const struct dfota_sink sink = {drop, NULL};
    const struct dfota_zip *zip = job->package.zip;
    struct dfota_fault cause = {0};
    struct dfota_digests made;
    enum dfota_error err;

    if (!job->source_fits) {
        add_check(job, "VFY-3", DFOTA_CHECK_SKIP,
                  "needs the right source image");
        return DFOTA_OK;
    }
    err =
        dfota_trial_apply(zip->deltas[0].bytes, dfota_buffer_view(&job->image),
                          &sink, &made, &cause);
    if (is_machine_error(err)) {
        *fault = cause;
        return err;
    }
    if (err) {
        dfota_package_shift(&cause, zip->deltas[0].offset);
        add_fault(job, "VFY-3", &cause);
        fail_as(job, DFOTA_MISMATCH_APPLY);
        return DFOTA_OK;
    }
    if (!check_image(job, "VFY-3", &single(job)->new_image, &made))
        fail_as(job, DFOTA_MISMATCH_APPLY);
    return DFOTA_OK;
}

/* VFY-4: what comes out is what was wanted.  No module knows that. */
static void check_target(struct verification *job)
{
    const struct dfota_manifest_partition *partition = single(job);

    if (partition == NULL || job->request->target == NULL)
        add_check(job, "VFY-4", DFOTA_CHECK_SKIP, "%s",
                  partition == NULL ? why_not_single(job)
                                    : "pass --target FILE, the wanted image");
    else
        check_image(job, "VFY-4", &partition->new_image, &job->target_digests);
}

static bool any_check(const struct dfota_verified *out,
                      enum dfota_check_status status)
{
    for (size_t i = 0; i < out->check_count; i++)
        if (out->checks[i].status == status)
            return true;
    return false;
}

/* What happens next, by the first thing a module stumbles over. */
static const char *advice_for(const struct verification *job)
{
    switch (job->mismatch) {
    case DFOTA_MISMATCH_CONTAINER:
        return "The module refuses the package and stays on its old firmware. "
               "Make the package again, or copy it again from where it was "
               "made.";
    case DFOTA_MISMATCH_SOURCE:
        return "The module refuses the package and stays on its old firmware. "
               "Make the package from the very image that is flashed.";
    case DFOTA_MISMATCH_APPLY:
        return "The upgrade fails in the module. Make the package again.";
    default:
        break;
    }
    if (job->out->verdict == DFOTA_REJECT)
        return "The module would take the package, but it does not make the "
               "wanted image. Make the package from the right new image.";
    if (job->out->verdict == DFOTA_INCOMPLETE)
        return "Nothing failed, but the source image was not checked. Pass "
               "--image, or --allow-skip to accept without it.";
    return "";
}

static void conclude(struct verification *job)
{
    struct dfota_verified *out = job->out;

    out->rules = job->rules->name;
    out->result_code = DFOTA_NO_CODE;
    if (any_check(out, DFOTA_CHECK_FAIL))
        out->verdict = DFOTA_REJECT;
    else if (!job->source_fits && !job->request->allow_skip)
        out->verdict = DFOTA_INCOMPLETE;
    else
        out->verdict = DFOTA_ACCEPT;
    if (out->verdict == DFOTA_ACCEPT)
        out->result_code = 0;
    else if (job->mismatch != NO_MISMATCH &&
             job->rules->mismatch[job->mismatch] != 0)
        out->result_code = (int)job->rules->mismatch[job->mismatch];
    if (out->result_code != DFOTA_NO_CODE) {
        out->code_basis = "documented";
        snprintf(out->urc, sizeof(out->urc), "+QIND: \"FOTA\",\"END\",%d",
                 out->result_code);
    }
    snprintf(out->advice, sizeof(out->advice), "%s", advice_for(job));
}

/* Reads an optional image and digests it. */
static enum dfota_error read_image(const char *path, struct dfota_buffer *image,
                                   struct dfota_digests *digests,
                                   struct dfota_fault *fault)
{
    enum dfota_error err = DFOTA_OK;

    if (path == NULL)
        return DFOTA_OK;
    err = dfota_file_read(path, DFOTA_IMAGE_MAX, image, fault);
    if (!err)
        err = dfota_digest(image->data, image->size, digests, fault);
    return err;
}

static enum dfota_error run(struct verification *job, struct dfota_fault *fault)
{
    const struct dfota_verify_request *request = job->request;
    struct dfota_buffer target = {0};
    enum dfota_error err;

    err = dfota_package_open(request->package, &job->package, fault);
    if (!err)
        err =
            read_image(request->image, &job->image, &job->image_digests, fault);
    if (!err)
        err = read_image(request->target, &target, &job->target_digests, fault);
    dfota_buffer_free(&target);
    if (!err)
        err = check_container(job, fault);
    if (err)
        return err;
    job->rules = dfota_rules_default(job->out->family != NULL
                                         ? dfota_family_find(job->out->family)
                                         : DFOTA_FAMILY_LTE_STANDARD_A);
    job->source_fits = check_source(job);
    err = check_trial(job, fault);
    if (err)
        return err;
    check_target(job);
    conclude(job);
    return DFOTA_OK;
}

enum dfota_error dfota_job_verify(const struct dfota_verify_request *request,
                                  struct dfota_verified *out,
                                  struct dfota_fault *fault)
{
    struct verification job = {
        .request = request, .out = out, .mismatch = NO_MISMATCH};
    struct dfota_fault ignored = {0};
    enum dfota_error err;

    *out = (struct dfota_verified){0};
    err = run(&job, fault != NULL ? fault : &ignored);
    dfota_buffer_free(&job.image);
    dfota_package_close(&job.package);
    return err;
}
