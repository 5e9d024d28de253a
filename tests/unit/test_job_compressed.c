/* SPDX-License-Identifier: MIT */
/* packages for a layout that says where compressed streams are */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/codec/lzma.h"
#include "tests/support/flash_example.h"
#include "tests/support/image_pair.h"

#define AT       0x5100 /* where the stream is */
#define CONTENTS 20000  /* bytes */

static struct dfota_made made;

static const struct dfota_make_request request = {.old_image = "old.img",
                                                  .new_image = "new.img",
                                                  .out = "out",
                                                  .layout = "flash.json",
                                                  .ram = 1 << 20,
                                                  .type = DFOTA_TYPE_DFOTA};

/* Puts raw LZMA of these contents into a flash. */
static void put_stream(uint8_t *flash, const struct dfota_buffer *contents)
{
    const struct dfota_stream stream = {
        .codec = DFOTA_CODEC_ID_LZMA, .props = 0x5d, .dictionary = 1 << 16};
    struct dfota_buffer packed = {0};

    assert_int_equal(dfota_encoder_lzma.encode(
                         &stream, dfota_buffer_view(contents), &packed, NULL),
                     DFOTA_OK);
    assert_in_range(packed.size, 1000, 0x5000);
    memcpy(flash + AT, packed.data, packed.size);
    dfota_buffer_free(&packed);
}

static struct flash_example write_flash(void)
{
    struct flash_example flash = flash_example();
    struct image_pair contents = {{0}, {0}};
    uint32_t seed = 5;

    image_add_code(&contents.old, &seed, CONTENTS / 4);
    image_add_edited(&contents.new, &seed, dfota_buffer_view(&contents.old), 6);
    put_stream(flash.old, &contents.old);
    put_stream(flash.new, &contents.new);
    image_pair_free(&contents);
    flash_write(&flash);
    return flash;
}

/* Makes a package for a layout with such a list, and gives its size. */
static uint64_t make(const char *list)
{
    struct dfota_fault fault = {0};
    struct dfota_buffer to = {0};

    dfota_buffer_add(&to, "\"compressed\": [", 15);
    dfota_buffer_add(&to, list, strlen(list));
    dfota_buffer_add(&to, "],\n \"partitions\"", 17);
    flash_edit_layout("\"partitions\"", (const char *)to.data);
    dfota_buffer_free(&to);
    dfota_made_free(&made);
    assert_int_equal(dfota_job_make(&request, &made, &fault), DFOTA_OK);
    return made.package_size;
}

/* How many streams of the partition "app" are made from their contents. */
static size_t count_unpacked(void)
{
    const struct dfota_made_delta *delta = &made.deltas[1];
    size_t count = 0;

    for (size_t i = 0; i < delta->stream_count; i++)
        count += delta->streams[i].fate == DFOTA_PACKED_UNPACKED;
    return count;
}

/* How many warnings have `text` in them. */
static size_t count_warnings(const char *text)
{
    size_t count = 0;

    for (size_t i = 0; i < made.warning_count; i++)
        count += strstr(made.warnings[i], text) != NULL;
    return count;
}

static void check_applies(const struct flash_example *flash)
{
    const struct dfota_apply_request apply = {
        .package = "out.zip", .old_image = "old.img", .out = "applied"};
    struct dfota_applied applied;

    assert_int_equal(dfota_job_apply(&apply, &applied, NULL), DFOTA_OK);
    flash_check("applied", flash);
}

static void a_stream_without_header_is_compared_unpacked(void **state)
{
    struct flash_example flash = write_flash();
    uint64_t plain;

    (void)state;
    plain = make("");
    assert_int_equal(count_unpacked(), 0);
    assert_in_range(make("{\"offset\": \"0x5100\", \"codec\": \"lzma\"}"), 1,
                    plain - 2000);
    assert_string_equal(made.deltas[1].partition, "app");
    assert_int_equal(count_unpacked(), 1);
    assert_int_equal(count_warnings("neither image"), 0);
    check_applies(&flash);
    dfota_made_free(&made);
}

static void a_place_without_a_stream_is_a_warning(void **state)
{
    struct flash_example flash = write_flash();

    (void)state;
    make("{\"offset\": \"0x5100\", \"codec\": \"lzma\"},"
         "{\"offset\": \"0x5101\", \"codec\": \"deflate\"},"
         "{\"offset\": \"0xb000\"}");
    assert_int_equal(count_unpacked(), 1);
    assert_int_equal(count_warnings("neither image"), 2);
    assert_int_equal(count_warnings("at 0x5101"), 1);
    assert_int_equal(count_warnings("at 0xb000"), 1);
    check_applies(&flash);
    dfota_made_free(&made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        folder_test(a_stream_without_header_is_compared_unpacked),
        folder_test(a_place_without_a_stream_is_a_warning),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
