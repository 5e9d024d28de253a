/* SPDX-License-Identifier: MIT */
#include "lib/apply/site.h"
#include "lib/apply/site_bits.h"

#define NOT_A_SITE DFOTA_SITE_KIND_COUNT

#define ALWAYS     0xeu /* the condition of most instructions */
#define OTHERS     0xfu /* no condition: another instruction */
#define MOVE_MASK  0x0ff00000
#define MOVW       0x03000000
#define MOVT       0x03400000
#define SAME       0xf000f000 /* condition and register of MOVW and MOVT */

#define UP         0x00800000 /* LDR, ADR: the distance is not negative */
#define DOWN       0x00400000 /* ADR: it is */
#define BLX_HALF   0x01000000 /* BLX: bit 1 of the distance */

static uint32_t get_distance(uint8_t kind, uint32_t word)
{
    uint32_t distance = word & 0xfff;

    switch (kind) {
    case DFOTA_SITE_EXCHANGE:
        return dfota_extend(word << 2, 26) + (word & BLX_HALF ? 2 : 0);
    case DFOTA_SITE_LITERAL:
        return word & UP ? distance : 0 - distance;
    default:
        return dfota_extend(word << 2, 26);
    }
}

static uint32_t put_distance(uint8_t kind, uint32_t word, uint32_t distance)
{
    switch (kind) {
    case DFOTA_SITE_EXCHANGE:
        word = dfota_replace(word, BLX_HALF, distance << 23);
        break;
    case DFOTA_SITE_LITERAL:
        if (distance >> 31)
            return dfota_replace(word, UP | 0xfff, (0 - distance) & 0xfff);
        return dfota_replace(word, UP | 0xfff, UP | (distance & 0xfff));
    default:
        break;
    }
    return dfota_replace(word, 0x00ffffff, distance >> 2);
}

/* The 16 bits of MOVW and MOVT: imm4:imm12. */
static uint32_t get_immediate(uint32_t word)
{
    return (word >> 4 & 0xf000) | (word & 0x0fff);
}

static uint32_t put_immediate(uint32_t word, uint32_t value)
{
    return dfota_replace(word, 0x000f0fff,
                         (value << 4 & 0x000f0000) | (value & 0x0fff));
}

static bool is_branch(uint32_t word)
{
    return (word & 0x0e000000) == 0x0a000000;
}

static bool is_other_half(uint32_t low, uint32_t high)
{
    return (high & MOVE_MASK) == MOVT && ((low ^ high) & SAME) == 0;
}

static uint8_t branch_kind(uint32_t word)
{
    if (word >> 28 == OTHERS)
        return DFOTA_SITE_EXCHANGE;
    if (word & 0x01000000)
        return DFOTA_SITE_CALL;
    return word >> 28 == ALWAYS ? DFOTA_SITE_JUMP : DFOTA_SITE_BRANCH;
}

/*
 * MOVW and MOVT of one register on one condition, next to each other or with
 * something between that is neither B nor BL.
 */
static bool read_value(const uint8_t *bytes, size_t left,
                       struct dfota_site *out)
{
    uint32_t low = dfota_get32(bytes);
    uint8_t at = 4;
    uint32_t high;

    if (left < 8 || low >> 28 == OTHERS)
        return false;
    high = dfota_get32(bytes + 4);
    if (!is_other_half(low, high) && !is_branch(high) && left >= 12) {
        at = 8;
        high = dfota_get32(bytes + 8);
    }
    if (!is_other_half(low, high))
        return false;
    out->target = get_immediate(high) << 16 | get_immediate(low);
    out->kind = DFOTA_SITE_VALUE;
    out->size = (uint8_t)(at + 4);
    out->absolute = true;
    return true;
}

static bool read_site(uint8_t classes, const uint8_t *bytes, size_t left,
                      uint32_t pos, struct dfota_site *out)
{
    uint8_t kind = NOT_A_SITE;
    uint32_t word;

    if (left < 4)
        return false;
    word = dfota_get32(bytes);
    if (is_branch(word)) {
        if (classes & DFOTA_A32_CALLS)
            kind = branch_kind(word);
    } else if ((word & MOVE_MASK) == MOVW) {
        return classes & DFOTA_A32_VALUES && read_value(bytes, left, out);
    } else if (classes & DFOTA_A32_NEAR && (word & 0x0f7f0000) == 0x051f0000 &&
               word >> 28 != OTHERS && word & (UP | 0xfff)) { /* -0 is none */
        kind = DFOTA_SITE_LITERAL;
    }
    if (kind == NOT_A_SITE)
        return false;
    out->target = pos + 8 + get_distance(kind, word);
    out->kind = kind;
    out->size = 4;
    out->absolute = false;
    return true;
}

static bool write_site(const struct dfota_site *site, uint8_t *bytes,
                       uint32_t pos, uint32_t target)
{
    uint32_t word = dfota_get32(bytes);
    uint32_t distance = target - pos - 8;

    if (site->kind == DFOTA_SITE_VALUE) {
        dfota_put32(bytes, put_immediate(word, target));
        bytes += site->size - 4;
        word = dfota_get32(bytes);
        dfota_put32(bytes, put_immediate(word, target >> 16));
        return true;
    }
    word = put_distance(site->kind, word, distance);
    if (get_distance(site->kind, word) != distance)
        return false;
    dfota_put32(bytes, word);
    return true;
}

const struct dfota_isa dfota_isa_a32 = {DFOTA_ISA_A32, 4, read_site,
                                        write_site};
