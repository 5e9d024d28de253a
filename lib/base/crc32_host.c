/* SPDX-License-Identifier: MIT */
#include "lib/base/crc32_host.h"

#include <libdeflate.h>

uint32_t dfota_crc32_host(uint32_t crc, const uint8_t *bytes, size_t size)
{
    /* Without bytes it would begin anew. */
    return size > 0 ? libdeflate_crc32(crc, bytes, size) : crc;
}
