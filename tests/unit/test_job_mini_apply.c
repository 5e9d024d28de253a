/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dfota/job_explain.h"
#include "tests/support/flash_example.h"

static struct dfota_fault fault;
static struct dfota_applied applied;
static struct dfota_explained explained;

static enum dfota_error apply(const char *package, const char *old,
                              const char *out)
{
    const struct dfota_apply_request request = {
        .package = package, .old_image = old, .out = out};

    fault = (struct dfota_fault){0};
    return dfota_job_apply(&request, &applied, &fault);
}

/* Applies to "old.img", which must fail and leave "made" as it is. */
static void check_refused(const char *package, enum dfota_error want,
                          const char *rule)
{
    size_t before;

    folder_write("made", "precious", 8);
    before = folder_count(".");
    assert_int_equal(apply(package, "old.img", "made"), want);
    if (rule != NULL)
        assert_string_equal(fault.rule, rule);
    assert_string_equal(fault.input, package);
    folder_check("made", "precious", 8);
    assert_int_equal(folder_count("."), before);
}

static enum dfota_error explain(const char *file)
{
    const struct dfota_explain_request request = {.file = file};

    fault = (struct dfota_fault){0};
    return dfota_job_explain(&request, &explained, &fault);
}

/* --- applying ------------------------------------------------------------ */

static void applies_a_pair_by_any_name(void **state)
{
    static const char *const names[][2] = {{"x.mini_1", "x.mini_2"},
                                           {"x.y.MINI_1", "x.y.MINI_2"},
                                           {".mini_1", ".mini_2"}};
    struct flash_example flash = flash_example_write();

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        flash_make(DFOTA_TYPE_MINI);
        assert_int_equal(rename("out.mini_1", names[i][0]), 0);
        assert_int_equal(rename("out.mini_2", names[i][1]), 0);
        assert_int_equal(apply(names[i][0], "old.img", "made"), DFOTA_OK);
        flash_check("made", &flash);
        assert_int_equal(applied.type, DFOTA_TYPE_MINI);
    }
}

static void asks_for_the_second_file(void **state)
{
    (void)state;
    flash_example_write();
    flash_make(DFOTA_TYPE_MINI);
    assert_int_equal(link("out.mini_1", "renamed"), 0);
    check_refused("renamed", DFOTA_ERR_REFUSED, "PKG-2");
    assert_int_equal(rename("out.mini_2", "elsewhere"), 0);
    check_refused("out.mini_1", DFOTA_ERR_REFUSED, "PKG-2");
    assert_int_equal(mkdir("out.mini_2", 0700), 0);
    check_refused("out.mini_1", DFOTA_ERR_IO, NULL);
    assert_int_equal(fault.os_error, EISDIR);
    check_refused("elsewhere", DFOTA_ERR_FORMAT, "APPLY-2");
}

static void refuses_its_input_as_its_output(void **state)
{
    static const char *const names[] = {"out.mini_1", "./out.mini_2", "old.img",
                                        "hard"};

    (void)state;
    flash_example_write();
    flash_make(DFOTA_TYPE_MINI);
    assert_int_equal(link("out.mini_2", "hard"), 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(apply("out.mini_1", "old.img", names[i]),
                         DFOTA_ERR_REFUSED);
        assert_string_equal(fault.rule, "APPLY-1");
        assert_string_equal(fault.input, names[i]);
    }
}

static void refuses_every_other_flash(void **state)
{
    struct flash_example flash = flash_example_write();

    (void)state;
    flash_make(DFOTA_TYPE_MINI);
    for (size_t i = 0; i < FLASH_PARTS; i++) {
        size_t last = flash_parts[i].at + flash_parts[i].size - 1;

        flash.old[last] ^= 1;
        folder_write("old.img", flash.old, FLASH_SIZE);
        check_refused("out.mini_1", DFOTA_ERR_DIGEST, "MIN-13");
        flash.old[last] ^= 1;
    }
    folder_write("old.img", flash.old, FLASH_SIZE - 1);
    check_refused("out.mini_1", DFOTA_ERR_DIGEST, "MIN-13");
    folder_write("old.img", flash.new, FLASH_SIZE);
    check_refused("out.mini_1", DFOTA_ERR_DIGEST, "MIN-13");
}

static void refuses_a_mixed_pair(void **state)
{
    struct flash_example flash = flash_example_write();

    (void)state;
    flash_make(DFOTA_TYPE_MINI);
    assert_int_equal(rename("out.mini_1", "kept"), 0);
    flash.new[0x5000] ^= 1; /* the delta stays as it is */
    flash_write(&flash);
    flash_make(DFOTA_TYPE_MINI);
    assert_int_equal(rename("kept", "out.mini_1"), 0);
    check_refused("out.mini_1", DFOTA_ERR_DIGEST, "MIN-25");
    assert_string_equal(fault.detail, "in its .mini_2");
    flash.new[0x1000] ^= 1;
    flash_write(&flash);
    assert_int_equal(rename("out.mini_1", "kept"), 0);
    flash_make(DFOTA_TYPE_MINI);
    assert_int_equal(rename("kept", "out.mini_1"), 0);
    check_refused("out.mini_1", DFOTA_ERR_REFUSED, "MIN-24");
}

/* Breaks `path` at `count` places and cuts it there; nothing comes of it. */
static void check_broken(const char *path, size_t count)
{
    struct dfota_buffer file = example_read(path);

    for (size_t i = 0; i < count; i++) {
        size_t at = i * (file.size - 1) / (count - 1);

        folder_write(path, file.data, at);
        assert_true(apply("out.mini_1", "old.img", "made") != DFOTA_OK);
        assert_non_null(fault.rule);
        file.data[at] ^= 0x80;
        folder_write(path, file.data, file.size);
        file.data[at] ^= 0x80;
        assert_true(apply("out.mini_1", "old.img", "made") != DFOTA_OK);
        assert_non_null(fault.rule);
        assert_string_equal(fault.input, "out.mini_1");
        assert_false(folder_has("made"));
    }
    dfota_buffer_add(&file, "", 1);
    folder_write(path, file.data, file.size);
    assert_int_equal(apply("out.mini_1", "old.img", "made"), DFOTA_ERR_CORRUPT);
    folder_write(path, file.data, file.size - 1);
    dfota_buffer_free(&file);
}

static void refuses_broken_bytes_and_truncations_of_either_file(void **state)
{
    struct flash_example flash = flash_example_write();

    (void)state;
    flash_make(DFOTA_TYPE_MINI);
    check_broken("out.mini_1", 300);
    check_broken("out.mini_2", 300);
    assert_int_equal(apply("out.mini_1", "old.img", "made"), DFOTA_OK);
    flash_check("made", &flash);
}

/* --- explaining ---------------------------------------------------------- */

static void check_explained(uint64_t size)
{
    assert_string_equal(explained.kind, "dfota-mini-1");
    assert_int_equal(explained.size, size);
    assert_string_equal(explained.from, FLASH_FROM);
    assert_string_equal(explained.to, FLASH_TO);
    assert_string_equal(explained.family, "lte-standard-a");
    assert_int_equal(explained.delta_count, 1);
    assert_string_equal(explained.deltas[0].partition, "mini");
    assert_int_equal(explained.deltas[0].offset, 2048);
    assert_int_equal(explained.deltas[0].size, size - 2048);
    assert_int_equal(explained.deltas[0].old_size, 0x4000);
    assert_int_equal(explained.deltas[0].new_size, 0x4000);
}

static void explains_a_pair_and_its_first_file_alone(void **state)
{
    struct dfota_buffer first;
    struct dfota_buffer second;

    (void)state;
    flash_example_write();
    flash_make(DFOTA_TYPE_MINI);
    first = example_read("out.mini_1");
    second = example_read("out.mini_2");
    assert_int_equal(explain("out.mini_1"), DFOTA_OK);
    check_explained(first.size);
    assert_int_equal(explained.frame_count, 2);
    assert_int_equal(explained.frames_raw, 0x6000 + 0x2000);
    assert_int_equal(explained.frames_coded, second.size - 44 - 2 * 24);
    dfota_explained_free(&explained);
    assert_int_equal(explain("out.mini_2"), DFOTA_OK);
    assert_string_equal(explained.kind, "dfota-mini-2");
    assert_int_equal(explained.delta_count, 0);
    dfota_explained_free(&explained);
    assert_int_equal(unlink("out.mini_2"), 0);
    assert_int_equal(explain("out.mini_1"), DFOTA_OK);
    check_explained(first.size);
    assert_int_equal(explained.frame_count, 0);
    dfota_explained_free(&explained);
    dfota_buffer_free(&second);
    dfota_buffer_free(&first);
}

static void explains_no_broken_pair(void **state)
{
    struct dfota_buffer file;

    (void)state;
    flash_example_write();
    flash_make(DFOTA_TYPE_MINI);
    file = example_read("out.mini_2");
    folder_write("out.mini_2", file.data, file.size - 1);
    assert_int_equal(explain("out.mini_1"), DFOTA_ERR_TRUNCATED);
    assert_string_equal(fault.rule, "MIN-19");
    assert_string_equal(fault.input, "out.mini_1");
    dfota_buffer_free(&file);
    file = example_read("out.mini_1");
    assert_int_equal(unlink("out.mini_2"), 0);
    folder_write("out.mini_1", file.data, file.size - 1);
    assert_int_equal(explain("out.mini_1"), DFOTA_ERR_TRUNCATED);
    assert_string_equal(fault.rule, "MIN-15");
    dfota_buffer_free(&file);
}

/* The old image of a package for one partition is that of the flash. */
static void counts_what_the_delta_of_a_partition_does(void **state)
{
    struct dfota_explain_request request = {.file = "out.zip",
                                            .old_image = "old.img"};
    struct flash_example flash = flash_example_write();

    (void)state;
    flash_edit_layout(FLASH_APPS("app"), FLASH_APPS("keep"));
    flash_make(DFOTA_TYPE_DFOTA);
    assert_int_equal(dfota_job_explain(&request, &explained, &fault), DFOTA_OK);
    assert_true(explained.deltas[0].counted);
    assert_int_equal(explained.deltas[0].work.copied +
                         explained.deltas[0].work.literals,
                     0x4000);
    dfota_explained_free(&explained);
    folder_write("old.img", flash.old, 0x4fff);
    assert_int_equal(dfota_job_explain(&request, &explained, &fault),
                     DFOTA_ERR_REFUSED);
    assert_string_equal(fault.rule, "APPLY-3");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(applies_a_pair_by_any_name),
        folder_test(asks_for_the_second_file),
        folder_test(refuses_its_input_as_its_output),
        folder_test(refuses_every_other_flash),
        folder_test(refuses_a_mixed_pair),
        folder_test(refuses_broken_bytes_and_truncations_of_either_file),
        folder_test(explains_a_pair_and_its_first_file_alone),
        folder_test(explains_no_broken_pair),
        folder_test(counts_what_the_delta_of_a_partition_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
