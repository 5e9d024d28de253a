/* SPDX-License-Identifier: MIT */
#include "lib/module/at.h"

#include <string.h>
#include <strings.h>

/* --- lines ---------------------------------------------------------------- */

static enum dfota_at_event end_line(struct dfota_at_framer *framer)
{
    bool too_long = framer->too_long;

    framer->line[framer->size] = '\0';
    framer->size = 0;
    framer->too_long = false;
    return too_long ? DFOTA_AT_TOO_LONG : DFOTA_AT_LINE;
}

enum dfota_at_event dfota_at_feed(struct dfota_at_framer *framer,
                                  unsigned char byte)
{
    if (byte == '\r')
        return end_line(framer);
    if (byte == '\b' && framer->size > 0)
        framer->size--;
    if (byte < ' ')
        return DFOTA_AT_NOTHING;
    if (framer->size == DFOTA_AT_LINE_MAX)
        framer->too_long = true;
    else
        framer->line[framer->size++] = (char)byte;
    return DFOTA_AT_NOTHING;
}

/* --- commands ------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static char upper(char c)
{
    return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

static void skip_spaces(const char **at)
{
    while (**at == ' ')
        (*at)++;
}

bool dfota_at_begin(const char *line, struct dfota_at_cursor *cursor)
{
    skip_spaces(&line);
    /* 3.1.2: AT or at, but not At */
    if (strncmp(line, "AT", 2) != 0 && strncmp(line, "at", 2) != 0)
        return false;
    cursor->next = line + 2;
    return true;
}

/* Steps over one parameter, in quotes or not; false for a lone quote. */
static bool read_param(const char **at, struct dfota_at_param *out)
{
    const char *text = *at;
    const char *end;

    out->quoted = *text == '"';
    if (out->quoted) {
        end = strchr(++text, '"');
        if (end == NULL)
            return false;
        *at = end + 1;
    } else {
        end = text + strcspn(text, ",;\"");
        *at = end;
    }
    out->text = text;
    out->size = (size_t)(end - text);
    return **at == ',' || **at == ';' || **at == '\0';
}

static bool read_params(const char **at, struct dfota_at_command *command)
{
    for (;;) {
        if (command->count == DFOTA_AT_PARAMS ||
            !read_param(at, &command->params[command->count]))
            return false;
        command->count++;
        if (**at != ',')
            return true;
        (*at)++;
    }
}

/* Steps over ?, =? or = and parameters, if any of them follows. */
static bool read_form(const char **at, struct dfota_at_command *command)
{
    if (**at == '?') {
        command->form = DFOTA_AT_READ;
        (*at)++;
    } else if (strncmp(*at, "=?", 2) == 0) {
        command->form = DFOTA_AT_TEST;
        *at += 2;
    } else if (**at == '=') {
        command->form = DFOTA_AT_SET;
        (*at)++;
        return read_params(at, command);
    }
    return true;
}

static bool read_extended(const char **at, struct dfota_at_command *command)
{
    size_t size = 0;

    do {
        if (size == DFOTA_AT_NAME_MAX)
            return false;
        command->name[size++] = upper(*(*at)++);
    } while (is_letter(**at) || is_digit(**at));
    if (size < 2 || !read_form(at, command))
        return false;
    skip_spaces(at);
    return **at == ';' || **at == '\0';
}

static bool read_basic(const char **at, struct dfota_at_command *command)
{
    size_t size = 0;
    size_t digits = 0;

    if (**at == '&')
        command->name[size++] = *(*at)++;
    if (!is_letter(**at))
        return false;
    command->name[size] = upper(*(*at)++);
    for (; is_digit(**at); (*at)++, digits++) {
        if (digits == 4)
            return false;
        command->number = command->number * 10 + (unsigned)(**at - '0');
    }
    return **at != '=' && **at != '?';
}

enum dfota_at_result dfota_at_next(struct dfota_at_cursor *cursor,
                                   struct dfota_at_command *out)
{
    struct dfota_at_command command = {0};
    const char *at = cursor->next;

    skip_spaces(&at);
    command.text = at;
    if (*at == '\0')
        return DFOTA_AT_END;
    if (*at == '+' ? !read_extended(&at, &command)
                   : !read_basic(&at, &command)) {
        cursor->next = at + strlen(at);
        return DFOTA_AT_BROKEN;
    }
    command.size = (size_t)(at - command.text);
    skip_spaces(&at);
    if (*at == ';')
        at++;
    cursor->next = at;
    *out = command;
    return DFOTA_AT_COMMAND;
}

/* --- parameters ----------------------------------------------------------- */

bool dfota_at_number(const struct dfota_at_command *command, size_t index,
                     unsigned max, unsigned *out)
{
    const struct dfota_at_param *param = &command->params[index];
    unsigned long long value = 0;

    if (index >= command->count || param->quoted || param->size == 0 ||
        param->size > 10)
        return false;
    for (size_t i = 0; i < param->size; i++) {
        if (!is_digit(param->text[i]))
            return false;
        value = value * 10 + (unsigned long long)(param->text[i] - '0');
    }
    if (value > max)
        return false;
    *out = (unsigned)value;
    return true;
}

bool dfota_at_text(const struct dfota_at_command *command, size_t index,
                   char *out, size_t size)
{
    const struct dfota_at_param *param = &command->params[index];

    if (index >= command->count || !param->quoted || param->size == 0 ||
        param->size >= size)
        return false;
    memcpy(out, param->text, param->size);
    out[param->size] = '\0';
    return true;
}

bool dfota_at_is(const struct dfota_at_command *command, size_t index,
                 const char *text)
{
    const struct dfota_at_param *param = &command->params[index];

    return index < command->count && param->quoted &&
           param->size == strlen(text) &&
           strncasecmp(param->text, text, param->size) == 0;
}
