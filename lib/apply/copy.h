/* SPDX-License-Identifier: MIT */
/* copy.h - one range of the new image that resembles a range of the old */
#ifndef DFOTA_LIB_APPLY_COPY_H
#define DFOTA_LIB_APPLY_COPY_H

#include <stdint.h>

/*
 * `length` bytes of new at `new_pos` are made from those of old at `old_pos`,
 * each plus a transmitted difference.  A list of them is sorted by `new_pos`,
 * without overlap in new; what of new it leaves out is transmitted whole.
 */
struct dfota_copy {
    uint32_t new_pos;
    uint32_t old_pos;
    uint32_t length;
};

#endif
