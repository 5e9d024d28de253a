/* SPDX-License-Identifier: MIT */
/*
 * stream_coder.h - decodes what is not foreseen from three streams
 *
 * Each stream is coded in a common codec.  Records are varints in the control
 * stream; copied bytes are sums of what is foreseen and the difference stream;
 * inserted bytes come from the literal stream as they are.
 *
 * Spec: docs/SPEC.md, chapter Delta, "Streams".
 */
#ifndef DFOTA_LIB_APPLY_STREAM_CODER_H
#define DFOTA_LIB_APPLY_STREAM_CODER_H

#include "lib/apply/coder.h"
#include "lib/apply/difference.h"
#include "lib/apply/stream.h"

struct dfota_stream_coder {
    struct dfota_coder coder; /* first: the coder is this one */
    struct dfota_stream_reader control;
    struct dfota_difference_reader difference;
    struct dfota_stream_reader literal;
    uint32_t old_pos; /* where the copy before ended in old, at first 0 */
};

/* Sets up the functions of the coder; the readers are the caller's. */
void dfota_stream_coder_open(struct dfota_stream_coder *coder);

#endif
