/* SPDX-License-Identifier: MIT */
/*
 * difference.h - what is added to copied bytes
 *
 * Most copied bytes need no change, so the stream sends a zero once, followed
 * by how many more of them there are.
 */
#ifndef DFOTA_LIB_APPLY_DIFFERENCE_H
#define DFOTA_LIB_APPLY_DIFFERENCE_H

#include <stdint.h>

#include "lib/apply/stream.h"

struct dfota_difference_reader {
    struct dfota_stream_reader stream;
    uint32_t zeros; /* still to be given before the stream is read again */
};

/*
 * The next `size` difference bytes.
 * Errors: those of dfota_stream_read() and dfota_stream_varint().
 */
enum dfota_error dfota_difference_read(struct dfota_difference_reader *reader,
                                       uint8_t *out, size_t size,
                                       struct dfota_fault *fault);

/*
 * Checks that nothing is left.
 * Errors: DFOTA_ERR_CORRUPT  DLT-20  zeros or coded bytes are.
 */
enum dfota_error dfota_difference_end(struct dfota_difference_reader *reader,
                                      struct dfota_fault *fault);

#endif
