/* SPDX-License-Identifier: MIT */
/* delta_write.h - the head of a delta, and what is behind it */
#ifndef DFOTA_LIB_DELTA_DELTA_WRITE_H
#define DFOTA_LIB_DELTA_DELTA_WRITE_H

#include "dfota/apply.h"
#include "lib/base/buffer.h"

/*
 * Appends the head that dfota_delta_read_header() reads as `header`, whose
 * `head_size` and `ram` are not looked at.
 */
void dfota_delta_write_head(const struct dfota_delta_header *header,
                            struct dfota_buffer *out);

#endif
