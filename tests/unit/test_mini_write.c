/* SPDX-License-Identifier: MIT */
/* the writer of .mini_1 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "format/mini.h"
#include "tests/support/mini_example.h"

#define DELTA 2048 /* where it stands in a .mini_1 */

static struct mini_example good;
static struct dfota_fault fault;

static int build(void **state)
{
    (void)state;
    good = mini_example_build();
    return 0;
}

static int release(void **state)
{
    (void)state;
    mini_example_free(&good);
    return 0;
}

/* The writer makes, of what was read, the file that was made by hand. */
static void writes_the_same_first_file(void **state)
{
    struct dfota_mini_first first;
    struct dfota_mini_header header;
    struct dfota_buffer out = {0};

    (void)state;
    assert_int_equal(
        dfota_mini_read_first(dfota_buffer_view(&good.first), &first, NULL),
        DFOTA_OK);
    header = first.header;
    header.delta_size = header.second_size = header.ram = 0;
    memset(header.delta_md5, 0, sizeof(header.delta_md5));
    memset(header.second_md5, 0, sizeof(header.second_md5));
    memset(header.second_sha256, 0, sizeof(header.second_sha256));
    assert_int_equal(dfota_mini_set_delta(&header, first.delta, NULL),
                     DFOTA_OK);
    assert_int_equal(
        dfota_mini_set_second(&header, dfota_buffer_view(&good.second), NULL),
        DFOTA_OK);
    dfota_buffer_add(&out, "x", 1);
    assert_int_equal(dfota_mini_write_first(&header, first.delta, &out, NULL),
                     DFOTA_OK);
    assert_int_equal(out.size, 1 + MINI_FIRST_SIZE);
    assert_memory_equal(out.data + 1, good.first.data, MINI_FIRST_SIZE);
    dfota_buffer_free(&out);
}

static struct dfota_mini_header good_header(void)
{
    struct dfota_mini_header header;

    assert_int_equal(
        dfota_mini_read_header(good.first.data, good.first.size, &header, NULL),
        DFOTA_OK);
    return header;
}

static void assert_not_written(const struct dfota_mini_header *header,
                               struct dfota_view delta, enum dfota_error want,
                               const char *rule)
{
    struct dfota_buffer out = {0};

    memset(&fault, 0, sizeof(fault));
    dfota_buffer_add(&out, "abc", 3);
    assert_int_equal(dfota_mini_write_first(header, delta, &out, &fault), want);
    if (rule != NULL)
        assert_string_equal(fault.rule, rule);
    assert_int_equal(out.size, 3);
    assert_memory_equal(out.data, "abc", 3);
    dfota_buffer_free(&out);
}

static void writes_no_header_that_no_reader_takes(void **state)
{
    struct dfota_view delta = {good.first.data + DELTA, MINI_DELTA_SIZE};
    struct dfota_mini_header header = good_header();

    (void)state;
    delta.size--;
    assert_not_written(&header, delta, DFOTA_ERR_USAGE, NULL);
    delta.size++;
    header.region_count = 0;
    assert_not_written(&header, delta, DFOTA_ERR_CORRUPT, "MIN-6");
    header.region_count = 33;
    assert_not_written(&header, delta, DFOTA_ERR_CORRUPT, "MIN-6");
    header = good_header();
    header.flash_size = 100;
    assert_not_written(&header, delta, DFOTA_ERR_CORRUPT, "MIN-8");
    header = good_header();
    header.regions[2].address = 39;
    assert_not_written(&header, delta, DFOTA_ERR_CORRUPT, "MIN-9");
    header = good_header();
    memset(header.to.version, 'x', sizeof(header.to.version));
    assert_not_written(&header, delta, DFOTA_ERR_CORRUPT, "MIN-10");
    header = good_header();
    header.from.project_size = 0;
    assert_not_written(&header, delta, DFOTA_ERR_CORRUPT, "MIN-11");
}

static void writes_as_many_regions_as_there_can_be(void **state)
{
    struct dfota_view delta = {good.first.data + DELTA, MINI_DELTA_SIZE};
    struct dfota_mini_header header = good_header();
    struct dfota_mini_first first;
    struct dfota_buffer out = {0};

    (void)state;
    header.region_count = DFOTA_MINI_REGIONS_MAX;
    for (unsigned i = 1; i < DFOTA_MINI_REGIONS_MAX; i++)
        header.regions[i] = (struct dfota_mini_region){i, 1, i, 2 * i};
    assert_int_equal(dfota_mini_write_first(&header, delta, &out, &fault),
                     DFOTA_OK);
    assert_int_equal(
        dfota_mini_read_first(dfota_buffer_view(&out), &first, &fault),
        DFOTA_OK);
    assert_int_equal(first.header.region_count, DFOTA_MINI_REGIONS_MAX);
    assert_memory_equal(first.header.regions, header.regions,
                        sizeof(header.regions));
    dfota_buffer_free(&out);
}

static void writes_no_file_beyond_the_limit(void **state)
{
    struct dfota_view delta = {good.first.data + DELTA, MINI_DELTA_SIZE};
    struct dfota_mini_header header = good_header();

    (void)state;
    for (size_t limit = 1; limit < MINI_FIRST_SIZE; limit += 97) {
        struct dfota_buffer out = {.limit = limit};

        assert_int_equal(dfota_mini_write_first(&header, delta, &out, &fault),
                         DFOTA_ERR_LIMIT);
        assert_int_equal(out.size, 0);
        dfota_buffer_free(&out);
    }
}

static void sets_nothing_from_files_that_do_not_belong(void **state)
{
    struct dfota_view delta = {good.first.data + DELTA, MINI_DELTA_SIZE};
    struct dfota_view cut = {good.first.data + DELTA, MINI_DELTA_SIZE - 1};
    struct dfota_view second = {good.second.data, MINI_SECOND_SIZE - 1};
    struct dfota_mini_header header = good_header();
    struct dfota_mini_header before;

    (void)state;
    header.regions[0].length++;
    header.ram = 1;
    before = header;
    assert_int_equal(dfota_mini_set_delta(&header, delta, &fault),
                     DFOTA_ERR_CORRUPT);
    assert_string_equal(fault.rule, "MIN-17");
    assert_int_equal(dfota_mini_set_delta(&header, cut, &fault),
                     DFOTA_ERR_CORRUPT);
    assert_string_equal(fault.rule, "DLT-9");
    assert_int_equal(fault.offset, DELTA + AT_OLD_SIZE);
    assert_int_equal(dfota_mini_set_second(&header, second, &fault),
                     DFOTA_ERR_CORRUPT);
    assert_string_equal(fault.rule, "MIN-34");
    assert_memory_equal(&header, &before, sizeof(header));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_same_first_file),
        cmocka_unit_test(writes_no_header_that_no_reader_takes),
        cmocka_unit_test(writes_as_many_regions_as_there_can_be),
        cmocka_unit_test(writes_no_file_beyond_the_limit),
        cmocka_unit_test(sets_nothing_from_files_that_do_not_belong),
    };

    return cmocka_run_group_tests(tests, build, release);
}
