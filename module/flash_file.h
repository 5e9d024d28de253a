/* SPDX-License-Identifier: MIT */
/*
 * flash_file.h - a NOR flash in a file, which may lose its power or fail
 *
 * Erased sector by sector and programmed in pages, which clears bits and sets
 * none; behind the end of the file everything is erased.  Each of these
 * operations has a number, counted over all flashes of the process, and is an
 * event of the trace.
 */
#ifndef DFOTA_MODULE_FLASH_FILE_H
#define DFOTA_MODULE_FLASH_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dfota/error.h"
#include "module/trace.h"

#define FLASH_FILE_SECTOR 4096 /* bytes */
#define FLASH_FILE_PAGE   256  /* bytes programmed at once, at most */
#define FLASH_FILE_ERASED 0xff

/* What goes wrong, and where: --cut-after and --flash-error. */
struct flash_faults {
    struct module_trace *trace;
    uint64_t done;      /* operations that were begun */
    uint64_t cut_after; /* in this one the power fails; 0: in none */
    uint64_t error_at;  /* this one fails, half done; 0: none does */
    bool error_stays;   /* and so do all behind it */
    uint32_t random;    /* not 0; says how far a broken one has come */
};

/* Reads "N" or "N+", which stays, NULL for none; false for anything else. */
bool flash_faults_parse(const char *text, struct flash_faults *faults);

/* One flash.  Owns descriptors. */
struct flash_file {
    int fd;
    struct flash_faults *faults; /* the caller's */
    uint32_t sector;             /* bytes; FLASH_FILE_SECTOR unless changed */
    int aside;                   /* a file of its own for some sectors, or -1 */
    uint32_t aside_at;
    uint32_t aside_size;
};

/* Errors: DFOTA_ERR_IO. */
enum dfota_error flash_file_open(const char *path, struct flash_faults *faults,
                                 struct flash_file *out,
                                 struct dfota_fault *fault);
void flash_file_close(struct flash_file *flash);

/*
 * Keeps the `size` bytes from `address` on, whole sectors, in the file `path`,
 * which is made where there is none: an image need not have room for a journal
 * and the like.  Errors: DFOTA_ERR_IO.
 */
enum dfota_error flash_file_set_aside(struct flash_file *flash,
                                      const char *path, uint32_t address,
                                      uint32_t size, struct dfota_fault *fault);

/*
 * Operations on a struct flash_file, as `context`.  Errors: DFOTA_ERR_IO.
 * Programming must not cross a page, nor erasing begin within a sector.
 */
enum dfota_error flash_file_read(void *context, uint32_t address, void *out,
                                 size_t size);
enum dfota_error flash_file_program(void *context, uint32_t address,
                                    const void *bytes, size_t size);
enum dfota_error flash_file_erase(void *context, uint32_t address);

/* Ends the file at `size`: what is behind is no part of the image.  Not an
 * operation of the flash.  Errors: DFOTA_ERR_IO. */
enum dfota_error flash_file_end(struct flash_file *flash, uint64_t size);

#endif
