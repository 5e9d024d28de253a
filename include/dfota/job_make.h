/* SPDX-License-Identifier: MIT */
/* job_make.h - makes a package of two images; see job.h */
#ifndef DFOTA_JOB_MAKE_H
#define DFOTA_JOB_MAKE_H

#include "dfota/job.h"

enum dfota_codec_choice {
    DFOTA_CODEC_AUTO, /* whatever makes the smallest delta within `ram` */
    DFOTA_CODEC_STORED,
    DFOTA_CODEC_ZLIB,
    DFOTA_CODEC_LZMA,
    DFOTA_CODEC_MIXED /* our own */
};

struct dfota_make_request {
    /* Paths, both of image files or both of folders of partition images, which
     * are modem, system, boot, sbl and tz with any extension; required. */
    const char *old_image;
    const char *new_image;
    /* Path; required.  For DFOTA `.zip` is appended unless it ends in .zip or
     * .bin; for MiniFOTA it is the stem of both files. */
    const char *out;
    enum dfota_package_type type;
    const char *from; /* firmware version; NULL: as found in the old image */
    const char *to;   /* the same of the new image */
    /* Path of the flash layout; NULL: layout.json beside the new image, where
     * there is one. */
    const char *layout;
    enum dfota_codec_choice codec;
    /* Bytes the module has for patching; 0: 64 MiB for modules of the family
     * rg50x-rm5xx, 256 KiB for all others. */
    uint64_t ram;
    /* Bytes of memory that making the package may take; 0: no bound.  Where it
     * is less than is of use, images lie in files beside `out`, less is
     * searched and unpacked, and there is a warning: the package may be larger.
     */
    uint64_t memory;
    unsigned threads;   /* 0: as many as there are processors */
    bool allow_same;    /* make a package though both images are the same */
    bool force_project; /* make a package from one project to another */
    struct dfota_progress progress;
};

/* A file that a job wrote. */
struct dfota_made_file {
    char *path;
    struct dfota_digests digests;
};

/* What the package turns into what. */
struct dfota_made_image {
    char partition[DFOTA_NAME_SIZE]; /* "image" without layout or folder */
    struct dfota_digests old_image;
    struct dfota_digests new_image;
};

/* One delta inside the package; of a folder, unchanged partitions have none. */
struct dfota_made_delta {
    char partition[DFOTA_NAME_SIZE];
    char codec[DFOTA_CODEC_NAME_SIZE];
    uint64_t size; /* bytes, without container */
    uint64_t ram;  /* bytes of memory its applier needs */
    struct dfota_in_place_use use;
    size_t stream_count;
    struct dfota_made_stream *streams; /* by their offsets in the new image */
};

struct dfota_made {
    enum dfota_package_type type;
    char from[DFOTA_VERSION_SIZE]; /* "" without identity */
    char to[DFOTA_VERSION_SIZE];
    char *layout; /* path of the layout in use, or NULL */
    size_t file_count;
    struct dfota_made_file files[2];
    size_t image_count;
    struct dfota_made_image *images;
    size_t delta_count;
    struct dfota_made_delta *deltas;
    uint64_t package_size; /* bytes of all files */
    uint64_t new_size;     /* bytes of all new images */
    double seconds;
    size_t warning_count;
    char warnings[8][DFOTA_NOTE_SIZE]; /* sentences without full stop */
};

/*
 * Makes the package that turns one image, or folder, into the other, reads it
 * back, applies it with the applier's own code, and only then lets it appear
 * under its name. The same images, request and library versions give the same
 * bytes, whatever the number of threads.
 *
 * `*out` is to be released even after a failure: a fault may name its paths.
 *
 * Cost: memory up to 8 bytes a byte of the old image and 4 a byte of the new;
 * of partitions of a folder up to 8 MiB at once, and of each larger one after
 * the other; and what the contents of compressed streams take.
 *
 * Errors beside the common ones:
 *   DFOTA_ERR_REFUSED  MAKE-1   the images are the same and !allow_same
 *                      MAKE-2   an output is one of the images
 *                      MAKE-3   `out` ends in .mini..., a MiniFOTA name
 *                      MAKE-4   the package did not reproduce the new image
 *   DFOTA_ERR_LIMIT    MAKE-5   no applier fits into `ram`
 *                      FILE-1   an image of 2 GiB or more
 *   DFOTA_ERR_USAGE    MAKE-6   MiniFOTA without a layout, or BSDIFF40 with one
 *   DFOTA_ERR_REFUSED  MAKE-7   MiniFOTA, and no version known
 *                      MAKE-8   from one project to another, !force_project
 *                      MAKE-9   package and Mini system do not fit into the
 *                               erased big system
 *   DFOTA_ERR_USAGE    MAKE-10  a folder and a file, or a folder together with
 *                               a layout or a type other than DFOTA
 *   DFOTA_ERR_LIMIT    MAKE-13  `memory` is too small; the detail says how much
 *                               would do
 *   those of VER, for a version given, of LAY, for the layout, and of DIR, for
 *   folders
 */
DFOTA_API enum dfota_error
dfota_job_make(const struct dfota_make_request *request, struct dfota_made *out,
               struct dfota_fault *fault);

DFOTA_API void dfota_made_free(struct dfota_made *made);

#endif
