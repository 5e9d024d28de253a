/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>

#include "lib/apply/cursor.h"
#include "lib/apply/lzma_coder.h"
#include "lib/delta/find.h"

#define HEADER_SIZE    13 /* bytes */
#define PROPS_END      225
#define DICTIONARY_MIN 4096
#define NO_SIZE        UINT64_MAX
#define LITERALS       0x300
#define PACKED_MOST    8 /* times its contents that a stream may have */

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

static bool read_header(const uint8_t *bytes, struct header *out)
{
    struct dfota_cursor head = dfota_cursor(bytes, HEADER_SIZE + 1);
    uint32_t dictionary;

    out->props = (uint8_t)dfota_cursor_le(&head, 1);
    dictionary = (uint32_t)dfota_cursor_le(&head, 4);
    out->contents_size = dfota_cursor_le(&head, 8);
    return out->props < PROPS_END && is_dictionary(dictionary) &&
           (out->contents_size == NO_SIZE ||
            (out->contents_size >= DFOTA_FIND_MIN &&
             out->contents_size <= DFOTA_FIND_CONTENTS_MAX)) &&
           dfota_cursor_le(&head, 1) == 0; /* the coder's first byte */
}

static enum dfota_error read_image(void *context, uint32_t offset, void *out,
                                   size_t size)
{
    const struct dfota_search *search = context;

    memcpy(out, search->image.data + offset, size);
    return DFOTA_OK;
}

/*
 * Decodes until the stream ends; gives whether it does as it should.  Behind
 * contents of a stated size there may be a marker as well.
 */
static bool decode(struct dfota_lzma *lzma, bool has_size, bool *marker)
{
    struct dfota_token token = {0};

    *marker = false;
    if (!dfota_lzma_begin(lzma))
        return false;
    while (!lzma->io->error && !*marker) {
        if (has_size && lzma->pos == lzma->size && lzma->code == 0)
            break;
        if (dfota_lzma_token(lzma, &token))
            continue;
        *marker = token.kind == DFOTA_TOKEN_MATCH && token.distance == 0;
        if (!*marker)
            return false;
    }
    return !lzma->io->error && dfota_lzma_end(lzma) &&
           (!has_size || lzma->pos == lzma->size);
}

/* Finds out where the stream ends, in memory that is there for that. */
static bool measure(struct dfota_search *search, struct dfota_lzma *lzma,
                    bool has_size, struct dfota_packed_region *region)
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
    whole = decode(lzma, has_size, &marker);
    search->spent += lzma->pos;
    region->packed_size =
        (uint32_t)search->image.size - region->offset - io.left;
    region->contents_size = lzma->pos;
    region->end_marker = marker;
    return whole && lzma->pos > 0;
}

size_t dfota_find_lzma(struct dfota_search *search, size_t at)
{
    struct dfota_packed_region region = {.packing = DFOTA_PACKING_LZMA,
                                         .offset = (uint32_t)at + HEADER_SIZE};
    struct header header;
    struct dfota_lzma *lzma;
    uint64_t size;
    size_t end = at;

    if (search->image.size - at <= HEADER_SIZE + 1 ||
        !read_header(search->image.data + at, &header))
        return at;
    region.lc = header.props % 9;
    region.lp = header.props / 9 % 5;
    region.pb = header.props / 45;
    size = header.contents_size;
    if (size > dfota_find_left(search))
        size = dfota_find_left(search);
    if (size > DFOTA_FIND_CONTENTS_MAX)
        size = DFOTA_FIND_CONTENTS_MAX;
    if (region.lc + region.lp > 4 || size == 0 ||
        (size < header.contents_size && header.contents_size != NO_SIZE))
        return at;
    lzma = calloc(1, sizeof(*lzma) +
                         sizeof(*lzma->literals) *
                             ((size_t)LITERALS << (region.lc + region.lp)));
    if (lzma != NULL) {
        lzma->contents = malloc((size_t)size);
        lzma->size = (uint32_t)size;
        if (lzma->contents != NULL &&
            measure(search, lzma, header.contents_size != NO_SIZE, &region))
            end = dfota_find_add(search, &region);
        free(lzma->contents);
    }
    free(lzma);
    return end;
}
