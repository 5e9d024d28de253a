/* SPDX-License-Identifier: MIT */
/*
 * difference.h - what is added to copied bytes, and how
 *
 * Most copied bytes need no change, so the stream sends a zero once, followed
 * by how many more of them there are.  Where addresses moved, the sum is taken
 * over whole little-endian words, so that one shift gives one difference
 * whatever carries it causes.
 */
#ifndef DFOTA_LIB_APPLY_DIFFERENCE_H
#define DFOTA_LIB_APPLY_DIFFERENCE_H

#include <stdint.h>

#include "lib/apply/stream.h"

/* Bytes that are added as one number, by the delta's header. */
enum dfota_unit { DFOTA_UNIT_BYTE = 1, DFOTA_UNIT_WORD = 4 };

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

/*
 * Adds `old` to `difference` in place, over `size` bytes that lie at `new_pos`
 * of the new image.  With DFOTA_UNIT_WORD, four bytes that start at a multiple
 * of four in new and lie wholly within the range are one number; all others
 * are numbers of their own.  Cut a range only at multiples of four in new.
 */
void dfota_difference_add(enum dfota_unit unit, uint32_t new_pos,
                          uint8_t *difference, const uint8_t *old, size_t size);

/* The inverse: takes `old` from `new` in place, which becomes the difference.
 */
void dfota_difference_take(enum dfota_unit unit, uint32_t new_pos, uint8_t *new,
                           const uint8_t *old, size_t size);

#endif
