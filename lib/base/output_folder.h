/* SPDX-License-Identifier: MIT */
/* output_folder.h - a folder of files that appears whole or not at all */
#ifndef DFOTA_LIB_BASE_OUTPUT_FOLDER_H
#define DFOTA_LIB_BASE_OUTPUT_FOLDER_H

#include "dfota/error.h"

/*
 * A folder in the making.  {0} is none; dfota_output_folder_discard() gives
 * that back.  Until the commit its files lie in a folder of a temporary name
 * beside `target`, and what `path` named before is untouched.
 */
struct dfota_output_folder {
    const char *path; /* the caller's */
    char *target;     /* `path`, or where it leads when it is a link */
    char *temporary;  /* NULL when there is no folder in the making */
    void *listing;    /* of it, open, so that giving up needs no memory */
};

/*
 * Begins the folder that will be `path`, which must outlive it, and may be a
 * folder already.  The caller puts files, and nothing else, into
 * `folder->temporary`.  Errors, which leave `*folder` untouched: DFOTA_ERR_IO,
 * DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_output_folder_open(struct dfota_output_folder *folder,
                                          const char *path,
                                          struct dfota_fault *fault);

/*
 * Makes the folder appear.  One that was there gives way, and is removed with
 * all files in it; on failure it is put back and nothing is left behind.  Ends
 * the output either way.  Errors: DFOTA_ERR_IO, DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_output_folder_commit(struct dfota_output_folder *folder,
                                            struct dfota_fault *fault);

/* Gives up: removes the temporary folder.  Does nothing for {0}. */
void dfota_output_folder_discard(struct dfota_output_folder *folder);

#endif
