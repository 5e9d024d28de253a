/* SPDX-License-Identifier: MIT */
#include "lib/apply/packed_io.h"

/* One byte less is left; false where there is none, or was an error. */
static bool use(struct dfota_packed_io *io)
{
    if (io->left == 0 && !io->error)
        io->error = DFOTA_ERR_CORRUPT;
    if (io->error)
        return false;
    io->left--;
    return true;
}

uint8_t dfota_packed_get(struct dfota_packed_io *io)
{
    uint32_t size = io->left;

    if (!use(io))
        return 0;
    if (io->at == io->filled) {
        if (size > DFOTA_PACKED_BUFFER)
            size = DFOTA_PACKED_BUFFER;
        io->error = io->read(io->context, io->next, io->buffer, size);
        if (io->error)
            return 0;
        io->next += size;
        io->filled = size;
        io->at = 0;
    }
    return io->buffer[io->at++];
}

void dfota_packed_flush(struct dfota_packed_io *io)
{
    if (io->write != NULL && !io->error && io->at > 0)
        io->error = io->write(io->context, io->buffer, io->at);
    io->at = 0;
}

void dfota_packed_put(struct dfota_packed_io *io, uint8_t byte)
{
    if (!use(io))
        return;
    io->buffer[io->at++] = byte;
    if (io->at == DFOTA_PACKED_BUFFER)
        dfota_packed_flush(io);
}

bool dfota_packed_keep_token(struct dfota_packed_io *io,
                             struct dfota_tokens *tokens,
                             const struct dfota_token *token)
{
    io->full = tokens != NULL && !dfota_tokens_add(tokens, token);
    return !io->full;
}

bool dfota_packed_keep_block(struct dfota_packed_io *io,
                             struct dfota_packed_blocks *blocks,
                             const struct dfota_packed_block *block,
                             const struct dfota_packed_codes *codes)
{
    if (blocks == NULL)
        return true;
    io->full = blocks->count == blocks->most;
    if (io->full)
        return false;
    if (codes != NULL && blocks->codes != NULL)
        blocks->codes[blocks->count] = *codes;
    blocks->blocks[blocks->count++] = *block;
    return true;
}

uint32_t dfota_packed_slot(uint32_t number, unsigned grain)
{
    uint32_t bits = 0;

    while (number >> bits >= 2u << grain)
        bits++;
    return (bits << grain) + (number >> bits);
}

uint32_t dfota_packed_slot_base(uint32_t slot, unsigned grain, unsigned *bits)
{
    *bits = slot < 2u << grain ? 0 : (slot >> grain) - 1;
    return (slot - (*bits << grain)) << *bits;
}
