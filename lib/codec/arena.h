/* SPDX-License-Identifier: MIT */
/*
 * arena.h - hands a library the caller's memory, piece by piece
 *
 * Decoders of zlib and liblzma allocate only while they are opened, so that a
 * pointer that moves forward serves, and nothing is ever given back.
 */
#ifndef DFOTA_LIB_CODEC_ARENA_H
#define DFOTA_LIB_CODEC_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct dfota_arena {
    uint8_t *next; /* aligned to 16 bytes */
    size_t left;   /* bytes */
};

/* `count` times `size` bytes, aligned to 16, or NULL when they do not fit. */
static inline void *dfota_arena_take(struct dfota_arena *arena, size_t count,
                                     size_t size)
{
    void *taken = arena->next;

    if (size != 0 && count > (SIZE_MAX - 15) / size)
        return NULL;
    size = (count * size + 15) / 16 * 16;
    if (size > arena->left)
        return NULL;
    arena->next += size;
    arena->left -= size;
    return taken;
}

#endif
