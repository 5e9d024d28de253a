/* SPDX-License-Identifier: MIT */
/* What encoders do to code before they pack it: calls hold where they lead. */
#include "lib/apply/packing.h"
#include "lib/apply/site_bits.h"

#define FILTER(number)                                                         \
    DFOTA_PACKING_FILTERS + (number), DFOTA_PACKING_FILTERS + (number)

/* `field` with what is at `place` of the code added, or taken away. */
static uint32_t moved(const struct dfota_filtered *code, uint32_t field,
                      uint32_t place)
{
    uint32_t address = code->start + place;

    return code->undoes ? field - address : field + address;
}

static void turn_arm(const struct dfota_filtered *code)
{
    for (uint32_t i = 0; code->size - i >= 4; i += 4) {
        uint8_t *at = code->bytes + i;
        uint32_t word = dfota_get32(at);

        if (word >> 24 == 0xeb)
            dfota_put32(at, (moved(code, word << 2, i + 8) >> 2 & 0xffffff) |
                                0xeb000000);
    }
}

static void turn_thumb(const struct dfota_filtered *code)
{
    for (uint32_t i = 0; code->size - i >= 4; i += 2) {
        uint8_t *at = code->bytes + i;
        uint32_t word = dfota_get32(at); /* the first half is the lower one */
        uint32_t field = (word & 0x7ff) << 11 | (word >> 16 & 0x7ff);

        if ((word & 0xf800f800) != 0xf800f000)
            continue;
        field = moved(code, field << 1, i + 4) >> 1;
        dfota_put32(at,
                    0xf800f000 | (field >> 11 & 0x7ff) | (field & 0x7ff) << 16);
        i += 2;
    }
}

static uint32_t turned_adrp(const struct dfota_filtered *code, uint32_t word,
                            uint32_t place)
{
    uint32_t field = (word >> 29 & 3) | (word >> 3 & 0x1ffffc);
    uint32_t page = (code->start + place) >> 12;

    /* Only distances of less than 512 MiB, so that both ways agree on them. */
    if (((field + 0x20000) & 0x1c0000) != 0)
        return word;
    field = code->undoes ? field - page : field + page;
    return (word & 0x9000001f) | (field & 3) << 29 | (field & 0x3fffc) << 3 |
           ((field & 0x20000) != 0 ? 0xe00000 : 0);
}

static void turn_arm64(const struct dfota_filtered *code)
{
    for (uint32_t i = 0; code->size - i >= 4; i += 4) {
        uint8_t *at = code->bytes + i;
        uint32_t word = dfota_get32(at);

        if (word >> 26 == 0x25)
            word = (moved(code, word << 2, i) >> 2 & 0x03ffffff) | 0x94000000;
        else if ((word & 0x9f000000) == 0x90000000)
            word = turned_adrp(code, word, i);
        dfota_put32(at, word);
    }
}

/* The highest byte of a distance that may well be one. */
static bool near(uint32_t byte)
{
    return byte == 0x00 || byte == 0xff;
}

/*
 * A distance that has opcodes before it which were left alone may hold bytes
 * of theirs: the one at `shift` bits must then look no different after it.
 */
static uint32_t turned_distance(const struct dfota_filtered *code,
                                uint32_t distance, uint32_t place,
                                unsigned before)
{
    static const uint8_t shifts[8] = {24, 16, 8, 8, 0, 0, 0, 0};

    for (;;) {
        uint32_t to = moved(code, distance, place + 5);
        unsigned shift = shifts[before >> 1];

        if (before == 0 || !near(to >> shift & 0xff))
            return to;
        distance = to ^ (((uint32_t)1 << (shift + 8)) - 1);
    }
}

static void turn_x86(const struct dfota_filtered *code)
{
    static const bool allowed[8] = {true, true,  true,  false,
                                    true, false, false, false};
    unsigned before = 0; /* of the bytes before: opcodes, left alone */
    uint32_t last = 0;   /* where the last opcode was */

    for (uint32_t i = 0; code->size - i >= 5; i++) {
        uint8_t *at = code->bytes + i;
        uint32_t to;

        if (at[0] != 0xe8 && at[0] != 0xe9)
            continue;
        for (; last < i && before != 0; last++)
            before = (before & 0x77) << 1;
        last = i;
        if (!near(at[4]) || !allowed[before >> 1 & 7] || before >= 0x20) {
            before |= near(at[4]) ? 0x11 : 0x01;
            continue;
        }
        to = turned_distance(code, dfota_get32(at + 1), i, before);
        to = (to & 0x1ffffff) | ((to >> 24 & 1) != 0 ? 0xff000000 : 0);
        dfota_put32(at + 1, to);
        before = 0;
        i += 4;
    }
}

const struct dfota_packing dfota_filter_x86 = {FILTER(DFOTA_FILTER_X86), NULL,
                                               turn_x86};
const struct dfota_packing dfota_filter_arm = {FILTER(DFOTA_FILTER_ARM), NULL,
                                               turn_arm};
const struct dfota_packing dfota_filter_thumb = {FILTER(DFOTA_FILTER_THUMB),
                                                 NULL, turn_thumb};
const struct dfota_packing dfota_filter_arm64 = {FILTER(DFOTA_FILTER_ARM64),
                                                 NULL, turn_arm64};
