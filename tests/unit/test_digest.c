/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/apply/crc32.h"
#include "lib/base/crc32_host.h"
#include "lib/base/digest.h"
#include "tests/support/random.h"

#define MILLION 1000000

static void check_digests(const struct dfota_digests *digests, uint32_t crc32,
                          const char *md5, const char *sha256)
{
    char hex[2 * DFOTA_SHA256_SIZE + 1];

    assert_int_equal(digests->crc32, crc32);
    dfota_hex(digests->md5, sizeof(digests->md5), hex);
    assert_string_equal(hex, md5);
    dfota_hex(digests->sha256, sizeof(digests->sha256), hex);
    assert_string_equal(hex, sha256);
}

/* RFC 1321 has the MD5s, FIPS 180-4 the SHA-256s, and the catalogue of CRCs the
 * CRC32 of the nine digits. */
static void agrees_with_the_standards(void **state)
{
    static const struct {
        const char *text;
        uint32_t crc32;
        const char *md5;
        const char *sha256;
    } cases[] = {
        {"", 0, "d41d8cd98f00b204e9800998ecf8427e",
         "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", 0x352441c2, "900150983cd24fb0d6963f7d28e17f72",
         "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"123456789", 0xcbf43926, "25f9e794323b453885f5181f1b624d0b",
         "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const uint8_t *bytes = (const uint8_t *)cases[i].text;
        size_t size = strlen(cases[i].text);
        struct dfota_digests digests;
        struct dfota_fault fault;

        assert_int_equal(dfota_digest(bytes, size, &digests, &fault), DFOTA_OK);
        assert_int_equal(digests.size, size);
        check_digests(&digests, cases[i].crc32, cases[i].md5, cases[i].sha256);
        assert_int_equal(dfota_crc32(0, bytes, size), cases[i].crc32);
    }
}

static void no_bytes_need_no_address(void **state)
{
    struct dfota_digests digests;

    (void)state;
    assert_int_equal(dfota_digest(NULL, 0, &digests, NULL), DFOTA_OK);
    assert_int_equal(digests.size, 0);
    assert_int_equal(digests.crc32, 0);
    assert_int_equal(dfota_crc32(0x12345678, NULL, 0), 0x12345678);
}

/* FIPS 180-2, B.3: a million times the letter a. */
static void digests_more_than_one_chunk(void **state)
{
    uint8_t *bytes = malloc(MILLION);
    struct dfota_digests digests;

    (void)state;
    assert_non_null(bytes);
    memset(bytes, 'a', MILLION);
    assert_int_equal(dfota_digest(bytes, MILLION, &digests, NULL), DFOTA_OK);
    assert_int_equal(digests.size, MILLION);
    check_digests(
        &digests, 0xdc25bfbc, "7707d6ae4e027c70eea2a935c2296f21",
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(bytes);
}

/* Digests `bytes` in pieces of `piece`. */
static struct dfota_digests in_pieces(const uint8_t *bytes, size_t size,
                                      size_t piece)
{
    struct dfota_digester *digester = dfota_digester_new();
    struct dfota_digests digests;

    assert_non_null(digester);
    for (size_t done = 0; done < size; done += piece) {
        dfota_digester_add(digester, bytes + done,
                           size - done < piece ? size - done : piece);
        dfota_digester_add(digester, bytes, 0);
    }
    dfota_digester_finish(digester, &digests);
    dfota_digester_free(digester);
    return digests;
}

static void pieces_of_every_size_give_the_same(void **state)
{
    enum { SIZE = 1000 };
    uint8_t bytes[SIZE];
    struct dfota_digests whole;

    (void)state;
    for (unsigned i = 0; i < SIZE; i++)
        bytes[i] = (uint8_t)(i * 2654435761u >> 24);
    assert_int_equal(dfota_digest(bytes, SIZE, &whole, NULL), DFOTA_OK);
    for (size_t piece = 1; piece <= SIZE; piece++) {
        struct dfota_digests pieces = in_pieces(bytes, SIZE, piece);
        uint32_t crc32 = dfota_crc32(0, bytes, piece);

        assert_int_equal(pieces.size, SIZE);
        assert_int_equal(pieces.crc32, whole.crc32);
        assert_memory_equal(pieces.md5, whole.md5, DFOTA_MD5_SIZE);
        assert_memory_equal(pieces.sha256, whole.sha256, DFOTA_SHA256_SIZE);
        assert_int_equal(dfota_crc32(crc32, bytes + piece, SIZE - piece),
                         whole.crc32);
    }
}

/* What is given whole is worked off in chunks; these pieces are not. */
static void a_large_piece_gives_the_same_as_small_ones(void **state)
{
    enum { SIZE = 200001 };
    uint8_t *bytes = malloc(SIZE);
    struct dfota_digests whole;
    struct dfota_digests pieces;

    (void)state;
    assert_non_null(bytes);
    for (unsigned i = 0; i < SIZE; i++)
        bytes[i] = (uint8_t)(i * 2654435761u >> 24);
    assert_int_equal(dfota_digest(bytes, SIZE, &whole, NULL), DFOTA_OK);
    pieces = in_pieces(bytes, SIZE, 999);
    assert_int_equal(pieces.size, SIZE);
    assert_int_equal(pieces.crc32, whole.crc32);
    assert_memory_equal(pieces.md5, whole.md5, DFOTA_MD5_SIZE);
    assert_memory_equal(pieces.sha256, whole.sha256, DFOTA_SHA256_SIZE);
    free(bytes);
}

static void every_bit_counts(void **state)
{
    uint8_t bytes[70] = {0}; /* over one block of MD5 and SHA-256 */
    struct dfota_digests before;

    (void)state;
    assert_int_equal(dfota_digest(bytes, sizeof(bytes), &before, NULL),
                     DFOTA_OK);
    for (size_t bit = 0; bit < 8 * sizeof(bytes); bit++) {
        struct dfota_digests after;

        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(dfota_digest(bytes, sizeof(bytes), &after, NULL),
                         DFOTA_OK);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(after.crc32, before.crc32);
        assert_memory_not_equal(after.md5, before.md5, DFOTA_MD5_SIZE);
        assert_memory_not_equal(after.sha256, before.sha256, DFOTA_SHA256_SIZE);
    }
}

static void writes_hex_in_lower_case(void **state)
{
    static const uint8_t bytes[] = {0x00, 0x0f, 0xa0, 0xff};
    char text[10] = "+++++++++";

    (void)state;
    dfota_hex(bytes, sizeof(bytes), text);
    assert_string_equal(text, "000fa0ff");
    assert_int_equal(text[9], 0);
    dfota_hex(NULL, 0, text);
    assert_string_equal(text, "");
}

static void freeing_no_digester_does_nothing(void **state)
{
    (void)state;
    dfota_digester_free(NULL);
    dfota_digester_free(dfota_digester_new());
}

static void a_digester_for_sha256_gives_that_alone(void **state)
{
    static const uint8_t bytes[] = "some bytes";
    static const uint8_t none[DFOTA_MD5_SIZE] = {0};
    struct dfota_digester *digester = dfota_digester_new_sha256();
    struct dfota_digests all;
    struct dfota_digests one;

    (void)state;
    assert_non_null(digester);
    dfota_digester_add(digester, bytes, sizeof(bytes));
    dfota_digester_finish(digester, &one);
    dfota_digester_free(digester);
    assert_int_equal(dfota_digest(bytes, sizeof(bytes), &all, NULL), DFOTA_OK);
    assert_memory_equal(one.sha256, all.sha256, sizeof(one.sha256));
    assert_int_equal(one.size, sizeof(bytes));
    assert_int_equal(one.crc32, 0);
    assert_memory_equal(one.md5, none, sizeof(none));
}

static void a_digester_for_md5_gives_that_alone(void **state)
{
    static const uint8_t bytes[] = "some bytes";
    static const uint8_t none[DFOTA_SHA256_SIZE] = {0};
    struct dfota_digester *digester = dfota_digester_new_md5();
    struct dfota_digests all;
    struct dfota_digests one;

    (void)state;
    assert_non_null(digester);
    dfota_digester_add(digester, bytes, sizeof(bytes));
    dfota_digester_finish(digester, &one);
    dfota_digester_free(digester);
    assert_int_equal(dfota_digest(bytes, sizeof(bytes), &all, NULL), DFOTA_OK);
    assert_memory_equal(one.md5, all.md5, sizeof(one.md5));
    assert_int_equal(one.crc32, 0);
    assert_memory_equal(one.sha256, none, sizeof(none));
}

static void crc32_of_a_host_is_that_of_a_module(void **state)
{
    uint8_t bytes[300];
    uint32_t seed = 5;

    (void)state;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)random_next(&seed);
    for (size_t size = 0; size <= sizeof(bytes); size++) {
        uint32_t first = dfota_crc32_host(0, bytes, size);

        assert_int_equal(first, dfota_crc32(0, bytes, size));
        assert_int_equal(
            dfota_crc32_host(first, bytes + size, sizeof(bytes) - size),
            dfota_crc32(0, bytes, sizeof(bytes)));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc32_of_a_host_is_that_of_a_module),
        cmocka_unit_test(agrees_with_the_standards),
        cmocka_unit_test(no_bytes_need_no_address),
        cmocka_unit_test(digests_more_than_one_chunk),
        cmocka_unit_test(pieces_of_every_size_give_the_same),
        cmocka_unit_test(a_large_piece_gives_the_same_as_small_ones),
        cmocka_unit_test(every_bit_counts),
        cmocka_unit_test(writes_hex_in_lower_case),
        cmocka_unit_test(a_digester_for_sha256_gives_that_alone),
        cmocka_unit_test(a_digester_for_md5_gives_that_alone),
        cmocka_unit_test(freeing_no_digester_does_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
