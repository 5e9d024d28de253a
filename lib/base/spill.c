/* SPDX-License-Identifier: MIT */
#define _DEFAULT_SOURCE /* madvise() is in no standard */
#include "lib/base/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/fault.h"
#include "lib/base/file.h"

#define PAUSE_NS      500000L /* between two looks */
#define MARGIN        8       /* one part in so many of the bound */
#define SHARE         4 /* pages may be one part in so many of what is free */
#define LEFTOVERS_MAX 1000 /* names that others may have taken */

/* Bytes written at once.  What is written at once may be one large page of the
 * file, all of which becomes resident when any byte of it is read. */
#define PUT ((size_t)64 << 10)

struct dfota_spills {
    const char *path;
    char *target;    /* where `path` leads */
    uint64_t bound;  /* bytes that may be resident */
    uint64_t before; /* bytes of files that were resident without such memory */
    int statm;       /* what the system says of this program, or -1 */
    size_t page;     /* bytes */
    atomic_bool done;
    bool watched;
    pthread_t watcher;
    pthread_mutex_t lock;
    struct dfota_spill *first; /* of those that are mapped */
    struct dfota_spills *next; /* of the program's */
};

/* Those of the program; the number is for whoever has no time to wait. */
static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;
static struct dfota_spills *all;
static atomic_uint all_count;

/* What the program has resident, in bytes; zeros where the system does not
 * say. */
struct resident {
    uint64_t all;
    uint64_t files; /* of it, pages of mapped files */
};

static struct resident resident(const struct dfota_spills *spills)
{
    char text[128];
    char *next = text;
    struct resident found;
    ssize_t got = pread(spills->statm, text, sizeof(text) - 1, 0);

    if (got <= 0)
        return (struct resident){0, 0};
    text[got] = '\0';
    (void)strtoull(text, &next, 10);
    found.all = strtoull(next, &next, 10) * spills->page;
    found.files = strtoull(next, &next, 10) * spills->page;
    return found;
}

/* Whether there are so many pages that those which may come before the next
 * look would be too many. */
static bool is_much(const struct dfota_spills *spills)
{
    struct resident now = resident(spills);
    uint64_t other = now.all - now.files + spills->before;
    uint64_t room = spills->bound > other ? spills->bound - other : 0;

    return now.files > spills->before + room / SHARE;
}

/* Lets all pages of all that is mapped go. */
static void let_go(struct dfota_spills *spills)
{
    pthread_mutex_lock(&spills->lock);
    for (struct dfota_spill *spill = spills->first; spill != NULL;
         spill = spill->next)
        (void)madvise(spill->bytes, spill->size, MADV_DONTNEED);
    pthread_mutex_unlock(&spills->lock);
}

/* Where the system does not say what is resident, all goes at every look. */
static void look(struct dfota_spills *spills)
{
    if (spills->statm < 0 || is_much(spills))
        let_go(spills);
}

static void *watch(void *context)
{
    const struct timespec pause = {0, PAUSE_NS};
    struct dfota_spills *spills = context;

    while (!atomic_load(&spills->done)) {
        look(spills);
        nanosleep(&pause, NULL);
    }
    return NULL;
}

void dfota_spills_look(void)
{
    if (atomic_load(&all_count) == 0)
        return;
    pthread_mutex_lock(&all_lock);
    for (struct dfota_spills *spills = all; spills != NULL;
         spills = spills->next)
        look(spills);
    pthread_mutex_unlock(&all_lock);
}

/* Enters a job's in the list of the program's. */
static void enter(struct dfota_spills *spills)
{
    pthread_mutex_lock(&all_lock);
    spills->next = all;
    all = spills;
    atomic_fetch_add(&all_count, 1);
    pthread_mutex_unlock(&all_lock);
}

static void leave(const struct dfota_spills *spills)
{
    struct dfota_spills **at = &all;

    pthread_mutex_lock(&all_lock);
    while (*at != spills)
        at = &(*at)->next;
    *at = spills->next;
    atomic_fetch_sub(&all_count, 1);
    pthread_mutex_unlock(&all_lock);
}

enum dfota_error dfota_spills_open(const char *path, uint64_t bound,
                                   struct dfota_spills **out,
                                   struct dfota_fault *fault)
{
    struct dfota_spills *spills = calloc(1, sizeof(*spills));
    enum dfota_error err;

    if (spills == NULL)
        return dfota_fail_memory(fault);
    err = dfota_file_target(path, &spills->target, fault);
    if (err) {
        free(spills);
        return err;
    }
    spills->path = path;
    spills->bound = bound - bound / MARGIN;
    spills->page = (size_t)sysconf(_SC_PAGESIZE);
    spills->statm = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    spills->before = resident(spills).files;
    pthread_mutex_init(&spills->lock, NULL);
    enter(spills);
    spills->watched =
        pthread_create(&spills->watcher, NULL, watch, spills) == 0;
    if (!spills->watched) {
        dfota_spills_close(spills);
        return dfota_fail_memory(fault);
    }
    *out = spills;
    return DFOTA_OK;
}

void dfota_spills_close(struct dfota_spills *spills)
{
    if (spills == NULL)
        return;
    leave(spills);
    atomic_store(&spills->done, true);
    if (spills->watched)
        pthread_join(spills->watcher, NULL);
    pthread_mutex_destroy(&spills->lock);
    if (spills->statm >= 0)
        close(spills->statm);
    free(spills->target);
    free(spills);
}

/* Opens a new file in the folder of `name`, whose end is written, and takes its
 * name away; -1 where the system refuses. */
static int open_nameless(char *name, size_t size)
{
    size_t folder = strlen(name);
    int fd = -1;

    for (unsigned i = 0; i < LEFTOVERS_MAX && fd < 0; i++) {
        snprintf(name + folder, size - folder, ".dfota-%ld-m%u", (long)getpid(),
                 i);
        fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0 && errno != EEXIST)
            return -1;
    }
    if (fd >= 0)
        unlink(name);
    return fd;
}

enum dfota_error dfota_spill_make(struct dfota_spills *spills,
                                  struct dfota_spill *out,
                                  struct dfota_fault *fault)
{
    const char *slash = strrchr(spills->target, '/');
    size_t folder = slash != NULL ? (size_t)(slash - spills->target) + 1 : 0;
    size_t size = folder + sizeof(".dfota-") + 40; /* two numbers, -m */
    char *name = malloc(size);
    int fd;

    if (name == NULL)
        return dfota_fail_memory(fault);
    memcpy(name, spills->target, folder);
    name[folder] = '\0';
    fd = open_nameless(name, size);
    free(name);
    if (fd < 0)
        return dfota_fail_os(fault, spills->path);
    *out = (struct dfota_spill){.owner = spills, .fd = fd};
    return DFOTA_OK;
}

enum dfota_error dfota_spill_put(const struct dfota_spill *spill,
                                 uint64_t offset, const void *bytes,
                                 size_t size, struct dfota_fault *fault)
{
    const uint8_t *next = bytes;

    while (size > 0) {
        ssize_t put =
            pwrite(spill->fd, next, size < PUT ? size : PUT, (off_t)offset);

        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return dfota_fail_os(fault, spill->owner->path);
        offset += (uint64_t)put;
        next += put;
        size -= (size_t)put;
    }
    return DFOTA_OK;
}

enum dfota_error dfota_spill_map(struct dfota_spill *spill, size_t size,
                                 struct dfota_view *out,
                                 struct dfota_fault *fault)
{
    struct dfota_spills *spills = spill->owner;
    struct stat status;
    void *bytes;

    if (fstat(spill->fd, &status) != 0)
        return dfota_fail_os(fault, spills->path);
    if (size == 0 || (uint64_t)status.st_size < size) {
        errno = EINVAL;
        return dfota_fail_os(fault, spills->path);
    }
    bytes = mmap(NULL, size, PROT_READ, MAP_SHARED, spill->fd, 0);
    if (bytes == MAP_FAILED)
        return errno == ENOMEM ? dfota_fail_memory(fault)
                               : dfota_fail_os(fault, spills->path);
    spill->bytes = bytes;
    spill->size = size;
    pthread_mutex_lock(&spills->lock);
    spill->next = spills->first;
    spills->first = spill;
    pthread_mutex_unlock(&spills->lock);
    *out = (struct dfota_view){bytes, size};
    return DFOTA_OK;
}

/* Takes a mapped one off its owner's list. */
static void unlist(const struct dfota_spill *spill)
{
    struct dfota_spills *spills = spill->owner;
    struct dfota_spill **at = &spills->first;

    pthread_mutex_lock(&spills->lock);
    while (*at != spill)
        at = &(*at)->next;
    *at = spill->next;
    pthread_mutex_unlock(&spills->lock);
}

void dfota_spill_free(struct dfota_spill *spill)
{
    if (spill->owner == NULL)
        return;
    if (spill->bytes != NULL) {
        unlist(spill);
        munmap(spill->bytes, spill->size);
    }
    close(spill->fd);
    *spill = (struct dfota_spill){0};
}
