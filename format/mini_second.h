/* SPDX-License-Identifier: MIT */
/*
 * mini_second.h - .mini_2: the big system in frames, each coded by itself
 *
 * Writes the frames, and walks over their headers without decoding them; a
 * module's reader of the same is in dfota/mini.h.
 *
 * Spec: docs/SPEC.md, chapter MiniFOTA.
 */
#ifndef DFOTA_FORMAT_MINI_SECOND_H
#define DFOTA_FORMAT_MINI_SECOND_H

#include "dfota/mini.h"
#include "lib/base/buffer.h"
#include "lib/base/encoder.h"

struct dfota_mini_frame_options {
    const struct dfota_encoder *const *encoders; /* ends with NULL */
    uint32_t ram;        /* bytes that a module has for reading a frame */
    uint32_t frame_size; /* bytes of flash; 0: DFOTA_MINI_FRAME_MAX */
    unsigned threads;    /* 0: one a processor */
};

/*
 * Appends to `out` the .mini_2 that fills the app regions of `header`, whose
 * delta has been set, with `apps`: one view a region, in their order.  The same
 * bytes for the same input, for any number of threads.  On failure `out` holds
 * what it held before.
 *
 * Cost: twice the size of `apps` in memory, and some 2 MB a thread.
 *
 * Errors:
 *   DFOTA_ERR_USAGE           a view is not as long as its region, or
 *                             `frame_size` exceeds DFOTA_MINI_FRAME_MAX
 *   DFOTA_ERR_LIMIT   MAKE-5  not even stored frames fit into `ram`
 *                     FILE-1  the file would have 2 GiB or more
 *   DFOTA_ERR_MEMORY, DFOTA_ERR_LIMIT
 */
enum dfota_error
dfota_mini_write_second(const struct dfota_mini_header *header,
                        const struct dfota_view *apps,
                        const struct dfota_mini_frame_options *options,
                        struct dfota_buffer *out, struct dfota_fault *fault);

#define DFOTA_MINI_CODECS 4 /* how many values enum dfota_codec_id has */

/* What the frames of a .mini_2 are. */
struct dfota_mini_frames {
    uint32_t frame_size; /* bytes of flash that a whole frame fills */
    uint32_t frame_count;
    uint32_t ram;                            /* bytes the greediest one needs */
    uint32_t codec_count[DFOTA_MINI_CODECS]; /* frames, by their codec */
    uint64_t raw_size;                       /* bytes of all before coding */
    uint64_t coded_size;                     /* bytes of all, but headers */
};

/*
 * Checks header, binding, size and every frame's header of `file`, a whole
 * .mini_2, against the `header` of its .mini_1.  Digests of the file, and what
 * the frames decode to, are left to others.  On failure `*out` is untouched.
 * Allocates nothing.
 *
 * Errors:
 *   DFOTA_ERR_TRUNCATED  MIN-19  it is shorter than `header` says
 *   DFOTA_ERR_CORRUPT    MIN-19  it is longer
 *   MIN-20 to MIN-24, MIN-26 to MIN-32 and MIN-34 as dfota_mini_feed()
 */
enum dfota_error dfota_mini_check_frames(const struct dfota_mini_header *header,
                                         struct dfota_view file,
                                         struct dfota_mini_frames *out,
                                         struct dfota_fault *fault);

#endif
