/* SPDX-License-Identifier: MIT */
/* packing.h - a kind of packed stream: how it is taken apart, and made */
#ifndef DFOTA_LIB_APPLY_PACKING_H
#define DFOTA_LIB_APPLY_PACKING_H

#include "lib/apply/packed_io.h"
#include "lib/apply/parse.h"

struct dfota_packing {
    uint8_t first; /* of enum dfota_packing_id ... */
    uint8_t last;  /* ... that it is */

    /* Takes a stream apart that `io` reads; in `memory` is the coder.
     * False where it is not valid; or `io` knows what happened. */
    bool (*unpack)(const struct dfota_unpack_job *job,
                   struct dfota_packed_io *io, void *memory);

    /* Makes one that `io` writes, likewise, or tells it alone. */
    bool (*pack)(const struct dfota_pack_job *job, struct dfota_packed_io *io,
                 struct dfota_parse *parse, void *memory);
};

#endif
