/* SPDX-License-Identifier: MIT */
/* commands_base.c - what a module is, and how it is switched */
#include <string.h>

#include "module/engine.h"

/* The version without its suffix, which ATI leaves out. */
static int length_without_suffix(const struct module *module)
{
    const struct dfota_version *version = &module->version;

    return (int)(strlen(version->text) - strlen(version->suffix));
}

int engine_ati(struct module *module, const struct dfota_at_command *command)
{
    const struct dfota_version *version = &module->version;

    if (command->number != 0)
        return ENGINE_ERROR;
    module_say(module, "Quectel\r\n%s%s%s\r\nRevision: %.*s", version->head,
               version->region[0] != '\0' ? "-" : "", version->region,
               length_without_suffix(module), version->text);
    return ENGINE_OK;
}

int engine_revision(struct module *module,
                    const struct dfota_at_command *command)
{
    if (command->form == DFOTA_AT_TEST)
        return ENGINE_OK;
    if (command->form != DFOTA_AT_EXECUTE)
        return ENGINE_ERROR;
    module_say(module, "%s", module->version.text);
    return ENGINE_OK;
}

int engine_csub(struct module *module, const struct dfota_at_command *command)
{
    const struct dfota_version *version = &module->version;

    if (command->form == DFOTA_AT_TEST)
        return ENGINE_OK;
    if (command->form != DFOTA_AT_EXECUTE)
        return ENGINE_ERROR;
    if (version->sub_edition[0] != '\0')
        module_say(module, "SubEdition: %s", version->sub_edition);
    return ENGINE_OK;
}

int engine_cmee(struct module *module, const struct dfota_at_command *command)
{
    unsigned value;

    if (command->form == DFOTA_AT_READ) {
        module_say(module, "+CMEE: %u", module->session.cme);
        return ENGINE_OK;
    }
    if (command->form == DFOTA_AT_TEST) {
        module_say(module, "+CMEE: (0,1)");
        return ENGINE_OK;
    }
    if (command->count != 1 || !dfota_at_number(command, 0, 1, &value))
        return ENGINE_ERROR;
    module->session.cme = value;
    return ENGINE_OK;
}

/* 1 is full operation; 1,1 reboots as well. */
int engine_cfun(struct module *module, const struct dfota_at_command *command)
{
    unsigned function;
    unsigned reset = 0;

    if (command->form == DFOTA_AT_READ) {
        module_say(module, "+CFUN: 1");
        return ENGINE_OK;
    }
    if (command->form == DFOTA_AT_TEST) {
        module_say(module, "+CFUN: (1),(0,1)");
        return ENGINE_OK;
    }
    if (!dfota_at_number(command, 0, 1, &function) || function != 1 ||
        command->count > 2)
        return ENGINE_ERROR;
    if (command->count == 2 && !dfota_at_number(command, 1, 1, &reset))
        return ENGINE_ERROR;
    module->reset = module->reset || reset == 1;
    return ENGINE_OK;
}

/* In the home network (1), or searching (2). */
int engine_registration(struct module *module,
                        const struct dfota_at_command *command)
{
    if (command->form == DFOTA_AT_READ)
        module_say(module, "%s: 0,%d", command->name,
                   network_is_lost(module) ? 2 : 1);
    return command->form == DFOTA_AT_EXECUTE ? ENGINE_ERROR : ENGINE_OK;
}

int engine_csq(struct module *module, const struct dfota_at_command *command)
{
    if (command->form == DFOTA_AT_TEST)
        return ENGINE_OK;
    if (command->form != DFOTA_AT_EXECUTE)
        return ENGINE_ERROR;
    module_say(module, "+CSQ: %d,99", network_is_lost(module) ? 99 : 24);
    return ENGINE_OK;
}
