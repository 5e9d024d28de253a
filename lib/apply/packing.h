/* SPDX-License-Identifier: MIT */
/* packing.h - a kind of packed stream: how it is taken apart, and made */
#ifndef DFOTA_LIB_APPLY_PACKING_H
#define DFOTA_LIB_APPLY_PACKING_H

#include "lib/apply/packed_io.h"
#include "lib/apply/parse.h"

struct dfota_packing {
    uint8_t first; /* of enum dfota_packing_id ... */
    uint8_t last;  /* ... that it is */

    /* Takes a stream apart that `io` reads; or makes one that `io` writes, as
     * `parse` tells it, which is NULL otherwise.  In `memory` is the coder.
     * False where it is not valid; or `io` or `parse` know what happened. */
    bool (*run)(const struct dfota_packed_job *job, struct dfota_packed_io *io,
                struct dfota_parse *parse, void *memory);
};

#endif
