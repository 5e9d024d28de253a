/* SPDX-License-Identifier: MIT */
/* packed_io.h - the bytes of a packed stream, one by one */
#ifndef DFOTA_LIB_APPLY_PACKED_IO_H
#define DFOTA_LIB_APPLY_PACKED_IO_H

#include "lib/apply/packed.h"

#define DFOTA_PACKED_BUFFER 256 /* bytes that callbacks get at once */

struct dfota_packed_io {
    void *context;
    enum dfota_error (*read)(void *context, uint32_t offset, void *out,
                             size_t size);
    enum dfota_error (*write)(void *context, const void *bytes, size_t size);
    bool full;              /* there was no room for a token or a block */
    enum dfota_error error; /* the first of a callback, or CORRUPT: beyond the
                               end; from then on nothing is read or written */
    uint32_t next;   /* reading: the offset at which the buffer continues */
    uint32_t left;   /* bytes of the stream that were not asked for */
    uint32_t at;     /* in the buffer */
    uint32_t filled; /* of the buffer */
    uint8_t buffer[DFOTA_PACKED_BUFFER];
};

/* Keeps a token, or a block with its codes or NULL, where it is wanted; false
 * where there is no room for it. */
bool dfota_packed_keep_token(struct dfota_packed_io *io,
                             struct dfota_tokens *tokens,
                             const struct dfota_token *token);
bool dfota_packed_keep_block(struct dfota_packed_io *io,
                             struct dfota_packed_blocks *blocks,
                             const struct dfota_packed_block *block,
                             const struct dfota_packed_codes *codes);

/* Makes the token's bytes at `to` from those before, which there are. */
static inline void dfota_packed_repeat(uint8_t *to,
                                       const struct dfota_token *token)
{
    const uint8_t *from = to - token->distance;

    for (uint32_t i = 0; i < token->length; i++)
        to[i] = from[i];
}

/* The next byte; 0 after an error, and behind the last one, which is one. */
uint8_t dfota_packed_get(struct dfota_packed_io *io);

/* Writes a byte, once the buffer is full. */
void dfota_packed_put(struct dfota_packed_io *io, uint8_t byte);

/* Writes what the buffer holds. */
void dfota_packed_flush(struct dfota_packed_io *io);

/*
 * The slot of a number, and where a slot begins, which has 2 to the power of
 * `*bits` numbers: each doubling of numbers is cut into 2 to the power of
 * `grain` slots, and those below 2 to the power of `grain` + 1 have one each.
 */
uint32_t dfota_packed_slot(uint32_t number, unsigned grain);
uint32_t dfota_packed_slot_base(uint32_t slot, unsigned grain, unsigned *bits);

#endif
