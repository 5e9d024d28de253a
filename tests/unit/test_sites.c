/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/delta/sites.h"
#include "tests/support/moved.h"

static void finds_sites_in_their_order(void **state)
{
    static const uint32_t at[] = {2, 6, 100, 4000, MOVED_SIZE - 4};
    struct moved moved;
    struct dfota_site_walk walk;
    struct dfota_site site;

    (void)state;
    moved_begin(&moved, &dfota_isa_t32, DFOTA_T32_CALLS);
    for (size_t i = 0; i < 5; i++)
        moved_put_call(moved.old, at[i], 1000 + 2 * (uint32_t)i);
    walk = dfota_sites_from(&moved.predictor, &moved.regions, moved.plan.old, 0,
                            MOVED_SIZE);
    for (size_t i = 0; i < 5; i++) {
        assert_true(dfota_sites_next(&walk, &site));
        assert_int_equal(walk.pos - site.size, at[i]);
        assert_int_equal(walk.dialect, 1);
        assert_int_equal(site.target, 1000 + 2 * i);
    }
    assert_false(dfota_sites_next(&walk, &site));
}

/* What begins before the walk, or ends behind it, is not found. */
static void keeps_within_its_bounds(void **state)
{
    struct moved moved;
    struct dfota_site_walk walk;
    struct dfota_site site;

    (void)state;
    moved_begin(&moved, &dfota_isa_t32, DFOTA_T32_CALLS);
    for (uint32_t pos = 10; pos <= 18; pos += 4)
        moved_put_call(moved.old, pos, 50);
    walk = dfota_sites_from(&moved.predictor, &moved.regions, moved.plan.old,
                            14, 20);
    assert_true(dfota_sites_next(&walk, &site));
    assert_int_equal(walk.pos, 18);
    assert_false(dfota_sites_next(&walk, &site));
}

static void finds_code_only_where_a_region_has_it(void **state)
{
    static const struct dfota_region list[] = {{100, 1}, {200, 0}, {300, 1}};
    const struct dfota_regions regions = {list, 3};
    static const uint32_t begins[] = {0, 148, 196, 248, 348};
    static const unsigned counts[] = {50, 38, 26, 25, 13};
    struct moved moved;

    (void)state;
    moved_begin(&moved, &dfota_isa_t32, DFOTA_T32_CALLS);
    for (uint32_t pos = 0; pos < 400; pos += 2)
        dfota_put16(moved.old + pos, 0xf000 + pos % 4 / 2 * 0x0800);
    for (size_t i = 0; i < 5; i++) {
        struct dfota_site_walk walk = dfota_sites_from(
            &moved.predictor, &regions, moved.plan.old, begins[i], 400);
        struct dfota_site site;
        unsigned count = 0;

        while (dfota_sites_next(&walk, &site)) {
            uint32_t pos = walk.pos - site.size;

            assert_true((pos >= 100 && pos < 200) || pos >= 300);
            count++;
        }
        assert_int_equal(count, counts[i]);
    }
}

/* Where nothing can be found one goes on as if every word were looked at: the
 * half before a whole one is in no region. */
static void leaves_what_has_no_code_at_a_whole_word(void **state)
{
    static const struct dfota_region list[] = {{0, 0}, {102, 1}};
    const struct dfota_regions regions = {list, 2};
    struct dfota_site_walk walk;
    struct dfota_site site;
    struct moved moved;

    (void)state;
    moved_begin(&moved, &dfota_isa_t32, DFOTA_T32_CALLS);
    moved_put_call(moved.old, 102, 50);
    moved_put_call(moved.old, 108, 50);
    walk = dfota_sites_from(&moved.predictor, &regions, moved.plan.old, 0, 112);
    assert_true(dfota_sites_next(&walk, &site));
    assert_int_equal(walk.pos - site.size, 108);
    walk = dfota_sites_from(&moved.predictor, &regions, moved.plan.old, 1, 102);
    assert_false(dfota_sites_next(&walk, &site));
}

static void finds_pointers_where_there_is_no_code(void **state)
{
    const struct dfota_regions none = {NULL, 0};
    struct moved moved;
    struct dfota_site_walk walk;
    struct dfota_site site;

    (void)state;
    moved_begin(&moved, &dfota_isa_t32, DFOTA_T32_CALLS);
    moved.prediction.bases[0] = 0x08000000;
    moved.prediction.base_count = 1;
    dfota_put32(moved.old + 40, 0x08000123);
    moved_put_call(moved.old, 80, 100);
    walk = dfota_sites_from(&moved.predictor, &none, moved.plan.old, 0,
                            MOVED_SIZE);
    assert_true(dfota_sites_next(&walk, &site));
    assert_int_equal(walk.pos, 44);
    assert_int_equal(site.kind, DFOTA_SITE_POINTER32);
    assert_false(dfota_sites_next(&walk, &site));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_code_only_where_a_region_has_it),
        cmocka_unit_test(finds_pointers_where_there_is_no_code),
        cmocka_unit_test(finds_sites_in_their_order),
        cmocka_unit_test(keeps_within_its_bounds),
        cmocka_unit_test(leaves_what_has_no_code_at_a_whole_word),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
