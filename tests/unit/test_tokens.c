/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/apply/tokens.h"
#include "tests/support/random.h"

#define TOKENS 3000
#define GUARD  32

static struct dfota_token kept[TOKENS];

/* Tokens of all kinds; gives how many bytes they make up. */
static uint32_t fill(uint32_t *copies)
{
    uint32_t seed = 5;
    uint32_t size = 0;

    *copies = 0;
    for (unsigned i = 0; i < TOKENS; i++) {
        struct dfota_token *token = &kept[i];

        *token = (struct dfota_token){.length = 1};
        if (random_below(&seed, 2) != 0) {
            token->kind = (uint8_t)(1 + random_below(&seed, 7));
            token->length = 1 + random_below(&seed, 1 + i % 600);
            token->distance = random_below(&seed, 1 << 20);
            ++*copies;
        }
        size += token->length;
    }
    return size;
}

static void every_position_finds_its_token(void **state)
{
    uint32_t copies;
    uint32_t size = fill(&copies);
    uint32_t memory_size = dfota_tokens_memory(size, copies);
    uint8_t *memory = malloc(memory_size + GUARD);
    struct dfota_tokens tokens;
    uint32_t pos = 0;

    (void)state;
    assert_non_null(memory);
    memset(memory, 0xa5, memory_size + GUARD);
    dfota_tokens_open(&tokens, size, copies, memory);
    for (unsigned i = 0; i < TOKENS; i++)
        assert_true(dfota_tokens_add(&tokens, &kept[i]));
    for (unsigned i = 0; i < TOKENS; pos += kept[i++].length)
        for (uint32_t at = 0; at < kept[i].length; at++) {
            struct dfota_token token;

            assert_int_equal(dfota_tokens_at(&tokens, pos + at, &token), pos);
            assert_int_equal(token.kind, kept[i].kind);
            assert_int_equal(token.length, kept[i].length);
            assert_int_equal(token.distance, kept[i].distance);
        }
    assert_int_equal(pos, tokens.end);
    for (unsigned i = 0; i < GUARD; i++)
        assert_int_equal(memory[memory_size + i], 0xa5);
    free(memory);
}

static void what_there_is_no_room_for_is_not_kept(void **state)
{
    const struct dfota_token literal = {.length = 1};
    const struct dfota_token copy = {DFOTA_TOKEN_MATCH, 5, 1};
    uint32_t memory[40];
    struct dfota_tokens tokens;

    (void)state;
    assert_in_range(dfota_tokens_memory(100, 1), 1, sizeof(memory));
    dfota_tokens_open(&tokens, 100, 1, memory);
    assert_true(dfota_tokens_add(&tokens, &literal));
    assert_true(dfota_tokens_add(&tokens, &copy));
    assert_false(dfota_tokens_add(&tokens, &copy));
    assert_int_equal(tokens.end, 6);
    assert_true(dfota_tokens_add(&tokens, &literal));
    assert_int_equal(tokens.end, 7);
}

static void memory_is_as_documented(void **state)
{
    (void)state;
    assert_int_equal(dfota_tokens_memory(65536, 1000),
                     4 * 257 + 8 * 2049 + 3 * 1000);
    assert_int_equal(dfota_tokens_memory(1 << 21, 1), 4 * 8193 + 8 * 65537 + 4);
    assert_int_equal(
        dfota_tokens_memory(DFOTA_TOKEN_CONTENTS_MAX, DFOTA_TOKEN_CONTENTS_MAX),
        2290089996); /* the most that there is, in 32 bits */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_position_finds_its_token),
        cmocka_unit_test(what_there_is_no_room_for_is_not_kept),
        cmocka_unit_test(memory_is_as_documented),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
