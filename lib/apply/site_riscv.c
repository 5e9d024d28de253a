/* SPDX-License-Identifier: MIT */
#include "lib/apply/site.h"
#include "lib/apply/site_bits.h"

#define NOT_A_SITE DFOTA_SITE_KIND_COUNT

#define OPCODE     0x7fu
#define AUIPC      0x17u
#define LUI        0x37u

static const struct dfota_field jal[] = {
    {21, 1, 10}, {20, 11, 1}, {12, 12, 8}, {31, 20, 1}, {0, 21, 0}};
static const struct dfota_field branch[] = {
    {8, 1, 4}, {25, 5, 6}, {7, 11, 1}, {31, 12, 1}, {0, 13, 0}};
static const struct dfota_field short_jump[] = {
    {3, 1, 3}, {11, 4, 1}, {2, 5, 1},   {7, 6, 1},  {6, 7, 1},
    {9, 8, 2}, {8, 10, 1}, {12, 11, 1}, {0, 12, 0},
};
static const struct dfota_field short_branch[] = {
    {3, 1, 2}, {10, 3, 2}, {2, 5, 1}, {5, 6, 2}, {12, 8, 1}, {0, 9, 0}};
static const struct dfota_field upper[] = {{12, 12, 20}, {0, 32, 0}};
static const struct dfota_field immediate[] = {{20, 0, 12}, {0, 12, 0}};
static const struct dfota_field store[] = {{7, 0, 5}, {25, 5, 7}, {0, 12, 0}};

/* Where the distance of a single instruction is. */
static const struct dfota_field *fields_of(uint8_t kind)
{
    switch (kind) {
    case DFOTA_SITE_BRANCH:
        return branch;
    case DFOTA_SITE_SHORT_BRANCH:
        return short_branch;
    case DFOTA_SITE_SHORT_JUMP:
    case DFOTA_SITE_SHORT_CALL:
        return short_jump;
    default:
        return jal;
    }
}

/* Where the low part is in the second instruction of a pair. */
static const struct dfota_field *low_fields(uint32_t next)
{
    return (next & 0x7b) == 0x23 ? store : immediate;
}

/* What a pair is by its second instruction. */
static uint8_t pair_kind(uint32_t next)
{
    uint32_t function = (uint32_t)1 << (next >> 12 & 7);

    switch (next & OPCODE) {
    case 0x13: /* ADDI */
        return function & 0x01 ? DFOTA_SITE_PAIR_ADDRESS : NOT_A_SITE;
    case 0x67: /* JALR */
        return function & 0x01 ? DFOTA_SITE_PAIR_CALL : NOT_A_SITE;
    case 0x03:
        return function & 0x7f ? DFOTA_SITE_PAIR_LOAD : NOT_A_SITE;
    case 0x07: /* floating point */
        return function & 0x1e ? DFOTA_SITE_PAIR_LOAD : NOT_A_SITE;
    case 0x23:
        return function & 0x0f ? DFOTA_SITE_PAIR_STORE : NOT_A_SITE;
    case 0x27: /* floating point */
        return function & 0x1e ? DFOTA_SITE_PAIR_STORE : NOT_A_SITE;
    default:
        return NOT_A_SITE;
    }
}

static bool read_pair(const uint8_t *bytes, size_t left, uint32_t pos,
                      struct dfota_site *out)
{
    uint32_t word = dfota_get32(bytes);
    uint32_t base = word >> 7 & 31;
    uint32_t next;
    uint8_t kind;

    if (left < 8 || base == 0)
        return false;
    next = dfota_get32(bytes + 4);
    kind = pair_kind(next);
    if ((next >> 15 & 31) != base || kind == NOT_A_SITE)
        return false;
    out->absolute = (word & OPCODE) == LUI;
    out->kind = out->absolute ? DFOTA_SITE_VALUE : kind;
    out->size = 8;
    out->target = (out->absolute ? 0 : pos) + dfota_fields_get(upper, word) +
                  dfota_fields_get(low_fields(next), next);
    return true;
}

static void write_pair(const struct dfota_site *site, uint8_t *bytes,
                       uint32_t pos, uint32_t target)
{
    uint32_t word = dfota_get32(bytes);
    uint32_t next = dfota_get32(bytes + 4);
    uint32_t distance = site->absolute ? target : target - pos;
    uint32_t low = dfota_extend(distance, 12);

    dfota_fields_put(upper, &word, distance - low);
    dfota_fields_put(low_fields(next), &next, low);
    dfota_put32(bytes, word);
    dfota_put32(bytes + 4, next);
}

static uint8_t short_kind(uint8_t classes, uint32_t word)
{
    switch (word >> 13) {
    case 1: /* C.JAL */
        return classes & DFOTA_RISCV_SHORT_CALLS ? DFOTA_SITE_SHORT_CALL
                                                 : NOT_A_SITE;
    case 5: /* C.J */
        return classes & DFOTA_RISCV_NEAR ? DFOTA_SITE_SHORT_JUMP : NOT_A_SITE;
    case 6: /* C.BEQZ */
    case 7: /* C.BNEZ */
        return classes & DFOTA_RISCV_NEAR ? DFOTA_SITE_SHORT_BRANCH
                                          : NOT_A_SITE;
    default:
        return NOT_A_SITE;
    }
}

/* Calls leave their way back in x1 or x5; x0 keeps none. */
static uint8_t kind_of(uint8_t classes, uint32_t word)
{
    uint32_t link = word >> 7 & 31;

    switch (word & OPCODE) {
    case 0x6f: /* JAL */
        if (!(classes & DFOTA_RISCV_CALLS) || (link & ~4u) > 1 || link == 4)
            return NOT_A_SITE;
        return link == 0 ? DFOTA_SITE_JUMP : DFOTA_SITE_CALL;
    case 0x63: /* functions 2 and 3 are none */
        return classes & DFOTA_RISCV_NEAR && (word >> 13 & 3) != 1
                   ? DFOTA_SITE_BRANCH
                   : NOT_A_SITE;
    default:
        return NOT_A_SITE;
    }
}

static bool read_site(uint8_t classes, const uint8_t *bytes, size_t left,
                      uint32_t pos, struct dfota_site *out)
{
    uint8_t kind = NOT_A_SITE;
    uint32_t word;

    if (left < 2 || (bytes[0] & 1) == 0)
        return false;
    word = dfota_get16(bytes);
    if ((word & 2) == 0) {
        kind = short_kind(classes, word);
    } else if (left >= 4) {
        word = dfota_get32(bytes);
        if (((word & OPCODE) == AUIPC && classes & DFOTA_RISCV_PAIRS) ||
            ((word & OPCODE) == LUI && classes & DFOTA_RISCV_VALUES))
            return read_pair(bytes, left, pos, out);
        kind = kind_of(classes, word);
    }
    if (kind == NOT_A_SITE)
        return false;
    out->target = pos + dfota_fields_get(fields_of(kind), word);
    out->kind = kind;
    out->size = word & 2 ? 4 : 2;
    out->absolute = false;
    return true;
}

static bool write_site(const struct dfota_site *site, uint8_t *bytes,
                       uint32_t pos, uint32_t target)
{
    uint32_t word;

    if (site->size == 8) {
        write_pair(site, bytes, pos, target);
        return true;
    }
    word = site->size == 4 ? dfota_get32(bytes) : dfota_get16(bytes);
    if (!dfota_fields_put(fields_of(site->kind), &word, target - pos))
        return false;
    if (site->size == 4)
        dfota_put32(bytes, word);
    else
        dfota_put16(bytes, word);
    return true;
}

const struct dfota_isa dfota_isa_riscv = {DFOTA_ISA_RISCV, 2, read_site,
                                          write_site};
