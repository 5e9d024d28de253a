/* SPDX-License-Identifier: MIT */
#include "lib/module/command.h"

#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define PASS              DFOTA_FINDING_PASS
#define FAIL              DFOTA_FINDING_FAIL
#define WARN              DFOTA_FINDING_WARN
#define SKIP              DFOTA_FINDING_SKIP

#define NAME              "+QFOTADL"
#define FILE_MARK         "FILE:"
#define NUMBER_DIGITS_MAX 6

/* --- reading ------------------------------------------------------------ */

/* The line being read. */
struct reader {
    const char *line;
    size_t at;
    size_t size; /* without the line's end */
    struct dfota_fault *fault;
};

static enum dfota_error fail(const struct reader *reader, const char *rule)
{
    return dfota_fail(reader->fault, DFOTA_ERR_CORRUPT, reader->at, rule);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The bytes of `line` before a final CR, LF or CRLF. */
static size_t measure_line(const char *line)
{
    size_t size = strlen(line);

    if (size > 0 && line[size - 1] == '\n')
        size--;
    if (size > 0 && line[size - 1] == '\r')
        size--;
    return size;
}

/* Steps over the name of the command. */
static enum dfota_error read_name(struct reader *reader)
{
    const char *line = reader->line;

    /* 3.1.2: AT or at, but not At; the name is as in any AT command */
    if (strncmp(line, "AT", 2) != 0 && strncmp(line, "at", 2) != 0)
        return dfota_fail(reader->fault, DFOTA_ERR_FORMAT, 0, "CMD-1");
    if (strncasecmp(line + 2, NAME, strlen(NAME)) != 0)
        return dfota_fail(reader->fault, DFOTA_ERR_FORMAT, 2, "CMD-1");
    reader->at = 2 + strlen(NAME);
    if (line[reader->at] != '=')
        return fail(reader, "CMD-2");
    reader->at++;
    if (reader->at == reader->size)
        return fail(reader, "CMD-2");
    return DFOTA_OK;
}

/* Reads the decimal digits of `text` up to its end; false unless 1 or more. */
static bool parse_length(const char *text, uint64_t *out)
{
    uint64_t value = 0;

    for (; *text != '\0'; text++) {
        uint64_t digit = (uint64_t)(*text - '0');

        if (!is_digit(*text) || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return value > 0;
}

/* Says what the text between the quotes is. */
static enum dfota_error classify(const struct reader *reader,
                                 struct dfota_command *command)
{
    size_t mark = strlen(FILE_MARK);

    if (strncasecmp(command->target, FILE_MARK, mark) == 0 &&
        strncmp(command->target + mark, "//", 2) != 0) {
        command->form = DFOTA_COMMAND_FILE;
        if (!parse_length(command->target + mark, &command->file_length))
            return dfota_fail(reader->fault, DFOTA_ERR_CORRUPT,
                              reader->at + 1 + mark, "CMD-8");
        return DFOTA_OK;
    }
    command->form = strstr(command->target, "://") != NULL ? DFOTA_COMMAND_URL
                                                           : DFOTA_COMMAND_PATH;
    return DFOTA_OK;
}

/* Reads the quoted parameter and steps over it. */
static enum dfota_error read_target(struct reader *reader,
                                    struct dfota_command *command)
{
    const char *start = reader->line + reader->at + 1;
    size_t left = reader->size - reader->at;
    const char *end;
    size_t size;
    enum dfota_error err;

    if (start[-1] != '"')
        return fail(reader, "CMD-3");
    end = memchr(start, '"', left - 1);
    if (end == NULL || end == start)
        return fail(reader, "CMD-3");
    size = (size_t)(end - start);
    if (size > DFOTA_COMMAND_TARGET_MAX)
        return dfota_fail(reader->fault, DFOTA_ERR_LIMIT,
                          reader->at + 1 + DFOTA_COMMAND_TARGET_MAX, "CMD-3");
    memcpy(command->target, start, size);
    command->target[size] = '\0';
    err = classify(reader, command);
    if (err)
        return err;
    reader->at += size + 2;
    if (reader->at < reader->size && reader->line[reader->at] != ',')
        return fail(reader, "CMD-3");
    return DFOTA_OK;
}

/* Reads one number behind its comma and steps over it. */
static enum dfota_error read_number(struct reader *reader,
                                    struct dfota_command *command)
{
    unsigned value = 0;
    size_t digits = 0;

    if (reader->line[reader->at] != ',' ||
        command->count == DFOTA_COMMAND_NUMBERS)
        return fail(reader, "CMD-4");
    reader->at++;
    for (; is_digit(reader->line[reader->at]); reader->at++, digits++) {
        if (digits == NUMBER_DIGITS_MAX)
            return fail(reader, "CMD-4");
        value = value * 10 + (unsigned)(reader->line[reader->at] - '0');
    }
    if (digits == 0)
        return fail(reader, "CMD-4");
    command->numbers[command->count++] = value;
    return DFOTA_OK;
}

enum dfota_error dfota_command_parse(const char *line,
                                     struct dfota_command *out,
                                     struct dfota_fault *fault)
{
    struct reader reader = {line, 0, measure_line(line), fault};
    struct dfota_command command = {0};
    enum dfota_error err;

    err = read_name(&reader);
    if (err)
        return err;
    if (line[reader.at] == '?') {
        reader.at++;
        if (reader.at != reader.size)
            return fail(&reader, "CMD-2");
        *out = command; /* DFOTA_COMMAND_TEST is 0 */
        return DFOTA_OK;
    }
    err = read_target(&reader, &command);
    while (!err && reader.at < reader.size)
        err = read_number(&reader, &command);
    if (err)
        return err;
    *out = command;
    return DFOTA_OK;
}

/* --- checking ----------------------------------------------------------- */

/* What every check needs. */
struct lint {
    const struct dfota_target *target;
    const struct dfota_profile *profile;
    const struct dfota_command *command;
    struct dfota_findings *findings;
};

static void check_count(const struct lint *lint)
{
    unsigned max = lint->target->rules->params_max;

    dfota_findings_add(lint->findings, "CMD-4",
                       lint->command->count > max ? FAIL : PASS,
                       "%zu numbers after the first parameter, at most %u",
                       lint->command->count, max);
}

static void check_mode(const struct lint *lint)
{
    unsigned max = lint->target->rules->mode_max;

    if (lint->command->count > 0)
        dfota_findings_add(lint->findings, "CMD-5",
                           lint->command->numbers[0] > max ? FAIL : PASS,
                           "upgrade mode %u, which is 0 to %u",
                           lint->command->numbers[0], max);
}

static void check_urc(const struct lint *lint, size_t index, const char *rule,
                      enum dfota_setting setting)
{
    const struct dfota_rules *rules = lint->target->rules;
    const char *name = index == 1 ? "download" : "update";
    unsigned value;

    if (index >= lint->command->count)
        return;
    value = lint->command->numbers[index];
    if (value != 0 && (value < rules->urc_min || value > rules->urc_max))
        dfota_findings_add(lint->findings, rule, FAIL,
                           "%s URC maximum %u, which is 0 or %u to %u", name,
                           value, rules->urc_min, rules->urc_max);
    else if (setting == DFOTA_SETTING_REFUSED)
        dfota_findings_add(lint->findings, rule, FAIL,
                           "the %s URC maximum cannot be set under %s", name,
                           dfota_method_name(lint->target->method));
    else if (setting == DFOTA_SETTING_IGNORED)
        dfota_findings_add(lint->findings, rule, WARN,
                           "the %s URC maximum has no effect on this module",
                           name);
    else
        dfota_findings_add(lint->findings, rule, PASS, "%s URC maximum %u",
                           name, value);
}

/* True for "FILE:<length>",2. */
static bool is_protocol_mode(const struct lint *lint)
{
    const struct dfota_command *command = lint->command;
    unsigned mode = lint->target->rules->protocol_mode;

    return command->form == DFOTA_COMMAND_FILE && command->count == 1 &&
           mode != 0 && command->numbers[0] == mode;
}

static void check_file(const struct lint *lint)
{
    uint64_t size = lint->target->package_size;
    uint64_t length = lint->command->file_length;

    if (lint->profile->host_file)
        dfota_findings_add(lint->findings, "CMD-8", PASS,
                           "the host sends the package: set flow control, or "
                           "write at most 32 bytes at a time");
    else
        dfota_findings_add(lint->findings, "CMD-8", FAIL,
                           "no FILE: under %s of %s: the package comes from "
                           "a server%s",
                           dfota_method_name(lint->target->method),
                           lint->target->rules->name,
                           lint->target->rules->local_path_max == 0
                               ? ""
                               : " or the module's own files");
    if (size == 0)
        dfota_findings_add(lint->findings, "CMD-9", SKIP,
                           "the package's size is not known");
    else
        dfota_findings_add(
            lint->findings, "CMD-9", length == size ? PASS : FAIL,
            "FILE: says %llu bytes, the package has %llu",
            (unsigned long long)length, (unsigned long long)size);
}

static void check_numbers(const struct lint *lint)
{
    if (is_protocol_mode(lint)) {
        dfota_findings_add(lint->findings, "CMD-10", WARN,
                           "protocol mode: the module answers %s, and the "
                           "protocol is not published",
                           lint->target->rules->protocol_answer);
        return;
    }
    check_count(lint);
    if (lint->command->count > lint->target->rules->params_max)
        return;
    check_mode(lint);
    check_urc(lint, 1, "CMD-6", lint->profile->download_urc);
    check_urc(lint, 2, "CMD-7", lint->profile->update_urc);
}

static void check_command(const struct lint *lint)
{
    dfota_findings_add(lint->findings, "CMD-2", PASS,
                       "the command has a known form");
    if (lint->command->form == DFOTA_COMMAND_TEST)
        return;
    if (lint->profile != NULL) {
        check_numbers(lint);
        if (lint->command->form == DFOTA_COMMAND_FILE)
            check_file(lint);
    }
    if (lint->command->form != DFOTA_COMMAND_FILE || lint->profile == NULL)
        dfota_url_lint(lint->command->target, lint->target, lint->findings);
}

void dfota_command_lint(const char *line, const struct dfota_target *target,
                        struct dfota_command *out,
                        struct dfota_findings *findings)
{
    struct dfota_command command = {0};
    struct dfota_fault fault = {0};
    struct lint lint = {
        .target = target,
        .profile = dfota_rules_profile(target->rules, target->method,
                                       target->flash_mb),
        .command = &command,
        .findings = findings,
    };

    if (dfota_command_parse(line, &command, &fault)) {
        dfota_findings_add(findings, fault.rule, FAIL,
                           "the command cannot be read from byte %llu on",
                           (unsigned long long)fault.offset);
        return;
    }
    check_command(&lint);
    if (out != NULL)
        *out = command;
}
