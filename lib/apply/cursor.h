/* SPDX-License-Identifier: MIT */
/*
 * cursor.h - reads fields from bytes it can never overrun
 *
 * A parser reads all its fields and asks `short_read` once.  After the first
 * read that did not fit, every further read gives zero or NULL.
 */
#ifndef DFOTA_LIB_APPLY_CURSOR_H
#define DFOTA_LIB_APPLY_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dfota_cursor {
    const uint8_t *next;
    size_t left;     /* bytes from `next` to the end */
    bool short_read; /* a read asked for more than was left */
    bool overlong;   /* a varint was not in its shortest form, or too large */
};

/* A cursor at the start of `bytes`, which must outlive it. */
struct dfota_cursor dfota_cursor(const uint8_t *bytes, size_t size);

/* The next `count` bytes, and steps over them; NULL when they do not fit. */
const uint8_t *dfota_cursor_bytes(struct dfota_cursor *cursor, size_t count);

/* The next `count` bytes, 1 to 8, as a little-endian unsigned number. */
uint64_t dfota_cursor_le(struct dfota_cursor *cursor, unsigned count);

/*
 * The next LEB128 number of at most 32 bits.  Sets `overlong` when it has more
 * than 32 bits or is not in its shortest form.
 */
uint32_t dfota_cursor_varint(struct dfota_cursor *cursor);

#endif
