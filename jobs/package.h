/* SPDX-License-Identifier: MIT */
/* package.h - a file that may be a package, read and recognised */
#ifndef DFOTA_JOBS_PACKAGE_H
#define DFOTA_JOBS_PACKAGE_H

#include "dfota/error.h"
#include "format/dfota_zip.h"
#include "lib/base/buffer.h"

/* The largest package that the host handles. */
#define DFOTA_PACKAGE_MAX ((size_t)INT32_MAX) /* bytes */

enum dfota_package_kind {
    DFOTA_PACKAGE_ZIP,    /* ours: a DFOTA zip */
    DFOTA_PACKAGE_DELTA,  /* ours: a delta without container */
    DFOTA_PACKAGE_BSDIFF, /* BSDIFF40 */
    DFOTA_PACKAGE_FOREIGN /* something else, known or not */
};

/* Owns the file's bytes and what was read from them.  {0} is none. */
struct dfota_package {
    const char *path; /* the caller's */
    struct dfota_buffer file;
    enum dfota_package_kind kind;
    const char *name;        /* short, such as "bsdiff40", or "unknown" */
    const char *description; /* for people */
    struct dfota_zip *zip;   /* for DFOTA_PACKAGE_ZIP, once read; or NULL */
};

/*
 * Reads the file at `path`, which must outlive `*out`, and says what it is
 * without judging it.  A zip is taken for ours when its first entry is
 * manifest.json.  Errors: those of dfota_file_read().
 */
enum dfota_error dfota_package_open(const char *path, struct dfota_package *out,
                                    struct dfota_fault *fault);

/*
 * Reads a DFOTA zip strictly: fills in `package->zip`, and compares each
 * delta's header with the manifest.
 *
 * Errors, ascribed to the file: those of dfota_zip_read(),
 * dfota_delta_read_header() with offsets in the file, and
 *   DFOTA_ERR_CORRUPT  PKG-1  a delta's header contradicts the manifest
 */
enum dfota_error dfota_package_read_zip(struct dfota_package *package,
                                        struct dfota_fault *fault);

void dfota_package_close(struct dfota_package *package);

/* Moves a fault's offset by `by`, from that in a delta to that in the file. */
void dfota_package_shift(struct dfota_fault *fault, uint64_t by);

#endif
