/* SPDX-License-Identifier: MIT */
/* serialize.h - writes copies as the three streams of a delta, not yet coded */
#ifndef DFOTA_LIB_DELTA_SERIALIZE_H
#define DFOTA_LIB_DELTA_SERIALIZE_H

#include "lib/apply/copy.h"
#include "lib/apply/difference.h"
#include "lib/apply/predict.h"
#include "lib/base/buffer.h"

/* What is turned into what, and by which copies. */
struct dfota_plan {
    struct dfota_view old;
    struct dfota_view new;
    const struct dfota_copy *copies;
    size_t copy_count;
    const struct dfota_predictor *predictor; /* NULL: nothing is predicted */
};

/* One of these a stream: appends its bytes.  Ask dfota_buffer_check(). */
void dfota_serialize_control(const struct dfota_plan *plan,
                             struct dfota_buffer *out);
void dfota_serialize_difference(const struct dfota_plan *plan,
                                enum dfota_unit unit, struct dfota_buffer *out);
void dfota_serialize_literal(const struct dfota_plan *plan,
                             struct dfota_buffer *out);

#endif
