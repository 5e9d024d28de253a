/* SPDX-License-Identifier: MIT */
/*
 * Whatever the bytes, positions and map: the predictor changes nothing outside
 * its piece, does the same each time, and changes nothing where nothing moved.
 * A map is sorted after sorting, and shifts by what one of its entries says.
 *
 * Input: the prediction, sizes and positions, the number of entries and the
 * entries of the map, and the piece.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/apply/cursor.h"
#include "lib/apply/predict.h"

#define GUARD     16 /* bytes on either side of the piece */
#define PIECE_MAX DFOTA_PREDICT_PIECE

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint32_t take(struct dfota_cursor *input)
{
    return (uint32_t)dfota_cursor_le(input, 4);
}

static void check_sorted(const struct dfota_map *map)
{
    for (uint32_t i = 1; i < map->count; i++) {
        const struct dfota_map_entry *a = &map->entries[i - 1];
        const struct dfota_map_entry *b = &map->entries[i];

        if (a->old_pos > b->old_pos ||
            (a->old_pos == b->old_pos && a->shift > b->shift))
            abort();
    }
}

static void check_shift(const struct dfota_map *map, uint32_t old_pos)
{
    uint32_t shift = dfota_map_shift(map, old_pos);

    if (map->count == 0 && shift == 0)
        return;
    for (uint32_t i = 0; i < map->count; i++)
        if (map->entries[i].shift == shift)
            return;
    abort();
}

/* Foresees `piece` between guards, into `out`. */
static void foresee(const struct dfota_predictor *predictor, uint32_t old_pos,
                    uint32_t new_pos, const struct dfota_cursor *piece,
                    uint8_t *out)
{
    static const uint8_t guard[GUARD] = {0xf0, 0x00, 0xf8, 0x14, 0xea, 0x90};
    uint8_t block[PIECE_MAX + 2 * GUARD];
    uint8_t *bytes = block + GUARD;

    memcpy(block, guard, GUARD);
    memcpy(bytes, piece->next, piece->left);
    memcpy(bytes + piece->left, guard, GUARD);
    dfota_predict(predictor, old_pos, new_pos, bytes, piece->left);
    if (memcmp(block, guard, GUARD) != 0 ||
        memcmp(bytes + piece->left, guard, GUARD) != 0)
        abort();
    memcpy(out, bytes, piece->left);
}

/* The same again, and with nothing moved, and with nothing to foresee. */
static void check(struct dfota_predictor predictor, uint32_t old_pos,
                  uint32_t new_pos, const struct dfota_cursor *piece)
{
    const struct dfota_prediction nothing = {0};
    uint8_t first[PIECE_MAX];
    uint8_t again[PIECE_MAX];

    foresee(&predictor, old_pos, new_pos, piece, first);
    foresee(&predictor, old_pos, new_pos, piece, again);
    if (memcmp(first, again, piece->left) != 0)
        abort();
    for (uint32_t i = 0; i < predictor.map.count; i++)
        predictor.map.entries[i].shift = 0;
    foresee(&predictor, old_pos, old_pos, piece, again);
    if (memcmp(again, piece->next, piece->left) != 0)
        abort();
    predictor.prediction = &nothing;
    foresee(&predictor, old_pos, new_pos, piece, again);
    if (memcmp(again, piece->next, piece->left) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dfota_cursor input = dfota_cursor(data, size);
    struct dfota_prediction prediction = {0};
    struct dfota_predictor predictor = {.prediction = &prediction};
    struct dfota_map_entry entries[256];
    uint32_t old_pos;
    uint32_t new_pos;

    prediction.kinds = (uint8_t)dfota_cursor_le(&input, 1) & DFOTA_PREDICT_ALL;
    prediction.base_count =
        (uint8_t)(dfota_cursor_le(&input, 1) % (DFOTA_PREDICT_BASES + 1));
    for (unsigned i = 0; i < DFOTA_PREDICT_BASES; i++)
        prediction.bases[i] = take(&input);
    predictor.old_size = take(&input);
    old_pos = take(&input);
    new_pos = take(&input);
    predictor.map.entries = entries;
    predictor.map.count = (uint32_t)dfota_cursor_le(&input, 1);
    for (uint32_t i = 0; i < predictor.map.count; i++) {
        entries[i].old_pos = take(&input);
        entries[i].length = take(&input);
        entries[i].shift = take(&input);
    }
    if (input.short_read || input.left > PIECE_MAX)
        return 0;
    dfota_map_sort(&predictor.map);
    check_sorted(&predictor.map);
    check_shift(&predictor.map, old_pos);
    check_shift(&predictor.map, new_pos);
    check(predictor, old_pos, new_pos, &input);
    return 0;
}
