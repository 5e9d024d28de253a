/* SPDX-License-Identifier: MIT */
/* stored.h - what a flash holds, as files: one image, or one a partition */
#ifndef DFOTA_JOBS_STORED_H
#define DFOTA_JOBS_STORED_H

#include "format/manifest.h"
#include "jobs/folder.h"
#include "jobs/trial.h"

/* Owns open files.  {0} is none. */
struct dfota_stored {
    bool is_folder;
    struct dfota_input file;    /* unless it is a folder */
    struct dfota_folder folder; /* if it is */
};

/*
 * Opens the image file, or the folder of partition images, at `path`, which
 * must outlive `*out`.  Errors: those of dfota_input_open() and
 * dfota_folder_open().
 */
enum dfota_error dfota_stored_open(const char *path, struct dfota_stored *out,
                                   struct dfota_fault *fault);

/*
 * Where the image of a partition of a zip is: in a folder, the file of its
 * name; in a file, all of it for the partition "image", else what lies at its
 * address.  False, and `*part` untouched, where there is no such file, or the
 * image does not reach so far.
 */
bool dfota_stored_part(struct dfota_stored *stored,
                       const struct dfota_manifest_partition *partition,
                       struct dfota_source *part);

/* Finds out whether a file has changed.  Errors: FILE-2, DFOTA_ERR_IO. */
enum dfota_error dfota_stored_check(const struct dfota_stored *stored,
                                    struct dfota_fault *fault);

/* As dfota_folder_keep_name(), for a folder. */
void dfota_stored_keep_name(const struct dfota_stored *stored,
                            struct dfota_fault *fault);

void dfota_stored_close(struct dfota_stored *stored);

#endif
