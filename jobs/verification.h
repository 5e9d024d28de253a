/* SPDX-License-Identifier: MIT */
/*
 * verification.h - what the steps of one verification share
 *
 * Steps run in the order in which a module meets its checks; the first that
 * fails decides the result code.
 */
#ifndef DFOTA_JOBS_VERIFICATION_H
#define DFOTA_JOBS_VERIFICATION_H

#include "dfota/job_verify.h"
#include "jobs/package.h"
#include "jobs/stored.h"
#include "lib/module/rules.h"
#include "lib/module/version.h"

/* A failure for which no module has a code. */
#define DFOTA_MISMATCH_NONE DFOTA_MISMATCH_COUNT

struct dfota_verification {
    const struct dfota_verify_request *request;
    struct dfota_verified *out;
    struct dfota_package package;
    struct dfota_stored image;  /* what is flashed, if given */
    struct dfota_stored target; /* what it must become, if given */
    struct dfota_buffer flash;  /* `image` in memory, for MiniFOTA alone */
    struct dfota_version module;
    bool has_module;
    const struct dfota_rules *rules;
    enum dfota_method method;      /* the package's */
    struct dfota_mini_header mini; /* of a .mini_1 that is readable */
    bool readable;                 /* the container could be read */
    bool has_identity;             /* the package states its versions */
    bool source_fits;              /* the flashed image is the right one */
    const char *failed;            /* the first rule that failed, or NULL ... */
    enum dfota_mismatch mismatch;  /* ... and for which reason */
    bool updated;                  /* the module is where the package leads */
};

/* Adds a check that passes, warns, or is skipped. */
__attribute__((format(printf, 4, 5))) void
dfota_verification_note(struct dfota_verification *job, const char *rule,
                        enum dfota_check_status status, const char *format,
                        ...);

/* Adds a check that fails; the module would give the code of `mismatch`. */
__attribute__((format(printf, 4, 5))) void
dfota_verification_fail(struct dfota_verification *job, const char *rule,
                        enum dfota_mismatch mismatch, const char *format, ...);

/* The same, for a file that was refused as `fault` says. */
void dfota_verification_fault(struct dfota_verification *job, const char *rule,
                              enum dfota_mismatch mismatch,
                              const struct dfota_fault *fault);

/*
 * What the module does next and what to mend, for what has failed or was not
 * checked; "" for a package that is accepted.  Needs the verdict.
 */
void dfota_verify_advise(struct dfota_verification *job);

/* True for what says nothing of the input. */
bool dfota_verification_is_machine(enum dfota_error err);

/* Names, module, command, URL and space: NAM-1, NAM-2, MOD, CMD, URL, SPC. */
void dfota_verify_outside(struct dfota_verification *job);

/* VFY-5: what is flashed.  Errors: DFOTA_ERR_IO, DFOTA_ERR_MEMORY. */
enum dfota_error dfota_verify_source(struct dfota_verification *job,
                                     struct dfota_fault *fault);

/* VFY-9, VFY-10: what comes of it.  Errors: the same. */
enum dfota_error dfota_verify_result(struct dfota_verification *job,
                                     struct dfota_fault *fault);

/*
 * What is in the package and the images: VFY-1 to VFY-10.
 * Errors: DFOTA_ERR_IO, DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_verify_inside(struct dfota_verification *job,
                                     struct dfota_fault *fault);

#endif
