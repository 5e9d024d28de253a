/* SPDX-License-Identifier: MIT */
/*
 * Whatever the bytes, packed streams are found in bounded time, inside of them,
 * in order and without overlap; and what of them can be unpacked is described
 * by its tokens.  Found twice, they are the same.
 *
 * Input: the image.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/delta/packed_pair.h"

#define CONTENTS_MAX ((size_t)1 << 24) /* bytes, more take too much memory */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The tokens of a stream say all of its contents. */
static void check_tokens(const struct dfota_packed_stream *stream)
{
    uint32_t pos = 0;

    if (stream->tokens.end != stream->region.contents_size)
        abort();
    while (pos < stream->tokens.end) {
        struct dfota_token token;

        if (dfota_tokens_at(&stream->tokens, pos, &token) != pos ||
            token.length == 0 || token.distance > pos)
            abort();
        pos += token.length;
    }
    if (pos != stream->tokens.end)
        abort();
}

static void check_side(const struct dfota_packed_side *side)
{
    uint64_t end = 0;

    for (size_t i = 0; i < side->count; i++) {
        const struct dfota_packed_region *region = &side->streams[i].region;

        if (region->offset < end)
            abort();
        end = (uint64_t)region->offset + region->packed_size;
        if (side->streams[i].fate == DFOTA_PACKED_UNPACKED)
            check_tokens(&side->streams[i]);
    }
    if (end > side->image.size)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dfota_view image = {data, size};
    struct dfota_packed_pair pair = {0};
    struct dfota_packed_pair again = {0};

    if (size > CONTENTS_MAX || dfota_packed_open((struct dfota_view){0}, image,
                                                 UINT64_MAX, &pair, NULL))
        return 0;
    check_side(&pair.new);
    if (dfota_packed_open(image, image, UINT64_MAX, &again, NULL))
        abort();
    if (again.old.count != pair.new.count ||
        again.new.count != pair.new.count ||
        dfota_packed_count(&again.new, DFOTA_PACKED_SAME) != again.new.count)
        abort();
    dfota_packed_close(&again);
    dfota_packed_close(&pair);
    return 0;
}
