/* SPDX-License-Identifier: MIT */
#include "lib/apply/crc32.h"
#include "lib/apply/cursor.h"
#include "lib/delta/find.h"

#define HEADER_SIZE   12 /* bytes of the stream's */
#define FILTERS_MASK  0x03
#define RESERVED_MASK 0x3c
#define HAS_PACKED    0x40
#define HAS_CONTENTS  0x80
#define LZMA2         0x21
#define CHUNK_WORK    64 /* bytes of contents that a header counts as */

/* A number of the format: seven bits a byte, the lowest first. */
static uint64_t read_number(struct dfota_cursor *cursor)
{
    uint64_t value = 0;

    for (unsigned shift = 0; shift < 63; shift += 7) {
        uint8_t byte = (uint8_t)dfota_cursor_le(cursor, 1);

        value |= (uint64_t)(byte & 0x7f) << shift;
        if ((byte & 0x80) == 0)
            break;
    }
    return value;
}

/*
 * Finds out how many bytes there are from the first chunk of LZMA2 up to and
 * with its end marker, and of what contents.
 */
static bool measure(struct dfota_search *search,
                    struct dfota_packed_region *region)
{
    size_t size = search->image.size - region->offset;
    struct dfota_cursor chunks =
        dfota_cursor(search->image.data + region->offset, size);
    uint64_t contents = 0;

    for (;;) {
        uint8_t control = (uint8_t)dfota_cursor_le(&chunks, 1);
        const uint8_t *sizes;
        size_t packed;

        search->spent += CHUNK_WORK;
        if (chunks.short_read || contents > DFOTA_FIND_CONTENTS_MAX ||
            dfota_find_left(search) == 0)
            return false;
        if (control == 0)
            break;
        if (control > 2 && control < 0x80)
            return false;
        sizes = dfota_cursor_bytes(&chunks, control >= 0x80 ? 4 : 2);
        if (control >= 0xc0)
            dfota_cursor_le(&chunks, 1);
        if (chunks.short_read)
            return false;
        packed = (size_t)(sizes[0] << 8 | sizes[1]) + 1;
        contents += packed;
        if (control >= 0x80) {
            contents += (uint32_t)(control & 0x1f) << 16;
            packed = (size_t)(sizes[2] << 8 | sizes[3]) + 1;
        }
        dfota_cursor_bytes(&chunks, packed);
    }
    region->packed_size = (uint32_t)(size - chunks.left);
    region->contents_size = (uint32_t)contents;
    return contents > 0 && contents <= DFOTA_FIND_CONTENTS_MAX;
}

size_t dfota_find_raw_lzma2(struct dfota_search *search,
                            struct dfota_packed_region *region)
{
    return measure(search, region) ? dfota_find_add(search, region)
                                   : region->offset;
}

/* Reads which filters a block has; false where one is not known. */
static bool read_filters(struct dfota_cursor *head, unsigned count,
                         struct dfota_packed_region *region)
{
    uint64_t id = read_number(head);
    uint64_t size = read_number(head);

    if (count == 2) {
        if (id != DFOTA_FILTER_X86 && id != DFOTA_FILTER_ARM &&
            id != DFOTA_FILTER_THUMB && id != DFOTA_FILTER_ARM64)
            return false;
        region->filter = (uint8_t)id;
        if (size != 0 && size != 4)
            return false;
        if (size == 4)
            region->filter_start = (uint32_t)dfota_cursor_le(head, 4);
        id = read_number(head);
        size = read_number(head);
    }
    return count <= 2 && id == LZMA2 && size == 1 && !head->short_read;
}

/* A block: gives where its check ends, or 0 where there is none. */
static size_t find_block(struct dfota_search *search, size_t at,
                         size_t check_size)
{
    const struct dfota_view *image = &search->image;
    const uint8_t *bytes = image->data + at;
    struct dfota_packed_region region = {.packing = DFOTA_PACKING_LZMA2};
    size_t size = ((size_t)bytes[0] + 1) * 4;
    struct dfota_cursor head;
    uint8_t flags;
    size_t end;

    if (bytes[0] == 0 || image->size - at < size)
        return 0;
    head = dfota_cursor(bytes + size - 4, 4);
    if (dfota_cursor_le(&head, 4) != dfota_crc32(0, bytes, size - 4))
        return 0;
    head = dfota_cursor(bytes + 1, size - 5);
    flags = (uint8_t)dfota_cursor_le(&head, 1);
    if (flags & HAS_PACKED)
        read_number(&head);
    if (flags & HAS_CONTENTS)
        read_number(&head);
    region.offset = (uint32_t)(at + size);
    if ((flags & RESERVED_MASK) != 0 || !measure(search, &region))
        return 0;
    end = (size_t)region.offset + region.packed_size;
    if (read_filters(&head, (flags & FILTERS_MASK) + 1u, &region))
        dfota_find_add(search, &region);
    else
        dfota_find_add_other(search, region.offset, "xz");
    end += (4 - (end - at) % 4) % 4 + check_size;
    return end < image->size ? end : image->size;
}

/* Bytes of the check that a stream's flags name. */
static size_t check_size(uint8_t flags)
{
    unsigned group = ((flags & 0x0f) + 2u) / 3;

    return group == 0 ? 0 : (size_t)2 << group;
}

size_t dfota_find_xz(struct dfota_search *search, size_t at)
{
    const struct dfota_view *image = &search->image;
    const uint8_t *bytes = image->data + at;
    struct dfota_cursor crc;
    size_t end;

    if (image->size - at < HEADER_SIZE)
        return at;
    crc = dfota_cursor(bytes + 8, 4);
    if (dfota_cursor_le(&crc, 4) != dfota_crc32(0, bytes + 6, 2))
        return at;
    end = at + HEADER_SIZE;
    while (end < image->size) {
        size_t block = find_block(search, end, check_size(bytes[7]));

        if (block == 0)
            break;
        end = block;
    }
    return end;
}
