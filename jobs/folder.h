/* SPDX-License-Identifier: MIT */
/*
 * folder.h - a folder of partition images, a file each
 *
 * A file is the image of the partition that its name is without extension.
 * Which partitions there are, the rule set of the family rg50x-rm5xx says.
 *
 * Spec: docs/SPEC.md, Jobs, Folders.
 */
#ifndef DFOTA_JOBS_FOLDER_H
#define DFOTA_JOBS_FOLDER_H

#include <stdbool.h>

#include "dfota/job_apply.h"
#include "format/manifest.h"
#include "lib/base/input.h"

#define DFOTA_FOLDER_MAX DFOTA_PARTITIONS_MAX

struct dfota_folder_part {
    const char *name; /* of the partition; static */
    char *path;       /* of the file */
    struct dfota_input input;
};

/* Owns paths and open files.  {0} is none. */
struct dfota_folder {
    const char *path; /* the caller's */
    size_t count;
    struct dfota_folder_part parts[DFOTA_FOLDER_MAX]; /* in the documents' order
                                                       */
};

/* Whether `path` is a folder, or leads to one. */
bool dfota_folder_is(const char *path);

/*
 * Opens all files of the folder at `path`, which must outlive `*out`; that is
 * untouched on failure.
 *
 * Errors, ascribed to the folder, with the file's name in the detail:
 *   DFOTA_ERR_REFUSED  DIR-1   something in it is no regular file
 *                      DIR-2   a file is named after no partition
 *                      DIR-3   two files are named after one partition
 *                      DIR-4   there is no file, unless `may_be_empty`
 *   those of dfota_input_open()
 */
enum dfota_error dfota_folder_open(const char *path, bool may_be_empty,
                                   struct dfota_folder *out,
                                   struct dfota_fault *fault);

/* The part called `name`, or NULL. */
struct dfota_folder_part *dfota_folder_find(struct dfota_folder *folder,
                                            const char *name);

/*
 * Refuses folders of different partitions.  Errors, ascribed to the folder that
 * has the surplus one:
 *   DFOTA_ERR_REFUSED  DIR-5
 */
enum dfota_error dfota_folder_compare(struct dfota_folder *a,
                                      struct dfota_folder *b,
                                      struct dfota_fault *fault);

/*
 * The first partition that the manifest lists and `folder` lacks, or the other
 * way round; NULL where both have the same.
 */
const char *dfota_folder_odd_one(struct dfota_folder *folder,
                                 const struct dfota_manifest *manifest);

/* The name of a part's file, without its folder. */
const char *dfota_folder_file_name(const struct dfota_folder_part *part);

/*
 * For a fault that will outlive the folder: where it names a file, whose path
 * the folder owns, the detail names that, and the folder stands for it.
 */
void dfota_folder_keep_name(const struct dfota_folder *folder,
                            struct dfota_fault *fault);

void dfota_folder_close(struct dfota_folder *folder);

#endif
