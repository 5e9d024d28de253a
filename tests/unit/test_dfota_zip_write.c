/* SPDX-License-Identifier: MIT */
/* the half of dfota_zip.c that writes, and its look at zips of others */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "tests/support/zip_example.h"

#define UPDATER "META-INF/com/google/android/updater-script"

static struct dfota_manifest manifest;
static struct dfota_zip package;
static struct dfota_fault fault;
static struct dfota_buffer good;

static int make_good(void **state)
{
    (void)state;
    zip_example_manifest(&manifest);
    assert_int_equal(
        dfota_zip_write(&manifest, zip_example_deltas, &good, &fault),
        DFOTA_OK);
    return 0;
}

static int free_good(void **state)
{
    (void)state;
    dfota_buffer_free(&good);
    return 0;
}

static void writes_the_same_bytes_at_any_place_and_time(void **state)
{
    static const char *const zones[] = {"UTC", "XXX-14", "XXX+12",
                                        ":America/New_York"};

    (void)state;
    for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
        struct dfota_buffer again = {0};

        assert_int_equal(setenv("TZ", zones[i], 1), 0);
        tzset();
        assert_int_equal(
            dfota_zip_write(&manifest, zip_example_deltas, &again, &fault),
            DFOTA_OK);
        assert_int_equal(again.size, good.size);
        assert_memory_equal(again.data, good.data, good.size);
        assert_int_equal(
            dfota_zip_read(dfota_buffer_view(&again), &package, &fault),
            DFOTA_OK);
        dfota_buffer_free(&again);
    }
}

static void does_not_write_deltas_of_other_sizes(void **state)
{
    struct dfota_view deltas[2] = {zip_example_deltas[0],
                                   zip_example_deltas[0]};
    struct dfota_buffer out = {0};

    (void)state;
    assert_int_equal(dfota_zip_write(&manifest, deltas, &out, &fault),
                     DFOTA_ERR_USAGE);
    assert_int_equal(out.size, 0);
}

static void does_not_write_what_zip64_would_be_needed_for(void **state)
{
    struct dfota_view deltas[2] = {zip_example_deltas[0],
                                   zip_example_deltas[1]};
    struct dfota_manifest big = manifest;
    struct dfota_buffer out = {0};

    (void)state;
    /* Refused by its size, before a byte is looked at. */
    deltas[0].size = UINT32_MAX - 200;
    big.partitions[0].delta.size = deltas[0].size;
    assert_int_equal(dfota_zip_write(&big, deltas, &out, &fault),
                     DFOTA_ERR_LIMIT);
    assert_string_equal(fault.rule, "ZIP-21");
    assert_int_equal(out.size, 0);
}

static void appends_within_the_limit_of_the_buffer(void **state)
{
    struct dfota_buffer out = {.limit = good.size + 2};

    (void)state;
    dfota_buffer_add(&out, "abc", 3);
    assert_int_equal(
        dfota_zip_write(&manifest, zip_example_deltas, &out, &fault),
        DFOTA_ERR_LIMIT);
    assert_int_equal(out.size, 3);
    dfota_buffer_free(&out);
}

static void a_delta_may_be_empty(void **state)
{
    struct dfota_view deltas[2] = {zip_example_deltas[0], {NULL, 0}};
    struct dfota_manifest other = manifest;
    struct dfota_buffer out = {0};

    (void)state;
    assert_int_equal(dfota_digest(NULL, 0, &other.partitions[1].delta, NULL),
                     DFOTA_OK);
    assert_int_equal(dfota_zip_write(&other, deltas, &out, &fault), DFOTA_OK);
    assert_int_equal(dfota_zip_read(dfota_buffer_view(&out), &package, &fault),
                     DFOTA_OK);
    assert_int_equal(package.deltas[1].bytes.size, 0);
    dfota_buffer_free(&out);
}

/* There is no entry for it, whichever of the two it is. */
static void an_unchanged_partition_has_no_delta(void **state)
{
    (void)state;
    for (size_t kept = 0; kept < 2; kept++) {
        struct dfota_view deltas[2] = {zip_example_deltas[0],
                                       zip_example_deltas[1]};
        struct dfota_manifest other = manifest;
        struct dfota_manifest_partition *p = &other.partitions[kept];
        struct dfota_buffer out = {0};

        *p = (struct dfota_manifest_partition){.unchanged = true};
        strcpy(p->name, "kept");
        deltas[kept] = (struct dfota_view){0};
        assert_int_equal(dfota_zip_write(&other, deltas, &out, &fault),
                         DFOTA_OK);
        assert_int_equal(
            dfota_zip_read(dfota_buffer_view(&out), &package, &fault),
            DFOTA_OK);
        assert_true(package.manifest.partitions[kept].unchanged);
        assert_int_equal(package.deltas[kept].bytes.size, 0);
        assert_int_equal(package.deltas[1 - kept].bytes.size,
                         deltas[1 - kept].size);
        assert_memory_equal(package.deltas[1 - kept].bytes.data,
                            deltas[1 - kept].data, deltas[1 - kept].size);
        assert_false(
            dfota_zip_has_entry(dfota_buffer_view(&out), "kept.delta"));
        dfota_buffer_free(&out);
    }
}

/* A zip as another tool might make it. */
static struct dfota_buffer foreign(void)
{
    struct dfota_zip_local first = {.name = UPDATER, .size = 1};
    struct dfota_zip_local second = {.name = "patch/a.diff", .size = 1};
    struct dfota_buffer out = {0};
    struct dfota_buffer tail = {0};
    size_t offset;

    first.name_size = (uint16_t)strlen(first.name);
    second.name_size = (uint16_t)strlen(second.name);
    dfota_zip_add_central(&tail, &first, 0);
    zip_example_add(&out, first.name, "x", 1);
    dfota_zip_add_central(&tail, &second, out.size);
    zip_example_add(&out, second.name, "x", 1);
    offset = out.size;
    dfota_zip_add_end(&tail, 2, offset);
    dfota_buffer_add(&out, tail.data, tail.size);
    dfota_buffer_free(&tail);
    return out;
}

static void recognises_entries_of_a_foreign_zip(void **state)
{
    struct dfota_buffer file = foreign();
    struct dfota_view view = dfota_buffer_view(&file);

    (void)state;
    assert_true(dfota_zip_has_entry(view, UPDATER));
    assert_false(dfota_zip_has_entry(view, "updater-script"));
    assert_false(dfota_zip_has_entry(view, ""));
    assert_true(dfota_zip_has_suffix(view, ".diff"));
    assert_true(dfota_zip_has_suffix(view, "patch/a.diff"));
    assert_false(dfota_zip_has_suffix(view, "xpatch/a.diff"));
    assert_false(dfota_zip_has_suffix(view, ".dif"));
    assert_int_equal(dfota_zip_read(view, &package, &fault), DFOTA_ERR_FORMAT);
    assert_string_equal(fault.rule, "ZIP-2");
    assert_int_equal(fault.offset, 0);
    view.size--;
    assert_false(dfota_zip_has_suffix(view, ".diff"));
    view.size = 0;
    assert_false(dfota_zip_has_suffix(view, ".diff"));
    dfota_buffer_free(&file);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_same_bytes_at_any_place_and_time),
        cmocka_unit_test(does_not_write_deltas_of_other_sizes),
        cmocka_unit_test(does_not_write_what_zip64_would_be_needed_for),
        cmocka_unit_test(appends_within_the_limit_of_the_buffer),
        cmocka_unit_test(a_delta_may_be_empty),
        cmocka_unit_test(an_unchanged_partition_has_no_delta),
        cmocka_unit_test(recognises_entries_of_a_foreign_zip),
    };

    return cmocka_run_group_tests(tests, make_good, free_good);
}
