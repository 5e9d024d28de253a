/* SPDX-License-Identifier: MIT */
/* delta_header.h - what reader and writer of a delta's head share */
#ifndef DFOTA_LIB_APPLY_DELTA_HEADER_H
#define DFOTA_LIB_APPLY_DELTA_HEADER_H

#include <stdint.h>

#include "dfota/apply.h"

#define DFOTA_DELTA_MAGIC                                                      \
    "\x89"                                                                     \
    "DFD"
#define DFOTA_DELTA_VERSION 1
#define DFOTA_DELTA_CRC_AT  92 /* where the head's own CRC32 stands */

/* The buffers of the applier itself, whatever the codecs. */
#define DFOTA_APPLY_MEMORY ((uint32_t)4096) /* bytes */

/*
 * Bytes of memory needed to apply a delta of these streams, whose map of
 * addresses has `map_count` entries, by docs/SPEC.md; UINT32_MAX when a codec
 * is unknown, or its parameters not valid, or no memory is so large.
 */
uint32_t
dfota_delta_memory(const struct dfota_stream streams[DFOTA_STREAM_COUNT],
                   uint32_t map_count);

/*
 * The dictionary of `code`, 0 to 37, as LZMA2 numbers them: 4 KiB, 6 KiB,
 * 8 KiB, 12 KiB and so on to 1.5 GiB; 0 for a higher code.
 */
uint32_t dfota_delta_dictionary(uint8_t code);

#endif
