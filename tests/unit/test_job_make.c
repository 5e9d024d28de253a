/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dfota/job_apply.h"
#include "tests/support/job_example.h"

#define PATIENCE 30 /* seconds, for a slow machine under a sanitizer */

static struct dfota_fault fault;
static struct dfota_made made;

static enum dfota_error make(const struct dfota_make_request *request)
{
    fault = (struct dfota_fault){0};
    return dfota_job_make(request, &made, &fault);
}

/* Applies "out.zip" to "old", which must give exactly the bytes of "new". */
static void check_package(void)
{
    const struct dfota_apply_request request = {
        .package = made.files[0].path, .old_image = "old", .out = "applied"};
    struct dfota_buffer new = example_read("new");
    struct dfota_applied applied;

    assert_int_equal(dfota_job_apply(&request, &applied, &fault), DFOTA_OK);
    assert_int_equal(applied.type, made.type);
    assert_int_equal(applied.ram, made.deltas[0].ram);
    example_check_digests(&applied.new_image, new.data, new.size);
    folder_check("applied", new.data, new.size);
    dfota_buffer_free(&new);
    assert_int_equal(unlink("applied"), 0);
}

static const struct dfota_make_request plain = {
    .old_image = "old", .new_image = "new", .out = "out.zip"};

static void makes_a_package_and_says_what_it_made(void **state)
{
    struct job_example images = example_write();
    struct dfota_buffer package;

    (void)state;
    assert_int_equal(make(&plain), DFOTA_OK);
    package = example_read("out.zip");
    assert_int_equal(made.type, DFOTA_TYPE_DFOTA);
    assert_string_equal(made.files[0].path, "out.zip");
    example_check_digests(&made.files[0].digests, package.data, package.size);
    example_check_digests(&made.images[0].old_image, images.old,
                          EXAMPLE_OLD_SIZE);
    example_check_digests(&made.images[0].new_image, images.new,
                          EXAMPLE_NEW_SIZE);
    assert_string_equal(made.deltas[0].partition, "image");
    assert_in_range(made.deltas[0].size, 40, package.size - 1);
    assert_in_range(made.deltas[0].ram, 1, 256 << 10);
    assert_in_range(package.size, 1, EXAMPLE_NEW_SIZE - 1);
    assert_true(made.seconds >= 0);
    assert_string_equal(made.from, "");
    assert_string_equal(made.to, "");
    assert_null(made.layout);
    assert_int_equal(made.warning_count, 1); /* of no identity */
    assert_int_equal(folder_count("."), 3);
    check_package();
    dfota_buffer_free(&package);
    dfota_made_free(&made);
    dfota_made_free(&made);
}

static void makes_packages_of_every_codec_and_type(void **state)
{
    static const struct {
        enum dfota_package_type type;
        enum dfota_codec_choice codec;
        const char *name; /* NULL: any */
    } cases[] = {
        {DFOTA_TYPE_AUTO, DFOTA_CODEC_AUTO, NULL},
        {DFOTA_TYPE_DFOTA, DFOTA_CODEC_STORED, "stored"},
        {DFOTA_TYPE_DFOTA, DFOTA_CODEC_ZLIB, NULL},
        {DFOTA_TYPE_DFOTA, DFOTA_CODEC_LZMA, NULL},
        {DFOTA_TYPE_BSDIFF, DFOTA_CODEC_AUTO, "bzip2"},
    };

    (void)state;
    example_write();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_make_request request = plain;

        request.type = cases[i].type;
        request.codec = cases[i].codec;
        assert_int_equal(make(&request), DFOTA_OK);
        if (cases[i].name != NULL)
            assert_string_equal(made.deltas[0].codec, cases[i].name);
        check_package();
        dfota_made_free(&made);
    }
}

static void names_the_package_as_its_type_asks(void **state)
{
    static const struct {
        const char *out;
        enum dfota_package_type type;
        const char *want;
    } cases[] = {
        {"a.zip", DFOTA_TYPE_AUTO, "a.zip"},
        {"a.ZIP", DFOTA_TYPE_DFOTA, "a.ZIP"},
        {"a.bin", DFOTA_TYPE_DFOTA, "a.bin"},
        {"a", DFOTA_TYPE_DFOTA, "a.zip"},
        {"zip", DFOTA_TYPE_DFOTA, "zip.zip"},
        {"a.zipped", DFOTA_TYPE_DFOTA, "a.zipped.zip"},
        {"v1.2", DFOTA_TYPE_DFOTA, "v1.2.zip"},
        {"./x.mini_1/a", DFOTA_TYPE_DFOTA, "./x.mini_1/a.zip"},
        {"mini", DFOTA_TYPE_DFOTA, "mini.zip"},
        {"a.mini_1.zip", DFOTA_TYPE_DFOTA, "a.mini_1.zip"},
        {"a", DFOTA_TYPE_BSDIFF, "a"},
        {"a.patch", DFOTA_TYPE_BSDIFF, "a.patch"},
    };

    (void)state;
    example_write();
    assert_int_equal(mkdir("x.mini_1", 0700), 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct dfota_make_request request = plain;

        request.out = cases[i].out;
        request.type = cases[i].type;
        assert_int_equal(make(&request), DFOTA_OK);
        assert_string_equal(made.files[0].path, cases[i].want);
        assert_int_equal(unlink(cases[i].want), 0);
        dfota_made_free(&made);
    }
}

static void makes_the_same_bytes_every_time(void **state)
{
    static const enum dfota_package_type types[] = {DFOTA_TYPE_DFOTA,
                                                    DFOTA_TYPE_BSDIFF};
    static const unsigned threads[] = {2, 1, 0, 64, 1000};
    struct dfota_buffer first;

    (void)state;
    example_write();
    for (size_t t = 0; t < sizeof(types) / sizeof(types[0]); t++) {
        struct dfota_make_request request = plain;

        request.type = types[t];
        request.threads = 1;
        assert_int_equal(make(&request), DFOTA_OK);
        dfota_made_free(&made);
        first = example_read("out.zip");
        for (size_t i = 0; i < sizeof(threads) / sizeof(threads[0]); i++) {
            request.threads = threads[i];
            assert_int_equal(make(&request), DFOTA_OK);
            dfota_made_free(&made);
            folder_check("out.zip", first.data, first.size);
        }
        dfota_buffer_free(&first);
    }
}

static void makes_packages_of_the_smallest_images(void **state)
{
    static const char *const images[] = {"", "a", "b", "ab", "abc", "abcdef"};
    enum { COUNT = sizeof(images) / sizeof(images[0]) };

    (void)state;
    for (size_t i = 0; i < (size_t)COUNT * COUNT * 2; i++) {
        struct dfota_make_request request = plain;
        const char *old = images[i / 2 % COUNT];
        const char *new = images[i / 2 / COUNT];

        folder_write("old", old, strlen(old));
        folder_write("new", new, strlen(new));
        request.allow_same = true;
        request.type = i % 2 == 0 ? DFOTA_TYPE_DFOTA : DFOTA_TYPE_BSDIFF;
        assert_int_equal(make(&request), DFOTA_OK);
        check_package();
        dfota_made_free(&made);
    }
}

static void makes_a_package_of_one_long_run(void **state)
{
    enum { SIZE = 16 << 20 };
    uint8_t *image = malloc(SIZE);

    (void)state;
    assert_non_null(image);
    memset(image, 0xff, SIZE);
    folder_write("old", image, SIZE);
    image[SIZE / 3] = 0;
    folder_write("new", image, SIZE);
    free(image);
    assert_int_equal(make(&plain), DFOTA_OK);
    assert_true(made.seconds < PATIENCE);
    assert_in_range(made.files[0].digests.size, 1, 4096);
    check_package();
    dfota_made_free(&made);
}

static void makes_a_package_of_the_same_image_when_that_is_meant(void **state)
{
    struct dfota_make_request request = plain;

    (void)state;
    example_write();
    request.new_image = "old";
    request.allow_same = true;
    assert_int_equal(make(&request), DFOTA_OK);
    assert_int_equal(unlink("new"), 0);
    assert_int_equal(link("old", "new"), 0);
    check_package();
    dfota_made_free(&made);
}

static void follows_a_link_to_its_output(void **state)
{
    char target[8];

    (void)state;
    example_write();
    folder_write("store", "precious", 8);
    assert_int_equal(symlink("store", "out.zip"), 0);
    assert_int_equal(make(&plain), DFOTA_OK);
    assert_int_equal(readlink("out.zip", target, sizeof(target)), 5);
    check_package();
    assert_int_equal(folder_count("."), 4);
    dfota_made_free(&made);
}

static void keeps_to_the_memory_the_module_has(void **state)
{
    static const uint64_t sizes[] = {4096,   8192,    40000,
                                     100000, 1 << 20, UINT64_MAX};

    (void)state;
    example_write();
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct dfota_make_request request = plain;

        request.ram = sizes[i];
        assert_int_equal(make(&request), DFOTA_OK);
        assert_true(made.deltas[0].ram <= sizes[i]);
        check_package();
        dfota_made_free(&made);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(makes_a_package_and_says_what_it_made),
        folder_test(makes_packages_of_every_codec_and_type),
        folder_test(names_the_package_as_its_type_asks),
        folder_test(makes_the_same_bytes_every_time),
        folder_test(makes_packages_of_the_smallest_images),
        folder_test(makes_a_package_of_one_long_run),
        folder_test(makes_a_package_of_the_same_image_when_that_is_meant),
        folder_test(follows_a_link_to_its_output),
        folder_test(keeps_to_the_memory_the_module_has),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
