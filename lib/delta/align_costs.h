/* SPDX-License-Identifier: MIT */
/* align_costs.h - what it costs to make new in one way or another */
#ifndef DFOTA_LIB_DELTA_ALIGN_COSTS_H
#define DFOTA_LIB_DELTA_ALIGN_COSTS_H

#include <stdint.h>

/* What things cost, in 1/16 bit. */
struct dfota_align_costs {
    uint16_t literal;   /* a byte that is not copied */
    uint16_t equal;     /* a copied byte */
    uint16_t different; /* a copied byte that differs, after an equal one */
    uint16_t again;     /* one that differs, after another */
    uint16_t repeated; /* one that differs by as much as the one 4 before, where
                          that is less */
    uint16_t enter;    /* a copy; besides, how far its shift is from the last:
                          log2 of it in words, or in bytes where it is odd */
    uint16_t odd;      /* besides, where that is not a multiple of 4 */
    uint16_t resume;   /* a copy with the shift of the one before */
    uint16_t leave;    /* literals after a copy */
};

/* For images and their neutral forms, see neutral.h; for records that are
 * written whole. */
extern const struct dfota_align_costs dfota_align_delta;
extern const struct dfota_align_costs dfota_align_bsdiff;

/* What a copy costs whose shift is `to`, where that of the last is `from`. */
uint32_t dfota_align_enter_cost(const struct dfota_align_costs *costs,
                                uint32_t from, uint32_t to);

#endif
