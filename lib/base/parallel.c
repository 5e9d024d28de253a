/* SPDX-License-Identifier: MIT */
#include "lib/base/parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define THREADS_MAX 64

struct work {
    atomic_size_t next;
    size_t count;
    void (*task)(void *context, size_t index);
    void *context;
};

static void *run(void *argument)
{
    struct work *work = argument;
    size_t index;

    while ((index = atomic_fetch_add(&work->next, 1)) < work->count)
        work->task(work->context, index);
    return NULL;
}

unsigned dfota_parallel_threads(unsigned threads)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);

    if (threads != 0)
        return threads;
    return processors > 0 ? (unsigned)processors : 1;
}

void dfota_parallel(unsigned threads, size_t count,
                    void (*task)(void *context, size_t index), void *context)
{
    struct work work = {.count = count, .task = task, .context = context};
    pthread_t others[THREADS_MAX];
    unsigned started = 0;

    threads = dfota_parallel_threads(threads);
    while (started + 1 < threads && started + 1 < count &&
           started < THREADS_MAX &&
           pthread_create(&others[started], NULL, run, &work) == 0)
        started++;
    run(&work);
    for (unsigned i = 0; i < started; i++)
        pthread_join(others[i], NULL);
}
