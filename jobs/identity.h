/* SPDX-License-Identifier: MIT */
/*
 * identity.h - from which firmware version to which a package leads
 *
 * A version is given by the caller, or read from the image when exactly one
 * stands in it.
 */
#ifndef DFOTA_JOBS_IDENTITY_H
#define DFOTA_JOBS_IDENTITY_H

#include <stdbool.h>

#include "dfota/job.h"
#include "lib/base/buffer.h"
#include "lib/module/version.h"

#define DFOTA_VERSIONS_MAX 4 /* more are as good as these */

/* The distinct versions that stand in an image, as its parts are searched. */
struct dfota_versions {
    size_t count;
    struct dfota_version items[DFOTA_VERSIONS_MAX];
};

/* Adds those in one part of the image. */
void dfota_versions_search(struct dfota_versions *versions,
                           struct dfota_view part);

#define DFOTA_SEARCH_WINDOW 8192 /* bytes; no version is nearly as long */

/* A search of bytes that come piece by piece.  {found} begins one. */
struct dfota_version_search {
    struct dfota_versions *found;
    size_t used;   /* bytes in the window */
    bool skipping; /* the string that goes on is longer than that */
    uint8_t window[DFOTA_SEARCH_WINDOW]; /* a string that may go on */
};

/*
 * Searches what has come so far, but for a string that may go on in the next
 * piece.  One that does, and comes to more than the window, is no version.
 */
void dfota_version_search_add(struct dfota_version_search *search,
                              const uint8_t *bytes, size_t size);

/* Searches the rest.  Call it once, last. */
void dfota_version_search_finish(struct dfota_version_search *search);

/* Where one version comes from. */
struct dfota_identity_source {
    const char *given;                  /* by the caller, or NULL */
    const char *path;                   /* of the image, for faults */
    const struct dfota_versions *found; /* in it */
};

struct dfota_identity {
    bool known;
    struct dfota_version from;
    struct dfota_version to;
    char reason[DFOTA_NOTE_SIZE]; /* why it is not known */
};

/*
 * Finds both versions.  Where an image has none, or several, `out->known` is
 * false and `out->reason` says why; that is no error.
 *
 * Errors:
 *   VER-1 to VER-7         a given string is no version; the detail shows it
 */
enum dfota_error dfota_identity_find(const struct dfota_identity_source *from,
                                     const struct dfota_identity_source *to,
                                     struct dfota_identity *out,
                                     struct dfota_fault *fault);

#endif
