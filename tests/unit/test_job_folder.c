/* SPDX-License-Identifier: MIT */
/* Packages of partition folders: made, looked at and applied. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "dfota/job_apply.h"
#include "dfota/job_explain.h"
#include "tests/support/folder_example.h"

static struct dfota_fault fault;
static struct dfota_made made;
static struct dfota_applied applied;

static enum dfota_error make(const struct dfota_make_request *request)
{
    fault = (struct dfota_fault){0};
    dfota_made_free(&made);
    return dfota_job_make(request, &made, &fault);
}

static enum dfota_error apply(const char *out)
{
    const struct dfota_apply_request request = {
        .package = "p.zip", .old_image = "A", .out = out};

    fault = (struct dfota_fault){0};
    return dfota_job_apply(&request, &applied, &fault);
}

/* Whether one of the warnings has `part` in it; tiny deltas cause others. */
static bool warns(const char *part)
{
    for (size_t i = 0; i < made.warning_count; i++)
        if (strstr(made.warnings[i], part) != NULL)
            return true;
    return false;
}

static const struct dfota_make_request plain = {
    .old_image = "A", .new_image = "B", .out = "p"};

/* "C" holds what "B" does, under the names of "A". */
static void check_applied(void)
{
    for (size_t i = 0; i < FOLDER_PARTS; i++) {
        char path[40] = "C/";

        strcat(path, folder_parts[i].old_file + 2);
        folder_check_same(path, folder_parts[i].new_file);
    }
    assert_int_equal(folder_count("C"), FOLDER_PARTS);
}

static void lists_all_partitions_and_sends_what_changes(void **state)
{
    size_t next = 0;

    (void)state;
    folder_example_write();
    assert_int_equal(make(&plain), DFOTA_OK);
    assert_string_equal(made.files[0].path, "p.zip");
    assert_int_equal(made.image_count, FOLDER_PARTS);
    for (size_t i = 0; i < FOLDER_PARTS; i++) {
        struct dfota_buffer old = example_read(folder_parts[i].old_file);
        struct dfota_buffer new = example_read(folder_parts[i].new_file);

        assert_string_equal(made.images[i].partition, folder_parts[i].name);
        example_check_digests(&made.images[i].old_image, old.data, old.size);
        example_check_digests(&made.images[i].new_image, new.data, new.size);
        if (folder_parts[i].changes)
            assert_string_equal(made.deltas[next++].partition,
                                folder_parts[i].name);
        dfota_buffer_free(&new);
        dfota_buffer_free(&old);
    }
    assert_int_equal(made.delta_count, next);
    dfota_made_free(&made);
}

static void makes_the_new_folder_from_the_old_one(void **state)
{
    uint64_t ram = 0;

    (void)state;
    folder_example_write();
    assert_int_equal(make(&plain), DFOTA_OK);
    for (size_t i = 0; i < made.delta_count; i++)
        ram = made.deltas[i].ram > ram ? made.deltas[i].ram : ram;
    assert_int_equal(apply("C"), DFOTA_OK);
    check_applied();
    assert_int_equal(applied.file_count, FOLDER_PARTS);
    assert_int_equal(applied.ram, ram);
    for (size_t i = 0; i < FOLDER_PARTS; i++) {
        struct dfota_buffer new = example_read(folder_parts[i].new_file);

        assert_string_equal(applied.files[i].name,
                            folder_parts[i].old_file + 2);
        assert_int_equal(applied.files[i].changed, folder_parts[i].changes);
        example_check_digests(&applied.files[i].new_image, new.data, new.size);
        dfota_buffer_free(&new);
    }
    /* Again, over what is there, with less in it, or nothing. */
    assert_int_equal(unlink("C/boot.img"), 0);
    folder_write("C/tz.old", "x", 1);
    assert_int_equal(apply("C/"), DFOTA_OK);
    check_applied();
    assert_int_equal(mkdir("D", 0700), 0);
    assert_int_equal(apply("D"), DFOTA_OK);
    assert_int_equal(folder_count("."), 5);
    dfota_made_free(&made);
}

static void makes_the_same_bytes_every_time(void **state)
{
    struct dfota_make_request request = plain;
    struct dfota_buffer first;

    (void)state;
    folder_example_write();
    assert_int_equal(make(&request), DFOTA_OK);
    first = example_read("p.zip");
    /* Neither threads nor names but the stem matter. */
    assert_int_equal(rename("A/modem.img", "A/modem.zzz"), 0);
    assert_int_equal(rename("B/boot.img", "B/boot"), 0);
    for (request.threads = 1; request.threads < 4; request.threads++) {
        assert_int_equal(make(&request), DFOTA_OK);
        folder_check("p.zip", first.data, first.size);
    }
    dfota_buffer_free(&first);
    dfota_made_free(&made);
}

static void finds_the_versions_in_any_partition(void **state)
{
    (void)state;
    folder_example_write();
    assert_int_equal(make(&plain), DFOTA_OK);
    assert_string_equal(made.from, "");
    assert_true(warns("no identity"));
    folder_write("A/tz", "\n" FOLDER_FROM "\n", sizeof(FOLDER_FROM) + 1);
    folder_write("B/tz", "\n" FOLDER_TO "\n", sizeof(FOLDER_TO) + 1);
    assert_int_equal(make(&plain), DFOTA_OK);
    assert_string_equal(made.from, FOLDER_FROM);
    assert_string_equal(made.to, FOLDER_TO);
    assert_false(warns("no identity"));
    /* A second one in another partition makes it several. */
    folder_write("B/sbl.mbn", "\nRM500QGLAAR03A03M4G\n", 21);
    assert_int_equal(make(&plain), DFOTA_OK);
    assert_string_equal(made.from, "");
    assert_true(warns("B holds several"));
    dfota_made_free(&made);
}

static void warns_of_a_module_without_partitions(void **state)
{
    struct dfota_make_request request = plain;

    (void)state;
    folder_example_write();
    request.from = "EC200ACNHAR01A02M16";
    request.to = "EC200ACNHAR01A03M16";
    assert_int_equal(make(&request), DFOTA_OK);
    assert_true(warns("no partitions"));
    request.from = FOLDER_FROM;
    request.to = FOLDER_TO;
    assert_int_equal(make(&request), DFOTA_OK);
    assert_false(warns("no partitions"));
    dfota_made_free(&made);
}

static void a_package_may_change_nothing_at_all(void **state)
{
    struct dfota_make_request request = {
        .old_image = "A", .new_image = "A", .out = "p"};

    (void)state;
    folder_example_write();
    assert_int_equal(make(&request), DFOTA_ERR_REFUSED);
    assert_string_equal(fault.rule, "MAKE-1");
    request.allow_same = true;
    assert_int_equal(make(&request), DFOTA_OK);
    assert_int_equal(made.delta_count, 0);
    assert_int_equal(apply("C"), DFOTA_OK);
    assert_int_equal(applied.ram, 0);
    for (size_t i = 0; i < FOLDER_PARTS; i++) {
        char path[40] = "C/";

        strcat(path, folder_parts[i].old_file + 2);
        folder_check_same(path, folder_parts[i].old_file);
    }
    dfota_made_free(&made);
}

static void explains_partitions_with_and_without_delta(void **state)
{
    const struct dfota_explain_request request = {.file = "p.zip"};
    struct dfota_explained explained;

    (void)state;
    folder_example_write();
    folder_example_make();
    assert_int_equal(dfota_job_explain(&request, &explained, &fault), DFOTA_OK);
    assert_string_equal(explained.family, "rg50x-rm5xx");
    assert_int_equal(explained.delta_count, FOLDER_PARTS);
    for (size_t i = 0; i < FOLDER_PARTS; i++) {
        assert_string_equal(explained.deltas[i].partition,
                            folder_parts[i].name);
        assert_true((explained.deltas[i].size > 0) == folder_parts[i].changes);
        assert_true((explained.deltas[i].streams[0].name != NULL) ==
                    folder_parts[i].changes);
    }
    assert_int_equal(explained.deltas[2].old_size, EXAMPLE_OLD_SIZE);
    assert_int_equal(explained.deltas[2].new_size, EXAMPLE_OLD_SIZE);
    dfota_explained_free(&explained);
}

/* Files cannot have more than 2000 bytes. */
static int work_on_a_full_disk(void)
{
    const struct rlimit limit = {2000, 2000};

    signal(SIGXFSZ, SIG_IGN);
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
        return 1;
    if (make(&plain) != DFOTA_ERR_IO || fault.os_error != EFBIG ||
        strcmp(fault.input, "p.zip") != 0)
        return 2;
    if (apply("C") != DFOTA_ERR_IO || fault.os_error != EFBIG ||
        strcmp(fault.input, "C") != 0 || strcmp(fault.detail, "modem.img") != 0)
        return 3;
    return 0;
}

static void a_full_disk_leaves_what_was_there(void **state)
{
    struct dfota_buffer before;

    (void)state;
    folder_example_write();
    folder_example_make();
    before = example_read("p.zip");
    assert_int_equal(mkdir("C", 0700), 0);
    folder_write("C/modem", "precious", 8);
    assert_int_equal(folder_in_child(work_on_a_full_disk), 0);
    folder_check("C/modem", "precious", 8);
    folder_check("p.zip", before.data, before.size);
    assert_int_equal(folder_count("C"), 1);
    assert_int_equal(folder_count("."), 4);
    dfota_buffer_free(&before);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(lists_all_partitions_and_sends_what_changes),
        folder_test(makes_the_new_folder_from_the_old_one),
        folder_test(makes_the_same_bytes_every_time),
        folder_test(finds_the_versions_in_any_partition),
        folder_test(warns_of_a_module_without_partitions),
        folder_test(a_package_may_change_nothing_at_all),
        folder_test(explains_partitions_with_and_without_delta),
        folder_test(a_full_disk_leaves_what_was_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
