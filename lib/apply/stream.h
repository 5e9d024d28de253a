/* SPDX-License-Identifier: MIT */
/*
 * stream.h - one coded stream of a delta, decoded piece by piece
 *
 * Sits between the caller's read callback and a codec; holds a small buffer of
 * coded bytes and sees to it that a stream gives exactly its stated size.
 */
#ifndef DFOTA_LIB_APPLY_STREAM_H
#define DFOTA_LIB_APPLY_STREAM_H

#include <stdint.h>

#include "dfota/apply.h"

#define DFOTA_STREAM_BUFFER 512 /* bytes of coded input held at a time */

struct dfota_stream_reader {
    const struct dfota_applier *applier;
    const struct dfota_codec *codec;
    void *state;        /* the codec's */
    uint8_t *buffer;    /* DFOTA_STREAM_BUFFER bytes */
    const uint8_t *in;  /* what of the buffer is not decoded yet */
    size_t in_left;     /* bytes at `in` */
    uint32_t next;      /* where in the delta the buffer continues */
    uint32_t coded_end; /* where in the delta the stream ends */
    uint32_t raw_left;  /* bytes still to be decoded */
};

/*
 * Decodes the next `size` bytes into `out`.
 *
 * Errors: those of the read callback, and DLT-15 when the stream has fewer
 * bytes or cannot be decoded.
 */
enum dfota_error dfota_stream_read(struct dfota_stream_reader *reader,
                                   uint8_t *out, size_t size,
                                   struct dfota_fault *fault);

/*
 * Decodes the next LEB128 number of at most 32 bits.
 * Errors: as dfota_stream_read(), and DLT-16 when it is not in shortest form.
 */
enum dfota_error dfota_stream_varint(struct dfota_stream_reader *reader,
                                     uint32_t *out, struct dfota_fault *fault);

/*
 * Checks that all bytes have been decoded and all coded bytes used.
 * Errors: as dfota_stream_read(), and DLT-20 when something is left.
 */
enum dfota_error dfota_stream_end(struct dfota_stream_reader *reader,
                                  struct dfota_fault *fault);

/* Where in the delta the stream has been decoded to, for a fault. */
uint32_t dfota_stream_position(const struct dfota_stream_reader *reader);

#endif
