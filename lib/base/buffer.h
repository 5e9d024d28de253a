/* SPDX-License-Identifier: MIT */
/*
 * buffer.h - bytes that grow as they are written, up to a stated limit
 *
 * A writer that runs out of memory, or past its limit, keeps what it has,
 * remembers the error, and ignores further writes: ask dfota_buffer_check()
 * once at the end.
 */
#ifndef DFOTA_LIB_BASE_BUFFER_H
#define DFOTA_LIB_BASE_BUFFER_H

#include <stddef.h>
#include <stdint.h>

#include "dfota/error.h"

/* Owns `data`.  {0} is empty; dfota_buffer_free() gives that back. */
struct dfota_buffer {
    uint8_t *data;
    size_t size;            /* bytes written */
    size_t capacity;        /* bytes allocated */
    size_t limit;           /* `size` never exceeds it; 0 means no limit */
    enum dfota_error error; /* the first failure, or DFOTA_OK */
};

/* Bytes that belong to somebody else. */
struct dfota_view {
    const uint8_t *data;
    size_t size;
};

void dfota_buffer_free(struct dfota_buffer *buffer);

/* Appends `size` bytes.  `bytes` may be NULL when `size` is 0. */
void dfota_buffer_add(struct dfota_buffer *buffer, const void *bytes,
                      size_t size);

/* Appends the low `count` bytes, 1 to 8, of `value`, least significant first.
 */
void dfota_buffer_add_le(struct dfota_buffer *buffer, uint64_t value,
                         unsigned count);

/* Appends `value` as LEB128 in its shortest form, 1 to 10 bytes. */
void dfota_buffer_add_varint(struct dfota_buffer *buffer, uint64_t value);

/*
 * Makes room for `size` more bytes and returns where they go, or NULL.  The
 * caller fills what it likes and adds that to `buffer->size`.
 */
uint8_t *dfota_buffer_reserve(struct dfota_buffer *buffer, size_t size);

/* The first failure of any write: DFOTA_ERR_MEMORY, DFOTA_ERR_LIMIT or none. */
enum dfota_error dfota_buffer_check(const struct dfota_buffer *buffer,
                                    struct dfota_fault *fault);

/* What has been written, until the next write. */
struct dfota_view dfota_buffer_view(const struct dfota_buffer *buffer);

#endif
