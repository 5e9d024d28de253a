/* SPDX-License-Identifier: MIT */
/*
 * zip_tail.h - the end of a DFOTA zip, as its local headers call for it
 *
 * In a plain zip the central directory and the end record say nothing that the
 * local headers have not said.  So a reader that walks the local headers knows
 * each of these bytes beforehand, and compares.
 *
 * Source: PKWARE APPNOTE 6.3, 4.3.12 and 4.3.16.
 */
#ifndef DFOTA_FORMAT_ZIP_TAIL_H
#define DFOTA_FORMAT_ZIP_TAIL_H

#include <stddef.h>
#include <stdint.h>

#include "lib/apply/zip_local.h"
#include "lib/base/buffer.h"

#define DFOTA_ZIP_CENTRAL_SIZE 46 /* bytes of a central header, less name */
#define DFOTA_ZIP_END_SIZE     22 /* bytes of the end record */

/* A Unix file, rw-r--r--: the external attributes of every entry. */
#define DFOTA_ZIP_ATTRIBUTES ((uint32_t)0100644 << 16)

/* Appends the central header of the entry whose local header is at `offset`. */
void dfota_zip_add_central(struct dfota_buffer *tail,
                           const struct dfota_zip_local *local,
                           uint64_t offset);

/*
 * Appends the end record.  `tail` so far is the central directory, of `count`
 * entries; `offset` is where in the file it begins.
 */
void dfota_zip_add_end(struct dfota_buffer *tail, size_t count,
                       uint64_t offset);

#endif
