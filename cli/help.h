/* SPDX-License-Identifier: MIT */
/* help.h - what --help and --version print, from the table that parses */
#ifndef DFOTA_CLI_HELP_H
#define DFOTA_CLI_HELP_H

#include "cli/options.h"

/* The options of every program: --help, then --version. */
extern const struct dfota_option dfota_help_options[];

/* Prints usage, summary, operands, options, exit statuses and examples to
 * stdout. */
void dfota_help_print(const struct dfota_program *program);

/* Prints the program's name and the library's version to stdout. */
void dfota_help_version(const struct dfota_program *program);

#endif
