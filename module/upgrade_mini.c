/* SPDX-License-Identifier: MIT */
/*
 * upgrade_mini.c - MiniFOTA: a function for each step, A 2.3.1.2 and 5.1
 *
 * The reboots are those at the begin of each step: into the old Mini system,
 * to patch it, into the new one, and back to normal operation.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dfota/mini.h"
#include "module/download.h"
#include "module/fetched.h"
#include "module/mini_flow.h"
#include "module/upgrade.h"

#define TRIES_FIRST 3     /* until nothing downloaded is given up, scene 1 */
#define RETRY_MS    10000 /* between tries */
#define PATCH_MS    30000

/* A figure 3: 2, 4 … 49, 60 for .mini_1, then 64, 68 … 96. */
#define FIRST_STEP  2
#define FIRST_LAST  49
#define SECOND_STEP 4
#define SECOND_LAST 96

/* Bytes that either file may have: no package needs as many as the flash. */
static uint64_t room(const struct module *module)
{
    return module->flash_size + DFOTA_MINI_HEADER_SIZE;
}

/* A new AT+QFOTADL came: what was fetched belongs to the old one. */
static bool take_new_url(struct module *module)
{
    char path[MODULE_PATH_SIZE];

    if (!module->wanted)
        return false;
    module->wanted = false;
    fetched_path(module, path);
    unlink(path);
    fetched_second_path(module, path);
    unlink(path);
    fetched_name(module);
    module_save(module);
    return true;
}

static void retry_later(struct module *module)
{
    uint64_t end =
        module_clock() + (module->options->fast ? RETRY_MS / 100 : RETRY_MS);

    while (module_clock() < end && !module_interrupted(module) &&
           !module->wanted)
        module_pump(module, (int)(end - module_clock()));
}

/* Fetches .mini_1 up to `enough` bytes, 0 for all. */
static bool fetch_first(struct module *module, uint64_t enough,
                        struct module_downloaded *done)
{
    char path[MODULE_PATH_SIZE];
    char url[sizeof(module->state.url)]; /* which AT+QFOTADL may change */
    struct module_download download = {.url = url,
                                       .path = path,
                                       .room = room(module),
                                       .enough = enough,
                                       .resume = enough == 0};

    *done = (struct module_downloaded){.code = 1};
    if (module_upgrade_judge(module) != DFOTA_TRANSFER_DONE)
        return false;
    snprintf(url, sizeof(url), "%s", module->state.url);
    fetched_path(module, path);
    module_download(module, &download, done);
    return !done->interrupted && done->code == 0;
}

/* --- the flow ------------------------------------------------------------- */

/* Our step that goes with one of the flow's. */
static enum module_step step_of(enum dfota_mini_step step)
{
    switch (step) {
    case DFOTA_MINI_STEP_IDLE:
    case DFOTA_MINI_STEP_HEADER:
        break;
    case DFOTA_MINI_STEP_PACKAGE:
        return MODULE_MINI_ERASED;
    case DFOTA_MINI_STEP_PATCH:
    case DFOTA_MINI_STEP_RESTORE:
        return MODULE_MINI_PATCH;
    case DFOTA_MINI_STEP_SECOND:
    case DFOTA_MINI_STEP_DONE:
        return MODULE_MINI_SECOND;
    }
    return MODULE_MINI_FIRST;
}

/* Goes on with the step that the journal says, if it says one; to the version
 * of the package that was fetched last. */
static void follow(struct module *module, const struct mini_flow_end *end)
{
    enum module_step step = step_of(end->step);
    struct dfota_mini_header header;

    if (step == MODULE_MINI_FIRST)
        return;
    if (mini_flow_read_header(module, &header))
        snprintf(module->state.target, sizeof(module->state.target), "%s",
                 header.to.version);
    module_upgrade_enter(module, step);
}

static bool do_and_follow(struct module *module, enum mini_flow_task task)
{
    struct mini_flow_end end = mini_flow_do(module, task);

    follow(module, &end);
    return end.err == DFOTA_OK;
}

/* Begins the flow, which checks and notes, and writes nothing yet. */
static bool begin_flow(struct module *module)
{
    struct dfota_mini_header header;

    if (!mini_flow_read_header(module, &header) ||
        !mini_flow_prepare(module, &header))
        return false;
    return do_and_follow(module, MINI_FLOW_BEGIN) &&
           do_and_follow(module, MINI_FLOW_RUN) &&
           module->state.step == MODULE_MINI_ERASED;
}

/* --- steps ---------------------------------------------------------------- */

/* Back to normal operation, with nothing changed: scenes 1 and 2. */
static void go_back(struct module *module, unsigned code)
{
    module_urc(module, "\"END\",%u", code);
    module_upgrade_abandon(module);
    module_reboot(module, MODULE_NORMAL);
}

/* Fetches the header and checks the flash against it. */
static void fetch_header(struct module *module)
{
    struct module_downloaded done;
    bool fetched = false;
    unsigned code;

    module_reboot(module, MODULE_DOWNLOAD);
    fetched_name(module);
    for (int i = 0; !fetched && i < TRIES_FIRST && !module_interrupted(module);
         i++) {
        fetched = fetch_first(module, DFOTA_MINI_HEADER_SIZE, &done);
        if (take_new_url(module)) {
            fetched = false;
            i = -1;
        } else if (!fetched) {
            retry_later(module);
        }
    }
    if (module_interrupted(module))
        return;
    code =
        fetched ? fetched_check_header(module) : fetched_general_code(module);
    if (code == 0 && !begin_flow(module))
        code = fetched_general_code(module);
    if (code != 0)
        go_back(module, code);
}

/* Fetches the rest of .mini_1, for as long as it takes: scene 3. */
static void fetch_rest(struct module *module)
{
    struct module_downloaded done;
    char path[MODULE_PATH_SIZE];

    while (!module_interrupted(module)) {
        bool fetched =
            fetched_is_whole(module) || fetch_first(module, 0, &done);

        if (take_new_url(module))
            continue;
        if (fetched && fetched_is_whole(module) &&
            do_and_follow(module, MINI_FLOW_RUN))
            return;
        if (fetched) { /* 2.3.1.2 step 4: reboots, and fetches all anew */
            fetched_path(module, path);
            unlink(path);
            module_reboot(module, MODULE_DOWNLOAD);
        }
        retry_later(module);
    }
}

/* Patches, and reports it.  When that fails the next start tries it again, or
 * has the old Mini system back and goes on with that. */
static void patch_mini(struct module *module)
{
    unsigned end = module->profile->urc.first_file_end;
    struct mini_flow_end flow;

    module_reboot(module, MODULE_DEAF);
    flow = mini_flow_do(module, MINI_FLOW_RUN);
    if (step_of(flow.step) != MODULE_MINI_SECOND) {
        follow(module, &flow);
        return;
    }
    for (unsigned percent = FIRST_STEP; percent < FIRST_LAST;
         percent += FIRST_STEP) {
        module_wait(module, PATCH_MS * FIRST_STEP / end);
        if (module_stopped(module))
            return;
        module_urc(module, "\"UPDATING\",%u", percent);
    }
    module_urc(module, "\"UPDATING\",%u", FIRST_LAST);
    module_urc(module, "\"UPDATING\",%u", end);
    follow(module, &flow);
}

static void on_second(struct module *module, uint64_t done, uint64_t total)
{
    unsigned first = module->profile->urc.first_file_end;
    unsigned due = total > 0 ? (unsigned)(done * (100 - first) / total) : 0;

    mini_flow_arrived(module, done);
    for (; module->reported + SECOND_STEP <= due &&
           first + module->reported < SECOND_LAST;
         module->reported += SECOND_STEP)
        module_urc(module, "\"UPDATING\",%u",
                   first + module->reported + SECOND_STEP);
}

static bool fetch_second(struct module *module)
{
    char path[MODULE_PATH_SIZE];
    char url[sizeof(module->state.url)];
    struct module_download download = {.url = url,
                                       .path = path,
                                       .room = room(module),
                                       .resume = true,
                                       .progress = on_second};
    struct module_downloaded done;

    if (module_upgrade_judge(module) != DFOTA_TRANSFER_DONE)
        return false;
    snprintf(url, sizeof(url), "%s", module->state.url);
    url[strlen(url) - 1] = '2'; /* the end is .mini_1, or it was not fetched */
    fetched_second_path(module, path);
    module_download(module, &download, &done);
    return !done.interrupted && done.code == 0;
}

static void end_well(struct module *module)
{
    module_urc(module, "\"END\",0");
    module_upgrade_finish(module);
    module_reboot(module, MODULE_NORMAL);
}

/* Fetches the header of a package that another URL leads to; the flow judges
 * whether it may end with that. */
static bool fetch_offer(struct module *module)
{
    struct dfota_mini_header header;
    struct module_downloaded done;
    char path[MODULE_PATH_SIZE];

    if (!fetch_first(module, DFOTA_MINI_HEADER_SIZE, &done))
        return false;
    if (mini_flow_read_header(module, &header) &&
        do_and_follow(module, MINI_FLOW_BEGIN))
        return true;
    fetched_path(module, path);
    unlink(path);
    return false;
}

/* Whether .mini_2 is as long as it should be: then it need not be fetched. */
static bool has_second(const struct module *module,
                       const struct dfota_mini_header *header)
{
    char path[MODULE_PATH_SIZE];
    struct stat status;

    fetched_second_path(module, path);
    return stat(path, &status) == 0 &&
           (uint64_t)status.st_size == header->second_size;
}

/* Fetches .mini_2 and writes the big system with it; true when that is done. */
static bool write_second(struct module *module,
                         const struct dfota_mini_header *header)
{
    bool fetched = has_second(module, header);
    char path[MODULE_PATH_SIZE];
    struct mini_flow_end end;

    if (fetched)
        end = mini_flow_do(module, MINI_FLOW_RUN);
    else
        end = mini_flow_stream(module, fetch_second, &fetched);
    if (end.err && fetched) { /* it is not what it should be */
        fetched_second_path(module, path);
        unlink(path);
    }
    return end.step == DFOTA_MINI_STEP_DONE;
}

/* Fetches .mini_2 and writes the big system, for as long as it takes: scene
 * 4. */
static void write_big(struct module *module)
{
    struct dfota_mini_header header;

    module->reported = 0;
    module_reboot(module, MODULE_DOWNLOAD);
    while (!module_interrupted(module) &&
           module->state.step == MODULE_MINI_SECOND) {
        bool there =
            mini_flow_read_header(module, &header) ||
            (fetch_offer(module) && mini_flow_read_header(module, &header));

        if (there && module->state.step == MODULE_MINI_SECOND &&
            write_second(module, &header)) {
            end_well(module);
            return;
        }
        if (!take_new_url(module))
            retry_later(module);
    }
}

void module_upgrade_mini(struct module *module)
{
    if (module->state.step != MODULE_MINI_FIRST)
        do_and_follow(module, MINI_FLOW_LOOK);
    while (!module_stopped(module)) {
        module->reset = false;
        switch ((enum module_step)module->state.step) {
        case MODULE_MINI_FIRST:
            fetch_header(module);
            break;
        case MODULE_MINI_ERASED:
            if (module->mode != MODULE_DOWNLOAD)
                module_reboot(module, MODULE_DOWNLOAD);
            fetch_rest(module);
            break;
        case MODULE_MINI_PATCH:
            patch_mini(module);
            break;
        case MODULE_MINI_SECOND:
            write_big(module);
            break;
        case MODULE_IDLE:
        case MODULE_UPGRADE:
        case MODULE_DEAD:
            return;
        }
    }
}
