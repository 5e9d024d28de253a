/* SPDX-License-Identifier: MIT */
/*
 * range.h - binary decisions as fractions of a number, decoded or encoded
 *
 * A carryless range coder of 32 bits: each decision narrows the range from
 * `low` to `high` in proportion to its probability, and bytes on which both
 * agree are done with.  The models above it say the same code for both
 * directions; which one it is, is known here alone.
 *
 * Spec: docs/SPEC.md, chapter Delta, "Decisions".
 */
#ifndef DFOTA_LIB_APPLY_RANGE_H
#define DFOTA_LIB_APPLY_RANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "dfota/apply.h"

enum dfota_range_mode {
    DFOTA_RANGE_DECODE, /* decisions come from coded bytes */
    DFOTA_RANGE_ENCODE, /* decisions are the caller's, and coded bytes go out */
    DFOTA_RANGE_LEARN   /* decisions are the caller's; only models learn */
};

struct dfota_range {
    uint8_t mode; /* enum dfota_range_mode */
    uint32_t low;
    uint32_t high;
    uint32_t code;         /* decoding: the next 32 bits of the coded bytes */
    const uint8_t *in;     /* decoding: what of the buffer is left ... */
    const uint8_t *in_end; /* ... up to here */
    uint8_t *buffer;       /* DFOTA_RANGE_BUFFER bytes */
    uint32_t next;         /* where in the delta the buffer continues */
    uint32_t end;          /* where in the delta the coded bytes end */
    uint32_t beyond; /* bytes taken behind that end, where zeros are read */
    const struct dfota_applier *applier;
    enum dfota_error error; /* the first of the read callback, or DLT-15 */
    void (*put)(void *context, uint8_t byte); /* encoding */
    void *context;
};

#define DFOTA_RANGE_BUFFER 256 /* bytes of coded input held at a time */

/*
 * Begins to decode the coded bytes from `begin` to `end` of the applier's
 * delta.  `buffer` has DFOTA_RANGE_BUFFER bytes.
 */
void dfota_range_decode(struct dfota_range *range,
                        const struct dfota_applier *applier, uint8_t *buffer,
                        uint32_t begin, uint32_t end);

/*
 * Begins to decode bytes that the caller moves to: those from `in` to `in_end`,
 * of which there are at least 4 unless no more will come.  The caller keeps
 * enough of them there for what it decodes; behind the last one zeros are read.
 */
void dfota_range_decode_bytes(struct dfota_range *range, const uint8_t *in,
                              const uint8_t *in_end);

/* Begins to encode: `put` is called with each coded byte. */
void dfota_range_encode(struct dfota_range *range,
                        void (*put)(void *context, uint8_t byte),
                        void *context);

/* Encoding: writes what is left, without zeros at the end. */
void dfota_range_flush(struct dfota_range *range);

/* Decoding: whether the coded bytes have been used up. */
bool dfota_range_used_up(const struct dfota_range *range);

/* Decoding: where in the delta the next byte is, for a fault. */
uint32_t dfota_range_position(const struct dfota_range *range);

/* Moves the bytes that are done with in or out. */
void dfota_range_shift(struct dfota_range *range);

/*
 * The next decision, which is `bit` where it is the caller's; `p`, 1 to 65,535,
 * is its probability to be 1 in units of 1/65,536.  After an error decisions
 * are anything.
 */
static inline unsigned dfota_range_bit(struct dfota_range *range, uint32_t p,
                                       unsigned bit)
{
    uint32_t width = range->high - range->low;
    uint32_t middle = range->low + (uint32_t)((uint64_t)width * p >> 16);

    if (range->mode == DFOTA_RANGE_LEARN)
        return bit;
    if (range->mode == DFOTA_RANGE_DECODE)
        bit = range->code <= middle;
    range->high = bit ? middle : range->high;
    range->low = bit ? range->low : middle + 1;
    if ((range->low ^ range->high) < (uint32_t)1 << 24)
        dfota_range_shift(range);
    return bit;
}

#endif
