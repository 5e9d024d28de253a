/* SPDX-License-Identifier: MIT */
/*
 * choose.h - turns seeds into the ranges that are copied
 *
 * Each alignment is extended backward and forward as long as at least half of
 * the bytes agree, and where two of them meet, the border is drawn where most
 * bytes agree.  An alignment that is interrupted and goes on is not interrupted
 * where that costs more than the bytes that differ.
 */
#ifndef DFOTA_LIB_DELTA_CHOOSE_H
#define DFOTA_LIB_DELTA_CHOOSE_H

#include "lib/apply/copy.h"
#include "lib/base/buffer.h"
#include "lib/delta/match.h"

/*
 * Appends to `copies`, as an array of struct dfota_copy, the ranges that the
 * `count` seeds give; none is empty.  Cost: linear in new.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_choose_copies(struct dfota_view old,
                                     struct dfota_view new,
                                     struct dfota_view seeds,
                                     struct dfota_buffer *copies,
                                     struct dfota_fault *fault);

#endif
