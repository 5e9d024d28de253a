/* SPDX-License-Identifier: MIT */
/*
 * region_list.h - which packed regions a delta unpacks, as it tells that
 *
 * Spec: docs/SPEC.md, chapter Delta, "Compressed regions".
 */
#ifndef DFOTA_LIB_APPLY_REGION_LIST_H
#define DFOTA_LIB_APPLY_REGION_LIST_H

#include "dfota/apply.h"
#include "lib/apply/shelf.h"

/* Bytes of memory that packing a region works in, a multiple of 16. */
uint32_t dfota_region_work(const struct dfota_shelf_region *region);

/* Contents begin at multiples of this in a view, and what is behind them goes
 * on as it does in the image, so that instructions stay where they can be
 * found. */
#define DFOTA_VIEW_GRAIN 16u /* bytes */

/* Bits before each region: what is told of it, and not as of the one before. */
#define DFOTA_REGION_KIND     1u /* packing, parameters and filter */
#define DFOTA_REGION_CONTENTS 2u /* bytes of contents */
#define DFOTA_REGION_GAP      4u /* bytes between the two */

/* In the byte that tells the packing. */
#define DFOTA_REGION_MARKER 0x80u /* an end marker ends it */

/*
 * Reads the list that follows the head into `regions`, which have room for as
 * many of old and then of new as the header states.
 *
 * Errors: those of reading the delta, PKD-1, and
 *   DFOTA_ERR_CORRUPT  DLT-41  the list is not what is stated, or has a number
 *                              that is not in its shortest form
 *   DFOTA_ERR_CORRUPT  DLT-42  a region lies outside of its image, or the
 *                              regions do not make the unpacked views
 */
enum dfota_error dfota_region_list_read(const struct dfota_applier *applier,
                                        const struct dfota_delta_header *header,
                                        struct dfota_shelf_region *regions,
                                        struct dfota_fault *fault);

#endif
