/* SPDX-License-Identifier: MIT */
#include "lib/base/digest.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "lib/base/crc32_host.h"
#include "lib/base/fault.h"

/* Small enough that a chunk stays in the cache for all three digests. */
#define CHUNK ((size_t)64 << 10)

struct dfota_digester {
    uint64_t size;
    uint32_t crc32;
    bool wants_crc32;
    EVP_MD_CTX *md5;    /* NULL where it is not wanted */
    EVP_MD_CTX *sha256; /* the same */
};

/* Begins a digest; false where the system has none. */
static bool begin(const EVP_MD *kind, EVP_MD_CTX **out)
{
    *out = EVP_MD_CTX_new();
    return *out != NULL && EVP_DigestInit_ex(*out, kind, NULL) == 1;
}

static struct dfota_digester *new_of(bool crc32, bool md5, bool sha256)
{
    struct dfota_digester *d = calloc(1, sizeof(*d));

    if (d == NULL)
        return NULL;
    d->wants_crc32 = crc32;
    if ((md5 && !begin(EVP_md5(), &d->md5)) ||
        (sha256 && !begin(EVP_sha256(), &d->sha256))) {
        dfota_digester_free(d);
        return NULL;
    }
    return d;
}

struct dfota_digester *dfota_digester_new(void)
{
    return new_of(true, true, true);
}

struct dfota_digester *dfota_digester_new_sha256(void)
{
    return new_of(false, false, true);
}

struct dfota_digester *dfota_digester_new_md5(void)
{
    return new_of(false, true, false);
}

/* Adds a piece to all digests that are wanted. */
static void add_piece(struct dfota_digester *digester, const uint8_t *bytes,
                      size_t size)
{
    if (digester->wants_crc32)
        digester->crc32 = dfota_crc32_host(digester->crc32, bytes, size);
    if (digester->md5 != NULL)
        EVP_DigestUpdate(digester->md5, bytes, size);
    if (digester->sha256 != NULL)
        EVP_DigestUpdate(digester->sha256, bytes, size);
}

void dfota_digester_add(struct dfota_digester *digester, const uint8_t *bytes,
                        size_t size)
{
    digester->size += size;
    while (size > 0) {
        size_t part = size < CHUNK ? size : CHUNK;

        add_piece(digester, bytes, part);
        bytes += part;
        size -= part;
    }
}

void dfota_digester_finish(struct dfota_digester *digester,
                           struct dfota_digests *out)
{
    out->size = digester->size;
    out->crc32 = digester->crc32;
    memset(out->md5, 0, sizeof(out->md5));
    memset(out->sha256, 0, sizeof(out->sha256));
    if (digester->md5 != NULL)
        EVP_DigestFinal_ex(digester->md5, out->md5, NULL);
    if (digester->sha256 != NULL)
        EVP_DigestFinal_ex(digester->sha256, out->sha256, NULL);
}

void dfota_digester_free(struct dfota_digester *digester)
{
    if (digester == NULL)
        return;
    EVP_MD_CTX_free(digester->md5);
    EVP_MD_CTX_free(digester->sha256);
    free(digester);
}

enum dfota_error dfota_digest(const uint8_t *bytes, size_t size,
                              struct dfota_digests *out,
                              struct dfota_fault *fault)
{
    struct dfota_digester *digester = dfota_digester_new();

    if (digester == NULL)
        return dfota_fail_memory(fault);
    dfota_digester_add(digester, bytes, size);
    dfota_digester_finish(digester, out);
    dfota_digester_free(digester);
    return DFOTA_OK;
}

bool dfota_digests_same(const struct dfota_digests *a,
                        const struct dfota_digests *b)
{
    return a->size == b->size && a->crc32 == b->crc32 &&
           memcmp(a->md5, b->md5, sizeof(a->md5)) == 0 &&
           memcmp(a->sha256, b->sha256, sizeof(a->sha256)) == 0;
}

void dfota_hex(const uint8_t *bytes, size_t size, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < size; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 0xf];
    }
    out[2 * size] = '\0';
}
