/* SPDX-License-Identifier: MIT */
/*
 * find_next.h - where in an image a packed stream may begin
 *
 * Nearly nowhere: so what is asked of every byte of an image is no more than
 * bytes that are compared, of many places at once and without a branch, which
 * compilers turn into a few instructions for 16 places.  Whoever looks closer
 * at what is left must ask all over again.
 */
#ifndef DFOTA_LIB_DELTA_FIND_NEXT_H
#define DFOTA_LIB_DELTA_FIND_NEXT_H

#include <stddef.h>
#include <stdint.h>

#include "lib/base/buffer.h"

#define DFOTA_FIND_BLOCK 512 /* places that are judged at once */

/* A search in progress.  {.image = ...} begins one. */
struct dfota_find_next {
    struct dfota_view image;
    size_t begin;                  /* of the block that was judged last */
    size_t size;                   /* its places */
    uint8_t may[DFOTA_FIND_BLOCK]; /* whether a stream may begin there */
};

/*
 * The first place from `at` on where a stream that dfota_find_announced() knows
 * may begin, or the size of the image.
 */
size_t dfota_find_next(struct dfota_find_next *next, size_t at);

#endif
