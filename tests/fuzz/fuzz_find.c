/* SPDX-License-Identifier: MIT */
/*
 * Whatever the bytes, packed streams are found in bounded time, inside of them,
 * in order and without overlap; and what of them can be unpacked is described
 * by its tokens.  Found twice, they are the same.
 *
 * Input: a byte with the number of places, 9 bytes each of these: offset and
 * size, 3 bytes each, packing, filter, and lc, lp and pb in one; then the
 * image.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/apply/cursor.h"
#include "lib/delta/packed_pair.h"

#define CONTENTS_MAX ((size_t)1 << 24) /* bytes, more take too much memory */

#define PLACES_MOST  8
#define PLACE_SIZE   9 /* bytes */
#define GAP_MASK     0xffff
#define LC_LP_MOST   4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads places as a layout may give them, one behind the other. */
static struct dfota_places read_places(struct dfota_cursor *input,
                                       struct dfota_place out[PLACES_MOST])
{
    struct dfota_places places = {out, dfota_cursor_le(input, 1) % PLACES_MOST};
    uint32_t offset = 0;

    for (size_t i = 0; i < places.count; i++) {
        uint8_t kind;

        offset += (uint32_t)dfota_cursor_le(input, 3) & GAP_MASK;
        out[i] = (struct dfota_place){
            .offset = offset++,
            .size = (uint32_t)dfota_cursor_le(input, 3) + 1,
        };
        kind = (uint8_t)dfota_cursor_le(input, 1) % 4;
        out[i].packing = kind < 3 ? kind : DFOTA_PLACE_ANY;
        out[i].filter = (uint8_t)dfota_cursor_le(input, 1) & 1
                            ? DFOTA_FILTER_ARM
                            : DFOTA_FILTER_NONE;
        kind = (uint8_t)dfota_cursor_le(input, 1);
        if (out[i].packing != DFOTA_PACKING_LZMA)
            continue;
        out[i].lc = kind % (LC_LP_MOST + 1);
        out[i].lp = (uint8_t)(kind / 8 % (LC_LP_MOST + 1 - out[i].lc));
        out[i].pb = kind / 64;
    }
    return places;
}

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
    struct dfota_cursor input = dfota_cursor(data, size);
    struct dfota_place at[PLACES_MOST];
    const struct dfota_places places = read_places(&input, at);
    struct dfota_view image = {data + (size - input.left), input.left};
    struct dfota_packed_pair pair = {.threads = 1};
    struct dfota_packed_pair again = {.threads = 1};

    if (size > CONTENTS_MAX ||
        dfota_packed_open((struct dfota_view){0}, image, &places, &pair, NULL))
        return 0;
    check_side(&pair.new);
    if (dfota_packed_open(image, image, &places, &again, NULL))
        abort();
    if (again.old.held != again.new.held || again.new.held != pair.new.held ||
        again.old.count != pair.new.count ||
        again.new.count != pair.new.count ||
        dfota_packed_count(&again.new, DFOTA_PACKED_SAME) != again.new.count)
        abort();
    dfota_packed_close(&again);
    dfota_packed_close(&pair);
    return 0;
}
