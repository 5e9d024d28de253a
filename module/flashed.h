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

/*
 * The SHA-256 of the file at `path`; of a folder, that of the names, sizes and
 * contents of its files.  Reads them piece by piece.  Errors: those of
 * dfota_input_open() and dfota_input_read(), DFOTA_ERR_MEMORY.
 */
enum dfota_error flashed_digest(const char *path,
                                uint8_t out[DFOTA_SHA256_SIZE],
                                struct dfota_fault *fault);

/*
 * Puts the image or folder at `made` in the place of that at `flash`, a file
 * at a time.  Begun again after a power loss, it does what was left to do; with
 * nothing at `made` it does nothing.  Errors: DFOTA_ERR_IO.
 */
enum dfota_error flashed_replace(const char *made, const char *flash,
                                 struct dfota_fault *fault);

/* Removes a file, or a folder of files; does nothing where there is none. */
void flashed_remove(const char *path);

#endif
