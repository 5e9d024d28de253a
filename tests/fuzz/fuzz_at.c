/* SPDX-License-Identifier: MIT */
/*
 * fuzz_at.c - whatever bytes come in at a port, lines end where they must, and
 * the commands of a line lie in it one behind the other and can be read alone
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/module/at.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(int condition)
{
    if (!condition)
        abort();
}

/* A command that was read is read again when it stands alone. */
static void check_alone(const struct dfota_at_command *command)
{
    char line[DFOTA_AT_LINE_MAX + 1];
    struct dfota_at_cursor cursor;
    struct dfota_at_command again;

    snprintf(line, sizeof(line), "AT%.*s", (int)command->size, command->text);
    require(dfota_at_begin(line, &cursor));
    require(dfota_at_next(&cursor, &again) == DFOTA_AT_COMMAND);
    require(strcmp(again.name, command->name) == 0);
    require(again.form == command->form && again.number == command->number);
    require(again.count == command->count && again.size == command->size);
    require(dfota_at_next(&cursor, &again) == DFOTA_AT_END);
}

static void check_command(const char *line, const char *from,
                          const struct dfota_at_command *command)
{
    require(command->text >= from && command->size > 0);
    require(command->text + command->size <= line + strlen(line));
    require(command->count <= DFOTA_AT_PARAMS);
    require((command->form == DFOTA_AT_SET) == (command->count > 0));
    for (size_t i = 0; i < command->count; i++) {
        const struct dfota_at_param *param = &command->params[i];
        unsigned number;
        char text[16];

        require(param->text > command->text);
        require(param->text + param->size <= command->text + command->size);
        require(memchr(param->text, '"', param->size) == NULL);
        if (dfota_at_number(command, i, 1000, &number))
            require(!param->quoted && number <= 1000);
        if (dfota_at_text(command, i, text, sizeof(text)))
            require(param->quoted && dfota_at_is(command, i, text));
    }
    check_alone(command);
}

static void check_line(const char *line)
{
    struct dfota_at_cursor cursor;
    struct dfota_at_command command;
    const char *from = line;

    require(strlen(line) <= DFOTA_AT_LINE_MAX);
    if (!dfota_at_begin(line, &cursor))
        return;
    while (dfota_at_next(&cursor, &command) == DFOTA_AT_COMMAND) {
        check_command(line, from, &command);
        from = command.text + command.size;
    }
    require(cursor.next <= line + strlen(line));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct dfota_at_framer framer; /* large */
    size_t length = 0;

    framer = (struct dfota_at_framer){0};
    for (size_t i = 0; i < size; i++) {
        enum dfota_at_event event = dfota_at_feed(&framer, data[i]);

        length = data[i] == '\r' ? 0 : length + 1;
        require((data[i] == '\r') == (event != DFOTA_AT_NOTHING));
        require(event != DFOTA_AT_NOTHING || framer.size <= length);
        if (event == DFOTA_AT_LINE)
            check_line(framer.line);
    }
    return 0;
}
