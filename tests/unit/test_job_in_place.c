/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dfota/job_explain.h"
#include "format/mini.h"
#include "tests/support/flash_example.h"

static struct dfota_fault fault;
static struct dfota_made made;

/* Makes "out.zip" for the example's flash with `fields` more. */
static enum dfota_error make(const char *fields, enum dfota_codec_choice codec)
{
    const struct dfota_make_request request = {.old_image = "old.img",
                                               .new_image = "new.img",
                                               .out = "out",
                                               .layout = "flash.json",
                                               .type = DFOTA_TYPE_DFOTA,
                                               .codec = codec};
    char sector[200];

    snprintf(sector, sizeof(sector), "\"sector\": 4096%s", fields);
    flash_edit_layout("\"sector\": 4096", sector);
    fault = (struct dfota_fault){0};
    return dfota_job_make(&request, &made, &fault);
}

static void assert_refused(const char *fields, enum dfota_codec_choice codec,
                           const char *rule)
{
    assert_int_equal(make(fields, codec), DFOTA_ERR_LIMIT);
    assert_string_equal(fault.rule, rule);
    assert_int_equal(access("out.zip", F_OK), -1);
    dfota_made_free(&made);
}

/* The package "out.zip"; the caller frees both. */
static struct dfota_zip *read_package(struct dfota_buffer *file)
{
    struct dfota_zip *zip = malloc(sizeof(*zip));

    assert_non_null(zip);
    *file = example_read("out.zip");
    assert_int_equal(dfota_zip_read(dfota_buffer_view(file), zip, NULL),
                     DFOTA_OK);
    return zip;
}

static enum dfota_error apply(const char *package)
{
    const struct dfota_apply_request request = {
        .package = package, .old_image = "old.img", .out = "applied"};
    struct dfota_applied applied;

    fault = (struct dfota_fault){0};
    return dfota_job_apply(&request, &applied, &fault);
}

static void is_in_place_where_scratch_and_storage_are_given(void **state)
{
    struct flash_example flash = flash_example_write();
    struct dfota_buffer file;
    struct dfota_zip *zip;

    (void)state;
    assert_int_equal(
        make(", \"scratch\": \"8K\", \"storage\": \"64K\"", DFOTA_CODEC_AUTO),
        DFOTA_OK);
    zip = read_package(&file);
    for (size_t i = 0; i < FLASH_PARTS; i++) {
        const struct dfota_manifest_order *order =
            &zip->manifest.partitions[i].order;
        const struct dfota_in_place_use *use = &made.deltas[i].use;

        assert_true(order->in_place);
        assert_int_equal(order->sector, 4096);
        assert_int_equal(order->scratch, 8192);
        assert_int_equal(use->sector, 4096);
        assert_int_equal(use->segment % 4096, 0);
        assert_in_range(use->scratch, use->segment, 8192);
        assert_int_equal(use->segments,
                         (flash_parts[i].size + use->segment - 1) /
                             use->segment);
    }
    assert_int_equal(apply("out.zip"), DFOTA_OK);
    flash_check("applied", &flash);
    dfota_buffer_free(&file);
    free(zip);
    dfota_made_free(&made);
}

static void is_beside_old_where_one_of_both_is_missing(void **state)
{
    static const char *const fields[] = {", \"scratch\": \"8K\"",
                                         ", \"storage\": \"64K\""};

    (void)state;
    flash_example_write();
    for (size_t i = 0; i < 2; i++) {
        struct dfota_buffer file;
        struct dfota_zip *zip;

        assert_int_equal(make(fields[i], DFOTA_CODEC_AUTO), DFOTA_OK);
        zip = read_package(&file);
        assert_false(zip->manifest.partitions[0].order.in_place);
        assert_int_equal(made.deltas[0].use.segment, 0);
        dfota_buffer_free(&file);
        free(zip);
        dfota_made_free(&made);
    }
}

static void minifota_is_never_in_place(void **state)
{
    struct flash_example flash = flash_example_write();
    struct dfota_buffer file;
    struct dfota_zip *zip;
    struct dfota_mini_header header = {0};

    (void)state;
    flash_edit_layout("\"sector\": 4096", "\"sector\": 4096, \"scratch\":"
                                          " 8192, \"storage\": \"64K\"");
    flash_make(DFOTA_TYPE_MINI);
    flash_check_pair(&flash);
    flash_make(DFOTA_TYPE_DFOTA);
    zip = read_package(&file);
    assert_int_equal(
        dfota_mini_set_delta(&header, zip->deltas[0].bytes, &fault),
        DFOTA_ERR_UNSUPPORTED);
    assert_string_equal(fault.rule, "DLT-35");
    dfota_buffer_free(&file);
    free(zip);
}

static void refuses_what_cannot_be_written_in_place(void **state)
{
    (void)state;
    flash_example_write();
    assert_refused(", \"scratch\": \"8K\", \"storage\": \"64K\"",
                   DFOTA_CODEC_LZMA, "MAKE-11");
    assert_refused(", \"scratch\": \"32M\", \"storage\": \"64K\"",
                   DFOTA_CODEC_AUTO, "MAKE-11");
    assert_refused(", \"scratch\": \"8K\", \"storage\": 1000", DFOTA_CODEC_AUTO,
                   "MAKE-12");
}

static void refuses_a_scratch_area_of_odd_bytes(void **state)
{
    (void)state;
    flash_example_write();
    flash_edit_layout("\"sector\": 4096", "\"sector\": 128, \"scratch\": 384,"
                                          " \"storage\": \"64K\"");
    assert_int_equal(
        dfota_job_make(&(struct dfota_make_request){.old_image = "old.img",
                                                    .new_image = "new.img",
                                                    .out = "out",
                                                    .layout = "flash.json",
                                                    .type = DFOTA_TYPE_DFOTA},
                       &made, &fault),
        DFOTA_ERR_LIMIT);
    assert_string_equal(fault.rule, "MAKE-11");
    dfota_made_free(&made);
}

static void say_beside(struct dfota_zip *zip)
{
    zip->manifest.partitions[1].order = (struct dfota_manifest_order){0};
}

static void say_less_scratch(struct dfota_zip *zip)
{
    zip->manifest.partitions[1].order.scratch = 4096;
}

static void say_larger_sectors(struct dfota_zip *zip)
{
    zip->manifest.partitions[1].order.sector = 16384;
}

static void refuses_another_order_than_the_deltas(void **state)
{
    static void (*const edits[])(struct dfota_zip *) = {
        say_beside, say_less_scratch, say_larger_sectors};

    (void)state;
    flash_example_write();
    assert_int_equal(
        make(", \"scratch\": \"8K\", \"storage\": \"64K\"", DFOTA_CODEC_AUTO),
        DFOTA_OK);
    dfota_made_free(&made);
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        example_edit("out.zip", "edited.zip", edits[i]);
        assert_int_equal(apply("edited.zip"), DFOTA_ERR_CORRUPT);
        assert_string_equal(fault.rule, "PKG-1");
        assert_string_equal(fault.detail, "the order of app");
    }
}

static void says_what_a_package_takes_of_the_flash(void **state)
{
    const struct dfota_explain_request request = {.file = "out.zip"};
    struct dfota_explained told = {0};

    (void)state;
    flash_example_write();
    assert_int_equal(
        make(", \"scratch\": \"4K\", \"storage\": \"64K\"", DFOTA_CODEC_AUTO),
        DFOTA_OK);
    assert_int_equal(dfota_job_explain(&request, &told, NULL), DFOTA_OK);
    assert_int_equal(told.deltas[1].use.segment, 4096);
    assert_int_equal(told.deltas[1].use.segments, 6);
    assert_int_equal(told.deltas[1].use.stash, 0);
    assert_int_equal(made.deltas[1].use.segments, 6);
    dfota_explained_free(&told);
    dfota_made_free(&made);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(is_in_place_where_scratch_and_storage_are_given),
        folder_test(is_beside_old_where_one_of_both_is_missing),
        folder_test(minifota_is_never_in_place),
        folder_test(refuses_what_cannot_be_written_in_place),
        folder_test(refuses_a_scratch_area_of_odd_bytes),
        folder_test(refuses_another_order_than_the_deltas),
        folder_test(says_what_a_package_takes_of_the_flash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
