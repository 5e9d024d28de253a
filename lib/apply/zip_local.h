/* SPDX-License-Identifier: MIT */
/*
 * zip_local.h - walks a DFOTA zip by its local headers alone
 *
 * The entries of a DFOTA zip stand end to end from byte 0 on, stored, in a
 * fixed order, so a module finds a delta by stepping from header to header and
 * never needs the central directory.  Only the plain headers of docs/SPEC.md
 * pass; what the entries hold, and the central directory, are left to the
 * caller (on a host, format/dfota_zip.h).
 *
 * Source: PKWARE APPNOTE 6.3, 4.3.7 and 4.4.
 */
#ifndef DFOTA_LIB_APPLY_ZIP_LOCAL_H
#define DFOTA_LIB_APPLY_ZIP_LOCAL_H

#include <stdbool.h>
#include <stdint.h>

#include "dfota/error.h"
#include "lib/apply/cursor.h"

#define DFOTA_ZIP_LOCAL_SIZE 30 /* bytes of a local header before its name */
#define DFOTA_ZIP_NAME_MAX   38 /* a partition's 32 and ".delta" */

/* What every header of a DFOTA zip holds in these fields. */
#define DFOTA_ZIP_VERSION 10   /* stored entries need zip 1.0 */
#define DFOTA_ZIP_TIME    0    /* 00:00:00 */
#define DFOTA_ZIP_DATE    0x21 /* 1980-01-01, the earliest there is */

struct dfota_zip_local {
    const char *name;     /* in the bytes read, without terminator */
    uint16_t name_size;   /* 1 to DFOTA_ZIP_NAME_MAX bytes */
    uint32_t crc32;       /* of the contents, as the header states it */
    uint32_t size;        /* bytes of the contents, likewise */
    uint32_t header_size; /* bytes from the signature to the contents */
};

/*
 * Reads the local header at `cursor`, which then stands at the contents;
 * `size` further the next header or the central directory begins.  `cursor` may
 * end with the header: a module reads DFOTA_ZIP_LOCAL_SIZE plus
 * DFOTA_ZIP_NAME_MAX bytes, and seeks over the contents.  `offset` is where
 * `cursor` stands in the file, for `fault`.  On failure `cursor` and `*out` are
 * untouched.  Allocates nothing.
 *
 * Errors:
 *   DFOTA_ERR_FORMAT     ZIP-1   no local header at offset 0
 *   DFOTA_ERR_TRUNCATED  ZIP-3   `cursor` ends within the header
 *   DFOTA_ERR_CORRUPT    ZIP-4   no local header here
 *                        ZIP-5   a flag is set: encrypted, sizes elsewhere ...
 *                        ZIP-6   not stored
 *                        ZIP-7   the two sizes differ, or stand for zip64
 *                        ZIP-8   an extra field
 *                        ZIP-9   needs another version than 1.0
 *                        ZIP-10  a time other than 1980-01-01 00:00:00
 *                        ZIP-11  not a plain name
 */
enum dfota_error dfota_zip_local_read(struct dfota_cursor *cursor,
                                      uint64_t offset,
                                      struct dfota_zip_local *out,
                                      struct dfota_fault *fault);

/* True when the entry has exactly this name. */
bool dfota_zip_local_is(const struct dfota_zip_local *local, const char *name);

#endif
