/* SPDX-License-Identifier: MIT */
/*
 * digest_beside.h - digests on threads of their own, beside whoever has the
 * bytes
 *
 * What is added is copied to blocks of a ring, which the threads digest while
 * the owner goes on; he waits where they fall behind by the whole ring.  Little
 * is digested without any thread, and so is all of it where the system gives
 * none.
 */
#ifndef DFOTA_LIB_BASE_DIGEST_BESIDE_H
#define DFOTA_LIB_BASE_DIGEST_BESIDE_H

#include "lib/base/digest.h"

#define DFOTA_BESIDE_BLOCK ((size_t)128 << 10) /* bytes */

/* NULL is none. */
struct dfota_beside;

/* A new one for SHA-256, and with `md5` for that; its CRC32 comes to zero.
 * dfota_beside_free() ends it.  NULL without memory. */
struct dfota_beside *dfota_beside_new(bool md5);

void dfota_beside_add(struct dfota_beside *beside, const uint8_t *bytes,
                      size_t size);

/* What has been added; waits for the threads.  Call it once, last. */
void dfota_beside_finish(struct dfota_beside *beside,
                         struct dfota_digests *out);

/* Also before it is finished. */
void dfota_beside_free(struct dfota_beside *beside);

#endif
