/* SPDX-License-Identifier: MIT */
/*
 * options.h - command lines: one table parses them and prints their help
 *
 * A program describes itself in a struct dfota_program, whose rows say what may
 * be given and where in the program's own options struct it goes.  Defaults are
 * what that struct holds before.
 */
#ifndef DFOTA_CLI_OPTIONS_H
#define DFOTA_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/report.h"

#define DFOTA_OPTION_COUNT_MAX 1024

/* What an option takes, and the type of the member that it sets. */
enum dfota_option_kind {
    DFOTA_OPTION_FLAG,   /* nothing; bool */
    DFOTA_OPTION_STRING, /* any text but ""; const char * */
    DFOTA_OPTION_SIZE,   /* bytes, not 0, see lib/base/size.h; uint64_t */
    DFOTA_OPTION_COUNT,  /* 1 to DFOTA_OPTION_COUNT_MAX; unsigned */
    DFOTA_OPTION_CHOICE  /* one of `choices`; an enum without negatives */
};

/* One word of a DFOTA_OPTION_CHOICE.  A NULL word ends the list. */
struct dfota_choice {
    const char *word;
    unsigned value;
};

/* One option.  A row with neither letter nor name ends the table. */
struct dfota_option {
    char letter;          /* the o of "-o", or 0 */
    const char *name;     /* the json of "--json", or NULL */
    const char *argument; /* its name in the help; NULL for flag and choice */
    enum dfota_option_kind kind;
    const struct dfota_choice *choices;
    bool required;    /* must be given; DFOTA_OPTION_STRING only */
    size_t at;        /* offset in the options struct */
    const char *help; /* with the default in brackets */
};

/* One operand, all of which are required.  A NULL name ends the table. */
struct dfota_operand {
    const char *name; /* in the help */
    size_t at;        /* offset of a const char * in the options struct */
    const char *help;
};

/* A program, as its help describes it.  All static. */
struct dfota_program {
    const char *name;
    const char *summary; /* a sentence or two */
    const struct dfota_operand *operands;
    const struct dfota_option *options; /* without --help and --version */
    const char *const *examples;        /* command lines; NULL ends them */
};

/*
 * Reads the command line into the options struct at `out`.  Options may stand
 * anywhere among the operands until "--"; of one given twice the last counts;
 * long names are not abbreviated.  Strings point into `argv`.
 *
 * True: go on.  False: end with `*status`, since help or version have been
 * printed (DFOTA_EXIT_DONE) or stderr has been told in one line what is wrong
 * (DFOTA_EXIT_USAGE); then `out` may be filled in part.
 */
bool dfota_options_parse(const struct dfota_program *program, int argc,
                         char **argv, void *out, enum dfota_exit *status);

#endif
