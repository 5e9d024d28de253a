/* SPDX-License-Identifier: MIT */
/* commands_net.c - flow control, and contexts of a network that is always
 * there */
#include <string.h>

#include "module/engine.h"

int engine_ifc(struct module *module, const struct dfota_at_command *command)
{
    unsigned host = 0;
    unsigned own = 0;

    switch (command->form) {
    case DFOTA_AT_READ:
        module_say(module, "+IFC: %u,%u", module->session.ifc,
                   module->session.ifc);
        return ENGINE_OK;
    case DFOTA_AT_TEST:
        module_say(module, "+IFC: (0,2),(0,2)");
        return ENGINE_OK;
    case DFOTA_AT_EXECUTE:
        return ENGINE_ERROR;
    case DFOTA_AT_SET:
        break;
    }
    if (command->count != 2 || !dfota_at_number(command, 0, 2, &host) ||
        !dfota_at_number(command, 1, 2, &own) || host != own || host == 1)
        return ENGINE_ERROR;
    module->session.ifc = host;
    return ENGINE_OK;
}

static int set_usbifc(struct module *module,
                      const struct dfota_at_command *command)
{
    unsigned rts = 0;
    unsigned cts = 0;

    if (command->count == 1) {
        module_say(module, "+QCFG: \"usbifc\",%u,%u",
                   (unsigned)module->state.usb_rts,
                   (unsigned)module->state.usb_cts);
        return ENGINE_OK;
    }
    if (command->count != 3 || !dfota_at_number(command, 1, 2, &rts) ||
        !dfota_at_number(command, 2, 2, &cts))
        return ENGINE_ERROR;
    module->state.usb_rts = rts;
    module->state.usb_cts = cts;
    module_save(module);
    return ENGINE_OK;
}

/* 3.3.1.1 note 2: MiniFOTA has no context of its own. */
static int set_cid(struct module *module,
                   const struct dfota_at_command *command)
{
    unsigned cid = 0;

    if (module->method == DFOTA_METHOD_MINI)
        return ENGINE_ERROR;
    if (command->count == 1) {
        module_say(module, "+QCFG: \"fota/cid\",%u",
                   module->state.cid != 0 ? (unsigned)module->state.cid : 1);
        return ENGINE_OK;
    }
    if (command->count != 2 ||
        !dfota_at_number(command, 1, MODULE_CONTEXTS, &cid) || cid == 0)
        return ENGINE_ERROR;
    module->state.cid = cid;
    module_save(module);
    return ENGINE_OK;
}

int engine_qcfg(struct module *module, const struct dfota_at_command *command)
{
    if (command->form == DFOTA_AT_TEST) {
        module_say(module, "+QCFG: \"usbifc\",(0-2),(0-2)");
        if (module->method != DFOTA_METHOD_MINI)
            module_say(module, "+QCFG: \"fota/cid\",(1-%d)", MODULE_CONTEXTS);
        return ENGINE_OK;
    }
    if (dfota_at_is(command, 0, "usbifc"))
        return set_usbifc(module, command);
    if (dfota_at_is(command, 0, "fota/cid"))
        return set_cid(module, command);
    return ENGINE_ERROR;
}

/* The first parameter as the number of a context; 0 when it is none. */
static unsigned read_cid(const struct dfota_at_command *command)
{
    unsigned cid = 0;

    return dfota_at_number(command, 0, MODULE_CONTEXTS, &cid) ? cid : 0;
}

/* <cid>[,<type>,<APN>[,<user>,<password>[,<authentication>]]] */
int engine_qicsgp(struct module *module, const struct dfota_at_command *command)
{
    struct module_session *session = &module->session;
    unsigned cid = read_cid(command);
    unsigned type = 0;

    if (command->form == DFOTA_AT_TEST)
        return ENGINE_OK;
    if (cid == 0 || command->count > 6)
        return ENGINE_ERROR;
    if (command->count == 1) {
        module_say(module, "+QICSGP: 1,\"%s\",\"\",\"\",0", session->apn[cid]);
        return ENGINE_OK;
    }
    if (!dfota_at_number(command, 1, 3, &type) || type == 0 ||
        command->count < 3 || !command->params[2].quoted ||
        command->params[2].size >= sizeof(session->apn[cid]))
        return ENGINE_ERROR;
    memcpy(session->apn[cid], command->params[2].text, command->params[2].size);
    session->apn[cid][command->params[2].size] = '\0';
    session->context_set[cid] = true;
    return ENGINE_OK;
}

static void list_active(struct module *module)
{
    for (unsigned cid = 1; cid <= MODULE_CONTEXTS; cid++)
        if (module->session.context_active[cid])
            module_say(module, "+QIACT: %u,1,1,\"192.0.2.%u\"", cid, cid);
}

int engine_qiact(struct module *module, const struct dfota_at_command *command)
{
    unsigned cid = read_cid(command);

    if (command->form == DFOTA_AT_READ)
        list_active(module);
    if (command->form == DFOTA_AT_TEST)
        module_say(module, "+QIACT: (1-%d)", MODULE_CONTEXTS);
    if (command->form == DFOTA_AT_READ || command->form == DFOTA_AT_TEST)
        return ENGINE_OK;
    if (cid == 0 || command->count != 1)
        return ENGINE_ERROR;
    module->session.context_active[cid] = true;
    return ENGINE_OK;
}

int engine_qideact(struct module *module,
                   const struct dfota_at_command *command)
{
    unsigned cid = read_cid(command);

    if (command->form == DFOTA_AT_TEST)
        return ENGINE_OK;
    if (cid == 0 || command->count != 1)
        return ENGINE_ERROR;
    module->session.context_active[cid] = false;
    return ENGINE_OK;
}
