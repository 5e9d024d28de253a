/* SPDX-License-Identifier: MIT */
/*
 * magic.h - what kind of file something is, told by its leading bytes
 *
 * Says what a file claims to be, not whether it is whole.  What a zip holds is
 * for those who can read a zip.  Raw firmware has no magic and stays unknown.
 *
 * Source: the formats' own specifications and sources; for UNISOC packages and
 *         Marvell_FBF what public tools for them look for; for the FOTA_ tags
 *         reports from the field.
 */
#ifndef DFOTA_FORMAT_MAGIC_H
#define DFOTA_FORMAT_MAGIC_H

#include <stddef.h>

#include "lib/base/buffer.h"

/* With so many leading bytes of a file every kind known here is recognised. */
#define DFOTA_MAGIC_HEAD_SIZE 4096 /* bytes */

struct dfota_magic {
    const char *name;        /* for programs: lower case, digits and hyphens */
    const char *description; /* for people, such as "gzip file" */
};

/*
 * The kind of file that begins with `head`: all of it, or at least its first
 * DFOTA_MAGIC_HEAD_SIZE bytes; NULL when unknown.  A shorter head is compared
 * as far as it goes: what needs more is not recognised.  The result is
 * constant and has no owner.  Allocates nothing; safe from any thread.
 */
const struct dfota_magic *dfota_magic_of(struct dfota_view head);

#endif
