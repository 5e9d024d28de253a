/* SPDX-License-Identifier: MIT */
/* serialize.h - writes a plan as the three streams of a delta, not yet coded */
#ifndef DFOTA_LIB_DELTA_SERIALIZE_H
#define DFOTA_LIB_DELTA_SERIALIZE_H

#include "lib/delta/plan.h"

/*
 * Appends the streams of `plan` to `out`, by enum dfota_stream_kind.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_serialize(const struct dfota_plan *plan,
                                 struct dfota_buffer out[DFOTA_STREAM_COUNT],
                                 struct dfota_fault *fault);

#endif
