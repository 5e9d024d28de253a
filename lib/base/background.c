/* SPDX-License-Identifier: MIT */
#include "lib/base/background.h"

static void *run(void *argument)
{
    const struct dfota_background *background = argument;

    background->task(background->context);
    return NULL;
}

void dfota_background_begin(struct dfota_background *background,
                            unsigned threads, void (*task)(void *context),
                            void *context)
{
    background->task = task;
    background->context = context;
    background->begun = pthread_mutex_init(&background->lock, NULL) == 0;
    background->runs =
        background->begun && threads != 1 &&
        pthread_create(&background->thread, NULL, run, background) == 0;
    if (!background->runs)
        task(context);
}

void dfota_background_end(struct dfota_background *background)
{
    if (!background->begun)
        return;
    pthread_mutex_lock(&background->lock);
    if (background->runs)
        pthread_join(background->thread, NULL);
    background->runs = false;
    pthread_mutex_unlock(&background->lock);
}
