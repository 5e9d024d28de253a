/* SPDX-License-Identifier: MIT */
/*
 * lzma.h - liblzma as a codec of deltas: raw LZMA of known size
 *
 * Neither the header of .lzma files nor an end marker: parameters and size
 * stand in the delta's table of streams.
 */
#ifndef DFOTA_LIB_CODEC_LZMA_H
#define DFOTA_LIB_CODEC_LZMA_H

#include "dfota/codec.h"
#include "lib/base/encoder.h"

extern const struct dfota_codec dfota_codec_lzma;
extern const struct dfota_encoder dfota_encoder_lzma;

#endif
