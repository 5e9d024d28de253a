/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "lib/apply/cursor.h"
#include "lib/apply/lzma_coder.h"
#include "lib/apply/site_bits.h"
#include "lib/delta/find.h"

#define HEADER_SIZE    DFOTA_FIND_LZMA_HEADER
#define CODER_SIZE     5 /* bytes that a coder begins with */
#define PROPS_END      225
#define DICTIONARY_MIN 4096
#define NO_SIZE        UINT64_MAX
#define LITERALS       0x300
#define PACKED_MOST    8 /* times its contents that a stream may have */
#define KEPT           ((uint32_t)1 << 18) /* bytes of contents whose memory is kept */

/* What the header of a .lzma file says. */
struct header {
    uint8_t props;
    uint64_t contents_size; /* or NO_SIZE: an end marker tells */
};

/* Encoders write 2^n or 3 * 2^n, or all ones. */
static bool is_dictionary(uint32_t size)
{
    uint32_t low = size & (0 - size);

    return size == UINT32_MAX ||
           (size >= DICTIONARY_MIN && (size == low || size == 3 * low));
}

/*
 * Whether what the coder begins with, behind its first byte, which is zero, is
 * more than zeros.  These would be the contents 0, 0, 0, each of them said as
 * a byte, where all encoders tell of a repetition; and tables of numbers are
 * full of zeros behind what looks like a header, all of which can be decoded.
 */
static bool has_bits(const uint8_t *bytes)
{
    return dfota_get32(bytes + HEADER_SIZE + 1) != 0;
}

static bool read_header(const uint8_t *bytes, struct header *out)
{
    struct dfota_cursor size = dfota_cursor(bytes + 5, 8);

    out->props = bytes[0];
    out->contents_size = dfota_cursor_le(&size, 8);
    return out->props < PROPS_END && is_dictionary(dfota_get32(bytes + 1)) &&
           (out->contents_size == NO_SIZE ||
            (out->contents_size >= DFOTA_FIND_MIN &&
             out->contents_size <= DFOTA_FIND_CONTENTS_MAX)) &&
           bytes[HEADER_SIZE] == 0 && /* the coder's first byte */
           has_bits(bytes);
}

static enum dfota_error read_image(void *context, uint32_t offset, void *out,
                                   size_t size)
{
    const struct dfota_search *search = context;

    memcpy(out, search->image.data + offset, size);
    return DFOTA_OK;
}

/* What is known of where a stream ends. */
enum ending {
    AT_SIZE,   /* where it has its contents; there may be a marker as well */
    AT_MARKER, /* at one */
    AT_ALL     /* at a marker, or where its coder may end */
};

static bool may_end(const struct dfota_lzma *lzma, enum ending ending)
{
    return lzma->code == 0 && ((ending == AT_SIZE && lzma->pos == lzma->size) ||
                               (ending == AT_ALL && lzma->pos > 0));
}

/* Decodes until the stream ends; gives whether it does as it should. */
static bool decode(struct dfota_lzma *lzma, enum ending ending, bool *marker)
{
    struct dfota_token token = {0};

    *marker = false;
    if (!dfota_lzma_begin(lzma))
        return false;
    while (!lzma->io->error && !*marker && !may_end(lzma, ending)) {
        if (lzma->pos == lzma->size) /* there is no room for anything else */
            *marker = dfota_lzma_marker(lzma);
        else if (dfota_lzma_token(lzma, &token))
            continue;
        else
            *marker = token.kind == DFOTA_TOKEN_MATCH && token.distance == 0;
        if (!*marker)
            return false;
    }
    return !lzma->io->error && dfota_lzma_end(lzma) &&
           (ending != AT_SIZE || lzma->pos == lzma->size);
}

/* Finds out where the stream ends, in memory that is there for that. */
static bool measure(struct dfota_search *search, struct dfota_lzma *lzma,
                    enum ending ending, struct dfota_packed_region *region)
{
    struct dfota_packed_io io = {.context = search,
                                 .read = read_image,
                                 .next = region->offset,
                                 .left = (uint32_t)search->image.size -
                                         region->offset};
    bool marker;
    bool whole;

    lzma->lc = region->lc;
    lzma->lp = region->lp;
    lzma->pb = region->pb;
    lzma->io = &io;
    dfota_lzma_reset(lzma);
    whole = decode(lzma, ending, &marker);
    search->spent += lzma->pos;
    region->packed_size =
        (uint32_t)search->image.size - region->offset - io.left;
    region->contents_size = lzma->pos;
    region->end_marker = marker;
    return whole && lzma->pos > 0;
}

/*
 * Memory for so much.  Nearly all that looks like a stream ends at once, so
 * what was so allocated, and hardly touched, is used again.
 */
static uint8_t *take_room(struct dfota_search *search, uint32_t size)
{
    if (search->room_size >= size)
        return search->room;
    free(search->room);
    search->room = malloc(size);
    search->room_size = search->room != NULL ? size : 0;
    return search->room;
}

/* Gives it back where more of it was touched than is worth keeping. */
static void leave_room(struct dfota_search *search, uint32_t touched)
{
    if (touched <= KEPT)
        return;
    free(search->room);
    search->room = NULL;
    search->room_size = 0;
}

/* Measures a stream of at most `size` bytes of contents; false without memory
 * as well. */
static bool measure_within(struct dfota_search *search, uint32_t size,
                           enum ending ending,
                           struct dfota_packed_region *region)
{
    struct dfota_lzma *lzma = calloc(
        1, sizeof(*lzma) + sizeof(*lzma->literals) *
                               ((size_t)LITERALS << (region->lc + region->lp)));
    bool whole = false;

    if (lzma == NULL)
        return false;
    lzma->contents = take_room(search, size);
    lzma->size = size;
    if (lzma->contents != NULL)
        whole = measure(search, lzma, ending, region);
    leave_room(search, lzma->pos);
    free(lzma);
    return whole;
}

/* Bytes of contents that may be looked at. */
static uint32_t most_of(const struct dfota_search *search)
{
    uint64_t left = dfota_find_left(search);

    return left < DFOTA_FIND_CONTENTS_MAX ? (uint32_t)left
                                          : DFOTA_FIND_CONTENTS_MAX;
}

size_t dfota_find_raw_lzma(struct dfota_search *search,
                           struct dfota_packed_region *region)
{
    uint32_t most = most_of(search);

    return most > 0 && measure_within(search, most, AT_ALL, region)
               ? dfota_find_add(search, region)
               : region->offset;
}

size_t dfota_find_lzma(struct dfota_search *search, size_t at)
{
    struct dfota_packed_region region = {.packing = DFOTA_PACKING_LZMA,
                                         .offset = (uint32_t)at + HEADER_SIZE};
    uint32_t size = most_of(search);
    struct header header;
    bool has_size;

    if (search->image.size - at < HEADER_SIZE + CODER_SIZE ||
        !read_header(search->image.data + at, &header))
        return at;
    region.lc = header.props % 9;
    region.lp = header.props / 9 % 5;
    region.pb = header.props / 45;
    has_size = header.contents_size != NO_SIZE;
    if (region.lc + region.lp > 4 || size == 0 ||
        (has_size && header.contents_size > size))
        return at;
    if (has_size)
        size = (uint32_t)header.contents_size;
    if (!measure_within(search, size, has_size ? AT_SIZE : AT_MARKER, &region))
        return at;
    return dfota_find_add(search, &region);
}
