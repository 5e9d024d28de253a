/* SPDX-License-Identifier: MIT */
/* the flash, held against a .mini_1 header */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/support/mini_example.h"

#define REGIONS 220 /* where they stand in the header */

static struct dfota_mini_header header;
static struct dfota_fault fault;

static int build(void **state)
{
    struct mini_example example = mini_example_build();

    (void)state;
    assert_int_equal(dfota_mini_read_header(example.first.data,
                                            example.first.size, &header, NULL),
                     DFOTA_OK);
    mini_example_free(&example);
    return 0;
}

/* A flash that knows which bytes may be read, and fails when told to. */
struct flash {
    const uint8_t *bytes;
    uint32_t read; /* bytes, all in all */
    unsigned calls_left;
};

static enum dfota_error read_flash(void *context, uint32_t address, void *out,
                                   size_t size)
{
    struct flash *flash = context;
    bool inside = false;

    for (unsigned i = 0; i < MINI_REGIONS; i++) {
        const struct mini_example_region *region = &mini_example_regions[i];

        inside |= address >= region->address && size <= region->length &&
                  address - region->address <= region->length - size;
    }
    assert_true(inside);
    if (flash->calls_left-- == 0)
        return DFOTA_ERR_IO;
    memcpy(out, flash->bytes + address, size);
    flash->read += (uint32_t)size;
    return DFOTA_OK;
}

static enum dfota_error check_flash(const uint8_t *bytes,
                                    enum dfota_mini_state what, uint32_t *read)
{
    struct flash flash = {bytes, 0, 100};
    const struct dfota_mini_flash reader = {&flash, read_flash};
    enum dfota_error err;

    memset(&fault, 0, sizeof(fault));
    err = dfota_mini_check_flash(&header, what, &reader, &fault);
    *read = flash.read;
    return err;
}

static void accepts_the_flash_that_each_step_calls_for(void **state)
{
    struct mini_example_flash flash = mini_example_flash();
    uint32_t read;

    (void)state;
    assert_int_equal(check_flash(flash.old, DFOTA_MINI_OLD_ALL, &read),
                     DFOTA_OK);
    assert_int_equal(read, 16 + MINI_APP_SIZE);
    assert_int_equal(check_flash(flash.old, DFOTA_MINI_OLD_MINI, &read),
                     DFOTA_OK);
    assert_int_equal(read, 16);
    assert_int_equal(check_flash(flash.new, DFOTA_MINI_NEW_MINI, &read),
                     DFOTA_OK);
    assert_int_equal(read, 16);
    assert_int_equal(check_flash(flash.new, DFOTA_MINI_NEW_ALL, &read),
                     DFOTA_OK);
    assert_int_equal(read, 16 + MINI_APP_SIZE);
}

static void refuses_every_other_byte_of_a_region(void **state)
{
    (void)state;
    for (unsigned r = 0; r < MINI_REGIONS; r++)
        for (uint32_t i = 0; i < mini_example_regions[r].length; i++) {
            struct mini_example_flash flash = mini_example_flash();
            uint32_t at = mini_example_regions[r].address + i;
            enum dfota_error mini = r == 0 ? DFOTA_ERR_DIGEST : DFOTA_OK;
            uint32_t read;

            flash.old[at] ^= 1;
            flash.new[at] ^= 1;
            assert_int_equal(check_flash(flash.old, DFOTA_MINI_OLD_MINI, &read),
                             mini);
            assert_int_equal(check_flash(flash.new, DFOTA_MINI_NEW_MINI, &read),
                             mini);
            assert_int_equal(check_flash(flash.old, DFOTA_MINI_OLD_ALL, &read),
                             DFOTA_ERR_DIGEST);
            assert_string_equal(fault.rule, "MIN-13");
            assert_int_equal(fault.offset, REGIONS + 20 * r + 12);
            assert_int_equal(check_flash(flash.new, DFOTA_MINI_NEW_ALL, &read),
                             DFOTA_ERR_DIGEST);
            assert_string_equal(fault.rule, "MIN-14");
            assert_int_equal(fault.offset, REGIONS + 20 * r + 16);
        }
}

static void ignores_what_lies_between_the_regions(void **state)
{
    struct mini_example_flash flash = mini_example_flash();
    uint32_t read;

    (void)state;
    memset(flash.old + 40, 0xff, 256 - 40);
    memset(flash.old + 337, 0xff, MINI_FLASH_SIZE - 337);
    assert_int_equal(check_flash(flash.old, DFOTA_MINI_OLD_ALL, &read),
                     DFOTA_OK);
}

static void hands_on_an_error_of_the_flash(void **state)
{
    struct mini_example_flash bytes = mini_example_flash();

    (void)state;
    for (unsigned calls = 0; calls < MINI_REGIONS; calls++) {
        struct flash flash = {bytes.old, 0, calls};
        const struct dfota_mini_flash reader = {&flash, read_flash};

        assert_int_equal(dfota_mini_check_flash(&header, DFOTA_MINI_OLD_ALL,
                                                &reader, &fault),
                         DFOTA_ERR_IO);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_the_flash_that_each_step_calls_for),
        cmocka_unit_test(refuses_every_other_byte_of_a_region),
        cmocka_unit_test(ignores_what_lies_between_the_regions),
        cmocka_unit_test(hands_on_an_error_of_the_flash),
    };

    return cmocka_run_group_tests(tests, build, NULL);
}
