/* SPDX-License-Identifier: MIT */
/*
 * dfota_zip.h - the DFOTA package: a plain zip of a manifest and deltas
 *
 * Entries are stored: manifest.json first, then `<partition>.delta` for each
 * partition that changes, in the manifest's order, and nothing else, in the one
 * form that docs/SPEC.md allows, so that every byte has one right value.  What
 * is in the deltas is left to others.
 *
 * Spec: docs/SPEC.md, DFOTA zip.
 */
#ifndef DFOTA_FORMAT_DFOTA_ZIP_H
#define DFOTA_FORMAT_DFOTA_ZIP_H

#include <stdbool.h>
#include <stdint.h>

#include "dfota/error.h"
#include "format/manifest.h"
#include "lib/base/buffer.h"

/* {0} for a partition that does not change. */
struct dfota_zip_delta {
    struct dfota_view bytes; /* in the file read */
    uint64_t offset;         /* where in it they begin */
};

/* What a package holds; valid as long as the file it was read from. */
struct dfota_zip {
    struct dfota_manifest manifest;
    struct dfota_zip_delta deltas[DFOTA_MANIFEST_PARTITIONS_MAX];
};

/*
 * Reads the whole of `file` into `*out`, which is untouched on failure.  Every
 * delta has been compared with its digests.  Allocates next to nothing: some
 * kilobytes a partition at most.  Safe from any thread.
 *
 * Errors, at their offset in `file`:
 *   DFOTA_ERR_FORMAT     ZIP-1   not a zip that begins at offset 0
 *                        ZIP-2   the first entry is not manifest.json
 *   DFOTA_ERR_TRUNCATED  ZIP-3   the file ends too early
 *   DFOTA_ERR_CORRUPT    ZIP-4   no local header where the next entry is due
 *                        ZIP-5 to ZIP-11 as dfota_zip_local_read()
 *   DFOTA_ERR_LIMIT      ZIP-12  the manifest is over DFOTA_MANIFEST_TEXT_MAX
 *   DFOTA_ERR_DIGEST     ZIP-13  the manifest does not match its CRC32
 *   DFOTA_ERR_CORRUPT    ZIP-14  an entry's name is not the one due
 *                        ZIP-15  an entry's size or CRC32 is not the manifest's
 *   DFOTA_ERR_DIGEST     ZIP-16  a delta does not match its digests
 *   DFOTA_ERR_CORRUPT    ZIP-17  no central directory after the last delta
 *                        ZIP-18  it does not match the local headers
 *                        ZIP-19  the end record does not match it
 *                        ZIP-20  bytes after the end record
 *   DFOTA_ERR_LIMIT      ZIP-21  a file of 4 GiB or more
 *   those of dfota_manifest_read(), at the manifest's offset where they have
 *   none
 *   DFOTA_ERR_MEMORY
 */
enum dfota_error dfota_zip_read(struct dfota_view file, struct dfota_zip *out,
                                struct dfota_fault *fault);

/*
 * Appends the package of `manifest` and `deltas`, one a partition in its order
 * and {0} where it does not change, to `out`.  The same input gives the same
 * bytes.  The manifest's digests must be those of the deltas.  Needs the
 * package's size in memory once more.
 *
 * Errors:
 *   DFOTA_ERR_USAGE          a delta is not of the size the manifest says
 *   DFOTA_ERR_LIMIT  ZIP-12  the manifest is over DFOTA_MANIFEST_TEXT_MAX
 *                    ZIP-21  the package would have 4 GiB or more
 *   those of dfota_manifest_write()
 *   DFOTA_ERR_MEMORY
 */
enum dfota_error dfota_zip_write(const struct dfota_manifest *manifest,
                                 const struct dfota_view *deltas,
                                 struct dfota_buffer *out,
                                 struct dfota_fault *fault);

/*
 * Whether `file` is a zip of any make that has an entry `name`, and one whose
 * name ends in `suffix`: to recognise packages of others.  Case counts.  False
 * for what is no zip, or too broken to list.
 */
bool dfota_zip_has_entry(struct dfota_view file, const char *name);
bool dfota_zip_has_suffix(struct dfota_view file, const char *suffix);

#endif
