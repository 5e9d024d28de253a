/* SPDX-License-Identifier: MIT */
/* hash.h - a hash of a few bytes, quick enough for every position of an image
 */
#ifndef DFOTA_LIB_DELTA_HASH_H
#define DFOTA_LIB_DELTA_HASH_H

#include <stdint.h>

/* A hash of `length` bytes, all bits of which are as good. */
uint64_t dfota_hash_of(const uint8_t *bytes, uint32_t length);

#endif
