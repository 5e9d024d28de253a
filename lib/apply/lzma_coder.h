/* SPDX-License-Identifier: MIT */
/*
 * lzma_coder.h - tokens as the bits of LZMA, read or written
 *
 * Reading and writing are one code: a bit is asked for, and is what the stream
 * has or what the caller has.
 */
#ifndef DFOTA_LIB_APPLY_LZMA_CODER_H
#define DFOTA_LIB_APPLY_LZMA_CODER_H

#include "lib/apply/packed_io.h"

/* Of a match or of a rep: how long. */
struct dfota_lzma_lengths {
    uint16_t choice[2];
    uint16_t low[2][16 << 3];
    uint16_t high[256];
};

struct dfota_lzma_odds {
    uint16_t match[12][16];
    uint16_t rep[12];
    uint16_t rep0[12];
    uint16_t rep1[12];
    uint16_t rep2[12];
    uint16_t rep0_long[12][16];
    uint16_t slot[4][64];
    uint16_t special[115];
    uint16_t align[16];
    struct dfota_lzma_lengths match_length;
    struct dfota_lzma_lengths rep_length;
};

struct dfota_lzma {
    bool writes;
    uint8_t lc;
    uint8_t lp;
    uint8_t pb;
    uint8_t state;
    uint8_t place;    /* of the token, as pb tells it */
    uint8_t cache;    /* writing: a byte that may still get a carry */
    uint32_t pending; /* writing: and so many after it, itself counted */
    uint32_t range;
    uint32_t code; /* reading */
    uint64_t low;  /* writing */
    uint32_t reps[DFOTA_TOKEN_REPS];
    uint8_t *contents; /* reading: to be filled */
    uint32_t pos;      /* in the contents */
    uint32_t begin;    /* of the dictionary, in the contents */
    uint32_t size;     /* of the contents */
    struct dfota_packed_io *io;
    struct dfota_lzma_odds odds;
    uint16_t literals[]; /* 768 << (lc + lp) */
};

/* Forgets all that was learned, and takes the model's numbers as new. */
void dfota_lzma_reset(struct dfota_lzma *lzma);

/* Begins a stretch of coded bytes; false where it cannot begin so. */
bool dfota_lzma_begin(struct dfota_lzma *lzma);

/* Ends it; false where what was read does not end as one that is written. */
bool dfota_lzma_end(struct dfota_lzma *lzma);

/*
 * The next token: reads it and its contents, or writes the caller's, which is
 * one of these contents: its length not beyond their end, its distance inside
 * of the dictionary, that of a rep what the rep is.
 * False where what is read leads outside of either; an error of `io` does not
 * show here, but ends soon as no token is empty.
 */
bool dfota_lzma_token(struct dfota_lzma *lzma, struct dfota_token *token);

/* The marker of the end, likewise. */
bool dfota_lzma_marker(struct dfota_lzma *lzma);

#endif
