/* SPDX-License-Identifier: MIT */
/*
 * version.h - firmware version strings: read, compared, found in images
 *
 *     <model><region><variant>R<nn>A<nn>[V<nn>][M<size>][_suffix...]
 *
 *     EC200N  CN  LA   R03      A01      M08
 *     '-- project --'  baseline version  flash
 *
 * Anchored on the last R<nn>A<nn>.  Nothing else of a string is trusted to be
 * where it usually is, so a name made of two versions is refused, not halved.
 *
 * Source: LTE Standard(A) DFOTA guide 4 (names and flash sizes) and 6.4 (the
 *         three checks).  The fields are our reading of both.
 */
#ifndef DFOTA_LIB_MODULE_VERSION_H
#define DFOTA_LIB_MODULE_VERSION_H

#include <stddef.h>
#include <stdint.h>

#include "dfota/error.h"
#include "lib/module/model.h"

#define DFOTA_VERSION_MAX 64 /* bytes of a version string */

/*
 * A version string and its parts, each a C string, "" where absent.  `project`
 * is `head`, `region` and `variant`; `version` is `edition` and `sub_edition`;
 * `project`, `baseline`, `version`, `flash` and `suffix` make up `text`.
 */
struct dfota_version {
    char text[DFOTA_VERSION_MAX + 1];
    char project[DFOTA_VERSION_MAX + 1]; /* "EC200NCNLA" */
    char head[DFOTA_VERSION_MAX + 1];    /* "EC200N"; all, if unknown */
    char region[3];                      /* "CN"; "" if the model is unknown */
    char variant[DFOTA_VERSION_MAX + 1]; /* "LA"; likewise */
    char baseline[4];                    /* "R03" */
    char version[7];                     /* "A01" or "A01V05" */
    char edition[4];                     /* "A01" */
    char sub_edition[4];                 /* "V05" */
    char flash[8];                       /* "M08", "M4G", "M4GA" */
    char suffix[DFOTA_VERSION_MAX + 1];  /* "_OCPU", with its underscore */
    unsigned flash_mb; /* MB for a size in two digits, M02 to M16; else 0 */
    const struct dfota_model *model; /* NULL: not in our table */
};

/*
 * Reads the `size` bytes of `text` into `*out`; they need no terminator.
 * An unknown model is no error.  On failure `*out` is untouched.  Linear, no
 * allocation, safe from any thread.
 *
 * Errors:
 *   DFOTA_ERR_LIMIT    VER-1  more than DFOTA_VERSION_MAX bytes
 *   DFOTA_ERR_FORMAT   VER-2  no R<nn>A<nn> in it
 *   DFOTA_ERR_CORRUPT  VER-3  what stands before it is no project: three or
 *                             more of A-Z and 0-9, a letter first, a digit
 *                             among them
 *   DFOTA_ERR_CORRUPT  VER-4  something else follows
 *   DFOTA_ERR_CORRUPT  VER-5  V without exactly two digits
 *   DFOTA_ERR_CORRUPT  VER-6  M without a size: two digits, or one to three
 *                             digits, G and at most one more letter
 *   DFOTA_ERR_CORRUPT  VER-7  an underscore with nothing behind it, or a
 *                             suffix with other than letters, digits, . and _
 */
enum dfota_error dfota_version_parse(const char *text, size_t size,
                                     struct dfota_version *out,
                                     struct dfota_fault *fault);

/* How a module is updated, by its model and flash size. */
enum dfota_method dfota_version_method(const struct dfota_version *version);

/* What differs between two version strings: bits of a set. */
enum dfota_version_difference {
    DFOTA_VERSION_PROJECT = 1,
    DFOTA_VERSION_BASELINE = 2,
    DFOTA_VERSION_VERSION = 4, /* A<nn>, V<nn> or the suffix */
    DFOTA_VERSION_FLASH = 8    /* M<size>, absent from one included */
};

/*
 * The set of differences, 0 for none.  V<nn> and the suffix count only where
 * both strings have them, because a module reports them through some commands
 * and not through others.
 */
unsigned dfota_version_compare(const struct dfota_version *a,
                               const struct dfota_version *b);

/* A version string in an image. */
struct dfota_version_match {
    struct dfota_version version;
    size_t offset; /* bytes from the start of the image, first occurrence */
};

/*
 * Searches `image` for version strings and stores the distinct ones, in order
 * of their first occurrence, in `matches` (room for `max`).  Returns how many
 * were stored and stops when that is `max`: whoever wants exactly one asks for
 * two.  A string is taken as long as it is: as many of A-Z and 0-9 as stand
 * together, and the suffix after them.  Time is linear in `size`.
 */
size_t dfota_version_find(const uint8_t *image, size_t size,
                          struct dfota_version_match *matches, size_t max);

#endif
