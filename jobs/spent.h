/* SPDX-License-Identifier: MIT */
/* spent.h - how many bits of a delta have been used */
#ifndef DFOTA_JOBS_SPENT_H
#define DFOTA_JOBS_SPENT_H

#include <math.h>

#include "lib/apply/range.h"

/* Bits that were decoded of what begins at `begin` of the delta. */
static inline double dfota_spent_bits(const struct dfota_range *range,
                                      uint32_t begin)
{
    double bytes = (double)dfota_range_position(range) + range->beyond - begin;

    return 8 * bytes - log2((double)range->high - range->low + 1);
}

/* The same as a whole number of thousandths, so that rounding does not add up.
 */
static inline uint64_t dfota_spent_whole(double bits)
{
    return bits > 0 ? (uint64_t)llround(bits * 1000) : 0;
}

#endif
