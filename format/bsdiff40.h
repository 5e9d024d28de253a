/* SPDX-License-Identifier: MIT */
/*
 * bsdiff40.h - the BSDIFF40 patch of Colin Percival's bsdiff 4.3
 *
 * A 32-byte header, then three bzip2 streams: control triples, differences,
 * and bytes that old does not have.  Who chooses the copies is lib/delta.
 *
 * Spec:   docs/SPEC.md, rules B40, and BZ2 for its streams.
 * Source: what bsdiff 4.3-23 of Debian 12 writes and its bspatch accepts.
 */
#ifndef DFOTA_FORMAT_BSDIFF40_H
#define DFOTA_FORMAT_BSDIFF40_H

#include <stddef.h>
#include <stdint.h>

#include "dfota/error.h"
#include "lib/apply/copy.h"
#include "lib/base/buffer.h"

#define DFOTA_BSDIFF40_HEADER_SIZE 32 /* bytes */

/* The largest image bspatch can be asked for: it counts in a 32-bit int. */
#define DFOTA_BSDIFF40_IMAGE_MAX INT32_MAX /* bytes */

struct dfota_bsdiff40_header {
    uint64_t control_size; /* compressed bytes */
    uint64_t diff_size;    /* compressed bytes; the extra stream is the rest */
    uint64_t new_size;     /* bytes of the image the patch makes: a claim */
};

struct dfota_bsdiff40_images {
    struct dfota_view old;
    struct dfota_view new;
};

/*
 * Writes the patch that makes `images->new` of `images->old` into the empty
 * buffer `out`, which the caller frees and whose limit is kept.  `copies` are
 * `count` ranges as lib/apply/copy.h says; those of no length are passed over.
 * On failure `out` is untouched.  Needs about as much memory again as the new
 * image has bytes, and 24 bytes a copy.
 *
 * Errors:
 *   DFOTA_ERR_LIMIT  B40-10  an image exceeds DFOTA_BSDIFF40_IMAGE_MAX
 *   DFOTA_ERR_LIMIT          the patch exceeds the limit of `out`
 *   DFOTA_ERR_USAGE          `copies` are unsorted, overlap, or leave an image
 *   DFOTA_ERR_MEMORY
 */
enum dfota_error
dfota_bsdiff40_write(const struct dfota_bsdiff40_images *images,
                     const struct dfota_copy *copies, size_t count,
                     struct dfota_buffer *out, struct dfota_fault *fault);

/*
 * Reads the header of `patch`, a whole file, into `*out`.  `max_new_size`
 * (bytes) is the largest image the caller will hold.  On failure `*out` is
 * untouched.  Allocates nothing; safe from any thread.
 *
 * Errors:
 *   DFOTA_ERR_TRUNCATED  B40-1  fewer than DFOTA_BSDIFF40_HEADER_SIZE bytes
 *   DFOTA_ERR_FORMAT     B40-2  the magic is not "BSDIFF40"
 *   DFOTA_ERR_CORRUPT    B40-3  a size is negative
 *   DFOTA_ERR_LIMIT      B40-4  the new size exceeds `max_new_size`
 *   DFOTA_ERR_TRUNCATED  B40-5  the first two streams are longer than the file
 */
enum dfota_error dfota_bsdiff40_read_header(struct dfota_view patch,
                                            uint64_t max_new_size,
                                            struct dfota_bsdiff40_header *out,
                                            struct dfota_fault *fault);

/*
 * Makes the new image of `old` and `patch` in the empty buffer `out`, which
 * the caller frees and whose limit is kept.  On failure `out` is untouched.
 * Bytes of old before its start or past its end count as zero.  The format
 * holds no digest: with another `old` than the patch was made for the result
 * is another image and no error.
 *
 * Needs 12 MB and twice the bytes made so far, never more for a large claim;
 * takes time in proportion to the new size.
 *
 * Errors: those of dfota_bsdiff40_read_header(), those of dfota_bzip2_read()
 * and dfota_bzip2_finish() for each of the streams, with offsets in `patch`,
 * and, at the start of the control stream:
 *   DFOTA_ERR_CORRUPT    B40-6  a triple takes a negative number of bytes
 *   DFOTA_ERR_CORRUPT    B40-7  a triple makes more than is missing of new
 *   DFOTA_ERR_CORRUPT    B40-8  more triples than bytes of new, and one
 *   DFOTA_ERR_CORRUPT    B40-9  the position in old leaves 64 bits
 */
enum dfota_error dfota_bsdiff40_apply(struct dfota_view patch,
                                      struct dfota_view old,
                                      uint64_t max_new_size,
                                      struct dfota_buffer *out,
                                      struct dfota_fault *fault);

#endif
