/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/help.h"
#include "cli/print.h"
#include "lib/base/size.h"

#define MESSAGE_SIZE 512 /* bytes; longer ones are cut */
#define LABEL_SIZE   64  /* bytes of an option as typed, with its NUL */

/* A command line that is being read. */
struct parser {
    const struct dfota_program *program;
    char **next; /* the first argument that has not been read */
    char **end;
    const struct dfota_operand *operand; /* the next to come */
    void *out;
    enum dfota_exit status;
};

/* Refuses the command line: false, for the caller to return. */
__attribute__((format(printf, 2, 3))) static bool
refuse(struct parser *parser, const char *format, ...)
{
    char message[MESSAGE_SIZE];
    va_list args;

    va_start(args, format);
    vsnprintf(message, sizeof(message), format, args);
    va_end(args);
    fprintf(stderr, "%s: ", parser->program->name);
    dfota_print_text(stderr, message);
    fputs("; try '--help'\n", stderr);
    parser->status = DFOTA_EXIT_USAGE;
    return false;
}

/* Reads "1" to DFOTA_OPTION_COUNT_MAX, in decimal digits alone. */
static bool parse_count(const char *text, unsigned *out)
{
    unsigned long value;

    if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0')
        return false;
    value = strtoul(text, NULL, 10); /* the largest, for more digits */
    if (value < 1 || value > DFOTA_OPTION_COUNT_MAX)
        return false;
    *out = (unsigned)value;
    return true;
}

static bool parse_choice(const struct dfota_choice *choice, const char *text,
                         unsigned *out)
{
    for (; choice->word != NULL; choice++) {
        if (strcmp(choice->word, text) == 0) {
            *out = choice->value;
            return true;
        }
    }
    return false;
}

/* Lists what an option takes, cut to fit. */
static void list_choices(const struct dfota_choice *choice,
                         char words[MESSAGE_SIZE])
{
    const char *comma = "";

    words[0] = '\0';
    for (size_t used = 0; choice->word != NULL; choice++) {
        int put = snprintf(words + used, MESSAGE_SIZE - used, "%s%s", comma,
                           choice->word);

        if (put < 0 || (size_t)put >= MESSAGE_SIZE - used)
            return;
        used += (size_t)put;
        comma = ", ";
    }
}

/* Says which words an option takes. */
static bool refuse_choice(struct parser *parser,
                          const struct dfota_option *option, const char *label,
                          const char *value)
{
    char words[MESSAGE_SIZE];

    list_choices(option->choices, words);
    if (value == NULL)
        return refuse(parser, "option '%s' needs one of %s", label, words);
    return refuse(parser, "option '%s': '%s' is not one of %s", label, value,
                  words);
}

/* Puts `value` where the row says; `label` is the option as it was typed. */
static bool set_value(struct parser *parser, const struct dfota_option *option,
                      const char *label, const char *value)
{
    unsigned char *at = (unsigned char *)parser->out + option->at;
    uint64_t size = 0;
    unsigned number = 0;

    switch (option->kind) {
    case DFOTA_OPTION_FLAG:
        *(bool *)at = true;
        return true;
    case DFOTA_OPTION_STRING:
        if (value[0] == '\0')
            return refuse(parser, "option '%s': %s is empty", label,
                          option->argument);
        memcpy(at, &value, sizeof(value));
        return true;
    case DFOTA_OPTION_SIZE:
        if (!dfota_size_parse(value, &size) || size == 0)
            return refuse(parser,
                          "option '%s': '%s' is not a size such as 64K, 8M or "
                          "0x160000",
                          label, value);
        memcpy(at, &size, sizeof(size));
        return true;
    case DFOTA_OPTION_COUNT:
        if (!parse_count(value, &number))
            return refuse(parser,
                          "option '%s': '%s' is not a number from 1 to %d",
                          label, value, DFOTA_OPTION_COUNT_MAX);
        memcpy(at, &number, sizeof(number));
        return true;
    case DFOTA_OPTION_CHOICE:
        if (!parse_choice(option->choices, value, &number))
            return refuse_choice(parser, option, label, value);
        memcpy(at, &number, sizeof(number));
        return true;
    }
    return false;
}

/* The row of "--name", of which `length` bytes count, or NULL. */
static const struct dfota_option *find_long(const struct dfota_option *option,
                                            const char *name, size_t length)
{
    for (; option->letter != 0 || option->name != NULL; option++)
        if (option->name != NULL && strlen(option->name) == length &&
            memcmp(option->name, name, length) == 0)
            return option;
    return NULL;
}

/* The row of "-letter", or NULL. */
static const struct dfota_option *find_short(const struct dfota_option *option,
                                             char letter)
{
    for (; option->letter != 0 || option->name != NULL; option++)
        if (option->letter != 0 && option->letter == letter)
            return option;
    return NULL;
}

/*
 * Sets an option whose argument is `value`, or the next on the command line
 * when `value` is NULL.
 */
static bool take(struct parser *parser, const struct dfota_option *option,
                 const char *label, const char *value)
{
    if (value == NULL && parser->next < parser->end)
        value = *parser->next++;
    if (value == NULL && option->kind == DFOTA_OPTION_CHOICE)
        return refuse_choice(parser, option, label, NULL);
    if (value == NULL)
        return refuse(parser, "option '%s' needs %s", label, option->argument);
    return set_value(parser, option, label, value);
}

/* Reads what follows "--". */
static bool parse_long(struct parser *parser, const char *text)
{
    size_t length = strcspn(text, "=");
    const char *value = text[length] == '=' ? text + length + 1 : NULL;
    const struct dfota_option *option =
        find_long(parser->program->options, text, length);
    const struct dfota_option *common =
        find_long(dfota_help_options, text, length);
    char label[LABEL_SIZE];

    if (option == NULL && common == NULL)
        return refuse(parser, "unknown option '--%.*s'",
                      length < MESSAGE_SIZE ? (int)length : MESSAGE_SIZE, text);
    snprintf(label, sizeof(label), "--%s",
             option != NULL ? option->name : common->name);
    if (value != NULL && (option == NULL || option->kind == DFOTA_OPTION_FLAG))
        return refuse(parser, "option '%s' takes no value", label);
    if (option != NULL && option->kind == DFOTA_OPTION_FLAG)
        return set_value(parser, option, label, NULL);
    if (option != NULL)
        return take(parser, option, label, value);
    if (common == dfota_help_options)
        dfota_help_print(parser->program);
    else
        dfota_help_version(parser->program);
    parser->status = DFOTA_EXIT_DONE;
    return false;
}

/* Reads what follows "-": flags, and at the end perhaps one with a value. */
static bool parse_short(struct parser *parser, const char *text)
{
    for (; *text != '\0'; text++) {
        const struct dfota_option *option =
            find_short(parser->program->options, *text);
        const char label[] = {'-', *text, '\0'};

        if (option == NULL)
            return refuse(parser, "unknown option '%s'", label);
        if (option->kind != DFOTA_OPTION_FLAG)
            return take(parser, option, label,
                        text[1] != '\0' ? text + 1 : NULL);
        if (!set_value(parser, option, label, NULL))
            return false;
    }
    return true;
}

static bool parse_operand(struct parser *parser, const char *text)
{
    const struct dfota_operand *operand = parser->operand;

    if (operand->name == NULL)
        return refuse(parser, "surplus operand '%s'", text);
    if (text[0] == '\0')
        return refuse(parser, "operand %s is empty", operand->name);
    memcpy((unsigned char *)parser->out + operand->at, &text, sizeof(text));
    parser->operand++;
    return true;
}

/* Refuses a command line that lacks what it must have. */
static bool check_complete(struct parser *parser)
{
    const struct dfota_option *option = parser->program->options;

    if (parser->operand->name != NULL)
        return refuse(parser, "missing operand %s", parser->operand->name);
    for (; option->letter != 0 || option->name != NULL; option++) {
        const char *value = NULL;

        if (!option->required)
            continue;
        memcpy(&value, (unsigned char *)parser->out + option->at,
               sizeof(value));
        if (value != NULL)
            continue;
        if (option->letter == 0)
            return refuse(parser, "missing option --%s %s", option->name,
                          option->argument);
        return refuse(parser, "missing option -%c %s", option->letter,
                      option->argument);
    }
    return true;
}

bool dfota_options_parse(const struct dfota_program *program, int argc,
                         char **argv, void *out, enum dfota_exit *status)
{
    struct parser parser = {
        program, argv + (argc > 0), argv + argc, program->operands, out, 0};
    bool operands_only = false;
    bool good = true;

    while (good && parser.next < parser.end) {
        const char *text = *parser.next++;

        if (operands_only || text[0] != '-' || text[1] == '\0')
            good = parse_operand(&parser, text);
        else if (strcmp(text, "--") == 0)
            operands_only = true;
        else if (text[1] == '-')
            good = parse_long(&parser, text + 2);
        else
            good = parse_short(&parser, text + 1);
    }
    good = good && check_complete(&parser);
    *status = parser.status;
    return good;
}
