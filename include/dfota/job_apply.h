/* SPDX-License-Identifier: MIT */
/* job_apply.h - applies a package to an old image; see job.h */
#ifndef DFOTA_JOB_APPLY_H
#define DFOTA_JOB_APPLY_H

#include "dfota/job.h"

struct dfota_apply_request {
    const char *package;   /* path; required */
    const char *old_image; /* path of a file or folder; required */
    const char *out;       /* path of what is made of it; required */
    struct dfota_progress progress;
};

#define DFOTA_FILE_NAME_SIZE 256 /* bytes of a file's name, with its NUL */
#define DFOTA_PARTITIONS_MAX 5   /* partitions that are files of their own */

/* One file in a folder that was made. */
struct dfota_applied_file {
    char name[DFOTA_FILE_NAME_SIZE]; /* as in the old folder */
    struct dfota_digests new_image;
    bool changed; /* there was a delta for it */
};

struct dfota_applied {
    enum dfota_package_type type;
    struct dfota_digests new_image; /* zeros where a folder was made */
    uint64_t ram; /* bytes of memory the applier was given; 0 for BSDIFF40 */
    size_t file_count; /* of the folder; 0 for a single image */
    struct dfota_applied_file files[DFOTA_PARTITIONS_MAX];
};

/*
 * Makes the new image from the old one with the module's own applier, within
 * the memory that the package states; or a folder of partition images from
 * another.  Image or folder appear whole or not at all.  A folder at `out` is
 * replaced if there is nothing in it but partition images.
 *
 * Cost: the package and the memory that it states; never a whole image, but
 * for MiniFOTA and BSDIFF40.
 *
 * Errors beside the common ones:
 *   DFOTA_ERR_REFUSED  APPLY-1  `out` is the package or the old image
 *   DFOTA_ERR_FORMAT   APPLY-2  not a package that can be applied
 *   DFOTA_ERR_REFUSED  APPLY-3  a partition does not fit into the old image
 *   DFOTA_ERR_DIGEST   APPLY-4  a partition that is kept is not the one stated
 *   DFOTA_ERR_REFUSED  APPLY-5  the old folder, and no DFOTA package
 *                      APPLY-6  `out` is a folder that holds something else
 *   those of DIR, for the old folder
 */
DFOTA_API enum dfota_error
dfota_job_apply(const struct dfota_apply_request *request,
                struct dfota_applied *out, struct dfota_fault *fault);

#endif
