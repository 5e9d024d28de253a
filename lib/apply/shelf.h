/* SPDX-License-Identifier: MIT */
/*
 * shelf.h - which of the packed regions of old are unpacked at a time
 *
 * An image with packed regions can be looked at with each of them replaced, in
 * place, by its contents: its unpacked view.  There is seldom memory for all
 * contents at once.  A region has a fixed place on the shelf, which small ones
 * share; it is unpacked to there when it is read, and stays until another one
 * comes to that place.  So what is there at a time depends on nothing but what
 * was read before, and a generator can foresee it.
 *
 * Spec: docs/SPEC.md, chapter Delta, "Compressed regions".
 */
#ifndef DFOTA_LIB_APPLY_SHELF_H
#define DFOTA_LIB_APPLY_SHELF_H

#include "lib/apply/packed.h"

struct dfota_shelf_region {
    struct dfota_packed_region packed;
    uint32_t pos;    /* of its contents in the unpacked view */
    uint32_t tokens; /* that copy: of these its parse has room for, at most
                        one a byte of contents */
    uint32_t place;  /* bytes from the start of the shelf */
    bool loaded;     /* it is on the shelf */
    bool used;       /* the region of new at hand is made from it */
};

/* The regions and the memory are the caller's. */
struct dfota_shelf {
    struct dfota_shelf_region *regions; /* sorted, without overlap */
    uint32_t count;
    uint32_t place_count; /* places that are shared ... */
    uint32_t place_size;  /* ... and bytes of each, a multiple of 16 */
    uint64_t unpacked;    /* bytes of contents that were unpacked */
    uint8_t *memory;      /* aligned to 16 bytes */
};

#define DFOTA_SHELF_ENTRY                                                      \
    64                       /* bytes of memory for what is known of a region  \
                              */
#define DFOTA_SHELF_LIMIT 16 /* times that all of old may be unpacked */

/* Bytes on the shelf that a region takes, less than 3 GiB. */
uint32_t dfota_shelf_need(const struct dfota_shelf_region *region);

/*
 * Gives each region its place, and takes all off the shelf.  Those that need
 * more than a shared place has are kept side by side, and the others take the
 * shared places in turn, behind them.  Gives the bytes that are kept.
 */
uint64_t dfota_shelf_arrange(struct dfota_shelf *shelf);

/*
 * The region that holds `pos` of the unpacked view, or the next one after it,
 * or `count`.  Cost: the logarithm of the number of regions.
 */
uint32_t dfota_shelf_find(const struct dfota_shelf *shelf, uint32_t pos);

/*
 * Puts region `index` on the shelf.  False where it is there already; else
 * whoever holds its place is not any more, and its contents are to be made.
 */
bool dfota_shelf_take(struct dfota_shelf *shelf, uint32_t index);

/* Whether more has been unpacked than may be, of a view of `size` bytes. */
bool dfota_shelf_worn(const struct dfota_shelf *shelf, uint32_t size);

/* The contents of a region that is loaded, and its parse. */
uint8_t *dfota_shelf_contents(const struct dfota_shelf *shelf, uint32_t index);
struct dfota_tokens *dfota_shelf_tokens(const struct dfota_shelf *shelf,
                                        uint32_t index);

/* Where the tokens of a region are kept. */
void *dfota_shelf_parse(const struct dfota_shelf *shelf, uint32_t index);

/* Forgets which regions were used. */
void dfota_shelf_begin(struct dfota_shelf *shelf);

/* Lists the parses of those used that are still on the shelf, in `out`; gives
 * how many there are. */
uint32_t dfota_shelf_parses(const struct dfota_shelf *shelf,
                            struct dfota_parse_old *out);

#endif
