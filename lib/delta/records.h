/* SPDX-License-Identifier: MIT */
/* records.h - turns copies into the records of a plan */
#ifndef DFOTA_LIB_DELTA_RECORDS_H
#define DFOTA_LIB_DELTA_RECORDS_H

#include "lib/apply/coder.h"
#include "lib/base/buffer.h"

/*
 * Appends to `out`, as an array of struct dfota_record, the records that make
 * `new` by `copies`, an array of struct dfota_copy; all have `dialect`.
 */
void dfota_records_make(struct dfota_view copies, struct dfota_view new,
                        uint8_t dialect, struct dfota_buffer *out);

/* Whether `size` bytes, at least 1 KiB, look like compressed ones. */
bool dfota_records_are_plain(const uint8_t *bytes, uint32_t size);

/*
 * Appends the same records to `out`, but with the blocks of inserted bytes that
 * show no order cut out into records of their own, of dialect `plain`.
 * Cost: linear in `new`.
 */
void dfota_records_split(struct dfota_view records, struct dfota_view new,
                         uint8_t plain, struct dfota_buffer *out);

#endif
