/* SPDX-License-Identifier: MIT */
/* commands_fota.c - AT+QFOTADL, as far as it is answered at once */
#include <stdio.h>
#include <string.h>

#include "lib/module/command.h"
#include "module/engine.h"
#include "module/fetched.h"
#include "module/receive.h"
#include "module/ufs.h"

#define FINDINGS_MAX 32

static int describe(struct module *module)
{
    const struct dfota_rules *rules = module->rules;

    if (rules->params_max > 0) /* B answers OK alone */
        module_say(module, "+QFOTADL: <url>,(0,%u),(0,%u-%u),(0,%u-%u)",
                   rules->mode_max, rules->urc_min, rules->urc_max,
                   rules->urc_min, rules->urc_max);
    return ENGINE_OK;
}

/*
 * Whether a finding makes the command an ERROR.  What is wrong with a URL
 * beyond its parameters' limits shows when the package is fetched.
 */
static bool is_error(const struct dfota_finding *finding)
{
    static const char *const at_fetching[] = {"URL-3", "URL-4", "URL-9",
                                              "URL-10", "URL-11"};

    if (finding->status != DFOTA_FINDING_FAIL)
        return false;
    for (size_t i = 0; i < sizeof(at_fetching) / sizeof(at_fetching[0]); i++)
        if (strcmp(finding->rule, at_fetching[i]) == 0)
            return false;
    return true;
}

static bool read_command(struct module *module,
                         const struct dfota_at_command *command,
                         struct dfota_command *out)
{
    const struct dfota_target target = {.rules = module->rules,
                                        .method = module->method,
                                        .flash_mb = module->version.flash_mb,
                                        .head = module->version.head};
    struct dfota_finding items[FINDINGS_MAX];
    struct dfota_findings findings = {.items = items, .capacity = FINDINGS_MAX};
    char line[DFOTA_AT_LINE_MAX + 3];

    snprintf(line, sizeof(line), "AT%.*s", (int)command->size, command->text);
    dfota_command_lint(line, &target, out, &findings);
    for (size_t i = 0; i < findings.count; i++) {
        if (!is_error(&items[i]))
            continue;
        module_trace_add(&module->trace, "refused", "%s: %s", items[i].rule,
                         items[i].detail);
        return false;
    }
    return true;
}

/* 3.3.1.4: answered, and that is all. */
static int protocol_mode(struct module *module)
{
    module_say(module, "%s", module->rules->protocol_answer);
    module_trace_add(&module->trace, "refused",
                     "the protocol mode is not simulated");
    fputs("dfota-module: the protocol mode is not published, and not "
          "simulated\n",
          stderr);
    return ENGINE_SILENT;
}

static bool has_package(const struct module *module, const char *path)
{
    const char *prefix = module->rules->local_path_prefix;
    const char *name = ufs_name(path);
    uint64_t size;

    return prefix != NULL && strncmp(path, prefix, strlen(prefix)) == 0 &&
           name != NULL && ufs_size(module, name, &size);
}

/* Begins to take the package at the port. */
static bool receive(struct module *module, uint64_t length)
{
    char path[MODULE_PATH_SIZE];

    if (length > ufs_free(module))
        return false;
    module->file_length = length;
    fetched_path(module, path);
    return module_receive_begin(module, path, length);
}

static int take(struct module *module, const struct dfota_command *command)
{
    struct module_state *state = &module->state;

    if (command->form == DFOTA_COMMAND_PATH &&
        !has_package(module, command->target))
        return ENGINE_ERROR;
    snprintf(state->url, sizeof(state->url), "%s", command->target);
    if (command->count > 0)
        state->mode = command->numbers[0];
    if (command->count > 1 &&
        module->profile->download_urc == DFOTA_SETTING_FREE)
        state->download_max = command->numbers[1];
    module->file_length = 0;
    if (module->mode == MODULE_NORMAL) {
        fetched_name(module);
        ufs_clear_package(module);
    }
    if (command->form == DFOTA_COMMAND_FILE &&
        !receive(module, command->file_length))
        return ENGINE_ERROR;
    module->wanted = true;
    module_save(module);
    return ENGINE_OK;
}

int engine_qfotadl(struct module *module,
                   const struct dfota_at_command *command)
{
    struct dfota_command read = {0};

    if (!read_command(module, command, &read))
        return ENGINE_ERROR;
    if (read.form == DFOTA_COMMAND_TEST)
        return describe(module);
    if (module->mode == MODULE_NORMAL && (module->busy || module->wanted))
        return ENGINE_ERROR;
    if (read.form == DFOTA_COMMAND_FILE && read.count == 1 &&
        module->rules->protocol_mode != 0 &&
        read.numbers[0] == module->rules->protocol_mode)
        return protocol_mode(module);
    return take(module, &read);
}
