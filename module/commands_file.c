/* SPDX-License-Identifier: MIT */
/*
 * commands_file.c - the module's own files
 *
 * Source: the vendor's public manuals of file commands.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "module/engine.h"
#include "module/ufs.h"
#include "module/upload.h"

#define CME_INVALID_INPUT 400
#define CME_NO_ROOM       403
#define CME_NOT_FOUND     405
#define CME_NAME          406
#define CME_EXISTS        407
#define CME_CANNOT_OPEN   410
#define CME_CANNOT_READ   411
#define CME_CANNOT_DELETE 418

#define UPLOAD_SIZE       10240 /* bytes, when none is given */
#define UPLOAD_SECONDS    5
#define SECONDS_MAX       65535

/* The name in parameter 0, or NULL. */
static const char *read_name(const struct dfota_at_command *command, char *text,
                             size_t size)
{
    return dfota_at_text(command, 0, text, size) ? ufs_name(text) : NULL;
}

int engine_qflds(struct module *module, const struct dfota_at_command *command)
{
    struct ufs_usage usage;

    if (command->form == DFOTA_AT_TEST)
        return ENGINE_OK;
    if (command->form == DFOTA_AT_EXECUTE) {
        ufs_measure(module, &usage);
        module_say(module, "+QFLDS: %" PRIu64 ",%" PRIu64, usage.bytes,
                   usage.files);
        return ENGINE_OK;
    }
    if (command->form != DFOTA_AT_SET || command->count != 1 ||
        !dfota_at_is(command, 0, "UFS"))
        return CME_INVALID_INPUT;
    module_say(module, "+QFLDS: %" PRIu64 ",%" PRIu64, ufs_free(module),
               ufs_total(module));
    return ENGINE_OK;
}

static void list_file(void *context, const char *name, uint64_t size)
{
    module_say(context, "+QFLST: \"UFS:%s\",%" PRIu64, name, size);
}

int engine_qflst(struct module *module, const struct dfota_at_command *command)
{
    char text[UFS_NAME_MAX + 16];
    const char *name = read_name(command, text, sizeof(text));
    uint64_t size;

    if (command->form == DFOTA_AT_TEST)
        return ENGINE_OK;
    if (command->form == DFOTA_AT_EXECUTE || dfota_at_is(command, 0, "*") ||
        dfota_at_is(command, 0, "UFS:*") || dfota_at_is(command, 0, "UFS")) {
        ufs_each(module, list_file, module);
        return ENGINE_OK;
    }
    if (command->form != DFOTA_AT_SET || name == NULL)
        return CME_NAME;
    if (!ufs_size(module, name, &size))
        return CME_NOT_FOUND;
    list_file(module, name, size);
    return ENGINE_OK;
}

static void delete_file(void *context, const char *name, uint64_t size)
{
    char path[MODULE_PATH_SIZE];

    (void)size;
    ufs_path(context, name, path);
    unlink(path);
}

int engine_qfdel(struct module *module, const struct dfota_at_command *command)
{
    char text[UFS_NAME_MAX + 16];
    const char *name = read_name(command, text, sizeof(text));
    uint64_t size;

    if (command->form == DFOTA_AT_TEST)
        return ENGINE_OK;
    if (module->busy)
        return CME_CANNOT_DELETE;
    if (dfota_at_is(command, 0, "*") || dfota_at_is(command, 0, "UFS:*")) {
        ufs_each(module, delete_file, module);
        return ENGINE_OK;
    }
    if (command->form != DFOTA_AT_SET || name == NULL)
        return CME_NAME;
    if (!ufs_size(module, name, &size))
        return CME_CANNOT_DELETE;
    delete_file(module, name, size);
    return ENGINE_OK;
}

/* <name>[,<size>[,<timeout>[,<ackmode>]]] */
int engine_qfupl(struct module *module, const struct dfota_at_command *command)
{
    char text[UFS_NAME_MAX + 16];
    unsigned size = UPLOAD_SIZE;
    unsigned seconds = UPLOAD_SECONDS;
    unsigned acknowledge = 0;
    struct module_upload_request request;
    uint64_t there;

    if (command->form == DFOTA_AT_TEST)
        return ENGINE_OK;
    request.name = read_name(command, text, sizeof(text));
    if (command->form != DFOTA_AT_SET || request.name == NULL)
        return CME_NAME;
    if ((command->count > 1 &&
         !dfota_at_number(command, 1, INT32_MAX, &size)) ||
        (command->count > 2 &&
         !dfota_at_number(command, 2, SECONDS_MAX, &seconds)) ||
        (command->count > 3 && !dfota_at_number(command, 3, 1, &acknowledge)) ||
        command->count > 4 || size == 0 || seconds == 0 || module->busy)
        return CME_INVALID_INPUT;
    if (ufs_size(module, request.name, &there))
        return CME_EXISTS;
    if (size > ufs_free(module))
        return CME_NO_ROOM;
    request.size = size;
    request.seconds = seconds;
    request.acknowledge = acknowledge == 1;
    return module_upload_begin(module, &request) ? ENGINE_SILENT
                                                 : CME_CANNOT_OPEN;
}

int engine_qfdwl(struct module *module, const struct dfota_at_command *command)
{
    char text[UFS_NAME_MAX + 16];
    const char *name = read_name(command, text, sizeof(text));
    struct dfota_buffer file = {0};
    char path[MODULE_PATH_SIZE];
    uint64_t size;

    if (command->form == DFOTA_AT_TEST)
        return ENGINE_OK;
    if (command->form != DFOTA_AT_SET || name == NULL)
        return CME_NAME;
    if (!ufs_size(module, name, &size))
        return CME_NOT_FOUND;
    ufs_path(module, name, path);
    if (dfota_file_read(path, INT32_MAX, &file, NULL))
        return CME_CANNOT_READ;
    module_say(module, "CONNECT");
    module_port_write(&module->port, file.data, file.size);
    module_say(module, "+QFDWL: %zu,%x", file.size,
               module_checksum(0, 0, file.data, file.size));
    dfota_buffer_free(&file);
    return ENGINE_OK;
}
