/* SPDX-License-Identifier: MIT */
#include "lib/delta/align_costs.h"

const struct dfota_align_costs dfota_align_delta = {
    .literal = 5 * 16,
    .equal = 1,
    .different = 11 * 16,
    .again = 7 * 16,
    .repeated = UINT16_MAX,
    .enter = 22 * 16,
    .odd = 2 * 16,
    .resume = 250,
    .leave = 6 * 16,
};

const struct dfota_align_costs dfota_align_bsdiff = {
    .literal = 5 * 16,
    .equal = 1,
    .different = 11 * 16,
    .again = 7 * 16,
    .repeated = 3 * 16,
    .enter = 44 * 16,
    .odd = 2 * 16,
    .resume = 34 * 16,
    .leave = 6 * 16,
};

/* 16 * log2(value), rounded down; 0 for 0. */
static uint32_t log2_sixteenths(uint32_t value)
{
    static const uint8_t fractions[16] = {0, 1,  2,  3,  5,  6,  7,  8,
                                          9, 10, 11, 12, 12, 13, 14, 15};
    uint32_t bits = 0;

    if (value == 0)
        return 0;
    for (unsigned half = 16; half > 0; half /= 2)
        if (value >> bits >> half != 0)
            bits += half;
    return 16 * bits +
           fractions[(bits >= 4 ? value >> (bits - 4) : value << (4 - bits)) &
                     15];
}

uint32_t dfota_align_enter_cost(const struct dfota_align_costs *costs,
                                uint32_t from, uint32_t to)
{
    uint32_t change = to - from;
    uint32_t size = change >> 31 ? 0 - change : change;

    if (size % 4 == 0)
        return costs->enter + log2_sixteenths(size / 4);
    return (uint32_t)costs->enter + costs->odd + log2_sixteenths(size);
}
