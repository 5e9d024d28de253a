/* SPDX-License-Identifier: MIT */
/*
 * flash.h - all that the applier knows of a platform: a flash, and areas of it
 *
 * For firmware: freestanding C11.  What stands here is a NOR flash as data
 * sheets describe it: it is read anywhere, programmed in units, and erased in
 * sectors.  Whoever has another kind of memory makes it look so.
 *
 * Spec: docs/SPEC.md, chapter Upgrade on flash.
 */
#ifndef DFOTA_FLASH_H
#define DFOTA_FLASH_H

#include <stddef.h>
#include <stdint.h>

#include "dfota/error.h"

#define DFOTA_FLASH_UNIT_MAX 32  /* bytes of the largest program unit */
#define DFOTA_FLASH_PAGE     256 /* bytes programmed by one call at most */

/*
 * A flash.  Callbacks return DFOTA_OK, or an error that reaches the caller of
 * the applier as it is; after one, and after a power cut, the bytes that were
 * to be programmed or erased may hold anything, and something else at each
 * reading.  No callback is asked for anything outside the flash.
 */
struct dfota_flash {
    void *context;
    uint32_t size;        /* bytes, whole sectors, less than 2 GiB */
    uint32_t sector_size; /* bytes erased at once: a power of two, >= 256 */
    uint8_t program_unit; /* bytes: 1, 2, 4, 8, 16 or 32 */
    uint8_t erased;       /* what an erased byte reads as: 0xff or 0x00 */
    /* A unit that was cut gives any bytes, and no error, even where the
     * hardware notices. */
    enum dfota_error (*read)(void *context, uint32_t address, void *out,
                             size_t size);
    /*
     * Programs whole units, each of which has been erased and not programmed
     * since; never more than one page, at a multiple of its size, holds.
     */
    enum dfota_error (*program)(void *context, uint32_t address,
                                const void *bytes, size_t size);
    /* Erases the sector that begins at `address`. */
    enum dfota_error (*erase)(void *context, uint32_t address);
};

/* Whole sectors of a flash. */
struct dfota_area {
    uint32_t address; /* bytes from the start of the flash */
    uint32_t size;    /* bytes */
};

#endif
