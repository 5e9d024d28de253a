/* SPDX-License-Identifier: MIT */
/*
 * Thumb-2.  An instruction of 32 bits is a word with its first halfword on top,
 * one of 16 bits is a word as it stands.
 */
#include "lib/apply/site.h"
#include "lib/apply/site_bits.h"

#define NOT_A_SITE DFOTA_SITE_KIND_COUNT

/* These count from a multiple of 4 behind them, the others from any position.
 */
#define COUNT_FROM_WORDS                                                       \
    ((uint32_t)1 << DFOTA_SITE_EXCHANGE | (uint32_t)1 << DFOTA_SITE_LITERAL |  \
     (uint32_t)1 << DFOTA_SITE_WIDE_LITERAL |                                  \
     (uint32_t)1 << DFOTA_SITE_WIDE_ADDRESS)

#define MOVE_MASK   0xfbf08000 /* of MOVW and MOVT */
#define MOVW        0xf2400000
#define MOVT        0xf2c00000
#define REGISTER    0x00000f00 /* that of MOVW, MOVT */

#define LITERAL_UP  0x00800000 /* LDR.W: its distance is not negative */
#define ADDRESS_SUB 0x00a00000 /* ADR.W: its distance is negative */

static uint32_t get_wide(const uint8_t *bytes)
{
    return dfota_get16(bytes) << 16 | dfota_get16(bytes + 2);
}

static void put_wide(uint8_t *bytes, uint32_t word)
{
    dfota_put16(bytes, word >> 16);
    dfota_put16(bytes + 2, word);
}

/* The 16 bits of MOVW and MOVT, imm4:i:imm3:imm8; ADR.W has 1111 for imm4. */
static uint32_t get_immediate(uint32_t word)
{
    return (word >> 4 & 0xf000) | (word >> 15 & 0x0800) | (word >> 4 & 0x0700) |
           (word & 0x00ff);
}

static uint32_t put_immediate(uint32_t word, uint32_t value)
{
    return (word & 0xfbf08f00) | (value << 4 & 0x000f7000) |
           (value << 15 & 0x04000000) | (value & 0x000000ff);
}

/* The distance of BL, BLX and B.W: S:I1:I2:imm10:imm11:0. */
static uint32_t get_branch(uint32_t word)
{
    uint32_t s = word >> 26 & 1;
    uint32_t i1 = ~(word >> 13 ^ s) & 1;
    uint32_t i2 = ~(word >> 11 ^ s) & 1;

    return dfota_extend(s << 24 | i1 << 23 | i2 << 22 | (word >> 4 & 0x3ff000) |
                            (word << 1 & 0xffe),
                        25);
}

static uint32_t put_branch(uint32_t word, uint32_t distance)
{
    uint32_t s = distance >> 24 & 1;
    uint32_t j1 = ~(distance >> 23 ^ s) & 1;
    uint32_t j2 = ~(distance >> 22 ^ s) & 1;

    return (word & 0xf800d000) | s << 26 | (distance << 4 & 0x3ff0000) |
           j1 << 13 | j2 << 11 | (distance >> 1 & 0x7ff);
}

/* The distance of Bcc.W: S:J2:J1:imm6:imm11:0. */
static uint32_t get_conditional(uint32_t word)
{
    return dfota_extend((word >> 6 & 0x100000) | (word << 8 & 0x80000) |
                            (word << 5 & 0x40000) | (word >> 4 & 0x3f000) |
                            (word << 1 & 0xffe),
                        21);
}

static uint32_t put_conditional(uint32_t word, uint32_t distance)
{
    return (word & 0xfbc0d000) | (distance << 6 & 0x4000000) |
           (distance >> 8 & 0x800) | (distance >> 5 & 0x2000) |
           (distance << 4 & 0x3f0000) | (distance >> 1 & 0x7ff);
}

/* How far an instruction leads from where it counts. */
static uint32_t get_distance(uint8_t kind, uint32_t word)
{
    uint32_t distance;

    switch (kind) {
    case DFOTA_SITE_BRANCH:
        return get_conditional(word);
    case DFOTA_SITE_SHORT_JUMP:
        return dfota_extend(word << 1, 12);
    case DFOTA_SITE_SHORT_BRANCH:
        return dfota_extend(word << 1, 9);
    case DFOTA_SITE_TEST_BRANCH:
        return (word >> 3 & 0x40) | (word >> 2 & 0x3e);
    case DFOTA_SITE_LITERAL:
        return word << 2 & 0x3fc;
    case DFOTA_SITE_WIDE_LITERAL:
        distance = word & 0xfff;
        return word & LITERAL_UP ? distance : 0 - distance;
    case DFOTA_SITE_WIDE_ADDRESS:
        distance = get_immediate(word) & 0xfff;
        return word & ADDRESS_SUB ? 0 - distance : distance;
    default:
        return get_branch(word);
    }
}

/* The instruction with as much of another distance as it holds. */
static uint32_t put_distance(uint8_t kind, uint32_t word, uint32_t distance)
{
    bool back = distance >> 31;

    switch (kind) {
    case DFOTA_SITE_BRANCH:
        return put_conditional(word, distance);
    case DFOTA_SITE_SHORT_JUMP:
        return dfota_replace(word, 0x7ff, distance >> 1);
    case DFOTA_SITE_SHORT_BRANCH:
        return dfota_replace(word, 0xff, distance >> 1);
    case DFOTA_SITE_TEST_BRANCH:
        return (word & 0xfd07) | (distance << 3 & 0x200) |
               (distance << 2 & 0xf8);
    case DFOTA_SITE_LITERAL:
        return dfota_replace(word, 0xff, distance >> 2);
    case DFOTA_SITE_WIDE_LITERAL:
        return dfota_replace(word, LITERAL_UP | 0xfff,
                             back ? (0 - distance) & 0xfff
                                  : LITERAL_UP | (distance & 0xfff));
    case DFOTA_SITE_WIDE_ADDRESS:
        word = dfota_replace(word, ADDRESS_SUB, back ? ADDRESS_SUB : 0);
        return put_immediate(
            word, 0xf000 | ((back ? 0 - distance : distance) & 0xfff));
    default:
        return put_branch(word, distance);
    }
}

static uint32_t counts_from(uint8_t kind, uint32_t pos)
{
    pos += 4;
    return (uint32_t)1 << kind & COUNT_FROM_WORDS ? pos & ~(uint32_t)3 : pos;
}

/* What 16 bits look like. */
static uint8_t short_kind(uint32_t word)
{
    switch (word >> 11) {
    case 0x09: /* LDR */
    case 0x14: /* ADR */
        return DFOTA_SITE_LITERAL;
    case 0x16:
    case 0x17: /* CBZ, CBNZ */
        return (word & 0x0500) == 0x0100 ? DFOTA_SITE_TEST_BRANCH : NOT_A_SITE;
    case 0x1a:
    case 0x1b: /* with these condition bits it is no branch */
        return (word & 0x0e00) == 0x0e00 ? NOT_A_SITE : DFOTA_SITE_SHORT_BRANCH;
    case 0x1c:
        return DFOTA_SITE_SHORT_JUMP;
    default:
        return NOT_A_SITE;
    }
}

/* What 32 bits look like that begin with 11110 and go on with 1. */
static uint8_t branch_kind(uint8_t classes, uint32_t word)
{
    switch (word & 0xd000) {
    case 0xd000:
        return classes & DFOTA_T32_CALLS ? DFOTA_SITE_CALL : NOT_A_SITE;
    case 0x9000:
        return classes & DFOTA_T32_CALLS ? DFOTA_SITE_JUMP : NOT_A_SITE;
    case 0xc000:
        return classes & DFOTA_T32_EXCHANGES && (word & 1) == 0
                   ? DFOTA_SITE_EXCHANGE
                   : NOT_A_SITE;
    default: /* with these condition bits it is no branch */
        return classes & DFOTA_T32_BRANCHES && (word >> 23 & 7) != 7
                   ? DFOTA_SITE_BRANCH
                   : NOT_A_SITE;
    }
}

/* What other 32 bits look like; a distance of -0 is nobody's. */
static uint8_t near_kind(uint32_t word)
{
    if ((word & 0xff7f0000) == 0xf85f0000)
        return word & (LITERAL_UP | 0xfff) ? DFOTA_SITE_WIDE_LITERAL
                                           : NOT_A_SITE;
    if ((word & 0xfbff8000) == 0xf20f0000 ||
        ((word & 0xfbff8000) == 0xf2af0000 && (word & 0x040070ff) != 0))
        return DFOTA_SITE_WIDE_ADDRESS;
    return NOT_A_SITE;
}

/* MOVW and MOVT of one register. */
static bool read_value(const uint8_t *bytes, size_t left, uint32_t low,
                       struct dfota_site *out)
{
    uint32_t high;

    if (left < 8 || (low & MOVE_MASK) != MOVW)
        return false;
    high = get_wide(bytes + 4);
    if ((high & MOVE_MASK) != MOVT || (low ^ high) & REGISTER)
        return false;
    out->target = get_immediate(high) << 16 | get_immediate(low);
    out->kind = DFOTA_SITE_VALUE;
    out->size = 8;
    out->absolute = true;
    return true;
}

static bool read_site(uint8_t classes, const uint8_t *bytes, size_t left,
                      uint32_t pos, struct dfota_site *out)
{
    uint8_t kind = NOT_A_SITE;
    uint32_t word;

    if (left < 2)
        return false;
    word = dfota_get16(bytes);
    if (word < 0xe800) {
        if (classes & DFOTA_T32_NEAR)
            kind = short_kind(word);
    } else {
        if (word < 0xf000 || left < 4)
            return false;
        word = get_wide(bytes);
        if ((word & 0xf8008000) == 0xf0008000)
            kind = branch_kind(classes, word);
        else if (classes & DFOTA_T32_VALUES &&
                 read_value(bytes, left, word, out))
            return true;
        else if (classes & DFOTA_T32_NEAR)
            kind = near_kind(word);
    }
    if (kind == NOT_A_SITE)
        return false;
    out->target = counts_from(kind, pos) + get_distance(kind, word);
    out->kind = kind;
    out->size = word >> 16 ? 4 : 2;
    out->absolute = false;
    return true;
}

static bool write_site(const struct dfota_site *site, uint8_t *bytes,
                       uint32_t pos, uint32_t target)
{
    uint32_t distance = target - counts_from(site->kind, pos);
    bool wide = site->size > 2;
    uint32_t word = wide ? get_wide(bytes) : dfota_get16(bytes);

    if (site->kind == DFOTA_SITE_VALUE) {
        put_wide(bytes, put_immediate(word, target));
        put_wide(bytes + 4, put_immediate(get_wide(bytes + 4), target >> 16));
        return true;
    }
    word = put_distance(site->kind, word, distance);
    if (get_distance(site->kind, word) != distance ||
        (site->kind == DFOTA_SITE_EXCHANGE && word & 1))
        return false;
    if (wide)
        put_wide(bytes, word);
    else
        dfota_put16(bytes, word);
    return true;
}

const struct dfota_isa dfota_isa_t32 = {DFOTA_ISA_T32, 2, read_site,
                                        write_site};
