/* SPDX-License-Identifier: MIT */
/*
 * tokens.h - how a packed stream was parsed, kept by position in its contents
 *
 * A packed stream says its contents token by token: a byte as it is, or some
 * bytes as they stood before.  Two bits for each byte of the contents tell
 * where tokens begin and which of them copy; these have a distance each.
 *
 * Spec: docs/SPEC.md, chapter Delta, "Compressed regions: parse".
 */
#ifndef DFOTA_LIB_APPLY_TOKENS_H
#define DFOTA_LIB_APPLY_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dfota_token_kind {
    DFOTA_TOKEN_LITERAL = 0,
    DFOTA_TOKEN_MATCH = 1, /* with a distance of its own */
    DFOTA_TOKEN_REP = 2,   /* LZMA: and three more, by which of the last four
                              distances it has */
    DFOTA_TOKEN_SHORT = 6, /* LZMA: one byte, the last distance */
    DFOTA_TOKEN_STORED = 7 /* bytes of a block without tokens */
};

struct dfota_token {
    uint8_t kind;      /* enum dfota_token_kind */
    uint32_t length;   /* bytes of contents, 1 for a literal */
    uint32_t distance; /* bytes back, at least 1; 0 where nothing is copied */
};

#define DFOTA_TOKEN_REPS 4 /* distances that are remembered */

/* What a token makes of these, which end with the oldest. */
void dfota_token_reps(uint32_t reps[DFOTA_TOKEN_REPS],
                      const struct dfota_token *token);

#define DFOTA_TOKEN_CONTENTS_MAX ((uint32_t)1 << 29) /* distances fit below */

struct dfota_tokens {
    uint32_t size;    /* bytes of contents */
    uint32_t end;     /* how far they have been told */
    uint32_t count;   /* tokens that are no literals */
    uint32_t most;    /* of these there is room for */
    uint8_t width;    /* bytes of each of these: 3 up to 2 MiB, else 4 */
    uint8_t *begins;  /* a bit a byte of contents */
    uint8_t *copies;  /* likewise */
    uint32_t *ranks;  /* how many copies there are before each 256 bytes */
    uint8_t *entries; /* kind and distance of each */
};

/*
 * Bytes of memory for the tokens of `size` bytes of contents, of which `most`
 * are no literals: 4 * (size / 256 + 1) + 8 * (size / 32 + 1), and 3 for each
 * of these, 4 where `size` is 2 MiB or more.  `size` is at most
 * DFOTA_TOKEN_CONTENTS_MAX, and `most` at most `size`.
 */
uint32_t dfota_tokens_memory(uint32_t size, uint32_t most);

/* Makes an empty parse in `memory`, aligned to 4 bytes. */
void dfota_tokens_open(struct dfota_tokens *tokens, uint32_t size,
                       uint32_t most, void *memory);

/*
 * Appends a token, whose length does not lead beyond the contents.
 * False when there is no room for it.
 */
bool dfota_tokens_add(struct dfota_tokens *tokens,
                      const struct dfota_token *token);

/* The token that `pos` of the contents, less than `end`, belongs to, and where
 * it begins.  Cost: its length, and at most 256 bits. */
uint32_t dfota_tokens_at(const struct dfota_tokens *tokens, uint32_t pos,
                         struct dfota_token *out);

#endif
