/* SPDX-License-Identifier: MIT */
/*
 * flashed.h - what the flash holds: one image in a file, or a folder of
 * partition images, a file each
 */
#ifndef DFOTA_MODULE_FLASHED_H
#define DFOTA_MODULE_FLASHED_H

#include <stdint.h>

#include "dfota/digest.h"
#include "dfota/error.h"
#include "module/flash_file.h"

/*
 * The SHA-256 of the file at `path`; of a folder, that of the names, sizes and
 * contents of its files.  Reads them piece by piece.  Errors: those of
 * dfota_input_open() and dfota_input_read(), DFOTA_ERR_MEMORY.
 */
enum dfota_error flashed_digest(const char *path,
                                uint8_t out[DFOTA_SHA256_SIZE],
                                struct dfota_fault *fault);

/*
 * Writes the image at `made`, or all images of the folder there, over what is
 * at `flash`: each sector that differs is erased and programmed.  So whatever
 * has come of an earlier try, cut short by a power loss or an error, the next
 * one does what is left.  Errors: those of dfota_input_open() and
 * flash_file_open(), DFOTA_ERR_IO from the flash.
 */
enum dfota_error flashed_write(struct flash_faults *faults, const char *made,
                               const char *flash, struct dfota_fault *fault);

/* Removes a file, or a folder of files; does nothing where there is none. */
void flashed_remove(const char *path);

#endif
