/* SPDX-License-Identifier: MIT */
/* parallel.h - runs tasks that do not depend on each other */
#ifndef DFOTA_LIB_BASE_PARALLEL_H
#define DFOTA_LIB_BASE_PARALLEL_H

#include <stddef.h>

/* How many threads `threads` means: for 0 one a processor. */
unsigned dfota_parallel_threads(unsigned threads);

/*
 * Calls `task(context, i)` once for every `i` below `count`, on up to `threads`
 * threads, the caller's among them, and returns when all are done.  0 threads
 * means one a processor.  Which thread runs what is left to chance, so a task
 * must put its result where only `i` decides.  Cannot fail: where the system
 * gives no thread, the caller's does the work.
 */
void dfota_parallel(unsigned threads, size_t count,
                    void (*task)(void *context, size_t index), void *context);

#endif
