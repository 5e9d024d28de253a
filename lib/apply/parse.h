/* SPDX-License-Identifier: MIT */
/*
 * parse.h - the tokens of a new region, told as what differs from old's
 *
 * What is told of a token is decided by the mixer, whose range knows the
 * direction: the same code tells a parse, and is told it.
 *
 * Spec: docs/SPEC.md, chapter Delta, "Compressed regions: parse".
 */
#ifndef DFOTA_LIB_APPLY_PARSE_H
#define DFOTA_LIB_APPLY_PARSE_H

#include "lib/apply/packed.h"

#define DFOTA_PARSE_FOUND 8 /* places that are looked at for a match */

/* A token that may come next. */
struct dfota_parse_guess {
    struct dfota_token token; /* its length is 0 where there is none */
    uint32_t extent; /* bytes that are alike at its distance, at most the
                        longest token's length */
    bool begins;     /* a token of old begins there */
    uint8_t source;  /* whose distance it is: 0 old's, 1 a mapped one, 2 the
                        longest of those that fall short */
};

/* Sets of weights. */
enum dfota_parse_set {
    DFOTA_PARSE_SET_HIT = 0,     /* and 15 more, by what is guessed */
    DFOTA_PARSE_SET_KIND = 16,   /* and 3 more, by what is asked */
    DFOTA_PARSE_SET_PLACE = 20,  /* and 7 more, by its number */
    DFOTA_PARSE_SET_LENGTH = 28, /* and 3 more, by what has it */
    DFOTA_PARSE_SET_DISTANCE = 32,
    DFOTA_PARSE_SET_BLOCK = 33,
    DFOTA_PARSE_SET_SIZE = 34,
    DFOTA_PARSE_SET_BITS = 35 /* and one more, for symbols that come */
};

/* A place before which the contents at `pos` stood already. */
struct dfota_parse_found {
    uint32_t distance;
    uint32_t length; /* bytes alike, at most the longest token's */
};

/* What the contents offer at `pos`. */
struct dfota_parse_scene {
    bool looked;
    uint32_t guessed; /* kind of the guess, 8 more where a token of old begins
                         there; 16 where there is none */
    uint32_t longest; /* bytes of the longest place */
    uint32_t extents[DFOTA_TOKEN_REPS]; /* bytes alike at each rep */
    unsigned count;
    struct dfota_parse_found found[DFOTA_PARSE_FOUND + 1]; /* the guess's, then
                        from the longest to the shortest and nearest */
};

struct dfota_parse {
    const struct dfota_packed_job *job;
    struct dfota_mix *mix;
    const uint8_t *contents;
    enum dfota_error error;
    uint32_t pos;    /* in the contents; behind bytes without tokens it is
                        moved on */
    uint32_t limit;  /* where the last token of the block ends */
    uint32_t copy;   /* the first that does not end before `pos` */
    uint32_t source; /* the copy that `pos` comes from, or comes behind */
    uint32_t hits;   /* whether the last tokens were as guessed, newest low */
    uint32_t kinds;  /* of the last tokens, 3 bits each, newest low */
    uint32_t reps[DFOTA_TOKEN_REPS];
    uint32_t doubts; /* hits that are all there where nobody need look */
    uint16_t steps;  /* places that are looked at */
    uint16_t length_min;
    uint16_t length_max;
    uint32_t distance_max;
    bool has_reps; /* LZMA */
    struct dfota_parse_guess guess;
    struct dfota_parse_scene scene;
    struct dfota_contexts contexts;   /* of the decision at hand */
    uint32_t hashed;                  /* what the finder has seen */
    uint32_t block;                   /* telling: the next one */
    uint32_t packed;                  /* LZMA2: bytes of the chunks so far */
    struct dfota_packed_block before; /* the block before */
};

void dfota_parse_begin(struct dfota_parse *parse,
                       const struct dfota_packed_job *job);

/*
 * Begins a block that ends at `limit` of the contents.  `forgets`: distances
 * are as at the beginning.
 */
void dfota_parse_reset(struct dfota_parse *parse, uint32_t limit, bool forgets);

/* A block's header; for LZMA2 and deflate. */
void dfota_parse_block(struct dfota_parse *parse,
                       struct dfota_packed_block *block);

/* The next token: one of these contents, that ends inside of the block. */
void dfota_parse_token(struct dfota_parse *parse, struct dfota_token *token);

/*
 * How many bits `size` codes of deflate have, 0 to 15 each, of symbols that
 * come so often.
 */
void dfota_parse_codes(struct dfota_parse *parse, const uint32_t *counts,
                       uint8_t *bits, unsigned size);

/* For the parts of this module: */

/* Sets the contexts: with `salt` and the three behind it, of two numbers each.
 */
void dfota_parse_contexts(struct dfota_parse *parse, unsigned set,
                          uint32_t salt, const uint32_t numbers[8]);

/* A decision in these contexts. */
bool dfota_parse_bit(struct dfota_parse *parse, uint32_t node, unsigned bit);

/* How many bytes at `pos` are as those `distance` before, 0 where this leads
 * out of the dictionary; at most what a token can have. */
uint32_t dfota_parse_extent(const struct dfota_parse *parse, uint32_t distance);

/* Guesses the next token from old. */
void dfota_parse_guess(struct dfota_parse *parse);

/* Looks at what the contents offer, once the next token is guessed. */
void dfota_parse_look(struct dfota_parse *parse);

/* Tells a token that is not as guessed, after dfota_parse_look(). */
void dfota_parse_miss(struct dfota_parse *parse, struct dfota_token *token);

/*
 * Finds the nearest places for ever longer matches, the longest last; gives
 * their number.
 */
unsigned dfota_parse_find(struct dfota_parse *parse,
                          struct dfota_parse_found found[DFOTA_PARSE_FOUND]);

#endif
