/* SPDX-License-Identifier: MIT */
/* packed_price.h - what each packed region costs in a delta, and would cost as
 * it is */
#ifndef DFOTA_LIB_DELTA_PACKED_PRICE_H
#define DFOTA_LIB_DELTA_PACKED_PRICE_H

#include "lib/delta/packed_pair.h"
#include "lib/delta/plan.h"

/*
 * Sets what the contents of each region of new cost, which are made by the
 * records of the plan; `reached` has the coded bytes of content after each
 * record.
 */
void dfota_packed_price(struct dfota_packed_pair *pair,
                        const struct dfota_plan *plan, const uint32_t *reached);

/*
 * Leaves the regions of new packed that cost more than their bytes do where old
 * does not have them, as far as that is known; `*saved` is how much more.
 * Cost: linear in both images.  Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_packed_drop(struct dfota_packed_pair *pair,
                                   uint64_t *saved, struct dfota_fault *fault);

#endif
