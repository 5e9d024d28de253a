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

static enum dfota_error make(const struct dfota_make_request *request)
{
    fault = (struct dfota_fault){0};
    return dfota_job_make(request, &made, &fault);
}

static const struct dfota_make_request plain = {.old_image = "old.img",
                                                .new_image = "new.img",
                                                .out = "out",
                                                .layout = "flash.json"};

/* --- both files or neither ----------------------------------------------- */

/* Runs `request`, which must fail and leave both files as they were. */
static void check_refused(const struct dfota_make_request *request,
                          enum dfota_error want, const char *rule)
{
    size_t before;

    folder_write("out.mini_1", "precious", 8);
    folder_write("out.mini_2", "treasure", 8);
    before = folder_count(".");
    assert_int_equal(make(request), want);
    assert_int_equal(fault.error, want);
    assert_string_equal(fault.rule, rule);
    snprintf(input, sizeof(input), "%s",
             fault.input != NULL ? fault.input : "");
    folder_check("out.mini_1", "precious", 8);
    folder_check("out.mini_2", "treasure", 8);
    assert_int_equal(folder_count("."), before);
    dfota_made_free(&made);
}

static void replaces_the_pair_that_was_there(void **state)
{
    struct flash_example flash = flash_example_write();

    (void)state;
    folder_write("out.mini_1", "precious", 8);
    folder_write("out.mini_2", "treasure", 8);
    assert_int_equal(make(&plain), DFOTA_OK);
    dfota_made_free(&made);
    flash_check_pair(&flash);
    assert_int_equal(folder_count("."), 5);
}

static void writes_no_first_file_without_the_second(void **state)
{
    (void)state;
    flash_example_write();
    folder_write("out.mini_1", "precious", 8);
    assert_int_equal(mkdir("out.mini_2", 0700), 0);
    assert_int_equal(make(&plain), DFOTA_ERR_IO);
    assert_int_equal(fault.os_error, EISDIR);
    assert_string_equal(fault.input, "out.mini_2");
    dfota_made_free(&made);
    folder_check("out.mini_1", "precious", 8);
    assert_int_equal(folder_count("."), 5);
}

/* Puts a folder where the first file is to appear. */
static void block_first(void *context, const char *step, uint64_t done,
                        uint64_t total)
{
    (void)context;
    (void)done;
    (void)total;
    if (strcmp(step, "proving") == 0)
        assert_int_equal(mkdir("out.mini_1", 0700), 0);
}

static void takes_the_second_file_back_when_the_first_cannot_be(void **state)
{
    struct dfota_make_request request = plain;

    (void)state;
    request.progress.report = block_first;
    for (unsigned there = 0; there < 2; there++) {
        flash_example_write();
        if (there)
            folder_write("out.mini_2", "treasure", 8);
        assert_int_equal(make(&request), DFOTA_ERR_IO);
        assert_int_equal(fault.os_error, EISDIR);
        assert_string_equal(fault.input, "out.mini_1");
        dfota_made_free(&made);
        if (there)
            folder_check("out.mini_2", "treasure", 8);
        assert_int_equal(rmdir("out.mini_1"), 0);
        assert_int_equal(folder_count("."), 3 + there);
    }
}

/* Changes the last byte of the file that was begun as number `*context`. */
static void spoil(void *context, const char *step, uint64_t done,
                  uint64_t total)
{
    char name[64];
    struct dfota_buffer file;

    (void)done;
    (void)total;
    if (strcmp(step, "proving") != 0)
        return;
    snprintf(name, sizeof(name), ".dfota-%ld-%u", (long)getpid(),
             *(unsigned *)context);
    file = example_read(name);
    file.data[file.size - 1] ^= 1;
    folder_write(name, file.data, file.size);
    dfota_buffer_free(&file);
}

static void lets_no_pair_out_that_does_not_make_the_new_flash(void **state)
{
    (void)state;
    flash_example_write();
    for (unsigned index = 0; index < 2; index++) {
        struct dfota_make_request request = plain;

        request.progress = (struct dfota_progress){spoil, &index};
        check_refused(&request, DFOTA_ERR_REFUSED, "MAKE-4");
        assert_string_equal(input, "out.mini_1");
    }
}

/* --- what is refused ----------------------------------------------------- */

static void refuses_images_that_differ_only_in_what_is_kept(void **state)
{
    struct dfota_make_request request = plain;
    struct flash_example flash = flash_example();

    (void)state;
    memcpy(flash.new, flash.old, FLASH_SIZE);
    flash_fill_kept(flash.new, 99);
    flash_write(&flash);
    check_refused(&plain, DFOTA_ERR_REFUSED, "MAKE-1");
    assert_string_equal(input, "new.img");
    request.allow_same = true;
    assert_int_equal(make(&request), DFOTA_OK);
    dfota_made_free(&made);
    flash_check_pair(&flash);
}

static void refuses_an_image_as_either_output(void **state)
{
    static const char *const names[] = {"img.mini_1", "img.mini_2"};
    struct flash_example flash = flash_example_write();

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct dfota_make_request request = plain;

        folder_write(names[i], flash.new, FLASH_SIZE);
        request.new_image = names[i];
        request.out = "img";
        check_refused(&request, DFOTA_ERR_REFUSED, "MAKE-2");
        assert_string_equal(input, names[i]);
        folder_check(names[i], flash.new, FLASH_SIZE);
    }
}

static void refuses_a_package_that_leaves_no_room_for_the_backup(void **state)
{
    (void)state;
    flash_example_write();
    /* 8 KiB of big system cannot hold the 16 KiB of Mini and a package. */
    flash_edit_layout("\"24K\", \"role\": \"app\"",
                      "\"24K\", \"role\": \"keep\"");
    check_refused(&plain, DFOTA_ERR_REFUSED, "MAKE-9");
    assert_non_null(strstr(fault.detail, "into 8192"));
}

static void refuses_a_layout_that_minifota_cannot_use(void **state)
{
    static const struct {
        const char *rule;
        const char *from;
        const char *to;
    } cases[] = {
        {"LAY-20", "\"role\": \"mini\"", "\"role\": \"keep\""},
        {"LAY-21", FLASH_APPS("app"), FLASH_APPS("keep")},
        {"LAY-22", "\"24K\", \"role\": \"app\"}",
         "\"20K\", \"role\": \"app\"}, {\"name\": \"between\", \"offset\": "
         "\"0xa000\", \"size\": 4096, \"role\": \"keep\"}"},
    };
    struct dfota_make_request request = plain;

    (void)state;
    flash_example_write();
    request.from = FLASH_FROM; /* LAY-20 leaves no part that has one */
    request.to = FLASH_TO;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        flash_edit_layout(cases[i].from, cases[i].to);
        check_refused(&request, DFOTA_ERR_REFUSED, cases[i].rule);
        assert_string_equal(input, "flash.json");
    }
}

static void refuses_more_regions_than_a_header_holds(void **state)
{
    char text[8192];
    int used = snprintf(text, sizeof(text),
                        "{\"flash\": {\"size\": \"64K\", \"sector\": 1024},"
                        " \"partitions\": [{\"name\": \"mini\", \"offset\":"
                        " 4096, \"size\": \"16K\", \"role\": \"mini\"}");

    (void)state;
    flash_example_write();
    for (unsigned i = 0; i < 32; i++)
        used += snprintf(text + used, sizeof(text) - (size_t)used,
                         ", {\"name\": \"app%u\", \"offset\": %u, \"size\": "
                         "1024, \"role\": \"app\"}",
                         i, 0x5000 + 1024 * i);
    snprintf(text + used, sizeof(text) - (size_t)used, "]}");
    folder_write("flash.json", text, strlen(text));
    check_refused(&plain, DFOTA_ERR_LIMIT, "MIN-6");
    assert_string_equal(input, "flash.json");
}

static void asks_for_a_layout(void **state)
{
    struct dfota_make_request request = plain;

    (void)state;
    flash_example_write();
    request.layout = NULL;
    request.from = FLASH_FROM; /* without layout several are found */
    request.to = FLASH_TO;
    check_refused(&request, DFOTA_ERR_USAGE, "MAKE-6"); /* by its M08 */
    request.type = DFOTA_TYPE_MINI;
    check_refused(&request, DFOTA_ERR_USAGE, "MAKE-6");
}

static void asks_for_a_version(void **state)
{
    struct flash_example flash = flash_example();
    struct dfota_make_request request = plain;

    (void)state;
    memset(flash.new + FLASH_VERSION, 0, sizeof(FLASH_TO));
    flash_write(&flash);
    request.type = DFOTA_TYPE_MINI;
    check_refused(&request, DFOTA_ERR_REFUSED, "MAKE-7");
    assert_string_equal(fault.detail, "new.img holds no version string");
    request.to = FLASH_TO;
    assert_int_equal(make(&request), DFOTA_OK);
    dfota_made_free(&made);
    flash_check_pair(&flash);
}

static void asks_for_the_memory_of_an_applier(void **state)
{
    struct dfota_make_request request = plain;

    (void)state;
    flash_example_write();
    request.ram = 4095;
    check_refused(&request, DFOTA_ERR_LIMIT, "MAKE-5");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(replaces_the_pair_that_was_there),
        folder_test(writes_no_first_file_without_the_second),
        folder_test(takes_the_second_file_back_when_the_first_cannot_be),
        folder_test(lets_no_pair_out_that_does_not_make_the_new_flash),
        folder_test(refuses_images_that_differ_only_in_what_is_kept),
        folder_test(refuses_an_image_as_either_output),
        folder_test(refuses_a_package_that_leaves_no_room_for_the_backup),
        folder_test(refuses_a_layout_that_minifota_cannot_use),
        folder_test(refuses_more_regions_than_a_header_holds),
        folder_test(asks_for_a_layout),
        folder_test(asks_for_a_version),
        folder_test(asks_for_the_memory_of_an_applier),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
