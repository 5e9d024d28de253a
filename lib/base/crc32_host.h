/* SPDX-License-Identifier: MIT */
/* crc32_host.h - CRC32 as fast as a host's processor can */
#ifndef DFOTA_LIB_BASE_CRC32_HOST_H
#define DFOTA_LIB_BASE_CRC32_HOST_H

#include <stddef.h>
#include <stdint.h>

/* As dfota_crc32(), which has modules in mind. */
uint32_t dfota_crc32_host(uint32_t crc, const uint8_t *bytes, size_t size);

#endif
