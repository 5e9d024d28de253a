/* SPDX-License-Identifier: MIT */
#include "module/background.h"

#include <pthread.h>
#include <stdatomic.h>

#define POLL_MS 5

struct work {
    void (*run)(void *context);
    void *context;
    atomic_bool done;
};

static void *start(void *context)
{
    struct work *work = context;

    work->run(work->context);
    atomic_store(&work->done, true);
    return NULL;
}

void module_background(struct module *module, void (*run)(void *context),
                       void *context)
{
    struct work work = {.run = run, .context = context};
    pthread_t thread;

    if (pthread_create(&thread, NULL, start, &work) != 0) {
        run(context);
        return;
    }
    while (!atomic_load(&work.done) && !module_stopped(module))
        module_pump(module, POLL_MS);
    pthread_join(thread, NULL);
}
