/* SPDX-License-Identifier: MIT */
/*
 * apply.h - the module's side: turns an old image into a new one
 *
 * Freestanding C11: no allocation, no stdio, no operating system.  The caller
 * brings memory and callbacks; the applier reads the delta's streams each once
 * and forward, that of control once more before where something is predicted,
 * reads old at random, and writes new in order.  Whatever the delta's bytes, it
 * never reads or writes outside what it was given, never asks a callback for
 * bytes outside the sizes stated, and ends.
 *
 * Spec: docs/SPEC.md, chapter Delta.
 */
#ifndef DFOTA_APPLY_H
#define DFOTA_APPLY_H

#include <stddef.h>
#include <stdint.h>

#include "dfota/codec.h"
#include "dfota/digest.h"
#include "dfota/error.h"

#define DFOTA_DELTA_HEADER_SIZE 96  /* bytes, without the table of streams */
#define DFOTA_DELTA_HEAD_MAX    163 /* bytes, with the largest table */

/* The streams of a delta, in their order. */
enum dfota_stream_kind {
    DFOTA_STREAM_CONTROL,    /* what to copy and what to insert */
    DFOTA_STREAM_DIFFERENCE, /* what to add to the copied bytes */
    DFOTA_STREAM_LITERAL,    /* the inserted bytes */
    DFOTA_STREAM_COUNT
};

#define DFOTA_PREDICT_BASES 4 /* load addresses that pointers may have */

/* What is foreseen of copied bytes; a set. */
enum dfota_predict_kind {
    DFOTA_PREDICT_POINTERS = 1, /* aligned 32-bit words */
    DFOTA_PREDICT_T32 = 2,      /* Thumb-2: BL, B.W */
    DFOTA_PREDICT_A32 = 4,      /* Arm: B, BL, BLX */
    DFOTA_PREDICT_A64 = 8,      /* AArch64: B, BL, ADRP and what follows it */
    DFOTA_PREDICT_T32_BCC = 16, /* Thumb-2: Bcc.W */
    DFOTA_PREDICT_T32_BLX = 32, /* Thumb-2: BLX */
    DFOTA_PREDICT_ALL = 63
};

struct dfota_prediction {
    uint8_t kinds;       /* set of enum dfota_predict_kind; 0: none at all */
    uint32_t map_count;  /* copies that make up the map of addresses */
    uint32_t map_length; /* bytes that such a copy has at least */
    uint8_t base_count;
    uint32_t bases[DFOTA_PREDICT_BASES]; /* where old would be loaded */
};

struct dfota_delta_header {
    uint32_t old_size; /* bytes */
    uint32_t new_size; /* bytes */
    uint32_t old_crc32;
    uint32_t new_crc32;
    uint8_t old_sha256[DFOTA_SHA256_SIZE];
    uint8_t new_sha256[DFOTA_SHA256_SIZE];
    uint8_t unit;       /* bytes that differences add as one number: 1 or 4 */
    uint32_t ram;       /* bytes of memory the applier needs */
    uint32_t head_size; /* bytes before the first stream */
    struct dfota_stream streams[DFOTA_STREAM_COUNT];
    struct dfota_prediction prediction;
};

/*
 * Reads header and table of streams of a delta of `delta_size` bytes from its
 * first `size` bytes: DFOTA_DELTA_HEAD_MAX of them, or all there are.  On
 * failure `*out` is untouched.  Allocates nothing; safe from any thread.
 *
 * Errors:
 *   DFOTA_ERR_TRUNCATED    DLT-1   shorter than its header and table
 *   DFOTA_ERR_FORMAT       DLT-2   the magic is not a delta's
 *   DFOTA_ERR_CORRUPT      DLT-3   the table's size is not possible
 *   DFOTA_ERR_DIGEST       DLT-4   header and table differ from their CRC32
 *   DFOTA_ERR_UNSUPPORTED  DLT-5   a version or unit this reader does not know
 *   DFOTA_ERR_UNSUPPORTED  DLT-6   a codec this reader does not know
 *   DFOTA_ERR_CORRUPT      DLT-7   a codec's parameters are not valid
 *   DFOTA_ERR_CORRUPT      DLT-8   the table is not exactly its entries
 *   DFOTA_ERR_CORRUPT      DLT-9   the streams' sizes do not make up the delta
 *   DFOTA_ERR_CORRUPT      DLT-10  more literals than the new image has bytes
 *   DFOTA_ERR_CORRUPT      DLT-11  the stated memory is not what is needed
 *   DFOTA_ERR_UNSUPPORTED  DLT-22  a kind of prediction that is not known
 *   DFOTA_ERR_CORRUPT      DLT-22  a prediction of nothing, or too many bases
 */
DFOTA_API enum dfota_error
dfota_delta_read_header(const uint8_t *bytes, size_t size, uint32_t delta_size,
                        struct dfota_delta_header *out,
                        struct dfota_fault *fault);

/* A SHA-256 in the making, by the caller's means. */
struct dfota_hash {
    void *context;
    void (*begin)(void *context);
    void (*add)(void *context, const uint8_t *bytes, size_t size);
    void (*finish)(void *context, uint8_t out[DFOTA_SHA256_SIZE]);
};

/*
 * What the applier works with.  Callbacks return DFOTA_OK, or an error that
 * ends the job and reaches the caller as it is.
 */
struct dfota_applier {
    void *context; /* handed to the three callbacks */
    uint32_t delta_size;
    uint32_t old_size;
    uint32_t new_size_max; /* the largest image there is room for */
    enum dfota_error (*read_delta)(void *context, uint32_t offset, void *out,
                                   size_t size);
    enum dfota_error (*read_old)(void *context, uint32_t offset, void *out,
                                 size_t size);
    enum dfota_error (*write_new)(void *context, const void *bytes,
                                  size_t size);
    const struct dfota_codec *const *codecs; /* ends with NULL */
    const struct dfota_hash *sha256;         /* NULL: CRC32 alone is checked */
    void *memory;                            /* aligned to 16 bytes */
    size_t memory_size;                      /* at least the header's `ram` */
};

/*
 * Applies a delta: reads its header, checks the whole old image against it,
 * and only then writes the first byte of new.
 *
 * Cost: `memory` and less than 1 KiB of stack; old is read once for its digest
 * and once where it is copied.
 *
 * Errors: those of dfota_delta_read_header(), of the callbacks, and
 *   DFOTA_ERR_LIMIT        DLT-12  new is larger than `new_size_max`
 *   DFOTA_ERR_LIMIT        DLT-13  `memory` is smaller than the delta needs
 *   DFOTA_ERR_DIGEST       DLT-14  old is not the image the delta was made from
 *   DFOTA_ERR_UNSUPPORTED  DLT-6   `codecs` lacks one that the delta needs
 *   DFOTA_ERR_CORRUPT      DLT-15  a stream cannot be decoded, or ends early
 *   DFOTA_ERR_CORRUPT      DLT-16  a number is not in its shortest form
 *   DFOTA_ERR_CORRUPT      DLT-17  a record neither copies nor inserts
 *   DFOTA_ERR_CORRUPT      DLT-18  a record leads beyond the end of new
 *   DFOTA_ERR_CORRUPT      DLT-19  a record copies from outside old
 *   DFOTA_ERR_CORRUPT      DLT-20  a stream goes on after the last record
 *   DFOTA_ERR_DIGEST       DLT-21  what was written is not the new image
 *   DFOTA_ERR_CORRUPT      DLT-23  the map has not as many copies as stated
 */
DFOTA_API enum dfota_error
dfota_apply_delta(const struct dfota_applier *applier,
                  struct dfota_fault *fault);

#endif
