/* SPDX-License-Identifier: MIT */
/*
 * packed_sides.h - streams of two images as they are once they are unpacked,
 * without images.  After cmocka.h.
 */
#ifndef DFOTA_TESTS_SUPPORT_PACKED_SIDES_H
#define DFOTA_TESTS_SUPPORT_PACKED_SIDES_H

#include "lib/delta/packed_code.h"
#include "tests/support/image_pair.h"

#define SIDES_STREAMS 8
#define SIDES_TOKENS  100 /* that copy, in each stream */

/* Adds a stream of LZMA with these contents, 100 bytes behind the last one. */
static inline struct dfota_packed_stream *
sides_add(struct dfota_packed_side *side, struct dfota_view contents)
{
    struct dfota_packed_stream *stream;
    const struct dfota_packed_region *last;
    uint32_t offset = 100;

    if (side->streams == NULL)
        side->streams = calloc(SIDES_STREAMS, sizeof(*side->streams));
    assert_non_null(side->streams);
    assert_in_range(side->count, 0, SIDES_STREAMS - 1);
    stream = &side->streams[side->count++];
    last = &stream[-1].region;
    if (side->count > 1)
        offset += last->offset + last->packed_size;
    stream->region = (struct dfota_packed_region){
        .offset = offset,
        .packed_size = (uint32_t)contents.size / 2 + 1,
        .contents_size = (uint32_t)contents.size,
        .lc = 3,
        .pb = 2};
    stream->contents = malloc(contents.size);
    assert_non_null(stream->contents);
    memcpy(stream->contents, contents.data, contents.size);
    stream->tokens.count = SIDES_TOKENS;
    return stream;
}

/* Adds a stream of `size` random bytes to old, and a like one to new. */
static inline void sides_add_pair(struct dfota_packed_pair *pair,
                                  uint32_t *seed, size_t size)
{
    struct dfota_buffer contents = {0};

    image_add_random(&contents, seed, size, 256);
    sides_add(&pair->old, dfota_buffer_view(&contents));
    contents.data[size / 2] ^= 1;
    sides_add(&pair->new, dfota_buffer_view(&contents));
    dfota_buffer_free(&contents);
}

#endif
