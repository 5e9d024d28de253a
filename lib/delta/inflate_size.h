/* SPDX-License-Identifier: MIT */
/*
 * inflate_size.h - where a stream of deflate ends, and how much it unpacks to
 *
 * Nothing is unpacked for that: lengths suffice.
 *
 * Source: RFC 1951.
 */
#ifndef DFOTA_LIB_DELTA_INFLATE_SIZE_H
#define DFOTA_LIB_DELTA_INFLATE_SIZE_H

#include <stdint.h>

#include "lib/base/buffer.h"

struct dfota_inflate_size {
    uint32_t packed;    /* bytes; 0: there is no stream */
    uint32_t contents;  /* bytes, as far as they were counted */
    uint32_t looked_at; /* packed bytes, as far as they were read */
};

/*
 * Measures the stream that `bytes` begin with, unless its contents have more
 * than `most` bytes.
 */
struct dfota_inflate_size dfota_inflate_measure(struct dfota_view bytes,
                                                uint32_t most);

#endif
