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
    size_t most;      /* bytes of values that may be collected; 0: no bound */
    unsigned threads; /* to read them by, as dfota_parallel() has it */
};

#define DFOTA_PAIRING_PIECE ((uint32_t)1 << 18) /* bytes of new */

/* Copies `first` to `end` - 1. */
struct dfota_pairing_piece {
    size_t first;
    size_t end;
};

/* How many pieces new has, whose copies can be read side by side. */
size_t dfota_pairing_pieces(const struct dfota_pairing *plan);

/*
 * The copies that begin in a piece.
 * Cost: the logarithm of all copies.
 */
struct dfota_pairing_piece dfota_pairing_piece(const struct dfota_pairing *plan,
                                               size_t index);

#endif
