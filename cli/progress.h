/* SPDX-License-Identifier: MIT */
/*
 * progress.h - one line on the terminal that says how far a job has come
 *
 * Only when stderr is a terminal and the job has taken a second.
 */
#ifndef DFOTA_CLI_PROGRESS_H
#define DFOTA_CLI_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "dfota/job.h"

/* Times are milliseconds of the monotonic clock. */
struct dfota_progress_line {
    const char *program;
    uint64_t begun;
    uint64_t drawn; /* when the line was drawn last */
    int width;      /* columns that it takes; 0 when there is none */
};

/*
 * Returns what a request's `progress` is to be: it draws on `line`, which must
 * outlive the job, or, if `quiet` or without a terminal, does nothing.
 */
struct dfota_progress dfota_progress_begin(struct dfota_progress_line *line,
                                           const char *program, bool quiet);

/* Erases the line.  Call it before anything else is printed. */
void dfota_progress_end(struct dfota_progress_line *line);

#endif
