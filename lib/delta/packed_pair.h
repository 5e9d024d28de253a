/* SPDX-License-Identifier: MIT */
/*
 * packed_pair.h - which packed streams of two images are unpacked, and the
 * views
 *
 * Of the streams found in both images those are unpacked that changed, that
 * can be packed again exactly, and that have something in common with old.
 */
#ifndef DFOTA_LIB_DELTA_PACKED_PAIR_H
#define DFOTA_LIB_DELTA_PACKED_PAIR_H

#include "dfota/job.h"
#include "lib/apply/region_list.h"
#include "lib/delta/find.h"

/* Every way of packing, and every filter, that there is; ends with NULL. */
extern const struct dfota_packing *const dfota_packings[];

/* A stream of an image.  Owns its arrays. */
struct dfota_packed_stream {
    struct dfota_packed_region region;
    uint8_t fate;           /* enum dfota_packed_fate */
    uint32_t pos;           /* of its contents in the unpacked view */
    uint32_t alike;         /* of new: bytes of contents that old has as well;
                               of old: that new has */
    uint32_t parse_size;    /* of new: coded bytes of its parse ... */
    uint64_t contents_cost; /* ... and of its contents, about */
    uint8_t *contents;      /* without filter */
    struct dfota_tokens tokens;
    void *parse; /* the tokens' memory */
    struct dfota_packed_blocks blocks;
};

/* The streams of an image, and that image with those that are so unpacked. */
struct dfota_packed_side {
    struct dfota_view image;
    struct dfota_packed_stream *streams; /* sorted by offset */
    size_t count;
    struct dfota_buffer others; /* of struct dfota_find_other */
    uint64_t held;              /* places that hold a stream, as in struct
                                   dfota_search */
    struct dfota_buffer view;
};

/* {0} is none. */
struct dfota_packed_pair {
    struct dfota_packed_side old;
    struct dfota_packed_side new;
    uint64_t most;    /* set before: bytes of contents; 0 or all ones: no
                         bound, and several streams are unpacked at once */
    unsigned threads; /* set before: as dfota_parallel() has it */
    bool too_much;    /* there were more contents than `most` */
};

/*
 * Finds the streams of both images, those of `places` in either among them,
 * unpacks what may be worth it, and sets the others' fates.  Where all together
 * have more than `out->most` bytes of contents, which is 0 where that is
 * unlimited, none is worth it.
 * Cost: several bytes a byte of contents.  Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_packed_open(struct dfota_view old, struct dfota_view new,
                                   const struct dfota_places *places,
                                   struct dfota_packed_pair *out,
                                   struct dfota_fault *fault);

/*
 * Compares the contents of both sides again, and leaves those packed that have
 * nothing in common with the other.
 */
enum dfota_error dfota_packed_match(struct dfota_packed_pair *pair,
                                    struct dfota_fault *fault);

/* Makes both unpacked views.  Errors: DFOTA_ERR_MEMORY. */
enum dfota_error dfota_packed_view(struct dfota_packed_pair *pair,
                                   struct dfota_fault *fault);

/* "lzma", "lzma2" or "deflate". */
const char *dfota_packed_codec(const struct dfota_packed_region *region);

/* How many streams of a side have a fate. */
uint32_t dfota_packed_count(const struct dfota_packed_side *side,
                            enum dfota_packed_fate fate);

/* Leaves a stream packed, and lets go of what it owns. */
void dfota_packed_leave(struct dfota_packed_stream *stream,
                        enum dfota_packed_fate fate);

/*
 * Appends all streams of a side, those of other kinds among them, to `out`, an
 * array of struct dfota_made_stream, by their offsets.
 */
void dfota_packed_tell(const struct dfota_packed_side *side,
                       struct dfota_buffer *out);

void dfota_packed_close(struct dfota_packed_pair *pair);

#endif
