/* SPDX-License-Identifier: MIT */
/* digest.h - the three digests by which images and packages are known */
#ifndef DFOTA_DIGEST_H
#define DFOTA_DIGEST_H

#include <stdint.h>

#define DFOTA_MD5_SIZE    16 /* bytes */
#define DFOTA_SHA256_SIZE 32 /* bytes */

struct dfota_digests {
    uint64_t size;  /* bytes covered */
    uint32_t crc32; /* as in zip and gzip */
    uint8_t md5[DFOTA_MD5_SIZE];
    uint8_t sha256[DFOTA_SHA256_SIZE];
};

#endif
