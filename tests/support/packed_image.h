/* SPDX-License-Identifier: MIT */
/*
 * packed_image.h - images with packed streams in them, as files have these.
 * After cmocka.h.
 */
#ifndef DFOTA_TESTS_SUPPORT_PACKED_IMAGE_H
#define DFOTA_TESTS_SUPPORT_PACKED_IMAGE_H

#include "lib/apply/crc32.h"
#include "lib/base/buffer.h"
#include "lib/codec/deflate.h"
#include "lib/codec/lzma.h"
#include "tests/support/image_pair.h"

#define PACKED_LZMA_HEADER 13 /* bytes */
#define PACKED_ZIP_HEADER  30
#define PACKED_CHUNK       60000 /* bytes of contents in a stored chunk */

/* A .lzma file, with its size in the header. */
static inline void image_add_lzma(struct dfota_buffer *image,
                                  struct dfota_view contents)
{
    const struct dfota_stream stream = {
        .codec = DFOTA_CODEC_ID_LZMA, .props = 0x5d, .dictionary = 1 << 20};

    dfota_buffer_add_le(image, stream.props, 1);
    dfota_buffer_add_le(image, stream.dictionary, 4);
    dfota_buffer_add_le(image, contents.size, 8);
    assert_int_equal(dfota_encoder_lzma.encode(&stream, contents, image, NULL),
                     DFOTA_OK);
}

static inline void image_add_deflate(struct dfota_buffer *image,
                                     struct dfota_view contents)
{
    const struct dfota_stream stream = {.codec = DFOTA_CODEC_ID_ZLIB,
                                        .props = 15};

    assert_int_equal(dfota_encoder_zlib.encode(&stream, contents, image, NULL),
                     DFOTA_OK);
}

/* A .gz file with a name in it. */
static inline void image_add_gzip(struct dfota_buffer *image,
                                  struct dfota_view contents)
{
    dfota_buffer_add(image,
                     "\x1f\x8b\x08\x08\0\0\0\0\0\x03"
                     "name",
                     15);
    image_add_deflate(image, contents);
    dfota_buffer_add_le(image, dfota_crc32(0, contents.data, contents.size), 4);
    dfota_buffer_add_le(image, contents.size, 4);
}

/* A zlib stream; its check is not looked at. */
static inline void image_add_zlib(struct dfota_buffer *image,
                                  struct dfota_view contents)
{
    dfota_buffer_add(image, "\x78\x9c", 2);
    image_add_deflate(image, contents);
    dfota_buffer_add_le(image, 0, 4);
}

/* A local entry of a zip. */
static inline void image_add_zip(struct dfota_buffer *image,
                                 struct dfota_view contents)
{
    struct dfota_buffer coded = {0};

    image_add_deflate(&coded, contents);
    dfota_buffer_add(image, "PK\3\4\x14\0\0\0\x08\0\0\0\0\0", 14);
    dfota_buffer_add_le(image, dfota_crc32(0, contents.data, contents.size), 4);
    dfota_buffer_add_le(image, coded.size, 4);
    dfota_buffer_add_le(image, contents.size, 4);
    dfota_buffer_add_le(image, 4, 2);
    dfota_buffer_add_le(image, 0, 2);
    dfota_buffer_add(image, "name", 4);
    dfota_buffer_add(image, coded.data, coded.size);
    dfota_buffer_free(&coded);
}

/* A block of an .xz file in stored chunks, which any decoder reads; `filters`
 * are its filters' bytes, and how many there are. */
static inline void image_add_xz_block(struct dfota_buffer *image,
                                      struct dfota_view contents,
                                      struct dfota_view filters, unsigned count)
{
    size_t begin = image->size;
    size_t size = (2 + filters.size + 3) / 4 * 4;

    dfota_buffer_add_le(image, size / 4, 1);
    dfota_buffer_add_le(image, count - 1, 1);
    dfota_buffer_add(image, filters.data, filters.size);
    while (image->size - begin < size)
        dfota_buffer_add_le(image, 0, 1);
    dfota_buffer_add_le(image, dfota_crc32(0, image->data + begin, size), 4);
    for (size_t at = 0; at < contents.size; at += PACKED_CHUNK) {
        size_t left = contents.size - at;
        size_t chunk = left < PACKED_CHUNK ? left : PACKED_CHUNK;

        dfota_buffer_add_le(image, at == 0 ? 1 : 2, 1);
        dfota_buffer_add_le(image, (chunk - 1) >> 8, 1);
        dfota_buffer_add_le(image, (chunk - 1) & 0xff, 1);
        dfota_buffer_add(image, contents.data + at, chunk);
    }
    dfota_buffer_add_le(image, 0, 1);
    while ((image->size - begin) % 4 != 0)
        dfota_buffer_add_le(image, 0, 1);
}

/* The header of an .xz file with such a check. */
static inline void image_begin_xz(struct dfota_buffer *image, uint8_t check)
{
    const uint8_t flags[2] = {0, check};

    dfota_buffer_add(image,
                     "\xfd"
                     "7zXZ",
                     6);
    dfota_buffer_add(image, flags, 2);
    dfota_buffer_add_le(image, dfota_crc32(0, flags, 2), 4);
}

/* An .xz file of one block, as far as the end of that. */
static inline void image_add_xz(struct dfota_buffer *image,
                                struct dfota_view contents)
{
    static const uint8_t lzma2[] = {0x21, 1, 0x16};

    image_begin_xz(image, 1);
    image_add_xz_block(image, contents,
                       (struct dfota_view){lzma2, sizeof(lzma2)}, 1);
    dfota_buffer_add_le(image, dfota_crc32(0, contents.data, contents.size), 4);
    dfota_buffer_add_le(image, 0, 1); /* the index begins */
}

#endif
