/* SPDX-License-Identifier: MIT */
#include "lib/apply/turn.h"

#include "lib/apply/site.h"
#include "lib/apply/site_bits.h"

static void turn_t32(uint8_t *bytes, uint32_t pos, int to)
{
    uint32_t first = dfota_get16(bytes);
    uint32_t second = dfota_get16(bytes + 2);
    uint32_t sign = first >> 10 & 1;
    uint32_t value = sign << 23 | (~(second >> 13 ^ sign) & 1) << 22 |
                     (~(second >> 11 ^ sign) & 1) << 21 |
                     (first & 0x3ff) << 11 | (second & 0x7ff);

    value += (pos + 4) / 2 * (uint32_t)to;
    sign = value >> 23 & 1;
    dfota_put16(
        bytes, dfota_replace(first, 0x7ff, sign << 10 | (value >> 11 & 0x3ff)));
    dfota_put16(bytes + 2, dfota_replace(second, 0x2fff,
                                         (~(value >> 22 ^ sign) & 1) << 13 |
                                             (~(value >> 21 ^ sign) & 1) << 11 |
                                             (value & 0x7ff)));
}

static void turn_word(uint8_t *bytes, uint32_t mask, uint32_t distance)
{
    uint32_t word = dfota_get32(bytes);

    dfota_put32(bytes, dfota_replace(word, mask, word + distance));
}

/* Turns the call at `bytes`, of which `left` are there; gives how far it is to
 * the next place. */
static size_t turn(uint8_t isa, uint8_t *bytes, size_t left, uint32_t pos,
                   int to)
{
    if (isa == DFOTA_ISA_T32) {
        if (left < 4 || (dfota_get16(bytes) & 0xf800) != 0xf000 ||
            (dfota_get16(bytes + 2) & 0xd000) != 0xd000)
            return 2;
        turn_t32(bytes, pos, to);
    } else if (left >= 4 && isa == DFOTA_ISA_A32 &&
               (dfota_get32(bytes) & 0x0f000000) == 0x0b000000) {
        turn_word(bytes, 0x00ffffff, (pos + 8) / 4 * (uint32_t)to);
    } else if (left >= 4 && isa == DFOTA_ISA_A64 &&
               (dfota_get32(bytes) & 0xfc000000) == 0x94000000) {
        turn_word(bytes, 0x03ffffff, pos / 4 * (uint32_t)to);
    }
    return 4;
}

void dfota_turn_calls(uint8_t isa, uint8_t *bytes, size_t size, uint32_t pos,
                      int to)
{
    uint32_t step = isa == DFOTA_ISA_T32 ? 2 : 4;

    if (isa > DFOTA_ISA_A64)
        return;
    for (size_t at = (0 - pos) % step; at < size;)
        at += turn(isa, bytes + at, size - at, pos + (uint32_t)at, to);
}
