/* SPDX-License-Identifier: MIT */
/*
 * job.h - whole jobs: make a package, verify one, apply one, explain one
 *
 * The programs mkdelta, dfota-verify, dfota-apply and dfota-info are these
 * calls with a command line in front.
 *
 * A request holds paths and choices; {0} everywhere but the required paths
 * means the defaults.  The caller keeps what a request points to alive until
 * the call returns, and, since a fault may name a path, until the fault has
 * been used.  A result is filled in on success, and released with the free
 * function beside it, which also takes {0}.  The calls share nothing: any
 * number may run at once in one process.
 *
 * Errors common to all jobs:
 *   DFOTA_ERR_IO, DFOTA_ERR_MEMORY   the machine failed; nothing is known
 *   any other                        the input was refused; fault->rule names
 *                                    the rule of docs/SPEC.md
 */
#ifndef DFOTA_JOB_H
#define DFOTA_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dfota/digest.h"
#include "dfota/error.h"

#define DFOTA_NAME_SIZE       33 /* bytes of a partition's name, with its NUL */
#define DFOTA_VERSION_SIZE    65 /* bytes of a firmware version, with its NUL */
#define DFOTA_CODEC_NAME_SIZE 17 /* bytes of a codec name, with its NUL */
#define DFOTA_NOTE_SIZE       200 /* bytes of a warning or detail, with its NUL */

/*
 * How far a job has come.  `report` may be NULL.  It is called from one
 * thread at a time, most often the one that called the job, with the name of
 * the step, such as "matching", and `done` of `total` in a unit of the step's
 * own.
 */
struct dfota_progress {
    void (*report)(void *context, const char *step, uint64_t done,
                   uint64_t total);
    void *context;
};

enum dfota_package_type {
    DFOTA_TYPE_AUTO, /* for a request: what the version string asks for */
    DFOTA_TYPE_DFOTA,
    DFOTA_TYPE_MINI,
    DFOTA_TYPE_BSDIFF
};

/* "auto", "dfota", "mini" or "bsdiff". */
DFOTA_API const char *dfota_type_name(enum dfota_package_type type);

/* --- make ------------------------------------------------------------- */

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

/* What a delta does with a compressed stream of the new image, or why it is
 * copied as it is. */
enum dfota_packed_fate {
    DFOTA_PACKED_UNPACKED, /* it is made from its contents */
    DFOTA_PACKED_SAME,     /* the old image has it, byte for byte */
    DFOTA_PACKED_UNSOUND,  /* it only looks like one, is damaged, or cannot be
                              made again exactly */
    DFOTA_PACKED_NO_ROOM,  /* the module has too little memory for it */
    DFOTA_PACKED_NO_USE,   /* its contents have nothing in common with those of
                              old's streams */
    DFOTA_PACKED_NO_GAIN,  /* it costs less as it is */
    DFOTA_PACKED_IN_PLACE, /* the delta is applied in place, which takes old as
                              it is */
    DFOTA_PACKED_OTHER,    /* of a kind, or with a filter, that is not known */
    DFOTA_PACKED_FATES
};

/* "unpacked", "same", "unsound", "no-room", "no-partner", "no-gain", "in-place"
 * or "other". */
DFOTA_API const char *dfota_packed_fate_name(enum dfota_packed_fate fate);

/* A compressed stream of a new image. */
struct dfota_made_stream {
    const char *codec; /* "lzma", "lzma2" or "deflate"; of other kinds "xz",
                          "zstd" or "lz4"; static */
    uint64_t offset;   /* in the image */
    uint64_t size;     /* bytes there, and of what it unpacks to; 0 where */
    uint64_t contents; /* that is not known */
    enum dfota_packed_fate fate;
};

/* What a delta takes of a flash in which it is applied in place.  All zero: it
 * is applied beside the old image. */
struct dfota_in_place_use {
    uint64_t sector;   /* bytes erased at once; 0 where not stated */
    uint64_t scratch;  /* bytes, in whole sectors, with the stash */
    uint64_t segment;  /* bytes of the image that are written at a time */
    uint64_t segments; /* how often that is, and so each sector of the scratch
                          but for the stash is erased */
    uint64_t stash;    /* bytes that are kept, from the beginning on */
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

/* --- verify ----------------------------------------------------------- */

struct dfota_verify_request {
    const char *package; /* path; required */
    const char
        *image; /* path of what is flashed now, file or folder, or NULL */
    const char *target;  /* the same of what it must become, or NULL */
    const char *module;  /* the version that ATI reports, or NULL */
    const char *url;     /* where the module is to fetch the package, or NULL */
    const char *command; /* the whole AT+QFOTADL line, or NULL */
    const char *rules;   /* name of a rule set; NULL: the family's newest */
    uint64_t free_space; /* bytes free in the module's files; 0: not known */
    uint64_t max_size;   /* bytes a package may have; 0: not known */
    bool allow_skip;     /* accept although the source was not checked */
    struct dfota_progress progress;
};

enum dfota_check_status {
    DFOTA_CHECK_PASS,
    DFOTA_CHECK_FAIL,
    DFOTA_CHECK_WARN,
    DFOTA_CHECK_SKIP
};

/* "pass", "fail", "warn" or "skip". */
DFOTA_API const char *dfota_check_status_name(enum dfota_check_status status);

struct dfota_check {
    const char *rule; /* static */
    enum dfota_check_status status;
    char detail[DFOTA_NOTE_SIZE]; /* what was compared, or what to pass */
};

enum dfota_verdict {
    DFOTA_ACCEPT,
    DFOTA_REJECT,
    DFOTA_INCOMPLETE /* nothing failed, but something was not checked */
};

/* "accept", "reject" or "incomplete". */
DFOTA_API const char *dfota_verdict_name(enum dfota_verdict verdict);

#define DFOTA_NO_CODE   (-1) /* the documents give no number */
#define DFOTA_CHECK_MAX 192  /* checks a verification can hold */

struct dfota_verified {
    enum dfota_verdict verdict;
    int result_code;        /* what the module would report, or NO_CODE */
    const char *code_basis; /* "documented", "analogy" or NULL; static */
    const char *family;     /* "lte-standard-a", "rg50x-rm5xx" or NULL */
    const char *rules;      /* name of the rule set; static */
    char module[DFOTA_VERSION_SIZE]; /* as requested, or "" */
    char urc[64];     /* the line the module would print, or "" */
    char advice[400]; /* what it does next, and what to mend */
    size_t check_count;
    struct dfota_check checks[DFOTA_CHECK_MAX];
    size_t decisive; /* unless accepted: which of `checks` decided that */
};

/*
 * Answers what a module would say to the package.  A broken package is a
 * verdict, not an error: this fails only when a file cannot be read, memory
 * runs out, or the request names what is no version (VER-1 to VER-7) or no rule
 * set (DFOTA_ERR_USAGE, VFY-0).  `*out` owns nothing.
 */
DFOTA_API enum dfota_error
dfota_job_verify(const struct dfota_verify_request *request,
                 struct dfota_verified *out, struct dfota_fault *fault);

/* --- apply ------------------------------------------------------------ */

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

/* --- explain ---------------------------------------------------------- */

struct dfota_explain_request {
    const char *file;      /* path; required */
    const char *old_image; /* path, to also count what a delta does; or NULL */
};

/* One coded stream of a delta. */
struct dfota_explained_stream {
    const char *name;  /* "control", "difference" or "literal"; "records" or
                          "content" where mixed */
    const char *codec; /* "stored", "zlib", "lzma", "mixed" or "bzip2" */
    uint64_t raw;      /* bytes before coding; 0 where that is not stated */
    uint64_t coded;    /* bytes in the file */
};

#define DFOTA_EXPLAIN_DIALECTS  3 /* kinds of code, at most */
#define DFOTA_EXPLAIN_CLASSES   8 /* kinds of sites in one of them, at most */
#define DFOTA_EXPLAIN_ADDRESSES 4 /* load addresses, and ranges, at most */

/* A kind of code, of which it is foreseen where it leads. */
struct dfota_explained_dialect {
    const char *name; /* "T32", "A32", "A64", "RISC-V", "x86" or "Xtensa" */
    size_t class_count;
    const char *classes[DFOTA_EXPLAIN_CLASSES]; /* kinds of sites in it, such as
                                                   "calls" */
};

/* What a delta foresees of copied bytes, and what the applier keeps for that;
 * all zero where nothing is foreseen. */
struct dfota_explained_prediction {
    size_t dialect_count;
    struct dfota_explained_dialect dialects[DFOTA_EXPLAIN_DIALECTS];
    size_t base_count;
    uint32_t bases[DFOTA_EXPLAIN_ADDRESSES]; /* where old would be loaded */
    size_t range_count;
    struct {
        uint32_t first;
        uint32_t last;
    } ranges[DFOTA_EXPLAIN_ADDRESSES]; /* of other addresses */
    uint32_t map_count;                /* copies that make up the map ... */
    uint32_t map_length;               /* ... each of at least so many bytes */
    uint32_t learned; /* addresses that the learned table has room for */
};

/* What the bytes of a delta are spent on. */
enum dfota_spent_on {
    DFOTA_SPENT_HEADER,
    DFOTA_SPENT_MAP,      /* which ranges are copied, and from where */
    DFOTA_SPENT_PIECES,   /* which pieces of them are as foreseen */
    DFOTA_SPENT_BYTES,    /* copied bytes that hold no address */
    DFOTA_SPENT_BRANCHES, /* copied branches and other relative addresses */
    DFOTA_SPENT_POINTERS, /* copied pointers and other absolute addresses */
    DFOTA_SPENT_LITERALS, /* bytes that are not copied */
    DFOTA_SPENT_PARSES,   /* how compressed streams were packed */
    DFOTA_SPENT_COUNT
};

/* "header", "map", "pieces", "bytes", "branches", "pointers", "literals" or
 * "parses". */
DFOTA_API const char *dfota_spent_name(enum dfota_spent_on kind);

/* Part of the new image, and what it costs in the delta. */
struct dfota_explained_part {
    uint64_t offset; /* in the new image */
    uint64_t size;   /* bytes of the new image */
    uint64_t bits;   /* of the delta */
};

#define DFOTA_EXPLAIN_REGIONS 16 /* equal parts of the new image, at most */
#define DFOTA_EXPLAIN_TOP     8  /* records that cost most */

/* What one delta does, counted by running it. */
struct dfota_explained_work {
    uint64_t copies;    /* ranges made from the old image */
    uint64_t copied;    /* bytes of new in them ... */
    uint64_t corrected; /* ... of which these differ from the old image; where
                           compressed streams are unpacked: from what is
                           foreseen */
    uint64_t literals;  /* bytes of new that are sent whole */
    uint64_t
        addresses; /* branches, pointers and the like in what is copied ... */
    uint64_t foreseen; /* ... of which these became what was foreseen */
    uint64_t bits[DFOTA_SPENT_COUNT]; /* of the delta, by what they are for */
    size_t region_count;
    struct dfota_explained_part regions[DFOTA_EXPLAIN_REGIONS];
    size_t top_count;
    struct dfota_explained_part top[DFOTA_EXPLAIN_TOP]; /* the dearest first */
};

#define DFOTA_EXPLAIN_NONE SIZE_MAX /* no region */

/*
 * A compressed stream whose contents a delta looks at, or that it makes from
 * its contents.  Of new and where the work was counted, what that costs: what
 * is saved is the bytes of the stream less that.
 */
struct dfota_explained_region {
    const char *codec; /* "lzma", "lzma2" or "deflate"; static */
    bool filtered;     /* its contents were code, and changed for that */
    uint64_t offset;   /* in its image */
    uint64_t packed;   /* bytes there */
    uint64_t contents; /* bytes, unpacked ... */
    uint64_t view;     /* ... and where they are in the image with all regions
                          unpacked */
    size_t from;       /* which of old's regions most of its contents is copied
                          from, or DFOTA_EXPLAIN_NONE */
    uint64_t contents_bits; /* of the delta, for its contents ... */
    uint64_t parse_bits;    /* ... and for how they were packed */
};

/* The regions of both images that are looked at unpacked; none: all zero. */
struct dfota_explained_unpacking {
    size_t old_count;
    size_t new_count;
    struct dfota_explained_region *regions; /* old's, then new's */
    uint64_t list_size;  /* bytes of the delta that list them ... */
    uint64_t parse_size; /* ... and that tell how new's were packed */
};

struct dfota_explained_delta {
    char partition[DFOTA_NAME_SIZE];
    uint64_t offset; /* bytes from the start of the file */
    uint64_t size;   /* bytes; 0 for a partition that does not change */
    uint64_t old_size;
    uint64_t new_size;
    uint64_t ram;                   /* bytes, 0 where not stated */
    struct dfota_digests old_image; /* size 0 and zeros where not stated */
    struct dfota_digests new_image;
    struct dfota_explained_stream streams[3];
    struct dfota_explained_prediction prediction;
    struct dfota_explained_unpacking unpacking;
    uint32_t slots; /* of mixed coding, or 0 */
    struct dfota_in_place_use use;
    bool counted; /* `work` and `compressed` hold figures */
    struct dfota_explained_work work;
    size_t compressed_count;
    struct dfota_made_stream *compressed; /* of the new image, as far as they
                                          are found without a layout; why one is
                                          left packed is told from what the
                                          delta's memory would do */
};

struct dfota_explained {
    const char *kind;        /* short name, such as "dfota-zip", "bsdiff40" */
    const char *description; /* a phrase for people */
    uint64_t size;           /* bytes of the file */
    char from[DFOTA_VERSION_SIZE]; /* "" without identity */
    char to[DFOTA_VERSION_SIZE];
    const char *family; /* or NULL */
    size_t delta_count;
    struct dfota_explained_delta *deltas;
    uint64_t frame_count;  /* of a .mini_2 beside the file, or 0 */
    uint64_t frames_raw;   /* bytes of flash that they fill */
    uint64_t frames_coded; /* bytes of them in .mini_2 */
};

/*
 * Says what a file is and holds: our packages and deltas, BSDIFF40, and by
 * their magic the packages of others.
 *
 * Errors beside the common ones:
 *   DFOTA_ERR_FORMAT   INFO-1   not a known kind of file
 *   DFOTA_ERR_REFUSED  INFO-2   an old image for other than a single delta
 *                      APPLY-3  its partition lies beyond the old image
 */
DFOTA_API enum dfota_error
dfota_job_explain(const struct dfota_explain_request *request,
                  struct dfota_explained *out, struct dfota_fault *fault);

DFOTA_API void dfota_explained_free(struct dfota_explained *explained);

#endif
