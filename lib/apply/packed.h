/* SPDX-License-Identifier: MIT */
/*
 * packed.h - regions of an image that hold something compressed
 *
 * A packed stream is determined by its contents and its parse.  A region of
 * old is taken apart into both; a region of new is put together from its
 * contents, which a delta makes as it makes everything else, and from its
 * parse, which is told as what differs from that of old.
 *
 * Nothing here needs an allocation or knows whose encoder made a stream.
 * All sizes and positions are in bytes.
 *
 * Spec: docs/SPEC.md, chapter Delta, "Compressed regions: parse".
 */
#ifndef DFOTA_LIB_APPLY_PACKED_H
#define DFOTA_LIB_APPLY_PACKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dfota/error.h"
#include "lib/apply/copy.h"
#include "lib/apply/map.h"
#include "lib/apply/mix.h"
#include "lib/apply/tokens.h"

enum dfota_packing_id {
    DFOTA_PACKING_LZMA = 0,   /* what follows the header of a .lzma file */
    DFOTA_PACKING_LZMA2 = 1,  /* chunks up to and with the one that ends them */
    DFOTA_PACKING_DEFLATE = 2 /* blocks up to and with the last one's last
                                 byte, of which bits left over are 0 */
};

/* What a stream's encoder did to its contents before. */
enum dfota_filter_id {
    DFOTA_FILTER_NONE = 0,
    DFOTA_FILTER_X86 = 4, /* as in .xz files */
    DFOTA_FILTER_ARM = 7,
    DFOTA_FILTER_THUMB = 8,
    DFOTA_FILTER_ARM64 = 10
};

/* A packed stream, without any header or trailer of the file around it. */
struct dfota_packed_region {
    uint32_t offset;        /* of its first byte in the image */
    uint32_t packed_size;   /* what it has there */
    uint32_t contents_size; /* unpacked, at most DFOTA_TOKEN_CONTENTS_MAX */
    uint8_t packing;        /* enum dfota_packing_id */
    uint8_t lc;             /* LZMA: 0 to 4, with lp at most 4; 0 otherwise */
    uint8_t lp;             /* likewise */
    uint8_t pb;             /* LZMA: 0 to 4; 0 otherwise */
    bool end_marker;        /* LZMA: whether one ends the stream */
    uint8_t filter;         /* enum dfota_filter_id */
    uint32_t filter_start;  /* the address of the contents' first byte in it;
                               aligned as the filter's instructions are */
};

/* A part of a stream: a chunk of LZMA2, a block of deflate. */
struct dfota_packed_block {
    uint32_t size;        /* LZMA2: bytes of contents; deflate: of a stored
                             block likewise, else tokens */
    uint32_t packed_size; /* LZMA2: bytes behind the chunk's header */
    uint8_t kind;         /* LZMA2: the control byte, without size bits;
                             deflate: the three bits of the header */
    uint8_t props;        /* LZMA2, where the control byte is 0xc0 or 0xe0:
                             (pb * 5 + lp) * 9 + lc */
};

#define DFOTA_PACKED_ORDER 19

/* How many bits the codes of a dynamic block of deflate have. */
struct dfota_packed_codes {
    uint8_t bits[320]; /* 288 for literals and lengths, then 32 distances */
    uint8_t order[DFOTA_PACKED_ORDER]; /* of the codes that tell these */
};

/* All are the caller's; `count` and what it counts are filled in. */
struct dfota_packed_blocks {
    struct dfota_packed_block *blocks;
    struct dfota_packed_codes *codes; /* deflate: as many; else NULL */
    uint32_t most;
    uint32_t count;
};

/*
 * Errors: PKD-1 (CORRUPT), the region's parameters are not valid; in detail,
 * the packing is known, its parameters within what is said above, contents are
 * at least 1 byte, and the filter is known.
 */
enum dfota_error dfota_packed_check(const struct dfota_packed_region *region,
                                    struct dfota_fault *fault);

#define DFOTA_PACKED_IO_SIZE 320  /* bytes of memory for input or output, */
#define DFOTA_LZMA_SIZE      3840 /* for LZMA but its literals, */
#define DFOTA_DEFLATE_SIZE   3776 /* for deflate, */
#define DFOTA_PARSE_SIZE     512  /* and for a parse */

/*
 * Bytes of memory for a region that dfota_packed_check() passed: the sum of
 * DFOTA_PACKED_IO_SIZE and, of LZMA, DFOTA_LZMA_SIZE and 1,536 << (lc + lp);
 * LZMA2, whose chunks say their lc and lp themselves, is counted as 4.  Of
 * deflate it is DFOTA_DEFLATE_SIZE instead.
 */
uint32_t dfota_unpack_memory(const struct dfota_packed_region *region);

/* The parse of a region of old, by where its contents are in the old image
 * that copies refer to. */
struct dfota_parse_old {
    uint32_t pos;
    const struct dfota_tokens *tokens;
};

/*
 * To take a region of old, or for a generator one of new, apart; and to put a
 * region of new together, or to write down how.
 */
struct dfota_packed_job {
    const struct dfota_packing *const *packings; /* ends with NULL */
    const struct dfota_packed_region *region;
    uint8_t *contents; /* as they were filtered: `contents_size` bytes, which
                          are there to be packed, or are unpacked to here */
    void *context;     /* of `read` or `write` */
    void *memory;      /* dfota_unpack_memory() or dfota_pack_memory(), aligned
                          to 16 bytes */

    /* Opened for the contents, and gets the tokens: those that are unpacked,
     * NULL where they are not wanted; and those of deflate that are told, which
     * are kept there until their block is whole. */
    struct dfota_tokens *room;

    /* To take apart. */
    enum dfota_error (*read)(void *context, uint32_t offset, void *out,
                             size_t size); /* inside of the region alone */
    struct dfota_packed_blocks *found;     /* NULL: not wanted */

    /* To put together.  The range's mode says which way decisions go. */
    enum dfota_error (*write)(void *context, const void *bytes,
                              size_t size); /* NULL: not wanted */
    struct dfota_mix *mix; /* with DFOTA_PARSE_SETS sets; what it learns may
                              serve the next region as well */

    /* A coder that encodes or learns: what it is to tell.  Else NULL. */
    const struct dfota_tokens *tokens;
    const struct dfota_packed_blocks *blocks;

    /* What old knows. */
    const struct dfota_parse_old *olds; /* sorted, without overlap */
    uint32_t old_count;
    uint32_t new_pos; /* of the contents, in the new that copies refer to */
    const struct dfota_copy *copies; /* of that, sorted by new position */
    uint32_t copy_count;
    const struct dfota_map *map; /* of at least these copies, sorted; NULL:
                                    what lay near each other still does */

    /* To look for what is repeated: fewer cost bytes alone. */
    uint32_t *heads; /* `head_count` of them, a power of 2, or 0 */
    uint32_t head_count;
    uint32_t *chain; /* `chain_count` of them, a power of 2, or 0 */
    uint32_t chain_count;
};

/*
 * Takes a region apart.  What it leaves in contents is as the stream has it:
 * dfota_filter_turn() makes of it what was packed.
 * On failure contents, tokens and blocks hold anything.
 *
 * Errors: those of `read`, and
 *   DFOTA_ERR_UNSUPPORTED  PKD-2  `packings` lacks the one that is needed
 *   DFOTA_ERR_CORRUPT      PKD-3  the stream is not valid, or is not exactly
 *                                 its packed bytes and its contents
 *   DFOTA_ERR_LIMIT        PKD-4  tokens or blocks have no room for all
 */
enum dfota_error dfota_unpack_region(const struct dfota_packed_job *job,
                                     struct dfota_fault *fault);

#define DFOTA_PARSE_SETS 40 /* of weights; 16 bytes each */

/*
 * Bytes of memory for a region that dfota_packed_check() passed:
 * dfota_unpack_memory() and DFOTA_PARSE_SIZE.
 */
uint32_t dfota_pack_memory(const struct dfota_packed_region *region);

/*
 * Tells the parse of a region, and packs its contents with it: exactly
 * `packed_size` bytes are written unless it fails.
 *
 * Errors: those of `write`, that of the range decoder, and
 *   DFOTA_ERR_UNSUPPORTED  PKD-2  as dfota_unpack_region()
 *   DFOTA_ERR_CORRUPT      PKD-5  what is told is no parse of these contents,
 *                                 or packs them to another size
 */
enum dfota_error dfota_pack_region(const struct dfota_packed_job *job,
                                   struct dfota_fault *fault);

/*
 * What filters do to code: in place in the job's contents, as its region says;
 * `undoes` is the decoder's way.  Both ways are exact inverses of each other
 * for one start.
 *
 * Errors: DFOTA_ERR_UNSUPPORTED  PKD-2  the job's packings lack the filter
 */
enum dfota_error dfota_filter_turn(const struct dfota_packed_job *job,
                                   bool undoes, struct dfota_fault *fault);

#endif
