/* SPDX-License-Identifier: MIT */
#include "module/upgrade.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/module/url.h"
#include "module/download.h"
#include "module/fetched.h"
#include "module/flashed.h"
#include "module/image_flow.h"
#include "module/receive.h"
#include "module/ufs.h"

#define FINDINGS_MAX 32
#define START_MS     500 /* between OK and the first URC */
#define CHECK_MS     1000
#define UPDATE_MS    60000 /* from START to END */
#define FILE_ERROR   500   /* A 6.3: the only one */
#define POLL_MS      10

/* --- what all upgrades share ---------------------------------------------- */

void module_upgrade_enter(struct module *module, enum module_step step)
{
    module->state.step = step;
    module_save(module);
}

void module_upgrade_abandon(struct module *module)
{
    char made[MODULE_PATH_SIZE];

    module->state.package[0] = '\0';
    module->state.target[0] = '\0';
    module->state.attempts = 0;
    memset(module->state.image, 0, sizeof(module->state.image));
    image_flow_forget(module);
    module_upgrade_enter(module, MODULE_IDLE);
    image_flow_clear(module);
    module_path(module, MODULE_NEW_IMAGE, made);
    flashed_remove(made);
    ufs_clear_package(module);
}

void module_upgrade_finish(struct module *module)
{
    struct dfota_version version;
    const char *target = module->state.target;

    if (dfota_version_parse(target, strlen(target), &version, NULL) ==
        DFOTA_OK) {
        snprintf(module->state.version, sizeof(module->state.version), "%s",
                 target);
        module->version = version;
    }
    module_upgrade_abandon(module);
}

enum dfota_transfer module_upgrade_judge(const struct module *module)
{
    bool mini = module->method == DFOTA_METHOD_MINI;
    const struct dfota_target target = {.rules = module->rules,
                                        .method = module->method,
                                        .flash_mb = module->version.flash_mb,
                                        .head = module->version.head};
    struct dfota_finding items[FINDINGS_MAX];
    struct dfota_findings findings = {.items = items, .capacity = FINDINGS_MAX};

    dfota_url_lint(module->state.url, &target, &findings);
    for (size_t i = 0; i < findings.count; i++) {
        if (items[i].status != DFOTA_FINDING_FAIL)
            continue;
        if (strcmp(items[i].rule, "URL-9") == 0)
            return DFOTA_TRANSFER_PATH;
        /* A name of MiniFOTA under DFOTA is for the checks of the package. */
        if (mini || strcmp(items[i].rule, "URL-10") != 0)
            return DFOTA_TRANSFER_URL;
    }
    return DFOTA_TRANSFER_DONE;
}

/* --- DFOTA: fetching ------------------------------------------------------ */

/* Prints DOWNLOADING up to what is done, one by one; says how far it came. */
static unsigned report(struct module *module, unsigned from, uint64_t done,
                       uint64_t total)
{
    unsigned most = (unsigned)module->state.download_max;
    unsigned due = total > 0 ? (unsigned)(done * most / total) : 0;

    if (!module->profile->urc.download_progress)
        return 0;
    for (; from < due && from < most; from++)
        module_urc(module, "\"DOWNLOADING\",%u", from + 1);
    return from;
}

static void on_progress(struct module *module, uint64_t done, uint64_t total)
{
    module->reported = report(module, module->reported, done, total);
}

/* The X of XSTART and XEND. */
static const char *transfer_name(const struct module *module)
{
    const char *url = module->state.url;

    if (module->file_length != 0)
        return "FILE";
    if (strncasecmp(url, "ftp:", 4) == 0)
        return "FTP";
    if ((module->quirks & MODULE_QUIRK_HTTPSSTART) != 0 &&
        strncasecmp(url, "https:", 6) == 0)
        return "HTTPS";
    return "HTTP";
}

/* Whether the network is there for the download: B 3.3.3 note 2, A 3.3.1.1. */
static bool has_network(const struct module *module)
{
    if (module->rules->family == DFOTA_FAMILY_RG50X_RM5XX)
        return !module->session.context_active[1];
    return module->state.cid == 0 ||
           module->session.context_active[module->state.cid];
}

static unsigned fetch_url(struct module *module)
{
    bool ftp = strncasecmp(module->state.url, "ftp:", 4) == 0;
    enum dfota_transfer failure = module_upgrade_judge(module);
    char path[MODULE_PATH_SIZE];
    struct module_download download = {.url = module->state.url,
                                       .path = path,
                                       .room = ufs_free(module),
                                       .progress = on_progress};
    struct module_downloaded done;

    if (failure == DFOTA_TRANSFER_DONE && !has_network(module))
        failure = DFOTA_TRANSFER_NO_NETWORK;
    if (failure != DFOTA_TRANSFER_DONE)
        return dfota_transfer_code(module->rules, ftp, failure, 0);
    /* B gives a code for want of room, the checks' own. */
    if (module->rules->mismatch[DFOTA_MISMATCH_SPACE] != 0)
        download.room = 2 * ufs_total(module);
    fetched_path(module, path);
    module_download(module, &download, &done);
    return done.code;
}

static unsigned fetch_from_host(struct module *module)
{
    enum module_receive_status status = MODULE_RECEIVING;
    uint64_t got = 0;

    while (status == MODULE_RECEIVING && !module_interrupted(module)) {
        module_pump(module, POLL_MS);
        status = module_receive_status(module, &got);
        on_progress(module, got, module->file_length);
    }
    module_receive_end(module);
    return status == MODULE_RECEIVED ? 0 : FILE_ERROR;
}

/* Fetches the package; false when it is not there. */
static bool fetch(struct module *module)
{
    const char *name = transfer_name(module);
    bool tell = module->profile->urc.download_result;
    unsigned most = (unsigned)module->state.download_max;
    unsigned code;

    if (module->state.url[0] == '/')
        return true;
    module->reported = 0;
    if (tell)
        module_urc(module, "\"%sSTART\"", name);
    code =
        module->file_length != 0 ? fetch_from_host(module) : fetch_url(module);
    if (module_interrupted(module))
        return false;
    if (code == 0)
        report(module, module->reported, most, most);
    if (tell)
        module_urc(module, "\"%sEND\",%u", name, code);
    return code == 0;
}

/* --- DFOTA: patching ------------------------------------------------------ */

static const unsigned steps_twenties[] = {1, 20, 40, 60, 80, 100};
static const unsigned steps_tens[] = {20, 30, 40, 50, 60, 70, 80, 90, 100};
static const unsigned steps_twelfths[] = {8,  16, 25, 33, 41, 50,
                                          58, 66, 75, 83, 91};

#define COUNT(items) (sizeof(items) / sizeof((items)[0]))

/* Percent number `index`, from 0; 0 behind the last. */
static unsigned step_at(enum module_steps steps, size_t index)
{
    switch (steps) {
    case MODULE_STEPS_EACH:
        break;
    case MODULE_STEPS_TENS:
        return index < COUNT(steps_tens) ? steps_tens[index] : 0;
    case MODULE_STEPS_TWENTIES:
        return index < COUNT(steps_twenties) ? steps_twenties[index] : 0;
    case MODULE_STEPS_TWELFTHS:
        return index < COUNT(steps_twelfths) ? steps_twelfths[index] : 0;
    }
    return index < 100 ? (unsigned)index + 1 : 0;
}

/* Patches and reports: the first step, the flash, and then the others. */
static bool patch(struct module *module)
{
    enum module_steps steps = module->options->steps;
    unsigned last = 0;

    for (size_t i = 0; step_at(steps, i) != 0; i++) {
        unsigned percent = step_at(steps, i);

        module_wait(module, UPDATE_MS / 100 * (percent - last));
        if (module_stopped(module))
            return false;
        module_urc(module, "\"UPDATING\",%u", percent);
        if (i == 0 && !fetched_flash(module))
            return false;
        last = percent;
    }
    return true;
}

/* Whether what failed is tried again: five times by B 4; by A, which knows no
 * retries, when the flash is partly written and has to be ended. */
static bool tries_again(struct module *module)
{
    if (module->rules->retries == 0)
        return fetched_is_begun(module);
    return ++module->state.attempts < module->rules->retries;
}

/* One try in upgrade mode.  After a failure `state` says whether there is to
 * be another one. */
static void upgrade_once(struct module *module)
{
    const struct dfota_rules *rules = module->rules;
    bool patched;

    module_reboot(module, MODULE_DEAF);
    if (module_stopped(module))
        return;
    if (module->profile->urc.upgrade_start)
        module_urc(module, "\"START\"");
    patched = patch(module);
    if (module_stopped(module))
        return;
    module_urc(module, "\"END\",%u",
               patched ? 0 : rules->mismatch[DFOTA_MISMATCH_APPLY]);
    if (!patched && tries_again(module)) {
        module_save(module);
        return;
    }
    if (patched)
        module_upgrade_finish(module);
    else
        module_upgrade_abandon(module);
    module_reboot(module, MODULE_NORMAL);
}

/* Says that the package is refused, and forgets it. */
static void refuse(struct module *module, unsigned code)
{
    if (module->profile->urc.upgrade_start &&
        (module->quirks & MODULE_QUIRK_END_BEFORE_START) == 0)
        module_urc(module, "\"START\"");
    module_urc(module, "\"END\",%u", code);
    module_upgrade_abandon(module);
}

/* Fetches and checks; true when the package is to be applied. */
static bool prepare(struct module *module)
{
    unsigned apply = module->rules->mismatch[DFOTA_MISMATCH_APPLY];
    unsigned code;

    module_wait(module, START_MS);
    if (!fetch(module)) {
        module_upgrade_abandon(module);
        return false;
    }
    module_wait(module, CHECK_MS);
    code = fetched_check(module);
    if (module_interrupted(module)) {
        module_upgrade_abandon(module);
        return false;
    }
    /* B 4: what fails in patching is tried again, five times. */
    if (code != 0 && !(module->rules->retries > 0 && code == apply)) {
        refuse(module, code);
        return false;
    }
    return true;
}

static void begin_dfota(struct module *module)
{
    if (!prepare(module))
        return;
    fetched_read_target(module);
    module->state.attempts = 0;
    module_upgrade_enter(module, MODULE_UPGRADE);
    if (module->state.mode == 0) /* reboot first */
        module_reboot(module, MODULE_NORMAL);
}

static void begin(struct module *module)
{
    module->wanted = false;
    module->busy = true;
    if (module->method == DFOTA_METHOD_MINI)
        module_upgrade_enter(module, MODULE_MINI_FIRST);
    else
        begin_dfota(module);
    module->file_length = 0;
}

void module_upgrade(struct module *module)
{
    if (module->state.step == MODULE_IDLE && module->wanted)
        begin(module);
    while (module->state.step == MODULE_UPGRADE && !module_stopped(module)) {
        module->busy = true;
        upgrade_once(module);
    }
    if (module->state.step >= MODULE_MINI_FIRST &&
        module->state.step <= MODULE_MINI_SECOND) {
        module->busy = true;
        module_upgrade_mini(module);
    }
    module->busy = false;
    module_flush(module);
}
