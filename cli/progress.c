/* SPDX-License-Identifier: MIT */
#include "cli/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define PATIENCE 1000 /* ms without a line */
#define INTERVAL 100  /* ms between two updates */

static uint64_t now(void)
{
    struct timespec time = {0};

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000 + (uint64_t)time.tv_nsec / 1000000;
}

/* Puts the text over the old line.  It is short, to fit any terminal. */
static void draw(struct dfota_progress_line *line, const char *step,
                 uint64_t done, uint64_t total)
{
    int old = line->width;
    double percent = 0;

    fputc('\r', stderr);
    line->width = fprintf(stderr, "%s: %.30s", line->program, step);
    if (total != 0) {
        percent = done < total ? 100.0 * (double)done / (double)total : 100;
        line->width += fprintf(stderr, " %.0f %%", percent);
    }
    if (line->width < old)
        fprintf(stderr, "%*s", old - line->width, "");
    fflush(stderr);
}

/* A struct dfota_progress's `report`. */
static void report(void *context, const char *step, uint64_t done,
                   uint64_t total)
{
    struct dfota_progress_line *line = context;
    uint64_t time = now();

    if (time - line->begun < PATIENCE || time - line->drawn < INTERVAL)
        return;
    draw(line, step, done, total);
    line->drawn = time;
}

struct dfota_progress dfota_progress_begin(struct dfota_progress_line *line,
                                           const char *program, bool quiet)
{
    *line = (struct dfota_progress_line){program, now(), 0, 0};
    if (quiet || !isatty(STDERR_FILENO))
        return (struct dfota_progress){0};
    return (struct dfota_progress){report, line};
}

void dfota_progress_end(struct dfota_progress_line *line)
{
    if (line->width == 0)
        return;
    fprintf(stderr, "\r%*s\r", line->width, "");
    fflush(stderr);
    line->width = 0;
}
