/* SPDX-License-Identifier: MIT */
/*
 * frame.h - frames of a .mini_2 coded by the applier's own model
 *
 * The counterpart of dfota_codec_mixed; at most 64 KiB at a time.
 *
 * Spec: docs/SPEC.md, chapter MiniFOTA, "Mixed frames".
 */
#ifndef DFOTA_LIB_CODEC_FRAME_H
#define DFOTA_LIB_CODEC_FRAME_H

#include "lib/base/encoder.h"

/* DFOTA_ERR_LIMIT also where dfota_codec_memory() knows no memory for it. */
extern const struct dfota_encoder dfota_encoder_mixed;

#endif
