/* SPDX-License-Identifier: MIT */
#include "lib/base/digest_beside.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define BLOCKS 4 /* in the ring */

enum { SHA256, MD5, LINES_MAX };

/* A digest, and its thread. */
struct line {
    struct dfota_beside *beside;
    struct dfota_digester *digester;
    pthread_t thread;
    bool runs;
    uint64_t done; /* blocks; of those without thread it means nothing */
};

struct dfota_beside {
    pthread_mutex_t lock;   /* of `filled`, `done` of the lines, `ended` */
    pthread_cond_t changed; /* one of these */
    bool begun;             /* threads have been asked for */
    bool ended;             /* no more blocks will come */
    uint64_t filled;        /* blocks that are full */
    size_t held;            /* bytes in the block behind these */
    unsigned count;         /* of lines */
    struct line lines[LINES_MAX];
    uint8_t blocks[BLOCKS][DFOTA_BESIDE_BLOCK];
};

struct dfota_beside *dfota_beside_new(bool md5)
{
    struct dfota_beside *beside = malloc(sizeof(*beside));

    if (beside == NULL)
        return NULL;
    memset(beside, 0, offsetof(struct dfota_beside, blocks));
    pthread_mutex_init(&beside->lock, NULL);
    pthread_cond_init(&beside->changed, NULL);
    beside->count = md5 ? 2 : 1;
    beside->lines[SHA256].digester = dfota_digester_new_sha256();
    if (md5)
        beside->lines[MD5].digester = dfota_digester_new_md5();
    for (unsigned i = 0; i < beside->count; i++) {
        beside->lines[i].beside = beside;
        if (beside->lines[i].digester == NULL) {
            dfota_beside_free(beside);
            return NULL;
        }
    }
    return beside;
}

/* Waits until there is a block for the line; false when none will come. */
static bool await_block(struct line *line)
{
    struct dfota_beside *beside = line->beside;
    bool is;

    pthread_mutex_lock(&beside->lock);
    while (line->done == beside->filled && !beside->ended)
        pthread_cond_wait(&beside->changed, &beside->lock);
    is = line->done < beside->filled;
    pthread_mutex_unlock(&beside->lock);
    return is;
}

static void *run(void *argument)
{
    struct line *line = argument;
    struct dfota_beside *beside = line->beside;

    while (await_block(line)) {
        dfota_digester_add(line->digester, beside->blocks[line->done % BLOCKS],
                           DFOTA_BESIDE_BLOCK);
        pthread_mutex_lock(&beside->lock);
        line->done++;
        pthread_cond_broadcast(&beside->changed);
        pthread_mutex_unlock(&beside->lock);
    }
    return NULL;
}

static void begin_threads(struct dfota_beside *beside)
{
    for (unsigned i = 0; i < beside->count && !beside->begun; i++) {
        struct line *line = &beside->lines[i];

        line->runs = pthread_create(&line->thread, NULL, run, line) == 0;
    }
    beside->begun = true;
}

/* Whether a thread still needs the block that is to be filled next. */
static bool is_full(const struct dfota_beside *beside)
{
    for (unsigned i = 0; i < beside->count; i++)
        if (beside->lines[i].runs &&
            beside->filled - beside->lines[i].done == BLOCKS)
            return true;
    return false;
}

/* Gives a full block to all lines, and waits for room for the next. */
static void hand_on(struct dfota_beside *beside)
{
    const uint8_t *block = beside->blocks[beside->filled % BLOCKS];

    begin_threads(beside);
    for (unsigned i = 0; i < beside->count; i++)
        if (!beside->lines[i].runs)
            dfota_digester_add(beside->lines[i].digester, block,
                               DFOTA_BESIDE_BLOCK);
    pthread_mutex_lock(&beside->lock);
    beside->filled++;
    pthread_cond_broadcast(&beside->changed);
    while (is_full(beside))
        pthread_cond_wait(&beside->changed, &beside->lock);
    pthread_mutex_unlock(&beside->lock);
    beside->held = 0;
}

void dfota_beside_add(struct dfota_beside *beside, const uint8_t *bytes,
                      size_t size)
{
    while (size > 0) {
        size_t room = DFOTA_BESIDE_BLOCK - beside->held;
        size_t step = size < room ? size : room;

        memcpy(beside->blocks[beside->filled % BLOCKS] + beside->held, bytes,
               step);
        beside->held += step;
        bytes += step;
        size -= step;
        if (beside->held == DFOTA_BESIDE_BLOCK)
            hand_on(beside);
    }
}

static void end_threads(struct dfota_beside *beside)
{
    pthread_mutex_lock(&beside->lock);
    beside->ended = true;
    pthread_cond_broadcast(&beside->changed);
    pthread_mutex_unlock(&beside->lock);
    for (unsigned i = 0; i < beside->count; i++) {
        if (beside->lines[i].runs)
            pthread_join(beside->lines[i].thread, NULL);
        beside->lines[i].runs = false;
    }
}

void dfota_beside_finish(struct dfota_beside *beside, struct dfota_digests *out)
{
    const uint8_t *block = beside->blocks[beside->filled % BLOCKS];
    struct dfota_digests of[LINES_MAX] = {0};

    end_threads(beside);
    for (unsigned i = 0; i < beside->count; i++) {
        dfota_digester_add(beside->lines[i].digester, block, beside->held);
        dfota_digester_finish(beside->lines[i].digester, &of[i]);
    }
    *out = of[SHA256];
    memcpy(out->md5, of[MD5].md5, sizeof(out->md5));
}

void dfota_beside_free(struct dfota_beside *beside)
{
    if (beside == NULL)
        return;
    end_threads(beside);
    for (unsigned i = 0; i < beside->count; i++)
        dfota_digester_free(beside->lines[i].digester);
    pthread_cond_destroy(&beside->changed);
    pthread_mutex_destroy(&beside->lock);
    free(beside);
}
