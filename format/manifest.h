/* SPDX-License-Identifier: MIT */
/*
 * manifest.h - the manifest of a DFOTA zip
 *
 * What a package claims: from which version to which, and for each partition
 * the old image, the new image and the delta between them.  Whether the claims
 * hold, and whether a module would take them, is for others to ask.
 *
 * Spec: docs/SPEC.md, Manifest.
 */
#ifndef DFOTA_FORMAT_MANIFEST_H
#define DFOTA_FORMAT_MANIFEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dfota/error.h"
#include "lib/base/buffer.h"
#include "lib/base/digest.h"
#include "lib/module/model.h"

/* The version of the format this reads and writes. */
#define DFOTA_MANIFEST_VERSION 1

/* Limits, in characters without the terminator where they are of text. */
#define DFOTA_MANIFEST_TEXT_MAX       65536 /* bytes of the manifest itself */
#define DFOTA_MANIFEST_PARTITIONS_MAX 64
#define DFOTA_MANIFEST_VERSION_MAX    64
#define DFOTA_MANIFEST_NAME_MAX       32
#define DFOTA_MANIFEST_CODEC_MAX      16

/* A firmware's version; it begins with the project, then the baseline. */
struct dfota_manifest_identity {
    char version[DFOTA_MANIFEST_VERSION_MAX + 1];
    char project[DFOTA_MANIFEST_VERSION_MAX + 1];
    char baseline[DFOTA_MANIFEST_VERSION_MAX + 1];
};

/* How the applier writes: front to back, or over the old image. */
struct dfota_manifest_order {
    bool in_place;
    uint64_t sector;  /* bytes, from 1, when in place, else 0 */
    uint64_t scratch; /* bytes, when in place, else 0 */
};

struct dfota_manifest_partition {
    char name[DFOTA_MANIFEST_NAME_MAX + 1];
    uint64_t address;               /* in the flash, below 4 GiB */
    struct dfota_digests old_image; /* sizes below 4 GiB */
    struct dfota_digests new_image;
    bool unchanged; /* new is old; then there is no delta, and this is all */
    struct dfota_digests delta;
    char codec[DFOTA_MANIFEST_CODEC_MAX + 1];
    uint64_t ram; /* bytes the applier needs, below 4 GiB */
    struct dfota_manifest_order order;
};

/* Owns nothing; some 20 KiB. */
struct dfota_manifest {
    enum dfota_family family; /* never DFOTA_FAMILY_NONE */
    bool has_identity;        /* `from` and `to` are known */
    struct dfota_manifest_identity from;
    struct dfota_manifest_identity to;
    size_t partition_count; /* 1 to DFOTA_MANIFEST_PARTITIONS_MAX */
    struct dfota_manifest_partition partitions[DFOTA_MANIFEST_PARTITIONS_MAX];
};

/*
 * Bytes of storage that a module needs beside the package while it upgrades,
 * one partition after the other.
 */
uint64_t dfota_manifest_space(const struct dfota_manifest *manifest);

/* How many of the partitions have a delta. */
size_t dfota_manifest_delta_count(const struct dfota_manifest *manifest);

/*
 * Refuses what no reader would take: the rules from MAN-5 (a number too large)
 * to MAN-15 that are not about spelling.
 */
enum dfota_error dfota_manifest_check(const struct dfota_manifest *manifest,
                                      struct dfota_fault *fault);

/* MAN-10 by itself, for a reader that has not read the partitions yet. */
enum dfota_error dfota_manifest_check_count(size_t count,
                                            struct dfota_fault *fault);

/*
 * Reads the JSON `text` into `*out`, which is untouched on failure.  The offset
 * of a fault is in `text`, or DFOTA_NO_OFFSET where no single byte is at fault;
 * the detail names the key or the partition.
 *
 * Errors:
 *   DFOTA_ERR_LIMIT        MAN-1   over DFOTA_MANIFEST_TEXT_MAX bytes
 *   DFOTA_ERR_CORRUPT      MAN-2   not JSON, or a doubled key
 *   DFOTA_ERR_FORMAT       MAN-3   "format" is not "dfota"
 *   DFOTA_ERR_UNSUPPORTED  MAN-4   a newer version
 *   DFOTA_ERR_CORRUPT      MAN-4   version 0
 *                          MAN-5   a key is missing or unknown, or its value is
 *                                  of a wrong kind, too long or too large
 *                          MAN-6   an unknown family
 *                          MAN-7   from without to, or to without from
 *                          MAN-8   no identity, but another family than
 *                                  lte-standard-a
 *                          MAN-9   a version, project or baseline is empty or
 *                                  not printable ASCII, or they do not agree
 *                          MAN-10  no partition, or too many
 *                          MAN-11  a partition's name is empty or not plain
 *                          MAN-12  two partitions of one name
 *                          MAN-13  a codec's name is empty or not plain
 *                          MAN-14  an unknown order, or wrong sizes for it
 *                          MAN-15  an unchanged partition with something of a
 *                                  delta, or whose new image is not the old
 *                          MAN-16  a space that is not what the partitions need
 *   DFOTA_ERR_MEMORY
 */
enum dfota_error dfota_manifest_read(struct dfota_view text,
                                     struct dfota_manifest *out,
                                     struct dfota_fault *fault);

/*
 * Appends `manifest` as JSON to `out`: the same bytes for the same manifest.
 * Refuses what dfota_manifest_read() would: MAN-5 (a number too large) to
 * MAN-15.  Errors also: DFOTA_ERR_LIMIT, DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_manifest_write(const struct dfota_manifest *manifest,
                                      struct dfota_buffer *out,
                                      struct dfota_fault *fault);

#endif
