/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "lib/apply/cursor.h"
#include "lib/delta/find.h"
#include "lib/delta/inflate_size.h"

#define GZIP_HEADER  10   /* bytes */
#define GZIP_LONGEST 4096 /* bytes of a header with a name that are read */
#define GZIP_TRAILER 8
#define GZIP_CRC     0x02
#define GZIP_EXTRA   0x04
#define GZIP_NAME    0x08
#define GZIP_COMMENT 0x10
#define GZIP_FLAGS   0x1f

#define ZIP_DEFLATED 8

/* A stream of deflate somewhere behind the bytes that announce it. */
struct announced {
    size_t at;              /* where it begins */
    uint64_t packed_size;   /* stated; 0: it is not */
    uint64_t contents_size; /* likewise */
    unsigned trailer;       /* bytes behind it */
    bool gzip;              /* they end in the size of the contents */
};

static void skip_text(struct dfota_cursor *cursor)
{
    while (!cursor->short_read && dfota_cursor_le(cursor, 1) != 0)
        continue;
}

static bool read_gzip(struct dfota_view image, struct announced *out)
{
    size_t size = image.size - out->at < GZIP_LONGEST ? image.size - out->at
                                                      : GZIP_LONGEST;
    struct dfota_cursor head = dfota_cursor(image.data + out->at, size);
    uint8_t flags;

    dfota_cursor_bytes(&head, 3);
    flags = (uint8_t)dfota_cursor_le(&head, 1);
    dfota_cursor_bytes(&head, GZIP_HEADER - 4);
    if (flags & GZIP_EXTRA)
        dfota_cursor_bytes(&head, (size_t)dfota_cursor_le(&head, 2));
    if (flags & GZIP_NAME)
        skip_text(&head);
    if (flags & GZIP_COMMENT)
        skip_text(&head);
    if (flags & GZIP_CRC)
        dfota_cursor_le(&head, 2);
    out->at += size - head.left;
    out->trailer = GZIP_TRAILER;
    out->gzip = true;
    return !head.short_read && flags <= GZIP_FLAGS;
}

/* A local header; its sizes are 0 where they are told behind the entry. */
static bool read_zip(struct dfota_view image, struct announced *out)
{
    struct dfota_cursor head =
        dfota_cursor(image.data + out->at, image.size - out->at);
    size_t names;
    uint16_t method;

    dfota_cursor_bytes(&head, 8);
    method = (uint16_t)dfota_cursor_le(&head, 2);
    dfota_cursor_bytes(&head, 8);
    out->packed_size = dfota_cursor_le(&head, 4);
    out->contents_size = dfota_cursor_le(&head, 4);
    names = (size_t)dfota_cursor_le(&head, 2);
    names += (size_t)dfota_cursor_le(&head, 2);
    dfota_cursor_bytes(&head, names);
    out->at = image.size - head.left;
    return !head.short_read && method == ZIP_DEFLATED;
}

static bool read_zlib(struct dfota_view image, struct announced *out)
{
    bool preset = image.data[out->at + 1] & 0x20;

    out->at += 2;
    out->trailer = 4;
    return !preset;
}

static bool announces(struct dfota_view image, struct announced *out)
{
    uint8_t first = image.data[out->at];

    if (first == 0x1f)
        return read_gzip(image, out);
    if (first == 'P')
        return read_zip(image, out);
    return read_zlib(image, out);
}

/* Whether what was found is what was announced. */
static bool agrees(struct dfota_view image, const struct announced *announced,
                   const struct dfota_packed_region *region)
{
    size_t end = (size_t)region->offset + region->packed_size;
    struct dfota_cursor size;

    if (image.size - end < announced->trailer)
        return false;
    if (announced->packed_size != 0)
        return announced->packed_size == region->packed_size &&
               announced->contents_size == region->contents_size;
    if (!announced->gzip)
        return true;
    size = dfota_cursor(image.data + end + GZIP_TRAILER - 4, 4);
    return dfota_cursor_le(&size, 4) == region->contents_size;
}

/* Finds out the sizes of a stream; false where there is none. */
static bool measure(struct dfota_search *search,
                    struct dfota_packed_region *region)
{
    struct dfota_view image = search->image;
    const struct dfota_view rest = {image.data + region->offset,
                                    image.size - region->offset};
    uint64_t most = dfota_find_left(search);
    struct dfota_inflate_size size;

    if (most > DFOTA_FIND_CONTENTS_MAX)
        most = DFOTA_FIND_CONTENTS_MAX;
    size = dfota_inflate_measure(rest, (uint32_t)most);
    search->spent += (uint64_t)size.contents + size.looked_at;
    region->packed_size = size.packed;
    region->contents_size = size.contents;
    return size.packed > 0 && size.contents > 0;
}

size_t dfota_find_raw_deflate(struct dfota_search *search,
                              struct dfota_packed_region *region)
{
    return measure(search, region) ? dfota_find_add(search, region)
                                   : region->offset;
}

size_t dfota_find_deflate(struct dfota_search *search, size_t at)
{
    struct announced announced = {.at = at};
    struct dfota_packed_region region = {.packing = DFOTA_PACKING_DEFLATE};

    if (!announces(search->image, &announced))
        return at;
    region.offset = (uint32_t)announced.at;
    if (!measure(search, &region) ||
        !agrees(search->image, &announced, &region))
        return at;
    return dfota_find_add(search, &region) + announced.trailer;
}
