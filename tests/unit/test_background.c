/* SPDX-License-Identifier: MIT */
/* background: what was begun is done when it has been waited for */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/base/background.h"
#include "lib/base/parallel.h"

#define WAITING 4u /* that wait at once */

static void add_up(void *context)
{
    uint32_t *sum = context;

    for (uint32_t i = 0; i < 1000000; i++)
        *sum += i % 3;
}

static void is_done_at_once_by_a_single_thread(void **state)
{
    struct dfota_background background = {0};
    uint32_t sum = 0;

    (void)state;
    dfota_background_begin(&background, 1, add_up, &sum);
    assert_int_equal(sum, 999999);
    dfota_background_end(&background);
    assert_int_equal(sum, 999999);
}

static void wait_for_it(void *context, size_t index)
{
    (void)index;
    dfota_background_end(context);
}

static void may_be_waited_for_by_several(void **state)
{
    struct dfota_background background = {0};
    uint32_t sum = 0;

    (void)state;
    dfota_background_begin(&background, 2, add_up, &sum);
    dfota_parallel(WAITING, WAITING, wait_for_it, &background);
    assert_int_equal(sum, 999999);
    dfota_background_end(&background);
}

static void needs_no_end_where_there_is_none(void **state)
{
    struct dfota_background background = {0};

    (void)state;
    dfota_background_end(&background);
    assert_false(background.runs);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_done_at_once_by_a_single_thread),
        cmocka_unit_test(may_be_waited_for_by_several),
        cmocka_unit_test(needs_no_end_where_there_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
