/* SPDX-License-Identifier: MIT */
/* making.h - what the steps of making one package share */
#ifndef DFOTA_JOBS_MAKING_H
#define DFOTA_JOBS_MAKING_H

#include "dfota/apply.h"
#include "dfota/job.h"
#include "format/layout.h"
#include "jobs/folder.h"
#include "jobs/identity.h"
#include "lib/base/background.h"
#include "lib/base/buffer.h"
#include "lib/delta/delta.h"

/* A part of both images: all of them, or a partition of layout or folders. */
struct dfota_making_part {
    const char *name;
    uint64_t address; /* bytes from the start of the flash; 0 without layout */
    enum dfota_layout_role role;
    struct dfota_input *old_file; /* in the folders, else NULL */
    struct dfota_input *new_file;
    struct dfota_view old; /* of folders only while it is held */
    struct dfota_view new;
};

struct dfota_making {
    const struct dfota_make_request *request;
    struct dfota_made *made;
    bool has_layout;
    struct dfota_layout layout;
    bool has_folders;
    struct dfota_folder old_folder;
    struct dfota_folder new_folder;
    struct dfota_buffer old; /* the image, or that of the part that is held */
    struct dfota_buffer new;
    struct dfota_versions old_versions;
    struct dfota_versions new_versions;
    struct dfota_identity identity;
    size_t part_count;
    struct dfota_making_part parts[DFOTA_MANIFEST_PARTITIONS_MAX];
    struct dfota_buffer packages[2];   /* the bytes of made->files */
    struct dfota_background digesting; /* the parts of images */
};

/* Tells how far the job has come. */
void dfota_making_report(const struct dfota_making *job, const char *step);

/* Adds a warning to the result: a printf format and its arguments. */
__attribute__((format(printf, 2, 3))) void
dfota_making_warn(struct dfota_making *job, const char *format, ...);

/* Bytes of memory that the module has for patching. */
uint32_t dfota_making_ram(const struct dfota_making *job);

/*
 * Reads layout and images, cuts the images into parts, digests these and
 * searches them for versions.  Of folders no image is in memory afterwards; of
 * images the digests may still be in the making.
 * Errors: LAY, DIR, MAKE-1, MAKE-6, MAKE-10, those of reading files.
 */
enum dfota_error dfota_making_read(struct dfota_making *job,
                                   struct dfota_fault *fault);

/*
 * Waits for the digests.  To be called before they are looked at, and before
 * the images go.  Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_making_wait(struct dfota_making *job,
                                   struct dfota_fault *fault);

/* Whether part `index` is a partition of folders that does not change. */
bool dfota_making_is_kept(const struct dfota_making *job, size_t index);

/* Notes the delta of part `index`, of `size` bytes, in the result, and gives
 * what that has. */
struct dfota_made_delta *dfota_making_note(struct dfota_making *job,
                                           size_t index, const char *codec,
                                           uint64_t size, uint64_t ram);

/*
 * Whether the module writes new over old: a DFOTA package for a layout that
 * gives both a scratch area and room for the package.
 */
bool dfota_making_in_place(const struct dfota_making *job);

/* A delta on its way into a package. */
struct dfota_making_delta {
    struct dfota_buffer bytes;
    struct dfota_delta_header header;
};

/*
 * Makes the delta of part `index` and notes it in the result.
 * Errors: those of dfota_delta_make().
 */
enum dfota_error dfota_making_delta(struct dfota_making *job, size_t index,
                                    struct dfota_making_delta *out,
                                    struct dfota_fault *fault);

/* Each fills `packages` with the package of one type. */
enum dfota_error dfota_make_dfota(struct dfota_making *job,
                                  struct dfota_fault *fault);
enum dfota_error dfota_make_mini(struct dfota_making *job,
                                 struct dfota_fault *fault);
enum dfota_error dfota_make_bsdiff(struct dfota_making *job,
                                   struct dfota_fault *fault);

/*
 * Writes the packages to their files, reads them back, applies them to the old
 * image, and lets them appear when they make the new one.
 * Errors: MAKE-4, DFOTA_ERR_IO, DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_make_files(struct dfota_making *job,
                                  struct dfota_fault *fault);

#endif
