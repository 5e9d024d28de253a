/* SPDX-License-Identifier: MIT */
/*
 * upgrade_mini.c - MiniFOTA: a function for each step, A 2.3.1.2 and 5.1
 *
 * The reboots are those at the begin of each step: into the old Mini system,
 * to patch it, into the new one, and back to normal operation.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "dfota/mini.h"
#include "module/download.h"
#include "module/fetched.h"
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
    /* The Mini system is new already: its .mini_1 stays what it was. */
    if (module->state.step != MODULE_MINI_SECOND) {
        unlink(path);
        fetched_name(module);
    }
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
    if (code != 0)
        go_back(module, code);
    else
        module_upgrade_enter(module, MODULE_MINI_ERASED);
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
            fetched_check_header(module) == 0) {
            fetched_read_target(module);
            module_upgrade_enter(module, MODULE_MINI_PATCH);
            return;
        }
        if (fetched) { /* 2.3.1.2 step 4: reboots, and fetches all anew */
            fetched_path(module, path);
            unlink(path);
            module_reboot(module, MODULE_DOWNLOAD);
        }
        retry_later(module);
    }
}

static void patch_mini(struct module *module)
{
    unsigned end = module->profile->urc.first_file_end;

    module_reboot(module, MODULE_DEAF);
    for (unsigned percent = FIRST_STEP; percent < FIRST_LAST;
         percent += FIRST_STEP) {
        module_wait(module, PATCH_MS * FIRST_STEP / end);
        if (module_stopped(module))
            return;
        module_urc(module, "\"UPDATING\",%u", percent);
    }
    module_urc(module, "\"UPDATING\",%u", FIRST_LAST);
    module_urc(module, "\"UPDATING\",%u", end);
    module_upgrade_enter(module, MODULE_MINI_SECOND);
}

static void on_second(struct module *module, uint64_t done, uint64_t total)
{
    unsigned first = module->profile->urc.first_file_end;
    unsigned due = total > 0 ? (unsigned)(done * (100 - first) / total) : 0;

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

/* Fetches .mini_2 and checks both files with the flash as it is. */
static bool fetch_and_check_second(struct module *module)
{
    char path[MODULE_PATH_SIZE];

    if (module_upgrade_judge(module) != DFOTA_TRANSFER_DONE ||
        !fetch_second(module))
        return false;
    if (module->wanted || fetched_check(module) == 0)
        return !module->wanted;
    fetched_second_path(module, path);
    unlink(path);
    return false;
}

/* Fetches .mini_2 and writes the big system, for as long as it takes: scene
 * 4.  Once the image is announced there is nothing left to be fetched. */
static void write_big(struct module *module)
{
    module->reported = 0;
    module_reboot(module, MODULE_DOWNLOAD);
    while (!module_interrupted(module)) {
        bool ready =
            fetched_is_announced(module) || fetch_and_check_second(module);

        if (ready && fetched_flash(module)) {
            end_well(module);
            return;
        }
        if (!take_new_url(module))
            retry_later(module);
    }
}

void module_upgrade_mini(struct module *module)
{
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
