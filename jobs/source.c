/* SPDX-License-Identifier: MIT */
/* source.c - images that are read at random, and where they go; see trial.h */
#include <string.h>

#include "jobs/trial.h"
#include "lib/base/digest.h"
#include "lib/base/fault.h"

#define PIECE ((size_t)4 << 10) /* bytes that are copied at once */

static enum dfota_error read_view(void *context, uint64_t offset, void *out,
                                  size_t size, struct dfota_fault *fault)
{
    const struct dfota_view *view = context;

    (void)fault;
    if (size > 0)
        memcpy(out, view->data + offset, size);
    return DFOTA_OK;
}

static enum dfota_error read_input(void *context, uint64_t offset, void *out,
                                   size_t size, struct dfota_fault *fault)
{
    return dfota_input_read(context, offset, out, size, fault);
}

struct dfota_source dfota_source_of_view(const struct dfota_view *view)
{
    return (struct dfota_source){read_view, (void *)view, 0, view->size};
}

struct dfota_source dfota_source_of_input(struct dfota_input *input)
{
    return (struct dfota_source){read_input, input, 0, input->size};
}

enum dfota_error dfota_source_read(const struct dfota_source *source,
                                   uint64_t offset, void *out, size_t size,
                                   struct dfota_fault *fault)
{
    return source->read(source->context, source->at + offset, out, size, fault);
}

enum dfota_error dfota_source_load(const struct dfota_source *source,
                                   struct dfota_buffer *out,
                                   struct dfota_fault *fault)
{
    size_t size = (size_t)source->size;
    enum dfota_error err;

    if (size > 0 && dfota_buffer_reserve(out, size) == NULL)
        return dfota_buffer_check(out, fault);
    err = dfota_source_read(source, 0, out->data, size, fault);
    out->size = size;
    if (err)
        dfota_buffer_free(out);
    return err;
}

enum dfota_error dfota_source_copy(const struct dfota_source *source,
                                   uint64_t begin, uint64_t end,
                                   const struct dfota_sink *sink,
                                   struct dfota_fault *fault)
{
    enum dfota_error err = DFOTA_OK;

    while (begin < end && !err) {
        uint8_t piece[PIECE];
        size_t size = end - begin < PIECE ? (size_t)(end - begin) : PIECE;

        err = dfota_source_read(source, begin, piece, size, fault);
        if (!err)
            err = sink->write(sink->context, piece, size, fault);
        begin += size;
    }
    return err;
}

static enum dfota_error add_to_digest(void *context, const void *bytes,
                                      size_t size, struct dfota_fault *fault)
{
    (void)fault;
    dfota_digester_add(context, bytes, size);
    return DFOTA_OK;
}

enum dfota_error dfota_source_digest(const struct dfota_source *source,
                                     struct dfota_digests *out,
                                     struct dfota_fault *fault)
{
    struct dfota_digester *digester = dfota_digester_new();
    const struct dfota_sink sink = {add_to_digest, digester};
    enum dfota_error err;

    if (digester == NULL)
        return dfota_fail_memory(fault);
    err = dfota_source_copy(source, 0, source->size, &sink, fault);
    if (!err)
        dfota_digester_finish(digester, out);
    dfota_digester_free(digester);
    return err;
}

static enum dfota_error drop(void *context, const void *bytes, size_t size,
                             struct dfota_fault *fault)
{
    (void)context;
    (void)bytes;
    (void)size;
    (void)fault;
    return DFOTA_OK;
}

const struct dfota_sink dfota_sink_nowhere = {drop, NULL};
