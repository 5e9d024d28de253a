/* SPDX-License-Identifier: MIT */
/*
 * bzip2.h - bzip2 streams in memory, written whole and read bit by bit
 *
 * One stream at a time: what follows a stream is refused, never read.  Needs
 * some 4 MB to read a stream and 8 MB to write one, whatever its length.
 *
 * Spec: docs/SPEC.md, rules BZ2.
 */
#ifndef DFOTA_LIB_CODEC_BZIP2_H
#define DFOTA_LIB_CODEC_BZIP2_H

#include <stddef.h>
#include <stdint.h>

#include "dfota/error.h"
#include "lib/base/buffer.h"

/*
 * Compresses `raw`, of any size, none included, into one bzip2 stream of level
 * 9 and appends it to `out`.  On failure `out` holds what it held before.
 *
 * Errors:
 *   DFOTA_ERR_LIMIT   the stream does not fit into the limit of `out`
 *   DFOTA_ERR_MEMORY
 */
enum dfota_error dfota_bzip2_encode(struct dfota_view raw,
                                    struct dfota_buffer *out,
                                    struct dfota_fault *fault);

/* One compressed stream being read.  NULL is none. */
struct dfota_bzip2_reader;

/*
 * Begins to read the stream that `compressed`, which must outlive the reader,
 * holds.  Looks at no byte yet.  `*out` is released by dfota_bzip2_close().
 *
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_bzip2_open(struct dfota_view compressed,
                                  struct dfota_bzip2_reader **out,
                                  struct dfota_fault *fault);

/*
 * Delivers exactly the next `size` bytes to `out`, or fails; then `out` holds
 * some of them and the reader can only be closed.  Offsets in `fault` count
 * from the start of the compressed view, to where the trouble was noticed:
 * bzip2 checks a block of up to 900,000 bytes only at its end, so bytes
 * delivered before that are not yet known to be right.
 *
 * Errors:
 *   DFOTA_ERR_TRUNCATED  BZ2-1  the compressed bytes end inside the stream
 *   DFOTA_ERR_TRUNCATED  BZ2-2  the stream ends before `size` bytes
 *   DFOTA_ERR_CORRUPT    BZ2-3  not a bzip2 stream, or a damaged one
 *   DFOTA_ERR_MEMORY
 */
enum dfota_error dfota_bzip2_read(struct dfota_bzip2_reader *reader,
                                  uint8_t *out, size_t size,
                                  struct dfota_fault *fault);

/*
 * Asks whether the stream ended exactly: nothing left to deliver, all checks
 * passed, and no compressed byte left over.  Call it once, last.
 *
 * Errors: BZ2-1 and BZ2-3 as dfota_bzip2_read(), and
 *   DFOTA_ERR_CORRUPT    BZ2-4  the stream holds more than was read
 *   DFOTA_ERR_CORRUPT    BZ2-5  bytes follow the stream
 */
enum dfota_error dfota_bzip2_finish(struct dfota_bzip2_reader *reader,
                                    struct dfota_fault *fault);

void dfota_bzip2_close(struct dfota_bzip2_reader *reader);

#endif
