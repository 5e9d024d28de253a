/* SPDX-License-Identifier: MIT */
/* packing.h - a kind of packed stream: how it is taken apart, and made; or a
 * filter */
#ifndef DFOTA_LIB_APPLY_PACKING_H
#define DFOTA_LIB_APPLY_PACKING_H

#include "lib/apply/packed_io.h"
#include "lib/apply/parse.h"

/* Code that a filter goes through, and which way. */
struct dfota_filtered {
    uint8_t *bytes;
    uint32_t size;
    uint32_t start; /* the address of the first byte */
    bool undoes;
};

#define DFOTA_PACKING_FILTERS 16 /* behind it filters have their numbers */

struct dfota_packing {
    uint8_t first; /* of enum dfota_packing_id, or of filters ... */
    uint8_t last;  /* ... that it is */

    /* Takes a stream apart that `io` reads; or makes one that `io` writes, as
     * `parse` tells it, which is NULL otherwise.  In `memory` is the coder.
     * False where it is not valid; or `io` or `parse` know what happened. */
    bool (*run)(const struct dfota_packed_job *job, struct dfota_packed_io *io,
                struct dfota_parse *parse, void *memory);

    /* A filter: does or undoes it. */
    void (*turn)(const struct dfota_filtered *code);
};

#endif
