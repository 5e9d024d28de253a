/* SPDX-License-Identifier: MIT */
/* packing.h - a kind of packed stream: how it is taken apart, and made */
#ifndef DFOTA_LIB_APPLY_PACKING_H
#define DFOTA_LIB_APPLY_PACKING_H

#include "lib/apply/packed.h"
#include "lib/apply/parse.h"

struct dfota_packing {
    uint8_t first; /* of enum dfota_packing_id ... */
    uint8_t last;  /* ... that it is */

    /* As dfota_unpack_region(). */
    enum dfota_error (*unpack)(const struct dfota_unpack_job *job,
                               struct dfota_fault *fault);

    /* As dfota_pack_region(), with the parse begun, and the memory that is
     * left. */
    enum dfota_error (*pack)(const struct dfota_pack_job *job,
                             struct dfota_parse *parse, void *memory,
                             struct dfota_fault *fault);
};

#endif
