/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/delta/suffix.h"
#include "tests/support/random.h"

#define ROUNDS   1000
#define TEXT_MAX 60
#define RUN      ((size_t)1 << 20) /* bytes of a long run */

/* Bytes next to each other, and at both ends of their range. */
static const uint8_t letters[] = {0, 255, 1, 254, 'a', 'b'};

static void fill(uint32_t *seed, uint8_t *out, size_t size, uint32_t alphabet)
{
    for (size_t i = 0; i < size; i++)
        out[i] = letters[random_below(seed, alphabet)];
}

/* How many bytes of `sought` the text has at `position`. */
static size_t agreement(struct dfota_view text, size_t position,
                        struct dfota_view sought)
{
    size_t length = 0;

    while (length < sought.size && position + length < text.size &&
           text.data[position + length] == sought.data[length])
        length++;
    return length;
}

/* The length of the longest match, by looking everywhere. */
static size_t longest(struct dfota_view text, struct dfota_view sought)
{
    size_t best = 0;

    for (size_t i = 0; i < text.size; i++) {
        size_t length = agreement(text, i, sought);

        if (length > best)
            best = length;
    }
    return best;
}

static void assert_finds_the_longest(const struct dfota_suffixes *suffixes,
                                     struct dfota_view sought)
{
    struct dfota_match match = dfota_suffixes_search(suffixes, sought);
    size_t want = longest(suffixes->text, sought);

    assert_int_equal(match.length, want < 2 ? 0 : want);
    if (match.length > 0)
        assert_int_equal(agreement(suffixes->text, match.position, sought),
                         match.length);
}

static void finds_the_longest_match_in_small_texts(void **state)
{
    uint32_t seed = 2024;

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        uint8_t bytes[TEXT_MAX];
        uint8_t sought[TEXT_MAX];
        uint32_t alphabet = 1 + random_below(&seed, sizeof(letters));
        struct dfota_view text = {bytes, random_below(&seed, TEXT_MAX + 1)};
        struct dfota_suffixes suffixes = {0};

        fill(&seed, bytes, text.size, alphabet);
        assert_int_equal(dfota_suffixes_make(text, &suffixes, NULL), DFOTA_OK);
        for (size_t size = 0; size < 20; size++) {
            fill(&seed, sought, size, alphabet);
            assert_finds_the_longest(&suffixes,
                                     (struct dfota_view){sought, size});
        }
        for (size_t i = 0; i < text.size; i++)
            assert_finds_the_longest(
                &suffixes, (struct dfota_view){bytes + i, text.size - i});
        dfota_suffixes_free(&suffixes);
    }
}

/* The last byte has no successor: no pair begins with it there. */
static void looks_at_every_pair_after_every_last_byte(void **state)
{
    (void)state;
    for (unsigned last = 0; last < 256; last++) {
        const uint8_t bytes[4] = {(uint8_t)(last + 1), (uint8_t)last, 0,
                                  (uint8_t)last};
        struct dfota_suffixes suffixes = {0};

        assert_int_equal(
            dfota_suffixes_make((struct dfota_view){bytes, 4}, &suffixes, NULL),
            DFOTA_OK);
        for (unsigned pair = 0; pair < 65536; pair++) {
            const uint8_t sought[2] = {(uint8_t)(pair >> 8), (uint8_t)pair};

            assert_finds_the_longest(&suffixes, (struct dfota_view){sought, 2});
        }
        dfota_suffixes_free(&suffixes);
    }
}

static void finds_nothing_where_there_is_nothing(void **state)
{
    static const struct dfota_view nothing = {NULL, 0};
    static const struct dfota_view one = {(const uint8_t *)"a", 1};
    static const struct dfota_view some = {(const uint8_t *)"aaa", 3};
    static const struct dfota_view *const texts[] = {&nothing, &one};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct dfota_suffixes suffixes = {0};

        assert_int_equal(dfota_suffixes_make(*texts[i], &suffixes, NULL),
                         DFOTA_OK);
        assert_int_equal(dfota_suffixes_search(&suffixes, some).length, 0);
        assert_int_equal(dfota_suffixes_search(&suffixes, nothing).length, 0);
        dfota_suffixes_free(&suffixes);
        assert_null(suffixes.order);
        dfota_suffixes_free(&suffixes);
    }
}

static void finds_a_long_run_at_once(void **state)
{
    struct dfota_view text = {calloc(RUN, 1), RUN};
    struct dfota_suffixes suffixes = {0};

    (void)state;
    assert_non_null(text.data);
    assert_int_equal(dfota_suffixes_make(text, &suffixes, NULL), DFOTA_OK);
    for (size_t size = RUN - 5; size <= RUN; size++) {
        struct dfota_match match = dfota_suffixes_search(
            &suffixes, (struct dfota_view){text.data, size});

        assert_int_equal(match.length, size);
        assert_in_range(match.position, 0, RUN - size);
    }
    dfota_suffixes_free(&suffixes);
    free((void *)text.data);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_longest_match_in_small_texts),
        cmocka_unit_test(looks_at_every_pair_after_every_last_byte),
        cmocka_unit_test(finds_nothing_where_there_is_nothing),
        cmocka_unit_test(finds_a_long_run_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
