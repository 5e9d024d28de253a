/* SPDX-License-Identifier: MIT */
#include "module/mini_flow.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "module/fetched.h"
#include "module/flow_platform.h"

#define SECTOR       FLASH_FILE_SECTOR
#define JOURNAL_SIZE (FLOW_JOURNAL_SECTORS * SECTOR)
#define JOURNAL_NAME "journal"
#define POLL_MS      5
#define WAIT_NS      1000000 /* until .mini_2 is looked at again */

/* The flow, open, and where its bytes come from. */
struct mini_flow {
    struct flow_platform platform;
    struct dfota_mini_upgrade upgrade;
    int first;
    int second;
    _Atomic uint64_t arrived; /* bytes of .mini_2 */
    atomic_bool complete;     /* no more will */
    atomic_bool done;
    enum mini_flow_task task;
    struct mini_flow_end end;
};

/* --- places --------------------------------------------------------------- */

bool mini_flow_read_header(const struct module *module,
                           struct dfota_mini_header *out)
{
    uint8_t bytes[DFOTA_MINI_HEADER_SIZE];
    char path[MODULE_PATH_SIZE];
    ssize_t got = -1;
    int fd;

    fetched_path(module, path);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        got = read(fd, bytes, sizeof(bytes));
        close(fd);
    }
    return got > 0 &&
           dfota_mini_read_header(bytes, (size_t)got, out, NULL) == DFOTA_OK;
}

/* Whether a journal at `at` is in the flash and in none of its regions. */
static bool is_free(const struct dfota_mini_header *header, uint32_t at)
{
    if (header->flash_size < JOURNAL_SIZE ||
        at > header->flash_size - JOURNAL_SIZE)
        return false;
    for (unsigned i = 0; i < header->region_count; i++) {
        const struct dfota_mini_region *region = &header->regions[i];

        if (at < region->address + region->length &&
            region->address < at + JOURNAL_SIZE)
            return false;
    }
    return true;
}

/* Finds the first place for a journal: at the start, or behind a region. */
static bool find_journal(const struct dfota_mini_header *header, uint64_t *at)
{
    bool found = is_free(header, 0);

    *at = 0;
    for (unsigned i = 0; !found && i < header->region_count; i++) {
        const struct dfota_mini_region *region = &header->regions[i];
        uint32_t end = region->address + region->length;

        end = (end + SECTOR - 1) / SECTOR * SECTOR;
        *at = end;
        found = is_free(header, end);
    }
    return found;
}

/* The largest app region; there is one at least, or NULL. */
static const struct dfota_mini_region *
find_largest(const struct dfota_mini_header *header)
{
    const struct dfota_mini_region *largest = NULL;

    for (unsigned i = 1; i < header->region_count; i++)
        if (largest == NULL || header->regions[i].length > largest->length)
            largest = &header->regions[i];
    return largest;
}

bool mini_flow_prepare(struct module *module,
                       const struct dfota_mini_header *header)
{
    struct module_state *state = &module->state;
    const struct dfota_mini_region *app = find_largest(header);
    uint32_t backup = header->regions[0].length;
    char path[MODULE_PATH_SIZE];

    if (app == NULL || app->length <= backup ||
        !find_journal(header, &state->journal_at)) {
        module_trace_add(&module->trace, "check",
                         "no room for a journal, the package and a backup");
        return false;
    }
    state->storage_at = app->address;
    state->storage_size = app->length - backup;
    state->backup_at = app->address + app->length - backup;
    state->backup_size = backup;
    module_save(module);
    module_path(module, JOURNAL_NAME, path);
    unlink(path);
    return true;
}

/* --- bytes ---------------------------------------------------------------- */

static enum dfota_error read_all(int fd, uint32_t offset, void *out,
                                 size_t size)
{
    return pread(fd, out, size, (off_t)offset) == (ssize_t)size ? DFOTA_OK
                                                                : DFOTA_ERR_IO;
}

static enum dfota_error read_first(void *context, uint32_t offset, void *out,
                                   size_t size)
{
    const struct mini_flow *flow = context;

    return read_all(flow->first, offset, out, size);
}

/* Waits until the bytes have come, or will not. */
static enum dfota_error read_second(void *context, uint32_t offset, void *out,
                                    size_t size)
{
    static const struct timespec pause = {.tv_nsec = WAIT_NS};
    struct mini_flow *flow = context;

    while (atomic_load(&flow->arrived) < offset + size &&
           !atomic_load(&flow->complete))
        nanosleep(&pause, NULL);
    return read_all(flow->second, offset, out, size);
}

void mini_flow_arrived(struct module *module, uint64_t size)
{
    atomic_store(&module->flow->arrived, size);
}

/* --- the flow ------------------------------------------------------------- */

static bool open_platform(struct module *module, struct mini_flow *flow)
{
    const struct module_state *state = &module->state;
    const struct flow_layout layout = {
        .size = (uint32_t)module->flash_size,
        .sector = SECTOR,
        .journal = (uint32_t)state->journal_at,
        .aside = JOURNAL_NAME,
        .aside_at = (uint32_t)state->journal_at,
        .aside_size = JOURNAL_SIZE,
    };

    flow->upgrade = (struct dfota_mini_upgrade){
        .platform = &flow->platform.platform,
        .storage = {(uint32_t)state->storage_at, (uint32_t)state->storage_size},
        .backup = {(uint32_t)state->backup_at, (uint32_t)state->backup_size},
        .context = flow,
        .read_first = read_first,
        .read_second = read_second,
    };
    return flow_platform_open(module, &layout, &flow->platform);
}

/* What is not there, or cannot be opened, shows when it is read. */
static void open_files(const struct module *module, struct mini_flow *flow)
{
    char path[MODULE_PATH_SIZE];
    struct stat status;

    fetched_path(module, path);
    flow->first = open(path, O_RDONLY | O_CLOEXEC);
    fetched_second_path(module, path);
    flow->second = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
    if (flow->second >= 0 && fstat(flow->second, &status) == 0)
        flow->arrived = (uint64_t)status.st_size;
}

static void close_files(const struct mini_flow *flow)
{
    if (flow->first >= 0)
        close(flow->first);
    if (flow->second >= 0)
        close(flow->second);
}

static enum dfota_error do_task(struct mini_flow *flow)
{
    enum dfota_error err = dfota_mini_upgrade_open(&flow->upgrade, NULL);

    if (!err && flow->task == MINI_FLOW_BEGIN)
        err = dfota_mini_upgrade_begin(&flow->upgrade, NULL);
    if (!err && flow->task == MINI_FLOW_RUN)
        err = dfota_mini_upgrade_run(&flow->upgrade, NULL);
    return err;
}

static void *run(void *context)
{
    struct mini_flow *flow = context;

    flow->end.err = do_task(flow);
    flow->end.step = dfota_mini_upgrade_step(&flow->upgrade);
    atomic_store(&flow->done, true);
    return NULL;
}

/* Runs the flow's task on a thread, and `fetch`, if there is one, beside it. */
static void run_beside(struct module *module, struct mini_flow *flow,
                       bool (*fetch)(struct module *module), bool *fetched)
{
    pthread_t thread;

    if (pthread_create(&thread, NULL, run, flow) != 0) {
        flow->end.err = DFOTA_ERR_MEMORY;
        return;
    }
    if (fetch != NULL) {
        module->flow = flow;
        *fetched = fetch(module);
        module->flow = NULL;
    }
    atomic_store(&flow->complete, true);
    while (!atomic_load(&flow->done) && !module_stopped(module))
        module_pump(module, POLL_MS);
    pthread_join(thread, NULL);
}

static struct mini_flow_end work(struct module *module, struct mini_flow *flow,
                                 bool (*fetch)(struct module *module),
                                 bool *fetched)
{
    static const char *const tasks[] = {"look", "begin", "run"};

    flow->end = (struct mini_flow_end){DFOTA_ERR_IO, DFOTA_MINI_STEP_IDLE};
    if (!open_platform(module, flow))
        return flow->end;
    open_files(module, flow);
    run_beside(module, flow, fetch, fetched);
    close_files(flow);
    flow_platform_close(&flow->platform);
    module_trace_add(&module->trace, "flow", "%s: %s, step %u",
                     tasks[flow->task], dfota_error_text(flow->end.err),
                     (unsigned)flow->end.step);
    return flow->end;
}

struct mini_flow_end mini_flow_do(struct module *module,
                                  enum mini_flow_task task)
{
    struct mini_flow flow = {.task = task};

    return work(module, &flow, NULL, NULL);
}

struct mini_flow_end mini_flow_stream(struct module *module,
                                      bool (*fetch)(struct module *module),
                                      bool *fetched)
{
    struct mini_flow flow = {.task = MINI_FLOW_RUN};

    *fetched = false;
    return work(module, &flow, fetch, fetched);
}
