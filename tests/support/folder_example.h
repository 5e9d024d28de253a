/* SPDX-License-Identifier: MIT */
/*
 * folder_example.h - two folders of partition images.  After cmocka.h.
 *
 * "A" and "B" in the current folder, see folder.h: modem and system change, sbl
 * becomes empty, boot stays, and there is no tz.
 */
#ifndef DFOTA_TESTS_SUPPORT_FOLDER_EXAMPLE_H
#define DFOTA_TESTS_SUPPORT_FOLDER_EXAMPLE_H

#include "tests/support/job_example.h"

#define FOLDER_PARTS 4
#define FOLDER_FROM  "RM500QGLAAR03A01M4G"
#define FOLDER_TO    "RM500QGLAAR03A02M4G"

/* In the order of a package; the extensions say nothing. */
static const struct folder_part {
    const char *name;
    const char *old_file;
    const char *new_file;
    bool changes;
} folder_parts[FOLDER_PARTS] = {
    {"modem", "A/modem.img", "B/modem", true},
    {"system", "A/system.ubi", "B/system.bin", true},
    {"boot", "A/boot.img", "B/boot.img", false},
    {"sbl", "A/sbl", "B/sbl.mbn", true},
};

static inline void folder_example_write(void)
{
    struct job_example images = example_write();

    assert_int_equal(mkdir("A", 0700), 0);
    assert_int_equal(mkdir("B", 0700), 0);
    folder_write("A/modem.img", images.old, EXAMPLE_OLD_SIZE);
    folder_write("B/modem", images.new, EXAMPLE_NEW_SIZE);
    folder_write("A/system.ubi", images.new, EXAMPLE_NEW_SIZE);
    folder_write("B/system.bin", images.old + 100, EXAMPLE_OLD_SIZE - 100);
    folder_write("A/boot.img", images.old, EXAMPLE_OLD_SIZE);
    folder_write("B/boot.img", images.old, EXAMPLE_OLD_SIZE);
    folder_write("A/sbl", images.new, 500);
    folder_write("B/sbl.mbn", "", 0);
    assert_int_equal(unlink("old"), 0);
    assert_int_equal(unlink("new"), 0);
}

/* Makes "p.zip" from "A" to "B", which must work. */
static inline void folder_example_make(void)
{
    const struct dfota_make_request request = {.old_image = "A",
                                               .new_image = "B",
                                               .out = "p.zip",
                                               .from = FOLDER_FROM,
                                               .to = FOLDER_TO};
    struct dfota_fault fault;
    struct dfota_made made;

    assert_int_equal(dfota_job_make(&request, &made, &fault), DFOTA_OK);
    dfota_made_free(&made);
}

/* The files `a` and `b` are the same. */
static inline void folder_check_same(const char *a, const char *b)
{
    struct dfota_buffer want = example_read(b);

    folder_check(a, want.data, want.size);
    dfota_buffer_free(&want);
}

#endif
