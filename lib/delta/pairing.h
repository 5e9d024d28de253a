/* SPDX-License-Identifier: MIT */
/* pairing.h - two images, and what of new is copied from old */
#ifndef DFOTA_LIB_DELTA_PAIRING_H
#define DFOTA_LIB_DELTA_PAIRING_H

#include "lib/apply/copy.h"
#include "lib/base/buffer.h"

/* Owns nothing. */
struct dfota_pairing {
    struct dfota_view old;
    struct dfota_view new;
    const struct dfota_copy *copies; /* sorted by `new_pos` */
    size_t copy_count;
    size_t most; /* bytes of values that may be collected; 0: no bound */
};

#endif
