/* SPDX-License-Identifier: MIT */
/*
 * predict.h - what copied bytes become when the code around them moved
 *
 * A branch or a pointer in old leads to an old position.  The map tells where
 * that went, so that the new branch or pointer can be foreseen from old bytes
 * alone.  A wrong guess costs bytes of difference, never correctness, so
 * nothing is disassembled: whatever looks like a branch is taken for one.
 * Generator and applier run this same code.
 *
 * Spec: docs/SPEC.md, chapter Delta, "Prediction".
 */
#ifndef DFOTA_LIB_APPLY_PREDICT_H
#define DFOTA_LIB_APPLY_PREDICT_H

#include <stddef.h>

#include "dfota/apply.h"
#include "lib/apply/map.h"

/*
 * A copy is foreseen in pieces that end where the position in new is a multiple
 * of this, in bytes; what looks like a branch across such a border is not seen.
 */
#define DFOTA_PREDICT_PIECE 1024

struct dfota_predictor {
    const struct dfota_prediction *prediction;
    uint32_t old_size; /* bytes */
    struct dfota_map map;
};

/*
 * Changes `size` bytes that were copied from `old_pos` of old to `new_pos` of
 * new into what is foreseen for new.  Looks at nothing but these bytes.
 */
void dfota_predict(const struct dfota_predictor *predictor, uint32_t old_pos,
                   uint32_t new_pos, uint8_t *bytes, size_t size);

#endif
