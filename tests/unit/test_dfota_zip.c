/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/zip_example.h"

#define UNTOUCHED 0x55
#define MANIFEST  "manifest.json"

static struct dfota_manifest manifest;
static struct dfota_zip package;
static struct dfota_fault fault;

/* The good package, and where its parts begin. */
static struct dfota_buffer good;
static size_t text;    /* the manifest's JSON */
static size_t boot;    /* the local header of boot.delta */
static size_t app;     /* that of app.delta */
static size_t central; /* the central directory */
static size_t end;     /* the end record */

static int make_good(void **state)
{
    (void)state;
    zip_example_manifest(&manifest);
    assert_int_equal(
        dfota_zip_write(&manifest, zip_example_deltas, &good, &fault),
        DFOTA_OK);
    end = good.size - DFOTA_ZIP_END_SIZE;
    central = end - (size_t)3 * DFOTA_ZIP_CENTRAL_SIZE - strlen(MANIFEST) -
              strlen("boot.delta") - strlen("app.delta");
    app = central - DFOTA_ZIP_LOCAL_SIZE - strlen("app.delta") -
          zip_example_deltas[1].size;
    boot = app - DFOTA_ZIP_LOCAL_SIZE - strlen("boot.delta") -
           zip_example_deltas[0].size;
    text = DFOTA_ZIP_LOCAL_SIZE + strlen(MANIFEST);
    return 0;
}

static int free_good(void **state)
{
    (void)state;
    dfota_buffer_free(&good);
    return 0;
}

/* Reads `file`, which must be refused and change nothing. */
static void check_refused(struct dfota_view file, enum dfota_error want,
                          const char *rule, uint64_t offset)
{
    struct dfota_zip before;

    memset(&package, UNTOUCHED, sizeof(package));
    before = package;
    assert_int_equal(dfota_zip_read(file, &package, &fault), want);
    assert_string_equal(fault.rule, rule);
    assert_int_equal(fault.offset, offset);
    assert_memory_equal(&package, &before, sizeof(package));
}

/* The good package with `cut` bytes at `at` replaced by `size` others. */
static struct dfota_buffer spliced(size_t at, size_t cut, const void *bytes,
                                   size_t size)
{
    struct dfota_buffer out = {0};

    dfota_buffer_add(&out, good.data, at);
    dfota_buffer_add(&out, bytes, size);
    dfota_buffer_add(&out, good.data + at + cut, good.size - at - cut);
    assert_int_equal(out.error, DFOTA_OK);
    return out;
}

/* Refuses `file`, and frees it. */
static void check_refused_once(struct dfota_buffer file, const char *rule,
                               uint64_t offset)
{
    check_refused(dfota_buffer_view(&file), DFOTA_ERR_CORRUPT, rule, offset);
    dfota_buffer_free(&file);
}

static void reads_what_it_writes(void **state)
{
    (void)state;
    assert_int_equal(dfota_zip_read(dfota_buffer_view(&good), &package, &fault),
                     DFOTA_OK);
    assert_int_equal(package.manifest.partition_count, 2);
    assert_string_equal(package.manifest.partitions[1].name, "app");
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(package.deltas[i].bytes.size,
                         zip_example_deltas[i].size);
        assert_memory_equal(package.deltas[i].bytes.data,
                            zip_example_deltas[i].data,
                            zip_example_deltas[i].size);
        assert_ptr_equal(package.deltas[i].bytes.data,
                         good.data + package.deltas[i].offset);
    }
    assert_int_equal(package.deltas[1].offset,
                     app + DFOTA_ZIP_LOCAL_SIZE + strlen("app.delta"));
}

static void a_module_finds_the_deltas_by_local_headers(void **state)
{
    struct dfota_cursor cursor = dfota_cursor(good.data, good.size);
    struct dfota_zip_local local;
    static const char *const names[] = {MANIFEST, "boot.delta", "app.delta"};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(dfota_zip_local_read(&cursor, good.size - cursor.left,
                                              &local, &fault),
                         DFOTA_OK);
        assert_true(dfota_zip_local_is(&local, names[i]));
        assert_non_null(dfota_cursor_bytes(&cursor, local.size));
    }
    assert_ptr_equal(cursor.next, good.data + central);
}

static void refuses_every_truncation(void **state)
{
    (void)state;
    for (size_t size = 0; size < good.size; size++)
        check_refused((struct dfota_view){good.data, size}, DFOTA_ERR_TRUNCATED,
                      "ZIP-3", size);
}

/* No byte is free: there is no list of exceptions. */
static void refuses_every_changed_byte(void **state)
{
    static const uint8_t changes[] = {0x01, 0x20, 0x80, 0xff};

    (void)state;
    for (size_t at = 0; at < good.size; at++) {
        for (size_t i = 0; i < sizeof(changes); i++) {
            good.data[at] ^= changes[i];
            assert_int_not_equal(
                dfota_zip_read(dfota_buffer_view(&good), &package, &fault),
                DFOTA_OK);
            assert_non_null(fault.rule);
            assert_true(fault.offset <= good.size);
            good.data[at] ^= changes[i];
        }
    }
}

static void refuses_each_broken_rule(void **state)
{
    const struct {
        const char *rule;
        size_t at;
        uint8_t to;
        enum dfota_error want;
        uint64_t offset;
    } cases[] = {
        {"ZIP-1", 0, 'p', DFOTA_ERR_FORMAT, 0},
        {"ZIP-2", 30, 'M', DFOTA_ERR_FORMAT, 0},
        {"ZIP-2", 26, 12, DFOTA_ERR_FORMAT, 0},
        {"ZIP-5", 6, 1, DFOTA_ERR_CORRUPT, 6},
        {"ZIP-6", boot + 8, 8, DFOTA_ERR_CORRUPT, boot + 8},
        {"ZIP-7", boot + 22, 12, DFOTA_ERR_CORRUPT, boot + 18},
        {"ZIP-8", boot + 28, 1, DFOTA_ERR_CORRUPT, boot + 28},
        {"ZIP-9", boot + 4, 20, DFOTA_ERR_CORRUPT, boot + 4},
        {"ZIP-10", app + 13, 1, DFOTA_ERR_CORRUPT, app + 10},
        {"ZIP-11", app + 30, '/', DFOTA_ERR_CORRUPT, app + 30},
        {"ZIP-13", text, '[', DFOTA_ERR_DIGEST, text},
        {"ZIP-13", 14, good.data[14] ^ 1, DFOTA_ERR_DIGEST, text},
        {"ZIP-14", boot + 30, 'B', DFOTA_ERR_CORRUPT, boot + 30},
        {"ZIP-15", boot + 14, good.data[boot + 14] ^ 1, DFOTA_ERR_CORRUPT,
         boot + 14},
        {"ZIP-16", boot + 40, 'D', DFOTA_ERR_DIGEST, boot + 40},
        {"ZIP-17", central, 'p', DFOTA_ERR_CORRUPT, central},
        {"ZIP-17", central + 3, 4, DFOTA_ERR_CORRUPT, central + 3},
        {"ZIP-18", central + 4, 20, DFOTA_ERR_CORRUPT, central + 4},
        {"ZIP-18", central + 10, 8, DFOTA_ERR_CORRUPT, central + 10},
        {"ZIP-18", central + 30, 1, DFOTA_ERR_CORRUPT, central + 30},
        {"ZIP-18", central + 42, 1, DFOTA_ERR_CORRUPT, central + 42},
        {"ZIP-18", end - 1, 'A', DFOTA_ERR_CORRUPT, end - 1},
        {"ZIP-19", end, 'p', DFOTA_ERR_CORRUPT, end},
        {"ZIP-19", end + 8, 4, DFOTA_ERR_CORRUPT, end + 8},
        {"ZIP-19", end + 20, 1, DFOTA_ERR_CORRUPT, end + 20},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t was = good.data[cases[i].at];

        good.data[cases[i].at] = cases[i].to;
        check_refused(dfota_buffer_view(&good), cases[i].want, cases[i].rule,
                      cases[i].offset);
        good.data[cases[i].at] = was;
    }
}

static void refuses_bytes_where_none_belong(void **state)
{
    struct dfota_buffer comment = spliced(good.size, 0, "x", 1);

    (void)state;
    comment.data[end + 20] = 1;
    check_refused_once(comment, "ZIP-19", end + 20);
    check_refused_once(spliced(good.size, 0, "x", 1), "ZIP-20", good.size);
    check_refused_once(spliced(boot, 0, "x", 1), "ZIP-4", boot);
    check_refused_once(spliced(central, 0, "x", 1), "ZIP-17", central);
    check_refused_once(spliced(end, 0, "PK\6\6", 4), "ZIP-19", end + 2);
    comment = spliced(0, 0, "x", 1);
    check_refused(dfota_buffer_view(&comment), DFOTA_ERR_FORMAT, "ZIP-1", 0);
    dfota_buffer_free(&comment);
}

static void refuses_missing_surplus_doubled_and_swapped_entries(void **state)
{
    struct dfota_buffer swapped = spliced(boot, app - boot, NULL, 0);
    struct dfota_buffer whole = {0};

    (void)state;
    check_refused_once(spliced(app, central - app, NULL, 0), "ZIP-4", app);
    check_refused_once(spliced(app, 0, good.data + boot, app - boot), "ZIP-14",
                       app + 30);
    check_refused_once(spliced(central, 0, good.data + app, central - app),
                       "ZIP-17", central + 2);
    dfota_buffer_add(&whole, swapped.data, boot + central - app);
    dfota_buffer_add(&whole, good.data + boot, app - boot);
    dfota_buffer_add(&whole, good.data + central, good.size - central);
    check_refused_once(whole, "ZIP-14", boot + 30);
    dfota_buffer_free(&swapped);
}

/* A package that begins with this manifest, and ends there. */
static struct dfota_buffer begun(const void *bytes, size_t size)
{
    struct dfota_buffer out = {0};

    zip_example_add(&out, MANIFEST, bytes, size);
    return out;
}

static void refuses_a_manifest_over_the_limit(void **state)
{
    uint8_t *bytes = calloc(1, DFOTA_MANIFEST_TEXT_MAX + 1);
    struct dfota_buffer file;

    (void)state;
    assert_non_null(bytes);
    file = begun(bytes, DFOTA_MANIFEST_TEXT_MAX + 1);
    check_refused(dfota_buffer_view(&file), DFOTA_ERR_LIMIT, "ZIP-12", text);
    dfota_buffer_free(&file);
    free(bytes);
}

static void says_where_in_the_file_the_manifest_is_wrong(void **state)
{
    static const struct {
        const char *rule;
        const char *manifest;
        enum dfota_error want;
        uint64_t offset; /* in the manifest */
    } cases[] = {
        {"MAN-2", "{} x", DFOTA_ERR_CORRUPT, 4},
        {"MAN-3", "{}", DFOTA_ERR_FORMAT, 0},
        {"MAN-4", "{\"format\": \"dfota\", \"version\": 2}",
         DFOTA_ERR_UNSUPPORTED, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_buffer file =
            begun(cases[i].manifest, strlen(cases[i].manifest));

        check_refused(dfota_buffer_view(&file), cases[i].want, cases[i].rule,
                      text + cases[i].offset);
        assert_int_not_equal(
            dfota_zip_read(dfota_buffer_view(&file), &package, NULL), DFOTA_OK);
        dfota_buffer_free(&file);
    }
}

static void refuses_deltas_other_than_the_manifest_says(void **state)
{
    struct dfota_manifest other = manifest;
    struct dfota_buffer file = {0};

    (void)state;
    other.partitions[0].delta.crc32 ^= 1;
    assert_int_equal(dfota_zip_write(&other, zip_example_deltas, &file, &fault),
                     DFOTA_OK);
    check_refused_once(file, "ZIP-15", boot + 14);

    other = manifest;
    other.partitions[1].delta.sha256[31] ^= 1;
    file = (struct dfota_buffer){0};
    assert_int_equal(dfota_zip_write(&other, zip_example_deltas, &file, &fault),
                     DFOTA_OK);
    check_refused(dfota_buffer_view(&file), DFOTA_ERR_DIGEST, "ZIP-16",
                  app + DFOTA_ZIP_LOCAL_SIZE + strlen("app.delta"));
    dfota_buffer_free(&file);
}

static void refuses_a_file_that_would_need_zip64(void **state)
{
    (void)state;
    /* Refused by its size, before a byte is looked at. */
    check_refused((struct dfota_view){good.data, UINT32_MAX}, DFOTA_ERR_LIMIT,
                  "ZIP-21", UINT32_MAX);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_it_writes),
        cmocka_unit_test(a_module_finds_the_deltas_by_local_headers),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(refuses_every_changed_byte),
        cmocka_unit_test(refuses_each_broken_rule),
        cmocka_unit_test(refuses_bytes_where_none_belong),
        cmocka_unit_test(refuses_missing_surplus_doubled_and_swapped_entries),
        cmocka_unit_test(refuses_a_manifest_over_the_limit),
        cmocka_unit_test(says_where_in_the_file_the_manifest_is_wrong),
        cmocka_unit_test(refuses_deltas_other_than_the_manifest_says),
        cmocka_unit_test(refuses_a_file_that_would_need_zip64),
    };

    return cmocka_run_group_tests(tests, make_good, free_good);
}
