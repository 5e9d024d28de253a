/* SPDX-License-Identifier: MIT */
/* trace.h - what a module did, one JSON object a line */
#ifndef DFOTA_MODULE_TRACE_H
#define DFOTA_MODULE_TRACE_H

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>

#include "dfota/error.h"

/* {0} is one that was not opened. */
struct module_trace {
    pthread_mutex_t lock;
    FILE *file;
    uint64_t begun;     /* milliseconds of the monotonic clock */
    const char *cut_at; /* the caller's, or NULL */
};

/*
 * Begins, or goes on, at the end of the file `path`; NULL: no trace.  At an
 * event `cut_at`, "event" or "event:part of its text", the power fails: the
 * process kills itself; NULL: never.
 */
enum dfota_error module_trace_open(struct module_trace *trace, const char *path,
                                   const char *cut_at,
                                   struct dfota_fault *fault);
void module_trace_close(struct module_trace *trace);

/* Adds {"ms": …, "event": event, "text": …}, from any thread. */
__attribute__((format(printf, 3, 4))) void
module_trace_add(struct module_trace *trace, const char *event,
                 const char *format, ...);

#endif
