/* SPDX-License-Identifier: MIT */
/* image_job.h - a delta in a package on flash, and the image that it is for */
#ifndef DFOTA_LIB_APPLY_IMAGE_JOB_H
#define DFOTA_LIB_APPLY_IMAGE_JOB_H

#include "dfota/in_place.h"
#include "dfota/upgrade.h"
#include "lib/apply/flash_area.h"

/* Must stay where it is while it is open: the applier knows its address. */
struct dfota_image_job {
    const struct dfota_flash *flash;
    struct dfota_area delta; /* size 0: there is none */
    uint32_t crc32;          /* of the delta */
    struct dfota_area image; /* the part's */
    uint32_t stash;          /* where it is */
    struct dfota_delta_header header;
    struct dfota_flash_writer writer;
    struct dfota_applier applier;
    struct dfota_in_place *in_place;
};

/*
 * Finds the delta of part number `part`, checks that it is whole and fits, and
 * opens it in the platform's memory.  Where there is none, `job->delta.size` is
 * 0 and nothing is open.
 * Errors: those of the flash, ZIP, FLASH-2, UPG-6, and those of
 * dfota_delta_read_header() and dfota_in_place_open().
 */
enum dfota_error dfota_image_job_open(const struct dfota_image_upgrade *up,
                                      unsigned part,
                                      struct dfota_image_job *job,
                                      struct dfota_fault *fault);

#endif
