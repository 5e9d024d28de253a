/* SPDX-License-Identifier: MIT */
/* A MiniFOTA pair that is damaged, mixed, or too large for its flash. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "format/mini.h"
#include "jobs/codecs.h"
#include "lib/apply/crc32.h"
#include "tests/support/verify_example.h"

/* --- VFY-1, VFY-7: damage ------------------------------------------------ */

static const uint8_t masks[] = {0x01, 0x80, 0xff};

/* Breaks the byte at `at` of `path`, whose bytes are `file`. */
static void check_broken_byte(const struct dfota_buffer *file, const char *path,
                              size_t at)
{
    bool header = file->data[3] == 'M' && at < DFOTA_MINI_HEADER_SIZE;
    const char *rule = header ? "VFY-1" : "VFY-7";

    verify_flip(file, path, at, masks[at % COUNT(masks)]);
    verify(&for_mini);
    verify_rejects(rule, 505, "analogy");
}

static void check_every_byte(const char *path, size_t header)
{
    struct dfota_buffer file = example_read(path);

    for (size_t at = 0; at < header; at++)
        check_broken_byte(&file, path, at);
    for (size_t at = header; at < file.size; at += 7)
        check_broken_byte(&file, path, at);
    check_broken_byte(&file, path, file.size - 1);
    folder_write(path, file.data, file.size);
    verify(&for_mini);
    verify_accepts("analogy");
    dfota_buffer_free(&file);
}

static void rejects_every_broken_byte_of_the_first_file(void **state)
{
    (void)state;
    verify_write_mini();
    check_every_byte("out.mini_1", DFOTA_MINI_HEADER_SIZE);
}

static void rejects_every_broken_byte_of_the_second_file(void **state)
{
    (void)state;
    verify_write_mini();
    check_every_byte("out.mini_2",
                     DFOTA_MINI_SECOND_HEAD + DFOTA_MINI_FRAME_HEAD);
}

/* Cut, and with a byte too many. */
static void rejects_files_of_another_length(void **state)
{
    static const char *const paths[] = {"out.mini_1", "out.mini_2"};

    (void)state;
    verify_write_mini();
    for (size_t i = 0; i < COUNT(paths); i++) {
        struct dfota_buffer file = example_read(paths[i]);

        for (size_t size = 0; size < file.size; size += 97) {
            bool header = i == 0 && size < DFOTA_MINI_HEADER_SIZE;

            folder_write(paths[i], file.data, size);
            verify(&for_mini);
            verify_rejects(header ? "VFY-1" : "VFY-7", 505, "analogy");
        }
        dfota_buffer_add(&file, "\n", 1);
        folder_write(paths[i], file.data, file.size);
        verify(&for_mini);
        verify_rejects("VFY-7", 505, "analogy");
        folder_write(paths[i], file.data, file.size - 1);
        dfota_buffer_free(&file);
    }
}

/* --- VFY-6: two files of one run ----------------------------------------- */

/* Writes the pair of `first`, whose app regions are in `flash`, by other means
 * than the job that makes packages. */
static void write_pair(struct dfota_mini_first *first,
                       const struct flash_example *flash, uint32_t frame_size)
{
    struct dfota_mini_header *header = &first->header;
    const struct dfota_mini_frame_options options = {
        .encoders = dfota_encoders(DFOTA_CODEC_STORED),
        .ram = 256 << 10,
        .frame_size = frame_size,
        .threads = 1};
    struct dfota_view apps[FLASH_PARTS];
    struct dfota_buffer second = {0};
    struct dfota_buffer file = {0};

    for (unsigned i = 1; i < header->region_count; i++)
        apps[i - 1] = (struct dfota_view){
            flash->new + header->regions[i].address, header->regions[i].length};
    assert_int_equal(dfota_mini_set_delta(header, first->delta, NULL),
                     DFOTA_OK);
    assert_int_equal(
        dfota_mini_write_second(header, apps, &options, &second, NULL),
        DFOTA_OK);
    assert_int_equal(
        dfota_mini_set_second(header, dfota_buffer_view(&second), NULL),
        DFOTA_OK);
    assert_int_equal(dfota_mini_write_first(header, first->delta, &file, NULL),
                     DFOTA_OK);
    folder_write("out.mini_1", file.data, file.size);
    folder_write("out.mini_2", second.data, second.size);
    dfota_buffer_free(&file);
    dfota_buffer_free(&second);
}

/* Makes the pair of another new flash, and puts its .mini_2 beside ours. */
static void mix_with(const struct flash_example *other)
{
    struct dfota_buffer first = example_read("out.mini_1");

    verify_make_mini(other);
    folder_write("out.mini_1", first.data, first.size);
    dfota_buffer_free(&first);
}

static void rejects_the_second_file_of_another_run(void **state)
{
    struct flash_example flash = verify_write_mini();

    (void)state;
    flash.new[flash_parts[0].at + 5] ^= 1; /* another delta */
    mix_with(&flash);
    verify(&for_mini);
    verify_rejects("VFY-6", DFOTA_NO_CODE, NULL);
    verify_not_checked("VFY-7");
    verify_check("VFY-9", DFOTA_CHECK_SKIP);
}

/* The delta does not change with the big system, nor need the size. */
static void rejects_the_second_file_of_another_big_system(void **state)
{
    struct flash_example flash = verify_write_mini();
    size_t app = flash_parts[1].at;

    (void)state;
    flash.new[app + 5] ^= 1;
    mix_with(&flash);
    verify(&for_mini);
    verify_rejects("VFY-6", DFOTA_NO_CODE, NULL);
    memset(flash.new + app, 0, 0x2000); /* a much smaller file */
    mix_with(&flash);
    verify(&for_mini);
    verify_rejects("VFY-6", DFOTA_NO_CODE, NULL);
}

/* Sound, but other bytes than stated: what they make decides. */
static void takes_other_frames_of_the_same_big_system_for_damage(void **state)
{
    struct flash_example flash = verify_write_mini();
    struct dfota_buffer file = example_read("out.mini_1");
    struct dfota_mini_first first;

    (void)state;
    assert_int_equal(
        dfota_mini_read_first(dfota_buffer_view(&file), &first, NULL),
        DFOTA_OK);
    write_pair(&first, &flash, 4096);
    verify(&for_mini);
    verify_accepts("analogy");
    folder_write("out.mini_1", file.data, file.size);
    verify(&for_mini);
    verify_rejects("VFY-7", 505, "analogy");
    dfota_buffer_free(&file);
}

/* --- VFY-8: room ---------------------------------------------------------- */

/* How far the pair below is from fitting: bytes too many, or 0. */
static void check_room(const struct flash_example *flash, uint32_t excess)
{
    struct dfota_buffer file = example_read("out.mini_1");
    uint32_t at = (uint32_t)flash_parts[1].at;
    struct dfota_mini_first first;
    uint32_t length;

    assert_int_equal(
        dfota_mini_read_first(dfota_buffer_view(&file), &first, NULL),
        DFOTA_OK);
    length = (uint32_t)file.size + first.header.regions[0].length - excess;
    first.header.region_count = 2;
    first.header.regions[1] = (struct dfota_mini_region){
        at, length, dfota_crc32(0, flash->old + at, length),
        dfota_crc32(0, flash->new + at, length)};
    write_pair(&first, flash, DFOTA_MINI_FRAME_MAX);
    dfota_buffer_free(&file);
    verify(&for_mini);
}

static void what_just_fits_into_the_big_system_does(void **state)
{
    struct flash_example flash = verify_write_mini();

    (void)state;
    check_room(&flash, 0);
    verify_check("VFY-8", DFOTA_CHECK_PASS);
    verify_check("VFY-9", DFOTA_CHECK_PASS);
}

static void rejects_what_does_not_fit_into_the_big_system(void **state)
{
    struct flash_example flash = verify_write_mini();

    (void)state;
    check_room(&flash, 1);
    verify_rejects("VFY-8", DFOTA_NO_CODE, NULL);
    verify_check("VFY-9", DFOTA_CHECK_PASS);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        folder_test(rejects_every_broken_byte_of_the_first_file),
        folder_test(rejects_every_broken_byte_of_the_second_file),
        folder_test(rejects_files_of_another_length),
        folder_test(rejects_the_second_file_of_another_run),
        folder_test(rejects_the_second_file_of_another_big_system),
        folder_test(takes_other_frames_of_the_same_big_system_for_damage),
        folder_test(what_just_fits_into_the_big_system_does),
        folder_test(rejects_what_does_not_fit_into_the_big_system),
    };

    return cmocka_run_group_tests_name("verify_pair", tests, NULL, NULL);
}
