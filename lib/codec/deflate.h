/* SPDX-License-Identifier: MIT */
/* deflate.h - zlib as a codec of deltas: raw deflate, window 512 to 32768 */
#ifndef DFOTA_LIB_CODEC_DEFLATE_H
#define DFOTA_LIB_CODEC_DEFLATE_H

#include "dfota/codec.h"
#include "lib/base/encoder.h"

extern const struct dfota_codec dfota_codec_zlib;
extern const struct dfota_encoder dfota_encoder_zlib;

#endif
