/* SPDX-License-Identifier: MIT */
/* deflate.h - zlib as a codec of deltas: raw deflate, window 512 to 32768 */
#ifndef DFOTA_LIB_CODEC_DEFLATE_H
#define DFOTA_LIB_CODEC_DEFLATE_H

#include "dfota/codec.h"
#include "lib/base/encoder.h"

extern const struct dfota_codec dfota_codec_zlib;
extern const struct dfota_encoder dfota_encoder_zlib;

/* The CRC32 of `bytes` behind those of which `crc` is; many times as quick as
 * the applier's own. */
uint32_t dfota_zlib_crc32(uint32_t crc, const uint8_t *bytes, size_t size);

#endif
