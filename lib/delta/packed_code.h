/* SPDX-License-Identifier: MIT */
/* packed_code.h - what a delta says of its packed regions */
#ifndef DFOTA_LIB_DELTA_PACKED_CODE_H
#define DFOTA_LIB_DELTA_PACKED_CODE_H

#include "dfota/apply.h"
#include "lib/delta/packed_pair.h"
#include "lib/delta/plan.h"

/* Owns the buffers.  {0} is none. */
struct dfota_packed_section {
    struct dfota_unpacked stated;
    struct dfota_buffer list;
    struct dfota_buffer parse;
};

/*
 * Leaves streams packed until a module with `ram` bytes can unpack the others
 * and still has something to apply the delta with, and states what that takes,
 * but for what depends on records.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_packed_fit(struct dfota_packed_pair *pair, uint32_t ram,
                                  struct dfota_unpacked *out,
                                  struct dfota_fault *fault);

/*
 * Tells how the regions of new are packed, of which the plan makes the view.
 * `out->stated` is what dfota_packed_fit() gave.
 *
 * Errors: DFOTA_ERR_MEMORY, and
 *   DFOTA_ERR_REFUSED  a stream is not made exactly, and was left packed
 *   DFOTA_ERR_LIMIT    streams of old would be unpacked over and over
 */
enum dfota_error dfota_packed_code(struct dfota_packed_pair *pair,
                                   const struct dfota_plan *plan,
                                   struct dfota_packed_section *out,
                                   struct dfota_fault *fault);

void dfota_packed_section_free(struct dfota_packed_section *section);

/* Appends the list of regions; for dfota_packed_code(), and tests. */
void dfota_packed_list(const struct dfota_packed_pair *pair,
                       struct dfota_buffer *out);

#endif
