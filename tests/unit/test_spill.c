/* SPDX-License-Identifier: MIT */
/* spill: memory in files holds what was written, whatever is resident */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "lib/base/spill.h"
#include "tests/support/folder.h"
#include "tests/support/random.h"

#define PART  ((size_t)1 << 20)
#define PARTS 24

static uint8_t part[PART];

/* Part number `index`, in `part`. */
static void fill(size_t index)
{
    uint32_t seed = (uint32_t)index + 1;

    for (size_t i = 0; i < PART; i++)
        part[i] = (uint8_t)random_next(&seed);
}

/* Bytes that this program has resident. */
static uint64_t resident(void)
{
    unsigned long long size = 0;
    unsigned long long pages = 0;
    FILE *statm = fopen("/proc/self/statm", "r");

    assert_non_null(statm);
    assert_int_equal(fscanf(statm, "%llu %llu", &size, &pages), 2);
    fclose(statm);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

/* Parts in any order; memory of which all is read, again and again. */
static void holds_what_was_written_though_little_is_resident(void **state)
{
    uint64_t before = resident();
    struct dfota_spills *spills;
    struct dfota_spill spill;
    struct dfota_view view;

    (void)state;
    assert_int_equal(dfota_spills_open("sub", before, &spills, NULL), DFOTA_OK);
    assert_int_equal(dfota_spill_make(spills, &spill, NULL), DFOTA_OK);
    for (size_t i = PARTS; i-- > 0;) {
        fill(i);
        assert_int_equal(dfota_spill_put(&spill, i * PART, part, PART, NULL),
                         DFOTA_OK);
    }
    assert_int_equal(dfota_spill_map(&spill, PARTS * PART, &view, NULL),
                     DFOTA_OK);
    for (size_t i = 0; i < 2 * (size_t)PARTS; i++) {
        fill(i % PARTS);
        assert_memory_equal(view.data + i % PARTS * PART, part, PART);
        dfota_spills_look();
        assert_in_range(resident(), 1, before + PARTS * PART / 2);
    }
    dfota_spill_free(&spill);
    dfota_spill_free(&spill);
    dfota_spills_close(spills);
}

/* Without being asked to, since nobody looks: the bound is large. */
static void makes_little_resident_where_one_byte_is_read(void **state)
{
    struct dfota_spills *spills;
    struct dfota_spill spill;
    struct dfota_view view;
    uint64_t before;

    (void)state;
    assert_int_equal(dfota_spills_open("sub", SIZE_MAX, &spills, NULL),
                     DFOTA_OK);
    assert_int_equal(dfota_spill_make(spills, &spill, NULL), DFOTA_OK);
    for (size_t i = 0; i < PARTS; i++)
        assert_int_equal(dfota_spill_put(&spill, i * PART, part, PART, NULL),
                         DFOTA_OK);
    assert_int_equal(dfota_spill_map(&spill, PARTS * PART, &view, NULL),
                     DFOTA_OK);
    before = resident();
    for (size_t i = 0; i < PARTS; i++)
        assert_int_equal(view.data[i * PART + PART / 2], part[PART / 2]);
    assert_in_range(resident(), before, before + PARTS * PART / 4);
    dfota_spill_free(&spill);
    dfota_spills_close(spills);
}

static void leaves_no_file_behind(void **state)
{
    struct dfota_spills *spills;
    struct dfota_spill spill;

    (void)state;
    folder_write("out", "precious", 8);
    assert_int_equal(symlink("out", "link"), 0);
    assert_int_equal(dfota_spills_open("link", 1, &spills, NULL), DFOTA_OK);
    assert_int_equal(dfota_spill_make(spills, &spill, NULL), DFOTA_OK);
    assert_int_equal(dfota_spill_put(&spill, 0, "abc", 3, NULL), DFOTA_OK);
    assert_int_equal(folder_count("."), 2);
    folder_check("out", "precious", 8);
    dfota_spill_free(&spill);
    dfota_spills_close(spills);
    dfota_spills_close(NULL);
}

/* What is missing would kill whoever reads it. */
static void gives_no_memory_that_was_not_written(void **state)
{
    struct dfota_spills *spills;
    struct dfota_spill spill;
    struct dfota_view view;
    struct dfota_fault fault = {0};

    (void)state;
    assert_int_equal(dfota_spills_open("out", 1, &spills, NULL), DFOTA_OK);
    assert_int_equal(dfota_spill_make(spills, &spill, NULL), DFOTA_OK);
    assert_int_equal(dfota_spill_put(&spill, 0, "abc", 3, NULL), DFOTA_OK);
    assert_int_equal(dfota_spill_map(&spill, 4, &view, &fault), DFOTA_ERR_IO);
    assert_string_equal(fault.input, "out");
    assert_int_equal(dfota_spill_map(&spill, 0, &view, NULL), DFOTA_ERR_IO);
    assert_int_equal(dfota_spill_map(&spill, 3, &view, NULL), DFOTA_OK);
    assert_memory_equal(view.data, "abc", 3);
    dfota_spill_free(&spill);
    dfota_spills_close(spills);
}

static void fails_where_no_file_can_be(void **state)
{
    struct dfota_spills *spills;
    struct dfota_spill spill = {.size = 7};
    struct dfota_fault fault = {0};

    (void)state;
    assert_int_equal(dfota_spills_open("no/out", 1, &spills, NULL), DFOTA_OK);
    assert_int_equal(dfota_spill_make(spills, &spill, &fault), DFOTA_ERR_IO);
    assert_string_equal(fault.input, "no/out");
    assert_int_equal(spill.size, 7);
    dfota_spills_close(spills);
}

/* Two jobs in one program; whoever looks lets the pages of both go. */
static void several_may_be_open_at_once(void **state)
{
    struct dfota_spills *spills[2];
    struct dfota_spill spill[2];
    struct dfota_view view[2];

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(dfota_spills_open("out", 1, &spills[i], NULL),
                         DFOTA_OK);
        assert_int_equal(dfota_spill_make(spills[i], &spill[i], NULL),
                         DFOTA_OK);
        assert_int_equal(
            dfota_spill_put(&spill[i], 0, i ? "one" : "two", 3, NULL),
            DFOTA_OK);
        assert_int_equal(dfota_spill_map(&spill[i], 3, &view[i], NULL),
                         DFOTA_OK);
    }
    dfota_spills_look_at(DFOTA_SPILL_LOOK - 1, 1);
    assert_memory_equal(view[1].data, "one", 3);
    dfota_spill_free(&spill[0]);
    dfota_spills_close(spills[0]);
    dfota_spills_look();
    assert_memory_equal(view[1].data, "one", 3);
    dfota_spill_free(&spill[1]);
    dfota_spills_close(spills[1]);
    dfota_spills_look();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(holds_what_was_written_though_little_is_resident),
        folder_test(makes_little_resident_where_one_byte_is_read),
        folder_test(leaves_no_file_behind),
        folder_test(gives_no_memory_that_was_not_written),
        folder_test(fails_where_no_file_can_be),
        folder_test(several_may_be_open_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
