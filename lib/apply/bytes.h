/* SPDX-License-Identifier: MIT */
/* bytes.h - the two loops of string.h that a freestanding applier needs */
#ifndef DFOTA_LIB_APPLY_BYTES_H
#define DFOTA_LIB_APPLY_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline void dfota_bytes_copy(uint8_t *to, const uint8_t *from,
                                    size_t size)
{
    for (size_t i = 0; i < size; i++)
        to[i] = from[i];
}

/* The same for bytes that are not those that are copied. */
static inline void dfota_bytes_copy_apart(uint8_t *restrict to,
                                          const uint8_t *restrict from,
                                          size_t size)
{
    for (size_t i = 0; i < size; i++)
        to[i] = from[i];
}

static inline bool dfota_bytes_equal(const uint8_t *a, const uint8_t *b,
                                     size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (a[i] != b[i])
            return false;
    return true;
}

#endif
