/* SPDX-License-Identifier: MIT */
/* candidates: what an image's code may be of is seen from the image alone */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/apply/site.h"
#include "lib/delta/candidates.h"
#include "tests/support/plan_check.h"

/* Whether the code of an architecture is among those of a set. */
static bool has(uint8_t set, uint8_t isa)
{
    for (unsigned i = 0; i < DFOTA_CANDIDATES; i++)
        if (set >> i & 1 && dfota_candidates[i].isa == isa)
            return true;
    return false;
}

static void have_what_there_is_and_leave_others_out(void **state)
{
    struct image_pair pair = testdata_pair("tfa-sun50i-arm64");
    uint8_t set = dfota_candidates_in(dfota_buffer_view(&pair.old), 2);

    (void)state;
    assert_true(has(set, 0));
    assert_true(has(set, DFOTA_ISA_A64));
    assert_false(has(set, DFOTA_ISA_XTENSA));
    image_pair_free(&pair);
}

static void are_the_same_on_any_number_of_threads(void **state)
{
    struct image_pair pair = testdata_pair("micropython-armv7m");
    uint8_t set = dfota_candidates_in(dfota_buffer_view(&pair.old), 1);

    (void)state;
    assert_true(has(set, DFOTA_ISA_T32));
    for (unsigned threads = 2; threads < 5; threads++)
        assert_int_equal(
            dfota_candidates_in(dfota_buffer_view(&pair.old), threads), set);
    image_pair_free(&pair);
}

static void none_is_what_an_empty_image_has(void **state)
{
    (void)state;
    assert_int_equal(dfota_candidates_in((struct dfota_view){NULL, 0}, 2), 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(are_the_same_on_any_number_of_threads),
        cmocka_unit_test(have_what_there_is_and_leave_others_out),
        cmocka_unit_test(none_is_what_an_empty_image_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
