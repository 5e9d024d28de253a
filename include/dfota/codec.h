/* SPDX-License-Identifier: MIT */
/*
 * codec.h - what the applier asks of a decompressor
 *
 * The applier knows no compression library.  It is handed a table of codecs;
 * the host's are built on zlib and liblzma, a bootloader brings its own or
 * leaves out what its packages never use.
 *
 * Spec: docs/SPEC.md, chapter Delta, "Codecs".
 */
#ifndef DFOTA_CODEC_H
#define DFOTA_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "dfota/error.h"

/* The codec's number in a delta.  Only ever append. */
enum dfota_codec_id {
    DFOTA_CODEC_ID_STORED = 0, /* the bytes as they are */
    DFOTA_CODEC_ID_ZLIB = 1,   /* raw deflate, RFC 1951 */
    DFOTA_CODEC_ID_LZMA = 2,   /* raw LZMA, size known, without end marker */
    DFOTA_CODEC_ID_MIXED = 3   /* frames of a .mini_2 alone */
};

/* How one stream of a delta is coded. */
struct dfota_stream {
    uint8_t codec;       /* enum dfota_codec_id */
    uint8_t props;       /* zlib: window bits, 9 to 15; LZMA: (pb*5+lp)*9+lc;
                          * mixed: what the bytes are, 0 to 3 */
    uint32_t dictionary; /* LZMA, mixed: bytes; otherwise 0 */
    uint32_t raw_size;   /* bytes before coding */
    uint32_t coded_size; /* bytes in the delta */
};

/* Input and output of one call; a codec moves all four. */
struct dfota_codec_io {
    const uint8_t *in;
    size_t in_left;
    uint8_t *out;
    size_t out_left;
};

struct dfota_codec {
    uint8_t id;
    /*
     * Prepares to decode `stream` inside `memory`, which is aligned to 16
     * bytes and holds dfota_codec_memory(stream) bytes; `*state` is handed
     * back to decode().  Nothing is ever closed: a codec keeps all it has in
     * `memory`.
     *
     * Errors: DFOTA_ERR_MEMORY when `memory` does not suffice.
     */
    enum dfota_error (*open)(const struct dfota_stream *stream, void *memory,
                             size_t memory_size, void **state);
    /*
     * Decodes as far as input and output allow.  A call that moves nothing
     * means that more input or output is needed, or that the stream has ended.
     *
     * Errors: DFOTA_ERR_CORRUPT when the input cannot be decoded.
     */
    enum dfota_error (*decode)(void *state, struct dfota_codec_io *io);
};

/*
 * Bytes of memory that a decoder of `stream` may use; a property of the format,
 * so that a generator can promise what every applier keeps.  UINT32_MAX when
 * the parameters are not valid.
 */
DFOTA_API uint32_t dfota_codec_memory(const struct dfota_stream *stream);

/* The codec that copies.  Always at hand; needs no memory. */
DFOTA_API extern const struct dfota_codec dfota_codec_stored;

/*
 * The applier's own codec of frames, which needs no library.  All of a frame
 * comes out when the last of its coded bytes has come in.
 */
DFOTA_API extern const struct dfota_codec dfota_codec_mixed;

#endif
