/* SPDX-License-Identifier: MIT */
/*
 * apply.h - the module's side: turns an old image into a new one
 *
 * Freestanding C11: no allocation, no stdio, no operating system.  The caller
 * brings memory and callbacks; the applier reads the delta once and forward,
 * its records once more before where something is predicted, reads old at
 * random, and writes new in order.  Whatever the delta's bytes, it never reads
 * or writes outside what it was given, never asks a callback for bytes outside
 * the sizes stated, and ends.
 *
 * Spec: docs/SPEC.md, chapter Delta.
 */
#ifndef DFOTA_APPLY_H
#define DFOTA_APPLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dfota/codec.h"
#include "dfota/digest.h"
#include "dfota/error.h"

#define DFOTA_DELTA_HEAD_MAX    255 /* bytes of header at most */
#define DFOTA_DELTA_DIGEST_SIZE 16  /* bytes of a SHA-256 that a delta holds */

/* How a delta is coded. */
enum dfota_coding_id {
    DFOTA_CODING_ID_STREAMS = 0, /* three streams, each in a common codec */
    DFOTA_CODING_ID_MIXED = 1    /* our own: every decision by mixed contexts */
};

/* The streams of DFOTA_CODING_ID_STREAMS, in their order. */
enum dfota_stream_kind {
    DFOTA_STREAM_CONTROL,    /* what to insert and what to copy */
    DFOTA_STREAM_DIFFERENCE, /* what to add to the copied bytes */
    DFOTA_STREAM_LITERAL,    /* the inserted bytes */
    DFOTA_STREAM_COUNT
};

/* The parameters of DFOTA_CODING_ID_MIXED. */
struct dfota_mixed {
    uint32_t slots;        /* that the content is coded with */
    uint32_t record_size;  /* coded bytes of the records */
    uint32_t content_size; /* coded bytes of the content */
};

#define DFOTA_PREDICT_DIALECTS 3 /* kinds of code that an image may hold */
#define DFOTA_PREDICT_BASES    4 /* load addresses that pointers may have */
#define DFOTA_PREDICT_RANGES   4 /* ranges of addresses outside of the image */

/* A kind of code: an architecture, and which of its sites are looked for. */
struct dfota_dialect {
    uint8_t isa;     /* enum dfota_isa_id of lib/apply/site.h */
    uint8_t classes; /* a set; what its bits mean is the architecture's own */
};

/* Some values, of words that are taken for pointers. */
struct dfota_value_range {
    uint32_t first;
    uint32_t size;
};

/* What is foreseen of copied bytes, and by what. */
struct dfota_prediction {
    uint8_t dialect_count; /* number 0, which has no code, is not counted */
    uint8_t base_count;
    uint8_t range_count;
    struct dfota_dialect dialects[DFOTA_PREDICT_DIALECTS]; /* numbers 1, ... */
    uint32_t bases[DFOTA_PREDICT_BASES]; /* where old would be loaded */
    struct dfota_value_range ranges[DFOTA_PREDICT_RANGES];
    uint32_t map_count;  /* copies that make up the map of addresses */
    uint32_t map_length; /* bytes that such a copy has at least */
    uint32_t learned;    /* addresses that the learned table holds at most */
};

/*
 * Which regions of the images are unpacked, and what the applier keeps for
 * that; all zero where none is.
 */
struct dfota_unpacked {
    uint32_t old_size;    /* bytes of old with its regions unpacked ... */
    uint32_t new_size;    /* ... and of new */
    uint16_t old_count;   /* regions of old ... */
    uint16_t new_count;   /* ... and of new; 0 only where all is zero */
    uint32_t list_size;   /* coded bytes of the list of regions */
    uint32_t parse_size;  /* coded bytes of how new's were packed */
    uint32_t slots;       /* that these are coded with */
    uint32_t heads;       /* entries for finding repetitions, 0 or a power of 2,
                             by what they begin with ... */
    uint32_t chain;       /* ... and by where the one before is */
    uint32_t copies;      /* that make up a region of new, at most */
    uint32_t contents;    /* bytes of the largest region of new, unpacked */
    uint32_t work;        /* bytes that packing and unpacking work in */
    uint32_t kept;        /* bytes for regions of old that stay unpacked */
    uint32_t place_size;  /* bytes of each place for the others ... */
    uint16_t place_count; /* ... of which there are so many */
};

/* How a delta is applied in place, see in_place.h.  All zero: it is not. */
struct dfota_order {
    uint32_t segment_size; /* bytes of new in a segment but for the last */
    uint32_t stash_count;  /* ranges of old that are saved before */
    uint32_t stash_size;   /* bytes of them together */
    bool backward;         /* the last segment comes first, if nothing else is
                              told */
};

struct dfota_delta_header {
    uint8_t coding;    /* enum dfota_coding_id */
    uint32_t old_size; /* bytes */
    uint32_t new_size; /* bytes */
    uint32_t old_crc32;
    uint32_t new_crc32;
    uint8_t old_digest[DFOTA_DELTA_DIGEST_SIZE]; /* first bytes of a SHA-256 */
    uint8_t new_digest[DFOTA_DELTA_DIGEST_SIZE];
    uint32_t ram;       /* bytes of memory the applier needs */
    uint32_t head_size; /* bytes before what is coded */
    struct dfota_prediction prediction;
    struct dfota_unpacked unpacked;
    struct dfota_order order;
    struct dfota_stream streams[DFOTA_STREAM_COUNT]; /* all zero where mixed */
    struct dfota_mixed mixed; /* all zero where there are streams */
};

/*
 * Reads the header of a delta of `delta_size` bytes from its first `size`
 * bytes: DFOTA_DELTA_HEAD_MAX of them, or all there are.  On
 * failure `*out` is untouched.  Allocates nothing; safe from any thread.
 *
 * Errors:
 *   DFOTA_ERR_TRUNCATED    DLT-1   shorter than its header
 *   DFOTA_ERR_FORMAT       DLT-2   the magic is not a delta's
 *   DFOTA_ERR_CORRUPT      DLT-3   the header's size is not possible
 *   DFOTA_ERR_DIGEST       DLT-4   the header differs from its CRC32
 *   DFOTA_ERR_UNSUPPORTED  DLT-5   a version or coding that is not known
 *   DFOTA_ERR_UNSUPPORTED  DLT-6   a codec this reader does not know
 *   DFOTA_ERR_CORRUPT      DLT-7   a codec's parameters are not valid
 *   DFOTA_ERR_CORRUPT      DLT-8   the header is not exactly its fields
 *   DFOTA_ERR_CORRUPT      DLT-9   the coded sizes do not make up the delta
 *   DFOTA_ERR_CORRUPT      DLT-10  more literals than the new image has bytes
 *   DFOTA_ERR_CORRUPT      DLT-11  it needs more memory than there can be
 *   DFOTA_ERR_CORRUPT      DLT-22  too many bases or ranges, or impossible ones
 *   DFOTA_ERR_CORRUPT      DLT-30  segments or stash that there cannot be
 *   DFOTA_ERR_CORRUPT      DLT-40  what is stated of regions cannot be
 */
DFOTA_API enum dfota_error
dfota_delta_read_header(const uint8_t *bytes, size_t size, uint32_t delta_size,
                        struct dfota_delta_header *out,
                        struct dfota_fault *fault);

/* A way to code a delta.  A caller links in those that it names. */
struct dfota_coding;
DFOTA_API extern const struct dfota_coding dfota_coding_streams;
DFOTA_API extern const struct dfota_coding dfota_coding_mixed;

/* An architecture, whose code is foreseen.  Likewise. */
struct dfota_isa;
DFOTA_API extern const struct dfota_isa dfota_isa_t32; /* Thumb-2 */
DFOTA_API extern const struct dfota_isa dfota_isa_a32;
DFOTA_API extern const struct dfota_isa dfota_isa_a64;
DFOTA_API extern const struct dfota_isa dfota_isa_riscv;
DFOTA_API extern const struct dfota_isa dfota_isa_x86;
DFOTA_API extern const struct dfota_isa dfota_isa_xtensa;

/* The unpacking of compressed regions, the ways to compress, and the filters of
 * code before that, for those that have any.  Likewise. */
struct dfota_unpacking;
struct dfota_packing;
DFOTA_API extern const struct dfota_unpacking dfota_unpacking_regions;
DFOTA_API extern const struct dfota_packing dfota_packing_lzma;
DFOTA_API extern const struct dfota_packing dfota_packing_deflate;
DFOTA_API extern const struct dfota_packing dfota_filter_x86;
DFOTA_API extern const struct dfota_packing dfota_filter_arm;
DFOTA_API extern const struct dfota_packing dfota_filter_thumb;
DFOTA_API extern const struct dfota_packing dfota_filter_arm64;

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
    void *context; /* handed to the callbacks */
    uint32_t delta_size;
    uint32_t old_size;
    uint32_t new_size_max; /* the largest image there is room for */
    enum dfota_error (*read_delta)(void *context, uint32_t offset, void *out,
                                   size_t size);
    enum dfota_error (*read_old)(void *context, uint32_t offset, void *out,
                                 size_t size);
    enum dfota_error (*read_stash)(void *context, uint32_t offset, void *out,
                                   size_t size); /* in place alone */
    enum dfota_error (*write_new)(void *context, const void *bytes,
                                  size_t size);
    const struct dfota_coding *const *codings; /* ends with NULL */
    const struct dfota_isa *const *isas;       /* ends with NULL */
    const struct dfota_codec *const *codecs;   /* of streams; ends with NULL */
    const struct dfota_unpacking *unpacking;   /* NULL: no regions */
    const struct dfota_packing *const *packings; /* of these; ends with NULL */
    uint32_t (*crc32)(uint32_t crc, const uint8_t *bytes, size_t size);
    /* a quicker one, as zlib's; NULL: the applier's own */
    const struct dfota_hash *sha256; /* NULL: CRC32 alone is checked */
    void *memory;                    /* aligned to 16 bytes */
    size_t memory_size;              /* at least the header's `ram` */
};

/*
 * Applies a delta: reads its header, checks the whole old image against it,
 * and only then writes the first byte of new.
 *
 * Cost: `memory` and less than 1.5 KiB of stack; old is read once for its
 * digest and once where it is copied.
 *
 * Errors: those of dfota_delta_read_header(), of the callbacks, and
 *   DFOTA_ERR_LIMIT        DLT-12  new is larger than `new_size_max`
 *   DFOTA_ERR_LIMIT        DLT-13  `memory` is smaller than the delta needs
 *   DFOTA_ERR_DIGEST       DLT-14  old is not the image the delta was made from
 *   DFOTA_ERR_UNSUPPORTED  DLT-5   `codings` lacks the one that is needed
 *   DFOTA_ERR_UNSUPPORTED  DLT-6   `codecs` lacks one that the delta needs
 *   DFOTA_ERR_UNSUPPORTED  DLT-26  `isas` lacks one that the delta needs
 *   DFOTA_ERR_CORRUPT      DLT-15  what is coded is not valid, or ends early
 *   DFOTA_ERR_CORRUPT      DLT-16  a number is not in its shortest form
 *   DFOTA_ERR_CORRUPT      DLT-17  a record neither copies nor inserts
 *   DFOTA_ERR_CORRUPT      DLT-18  a record leads beyond the end of new
 *   DFOTA_ERR_CORRUPT      DLT-19  a record copies from outside old
 *   DFOTA_ERR_CORRUPT      DLT-20  what is coded goes on after the last record
 *   DFOTA_ERR_DIGEST       DLT-21  what was written is not the new image
 *   DFOTA_ERR_CORRUPT      DLT-23  the map has not as many copies as stated
 *   DFOTA_ERR_CORRUPT      DLT-24  a record has a dialect that it cannot have
 *   DFOTA_ERR_UNSUPPORTED  DLT-35  the delta is applied in place: in_place.h
 *   DFOTA_ERR_CORRUPT      DLT-41  the list of regions is not what is stated
 *   DFOTA_ERR_CORRUPT      DLT-42  regions where there cannot be any
 *   DFOTA_ERR_CORRUPT      DLT-43  a region needs more memory than is stated
 *   DFOTA_ERR_CORRUPT      DLT-44  regions are unpacked over and over
 *   DFOTA_ERR_CORRUPT      DLT-45  more copies in a region than are stated
 *   DFOTA_ERR_UNSUPPORTED  DLT-46  there are regions, and no `unpacking`
 *   those of PKD, for what is packed
 */
DFOTA_API enum dfota_error
dfota_apply_delta(const struct dfota_applier *applier,
                  struct dfota_fault *fault);

#endif
