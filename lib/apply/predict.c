/* SPDX-License-Identifier: MIT */
#include "lib/apply/predict.h"

#include <stdbool.h>

#define T32_KINDS                                                              \
    (DFOTA_PREDICT_T32 | DFOTA_PREDICT_T32_BCC | DFOTA_PREDICT_T32_BLX)

/* Some bytes and where they are from and go to. */
struct site {
    const struct dfota_predictor *predictor;
    uint8_t *bytes;
    size_t left;      /* bytes from here to the end of the piece */
    uint32_t old_pos; /* of the first byte */
    uint32_t new_pos; /* likewise */
};

static uint32_t get16(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8;
}

static uint32_t get32(const uint8_t *bytes)
{
    return get16(bytes) | get16(bytes + 2) << 16;
}

static void put16(uint8_t *bytes, uint32_t value)
{
    bytes[0] = (uint8_t)value;
    bytes[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *bytes, uint32_t value)
{
    put16(bytes, value);
    put16(bytes + 2, value >> 16);
}

/*
 * How a distance to an old target changes, modulo 2^32, where the place that it
 * counts from `moved`.  What leads out of the image is rarely a branch: it
 * stays.
 */
static uint32_t distance_change(const struct site *site, uint32_t target,
                                uint32_t moved)
{
    if (target >= site->predictor->old_size)
        return 0;
    return dfota_map_shift(&site->predictor->map, target) - moved;
}

/* `value`, of `bits` bits in two's complement, as a number modulo 2^32. */
static uint32_t extend(uint32_t value, unsigned bits)
{
    uint32_t sign = (uint32_t)1 << (bits - 1);

    return ((value & (2 * sign - 1)) ^ sign) - sign;
}

/* Whether a field of `bits` bits holds a distance in multiples of `unit`. */
static bool encodable(uint32_t distance, unsigned bits, unsigned unit)
{
    return distance % unit == 0 && extend(distance, bits) == distance;
}

/* --- Thumb-2 -------------------------------------------------------------- */

/* The distance of BL, BLX and B.W, in bytes: S:I1:I2:imm10:imm11:0. */
static uint32_t t32_get_wide(uint32_t first, uint32_t second)
{
    uint32_t s = first >> 10 & 1;
    uint32_t i1 = ~(second >> 13 ^ s) & 1;
    uint32_t i2 = ~(second >> 11 ^ s) & 1;

    return extend(s << 24 | i1 << 23 | i2 << 22 | (first & 0x3ff) << 12 |
                      (second & 0x7ff) << 1,
                  25);
}

static void t32_put_wide(uint8_t *bytes, uint32_t distance)
{
    uint32_t s = distance >> 24 & 1;
    uint32_t j1 = ~(distance >> 23 ^ s) & 1;
    uint32_t j2 = ~(distance >> 22 ^ s) & 1;

    put16(bytes, (get16(bytes) & 0xf800) | s << 10 | (distance >> 12 & 0x3ff));
    put16(bytes + 2, (get16(bytes + 2) & 0xd000) | j1 << 13 | j2 << 11 |
                         (distance >> 1 & 0x7ff));
}

/* The distance of Bcc.W: S:J2:J1:imm6:imm11:0. */
static uint32_t t32_get_conditional(uint32_t first, uint32_t second)
{
    return extend((first >> 10 & 1) << 20 | (second >> 11 & 1) << 19 |
                      (second >> 13 & 1) << 18 | (first & 0x3f) << 12 |
                      (second & 0x7ff) << 1,
                  21);
}

static void t32_put_conditional(uint8_t *bytes, uint32_t distance)
{
    put16(bytes, (get16(bytes) & 0xfbc0) | (distance >> 20 & 1) << 10 |
                     (distance >> 12 & 0x3f));
    put16(bytes + 2, (get16(bytes + 2) & 0xd000) | (distance >> 18 & 1) << 13 |
                         (distance >> 19 & 1) << 11 | (distance >> 1 & 0x7ff));
}

/* The branch that two halfwords look like, as its kind; 0 for none. */
static uint8_t t32_kind(uint32_t first, uint32_t second)
{
    if ((first & 0xf800) != 0xf000)
        return 0;
    switch (second & 0xd000) {
    case 0xd000: /* BL */
    case 0x9000: /* B.W */
        return DFOTA_PREDICT_T32;
    case 0xc000:
        return DFOTA_PREDICT_T32_BLX;
    case 0x8000: /* with these condition bits it is no branch */
        return (first >> 7 & 7) == 7 ? 0 : DFOTA_PREDICT_T32_BCC;
    default:
        return 0;
    }
}

/* Bytes to step over: 4 for a branch that is foreseen, else 2. */
static size_t t32(const struct site *site)
{
    uint32_t first = get16(site->bytes);
    uint32_t second = site->left >= 4 ? get16(site->bytes + 2) : 0;
    uint8_t kind = t32_kind(first, second);
    bool blx = kind == DFOTA_PREDICT_T32_BLX;
    uint32_t spare = blx ? 3 : 0; /* BLX counts from a multiple of 4 */
    uint32_t from = (site->old_pos + 4) & ~spare;
    uint32_t moved = ((site->new_pos + 4) & ~spare) - from;
    uint32_t distance;

    if ((kind & site->predictor->prediction->kinds) == 0)
        return 2;
    distance = kind == DFOTA_PREDICT_T32_BCC
                   ? t32_get_conditional(first, second)
                   : t32_get_wide(first, second);
    distance += distance_change(site, from + distance, moved);
    if (kind == DFOTA_PREDICT_T32_BCC) {
        if (encodable(distance, 21, 2))
            t32_put_conditional(site->bytes, distance);
    } else if (encodable(distance, 25, blx ? 4 : 2)) {
        t32_put_wide(site->bytes, distance);
    }
    return 4;
}

/* --- A32 ------------------------------------------------------------------ */

static size_t a32(const struct site *site)
{
    uint32_t word = get32(site->bytes);
    uint32_t distance;

    if ((word & 0x0e000000) != 0x0a000000) /* B, BL, BLX */
        return 4;
    distance = extend(word << 2, 26);
    distance += distance_change(site, site->old_pos + 8 + distance,
                                site->new_pos - site->old_pos);
    if (encodable(distance, 26, 4))
        put32(site->bytes, (word & 0xff000000) | (distance >> 2 & 0xffffff));
    return 4;
}

/* --- AArch64 -------------------------------------------------------------- */

static void a64_branch(const struct site *site, uint32_t word)
{
    uint32_t distance = extend(word << 2, 28);

    distance += distance_change(site, site->old_pos + distance,
                                site->new_pos - site->old_pos);
    if (encodable(distance, 28, 4))
        put32(site->bytes, (word & 0xfc000000) | (distance >> 2 & 0x3ffffff));
}

/*
 * The low 12 bits that an ADD, LDR or STR adds to the register of the ADRP
 * before it, or false when `word` is none of these.
 */
static bool a64_low_part(uint32_t word, uint32_t target, uint32_t *low,
                         unsigned *scale)
{
    uint32_t offset;

    if ((word >> 5 & 31) != target)
        return false;
    *scale = 0;
    if ((word & 0x3b000000) == 0x39000000) { /* load or store, unsigned */
        *scale = word >> 30;
        if (word & 0x04000000 && word & 0x00800000)
            *scale = 4;                             /* 128 bits */
    } else if ((word & 0xffc00000) != 0x91000000) { /* ADD, 64 bits */
        return false;
    }
    offset = (word >> 10 & 0xfff) << *scale;
    if (offset > 0xfff) /* that of something else */
        return false;
    *low = offset;
    return true;
}

/* ADRP with the instruction behind it that completes the address. */
static size_t a64_page(const struct site *site, uint32_t word)
{
    uint32_t pages = extend((word >> 3 & 0x1ffffc) | (word >> 29 & 3), 21);
    uint32_t next = site->left >= 8 ? get32(site->bytes + 4) : 0;
    uint32_t low = 0;
    unsigned scale = 0;
    bool paired = a64_low_part(next, word & 31, &low, &scale);
    uint32_t target = (((site->old_pos >> 12) + pages) << 12) + low;
    uint32_t moved;

    if (target >= site->predictor->old_size)
        return 4;
    moved = target + dfota_map_shift(&site->predictor->map, target);
    pages += (moved >> 12) - (target >> 12);
    pages -= (site->new_pos >> 12) - (site->old_pos >> 12);
    put32(site->bytes, (word & 0x9f00001f) | (pages & 3) << 29 |
                           (pages >> 2 & 0x7ffff) << 5);
    if (paired && (moved & (((uint32_t)1 << scale) - 1)) == 0)
        put32(site->bytes + 4, (next & ~((uint32_t)0xfff << 10)) |
                                   (moved & 0xfff) >> scale << 10);
    return paired ? 8 : 4;
}

static size_t a64(const struct site *site)
{
    uint32_t word = get32(site->bytes);

    if ((word & 0x7c000000) == 0x14000000) /* B, BL */
        a64_branch(site, word);
    else if ((word & 0x9f000000) == 0x90000000) /* ADRP */
        return a64_page(site, word);
    return 4;
}

/* --- pointers ------------------------------------------------------------- */

/* A word that leads into a segment leads to where that went. */
static bool pointer(const struct site *site)
{
    const struct dfota_prediction *prediction = site->predictor->prediction;
    uint32_t word = get32(site->bytes);

    for (unsigned i = 0; i < prediction->base_count; i++) {
        uint32_t target = word - prediction->bases[i];

        if (target >= site->predictor->old_size)
            continue;
        put32(site->bytes,
              word + dfota_map_shift(&site->predictor->map, target));
        return true;
    }
    return false;
}

/* --- the whole ------------------------------------------------------------ */

/* Foresees what begins at the site; gives the bytes to step over. */
static size_t predict_one(const struct site *site)
{
    uint8_t kinds = site->predictor->prediction->kinds;

    if (site->left >= 4 && site->old_pos % 4 == 0) {
        if (kinds & DFOTA_PREDICT_POINTERS && pointer(site))
            return 4;
        if (kinds & DFOTA_PREDICT_A64)
            return a64(site);
        if (kinds & DFOTA_PREDICT_A32)
            return a32(site);
    }
    if (kinds & T32_KINDS && site->left >= 2 && site->old_pos % 2 == 0)
        return t32(site);
    return site->old_pos % 2 == 0 ? 2 : 1;
}

void dfota_predict(const struct dfota_predictor *predictor, uint32_t old_pos,
                   uint32_t new_pos, uint8_t *bytes, size_t size)
{
    if (predictor->prediction->kinds == 0)
        return;
    for (size_t at = 0, step; at < size; at += step) {
        const struct site site = {predictor, bytes + at, size - at,
                                  old_pos + (uint32_t)at,
                                  new_pos + (uint32_t)at};

        step = predict_one(&site);
    }
}
