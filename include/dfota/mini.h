/* SPDX-License-Identifier: MIT */
/*
 * mini.h - the module's side of MiniFOTA: .mini_1 header, flash, .mini_2 frames
 *
 * For firmware: freestanding C11, no allocation, no stdio, no operating system.
 * A module reads the first 2,048 bytes of .mini_1 and knows what the package
 * is for, checks its flash against them, applies the delta that follows
 * (dfota/apply.h), and then feeds .mini_2 to a reader as it is downloaded,
 * which decodes it frame by frame and can go on at any frame after a reset.
 * Downloading, erasing, and keeping the position are the caller's.
 *
 * Spec: docs/SPEC.md, chapter MiniFOTA.
 */
#ifndef DFOTA_MINI_H
#define DFOTA_MINI_H

#include <stddef.h>
#include <stdint.h>

#include "dfota/codec.h"
#include "dfota/digest.h"
#include "dfota/error.h"

#define DFOTA_MINI_HEADER_SIZE 2048  /* bytes of .mini_1 before its delta */
#define DFOTA_MINI_REGIONS_MAX 32    /* the Mini region among them */
#define DFOTA_MINI_VERSION_MAX 64    /* bytes of a firmware version */
#define DFOTA_MINI_FRAME_MAX   65536 /* bytes of flash that a frame fills */
#define DFOTA_MINI_SECOND_HEAD 44    /* bytes of .mini_2 before its frames */
#define DFOTA_MINI_FRAME_HEAD  24    /* bytes of a frame before its contents */
#define DFOTA_MINI_CHUNK       4096  /* bytes written at a time */

/* A firmware's version; it begins with the project, then the baseline. */
struct dfota_mini_identity {
    char version[DFOTA_MINI_VERSION_MAX + 1]; /* ends with NUL */
    uint8_t project_size;                     /* bytes */
    uint8_t baseline_size;                    /* bytes */
};

/* A range of the flash that the package changes. */
struct dfota_mini_region {
    uint32_t address; /* bytes from the start of the flash */
    uint32_t length;  /* bytes */
    uint32_t old_crc32;
    uint32_t new_crc32;
};

/* What a .mini_1 says before its delta. */
struct dfota_mini_header {
    uint32_t flash_size; /* bytes */
    uint32_t delta_size; /* bytes of .mini_1 behind the header */
    uint8_t delta_md5[DFOTA_MD5_SIZE];
    uint32_t ram;         /* bytes that delta and frames need, one by one */
    uint32_t second_size; /* bytes of the .mini_2 that belongs to it */
    uint8_t second_md5[DFOTA_MD5_SIZE];
    uint8_t second_sha256[DFOTA_SHA256_SIZE];
    struct dfota_mini_identity from;
    struct dfota_mini_identity to;
    uint8_t region_count; /* 1 to DFOTA_MINI_REGIONS_MAX */
    /* First the Mini region, which the delta changes; then the regions that
     * .mini_2 fills, sorted by address. */
    struct dfota_mini_region regions[DFOTA_MINI_REGIONS_MAX];
};

/*
 * Reads the header of a .mini_1 from its first `size` bytes, of which it needs
 * DFOTA_MINI_HEADER_SIZE and looks at no more.  On failure `*out` is untouched.
 * Allocates nothing; safe from any thread.
 *
 * Errors:
 *   DFOTA_ERR_TRUNCATED    MIN-1   fewer than DFOTA_MINI_HEADER_SIZE bytes
 *   DFOTA_ERR_FORMAT       MIN-2   the magic is not that of a .mini_1
 *   DFOTA_ERR_DIGEST       MIN-3   the header differs from its CRC32
 *   DFOTA_ERR_UNSUPPORTED  MIN-4   a version this reader does not know
 *   DFOTA_ERR_CORRUPT      MIN-5   a reserved byte is not zero
 *   DFOTA_ERR_CORRUPT      MIN-6   no region, or too many
 *   DFOTA_ERR_CORRUPT      MIN-7   not one Mini region and then app regions
 *   DFOTA_ERR_CORRUPT      MIN-8   a region is empty or leaves the flash
 *   DFOTA_ERR_CORRUPT      MIN-9   regions unsorted or overlapping
 *   DFOTA_ERR_CORRUPT      MIN-10  a version is empty or not printable
 *   DFOTA_ERR_CORRUPT      MIN-11  it has no room for project and baseline
 *   DFOTA_ERR_CORRUPT      MIN-12  a size that no file can have
 */
DFOTA_API enum dfota_error dfota_mini_read_header(const uint8_t *bytes,
                                                  size_t size,
                                                  struct dfota_mini_header *out,
                                                  struct dfota_fault *fault);

/* --- the flash ------------------------------------------------------------ */

/*
 * How the flash is read.  The callback returns DFOTA_OK, or an error that
 * reaches the caller as it is; it is never asked for bytes outside a region.
 */
struct dfota_mini_flash {
    void *context;
    enum dfota_error (*read)(void *context, uint32_t address, void *out,
                             size_t size);
};

/* What the flash should hold, by the steps of an upgrade. */
enum dfota_mini_state {
    DFOTA_MINI_OLD_ALL,  /* before the first erase */
    DFOTA_MINI_OLD_MINI, /* after it, before the Mini region is written */
    DFOTA_MINI_NEW_MINI, /* when the delta has been applied */
    DFOTA_MINI_NEW_ALL   /* when the last frame has been written */
};

/*
 * Compares the regions that `state` is about with their CRC32 in `header`; the
 * fault's offset is that of the CRC32 which differs, in .mini_1.
 *
 * Cost: reads each byte once; less than 512 bytes of stack.
 *
 * Errors: those of the callback, and
 *   DFOTA_ERR_DIGEST  MIN-13  a region is not the old one
 *   DFOTA_ERR_DIGEST  MIN-14  a region is not the new one
 */
DFOTA_API enum dfota_error dfota_mini_check_flash(
    const struct dfota_mini_header *header, enum dfota_mini_state state,
    const struct dfota_mini_flash *flash, struct dfota_fault *fault);

/* --- .mini_2 -------------------------------------------------------------- */

/* A place between two frames, for a module to keep over a reset. */
struct dfota_mini_position {
    uint32_t frame;  /* how many frames are complete */
    uint32_t offset; /* where in .mini_2 the next one begins */
};

/*
 * What the reader works with.  Callbacks return DFOTA_OK, or an error that ends
 * the reading and reaches the caller as it is.  For each frame: begin, then
 * write in order of addresses without a gap, then done.  All writes of a frame
 * but its last are of DFOTA_MINI_CHUNK bytes.
 */
struct dfota_mini_applier {
    const struct dfota_mini_header *header; /* of the .mini_1 */
    void *context;                          /* handed to the callbacks */
    /* A frame begins that fills `size` bytes at `address`: erase them. */
    enum dfota_error (*begin)(void *context, uint32_t address, uint32_t size);
    enum dfota_error (*write)(void *context, uint32_t address,
                              const uint8_t *bytes, size_t size);
    /* A frame is complete and right: a reset may go on at `next`. */
    enum dfota_error (*done)(void *context,
                             const struct dfota_mini_position *next);
    /* Ends with NULL; dfota_codec_stored and dfota_codec_mixed are enough for
     * frames that were not asked to be coded by a library. */
    const struct dfota_codec *const *codecs;
    void *memory;       /* aligned to 16 bytes */
    size_t memory_size; /* the header's `ram` suffices */
};

/* The reader's state, in the caller's hands; none of it is for the caller. */
struct dfota_mini_reader {
    const struct dfota_mini_applier *applier;
    struct dfota_mini_position next; /* the frame in work, or the next one */
    uint32_t offset;                 /* the next byte of .mini_2 it wants */
    uint32_t frame_size;             /* of .mini_2, as its header says */
    uint32_t frame_count;            /* likewise */
    const struct dfota_codec *codec; /* of the frame in work, as all below */
    void *state;                     /* the codec's */
    uint32_t address;                /* where the next write goes */
    uint32_t coded_left;             /* bytes not seen yet */
    uint32_t raw_left;               /* bytes not decoded yet */
    uint32_t chunk_size;             /* bytes decoded and not written yet */
    uint32_t crc32;                  /* of the bytes decoded */
    uint32_t want_crc32;             /* what it has to become */
    uint8_t stage;
    uint8_t head_size; /* bytes of `head` that have come */
    uint8_t head[DFOTA_MINI_SECOND_HEAD];
};

/*
 * Begins to read a .mini_2: from its first frame when `from` is NULL, otherwise
 * from where done() said.  `*applier` and all it names must outlive the reader.
 * Nothing is to be closed.
 */
DFOTA_API void dfota_mini_open(struct dfota_mini_reader *reader,
                               const struct dfota_mini_applier *applier,
                               const struct dfota_mini_position *from);

/*
 * The next byte of .mini_2 that the reader wants.  At first this is 0, for the
 * header is always read; then it is where the next frame begins.  At the end it
 * is the size of the file.
 */
DFOTA_API uint32_t dfota_mini_wanted(const struct dfota_mini_reader *reader);

/*
 * Reads the next `size` bytes of .mini_2, any number of them, which stand at
 * `offset` in it.  Bytes before the one wanted are passed over, so that a
 * download may begin anew at 0 as well as at the byte wanted.
 *
 * After a failure the reader takes no more; a new one can be opened at the last
 * complete frame.
 *
 * Errors, with offsets in .mini_2: those of the callbacks, and
 *   DFOTA_ERR_FORMAT       MIN-20  the magic is not that of a .mini_2
 *   DFOTA_ERR_DIGEST       MIN-21  the header differs from its CRC32
 *   DFOTA_ERR_UNSUPPORTED  MIN-22  a version this reader does not know
 *   DFOTA_ERR_CORRUPT      MIN-23  a reserved byte is not zero
 *   DFOTA_ERR_REFUSED      MIN-24  it belongs to another .mini_1
 *   DFOTA_ERR_CORRUPT      MIN-26  an impossible size of frames
 *   DFOTA_ERR_CORRUPT      MIN-27  not as many frames as the regions need
 *   DFOTA_ERR_DIGEST       MIN-28  a frame's header differs from its CRC32
 *   DFOTA_ERR_CORRUPT      MIN-29  a frame is not the one that is due
 *   DFOTA_ERR_UNSUPPORTED  MIN-30  a codec that is not known, or not at hand
 *   DFOTA_ERR_CORRUPT      MIN-31  its parameters are not valid
 *   DFOTA_ERR_CORRUPT      MIN-32  a frame's coded size is not possible
 *   DFOTA_ERR_LIMIT        MIN-33  `memory` is smaller than a frame needs
 *   DFOTA_ERR_CORRUPT      MIN-34  the frames do not end where the file does
 *   DFOTA_ERR_CORRUPT      MIN-35  a frame cannot be decoded to its size
 *   DFOTA_ERR_DIGEST       MIN-36  a frame differs from its CRC32
 *   DFOTA_ERR_USAGE        bytes left out, an impossible position to go on at,
 *                          or a reader that has failed
 */
DFOTA_API enum dfota_error dfota_mini_feed(struct dfota_mini_reader *reader,
                                           uint32_t offset,
                                           const uint8_t *bytes, size_t size,
                                           struct dfota_fault *fault);

/*
 * Asks whether all of .mini_2 has been read.  Errors:
 *   DFOTA_ERR_TRUNCATED  MIN-19  frames are missing
 *   DFOTA_ERR_USAGE      a reader that has failed
 */
DFOTA_API enum dfota_error
dfota_mini_finish(const struct dfota_mini_reader *reader,
                  struct dfota_fault *fault);

/*
 * Bytes of memory needed to read a frame coded as `stream` says; UINT32_MAX
 * when the parameters are not valid.  The header's `ram` covers all frames.
 */
DFOTA_API uint32_t dfota_mini_frame_memory(const struct dfota_stream *stream);

#endif
