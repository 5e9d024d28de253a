/* SPDX-License-Identifier: MIT */
#include "module/upload.h"

#include <inttypes.h>
#include <stdlib.h>

#include "lib/base/file.h"
#include "module/engine.h"
#include "module/ufs.h"

#define ACK_SIZE        1024 /* bytes */
#define CME_WRITE_ERROR 409
#define CME_TIME_OUT    421

struct module_upload {
    struct dfota_output output;
    char path[MODULE_PATH_SIZE];
    uint64_t size;
    uint64_t got;
    unsigned sum;
    unsigned seconds;
    bool acknowledge;
    bool failed; /* a write did */
};

unsigned module_checksum(unsigned sum, uint64_t offset, const uint8_t *bytes,
                         size_t size)
{
    for (size_t i = 0; i < size; i++)
        sum ^= (offset + i) % 2 == 0 ? (unsigned)bytes[i] << 8 : bytes[i];
    return sum;
}

void module_upload_end(struct module *module)
{
    if (module->upload == NULL)
        return;
    dfota_output_discard(&module->upload->output);
    free(module->upload);
    module->upload = NULL;
    module->intake.take = NULL;
}

static void fail(struct module *module, int code)
{
    if (module->session.cme == 1)
        module_say(module, "+CME ERROR: %d", code);
    else
        module_say(module, "ERROR");
    module_upload_end(module);
}

static void finish(struct module *module)
{
    struct module_upload *upload = module->upload;

    if (upload->failed || dfota_output_commit(&upload->output, NULL)) {
        fail(module, CME_WRITE_ERROR);
        return;
    }
    module_say(module, "+QFUPL: %" PRIu64 ",%x", upload->got, upload->sum);
    module_say(module, "OK");
    module_upload_end(module);
}

static void expire(struct module *module)
{
    fail(module, CME_TIME_OUT);
}

static void set_deadline(struct module *module)
{
    module->intake.deadline =
        module_clock() + (uint64_t)module->upload->seconds * 1000;
}

static size_t take(struct module *module, const uint8_t *bytes, size_t size)
{
    struct module_upload *upload = module->upload;
    uint64_t acks = upload->got / ACK_SIZE;

    if (size > upload->size - upload->got)
        size = (size_t)(upload->size - upload->got);
    upload->sum = module_checksum(upload->sum, upload->got, bytes, size);
    upload->got += size;
    if (dfota_output_write(&upload->output, bytes, size, NULL))
        upload->failed = true;
    for (; upload->acknowledge && acks < upload->got / ACK_SIZE; acks++)
        module_port_write(&module->port, "A", 1);
    if (upload->got == upload->size)
        finish(module);
    else
        set_deadline(module);
    return size;
}

bool module_upload_begin(struct module *module,
                         const struct module_upload_request *request)
{
    struct module_upload *upload = calloc(1, sizeof(*upload));

    if (upload == NULL)
        return false;
    upload->size = request->size;
    upload->seconds = request->seconds;
    upload->acknowledge = request->acknowledge;
    ufs_path(module, request->name, upload->path);
    if (dfota_output_open(&upload->output, upload->path, NULL)) {
        free(upload);
        return false;
    }
    module->upload = upload;
    module->intake.take = take;
    module->intake.expire = expire;
    set_deadline(module);
    module_say(module, "CONNECT");
    return true;
}
