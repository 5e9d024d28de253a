/* SPDX-License-Identifier: MIT */
/* package.h - a file that may be a package, read and recognised */
#ifndef DFOTA_JOBS_PACKAGE_H
#define DFOTA_JOBS_PACKAGE_H

#include "dfota/error.h"
#include "format/dfota_zip.h"
#include "format/mini.h"
#include "lib/base/buffer.h"

/* The largest package that the host handles. */
#define DFOTA_PACKAGE_MAX ((size_t)INT32_MAX) /* bytes */

enum dfota_package_kind {
    DFOTA_PACKAGE_ZIP,    /* ours: a DFOTA zip */
    DFOTA_PACKAGE_MINI,   /* ours: a .mini_1, with its .mini_2 */
    DFOTA_PACKAGE_DELTA,  /* ours: a delta without container */
    DFOTA_PACKAGE_BSDIFF, /* BSDIFF40 */
    DFOTA_PACKAGE_FOREIGN /* something else, known or not */
};

/* The .mini_2 beside a .mini_1. */
struct dfota_package_second {
    char *path; /* NULL when the first file's name does not lead to it */
    bool present;
    struct dfota_buffer file;
};

/* Owns the files' bytes and what was read from them.  {0} is none. */
struct dfota_package {
    const char *path; /* the caller's */
    struct dfota_buffer file;
    struct dfota_package_second second;
    enum dfota_package_kind kind;
    const char *name;             /* short, such as "bsdiff40", or "unknown" */
    const char *description;      /* for people */
    bool read;                    /* dfota_package_read() has filled in ... */
    struct dfota_zip *zip;        /* ... this for DFOTA_PACKAGE_ZIP ... */
    struct dfota_mini_pair *mini; /* ... and this for DFOTA_PACKAGE_MINI */
};

/*
 * Reads the file at `path`, which must outlive `*out`, and says what it is
 * without judging it.  A zip is taken for ours when its first entry is
 * manifest.json, or when it has one and a delta somewhere.  For a .mini_1, and
 * for what is named so, the .mini_2 of the same stem is read as well, where
 * there is one.  Errors: those of dfota_file_read(), and DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_package_open(const char *path, struct dfota_package *out,
                                    struct dfota_fault *fault);

/* The same, with the second file at `second`, unless that is NULL. */
enum dfota_error dfota_package_open_pair(const char *path, const char *second,
                                         struct dfota_package *out,
                                         struct dfota_fault *fault);

/*
 * Reads a package of ours strictly, once, and compares each delta's header with
 * what is said of it.  A package of another kind is left as it is.
 *
 * Errors, ascribed to the file: those of dfota_zip_read(),
 * dfota_mini_read_pair(), dfota_delta_read_header() with offsets in the file,
 * and
 *   DFOTA_ERR_CORRUPT  PKG-1  a delta's header contradicts the manifest
 *   DFOTA_ERR_REFUSED  PKG-2  there is no .mini_2 beside the .mini_1
 */
enum dfota_error dfota_package_read(struct dfota_package *package,
                                    struct dfota_fault *fault);

void dfota_package_close(struct dfota_package *package);

/*
 * For a fault that will outlive the package: where it names the second file,
 * whose path the package owns, the detail names that and the first file stands
 * for both.
 */
void dfota_package_keep_name(const struct dfota_package *package,
                             struct dfota_fault *fault);

/* Moves a fault's offset by `by`, from that in a delta to that in the file. */
void dfota_package_shift(struct dfota_fault *fault, uint64_t by);

#endif
