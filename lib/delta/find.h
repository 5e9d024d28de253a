/* SPDX-License-Identifier: MIT */
/*
 * find.h - finds packed streams in an image, whatever is around them
 *
 * Every offset is looked at for the first bytes of an .xz, .lzma, .gz or zlib
 * stream, or of an entry of a zip.  So what is inside of file systems, boot
 * wrappers and archives is found without knowing these.  Streams that nothing
 * announces are found where somebody says that they are.
 */
#ifndef DFOTA_LIB_DELTA_FIND_H
#define DFOTA_LIB_DELTA_FIND_H

#include "lib/apply/packed.h"
#include "lib/base/buffer.h"

/* Streams below do not pay for their entry in a delta; bytes packed. */
#define DFOTA_FIND_MIN 512

/* Bytes of the header of a .lzma file. */
#define DFOTA_FIND_LZMA_HEADER 13

/* Contents of a stream at most, in bytes. */
#define DFOTA_FIND_CONTENTS_MAX ((uint32_t)1 << 28)

#define DFOTA_PLACES_MAX        64
#define DFOTA_PLACE_ANY         255 /* a stream whose first bytes say what it is */

/* Where somebody says that there is a stream. */
struct dfota_place {
    uint32_t offset;
    uint32_t size;   /* bytes in which it ends */
    uint8_t packing; /* enum dfota_packing_id, without any header, or
                        DFOTA_PLACE_ANY */
    uint8_t filter;  /* enum dfota_filter_id */
    uint8_t lc;      /* of LZMA */
    uint8_t lp;
    uint8_t pb;
};

/* A stream of a kind that is not unpacked, or with such a filter. */
struct dfota_find_other {
    const char *codec; /* "xz", "zstd" or "lz4"; static */
    uint32_t offset;
};

#define DFOTA_FIND_OTHERS_MAX 1024 /* that are listed */

/* Several, sorted, no two at one offset.  {0} is none. */
struct dfota_places {
    const struct dfota_place *places;
    size_t count; /* at most DFOTA_PLACES_MAX */
};

/* A search in progress.  {.image = ...} begins one. */
struct dfota_search {
    struct dfota_view image; /* at most UINT32_MAX bytes */
    struct dfota_places places;
    struct dfota_buffer found; /* of struct dfota_packed_region: sorted, without
                                  overlap.  Owned */
    uint64_t held;             /* places that hold a stream: a set, a bit each,
                                  the first the lowest */
    uint64_t most;             /* bytes of contents that are looked at to find
                                  out where streams end ... */
    uint64_t spent;            /* ... and that were */
    struct dfota_buffer others; /* of struct dfota_find_other: streams of a kind
                                   that is not unpacked, the first ones.  Owned
                                 */
    uint8_t *room;              /* for contents; owned */
    uint32_t room_size;
};

/*
 * Finds all streams of `search->image`.  That one is found says that its sizes
 * are known, not yet that it is sound.  What a place holds goes before what is
 * found otherwise.
 *
 * Cost: linear in the image; at most 16 bytes a byte of it are unpacked.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_find_packed(struct dfota_search *search,
                                   struct dfota_fault *fault);

void dfota_search_free(struct dfota_search *search);

/* For the parts of this module.  Each looks for a stream of its kind that
 * begins at `at`, adds what it finds, and gives where that ends, or `at`. */
size_t dfota_find_xz(struct dfota_search *search, size_t at);
size_t dfota_find_lzma(struct dfota_search *search, size_t at);
size_t dfota_find_deflate(struct dfota_search *search, size_t at);

/* The same for streams without a header; `region` says all but their sizes. */
size_t dfota_find_raw_lzma2(struct dfota_search *search,
                            struct dfota_packed_region *region);
size_t dfota_find_raw_lzma(struct dfota_search *search,
                           struct dfota_packed_region *region);
size_t dfota_find_raw_deflate(struct dfota_search *search,
                              struct dfota_packed_region *region);

/*
 * Finds what the places hold: appends it to `found`, and the ranges of the
 * image that are so taken to `taken`, of struct dfota_find_range.
 */
void dfota_find_places(struct dfota_search *search, struct dfota_buffer *taken);

/* Bytes of the image, headers included, that a place's streams take. */
struct dfota_find_range {
    uint32_t begin;
    uint32_t end;
    uint32_t count; /* regions that are found there */
};

/* The kind of stream that may begin at `at`, by its first bytes. */
size_t dfota_find_announced(struct dfota_search *search, size_t at);

/* Adds a region, unless it is too small; gives where it ends. */
size_t dfota_find_add(struct dfota_search *search,
                      const struct dfota_packed_region *region);

/* Adds a stream of another kind, unless there are too many. */
void dfota_find_add_other(struct dfota_search *search, size_t at,
                          const char *codec);

/* Bytes of contents that may still be looked at. */
uint64_t dfota_find_left(const struct dfota_search *search);

#endif
