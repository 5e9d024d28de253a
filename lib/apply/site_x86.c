/* SPDX-License-Identifier: MIT */
/*
 * x86.  A site begins with its opcode: prefixes before it do not change where
 * it leads.
 */
#include "lib/apply/site.h"
#include "lib/apply/site_bits.h"

#define NONE UINT8_MAX

/*
 * The opcodes behind 0f that have an operand and no immediate, a row for each
 * upper digit.
 */
static const uint16_t extended[16] = {
    0x0000, 0x00ff, 0xff00, 0x0000, 0xffff, 0xfffe, 0xffff, 0xc070,
    0x0000, 0xffff, 0x8808, 0xf9cb, 0x0003, 0xff7e, 0xffff, 0x7f7e,
};

/* Bytes of immediate behind the operand of `opcode`; NONE where it has none. */
static uint8_t operand_rest(uint8_t opcode, unsigned function)
{
    if (opcode < 0x40) /* ADD, OR, ADC, SBB, AND, SUB, XOR, CMP */
        return opcode & 4 ? NONE : 0;
    switch (opcode) {
    case 0x63: /* MOVSXD */
    case 0x84: /* TEST */
    case 0x85:
    case 0x88: /* MOV */
    case 0x89:
    case 0x8a:
    case 0x8b:
    case 0x8d: /* LEA */
        return 0;
    case 0x80: /* ADD and the like */
    case 0x83:
        return 1;
    case 0x81:
        return 4;
    case 0xc6: /* MOV */
        return function == 0 ? 1 : NONE;
    case 0xc7:
        return function == 0 ? 4 : NONE;
    case 0xf6: /* TEST */
        return function == 0 ? 1 : NONE;
    case 0xff: /* INC, DEC, CALL, JMP, PUSH */
        return function < 2 || (function & 1) == 0 ? 0 : NONE;
    default:
        return NONE;
    }
}

/*
 * Gives how many bytes from the opcode the distance of 4 bytes is, or 0 for no
 * site.
 */
static size_t find_distance(uint8_t classes, const uint8_t *bytes,
                            struct dfota_site *out)
{
    uint8_t opcode = bytes[0];
    uint8_t rest;

    if ((opcode & 0xfe) == 0xe8) {
        out->kind = opcode & 1 ? DFOTA_SITE_JUMP : DFOTA_SITE_CALL;
        out->size = 5;
        return classes & DFOTA_X86_CALLS ? 1 : 0;
    }
    if (opcode == 0x0f && (bytes[1] & 0xf0) == 0x80) {
        out->kind = DFOTA_SITE_BRANCH;
        out->size = 6;
        return classes & DFOTA_X86_BRANCHES ? 2 : 0;
    }
    if (!(classes & DFOTA_X86_OPERANDS))
        return 0;
    out->kind = DFOTA_SITE_OPERAND;
    out->size = 7;
    if (opcode == 0x0f)
        return (bytes[2] & 0xc7) == 0x05 &&
                       extended[bytes[1] >> 4] >> (bytes[1] & 15) & 1
                   ? 3
                   : 0;
    if ((bytes[1] & 0xc7) != 0x05)
        return 0;
    rest = operand_rest(opcode, bytes[1] >> 3 & 7);
    out->size = (uint8_t)(6 + rest);
    return rest == NONE ? 0 : 2;
}

/* Whether it is no further than 16 MiB: noise rarely is. */
static bool plausible(uint32_t distance)
{
    return dfota_extend(distance, 25) == distance;
}

static bool read_site(uint8_t classes, const uint8_t *bytes, size_t left,
                      uint32_t pos, struct dfota_site *out)
{
    uint32_t distance;
    size_t at;

    if (left < 5)
        return false;
    at = find_distance(classes, bytes, out);
    if (at == 0 || left < out->size)
        return false;
    distance = dfota_get32(bytes + at);
    out->target = pos + out->size + distance;
    out->absolute = false;
    return plausible(distance);
}

static bool write_site(const struct dfota_site *site, uint8_t *bytes,
                       uint32_t pos, uint32_t target)
{
    uint32_t distance = target - pos - site->size;
    size_t at = bytes[0] == 0x0f ? 2 : 1;

    if (site->kind == DFOTA_SITE_OPERAND)
        at++;
    if (!plausible(distance))
        return false;
    dfota_put32(bytes + at, distance);
    return true;
}

const struct dfota_isa dfota_isa_x86 = {DFOTA_ISA_X86, 1, read_site,
                                        write_site};
