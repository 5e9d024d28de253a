/* SPDX-License-Identifier: MIT */
/* background.h - one task that runs while its owner does something else */
#ifndef DFOTA_LIB_BASE_BACKGROUND_H
#define DFOTA_LIB_BASE_BACKGROUND_H

#include <pthread.h>
#include <stdbool.h>

/* {0} is none. */
struct dfota_background {
    pthread_t thread;
    pthread_mutex_t lock; /* of several who wait, one joins */
    bool begun;
    bool runs;
    void (*task)(void *context);
    void *context;
};

/*
 * Begins a task, in `*background`, which must stay where it is until the end.
 * Where `threads`, as dfota_parallel() has it, is 1, and where the system gives
 * no thread, it is done at once.
 */
void dfota_background_begin(struct dfota_background *background,
                            unsigned threads, void (*task)(void *context),
                            void *context);

/* Waits until it is done; on any thread, and as often as one likes.  Does
 * nothing where none was begun. */
void dfota_background_end(struct dfota_background *background);

#endif
