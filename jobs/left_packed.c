/* SPDX-License-Identifier: MIT */
#include "jobs/left_packed.h"

#include <stdlib.h>

#include "jobs/trial.h"
#include "lib/base/fault.h"
#include "lib/delta/packed_code.h"

/* Whether the delta makes a stream at `offset` of new from its contents. */
static bool is_listed(const struct dfota_explained_unpacking *unpacking,
                      uint64_t offset)
{
    size_t low = unpacking->old_count;
    size_t high = low + unpacking->new_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (unpacking->regions[middle].offset == offset)
            return true;
        if (unpacking->regions[middle].offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* What a stream's fate is in this delta, by what it would have been. */
static enum dfota_packed_fate fate_of(const struct dfota_made_stream *stream,
                                      const struct dfota_explained_delta *delta)
{
    if (is_listed(&delta->unpacking, stream->offset))
        return DFOTA_PACKED_UNPACKED;
    if (stream->fate != DFOTA_PACKED_UNPACKED)
        return stream->fate;
    return delta->use.segment > 0 ? DFOTA_PACKED_IN_PLACE
                                  : DFOTA_PACKED_NO_GAIN;
}

static enum dfota_error tell(struct dfota_packed_pair *pair,
                             struct dfota_explained_delta *out,
                             struct dfota_fault *fault)
{
    struct dfota_buffer streams = {0};
    struct dfota_unpacked stated;
    enum dfota_error err = DFOTA_OK;

    if (out->use.segment == 0)
        err = dfota_packed_fit(pair, (uint32_t)out->ram, &stated, fault);
    dfota_packed_tell(&pair->new, &streams);
    if (!err)
        err = dfota_buffer_check(&streams, fault);
    if (err) {
        dfota_buffer_free(&streams);
        return err;
    }
    out->compressed = (void *)streams.data; /* now the result's */
    out->compressed_count = streams.size / sizeof(*out->compressed);
    for (size_t i = 0; i < out->compressed_count; i++)
        out->compressed[i].fate = fate_of(&out->compressed[i], out);
    return DFOTA_OK;
}

enum dfota_error dfota_left_packed_explain(struct dfota_view delta,
                                           struct dfota_view old,
                                           struct dfota_explained_delta *out,
                                           struct dfota_fault *fault)
{
    const struct dfota_places nowhere = {0};
    struct dfota_packed_pair pair = {0};
    size_t size = (size_t)out->new_size;
    uint8_t *new = malloc(size + 1);
    enum dfota_error err;

    if (new == NULL)
        return dfota_fail_memory(fault);
    err = dfota_trial_apply_into(delta, old, new, size, fault);
    if (!err)
        err = dfota_packed_open(old, (struct dfota_view){new, size}, &nowhere,
                                &pair, fault);
    if (!err)
        err = tell(&pair, out, fault);
    dfota_packed_close(&pair);
    free(new);
    return err;
}
