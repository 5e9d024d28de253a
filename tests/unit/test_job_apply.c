/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "dfota/job_apply.h"
#include "tests/support/job_example.h"

static struct dfota_fault fault;
static struct dfota_applied applied;

static enum dfota_error apply(const char *package, const char *old,
                              const char *out)
{
    const struct dfota_apply_request request = {
        .package = package, .old_image = old, .out = out};

    fault = (struct dfota_fault){0};
    return dfota_job_apply(&request, &applied, &fault);
}

/* Applies, which must fail, touch no file and not the result. */
static void check_refused(const char *package, const char *old, const char *out,
                          enum dfota_error want)
{
    size_t before = folder_count(".");

    memset(&applied, 0x55, sizeof(applied));
    assert_int_equal(apply(package, old, out), want);
    assert_int_equal(fault.error, want);
    assert_non_null(fault.input);
    assert_int_equal(folder_count("."), before);
    assert_int_equal(applied.ram, 0x5555555555555555);
}

/* Whether `err` says that the input is at fault, not the machine. */
static bool is_refusal(enum dfota_error err)
{
    return err != DFOTA_OK && err != DFOTA_ERR_IO && err != DFOTA_ERR_MEMORY &&
           err != DFOTA_ERR_USAGE;
}

static void applies_every_kind_of_package(void **state)
{
    static const struct {
        const char *path;
        enum dfota_package_type type;
    } cases[] = {{"out.zip", DFOTA_TYPE_DFOTA},
                 {"out.delta", DFOTA_TYPE_DFOTA},
                 {"out.patch", DFOTA_TYPE_BSDIFF}};
    struct job_example images = example_write();

    (void)state;
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    example_make("out.patch", DFOTA_TYPE_BSDIFF);
    example_unpack("out.zip", "out.delta");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(apply(cases[i].path, "old", "made"), DFOTA_OK);
        folder_check("made", images.new, EXAMPLE_NEW_SIZE);
        assert_int_equal(applied.type, cases[i].type);
        assert_true((applied.ram > 0) == (cases[i].type == DFOTA_TYPE_DFOTA));
        example_check_digests(&applied.new_image, images.new, EXAMPLE_NEW_SIZE);
        folder_check("old", images.old, EXAMPLE_OLD_SIZE);
        assert_int_equal(folder_count("."), 6);
    }
}

static void replaces_an_image_that_is_there(void **state)
{
    struct job_example images = example_write();

    (void)state;
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    folder_write("store", "precious", 8);
    assert_int_equal(symlink("store", "link"), 0);
    assert_int_equal(apply("out.zip", "old", "link"), DFOTA_OK);
    folder_check("store", images.new, EXAMPLE_NEW_SIZE);
    /* Even the very image that the package was made from. */
    assert_int_equal(apply("out.zip", "old", "new"), DFOTA_OK);
    folder_check("new", images.new, EXAMPLE_NEW_SIZE);
    assert_int_equal(folder_count("."), 5);
}

static void refuses_its_input_as_its_output(void **state)
{
    static const char *const names[] = {
        "old", "./old", "out.zip", "./out.zip", "hard", "soft", "sub/../old"};
    struct job_example images = example_write();
    struct dfota_buffer package;

    (void)state;
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    package = example_read("out.zip");
    assert_int_equal(link("old", "hard"), 0);
    assert_int_equal(symlink("out.zip", "soft"), 0);
    assert_int_equal(mkdir("sub", 0700), 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        check_refused("out.zip", "old", names[i], DFOTA_ERR_REFUSED);
        assert_string_equal(fault.rule, "APPLY-1");
        assert_string_equal(fault.input, names[i]);
        folder_check("old", images.old, EXAMPLE_OLD_SIZE);
        folder_check("out.zip", package.data, package.size);
    }
    dfota_buffer_free(&package);
}

static void refuses_what_is_no_package(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
    } cases[] = {{"", 0},
                 {"text", 4},
                 {"\x1f\x8b\x08\0\0\0\0\0\0\x03", 10},
                 {"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22}};

    (void)state;
    example_write();
    folder_write("made", "precious", 8);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        folder_write("file", cases[i].bytes, cases[i].size);
        check_refused("file", "old", "made", DFOTA_ERR_FORMAT);
        assert_string_equal(fault.rule, "APPLY-2");
        assert_string_equal(fault.input, "file");
        assert_int_equal(fault.offset, 0);
        folder_check("made", "precious", 8);
    }
}

/* Both begin at 0, and what they make is larger than their place. */
static void refuses_a_partition_that_outgrows_its_place(void **state)
{
    (void)state;
    example_write();
    folder_write("made", "precious", 8);
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    example_edit("out.zip", "two.zip", example_add_partition);
    check_refused("two.zip", "old", "made", DFOTA_ERR_REFUSED);
    assert_string_equal(fault.rule, "APPLY-3");
    assert_string_equal(fault.input, "two.zip");
    folder_check("made", "precious", 8);
}

static void say_another_old_image(struct dfota_zip *zip)
{
    zip->manifest.partitions[0].old_image.crc32 ^= 1;
}

static void say_another_new_image(struct dfota_zip *zip)
{
    zip->manifest.partitions[0].new_image.sha256[15] ^= 1;
}

static void say_other_memory(struct dfota_zip *zip)
{
    zip->manifest.partitions[0].ram++;
}

static void say_another_codec(struct dfota_zip *zip)
{
    strcpy(zip->manifest.partitions[0].codec, "other");
}

static void refuses_a_manifest_that_contradicts_its_delta(void **state)
{
    static const struct {
        void (*edit)(struct dfota_zip *zip);
        const char *detail;
    } cases[] = {{say_another_old_image, "the old image of image"},
                 {say_another_new_image, "the new image of image"},
                 {say_other_memory, "the memory needed of image"},
                 {say_another_codec, "the codec of image"}};

    (void)state;
    example_write();
    folder_write("made", "precious", 8);
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    folder_write("edited.zip", "", 0);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        example_edit("out.zip", "edited.zip", cases[i].edit);
        check_refused("edited.zip", "old", "made", DFOTA_ERR_CORRUPT);
        assert_string_equal(fault.rule, "PKG-1");
        assert_string_equal(fault.detail, cases[i].detail);
        folder_check("made", "precious", 8);
    }
}

static void refuses_every_other_old_image(void **state)
{
    struct job_example images = example_write();

    (void)state;
    folder_write("made", "precious", 8);
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    images.old[EXAMPLE_OLD_SIZE - 1] ^= 1;
    folder_write("other", images.old, EXAMPLE_OLD_SIZE);
    check_refused("out.zip", "other", "made", DFOTA_ERR_DIGEST);
    assert_string_equal(fault.rule, "DLT-14");
    folder_write("other", images.old, EXAMPLE_OLD_SIZE - 1);
    check_refused("out.zip", "other", "made", DFOTA_ERR_DIGEST);
    folder_write("other", "", 0);
    check_refused("out.zip", "other", "made", DFOTA_ERR_DIGEST);
    check_refused("out.zip", "new", "made", DFOTA_ERR_DIGEST);
    folder_check("made", "precious", 8);
}

/* What "bad" makes of "old": nothing, or exactly the new image; `surely` not
 * even that.  A patch of BSDIFF40 has no digest and may make anything. */
static void check_bad(const struct job_example *images, bool surely)
{
    enum dfota_error err = apply("bad", "old", "made");

    if (err) {
        assert_true(is_refusal(err));
        assert_non_null(fault.rule);
        folder_check("made", "precious", 8);
        return;
    }
    assert_false(surely);
    folder_check("made", images->new, EXAMPLE_NEW_SIZE);
    folder_write("made", "precious", 8);
}

static void refuses_every_broken_byte_and_truncation(void **state)
{
    static const char *const paths[] = {"out.zip", "out.delta"};
    struct job_example images = example_write();

    (void)state;
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    example_unpack("out.zip", "out.delta");
    folder_write("made", "precious", 8);
    for (size_t p = 0; p < 2; p++) {
        struct dfota_buffer file = example_read(paths[p]);

        for (size_t i = 0; i < file.size; i++) {
            folder_write("bad", file.data, i);
            check_bad(&images, true);
            file.data[i] ^= 0xff;
            folder_write("bad", file.data, file.size);
            check_bad(&images, p == 0);
            file.data[i] ^= 0xff;
        }
        dfota_buffer_add(&file, "", 1);
        folder_write("bad", file.data, file.size);
        check_bad(&images, true);
        dfota_buffer_free(&file);
    }
    assert_int_equal(folder_count("."), 6);
}

static void refuses_every_truncated_patch(void **state)
{
    struct job_example images = example_write();
    struct dfota_buffer file;

    (void)state;
    example_make("out.patch", DFOTA_TYPE_BSDIFF);
    file = example_read("out.patch");
    folder_write("made", "precious", 8);
    for (size_t i = 0; i < file.size; i++) {
        folder_write("bad", file.data, i);
        check_bad(&images, true);
    }
    dfota_buffer_free(&file);
}

static void reports_what_cannot_be_read_or_written(void **state)
{
    static const struct {
        const char *package;
        const char *old;
        const char *out;
        const char *at_fault;
        int os_error;
    } cases[] = {
        {"missing", "old", "made", "missing", ENOENT},
        {".", "old", "made", ".", EISDIR},
        {"out.zip/x", "old", "made", "out.zip/x", ENOTDIR},
        {"out.zip", "missing", "made", "missing", ENOENT},
        {"out.zip", "old/x", "made", "old/x", ENOTDIR},
        {"out.zip", "old", "nowhere/made", "nowhere/made", ENOENT},
        {"out.zip", "old", "old/made", "old/made", ENOTDIR},
        {"out.zip", "old", ".", ".", EISDIR},
    };

    (void)state;
    example_write();
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    folder_write("made", "precious", 8);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check_refused(cases[i].package, cases[i].old, cases[i].out,
                      DFOTA_ERR_IO);
        assert_int_equal(fault.os_error, cases[i].os_error);
        assert_string_equal(fault.input, cases[i].at_fault);
        folder_check("made", "precious", 8);
    }
}

/* Applies both packages where files cannot have more than 2000 bytes. */
static int apply_on_a_full_disk(void)
{
    static const char *const packages[] = {"out.zip", "out.patch"};
    const struct rlimit limit = {2000, 2000};

    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 1;
    for (size_t i = 0; i < 2; i++)
        if (apply(packages[i], "old", "made") != DFOTA_ERR_IO ||
            fault.os_error != EFBIG || strcmp(fault.input, "made") != 0)
            return 2;
    return 0;
}

static void a_full_disk_leaves_the_old_image(void **state)
{
    (void)state;
    example_write();
    example_make("out.zip", DFOTA_TYPE_DFOTA);
    example_make("out.patch", DFOTA_TYPE_BSDIFF);
    folder_write("made", "precious", 8);
    assert_int_equal(folder_in_child(apply_on_a_full_disk), 0);
    folder_check("made", "precious", 8);
    assert_int_equal(folder_count("."), 5);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(applies_every_kind_of_package),
        folder_test(replaces_an_image_that_is_there),
        folder_test(refuses_its_input_as_its_output),
        folder_test(refuses_what_is_no_package),
        folder_test(refuses_a_partition_that_outgrows_its_place),
        folder_test(refuses_a_manifest_that_contradicts_its_delta),
        folder_test(refuses_every_other_old_image),
        folder_test(refuses_every_broken_byte_and_truncation),
        folder_test(refuses_every_truncated_patch),
        folder_test(reports_what_cannot_be_read_or_written),
        folder_test(a_full_disk_leaves_the_old_image),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
