/* SPDX-License-Identifier: MIT */
/* making.h - what the steps of making one package share */
#ifndef DFOTA_JOBS_MAKING_H
#define DFOTA_JOBS_MAKING_H

#include "dfota/apply.h"
#include "dfota/job_make.h"
#include "format/layout.h"
#include "jobs/folder.h"
#include "jobs/held.h"
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
    struct dfota_view old; /* of folders none */
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
    struct dfota_held old; /* the images; of folders none */
    struct dfota_held new;
    struct dfota_versions old_versions;
    struct dfota_versions new_versions;
    struct dfota_identity identity;
    size_t part_count;
    struct dfota_making_part parts[DFOTA_MANIFEST_PARTITIONS_MAX];
    struct dfota_buffer packages[2];   /* the bytes of made->files */
    struct dfota_background digesting; /* the parts of images */
    /* How the bound of memory is kept, if there is one. */
    struct dfota_spills *spills;
    uint64_t finished; /* bytes of deltas that are held meanwhile */
    bool lay_in_files; /* and what came of it */
    bool was_coarse;
    bool was_thin;
    bool left_packed;
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

/* The part of it that is for folders. */
enum dfota_error dfota_making_read_folders(struct dfota_making *job,
                                           struct dfota_fault *fault);

/* Makes room in the result for all parts.  Errors: DFOTA_ERR_MEMORY. */
enum dfota_error dfota_making_make_room(struct dfota_making *job,
                                        struct dfota_fault *fault);

/*
 * Waits for the digests.  To be called before they are looked at, and before
 * the images go.  Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_making_wait(struct dfota_making *job,
                                   struct dfota_fault *fault);

/* Whether part `index` is a partition of folders that does not change. */
bool dfota_making_is_kept(const struct dfota_making *job, size_t index);

/* Bytes of memory with which the delta of such images is made without files. */
uint64_t dfota_making_full(const struct dfota_making *job, uint64_t old_size,
                           uint64_t new_size);

/*
 * Shares the memory that the job may use out for a delta of such images, and
 * makes ready for files where they do not fit.  Without a bound `*out` is left
 * as it is.
 * Errors: MAKE-13, those of dfota_spills_open().
 */
enum dfota_error dfota_making_fit(struct dfota_making *job, uint64_t old_size,
                                  uint64_t new_size, struct dfota_bound *out,
                                  struct dfota_fault *fault);

/* Notes what came of the bound in one delta, and warns of that in all. */
void dfota_making_tell_bound(struct dfota_making *job,
                             const struct dfota_bound *bound);
void dfota_making_warn_bound(struct dfota_making *job);

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
    struct dfota_findings findings;
    struct dfota_bound bound; /* and what came of it */
    struct dfota_view old;    /* while it is made */
    struct dfota_view new;
};

void dfota_making_delta_free(struct dfota_making_delta *delta);

/*
 * Makes the delta of part `index`: `beside` others, with one thread and these
 * reports, or, where that is NULL, with all threads.
 * Errors: those of dfota_delta_make() and dfota_making_fit().
 */
enum dfota_error dfota_making_delta(struct dfota_making *job, size_t index,
                                    const struct dfota_progress *beside,
                                    struct dfota_making_delta *out,
                                    struct dfota_fault *fault);

/* Notes it in the result, after those of all parts before. */
void dfota_making_note_delta(struct dfota_making *job, size_t index,
                             struct dfota_making_delta *delta);

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
