/* SPDX-License-Identifier: MIT */
#include "module/module.h"

#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/report.h"
#include "module/engine.h"
#include "module/quirks.h"
#include "module/receive.h"
#include "module/ufs.h"
#include "module/upgrade.h"
#include "module/upload.h"

#define SAY_SIZE      1024 /* bytes of an answer */
#define READ_SIZE     4096 /* bytes of input at a time */
#define FAST_FACTOR   200
#define REBOOT_MS_A   8000
#define REBOOT_MS_B   20000 /* B 3.3: within 90 s */
#define IDLE_MS       1000
#define URCS_HELD_MAX 3

static volatile sig_atomic_t stop;

void module_on_signal(int number)
{
    (void)number;
    stop = 1;
}

/* --- waiting -------------------------------------------------------------- */

uint64_t module_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

/* Xorshift: what is wanted is the same numbers again, not good ones. */
unsigned module_random(struct module *module, unsigned below)
{
    module->random ^= module->random << 13;
    module->random ^= module->random >> 17;
    module->random ^= module->random << 5;
    return module->random % below;
}

bool module_stopped(const struct module *module)
{
    return stop != 0 || module->port.ended;
}

bool module_interrupted(const struct module *module)
{
    return module->reset || module_stopped(module);
}

void module_pump(struct module *module, int ms)
{
    struct pollfd ready = {.fd = module_port_fd(&module->port),
                           .events = POLLIN};
    uint8_t bytes[READ_SIZE];
    size_t got;

    if (poll(&ready, 1, module_stopped(module) ? 0 : ms) > 0) {
        got = module_port_read(&module->port, bytes, sizeof(bytes));
        engine_feed(module, bytes, got);
    }
    if (module->intake.take != NULL &&
        module_clock() >= module->intake.deadline)
        module->intake.expire(module);
}

unsigned module_scale(const struct module *module, unsigned ms)
{
    return module->options->fast ? ms / FAST_FACTOR : ms;
}

void module_wait(struct module *module, unsigned ms)
{
    uint64_t now = module_clock();
    uint64_t end = now + module_scale(module, ms);

    while (now < end && !module_interrupted(module)) {
        module_pump(module, (int)(end - now));
        now = module_clock();
    }
}

void module_reboot(struct module *module, enum module_mode mode)
{
    bool b = module->rules->family == DFOTA_FAMILY_RG50X_RM5XX;

    module_flush(module);
    module_upload_end(module);
    module_receive_end(module);
    module_trace_add(&module->trace, "reboot", "%s",
                     mode == MODULE_NORMAL     ? "normal"
                     : mode == MODULE_DOWNLOAD ? "download"
                                               : "upgrade");
    module->session = (struct module_session){.cme = 1};
    module->framer = (struct dfota_at_framer){0};
    module->reset = false;
    module->mode = MODULE_DEAF;
    module_wait(module, b ? REBOOT_MS_B : REBOOT_MS_A);
    module->mode = mode;
    if ((module->quirks & MODULE_QUIRK_JUNK) != 0)
        module_quirks_junk(module);
}

/* --- saying --------------------------------------------------------------- */

void module_say(struct module *module, const char *format, ...)
{
    char text[SAY_SIZE + 4] = "\r\n";
    va_list args;

    va_start(args, format);
    vsnprintf(text + 2, SAY_SIZE, format, args);
    va_end(args);
    module_trace_add(&module->trace, "answer", "%s", text + 2);
    memcpy(text + strlen(text), "\r\n", 3);
    module_port_write(&module->port, text, strlen(text));
}

void module_urc(struct module *module, const char *format, ...)
{
    char text[128] = "\r\n+QIND: \"FOTA\",";
    size_t used = strlen(text);
    va_list args;

    va_start(args, format);
    vsnprintf(text + used, sizeof(text) - used - 2, format, args);
    va_end(args);
    module_trace_add(&module->trace, "urc", "%s", text + 2);
    memcpy(text + strlen(text), "\r\n", 3);
    if ((module->quirks & MODULE_QUIRK_COALESCE) == 0) {
        module_port_write(&module->port, text, strlen(text));
        return;
    }
    module_port_hold(&module->port, text, strlen(text));
    if (++module->urcs_held == URCS_HELD_MAX)
        module_flush(module);
}

void module_flush(struct module *module)
{
    module_port_flush(&module->port);
    module->urcs_held = 0;
}

/* --- files ---------------------------------------------------------------- */

void module_path(const struct module *module, const char *name, char *out)
{
    if (snprintf(out, MODULE_PATH_SIZE, "%s/%s", module->folder, name) >=
        MODULE_PATH_SIZE)
        out[0] = '\0'; /* and nothing can be opened */
}

void module_save(struct module *module)
{
    struct dfota_fault fault = {0};

    if (module_state_write(module->state_path, &module->state, &fault) ==
        DFOTA_OK) {
        module_trace_add(&module->trace, "save", "step %u",
                         (unsigned)module->state.step);
        return;
    }
    dfota_report_fault("dfota-module", &fault, false);
    stop = 1;
}

/* --- running -------------------------------------------------------------- */

void module_run(struct module *module)
{
    bool lost = (module->quirks & MODULE_QUIRK_POWER_LOSS) != 0;

    if (module->state.step == MODULE_IDLE) {
        ufs_clear_package(module);
        module_reboot(module, MODULE_NORMAL);
    }
    if (module->state.step == MODULE_UPGRADE && lost)
        module_upgrade_enter(module, MODULE_DEAD);
    while (!module_stopped(module)) {
        module_upgrade(module);
        if (module->reset)
            module_reboot(module, MODULE_NORMAL);
        else
            module_pump(module, IDLE_MS);
    }
    module_flush(module);
}
