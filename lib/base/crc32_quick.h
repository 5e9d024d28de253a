/* SPDX-License-Identifier: MIT */
/* crc32_quick.h - CRC32 where 16 KiB of tables do not matter */
#ifndef DFOTA_LIB_BASE_CRC32_QUICK_H
#define DFOTA_LIB_BASE_CRC32_QUICK_H

#include <stddef.h>
#include <stdint.h>

/* As dfota_crc32(), several times as fast. */
uint32_t dfota_crc32_quick(uint32_t crc, const uint8_t *bytes, size_t size);

#endif
