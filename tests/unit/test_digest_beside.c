/* SPDX-License-Identifier: MIT */
/* digest_beside: the same digests as without threads */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/base/digest_beside.h"
#include "tests/support/random.h"

#define BLOCK DFOTA_BESIDE_BLOCK
#define MOST  (11 * BLOCK + 1)

static uint8_t bytes[MOST];

/* Digests the first `size` bytes, `piece` at a time. */
static struct dfota_digests beside(size_t size, size_t piece, bool md5)
{
    struct dfota_beside *all = dfota_beside_new(md5);
    struct dfota_digests digests;

    assert_non_null(all);
    for (size_t done = 0; done < size; done += piece)
        dfota_beside_add(all, bytes + done,
                         size - done < piece ? size - done : piece);
    dfota_beside_finish(all, &digests);
    dfota_beside_free(all);
    return digests;
}

static void gives_what_a_digester_gives(void **state)
{
    static const size_t sizes[] = {0,         1,         BLOCK - 1, BLOCK,
                                   BLOCK + 1, 4 * BLOCK, 5 * BLOCK, MOST};
    static const size_t pieces[] = {1000, BLOCK, 3 * BLOCK + 7};
    uint32_t seed = 81;

    (void)state;
    random_fill(&seed, bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        for (size_t k = 0; k < sizeof(pieces) / sizeof(pieces[0]); k++) {
            struct dfota_digests made = beside(sizes[i], pieces[k], true);
            struct dfota_digests wanted;

            assert_int_equal(dfota_digest(bytes, sizes[i], &wanted, NULL),
                             DFOTA_OK);
            made.crc32 = wanted.crc32; /* it has none */
            assert_true(dfota_digests_same(&made, &wanted));
        }
}

static void leaves_md5_out_where_nobody_wants_it(void **state)
{
    static const uint8_t none[DFOTA_MD5_SIZE] = {0};
    struct dfota_digests with = beside(2 * BLOCK, BLOCK, true);
    struct dfota_digests without = beside(2 * BLOCK, BLOCK, false);

    (void)state;
    assert_memory_equal(without.md5, none, sizeof(none));
    assert_memory_not_equal(with.md5, none, sizeof(none));
    assert_memory_equal(with.sha256, without.sha256, sizeof(with.sha256));
}

static void may_be_freed_while_threads_are_at_work(void **state)
{
    struct dfota_beside *unused = dfota_beside_new(true);
    struct dfota_beside *begun = dfota_beside_new(true);

    (void)state;
    assert_non_null(unused);
    assert_non_null(begun);
    dfota_beside_add(begun, bytes, 4 * BLOCK);
    dfota_beside_free(begun);
    dfota_beside_free(unused);
    dfota_beside_free(NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_a_digester_gives),
        cmocka_unit_test(leaves_md5_out_where_nobody_wants_it),
        cmocka_unit_test(may_be_freed_while_threads_are_at_work),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
