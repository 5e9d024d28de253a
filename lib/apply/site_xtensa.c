/* SPDX-License-Identifier: MIT */
#include "lib/apply/site.h"
#include "lib/apply/site_bits.h"

#define NOT_A_SITE    DFOTA_SITE_KIND_COUNT

#define LITERAL_REACH 0x40000u /* L32R leads back by up to this, in bytes */

static const struct dfota_field call[] = {{6, 2, 18}, {0, 20, 0}};
static const struct dfota_field jump[] = {{6, 0, 18}, {0, 18, 0}};
static const struct dfota_field literal[] = {{8, 2, 16}, {0, 32, 0}};
static const struct dfota_field branch[] = {{12, 0, 12}, {0, 12, 0}};
static const struct dfota_field short_branch[] = {{16, 0, 8}, {0, 8, 0}};
static const struct dfota_field narrow[] = {{12, 0, 4}, {4, 4, 2}, {0, 32, 0}};

static const struct dfota_field *fields_of(uint8_t kind)
{
    switch (kind) {
    case DFOTA_SITE_CALL:
        return call;
    case DFOTA_SITE_JUMP:
        return jump;
    case DFOTA_SITE_LITERAL:
        return literal;
    case DFOTA_SITE_BRANCH:
        return branch;
    case DFOTA_SITE_TEST_BRANCH:
        return narrow;
    default:
        return short_branch;
    }
}

static uint32_t counts_from(uint8_t kind, uint32_t pos)
{
    if (kind == DFOTA_SITE_CALL)
        return (pos & ~3u) + 4;
    if (kind == DFOTA_SITE_LITERAL)
        return ((pos + 3) & ~3u) - LITERAL_REACH;
    return pos + 4;
}

/* What begins with these two bytes. */
static uint8_t kind_of(const uint8_t *bytes)
{
    switch (bytes[0] & 15) {
    case 1: /* L32R */
        return DFOTA_SITE_LITERAL;
    case 5: /* CALL0 to CALL12 */
        return DFOTA_SITE_CALL;
    case 6:
        break;
    case 7: /* BEQ and the like */
        return DFOTA_SITE_SHORT_BRANCH;
    case 12: /* BEQZ.N, BNEZ.N */
        return bytes[0] & 0x80 ? DFOTA_SITE_TEST_BRANCH : NOT_A_SITE;
    default:
        return NOT_A_SITE;
    }
    if ((bytes[0] & 0x30) == 0)
        return DFOTA_SITE_JUMP;
    if ((bytes[0] & 0x30) == 0x10) /* BEQZ and the like */
        return DFOTA_SITE_BRANCH;
    if (bytes[0] == 0x36 || (bytes[0] == 0x76 && bytes[1] >> 5 != 0))
        return NOT_A_SITE;          /* ENTRY, LOOP; not BF and BT */
    return DFOTA_SITE_SHORT_BRANCH; /* BEQI and the like */
}

static uint8_t class_of(uint8_t kind)
{
    if (kind == DFOTA_SITE_LITERAL)
        return DFOTA_XTENSA_LITERALS;
    if (kind == DFOTA_SITE_CALL || kind == DFOTA_SITE_JUMP)
        return DFOTA_XTENSA_CALLS;
    return DFOTA_XTENSA_NEAR;
}

static uint32_t get_word(const uint8_t *bytes, uint8_t size)
{
    uint32_t word = dfota_get16(bytes);

    return size > 2 ? word | (uint32_t)bytes[2] << 16 : word;
}

static bool read_site(uint8_t classes, const uint8_t *bytes, size_t left,
                      uint32_t pos, struct dfota_site *out)
{
    uint8_t size = 3;
    uint8_t kind;

    if (left < 2)
        return false;
    kind = kind_of(bytes);
    if (kind == NOT_A_SITE || (classes & class_of(kind)) == 0)
        return false;
    if (kind == DFOTA_SITE_TEST_BRANCH)
        size = 2;
    if (left < size)
        return false;
    out->target = counts_from(kind, pos) +
                  dfota_fields_get(fields_of(kind), get_word(bytes, size));
    out->kind = kind;
    out->size = size;
    out->absolute = false;
    return true;
}

static bool write_site(const struct dfota_site *site, uint8_t *bytes,
                       uint32_t pos, uint32_t target)
{
    uint32_t word = get_word(bytes, site->size);

    if (!dfota_fields_put(fields_of(site->kind), &word,
                          target - counts_from(site->kind, pos)))
        return false;
    dfota_put16(bytes, word);
    if (site->size > 2)
        bytes[2] = (uint8_t)(word >> 16);
    return true;
}

const struct dfota_isa dfota_isa_xtensa = {DFOTA_ISA_XTENSA, 1, read_site,
                                           write_site};
