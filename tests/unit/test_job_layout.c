/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/flash_example.h"

static struct dfota_fault fault;
static char input[300]; /* its input, which does not outlive `made` */
static struct dfota_made made;
static struct dfota_applied applied;

static enum dfota_error make(const struct dfota_make_request *request)
{
    fault = (struct dfota_fault){0};
    return dfota_job_make(request, &made, &fault);
}

static enum dfota_error apply(const char *package, const char *old)
{
    const struct dfota_apply_request request = {
        .package = package, .old_image = old, .out = "applied"};

    fault = (struct dfota_fault){0};
    return dfota_job_apply(&request, &applied, &fault);
}

static const struct dfota_make_request plain = {.old_image = "old.img",
                                                .new_image = "new.img",
                                                .out = "out",
                                                .layout = "flash.json",
                                                .type = DFOTA_TYPE_DFOTA};

/* Runs `request`, which must fail and leave the package as it was. */
static void check_refused(const struct dfota_make_request *request,
                          enum dfota_error want, const char *rule)
{
    size_t before;

    folder_write("out.zip", "precious", 8);
    before = folder_count(".");
    assert_int_equal(make(request), want);
    if (rule != NULL)
        assert_string_equal(fault.rule, rule);
    snprintf(input, sizeof(input), "%s",
             fault.input != NULL ? fault.input : "");
    folder_check("out.zip", "precious", 8);
    assert_int_equal(folder_count("."), before);
    dfota_made_free(&made);
}

/* --- one delta a partition ----------------------------------------------- */

static void makes_a_delta_for_each_partition(void **state)
{
    struct flash_example flash = flash_example_write();
    struct dfota_zip *zip = malloc(sizeof(*zip));
    struct dfota_buffer file;

    (void)state;
    assert_non_null(zip);
    assert_int_equal(make(&plain), DFOTA_OK);
    assert_int_equal(made.type, DFOTA_TYPE_DFOTA);
    assert_int_equal(made.file_count, 1);
    assert_int_equal(made.delta_count, FLASH_PARTS);
    assert_int_equal(made.new_size, 0x4000 + 0x6000 + 0x2000);
    file = example_read("out.zip");
    assert_int_equal(dfota_zip_read(dfota_buffer_view(&file), zip, NULL),
                     DFOTA_OK);
    assert_true(zip->manifest.has_identity);
    assert_string_equal(zip->manifest.from.version, FLASH_FROM);
    assert_string_equal(zip->manifest.from.project, "EC200NCNLA");
    assert_string_equal(zip->manifest.to.baseline, "R03");
    assert_int_equal(zip->manifest.partition_count, FLASH_PARTS);
    for (size_t i = 0; i < FLASH_PARTS; i++) {
        const struct dfota_manifest_partition *got =
            &zip->manifest.partitions[i];
        const struct flash_part *want = &flash_parts[i];

        assert_string_equal(got->name, want->name);
        assert_string_equal(made.deltas[i].partition, want->name);
        assert_int_equal(got->address, want->at);
        example_check_digests(&got->old_image, flash.old + want->at,
                              want->size);
        example_check_digests(&got->new_image, flash.new + want->at,
                              want->size);
    }
    dfota_buffer_free(&file);
    free(zip);
    assert_int_equal(apply("out.zip", "old.img"), DFOTA_OK);
    assert_int_equal(applied.type, DFOTA_TYPE_DFOTA);
    flash_check("applied", &flash);
    assert_int_equal(applied.new_image.size, FLASH_SIZE);
    dfota_made_free(&made);
}

static void never_looks_at_what_is_kept(void **state)
{
    struct flash_example flash = flash_example_write();
    struct dfota_buffer first;

    (void)state;
    flash_make(DFOTA_TYPE_DFOTA);
    first = example_read("out.zip");
    for (uint32_t unit = 21; unit < 24; unit++) {
        flash_fill_kept(flash.old, unit);
        flash_fill_kept(flash.new, unit * 5);
        flash_write(&flash);
        flash_make(DFOTA_TYPE_DFOTA);
        folder_check("out.zip", first.data, first.size);
        assert_int_equal(apply("out.zip", "old.img"), DFOTA_OK);
        flash_check("applied", &flash);
    }
    dfota_buffer_free(&first);
}

static void refuses_images_that_differ_only_in_what_is_kept(void **state)
{
    struct flash_example flash = flash_example();

    (void)state;
    memcpy(flash.new, flash.old, FLASH_SIZE);
    flash_fill_kept(flash.new, 99);
    flash_write(&flash);
    check_refused(&plain, DFOTA_ERR_REFUSED, "MAKE-1");
}

/* --- where the layout comes from ----------------------------------------- */

static void finds_the_layout_beside_the_new_image(void **state)
{
    struct flash_example flash = flash_example_write();
    struct dfota_make_request request = plain;

    (void)state;
    assert_int_equal(mkdir("new", 0700), 0);
    folder_write("new/new.img", flash.new, FLASH_SIZE);
    folder_write("new/layout.json", flash_layout, strlen(flash_layout));
    request.layout = NULL;
    request.new_image = "new/new.img";
    assert_int_equal(make(&request), DFOTA_OK);
    assert_string_equal(made.layout, "new/layout.json");
    assert_int_equal(made.delta_count, FLASH_PARTS);
    dfota_made_free(&made);
    /* Not beside the old one. */
    request.old_image = "new/new.img";
    request.new_image = "old.img";
    assert_int_equal(make(&request), DFOTA_OK);
    assert_null(made.layout);
    assert_string_equal(made.images[0].partition, "image");
    dfota_made_free(&made);
    folder_write("layout.json", "{", 1);
    check_refused(&request, DFOTA_ERR_CORRUPT, "LAY-2");
    assert_string_equal(input, "layout.json");
    request.layout = "flash.json"; /* counts for more */
    assert_int_equal(make(&request), DFOTA_OK);
    assert_string_equal(made.layout, "flash.json");
    dfota_made_free(&made);
}

static void a_plain_patch_has_no_layout(void **state)
{
    struct dfota_make_request request = plain;

    (void)state;
    flash_example_write();
    request.type = DFOTA_TYPE_BSDIFF;
    check_refused(&request, DFOTA_ERR_USAGE, "MAKE-6");
    request.layout = NULL;
    folder_write("layout.json", "{", 1); /* not even looked at */
    assert_int_equal(make(&request), DFOTA_OK);
    assert_null(made.layout);
    dfota_made_free(&made);
}

static void reports_a_layout_that_cannot_be_read(void **state)
{
    struct dfota_make_request request = plain;

    (void)state;
    flash_example_write();
    request.layout = "missing";
    check_refused(&request, DFOTA_ERR_IO, NULL);
    assert_int_equal(fault.os_error, ENOENT);
    assert_string_equal(input, "missing");
    flash_edit_layout("\"64K\"", "0");
    check_refused(&plain, DFOTA_ERR_CORRUPT, "LAY-4");
    assert_string_equal(input, "flash.json");
}

static void refuses_images_of_another_size_than_the_flash(void **state)
{
    static const size_t sizes[] = {0, FLASH_SIZE - 1, FLASH_SIZE + 1};
    struct flash_example flash = flash_example_write();
    uint8_t *image = calloc(1, FLASH_SIZE + 1);

    (void)state;
    assert_non_null(image);
    memcpy(image, flash.new, FLASH_SIZE);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct dfota_make_request request = plain;

        folder_write("other.img", image, sizes[i]);
        request.new_image = "other.img";
        check_refused(&request, DFOTA_ERR_REFUSED, "LAY-23");
        assert_string_equal(input, "other.img");
        assert_int_equal(fault.offset,
                         sizes[i] < FLASH_SIZE ? sizes[i] : FLASH_SIZE);
        request.new_image = "new.img";
        request.old_image = "other.img";
        check_refused(&request, DFOTA_ERR_REFUSED, "LAY-23");
        assert_string_equal(input, "other.img");
    }
    free(image);
}

/* --- what does not make the new flash ------------------------------------ */

/* Puts the package "other.zip" in the place of the one that was written. */
static void swap(void *context, const char *step, uint64_t done, uint64_t total)
{
    struct dfota_buffer other;
    char name[64];

    (void)context;
    (void)done;
    (void)total;
    if (strcmp(step, "proving") != 0)
        return;
    other = example_read("other.zip");
    snprintf(name, sizeof(name), ".dfota-%ld-0", (long)getpid());
    folder_write(name, other.data, other.size);
    dfota_buffer_free(&other);
}

/* Makes "other.zip" of `new`, sound in itself, which must not be let out. */
static void check_swapped(const char *new, const char *layout)
{
    const struct dfota_make_request other = {.old_image = "old.img",
                                             .new_image = new,
                                             .out = "other",
                                             .layout = layout,
                                             .type = DFOTA_TYPE_DFOTA};
    struct dfota_make_request request = plain;

    assert_int_equal(make(&other), DFOTA_OK);
    dfota_made_free(&made);
    request.progress.report = swap;
    check_refused(&request, DFOTA_ERR_REFUSED, "MAKE-4");
    assert_string_equal(fault.detail, "other bytes");
}

static void
lets_out_only_what_makes_the_new_flash_and_nothing_else(void **state)
{
    struct flash_example flash = flash_example_write();

    (void)state;
    folder_write("short.img", flash.old, 0x1000); /* what is kept, alone */
    check_swapped("short.img", NULL);
    flash.new[0x5000] ^= 1;
    folder_write("other.img", flash.new, FLASH_SIZE);
    check_swapped("other.img", "flash.json");
    /* What is kept behind the parts. */
    flash_edit_layout("\"12K\", \"role\": \"keep\"",
                      "\"12K\", \"role\": \"app\"");
    assert_int_equal(rename("flash.json", "more.json"), 0);
    folder_write("flash.json", flash_layout, strlen(flash_layout));
    check_swapped("new.img", "more.json");
}

/* --- applying ------------------------------------------------------------ */

/* Applies, which must fail and make no file. */
static void check_unapplied(const char *package, const char *old,
                            enum dfota_error want, const char *rule)
{
    size_t before = folder_count(".");

    assert_int_equal(apply(package, old), want);
    assert_string_equal(fault.rule, rule);
    assert_string_equal(fault.input, package);
    assert_int_equal(folder_count("."), before);
}

static void refuses_a_flash_that_ends_before_a_partition(void **state)
{
    struct flash_example flash = flash_example_write();

    (void)state;
    flash_make(DFOTA_TYPE_DFOTA);
    folder_write("short", flash.old, 0xd000 - 1);
    check_unapplied("out.zip", "short", DFOTA_ERR_REFUSED, "APPLY-3");
    assert_string_equal(fault.detail, "data");
    folder_write("short", flash.old, 0);
    check_unapplied("out.zip", "short", DFOTA_ERR_REFUSED, "APPLY-3");
    /* What comes behind the last partition does not matter. */
    folder_write("short", flash.old, 0xd000);
    assert_int_equal(apply("out.zip", "short"), DFOTA_OK);
    assert_int_equal(applied.new_image.size, 0xd000);
}

static void refuses_a_partition_that_is_another(void **state)
{
    struct flash_example flash = flash_example_write();

    (void)state;
    flash_make(DFOTA_TYPE_DFOTA);
    for (size_t i = 0; i < FLASH_PARTS; i++) {
        size_t last = flash_parts[i].at + flash_parts[i].size - 1;

        flash.old[last] ^= 1;
        folder_write("other", flash.old, FLASH_SIZE);
        check_unapplied("out.zip", "other", DFOTA_ERR_DIGEST, "DLT-14");
        flash.old[last] ^= 1;
    }
}

static void move_beyond(struct dfota_zip *zip)
{
    zip->manifest.partitions[0].address = 0xffffff00;
}

/* The name of an image without layout, but an address as well. */
static void call_it_image(struct dfota_zip *zip)
{
    strcpy(zip->manifest.partitions[0].name, "image");
    move_beyond(zip);
}

static void move_to_the_end(struct dfota_zip *zip)
{
    zip->manifest.partitions[2].address = FLASH_SIZE - 0x2000 + 1;
}

static void refuses_addresses_beyond_the_flash(void **state)
{
    static void (*const edits[])(struct dfota_zip *) = {
        move_beyond, call_it_image, move_to_the_end};

    (void)state;
    flash_example_write();
    flash_make(DFOTA_TYPE_DFOTA);
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        example_edit("out.zip", "moved.zip", edits[i]);
        check_unapplied("moved.zip", "old.img", DFOTA_ERR_REFUSED, "APPLY-3");
        assert_int_equal(unlink("moved.zip"), 0);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(makes_a_delta_for_each_partition),
        folder_test(never_looks_at_what_is_kept),
        folder_test(refuses_images_that_differ_only_in_what_is_kept),
        folder_test(finds_the_layout_beside_the_new_image),
        folder_test(a_plain_patch_has_no_layout),
        folder_test(reports_a_layout_that_cannot_be_read),
        folder_test(refuses_images_of_another_size_than_the_flash),
        folder_test(lets_out_only_what_makes_the_new_flash_and_nothing_else),
        folder_test(refuses_a_flash_that_ends_before_a_partition),
        folder_test(refuses_a_partition_that_is_another),
        folder_test(refuses_addresses_beyond_the_flash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
