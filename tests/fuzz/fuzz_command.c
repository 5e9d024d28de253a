/* SPDX-License-Identifier: MIT */
/*
 * fuzz_command.c - a command that is read can be printed and read again, and
 * one that cannot be read is one failure
 *
 * The first byte chooses the rule set and the method, the rest is the line.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/module/command.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LINE_MAX_SIZE 2048
#define ITEMS         24

static void require(int condition)
{
    if (!condition)
        abort();
}

static void print_command(const struct dfota_command *command, char *out,
                          size_t size)
{
    size_t at;

    if (command->form == DFOTA_COMMAND_TEST) {
        snprintf(out, size, "AT+QFOTADL=?");
        return;
    }
    at = (size_t)snprintf(out, size, "AT+QFOTADL=\"%s\"", command->target);
    for (size_t i = 0; i < command->count; i++)
        at += (size_t)snprintf(out + at, size - at, ",%u", command->numbers[i]);
    require(at < size);
}

static void check_again(const struct dfota_command *command)
{
    struct dfota_command again;
    char line[LINE_MAX_SIZE];

    print_command(command, line, sizeof(line));
    require(dfota_command_parse(line, &again, NULL) == DFOTA_OK);
    require(again.form == command->form);
    require(again.count == command->count);
    require(again.file_length == command->file_length);
    require(strcmp(again.target, command->target) == 0);
    for (size_t i = 0; i < again.count; i++)
        require(again.numbers[i] == command->numbers[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dfota_finding items[ITEMS];
    struct dfota_findings findings = {.items = items, .capacity = ITEMS};
    struct dfota_target target = {.package_size = 1000};
    struct dfota_command command;
    struct dfota_fault fault = {0};
    char line[LINE_MAX_SIZE + 1];

    if (size < 1 || size > LINE_MAX_SIZE)
        return 0;
    target.rules = dfota_rules_at(data[0] % 3);
    target.method =
        (data[0] & 0x40) != 0 ? DFOTA_METHOD_MINI : DFOTA_METHOD_DFOTA;
    memcpy(line, data + 1, size - 1);
    line[size - 1] = '\0';

    dfota_command_lint(line, &target, NULL, &findings);
    require(findings.count > 0 && findings.dropped == 0);
    if (dfota_command_parse(line, &command, &fault)) {
        require(fault.offset <= strlen(line) && findings.failures == 1);
        return 0;
    }
    check_again(&command);
    return 0;
}
