/* SPDX-License-Identifier: MIT */
/* site_bits.h - words and the numbers in them, for readers of sites */
#ifndef DFOTA_LIB_APPLY_SITE_BITS_H
#define DFOTA_LIB_APPLY_SITE_BITS_H

#include <stdbool.h>
#include <stdint.h>

static inline uint32_t dfota_get16(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8;
}

static inline uint32_t dfota_get32(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

static inline void dfota_put16(uint8_t *bytes, uint32_t value)
{
    bytes[0] = (uint8_t)value;
    bytes[1] = (uint8_t)(value >> 8);
}

static inline void dfota_put32(uint8_t *bytes, uint32_t value)
{
    bytes[0] = (uint8_t)value;
    bytes[1] = (uint8_t)(value >> 8);
    bytes[2] = (uint8_t)(value >> 16);
    bytes[3] = (uint8_t)(value >> 24);
}

/* The low `bits` of `value`, a number in two's complement, modulo 2^32. */
static inline uint32_t dfota_extend(uint32_t value, unsigned bits)
{
    uint32_t sign = (uint32_t)1 << (bits - 1);

    return ((value & (2 * sign - 1)) ^ sign) - sign;
}

/* `word` with the bits of `mask` as they are in `value`. */
static inline uint32_t dfota_replace(uint32_t word, uint32_t mask,
                                     uint32_t value)
{
    return (word & ~mask) | (value & mask);
}

/* Some bits of a number that an instruction holds in pieces. */
struct dfota_field {
    uint8_t at;    /* the lowest bit, of the instruction */
    uint8_t to;    /* the lowest bit, of the number */
    uint8_t count; /* bits; 0 in the last field, whose `to` is the number's bits
                      where it is in two's complement, else 32 */
};

/* The number in `word`. */
uint32_t dfota_fields_get(const struct dfota_field *fields, uint32_t word);

/*
 * Puts another number into `*word`; false, and no change, where it does not
 * fit.
 */
bool dfota_fields_put(const struct dfota_field *fields, uint32_t *word,
                      uint32_t value);

#endif
