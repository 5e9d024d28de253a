/* SPDX-License-Identifier: MIT */
/*
 * mini.h - the MiniFOTA package: .mini_1, and what binds .mini_2 to it
 *
 * What a module reads of the two files is lib/apply's code; here they are
 * written, and read whole, as a host has them.  Who makes the delta, and who
 * applies it and decodes the frames, is for others.
 *
 * To write a pair: fill in flash size, identities and regions of a header;
 * dfota_mini_set_delta(); dfota_mini_write_second(); dfota_mini_set_second();
 * dfota_mini_write_first().
 *
 * Spec: docs/SPEC.md, chapter MiniFOTA.
 */
#ifndef DFOTA_FORMAT_MINI_H
#define DFOTA_FORMAT_MINI_H

#include "dfota/apply.h"
#include "dfota/mini.h"
#include "format/mini_second.h"
#include "lib/base/buffer.h"

/* --- writing -------------------------------------------------------------- */

/*
 * Fills in what `header` says of `delta`: its size and MD5, and the memory it
 * needs.  `header->regions[0]` must be set.  On failure `*header` is untouched.
 *
 * Errors: those of dfota_delta_read_header(), with offsets in a .mini_1, and
 *   DFOTA_ERR_CORRUPT  MIN-17  the delta is not between the Mini regions
 *   DFOTA_ERR_MEMORY
 */
enum dfota_error dfota_mini_set_delta(struct dfota_mini_header *header,
                                      struct dfota_view delta,
                                      struct dfota_fault *fault);

/*
 * Fills in what `header` says of `second`, a whole .mini_2 made for it: size
 * and digests, and the memory its frames need where that is more than the
 * delta's.  On failure `*header` is untouched.
 *
 * Errors: those of dfota_mini_check_frames(), and
 *   DFOTA_ERR_LIMIT   FILE-1  `second` has 4 GiB or more
 *   DFOTA_ERR_MEMORY
 */
enum dfota_error dfota_mini_set_second(struct dfota_mini_header *header,
                                       struct dfota_view second,
                                       struct dfota_fault *fault);

/*
 * Appends the .mini_1 of `header` and `delta` to `out`, which on failure holds
 * what it held before.  The same bytes for the same input.
 *
 * Errors: those of dfota_mini_read_header(), for a header that it would refuse,
 * and
 *   DFOTA_ERR_USAGE           `delta` is not of the size the header says
 *   DFOTA_ERR_MEMORY, DFOTA_ERR_LIMIT
 */
enum dfota_error dfota_mini_write_first(const struct dfota_mini_header *header,
                                        struct dfota_view delta,
                                        struct dfota_buffer *out,
                                        struct dfota_fault *fault);

/* --- reading -------------------------------------------------------------- */

/* A .mini_1; valid as long as the file it was read from. */
struct dfota_mini_first {
    struct dfota_mini_header header;
    struct dfota_view delta; /* in the file, from DFOTA_MINI_HEADER_SIZE on */
    struct dfota_delta_header delta_header;
};

/*
 * Reads the whole of `file`, a .mini_1, into `*out`, which is untouched on
 * failure.  Whoever wants to know what a cut or damaged file claims asks
 * dfota_mini_read_header(), which needs its first 2,048 bytes alone.
 *
 * Errors: those of dfota_mini_read_header(), and
 *   DFOTA_ERR_TRUNCATED  MIN-15  the delta is cut
 *   DFOTA_ERR_CORRUPT    MIN-15  bytes follow the delta
 *   DFOTA_ERR_DIGEST     MIN-16  the delta differs from its MD5
 *   those of dfota_delta_read_header(), with offsets in `file`
 *   DFOTA_ERR_CORRUPT    MIN-17  the delta is not between the Mini regions
 *   DFOTA_ERR_CORRUPT    MIN-18  less memory is stated than the delta needs
 *   DFOTA_ERR_MEMORY
 */
enum dfota_error dfota_mini_read_first(struct dfota_view file,
                                       struct dfota_mini_first *out,
                                       struct dfota_fault *fault);

/* Both files of a package. */
struct dfota_mini_pair {
    struct dfota_mini_first first;
    struct dfota_mini_frames frames;
};

enum dfota_mini_file { DFOTA_MINI_FIRST, DFOTA_MINI_SECOND };

/*
 * Reads both files whole into `*out`, which is untouched on failure, and checks
 * everything but what the frames decode to.  On failure `*at_fault` is the file
 * that `fault` is about.
 *
 * Errors: those of dfota_mini_read_first(); for the second file:
 *   those of dfota_mini_check_frames()
 *   DFOTA_ERR_DIGEST     MIN-25  it differs from its MD5 or SHA-256
 * and then, for the first:
 *   DFOTA_ERR_CORRUPT    MIN-18  the memory stated is not what the files need
 */
enum dfota_error dfota_mini_read_pair(const struct dfota_view files[2],
                                      struct dfota_mini_pair *out,
                                      enum dfota_mini_file *at_fault,
                                      struct dfota_fault *fault);

#endif
