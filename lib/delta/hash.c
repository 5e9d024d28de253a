/* SPDX-License-Identifier: MIT */
#include "lib/delta/hash.h"

#define XXH_INLINE_ALL /* one call a hash is enough */
#include <xxhash.h>

uint64_t dfota_hash_of(const uint8_t *bytes, uint32_t length)
{
    return XXH3_64bits(bytes, length);
}
