/* SPDX-License-Identifier: MIT */
#include "jobs/held.h"

#include <stdlib.h>

#include "lib/base/fault.h"

#define PIECE ((size_t)1 << 20) /* bytes that are copied at once */

/* Copies all of `input` to the file. */
static enum dfota_error copy(struct dfota_input *input,
                             const struct dfota_spill *spill,
                             struct dfota_fault *fault)
{
    uint8_t *piece = malloc(PIECE);
    enum dfota_error err = DFOTA_OK;

    if (piece == NULL)
        return dfota_fail_memory(fault);
    for (uint64_t at = 0; at < input->size && !err;) {
        uint64_t left = input->size - at;
        size_t size = left < PIECE ? (size_t)left : PIECE;

        err = dfota_input_read(input, at, piece, size, fault);
        if (!err)
            err = dfota_spill_put(spill, at, piece, size, fault);
        at += size;
    }
    free(piece);
    return err ? err : dfota_input_check(input, fault);
}

enum dfota_error dfota_held_load(struct dfota_input *input,
                                 struct dfota_spills *spills,
                                 struct dfota_held *out,
                                 struct dfota_fault *fault)
{
    enum dfota_error err;

    *out = (struct dfota_held){.view = {0}};
    if (spills == NULL || input->size == 0) {
        err = dfota_input_load(input, &out->buffer, fault);
        out->view = dfota_buffer_view(&out->buffer);
    } else {
        err = dfota_spill_make(spills, &out->spill, fault);
        if (!err)
            err = copy(input, &out->spill, fault);
        if (!err)
            err = dfota_spill_map(&out->spill, (size_t)input->size, &out->view,
                                  fault);
    }
    if (err)
        dfota_held_free(out);
    return err;
}

void dfota_held_free(struct dfota_held *held)
{
    dfota_spill_free(&held->spill);
    dfota_buffer_free(&held->buffer);
    *held = (struct dfota_held){.view = {0}};
}
