/* SPDX-License-Identifier: MIT */
/*
 * deflate_coder.h - tokens as the bits of deflate, read or written
 *
 * As with lzma_coder.h, reading and writing are one code.
 */
#ifndef DFOTA_LIB_APPLY_DEFLATE_CODER_H
#define DFOTA_LIB_APPLY_DEFLATE_CODER_H

#include "lib/apply/packed_io.h"

#define DFOTA_DEFLATE_LITERALS  288 /* with lengths, and the end of a block */
#define DFOTA_DEFLATE_DISTANCES 32
#define DFOTA_DEFLATE_BITS      15 /* of a code, at most */
#define DFOTA_DEFLATE_END       256

/* Bits of a block's kind. */
#define DFOTA_DEFLATE_LAST    1
#define DFOTA_DEFLATE_TYPE    6 /* two bits: stored, fixed, dynamic */
#define DFOTA_DEFLATE_FIXED   2
#define DFOTA_DEFLATE_DYNAMIC 4
#define DFOTA_DEFLATE_CROSSES                                                  \
    8 /* not in the stream: a run of lengths goes                              \
         from the literals to the distances */

/* A Huffman code, made from how many bits each symbol has. */
struct dfota_deflate_code {
    uint16_t counts[DFOTA_DEFLATE_BITS + 1]; /* of codes of so many bits */
    uint16_t *sorted; /* symbols with a code, by its bits and then themselves */
    uint16_t *codes;  /* of symbols, as they are in the stream */
    const uint8_t *bits;
};

struct dfota_deflate {
    bool writes;
    uint8_t bit_count; /* in `bits` */
    uint32_t bits;     /* read, but not used; or not written yet */
    struct dfota_deflate_code literals;
    struct dfota_deflate_code distances;
    struct dfota_packed_io *io;
    struct dfota_packed_codes lengths; /* of the block's codes */
    uint16_t sorted[DFOTA_DEFLATE_LITERALS + DFOTA_DEFLATE_DISTANCES];
    uint16_t codes[DFOTA_DEFLATE_LITERALS + DFOTA_DEFLATE_DISTANCES];
};

/* `count` bits, 0 to 16, the lowest first. */
uint32_t dfota_deflate_bits(struct dfota_deflate *deflate, unsigned count,
                            uint32_t value);

/* Leaves bits out, or fills them up with zeros, up to the next whole byte. */
void dfota_deflate_align(struct dfota_deflate *deflate);

/* Makes the fixed codes ready. */
void dfota_deflate_fixed(struct dfota_deflate *deflate);

/*
 * The lengths of a dynamic block's codes, written in the form that encoders
 * give them: no more than needed, in runs as long as possible.  A run that
 * crosses sets that bit of the kind, or is told by it.
 * False where they make up no code, else both are ready.
 */
bool dfota_deflate_lengths(struct dfota_deflate *deflate, uint8_t *kind);

/* How often each symbol is needed to write the lengths so. */
void dfota_deflate_count(const struct dfota_deflate *deflate, uint8_t kind,
                         uint32_t counts[DFOTA_PACKED_ORDER]);

/*
 * The next token; one of length 0 is the end of a block, and a literal's byte
 * is there.  False where it is none.
 */
bool dfota_deflate_token(struct dfota_deflate *deflate, uint8_t *literal,
                         struct dfota_token *token);

/* The symbol of a token, as far as it has none for its distance, and that. */
unsigned dfota_deflate_symbol(const struct dfota_token *token, uint8_t literal);
unsigned dfota_deflate_distance_symbol(uint32_t distance);

#endif
