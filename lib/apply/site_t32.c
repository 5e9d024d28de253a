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

#define VALUE_REACH 8 /* bytes from MOVW to MOVT, at most */

#define SIGN        0x04000000 /* of a branch */
#define UPPER       0x00002800 /* J1 and J2 of a branch */

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

static const struct dfota_field branch[] = {{0, 1, 11},  {16, 12, 10},
                                            {11, 22, 1}, {13, 23, 1},
                                            {26, 24, 1}, {0, 25, 0}};
static const struct dfota_field conditional[] = {
    {0, 1, 11}, {16, 12, 6}, {13, 18, 1}, {11, 19, 1}, {26, 20, 1}, {0, 21, 0}};
static const struct dfota_field short_jump[] = {{0, 1, 11}, {0, 12, 0}};
static const struct dfota_field short_branch[] = {{0, 1, 8}, {0, 9, 0}};
static const struct dfota_field test_branch[] = {
    {3, 1, 5}, {9, 6, 1}, {0, 32, 0}};
static const struct dfota_field literal[] = {{0, 2, 8}, {0, 32, 0}};
static const struct dfota_field wide_literal[] = {{0, 0, 12}, {0, 32, 0}};
static const struct dfota_field wide_address[] = {
    {0, 0, 8}, {12, 8, 3}, {26, 11, 1}, {0, 32, 0}};
static const struct dfota_field move[] = {
    {0, 0, 8}, {12, 8, 3}, {26, 11, 1}, {16, 12, 4}, {0, 32, 0}};

/* Where the distance of an instruction is. */
static const struct dfota_field *fields_of(uint8_t kind)
{
    switch (kind) {
    case DFOTA_SITE_BRANCH:
        return conditional;
    case DFOTA_SITE_SHORT_JUMP:
        return short_jump;
    case DFOTA_SITE_SHORT_BRANCH:
        return short_branch;
    case DFOTA_SITE_TEST_BRANCH:
        return test_branch;
    case DFOTA_SITE_LITERAL:
        return literal;
    case DFOTA_SITE_WIDE_LITERAL:
        return wide_literal;
    case DFOTA_SITE_WIDE_ADDRESS:
        return wide_address;
    default:
        return branch;
    }
}

/* J1 and J2 of BL, BLX and B.W as I1 and I2, or back. */
static uint32_t turn_upper(uint8_t kind, uint32_t word)
{
    return fields_of(kind) == branch && (word & SIGN) == 0 ? word ^ UPPER
                                                           : word;
}

/* How far an instruction leads from where it counts. */
static uint32_t get_distance(uint8_t kind, uint32_t word)
{
    uint32_t distance =
        dfota_fields_get(fields_of(kind), turn_upper(kind, word));
    bool back = (kind == DFOTA_SITE_WIDE_LITERAL && !(word & LITERAL_UP)) ||
                (kind == DFOTA_SITE_WIDE_ADDRESS && word & ADDRESS_SUB);

    return back ? 0 - distance : distance;
}

static bool put_distance(uint8_t kind, uint32_t *word, uint32_t distance)
{
    bool back = distance >> 31;
    uint32_t changed = *word;

    if (kind == DFOTA_SITE_EXCHANGE && distance & 2)
        return false;
    if (kind == DFOTA_SITE_WIDE_LITERAL)
        changed = dfota_replace(changed, LITERAL_UP, back ? 0 : LITERAL_UP);
    else if (kind == DFOTA_SITE_WIDE_ADDRESS)
        changed = dfota_replace(changed, ADDRESS_SUB, back ? ADDRESS_SUB : 0);
    else
        back = false;
    if (!dfota_fields_put(fields_of(kind), &changed,
                          back ? 0 - distance : distance))
        return false;
    *word = turn_upper(kind, changed);
    return true;
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

static bool is_branch(uint32_t word)
{
    return (word & 0xf8008000) == 0xf0008000;
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

/*
 * MOVW and MOVT of one register, next to each other or with up to 4 bytes
 * between that do not begin like a branch of 32 bits.
 */
static bool read_value(const uint8_t *bytes, size_t left, uint32_t low,
                       struct dfota_site *out)
{
    if ((low & MOVE_MASK) != MOVW)
        return false;
    for (uint8_t at = 4; at <= VALUE_REACH && left >= at + 4u; at += 2) {
        uint32_t high = get_wide(bytes + at);

        if ((high & MOVE_MASK) == MOVT && ((low ^ high) & REGISTER) == 0) {
            out->target = dfota_fields_get(move, high) << 16 |
                          dfota_fields_get(move, low);
            out->kind = DFOTA_SITE_VALUE;
            out->size = (uint8_t)(at + 4);
            out->absolute = true;
            return true;
        }
        if (is_branch(high))
            return false;
    }
    return false;
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
        if (is_branch(word))
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

static void write_value(uint8_t *bytes, uint32_t value)
{
    uint32_t word = get_wide(bytes);

    dfota_fields_put(move, &word, value);
    put_wide(bytes, word);
}

static bool write_site(const struct dfota_site *site, uint8_t *bytes,
                       uint32_t pos, uint32_t target)
{
    bool wide = site->size > 2;
    uint32_t word = wide ? get_wide(bytes) : dfota_get16(bytes);

    if (site->kind == DFOTA_SITE_VALUE) {
        write_value(bytes, target & 0xffff);
        write_value(bytes + site->size - 4, target >> 16);
        return true;
    }
    if (!put_distance(site->kind, &word, target - counts_from(site->kind, pos)))
        return false;
    if (wide)
        put_wide(bytes, word);
    else
        dfota_put16(bytes, word);
    return true;
}

const struct dfota_isa dfota_isa_t32 = {DFOTA_ISA_T32, 2, read_site,
                                        write_site};
