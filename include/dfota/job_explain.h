/* SPDX-License-Identifier: MIT */
/* job_explain.h - says what a file is and what it holds; see job.h */
#ifndef DFOTA_JOB_EXPLAIN_H
#define DFOTA_JOB_EXPLAIN_H

#include "dfota/job.h"

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
