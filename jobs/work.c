/* SPDX-License-Identifier: MIT */
#include "jobs/work.h"

#include <stdlib.h>
#include <string.h>

#include "jobs/codecs.h"
#include "jobs/trial.h"
#include "lib/apply/record.h"
#include "lib/base/fault.h"

static enum dfota_error keep(void *context, const void *bytes, size_t size,
                             struct dfota_fault *fault)
{
    struct dfota_buffer *new = context;

    dfota_buffer_add(new, bytes, size);
    return dfota_buffer_check(new, fault);
}

static enum dfota_error read_delta(void *context, uint32_t offset, void *out,
                                   size_t size)
{
    const struct dfota_view *delta = context;

    memcpy(out, delta->data + offset, size);
    return DFOTA_OK;
}

static const struct dfota_codec *codec_of(uint8_t id)
{
    for (unsigned i = 0; dfota_codecs[i] != NULL; i++)
        if (dfota_codecs[i]->id == id)
            return dfota_codecs[i];
    return NULL;
}

/* The records of a delta that has been applied, held against both images. */
static enum dfota_error count(struct dfota_stream_reader *control,
                              const struct dfota_delta_header *header,
                              struct dfota_view old, struct dfota_view new,
                              struct dfota_explained_work *work)
{
    struct dfota_record_limits limits = {.old_size = header->old_size,
                                         .new_left = header->new_size};
    size_t new_pos = 0;

    while (limits.new_left > 0) {
        struct dfota_record record;
        enum dfota_error err =
            dfota_record_read(control, &limits, &record, NULL);

        if (err)
            return err;
        work->copies += record.copy > 0;
        work->copied += record.copy;
        work->literals += record.insert;
        for (uint32_t i = 0; i < record.copy; i++)
            work->corrected +=
                old.data[record.old_pos + i] != new.data[new_pos + i];
        new_pos += (size_t)record.copy + record.insert;
    }
    return DFOTA_OK;
}

/* Opens the control stream by itself, and counts. */
static enum dfota_error read_control(struct dfota_view delta,
                                     struct dfota_view old,
                                     struct dfota_view new,
                                     struct dfota_explained_work *work,
                                     struct dfota_fault *fault)
{
    const struct dfota_applier applier = {.context = &delta,
                                          .read_delta = read_delta};
    uint8_t buffer[DFOTA_STREAM_BUFFER];
    struct dfota_delta_header header;
    const struct dfota_stream *stream = &header.streams[DFOTA_STREAM_CONTROL];
    struct dfota_stream_reader control = {.applier = &applier,
                                          .buffer = buffer};
    enum dfota_error err = dfota_trial_header(delta, &header, fault);
    uint32_t size;
    void *memory;

    if (err)
        return err;
    size = (dfota_codec_memory(stream) + 15) / 16 * 16;
    memory = aligned_alloc(16, size + 16);
    if (memory == NULL)
        return dfota_fail_memory(fault);
    control.codec = codec_of(stream->codec);
    control.next = header.head_size;
    control.coded_end = header.head_size + stream->coded_size;
    control.raw_left = stream->raw_size;
    err = control.codec->open(stream, memory, size, &control.state);
    if (!err)
        err = count(&control, &header, old, new, work);
    free(memory);
    return err;
}

enum dfota_error dfota_work_count(struct dfota_view delta,
                                  struct dfota_view old,
                                  struct dfota_explained_work *out,
                                  struct dfota_fault *fault)
{
    struct dfota_explained_work work = {0};
    struct dfota_buffer new = {0};
    const struct dfota_sink sink = {keep, &new};
    struct dfota_digests made;
    enum dfota_error err;

    err = dfota_trial_apply(delta, old, &sink, &made, fault);
    if (!err)
        err = read_control(delta, old, dfota_buffer_view(&new), &work, fault);
    if (!err)
        *out = work;
    dfota_buffer_free(&new);
    return err;
}
