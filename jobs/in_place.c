/* SPDX-License-Identifier: MIT */
#include "jobs/in_place.h"

#include <stdlib.h>
#include <string.h>

#include "dfota/in_place.h"
#include "lib/apply/delta_header.h"
#include "lib/base/fault.h"

#define ERASED 0xff /* what is left of what is erased and not written */

struct module {
    const struct dfota_applier *applier;
    const struct dfota_trial_task *task;
    struct dfota_fault *fault;
    uint8_t *image; /* what is flashed, with room for the larger one */
    size_t size;    /* bytes of that */
    uint8_t *stash;
    uint8_t *scratch; /* the segment that is being made ... */
    size_t made;      /* ... and how far it is */
};

static enum dfota_error read_delta(void *context, uint32_t offset, void *out,
                                   size_t size)
{
    const struct module *module = context;

    return module->applier->read_delta(module->applier->context, offset, out,
                                       size);
}

static enum dfota_error read_image(void *context, uint32_t offset, void *out,
                                   size_t size)
{
    const struct module *module = context;

    memcpy(out, module->image + offset, size);
    return DFOTA_OK;
}

static enum dfota_error read_stash(void *context, uint32_t offset, void *out,
                                   size_t size)
{
    const struct module *module = context;

    memcpy(out, module->stash + offset, size);
    return DFOTA_OK;
}

static enum dfota_error write_scratch(void *context, const void *bytes,
                                      size_t size)
{
    struct module *module = context;
    const struct dfota_sink *made = module->task->made;

    memcpy(module->scratch + module->made, bytes, size);
    module->made += size;
    return made != NULL ? made->write(made->context, bytes, size, module->fault)
                        : DFOTA_OK;
}

/* Puts a segment from the scratch area over the image. */
static void write_segment(const struct module *module,
                          struct dfota_segment segment, uint32_t place)
{
    size_t left = module->size - segment.new_pos;

    memset(module->image + segment.new_pos, ERASED,
           left < place ? left : place);
    memcpy(module->image + segment.new_pos, module->scratch, segment.size);
}

static enum dfota_error make_all(struct module *module,
                                 struct dfota_in_place *in_place)
{
    const struct dfota_delta_header *header = dfota_in_place_header(in_place);
    enum dfota_error err = DFOTA_OK;

    for (uint32_t i = 0; i < header->order.stash_count; i++) {
        struct dfota_stash_range range = dfota_in_place_stash(in_place, i);

        memcpy(module->stash + range.offset, module->image + range.old_pos,
               range.size);
    }
    for (uint32_t turn = 0; turn < dfota_in_place_segments(in_place) && !err;
         turn++) {
        module->made = 0;
        err = dfota_in_place_make(in_place, turn, module->fault);
        if (!err)
            write_segment(module, dfota_in_place_segment(in_place, turn),
                          header->order.segment_size);
    }
    return err;
}

/* Does the whole upgrade. */
static enum dfota_error upgrade(struct module *module)
{
    const struct dfota_sink *sink = module->task->sink;
    struct dfota_applier applier = *module->applier;
    struct dfota_in_place *in_place = NULL;
    enum dfota_error err;

    applier.context = module;
    applier.read_delta = read_delta;
    applier.read_old = read_image;
    applier.read_stash = read_stash;
    applier.write_new = write_scratch;
    err = dfota_in_place_open(&applier, &in_place, module->fault);
    if (!err)
        err = dfota_in_place_check_old(in_place, module->fault);
    if (!err)
        err = make_all(module, in_place);
    if (!err)
        err = dfota_in_place_check_new(in_place, module->fault);
    if (err)
        return err;
    return sink->write(sink->context, module->image,
                       dfota_in_place_header(in_place)->new_size,
                       module->fault);
}

enum dfota_error dfota_in_place_try(const struct dfota_applier *applier,
                                    const struct dfota_trial_task *task,
                                    struct dfota_fault *fault)
{
    struct module module = {.applier = applier, .task = task, .fault = fault};
    struct dfota_delta_header header;
    enum dfota_error err = dfota_trial_header(task->delta, &header, fault);

    if (err)
        return err;
    if (header.new_size > DFOTA_TRIAL_RAM_MAX)
        return dfota_fail(fault, DFOTA_ERR_LIMIT, DFOTA_DELTA_FIXED, "DLT-12");
    if (task->old->size != header.old_size)
        return dfota_fail(fault, DFOTA_ERR_DIGEST, DFOTA_DELTA_FIXED, "DLT-14");
    module.size =
        header.new_size > header.old_size ? header.new_size : header.old_size;
    module.image = malloc(module.size + 1);
    module.stash = malloc((size_t)header.order.stash_size + 1);
    module.scratch = malloc(header.order.segment_size);
    if (module.image == NULL || module.stash == NULL || module.scratch == NULL)
        err = dfota_fail_memory(fault);
    else
        err = dfota_source_read(task->old, 0, module.image, header.old_size,
                                fault);
    if (!err)
        err = upgrade(&module);
    free(module.image);
    free(module.stash);
    free(module.scratch);
    return err;
}

/* --- what it takes -------------------------------------------------------- */

void dfota_in_place_say(const struct dfota_delta_header *header,
                        uint64_t sector, struct dfota_in_place_use *out)
{
    const struct dfota_order *order = &header->order;
    uint64_t grain = sector > 0 ? sector : 1;

    *out = (struct dfota_in_place_use){0};
    if (order->segment_size == 0)
        return;
    *out = (struct dfota_in_place_use){
        .sector = sector,
        .scratch = order->segment_size +
                   (order->stash_size + grain - 1) / grain * grain,
        .segment = order->segment_size,
        .segments = dfota_delta_segments(header),
        .stash = order->stash_size,
    };
}

bool dfota_in_place_is(const struct dfota_delta_header *header,
                       const struct dfota_manifest_order *order)
{
    struct dfota_in_place_use use;

    dfota_in_place_say(header, order->sector, &use);
    if (!order->in_place || use.segment == 0)
        return !order->in_place && use.segment == 0;
    return use.segment % order->sector == 0 && use.scratch <= order->scratch;
}
