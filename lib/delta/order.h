/* SPDX-License-Identifier: MIT */
/*
 * order.h - in which order new is written over old
 *
 * A segment that reads old bytes from the place of another one is best made
 * before that.  Where some do so mutually, the order is sought that loses the
 * fewest bytes.
 */
#ifndef DFOTA_LIB_DELTA_ORDER_H
#define DFOTA_LIB_DELTA_ORDER_H

#include "lib/delta/plan.h"

/* An order of segments.  Owns its array.  {0} is none. */
struct dfota_sequence {
    struct dfota_buffer places; /* of uint32_t: which segment, by its turn */
    uint64_t lost;              /* bytes of copies that come too late */
    bool backward; /* most segments come after the one behind them */
};

/*
 * Finds an order of the segments of `segment_size` bytes of `plan`, whose
 * records are in the order of new.  On failure `*out` is untouched.
 *
 * Cost: quadratic in the number of segments, linear in records and segments
 * that they touch.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_sequence_find(const struct dfota_plan *plan,
                                     uint32_t segment_size,
                                     struct dfota_sequence *out,
                                     struct dfota_fault *fault);

void dfota_sequence_free(struct dfota_sequence *sequence);

#endif
