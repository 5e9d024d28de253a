/* SPDX-License-Identifier: MIT */
#include "lib/apply/site.h"
#include "lib/apply/site_bits.h"

#define NOT_A_SITE DFOTA_SITE_KIND_COUNT

#define REGISTER   31u
#define PAGE_BITS  0x60ffffe0 /* the number of ADRP and ADR */
#define LOW_BITS   0x003ffc00 /* that of ADD, LDR and STR */
#define LOAD_STORE 0x39000000 /* unsigned immediate */

#define PAIR_REACH 16 /* bytes from ADRP to what completes it, at most */

/* How far an instruction leads: in pages for ADRP, else in bytes. */
static uint32_t get_distance(uint8_t kind, uint32_t word)
{
    switch (kind) {
    case DFOTA_SITE_CALL:
    case DFOTA_SITE_JUMP:
        return dfota_extend(word << 2, 28);
    case DFOTA_SITE_BRANCH:
    case DFOTA_SITE_LITERAL:
        return dfota_extend(word >> 3 & ~(uint32_t)3, 21);
    case DFOTA_SITE_TEST_BRANCH:
        return dfota_extend(word >> 3 & ~(uint32_t)3, 16);
    default: /* ADRP, ADR */
        return dfota_extend((word >> 3 & ~(uint32_t)3) | (word >> 29 & 3), 21);
    }
}

/* The instruction with as much of another distance as it holds. */
static uint32_t put_distance(uint8_t kind, uint32_t word, uint32_t distance)
{
    switch (kind) {
    case DFOTA_SITE_CALL:
    case DFOTA_SITE_JUMP:
        return dfota_replace(word, 0x03ffffff, distance >> 2);
    case DFOTA_SITE_BRANCH:
    case DFOTA_SITE_LITERAL:
        return dfota_replace(word, 0x00ffffe0, distance << 3);
    case DFOTA_SITE_TEST_BRANCH:
        return dfota_replace(word, 0x0007ffe0, distance << 3);
    default: /* ADRP, ADR */
        return dfota_replace(word, PAGE_BITS,
                             (distance << 3 & 0x00ffffe0) | distance << 29);
    }
}

/* log2 of what the low part of a load or store, or of ADD, counts in. */
static unsigned get_scale(uint32_t word)
{
    if ((word & 0x3b000000) != LOAD_STORE)
        return 0;
    if ((word & 0x04800000) == 0x04800000) /* 128 bits */
        return 4;
    return word >> 30;
}

/* What ADRP and `next` are, where that adds a low part to the page. */
static uint8_t pair_kind(uint32_t word, uint32_t next)
{
    bool load_store = (next & 0x3b000000) == LOAD_STORE;
    uint32_t load = next & 0x04000000 ? 0x00400000 : 0x00c00000;

    if ((next >> 5 & REGISTER) != (word & REGISTER) ||
        (!load_store && (next & 0xffc00000) != 0x91000000) ||
        (next >> 10 & 0xfff) << get_scale(next) > 0xfff)
        return NOT_A_SITE;
    if (!load_store)
        return DFOTA_SITE_PAIR_ADDRESS;
    return next & load ? DFOTA_SITE_PAIR_LOAD : DFOTA_SITE_PAIR_STORE;
}

static bool is_branch(uint32_t word)
{
    return (word & 0x7c000000) == 0x14000000;
}

static bool is_page(uint32_t word)
{
    return (word & 0x9f000000) == 0x90000000;
}

/* With what completes it, a few words behind, but for another site between. */
static bool read_page(const uint8_t *bytes, size_t left, uint32_t pos,
                      struct dfota_site *out)
{
    uint32_t word = dfota_get32(bytes);
    uint32_t pages = get_distance(DFOTA_SITE_PAGE, word);

    if (dfota_extend(pages, 20) != pages || /* further than 2 GiB */
        (word & REGISTER) == REGISTER)      /* a register that keeps nothing */
        return false;
    out->kind = DFOTA_SITE_PAGE;
    out->size = 4;
    out->target = ((pos >> 12) + pages) << 12;
    out->absolute = false;
    for (uint8_t at = 4; at <= PAIR_REACH && left >= at + 4u; at += 4) {
        uint32_t next = dfota_get32(bytes + at);
        uint8_t kind = pair_kind(word, next);

        if (kind != NOT_A_SITE) {
            out->kind = kind;
            out->size = (uint8_t)(at + 4);
            out->target += (next >> 10 & 0xfff) << get_scale(next);
            return true;
        }
        if (is_branch(next) || is_page(next))
            break;
    }
    return true;
}

static bool write_page(const struct dfota_site *site, uint8_t *bytes,
                       uint32_t pos, uint32_t target)
{
    uint32_t pages = dfota_extend((target >> 12) - (pos >> 12), 20);
    uint32_t low = target & 0xfff;
    uint8_t *second = bytes + site->size - 4;
    uint32_t next;
    unsigned scale;

    if (site->kind != DFOTA_SITE_PAGE) {
        next = dfota_get32(second);
        scale = get_scale(next);
        if (low & ((1u << scale) - 1))
            return false;
        dfota_put32(second, dfota_replace(next, LOW_BITS, low >> scale << 10));
    }
    dfota_put32(bytes, put_distance(site->kind, dfota_get32(bytes), pages));
    return true;
}

/* What leads to a place by itself, and near it. */
static uint8_t near_kind(uint32_t word)
{
    if ((word & 0x7e000000) == 0x34000000 || /* CBZ, CBNZ */
        (word & 0xff000010) == 0x54000000)   /* B.cond */
        return DFOTA_SITE_BRANCH;
    if ((word & 0x7e000000) == 0x36000000) /* TBZ, TBNZ */
        return DFOTA_SITE_TEST_BRANCH;
    if ((word & 0x9f000000) == 0x10000000) /* ADR */
        return DFOTA_SITE_ADDRESS;
    if ((word & 0x3b000000) == 0x18000000 && (word & 0xc4000000) != 0xc4000000)
        return DFOTA_SITE_LITERAL; /* LDR, LDRSW, PRFM */
    return NOT_A_SITE;
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
        if (classes & DFOTA_A64_CALLS)
            kind = word >> 31 ? DFOTA_SITE_CALL : DFOTA_SITE_JUMP;
    } else if (is_page(word)) {
        return classes & DFOTA_A64_PAGES && read_page(bytes, left, pos, out);
    } else if (classes & DFOTA_A64_NEAR) {
        kind = near_kind(word);
    }
    if (kind == NOT_A_SITE)
        return false;
    out->target = pos + get_distance(kind, word);
    out->kind = kind;
    out->size = 4;
    out->absolute = false;
    return true;
}

static bool write_site(const struct dfota_site *site, uint8_t *bytes,
                       uint32_t pos, uint32_t target)
{
    uint32_t word = dfota_get32(bytes);

    if (site->kind >= DFOTA_SITE_PAGE && site->kind <= DFOTA_SITE_PAIR_STORE)
        return write_page(site, bytes, pos, target);
    word = put_distance(site->kind, word, target - pos);
    if (get_distance(site->kind, word) != target - pos)
        return false;
    dfota_put32(bytes, word);
    return true;
}

const struct dfota_isa dfota_isa_a64 = {DFOTA_ISA_A64, 4, read_site,
                                        write_site};
