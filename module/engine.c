/* SPDX-License-Identifier: MIT */
#include "module/engine.h"

#include <string.h>

#define ECHO_SIZE 256 /* bytes echoed at once */

/* Which modes serve a command. */
enum service {
    ALWAYS,  /* in normal operation */
    WHENEVER /* in MiniFOTA's download mode too */
};

struct row {
    const char *name;
    engine_handler *handle;
    enum service service;
};

static int nothing(struct module *module,
                   const struct dfota_at_command *command)
{
    (void)module;
    (void)command;
    return ENGINE_OK;
}

static int echo(struct module *module, const struct dfota_at_command *command)
{
    if (command->number > 1)
        return ENGINE_ERROR;
    module->session.no_echo = command->number == 0;
    return ENGINE_OK;
}

/* Answers are words, always. */
static int words(struct module *module, const struct dfota_at_command *command)
{
    (void)module;
    return command->number == 1 ? ENGINE_OK : ENGINE_ERROR;
}

static const struct row rows[] = {
    {"E", echo, WHENEVER},
    {"V", words, WHENEVER},
    {"Z", nothing, ALWAYS},
    {"&F", nothing, ALWAYS},
    {"&W", nothing, ALWAYS},
    {"I", engine_ati, ALWAYS},
    {"+CFUN", engine_cfun, ALWAYS},
    {"+CGMR", engine_revision, ALWAYS},
    {"+CMEE", engine_cmee, WHENEVER},
    {"+CSUB", engine_csub, ALWAYS},
    {"+CREG", engine_registration, WHENEVER},
    {"+CGREG", engine_registration, WHENEVER},
    {"+CEREG", engine_registration, WHENEVER},
    {"+CSQ", engine_csq, WHENEVER},
    {"+IFC", engine_ifc, ALWAYS},
    {"+QCFG", engine_qcfg, ALWAYS},
    {"+QFDEL", engine_qfdel, ALWAYS},
    {"+QFDWL", engine_qfdwl, ALWAYS},
    {"+QFLDS", engine_qflds, ALWAYS},
    {"+QFLST", engine_qflst, ALWAYS},
    {"+QFOTADL", engine_qfotadl, WHENEVER},
    {"+QFUPL", engine_qfupl, ALWAYS},
    {"+QGMR", engine_revision, ALWAYS},
    {"+QIACT", engine_qiact, ALWAYS},
    {"+QICSGP", engine_qicsgp, ALWAYS},
    {"+QIDEACT", engine_qideact, ALWAYS},
};

static int run_command(struct module *module,
                       const struct dfota_at_command *command)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].name, command->name) != 0)
            continue;
        if (module->mode == MODULE_DOWNLOAD && rows[i].service != WHENEVER)
            return ENGINE_ERROR;
        return rows[i].handle(module, command);
    }
    return ENGINE_ERROR;
}

static void answer(struct module *module, int result)
{
    if (result == ENGINE_OK)
        module_say(module, "OK");
    else if (result > 0 && module->session.cme == 1)
        module_say(module, "+CME ERROR: %d", result);
    else if (result != ENGINE_SILENT)
        module_say(module, "ERROR");
}

/* Runs the commands of a line up to the first that fails. */
static void run_line(struct module *module, const char *text)
{
    struct dfota_at_cursor cursor;
    struct dfota_at_command command;
    enum dfota_at_result next = DFOTA_AT_END;
    char line[DFOTA_AT_LINE_MAX + 1];
    int result = ENGINE_OK;

    memcpy(line, text, strlen(text) + 1); /* for commands that read on */
    if (!dfota_at_begin(line, &cursor))
        return;
    module_trace_add(&module->trace, "command", "%s", line);
    while (result == ENGINE_OK) {
        next = dfota_at_next(&cursor, &command);
        if (next != DFOTA_AT_COMMAND)
            break;
        result = run_command(module, &command);
    }
    if (result == ENGINE_OK && next == DFOTA_AT_BROKEN)
        result = ENGINE_ERROR;
    answer(module, result);
}

/* Gives the bytes of a command line to the framer, up to the line's end. */
static size_t feed_line(struct module *module, const uint8_t *bytes,
                        size_t size)
{
    enum dfota_at_event event = DFOTA_AT_NOTHING;
    size_t used = 0;

    while (used < size && used < ECHO_SIZE && event == DFOTA_AT_NOTHING)
        event = dfota_at_feed(&module->framer, bytes[used++]);
    if (!module->session.no_echo)
        module_port_write(&module->port, bytes, used);
    if (event == DFOTA_AT_LINE)
        run_line(module, module->framer.line);
    else if (event == DFOTA_AT_TOO_LONG)
        answer(module, ENGINE_ERROR);
    return used;
}

void engine_feed(struct module *module, const uint8_t *bytes, size_t size)
{
    size_t at = 0;

    while (at < size) {
        if (module->mode == MODULE_DEAF)
            return;
        if (module->intake.take != NULL) {
            at += module->intake.take(module, bytes + at, size - at);
            continue;
        }
        at += feed_line(module, bytes + at, size - at);
    }
}
