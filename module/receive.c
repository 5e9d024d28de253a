/* SPDX-License-Identifier: MIT */
#include "module/receive.h"

#include <stdio.h>
#include <stdlib.h>

#define RATE         15 /* bytes in a millisecond: 3.3.1.3 */
#define FAST_RATE    300
#define FIFO         2048  /* bytes that wait without loss */
#define TIMEOUT      30000 /* ms without a byte */
#define FAST_TIMEOUT 1000

struct module_receive {
    FILE *file;
    uint64_t length;
    uint64_t got;
    uint64_t begun; /* module_clock() */
    enum module_receive_status status;
};

void module_receive_end(struct module *module)
{
    if (module->receive == NULL)
        return;
    if (module->receive->file != NULL)
        fclose(module->receive->file);
    free(module->receive);
    module->receive = NULL;
    module->intake.take = NULL;
}

static void set_deadline(struct module *module)
{
    module->intake.deadline =
        module_clock() + (module->options->fast ? FAST_TIMEOUT : TIMEOUT);
}

static void finish(struct module *module, bool good)
{
    struct module_receive *receive = module->receive;

    if (fclose(receive->file) != 0)
        good = false;
    receive->file = NULL;
    receive->status = good ? MODULE_RECEIVED : MODULE_RECEIVE_FAILED;
    module->intake.take = NULL;
}

static void expire(struct module *module)
{
    finish(module, false);
}

/* 3.3.1.3: AT+IFC=2,2 on the serial port, "usbifc",2,2 on USB; a virtual port
 * is either. */
static bool has_flow_control(const struct module *module)
{
    return module->session.ifc == 2 ||
           (module->state.usb_rts == 2 && module->state.usb_cts == 2);
}

/*
 * Of `size` bytes that came, those that are not lost: what a module would have
 * had the time to take since the beginning, whenever this process got its own.
 */
static size_t limit(const struct module *module, size_t size)
{
    const struct module_receive *receive = module->receive;
    uint64_t rate = module->options->fast ? FAST_RATE : RATE;
    uint64_t most = FIFO + (module_clock() - receive->begun) * rate;
    uint64_t left = most > receive->got ? most - receive->got : 0;

    if (has_flow_control(module) || size <= left)
        return size;
    return (size_t)left;
}

static size_t take(struct module *module, const uint8_t *bytes, size_t size)
{
    struct module_receive *receive = module->receive;
    size_t kept;

    if (size > receive->length - receive->got)
        size = (size_t)(receive->length - receive->got);
    kept = limit(module, size);
    set_deadline(module);
    if (fwrite(bytes, 1, kept, receive->file) != kept) {
        finish(module, false);
        return size;
    }
    receive->got += kept;
    if (receive->got == receive->length)
        finish(module, true);
    return size;
}

bool module_receive_begin(struct module *module, const char *path,
                          uint64_t length)
{
    struct module_receive *receive = calloc(1, sizeof(*receive));

    if (receive == NULL)
        return false;
    receive->file = fopen(path, "we");
    if (receive->file == NULL) {
        free(receive);
        return false;
    }
    receive->length = length;
    receive->begun = module_clock();
    module->receive = receive;
    module->intake.take = take;
    module->intake.expire = expire;
    set_deadline(module);
    return true;
}

enum module_receive_status module_receive_status(const struct module *module,
                                                 uint64_t *got)
{
    if (module->receive == NULL)
        return MODULE_RECEIVE_FAILED;
    *got = module->receive->got;
    return module->receive->status;
}
