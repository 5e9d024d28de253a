/* SPDX-License-Identifier: MIT */
/*
 * report.h - how a program ends: its exit status, its one line about an error,
 * its one JSON object
 *
 * What a program prints on success is its own.
 */
#ifndef DFOTA_CLI_REPORT_H
#define DFOTA_CLI_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "dfota/error.h"
#include "lib/base/json.h"

/* The exit statuses of all programs. */
enum dfota_exit {
    DFOTA_EXIT_DONE = 0,    /* or accepted */
    DFOTA_EXIT_REFUSED = 1, /* or rejected: the input is at fault */
    DFOTA_EXIT_USAGE = 2,   /* the command line is */
    DFOTA_EXIT_MACHINE = 3  /* file or memory; the input is still unknown */
};

/*
 * Call it first.  Makes a closed pipe an error that a write reports instead of
 * a signal that kills, and keeps files that will be opened from getting the
 * place of a closed standard stream.  Memory that is large is the system's
 * again once it is freed.
 */
void dfota_report_start(void);

/*
 * Call it last: closes stdout.  Returns `status`, or DFOTA_EXIT_MACHINE, with a
 * line on stderr, when not everything could be written.
 */
enum dfota_exit dfota_report_finish(const char *program,
                                    enum dfota_exit status);

/* The status that tells of `error`. */
enum dfota_exit dfota_report_status(enum dfota_error error);

/*
 * Tells stderr of a failed job in one line,
 *   program: FILE: offset N: what: detail (RULE)
 * less the parts that are not known, and, if `json` and it is no wrong usage,
 * stdout in an object that has only `error`.  Returns dfota_report_status().
 */
enum dfota_exit dfota_report_fault(const char *program,
                                   const struct dfota_fault *fault, bool json);

/* Tells stderr: "program: warning: text". */
void dfota_report_warning(const char *program, const char *text);

/* Writes the member `error`.  What is not known is NULL or DFOTA_NO_OFFSET. */
void dfota_report_json_error(struct dfota_json_writer *json, const char *rule,
                             const char *file, uint64_t offset,
                             const char *message);

/*
 * Prints the finished object on stdout and empties the writer.  Returns
 * DFOTA_EXIT_DONE, or DFOTA_EXIT_MACHINE, with a line on stderr, without
 * memory.
 */
enum dfota_exit dfota_report_json(const char *program,
                                  struct dfota_json_writer *json);

#endif
