/* SPDX-License-Identifier: MIT */
/*
 * predict_tool.c - shows what the predictor takes for branches, and where to
 *
 *   predict_tool KINDS SIZE POSITION SHIFT <CODE
 *
 * Each SIZE bytes of CODE are a piece of their own, the first at POSITION; all
 * numbers may be hexadecimal.  A line for each piece that changes: its
 * position, the position it leads to, and its bytes when that went SHIFT
 * further.
 *
 * The target is found by asking: where all positions from some border on are
 * shifted, the piece changes if and only if it leads to the border or behind.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/apply/predict.h"

#define PIECE_MAX 8
#define SHIFT     16 /* bytes; whatever can be encoded stays so */

struct site {
    uint8_t kinds;
    uint32_t pos;
    uint32_t shift;
    size_t size;
    uint8_t bytes[PIECE_MAX];
};

/* Foresees the piece where positions from `border` on are shifted. */
static bool changes(const struct site *site, uint32_t border,
                    uint8_t out[PIECE_MAX])
{
    struct dfota_map_entry entries[] = {
        {0, border, 0}, {border, UINT32_MAX - border, site->shift}};
    const struct dfota_prediction prediction = {.kinds = site->kinds};
    const struct dfota_predictor predictor = {
        .prediction = &prediction,
        .old_size = UINT32_MAX,
        .map = {entries, 2},
    };

    memcpy(out, site->bytes, site->size);
    dfota_predict(&predictor, site->pos, site->pos, out, site->size);
    return memcmp(out, site->bytes, site->size) != 0;
}

/* The highest border at which the piece still changes. */
static uint32_t find_target(const struct site *site)
{
    uint8_t ignored[PIECE_MAX];
    uint32_t target = 0;

    for (uint32_t bit = (uint32_t)1 << 31; bit > 0; bit >>= 1)
        if (changes(site, target | bit, ignored))
            target |= bit;
    return target;
}

static void show(const struct site *site)
{
    uint8_t moved[PIECE_MAX];

    if (!changes(site, 0, moved))
        return;
    printf("%" PRIx32 " %" PRIx32 " ", site->pos, find_target(site));
    for (size_t i = 0; i < site->size; i++)
        printf("%02x", moved[i]);
    printf("\n");
}

int main(int argc, char **argv)
{
    struct site site = {0};

    if (argc != 5)
        return 2;
    site.kinds = (uint8_t)strtoul(argv[1], NULL, 0);
    site.size = strtoul(argv[2], NULL, 0);
    site.pos = (uint32_t)strtoul(argv[3], NULL, 0);
    site.shift = (uint32_t)strtoul(argv[4], NULL, 0);
    if (site.size == 0 || site.size > PIECE_MAX)
        return 2;
    while (fread(site.bytes, 1, site.size, stdin) == site.size) {
        show(&site);
        site.pos += (uint32_t)site.size;
    }
    return ferror(stdin) ? 1 : 0;
}
