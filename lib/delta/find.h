/* SPDX-License-Identifier: MIT */
/*
 * find.h - finds packed streams in an image, whatever is around them
 *
 * Every offset is looked at for the first bytes of an .xz, .lzma, .gz or zlib
 * stream, or of an entry of a zip.  So what is inside of file systems, boot
 * wrappers and archives is found without knowing these.
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

/* A search in progress.  {.image = ...} begins one. */
struct dfota_search {
    struct dfota_view image;   /* at most UINT32_MAX bytes */
    struct dfota_buffer found; /* of struct dfota_packed_region: sorted, without
                                  overlap.  Owned */
    uint64_t spent;            /* bytes of contents looked at to find out where
                                  streams end */
    uint32_t left_alone;       /* streams of a kind that is not unpacked */
};

/*
 * Finds all streams of `search->image`.  That one is found says that its sizes
 * are known, not yet that it is sound.
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

/* Adds a region, unless it is too small; gives where it ends. */
size_t dfota_find_add(struct dfota_search *search,
                      const struct dfota_packed_region *region);

/* Bytes of contents that may still be looked at. */
uint64_t dfota_find_left(const struct dfota_search *search);

#endif
