/* SPDX-License-Identifier: MIT */
/*
 * job.h - what whole jobs share: job_make.h makes a package, job_verify.h
 * verifies one, job_apply.h applies one, job_explain.h explains one
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

#endif
