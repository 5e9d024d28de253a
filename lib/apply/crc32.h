/* SPDX-License-Identifier: MIT */
/* crc32.h - the CRC32 of zip, gzip and zlib, in 1 KiB of constants */
#ifndef DFOTA_LIB_APPLY_CRC32_H
#define DFOTA_LIB_APPLY_CRC32_H

#include <stddef.h>
#include <stdint.h>

/*
 * The CRC32 of what `crc` covers followed by `size` bytes; 0 covers nothing.
 * Polynomial 0x04C11DB7 reflected, initial value and final inversion all ones.
 */
uint32_t dfota_crc32(uint32_t crc, const uint8_t *bytes, size_t size);

#endif
