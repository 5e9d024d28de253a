/* SPDX-License-Identifier: MIT */
/*
 * digest.h - CRC32, MD5 and SHA-256 of the same bytes in one pass
 *
 * MD5 is here because modules report and compare it, not for security.
 */
#ifndef DFOTA_LIB_BASE_DIGEST_H
#define DFOTA_LIB_BASE_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dfota/digest.h"
#include "dfota/error.h"

/* Digests `size` bytes into `*out`.  Errors: DFOTA_ERR_MEMORY. */
enum dfota_error dfota_digest(const uint8_t *bytes, size_t size,
                              struct dfota_digests *out,
                              struct dfota_fault *fault);

/* The same, bit by bit as the data comes.  NULL is none. */
struct dfota_digester;

/* A new digester, which dfota_digester_free() ends; NULL without memory. */
struct dfota_digester *dfota_digester_new(void);

/* One for SHA-256 alone, or for MD5 alone; the others come to zeros. */
struct dfota_digester *dfota_digester_new_sha256(void);
struct dfota_digester *dfota_digester_new_md5(void);

void dfota_digester_add(struct dfota_digester *digester, const uint8_t *bytes,
                        size_t size);

/* What has been added.  Call it once, last. */
void dfota_digester_finish(struct dfota_digester *digester,
                           struct dfota_digests *out);

void dfota_digester_free(struct dfota_digester *digester);

/* True when all of both is the same. */
bool dfota_digests_same(const struct dfota_digests *a,
                        const struct dfota_digests *b);

/* Writes `size` bytes as 2 * `size` lower-case hex digits and a NUL. */
void dfota_hex(const uint8_t *bytes, size_t size, char *out);

#endif
