/* SPDX-License-Identifier: MIT */
/* delta_header.h - what reader and writer of a delta's head share */
#ifndef DFOTA_LIB_APPLY_DELTA_HEADER_H
#define DFOTA_LIB_APPLY_DELTA_HEADER_H

#include <stdint.h>

#include "dfota/apply.h"

#define DFOTA_DELTA_MAGIC                                                      \
    "\x89"                                                                     \
    "DFD"
#define DFOTA_DELTA_VERSION 2
#define DFOTA_DELTA_FIXED   47 /* bytes before the first varint */
#define DFOTA_DELTA_SHORT   55 /* bytes that a header has at least */

/* The buffers of the applier itself, whatever the coding. */
#define DFOTA_APPLY_MEMORY    ((uint32_t)4096) /* bytes */
#define DFOTA_CODER_MEMORY    1920 /* bytes of it that are the coder's */
#define DFOTA_IN_PLACE_MEMORY 512  /* more of them, where there is an order */

/* Bits of the coding byte, whose low ones are an enum dfota_coding_id. */
#define DFOTA_CODING_MASK     0x0fu
#define DFOTA_CODING_IN_PLACE 0x40u /* there is an order */

/* Segments are multiples of DFOTA_SEGMENT_GRAIN bytes. */
#define DFOTA_SEGMENT_GRAIN   256u
#define DFOTA_SEGMENT_MAX     ((uint32_t)1 << 24) /* bytes */
#define DFOTA_SEGMENTS_MAX    4096u               /* of new */

#define DFOTA_MIXED_SLOTS_MIN 256
#define DFOTA_MIXED_SLOTS_MAX ((uint32_t)1 << 24)

/* Values of a range begin and end at multiples of 1 << this. */
#define DFOTA_RANGE_GRAIN 12

/* How many segments new has, of a delta that is applied in place. */
static inline uint32_t
dfota_delta_segments(const struct dfota_delta_header *header)
{
    uint32_t size = header->order.segment_size;

    return header->new_size / size + (header->new_size % size != 0);
}

/*
 * Bytes of memory needed to apply a delta with this header, by docs/SPEC.md;
 * UINT32_MAX when a codec is unknown, or a parameter not valid, or no memory is
 * so large.
 */
uint32_t dfota_delta_memory(const struct dfota_delta_header *header);

/*
 * The dictionary of `code`, 0 to 37, as LZMA2 numbers them: 4 KiB, 6 KiB,
 * 8 KiB, 12 KiB and so on to 1.5 GiB; 0 for a higher code.
 */
uint32_t dfota_delta_dictionary(uint8_t code);

#endif
