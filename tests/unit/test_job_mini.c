/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/flash_example.h"

static struct dfota_fault fault;
static struct dfota_made made;

static enum dfota_error make(const struct dfota_make_request *request)
{
    fault = (struct dfota_fault){0};
    return dfota_job_make(request, &made, &fault);
}

static const struct dfota_make_request plain = {.old_image = "old.img",
                                                .new_image = "new.img",
                                                .out = "out",
                                                .layout = "flash.json"};

static void makes_both_files_and_says_what_it_made(void **state)
{
    struct flash_example flash = flash_example_write();

    (void)state;
    assert_int_equal(make(&plain), DFOTA_OK);
    assert_int_equal(made.type, DFOTA_TYPE_MINI); /* by M08 */
    assert_string_equal(made.from, FLASH_FROM);
    assert_string_equal(made.to, FLASH_TO);
    assert_string_equal(made.layout, "flash.json");
    assert_int_equal(made.file_count, 2);
    assert_string_equal(made.files[0].path, "out.mini_1");
    assert_string_equal(made.files[1].path, "out.mini_2");
    for (size_t i = 0; i < 2; i++) {
        struct dfota_buffer file = example_read(made.files[i].path);

        example_check_digests(&made.files[i].digests, file.data, file.size);
        made.package_size -= file.size;
        dfota_buffer_free(&file);
    }
    assert_int_equal(made.package_size, 0);
    assert_int_equal(made.image_count, FLASH_PARTS);
    for (size_t i = 0; i < FLASH_PARTS; i++) {
        const struct flash_part *part = &flash_parts[i];

        assert_string_equal(made.images[i].partition, part->name);
        example_check_digests(&made.images[i].old_image, flash.old + part->at,
                              part->size);
        example_check_digests(&made.images[i].new_image, flash.new + part->at,
                              part->size);
    }
    assert_int_equal(made.new_size, 0x4000 + 0x6000 + 0x2000);
    assert_int_equal(made.delta_count, 1);
    assert_string_equal(made.deltas[0].partition, "mini");
    assert_int_equal(made.warning_count, 0);
    assert_int_equal(folder_count("."), 5);
    flash_check_pair(&flash);
    dfota_made_free(&made);
    dfota_made_free(&made);
}

static void names_both_files_after_their_stem(void **state)
{
    static const char *const names[][2] = {{"a", "a"},
                                           {"a.mini_1", "a"},
                                           {"a.MINI_1", "a"},
                                           {"a.mini", "a.mini"},
                                           {"a.zip", "a.zip"}};

    (void)state;
    flash_example_write();
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct dfota_make_request request = plain;
        size_t stem = strlen(names[i][1]);

        request.out = names[i][0];
        assert_int_equal(make(&request), DFOTA_OK);
        for (size_t k = 0; k < 2; k++) {
            const char *path = made.files[k].path;

            assert_int_equal(strlen(path), stem + 7);
            assert_memory_equal(path, names[i][1], stem);
            assert_string_equal(path + stem, k == 0 ? ".mini_1" : ".mini_2");
            assert_int_equal(unlink(path), 0);
        }
        dfota_made_free(&made);
    }
    assert_int_equal(folder_count("."), 3);
}

/* Both files of a run, which the caller frees. */
struct pair {
    struct dfota_buffer files[2];
};

static struct pair make_pair(const struct dfota_make_request *request)
{
    struct pair pair;

    assert_int_equal(make(request), DFOTA_OK);
    dfota_made_free(&made);
    pair.files[0] = example_read("out.mini_1");
    pair.files[1] = example_read("out.mini_2");
    return pair;
}

/* The files in the folder are those of `pair`. */
static void check_same(const struct pair *pair)
{
    folder_check("out.mini_1", pair->files[0].data, pair->files[0].size);
    folder_check("out.mini_2", pair->files[1].data, pair->files[1].size);
}

static void free_pair(struct pair *pair)
{
    dfota_buffer_free(&pair->files[0]);
    dfota_buffer_free(&pair->files[1]);
}

static void makes_the_same_bytes_whatever_the_threads(void **state)
{
    static const unsigned threads[] = {1, 2, 0, 64};
    struct dfota_make_request request = plain;
    struct pair first;

    (void)state;
    flash_example_write();
    request.threads = 1;
    first = make_pair(&request);
    for (size_t i = 0; i < sizeof(threads) / sizeof(threads[0]); i++) {
        request.threads = threads[i];
        assert_int_equal(make(&request), DFOTA_OK);
        dfota_made_free(&made);
        check_same(&first);
    }
    free_pair(&first);
}

static void never_looks_at_what_is_kept(void **state)
{
    struct flash_example flash = flash_example_write();
    struct pair first;

    (void)state;
    first = make_pair(&plain);
    for (uint32_t unit = 21; unit < 24; unit++) {
        flash_fill_kept(flash.old, unit);
        flash_fill_kept(flash.new, unit * 5);
        flash_write(&flash);
        assert_int_equal(make(&plain), DFOTA_OK);
        dfota_made_free(&made);
        check_same(&first);
        flash_check_pair(&flash);
    }
    free_pair(&first);
}

static void keeps_to_codec_and_memory(void **state)
{
    static const struct {
        enum dfota_codec_choice codec;
        uint64_t ram;
    } cases[] = {{DFOTA_CODEC_STORED, 0},     {DFOTA_CODEC_ZLIB, 0},
                 {DFOTA_CODEC_LZMA, 1 << 20}, {DFOTA_CODEC_MIXED, 0},
                 {DFOTA_CODEC_AUTO, 4096},    {DFOTA_CODEC_AUTO, 60000}};
    struct flash_example flash = flash_example_write();

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_make_request request = plain;

        request.codec = cases[i].codec;
        request.ram = cases[i].ram;
        assert_int_equal(make(&request), DFOTA_OK);
        assert_true(cases[i].ram == 0 || made.deltas[0].ram <= cases[i].ram);
        dfota_made_free(&made);
        flash_check_pair(&flash);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(makes_both_files_and_says_what_it_made),
        folder_test(names_both_files_after_their_stem),
        folder_test(makes_the_same_bytes_whatever_the_threads),
        folder_test(never_looks_at_what_is_kept),
        folder_test(keeps_to_codec_and_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
