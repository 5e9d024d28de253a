/* SPDX-License-Identifier: MIT */
/*
 * moved.h - an old and a new image that a test makes by hand, their copies, and
 * a predictor that knows one kind of code.  After cmocka.h.
 */
#ifndef DFOTA_TESTS_SUPPORT_MOVED_H
#define DFOTA_TESTS_SUPPORT_MOVED_H

#include <string.h>

#include "lib/apply/site_bits.h"
#include "lib/delta/pairing.h"
#include "lib/delta/sites.h"

#define MOVED_SIZE 8192 /* bytes of each image */

struct moved {
    uint8_t old[MOVED_SIZE]; /* zeros at first, as new */
    uint8_t new[MOVED_SIZE];
    struct dfota_copy copies[8];
    struct dfota_map_entry entries[8];
    struct dfota_pairing plan;
    struct dfota_prediction prediction;
    struct dfota_predictor predictor;
    struct dfota_region region; /* the whole image is code */
    struct dfota_regions regions;
};

static inline void moved_begin(struct moved *moved, const struct dfota_isa *isa,
                               uint8_t classes)
{
    const struct dfota_isa *const isas[] = {isa, NULL};

    memset(moved, 0, sizeof(*moved));
    moved->plan.old = (struct dfota_view){moved->old, MOVED_SIZE};
    moved->plan.new = (struct dfota_view){moved->new, MOVED_SIZE};
    moved->plan.copies = moved->copies;
    moved->prediction.dialect_count = 1;
    moved->prediction.dialects[0] = (struct dfota_dialect){isa->id, classes};
    moved->predictor.prediction = &moved->prediction;
    moved->predictor.old_size = MOVED_SIZE;
    moved->predictor.map.entries = moved->entries;
    moved->region.dialect = 1;
    moved->regions = (struct dfota_regions){&moved->region, 1};
    assert_int_equal(dfota_predict_open(&moved->predictor, isas), DFOTA_OK);
}

/* One more copy, behind the others in new. */
static inline void moved_add_copy(struct moved *moved, uint32_t new_pos,
                                  uint32_t old_pos, uint32_t length)
{
    moved->copies[moved->plan.copy_count++] =
        (struct dfota_copy){new_pos, old_pos, length};
    moved->entries[moved->predictor.map.count++] =
        (struct dfota_map_entry){old_pos, length, new_pos - old_pos};
    dfota_map_sort(&moved->predictor.map);
}

/* A BL of Thumb-2 in `image` at `pos`, to `target`. */
static inline void moved_put_call(uint8_t *image, uint32_t pos, uint32_t target)
{
    const struct dfota_site call = {0, DFOTA_SITE_CALL, 4, false};

    dfota_put32(image + pos, 0xf800f000);
    assert_true(dfota_isa_t32.write(&call, image + pos, pos, target));
}

#endif
