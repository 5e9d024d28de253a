/* SPDX-License-Identifier: MIT */
#include "cli/help.h"

#include <stdio.h>
#include <string.h>

#include "cli/print.h"
#include "dfota/version.h"

#define HELP_COLUMN 22 /* where what is said of an option or operand begins */
#define LEFT_SIZE   80 /* bytes of what stands before it, with its NUL */

const struct dfota_option dfota_help_options[] = {
    {.name = "help", .help = "print this help and exit"},
    {.name = "version", .help = "print the version and exit"},
    {0},
};

/* Prints `left`, then `text` beside it, or below when there is no room. */
static void print_row(const char *left, const char *text)
{
    if (strlen(left) + 2 <= HELP_COLUMN)
        printf("%-*s", HELP_COLUMN, left);
    else
        printf("%s\n%*s", left, HELP_COLUMN, "");
    dfota_print_wrapped(stdout, HELP_COLUMN, text);
}

/* Appends to the text in `left` what fits. */
static void append(char left[LEFT_SIZE], const char *text)
{
    size_t used = strlen(left);

    snprintf(left + used, LEFT_SIZE - used, "%s", text);
}

/* Writes `option` as it is typed, such as "    --type auto|dfota". */
static void describe(const struct dfota_option *option, char left[LEFT_SIZE])
{
    const char letter[] = {'-', option->letter, '\0'};
    const char *before = " ";

    snprintf(left, LEFT_SIZE, "  %s", option->letter ? letter : "  ");
    if (option->name != NULL) {
        append(left, option->letter ? ", --" : "  --");
        append(left, option->name);
    }
    if (option->argument != NULL) {
        append(left, " ");
        append(left, option->argument);
    }
    if (option->kind != DFOTA_OPTION_CHOICE)
        return;
    for (const struct dfota_choice *c = option->choices; c->word; c++) {
        append(left, before);
        append(left, c->word);
        before = "|";
    }
}

static void print_options(const struct dfota_option *option)
{
    char left[LEFT_SIZE];

    for (; option->letter != 0 || option->name != NULL; option++) {
        describe(option, left);
        print_row(left, option->help);
    }
}

static void print_usage(const struct dfota_program *program)
{
    printf("Usage: %s [options]", program->name);
    for (const struct dfota_operand *o = program->operands; o->name; o++)
        printf(" %s", o->name);
    for (const struct dfota_option *o = program->options;
         o->letter != 0 || o->name != NULL; o++)
        if (o->required && o->letter != 0)
            printf(" -%c %s", o->letter, o->argument);
        else if (o->required)
            printf(" --%s %s", o->name, o->argument);
    putchar('\n');
}

void dfota_help_print(const struct dfota_program *program)
{
    char left[LEFT_SIZE];

    print_usage(program);
    dfota_print_wrapped(stdout, 0, program->summary);
    if (program->operands->name != NULL)
        puts("\nOperands:");
    for (const struct dfota_operand *o = program->operands; o->name; o++) {
        snprintf(left, sizeof(left), "  %s", o->name);
        print_row(left, o->help);
    }
    puts("\nOptions:");
    print_options(program->options);
    print_options(dfota_help_options);
    puts("\nExit status:\n"
         "  0  done or accepted\n"
         "  1  the input is refused or rejected\n"
         "  2  wrong usage\n"
         "  3  the machine failed; nothing is known about the input\n"
         "\nExamples:");
    for (const char *const *example = program->examples; *example; example++)
        printf("  %s\n", *example);
}

void dfota_help_version(const struct dfota_program *program)
{
    printf("%s (dfota) %s\n", program->name, dfota_version());
}
