/* SPDX-License-Identifier: MIT */
#include "module/fetched.h"

#include <stdio.h>
#include <string.h>

#include "dfota/job_apply.h"
#include "dfota/job_explain.h"
#include "dfota/job_verify.h"
#include "dfota/mini.h"
#include "lib/base/buffer.h"
#include "lib/base/digest.h"
#include "lib/base/file.h"
#include "lib/module/url.h"
#include "module/background.h"
#include "module/flashed.h"
#include "module/image_flow.h"
#include "module/ufs.h"

#define FALLBACK_NAME    "package.bin"
#define FALLBACK_MINI    "package.mini_1"
#define FIRST_END        ".mini_1"
#define CODE_UNKNOWN_B   502
#define PACKAGE_SIZE_MAX INT32_MAX

/* --- names ---------------------------------------------------------------- */

static bool ends_with(const char *text, const char *end)
{
    size_t size = strlen(text);
    size_t tail = strlen(end);

    return size >= tail && strcmp(text + size - tail, end) == 0;
}

void fetched_path(const struct module *module, char out[MODULE_PATH_SIZE])
{
    const char *own = module->state.url;
    char inner[MODULE_NAME_MAX + 16];

    if (own[0] == '/') {
        own = ufs_name(own);
        ufs_path(module, own != NULL ? own : FALLBACK_NAME, out);
        return;
    }
    snprintf(inner, sizeof(inner), "package/%s", module->state.package);
    module_path(module, inner, out);
}

void fetched_second_path(const struct module *module,
                         char out[MODULE_PATH_SIZE])
{
    fetched_path(module, out);
    if (out[0] != '\0')
        out[strlen(out) - 1] = '2';
}

void fetched_name(struct module *module)
{
    bool mini = module->method == DFOTA_METHOD_MINI;
    char text[MODULE_URL_MAX + 1];
    struct dfota_url url = {0};
    const char *name = NULL;
    const char *slash;

    if (dfota_url_split(module->state.url, &url) && url.path.text != NULL) {
        snprintf(text, sizeof(text), "%.*s", (int)url.path.size, url.path.text);
        slash = strrchr(text, '/');
        name = ufs_name(slash != NULL ? slash + 1 : text);
    }
    if (name == NULL || (mini && !ends_with(name, FIRST_END)))
        name = mini ? FALLBACK_MINI : FALLBACK_NAME;
    snprintf(module->state.package, sizeof(module->state.package), "%s", name);
}

/* --- checks --------------------------------------------------------------- */

struct check {
    struct dfota_verify_request request;
    struct dfota_verified verified;
    enum dfota_error err;
};

static void run_check(void *context)
{
    struct check *check = context;
    struct dfota_fault fault = {0};

    check->err = dfota_job_verify(&check->request, &check->verified, &fault);
}

unsigned fetched_general_code(const struct module *module)
{
    return module->rules->family == DFOTA_FAMILY_RG50X_RM5XX
               ? CODE_UNKNOWN_B
               : module->rules->mismatch[DFOTA_MISMATCH_APPLY];
}

static unsigned read_code(const struct module *module,
                          const struct check *check)
{
    if (check->err)
        return fetched_general_code(module);
    if (check->verified.verdict == DFOTA_ACCEPT)
        return 0;
    if (check->verified.verdict == DFOTA_INCOMPLETE) /* not ours */
        return module->rules->mismatch[DFOTA_MISMATCH_CONTAINER];
    return check->verified.result_code != DFOTA_NO_CODE
               ? (unsigned)check->verified.result_code
               : fetched_general_code(module);
}

static void check(struct module *module, struct check *check)
{
    char path[MODULE_PATH_SIZE];
    bool b = module->rules->family == DFOTA_FAMILY_RG50X_RM5XX;

    fetched_path(module, path);
    check->request = (struct dfota_verify_request){
        .package = path,
        .image = module->flash,
        .module = module->state.version,
        .rules = module->rules->name,
        .free_space = b ? ufs_free(module) : 0,
        .allow_skip = true,
    };
    module_background(module, run_check, check);
}

static void trace_check(struct module *module, const struct check *check,
                        unsigned code)
{
    const struct dfota_verified *verified = &check->verified;
    const struct dfota_check *decisive = &verified->checks[verified->decisive];

    if (code == 0)
        module_trace_add(&module->trace, "check", "accepted");
    else if (check->err)
        module_trace_add(&module->trace, "check", "code %u: %s", code,
                         dfota_error_text(check->err));
    else
        module_trace_add(&module->trace, "check", "code %u: %s: %s", code,
                         decisive->rule, decisive->detail);
}

unsigned fetched_check(struct module *module)
{
    struct check job = {0};
    unsigned code;

    check(module, &job);
    code = read_code(module, &job);
    trace_check(module, &job, code);
    return code;
}

/* What of the verifier's checks can be made with the header alone. */
static const struct {
    const char *rule;
    enum dfota_mismatch mismatch;
} header_checks[] = {
    {"VFY-1", DFOTA_MISMATCH_CONTAINER}, {"VFY-2", DFOTA_MISMATCH_PROJECT},
    {"VFY-3", DFOTA_MISMATCH_BASELINE},  {"VFY-4", DFOTA_MISMATCH_VERSION},
    {"VFY-5", DFOTA_MISMATCH_SOURCE},
};

/* The code of a check that fails, or 0. */
static unsigned read_header_check(const struct module *module,
                                  const struct dfota_check *check)
{
    if (check->status != DFOTA_CHECK_FAIL)
        return 0;
    for (size_t i = 0; i < sizeof(header_checks) / sizeof(header_checks[0]);
         i++)
        if (strcmp(check->rule, header_checks[i].rule) == 0)
            return module->rules->mismatch[header_checks[i].mismatch];
    return 0;
}

unsigned fetched_check_header(struct module *module)
{
    struct check job = {0};
    unsigned code = 0;

    check(module, &job);
    if (job.err)
        return fetched_general_code(module);
    for (size_t i = 0; i < job.verified.check_count && code == 0; i++) {
        code = read_header_check(module, &job.verified.checks[i]);
        job.verified.decisive = i;
    }
    trace_check(module, &job, code);
    return code;
}

bool fetched_is_whole(struct module *module)
{
    struct dfota_mini_header header;
    struct dfota_buffer file = {0};
    struct dfota_digests digests;
    char path[MODULE_PATH_SIZE];
    bool whole;

    fetched_path(module, path);
    whole =
        dfota_file_read(path, PACKAGE_SIZE_MAX, &file, NULL) == DFOTA_OK &&
        dfota_mini_read_header(file.data, file.size, &header, NULL) ==
            DFOTA_OK &&
        file.size - DFOTA_MINI_HEADER_SIZE == header.delta_size &&
        dfota_digest(file.data + DFOTA_MINI_HEADER_SIZE, header.delta_size,
                     &digests, NULL) == DFOTA_OK &&
        memcmp(digests.md5, header.delta_md5, sizeof(header.delta_md5)) == 0;
    dfota_buffer_free(&file);
    return whole;
}

struct explanation {
    struct dfota_explain_request request;
    struct dfota_explained explained;
    enum dfota_error err;
};

static void run_explanation(void *context)
{
    struct explanation *job = context;

    job->err = dfota_job_explain(&job->request, &job->explained, NULL);
}

void fetched_read_target(struct module *module)
{
    char path[MODULE_PATH_SIZE];
    struct explanation job = {.request = {.file = path}};

    fetched_path(module, path);
    module_background(module, run_explanation, &job);
    snprintf(module->state.target, sizeof(module->state.target), "%s",
             job.err ? "" : job.explained.to);
    dfota_explained_free(&job.explained);
}

/* --- the flash ------------------------------------------------------------ */

struct application {
    struct dfota_apply_request request;
    struct dfota_applied applied;
    enum dfota_error err;
};

static void run_application(void *context)
{
    struct application *job = context;

    job->err = dfota_job_apply(&job->request, &job->applied, NULL);
}

struct digestion {
    const char *path;
    uint8_t sha256[DFOTA_SHA256_SIZE];
    enum dfota_error err;
};

static void run_digestion(void *context)
{
    struct digestion *job = context;

    job->err = flashed_digest(job->path, job->sha256, NULL);
}

/* Whether `state` announces an image. */
static bool is_announced(const struct module *module)
{
    static const uint8_t none[DFOTA_SHA256_SIZE];

    return memcmp(module->state.image, none, sizeof(none)) != 0;
}

/* Whether the flash holds the image that `state` announces. */
static bool is_flashed(struct module *module)
{
    struct digestion job = {.path = module->flash};

    if (!is_announced(module))
        return false;
    module_background(module, run_digestion, &job);
    return !job.err &&
           memcmp(job.sha256, module->state.image, sizeof(job.sha256)) == 0;
}

/* Makes the new image at `path`, and announces it in `state`. */
static bool make(struct module *module, const char *path)
{
    char package[MODULE_PATH_SIZE];
    struct application job = {0};
    struct digestion made = {.path = path};

    fetched_path(module, package);
    job.request = (struct dfota_apply_request){
        .package = package, .old_image = module->flash, .out = path};
    module_background(module, run_application, &job);
    module_trace_add(&module->trace, "apply", "%s", dfota_error_text(job.err));
    if (job.err || module_stopped(module))
        return false;
    module_background(module, run_digestion, &made);
    if (made.err || module_stopped(module))
        return false;
    memcpy(module->state.image, made.sha256, sizeof(module->state.image));
    module_save(module);
    return true;
}

struct writing {
    struct module *module;
    const char *made;
    enum dfota_error err;
};

static void run_writing(void *context)
{
    struct writing *job = context;

    job->err = flashed_write(&job->module->faults, job->made,
                             job->module->flash, NULL);
}

/* Makes the new image beside the flash, and writes it. */
static bool write_made(struct module *module)
{
    char path[MODULE_PATH_SIZE];
    struct writing job = {.module = module, .made = path};

    module_path(module, MODULE_NEW_IMAGE, path);
    if (!is_announced(module) && !make(module, path))
        return false;
    module_background(module, run_writing, &job);
    return !job.err && is_flashed(module);
}

bool fetched_is_begun(const struct module *module)
{
    return is_announced(module) || image_flow_is_prepared(module);
}

bool fetched_flash(struct module *module)
{
    bool in_place = image_flow_is_prepared(module) ||
                    (!is_announced(module) && image_flow_prepare(module));

    if (!(in_place ? image_flow_run(module) : write_made(module)))
        return false;
    module_trace_add(&module->trace, "flash", "%s", module->flash);
    return true;
}
