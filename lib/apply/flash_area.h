/* SPDX-License-Identifier: MIT */
/*
 * flash_area.h - areas of a flash: checked, digested, and written in order
 *
 * Spec: docs/SPEC.md, chapter Upgrade on flash.
 */
#ifndef DFOTA_LIB_APPLY_FLASH_AREA_H
#define DFOTA_LIB_APPLY_FLASH_AREA_H

#include <stdbool.h>

#include "dfota/flash.h"

/*
 * Errors:
 *   DFOTA_ERR_USAGE  FLASH-1  sizes, unit or erased value are impossible
 */
enum dfota_error dfota_flash_check(const struct dfota_flash *flash,
                                   struct dfota_fault *fault);

/*
 * Errors, with the area's address as offset:
 *   DFOTA_ERR_USAGE  FLASH-2  not at least one whole sector of the flash
 */
enum dfota_error dfota_flash_check_area(const struct dfota_flash *flash,
                                        struct dfota_area area,
                                        struct dfota_fault *fault);

/* Whether `size` bytes at `address` lie inside `area`. */
bool dfota_area_holds(struct dfota_area area, uint32_t address, uint32_t size);

/* Whether two areas share a byte. */
bool dfota_area_overlaps(struct dfota_area a, struct dfota_area b);

/* The CRC32 of `area`, read once.  Errors: those of the flash. */
enum dfota_error dfota_flash_crc32(const struct dfota_flash *flash,
                                   struct dfota_area area, uint32_t *out);

/*
 * Programs `size` bytes, whole units that stand apart from no page: the
 * flash's own callback, called once a page.
 */
enum dfota_error dfota_flash_program(const struct dfota_flash *flash,
                                     uint32_t address, const uint8_t *bytes,
                                     size_t size);

/*
 * Writes an area in order, and erases each sector when it comes to it; so
 * whoever begins again at the same place, after whatever went wrong, makes it
 * right.  Pages that are to hold erased bytes alone are not programmed.
 */
struct dfota_flash_writer {
    const struct dfota_flash *flash;
    uint32_t address; /* where the page begins */
    uint32_t fill;    /* bytes of it that have come */
    uint8_t page[DFOTA_FLASH_PAGE];
};

/* Begins at `address`, where a sector begins. */
void dfota_flash_writer_open(struct dfota_flash_writer *writer,
                             const struct dfota_flash *flash, uint32_t address);

/* Where the next byte goes. */
uint32_t dfota_flash_writer_at(const struct dfota_flash_writer *writer);

/* Errors: those of the flash. */
enum dfota_error dfota_flash_writer_add(struct dfota_flash_writer *writer,
                                        const uint8_t *bytes, size_t size);

/* Writes what is left; nothing may be added behind it.  Errors likewise. */
enum dfota_error dfota_flash_writer_end(struct dfota_flash_writer *writer);

/* Copies `size` bytes to where a sector begins.  Errors: those of the flash. */
enum dfota_error dfota_flash_copy(const struct dfota_flash *flash,
                                  uint32_t from, uint32_t to, uint32_t size);

#endif
