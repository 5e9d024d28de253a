/* SPDX-License-Identifier: MIT */
/*
 * suffix.h - finds the longest piece of one text that another begins with
 *
 * A suffix array of the text, searched by halving within a bucket of equal
 * first two bytes.
 */
#ifndef DFOTA_LIB_DELTA_SUFFIX_H
#define DFOTA_LIB_DELTA_SUFFIX_H

#include <stdint.h>

#include "lib/base/buffer.h"

#define DFOTA_SUFFIX_MAX ((size_t)INT32_MAX) /* bytes of text at most */

/* Owns the index, not the text.  {0} is none. */
struct dfota_suffixes {
    struct dfota_view text;
    int32_t *order;    /* where the suffixes begin, in sorted order */
    uint32_t *buckets; /* first place in `order` of each pair of bytes */
};

/* A piece of the text equal to what was looked for. */
struct dfota_match {
    uint32_t position; /* in the text */
    uint32_t length;   /* bytes; 0 when fewer than two agree */
};

/*
 * Indexes `text`, of at most DFOTA_SUFFIX_MAX bytes, which must outlive `*out`.
 * Cost: 4 bytes a byte of text; time nearly linear, on runs of equal bytes too.
 * Errors: DFOTA_ERR_MEMORY.
 */
enum dfota_error dfota_suffixes_make(struct dfota_view text,
                                     struct dfota_suffixes *out,
                                     struct dfota_fault *fault);

void dfota_suffixes_free(struct dfota_suffixes *suffixes);

/*
 * The longest piece of the text that `sought` begins with.
 * Cost: the logarithm of the text's size times the length found, at worst.
 */
struct dfota_match dfota_suffixes_search(const struct dfota_suffixes *suffixes,
                                         struct dfota_view sought);

#endif
