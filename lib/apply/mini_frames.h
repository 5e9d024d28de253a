/* SPDX-License-Identifier: MIT */
/*
 * mini_frames.h - the headers in a .mini_2: that of the file, and of its frames
 *
 * Shared by the module's reader, and by the host's reader and writer.  What
 * the frames hold is left to whoever has codecs.
 *
 * Spec: docs/SPEC.md, chapter MiniFOTA.
 */
#ifndef DFOTA_LIB_APPLY_MINI_FRAMES_H
#define DFOTA_LIB_APPLY_MINI_FRAMES_H

#include "dfota/mini.h"

#define DFOTA_MINI_SECOND_MAGIC                                                \
    "\x89"                                                                     \
    "DFN"
#define DFOTA_MINI_SECOND_CRC_AT  40 /* where the header's own CRC32 stands */
#define DFOTA_MINI_FRAME_CRC_AT   20 /* likewise, of a frame's header */
#define DFOTA_MINI_RAW_CRC_AT     16 /* in a frame's header */
#define DFOTA_MINI_DICTIONARY_MAX 8  /* the code of 64 KiB */

/* What of the header of a .mini_2 its .mini_1 does not say. */
struct dfota_mini_second {
    uint32_t frame_size; /* bytes of flash that a whole frame fills */
    uint32_t frame_count;
};

/* Where a frame belongs. */
struct dfota_mini_place {
    uint32_t address; /* in the flash */
    uint32_t size;    /* bytes there */
    uint32_t offset;  /* of the frame's header in the file */
    uint32_t left;    /* bytes of the file behind that header */
};

struct dfota_mini_frame {
    struct dfota_stream stream; /* how it is coded */
    uint32_t crc32;             /* of its bytes before coding */
};

/* The sum of the app regions' lengths. */
uint32_t dfota_mini_app_size(const struct dfota_mini_header *header);

/* How many frames of `frame_size`, at least 1, the app regions need. */
uint32_t dfota_mini_frame_count(const struct dfota_mini_header *header,
                                uint32_t frame_size);

/* Fills in address and size of frame `index`, below the number of frames. */
void dfota_mini_find_place(const struct dfota_mini_header *header,
                           uint32_t frame_size, uint32_t index,
                           struct dfota_mini_place *out);

/*
 * Reads the header of the .mini_2 that belongs to `header`.  Errors: MIN-20 to
 * MIN-24, MIN-26 and MIN-27 as dfota_mini_feed(); `*out` is then untouched.
 */
enum dfota_error
dfota_mini_read_second(const uint8_t bytes[DFOTA_MINI_SECOND_HEAD],
                       const struct dfota_mini_header *header,
                       struct dfota_mini_second *out,
                       struct dfota_fault *fault);

/*
 * Reads the header of the frame that is due at `place`.  Errors: MIN-23, MIN-28
 * to MIN-32 and MIN-34 as dfota_mini_feed(); `*out` is then untouched.
 */
enum dfota_error
dfota_mini_read_frame(const uint8_t bytes[DFOTA_MINI_FRAME_HEAD],
                      const struct dfota_mini_place *place,
                      struct dfota_mini_frame *out, struct dfota_fault *fault);

#endif
