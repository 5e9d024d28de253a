/* SPDX-License-Identifier: MIT */
/* The part of packed_pair.h that tells what became of streams. */
#include <stdlib.h>

#include "lib/delta/packed_pair.h"

const char *dfota_packed_fate_name(enum dfota_packed_fate fate)
{
    static const char *const names[DFOTA_PACKED_FATES] = {
        [DFOTA_PACKED_UNPACKED] = "unpacked",
        [DFOTA_PACKED_SAME] = "same",
        [DFOTA_PACKED_UNSOUND] = "unsound",
        [DFOTA_PACKED_NO_ROOM] = "no-room",
        [DFOTA_PACKED_NO_USE] = "no-partner",
        [DFOTA_PACKED_NO_GAIN] = "no-gain",
        [DFOTA_PACKED_IN_PLACE] = "in-place",
        [DFOTA_PACKED_OTHER] = "other",
    };

    return names[fate];
}

const char *dfota_packed_codec(const struct dfota_packed_region *region)
{
    static const char *const names[] = {
        [DFOTA_PACKING_LZMA] = "lzma",
        [DFOTA_PACKING_LZMA2] = "lzma2",
        [DFOTA_PACKING_DEFLATE] = "deflate",
    };

    return names[region->packing];
}

static int compare_offsets(const void *left, const void *right)
{
    const struct dfota_made_stream *a = left;
    const struct dfota_made_stream *b = right;

    return (a->offset > b->offset) - (a->offset < b->offset);
}

void dfota_packed_tell(const struct dfota_packed_side *side,
                       struct dfota_buffer *out)
{
    const struct dfota_find_other *others = (const void *)side->others.data;
    size_t other_count = side->others.size / sizeof(*others);
    size_t count = side->count + other_count;

    for (size_t i = 0; i < side->count; i++) {
        const struct dfota_packed_stream *stream = &side->streams[i];
        const struct dfota_made_stream told = {
            dfota_packed_codec(&stream->region), stream->region.offset,
            stream->region.packed_size, stream->region.contents_size,
            stream->fate};

        dfota_buffer_add(out, &told, sizeof(told));
    }
    for (size_t i = 0; i < other_count; i++) {
        const struct dfota_made_stream told = {
            others[i].codec, others[i].offset, 0, 0, DFOTA_PACKED_OTHER};

        dfota_buffer_add(out, &told, sizeof(told));
    }
    if (out->size == count * sizeof(struct dfota_made_stream) && count > 0)
        qsort(out->data, count, sizeof(struct dfota_made_stream),
              compare_offsets);
}
