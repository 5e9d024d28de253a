/* SPDX-License-Identifier: MIT */
#include "lib/delta/pairing.h"

/* The number of the first copy that begins at `new_pos` or behind. */
static size_t first_from(const struct dfota_pairing *plan, uint64_t new_pos)
{
    size_t low = 0;
    size_t high = plan->copy_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (plan->copies[middle].new_pos < new_pos)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t dfota_pairing_pieces(const struct dfota_pairing *plan)
{
    return plan->new.size / DFOTA_PAIRING_PIECE + 1;
}

struct dfota_pairing_piece dfota_pairing_piece(const struct dfota_pairing *plan,
                                               size_t index)
{
    uint64_t begin = (uint64_t)index * DFOTA_PAIRING_PIECE;

    return (struct dfota_pairing_piece){
        first_from(plan, begin), first_from(plan, begin + DFOTA_PAIRING_PIECE)};
}
