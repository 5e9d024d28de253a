/* SPDX-License-Identifier: MIT */
/*
 * layout.h - the flash layout file
 *
 * What a module's flash is like and what lies where in it, as somebody wrote it
 * down.  This module reads that and refuses what cannot be meant; cutting
 * images into regions, and whether a package fits, is for others.
 *
 * Spec: docs/layout.md.
 */
#ifndef DFOTA_FORMAT_LAYOUT_H
#define DFOTA_FORMAT_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "dfota/error.h"
#include "format/manifest.h"
#include "lib/base/buffer.h"

#define DFOTA_LAYOUT_TEXT_MAX  65536     /* bytes of the file itself */
#define DFOTA_LAYOUT_FLASH_MAX INT32_MAX /* bytes of the flash */

/* What becomes of a partition; bits, so that several can be asked for. */
enum dfota_layout_role {
    DFOTA_LAYOUT_KEEP = 1, /* never read into a digest, compared or written */
    DFOTA_LAYOUT_MINI = 2, /* always diffed */
    DFOTA_LAYOUT_APP = 4,  /* diffed, or whole under MiniFOTA */
    DFOTA_LAYOUT_UPDATED = DFOTA_LAYOUT_MINI | DFOTA_LAYOUT_APP
};

struct dfota_layout_flash {
    uint64_t size;         /* bytes, 1 to DFOTA_LAYOUT_FLASH_MAX */
    uint64_t sector;       /* bytes erased at once: a power of two */
    uint64_t program_unit; /* bytes written at once: a power of two, 1 to 32 */
    uint64_t erased;       /* what an erased byte reads as: 0 or 255 */
    uint64_t scratch;      /* bytes, whole sectors; 0: not given */
    uint64_t storage;      /* bytes for downloaded packages; 0: not given */
};

struct dfota_layout_partition {
    char name[DFOTA_MANIFEST_NAME_MAX + 1];
    uint64_t offset; /* bytes from the start of the flash */
    uint64_t size;   /* bytes, at least 1 */
    enum dfota_layout_role role;
};

#define DFOTA_LAYOUT_STREAMS_MAX 64
#define DFOTA_LAYOUT_ANY_CODEC   255 /* one whose first bytes say what it is */

/* Where a compressed stream is, in images of one version at least. */
struct dfota_layout_stream {
    uint64_t offset; /* bytes from the start of the flash */
    uint64_t size;   /* bytes in which it ends, inside of one partition that is
                        updated */
    uint8_t codec;   /* enum dfota_packing_id, without any header, or
                        DFOTA_LAYOUT_ANY_CODEC */
    uint8_t filter;  /* enum dfota_filter_id */
    uint8_t lc;      /* of LZMA, and 0 of others */
    uint8_t lp;
    uint8_t pb;
};

/* Owns nothing; some 6 KiB.  All lists are in the order of their offsets. */
struct dfota_layout {
    struct dfota_layout_flash flash;
    size_t partition_count; /* 1 to DFOTA_MANIFEST_PARTITIONS_MAX */
    struct dfota_layout_partition partitions[DFOTA_MANIFEST_PARTITIONS_MAX];
    size_t stream_count;
    struct dfota_layout_stream streams[DFOTA_LAYOUT_STREAMS_MAX];
};

/*
 * Reads the JSON `text` into `*out`, which is untouched on failure.  The offset
 * of a fault is in `text`, or DFOTA_NO_OFFSET where no single byte is at fault;
 * the detail names the key or the partition.
 *
 * Errors:
 *   DFOTA_ERR_LIMIT    LAY-1   over DFOTA_LAYOUT_TEXT_MAX bytes
 *   DFOTA_ERR_CORRUPT  LAY-2   not JSON, or a doubled key
 *                      LAY-3   a key is missing or unknown, or its value is of
 *                              a wrong kind or too long
 *                      LAY-4   the flash has no byte
 *   DFOTA_ERR_LIMIT    LAY-4   or more than DFOTA_LAYOUT_FLASH_MAX
 *   DFOTA_ERR_CORRUPT  LAY-5   the sector is not a power of two, or the flash
 *                              not a whole number of sectors
 *                      LAY-6   the program unit is not a power of two up to 32
 *                              and to the sector
 *                      LAY-7   erased bytes are neither 0 nor 255
 *                      LAY-8   the scratch is not a whole number of sectors
 *                      LAY-9   no partition, or too many
 *                      LAY-10  a partition's name is empty, not plain, or
 *                              "image"
 *                      LAY-11  two names differ in case at most
 *                      LAY-12  an unknown role
 *                      LAY-13  a partition of no bytes
 *                      LAY-14  an updated partition begins inside a sector
 *                      LAY-15  or ends inside one
 *                      LAY-16  a partition reaches beyond the flash
 *                      LAY-17  two partitions overlap
 *                      LAY-18  a gap between two neighbours of one role
 *                      LAY-19  no partition is updated
 *                      LAY-24  too many streams
 *                      LAY-25  a stream is not inside of an updated partition
 *                      LAY-26  its codec, filter or parameters are not known,
 *                              or do not go together
 *                      LAY-27  two streams begin at the same offset
 *   DFOTA_ERR_MEMORY
 */
enum dfota_error dfota_layout_read(struct dfota_view text,
                                   struct dfota_layout *out,
                                   struct dfota_fault *fault);

/*
 * Whether MiniFOTA can work with `layout`.
 *
 * Errors, all DFOTA_ERR_REFUSED without an offset:
 *   LAY-20  no partition of the role mini, or several
 *   LAY-21  none of the role app
 *   LAY-22  something lies between two of the role app
 */
enum dfota_error dfota_layout_check_mini(const struct dfota_layout *layout,
                                         struct dfota_fault *fault);

/*
 * Whether an image of `image_size` bytes is one of the whole flash.
 *
 * Errors:
 *   DFOTA_ERR_REFUSED  LAY-23  it is not; the offset, in the image, is where it
 *                              ends or where the flash does
 */
enum dfota_error dfota_layout_check_image(const struct dfota_layout *layout,
                                          uint64_t image_size,
                                          struct dfota_fault *fault);

/* The partition called exactly `name`, or NULL. */
const struct dfota_layout_partition *
dfota_layout_find(const struct dfota_layout *layout, const char *name);

/*
 * The first partition behind `previous`, or of all when that is NULL, whose
 * role is one of `roles`; NULL when there is none.
 */
const struct dfota_layout_partition *
dfota_layout_next(const struct dfota_layout *layout, unsigned roles,
                  const struct dfota_layout_partition *previous);

/* The bytes of all partitions whose role is one of `roles`. */
uint64_t dfota_layout_size(const struct dfota_layout *layout, unsigned roles);

#endif
