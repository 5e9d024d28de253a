/* SPDX-License-Identifier: MIT */
/* site_bits.h - little-endian words and signed fields, for readers of sites */
#ifndef DFOTA_LIB_APPLY_SITE_BITS_H
#define DFOTA_LIB_APPLY_SITE_BITS_H

#include <stdint.h>

static inline uint32_t site_get16(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8;
}

static inline uint32_t site_get32(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

static inline void site_put16(uint8_t *bytes, uint32_t value)
{
    bytes[0] = (uint8_t)value;
    bytes[1] = (uint8_t)(value >> 8);
}

static inline void site_put32(uint8_t *bytes, uint32_t value)
{
    bytes[0] = (uint8_t)value;
    bytes[1] = (uint8_t)(value >> 8);
    bytes[2] = (uint8_t)(value >> 16);
    bytes[3] = (uint8_t)(value >> 24);
}

/* The low `bits` of `value`, a number in two's complement, modulo 2^32. */
static inline uint32_t site_extend(uint32_t value, unsigned bits)
{
    uint32_t sign = (uint32_t)1 << (bits - 1);

    return ((value & (2 * sign - 1)) ^ sign) - sign;
}

/* `word` with the bits of `mask` as they are in `value`. */
static inline uint32_t site_replace(uint32_t word, uint32_t mask,
                                    uint32_t value)
{
    return (word & ~mask) | (value & mask);
}

#endif
