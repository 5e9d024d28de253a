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

/* Where one version comes from. */
struct dfota_identity_source {
    const char *given;              /* by the caller, or NULL */
    const char *path;               /* of the image, for faults */
    const struct dfota_view *parts; /* what of the image may be searched */
    size_t part_count;
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
