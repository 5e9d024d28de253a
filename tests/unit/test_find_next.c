/* SPDX-License-Identifier: MIT */
/* where streams may begin: the same places as byte by byte */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/delta/find_next.h"
#include "tests/support/random.h"

#define BLOCK DFOTA_FIND_BLOCK
#define SIZE  (3 * BLOCK + 100)

static uint8_t image[SIZE];

static uint64_t number(size_t size, size_t at, unsigned count)
{
    uint64_t value = 0;

    for (unsigned i = count; i-- > 0;)
        value = value << 8 | (at + i < size ? image[at + i] : 0);
    return value;
}

/* One place, in the words of the formats. */
static bool may_begin(size_t size, size_t at)
{
    static const uint16_t others[] = {0x37fd, 0x8b1f, 0x4b50, 0xb528};
    uint64_t two = number(size, at, 2);
    uint64_t next = number(size, at + 2, 2);
    uint64_t dictionary = number(size, at + 1, 4);
    uint64_t contents = number(size, at + 5, 8) >> 56;

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (two == others[i])
            return true;
    if (next == 0x184d || next == 0x184c)
        return true;
    if ((two & 0x8f) == 8 && ((two & 0xff) << 8 | two >> 8) % 31 == 0)
        return true;
    return ((dictionary != 0 && dictionary % 2048 == 0) ||
            (dictionary & 0xff0000ff) == 0xff0000ff) &&
           (contents == 0 || contents == 0xff) && number(size, at + 13, 1) == 0;
}

static void assert_all_places(size_t size)
{
    struct dfota_find_next next = {.image = {image, size}};
    size_t found = dfota_find_next(&next, 0);

    for (size_t at = 0; at < size; at++) {
        if (!may_begin(size, at))
            continue;
        assert_int_equal(found, at);
        found = dfota_find_next(&next, at + 1);
    }
    assert_int_equal(found, size);
}

static void every_two_bytes_are_judged_as_they_should_be(void **state)
{
    (void)state;
    memset(image, 0x11, SIZE);
    for (unsigned two = 0; two < 0x10000; two++) {
        size_t at = BLOCK - 10 + two % 16;

        image[at] = (uint8_t)two;
        image[at + 1] = (uint8_t)(two >> 8);
        assert_all_places(at + 16);
        image[at] = 0x11;
        image[at + 1] = 0x11;
    }
}

static void every_byte_of_a_header_of_lzma_counts(void **state)
{
    static const uint8_t headers[][14] = {
        {0x5d, 0, 0, 0x80, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
        {0x5d, 0, 8, 0, 0, 1, 2, 3, 4, 5, 6},
        {0x5d, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4}};

    (void)state;
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
        for (unsigned k = 0; k < 14 * 256; k++) {
            size_t at = BLOCK - 20 + k % 30;

            memset(image, 0x11, BLOCK + 40);
            memcpy(image + at, headers[i], sizeof(headers[i]));
            assert_true(may_begin(SIZE, at));
            image[at + k / 256] = (uint8_t)k;
            assert_all_places(BLOCK + 40);
        }
}

/* Of bytes that headers have, wherever the image ends. */
static void noise_is_judged_as_byte_by_byte(void **state)
{
    static const uint8_t bytes[] = {0,    0,    0,   0,    0xff, 0xff, 0xff,
                                    8,    0x78, 1,   0x9c, 0xda, 0x80, 0x10,
                                    0xfd, '7',  'P', 'K',  0x1f, 0x8b, 0x28,
                                    0xb5, 4,    2,   0x22, 0x21, 0x18};
    uint32_t seed = 5;

    (void)state;
    for (size_t i = 0; i < SIZE; i++)
        image[i] = bytes[random_below(&seed, sizeof(bytes))];
    for (size_t size = 0; size <= SIZE; size++)
        assert_all_places(size);
    random_fill(&seed, image, SIZE);
    for (size_t size = 0; size <= SIZE; size++)
        assert_all_places(size);
}

/* Whoever found a stream goes on behind it. */
static void a_search_goes_on_anywhere(void **state)
{
    static const uint8_t gzip[] = {0x1f, 0x8b};
    struct dfota_find_next next = {.image = {image, SIZE}};

    (void)state;
    memset(image, 0x11, SIZE);
    for (size_t at = 0; at + 1 < SIZE; at += 5)
        memcpy(image + at, gzip, sizeof(gzip));
    for (size_t at = 0; at < SIZE; at += 1 + at * 3 / 7)
        assert_int_equal(dfota_find_next(&next, at),
                         (at + 4) / 5 * 5 < SIZE ? (at + 4) / 5 * 5 : SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_two_bytes_are_judged_as_they_should_be),
        cmocka_unit_test(every_byte_of_a_header_of_lzma_counts),
        cmocka_unit_test(noise_is_judged_as_byte_by_byte),
        cmocka_unit_test(a_search_goes_on_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
