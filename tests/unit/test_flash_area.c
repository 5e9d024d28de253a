/* SPDX-License-Identifier: MIT */
/* areas of a flash: what they may be, and how they are written */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/apply/crc32.h"
#include "lib/apply/flash_area.h"
#include "tests/power/sim.h"

#define SECTOR 1024
#define SIZE   (8 * SECTOR)

static const struct dfota_flash good = {
    .size = SIZE, .sector_size = SECTOR, .program_unit = 8, .erased = 0xff};
static struct dfota_fault fault;

static void refuses_each_impossible_flash(void **state)
{
    struct dfota_flash bad[10];

    (void)state;
    assert_int_equal(dfota_flash_check(&good, &fault), DFOTA_OK);
    for (unsigned i = 0; i < 10; i++)
        bad[i] = good;
    bad[0].size = 0;
    bad[1].size = SIZE + 512;
    bad[2].size = 0x80000000;
    bad[3].sector_size = 0;
    bad[4].sector_size = 128;
    bad[5].sector_size = 3 * 1024;
    bad[6].program_unit = 0;
    bad[7].program_unit = 64;
    bad[8].program_unit = 12;
    bad[9].erased = 0xfe;
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal(dfota_flash_check(&bad[i], &fault), DFOTA_ERR_USAGE);
        assert_string_equal(fault.rule, "FLASH-1");
    }
}

static void refuses_an_area_that_is_not_whole_sectors_of_the_flash(void **state)
{
    static const struct dfota_area bad[] = {
        {0, 0},         {0, SECTOR - 1}, {1, SECTOR},
        {SIZE, SECTOR}, {SECTOR, SIZE},  {UINT32_MAX - SECTOR + 1, SECTOR}};

    (void)state;
    assert_int_equal(
        dfota_flash_check_area(&good, (struct dfota_area){0, SIZE}, &fault),
        DFOTA_OK);
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(dfota_flash_check_area(&good, bad[i], &fault),
                         DFOTA_ERR_USAGE);
        assert_string_equal(fault.rule, "FLASH-2");
        assert_int_equal(fault.offset, bad[i].address);
    }
}

static void knows_what_lies_in_an_area_and_what_overlaps(void **state)
{
    const struct dfota_area area = {100, 50};

    (void)state;
    assert_true(dfota_area_holds(area, 100, 50));
    assert_false(dfota_area_holds(area, 99, 2));
    assert_false(dfota_area_holds(area, 149, 2));
    assert_true(dfota_area_overlaps(area, (struct dfota_area){149, 1}));
    assert_false(dfota_area_overlaps(area, (struct dfota_area){150, 1}));
    assert_true(dfota_area_overlaps((struct dfota_area){99, 2}, area));
    assert_false(dfota_area_overlaps((struct dfota_area){99, 1}, area));
}

/* A flash full of zeros, with other bytes than an erased one. */
static struct sim *full(uint8_t erased)
{
    static uint8_t image[SIZE];
    struct dfota_flash flash = good;

    flash.erased = erased;
    memset(image, 0x55, sizeof(image));
    return sim_new(&flash, image, 1);
}

static void erases_each_sector_when_it_comes_to_it(void **state)
{
    uint8_t bytes[SECTOR + 300];

    (void)state;
    for (unsigned i = 0; i < sizeof(bytes); i++)
        bytes[i] = (uint8_t)(i * 3 + 1);
    for (unsigned erased = 0; erased <= 0xff; erased += 0xff) {
        struct sim *sim = full((uint8_t)erased);
        struct dfota_flash_writer writer;
        uint8_t tail[SECTOR - 300];

        dfota_flash_writer_open(&writer, &sim->flash, SECTOR);
        for (unsigned i = 0; i < sizeof(bytes); i += 100)
            assert_int_equal(dfota_flash_writer_add(&writer, bytes + i,
                                                    sizeof(bytes) - i < 100
                                                        ? sizeof(bytes) - i
                                                        : 100),
                             DFOTA_OK);
        assert_int_equal(dfota_flash_writer_at(&writer), 2 * SECTOR + 300);
        assert_int_equal(dfota_flash_writer_end(&writer), DFOTA_OK);
        memset(tail, (int)erased, sizeof(tail));
        assert_true(sim_holds(sim, SECTOR, bytes, sizeof(bytes)));
        assert_true(sim_holds(sim, 2 * SECTOR + 300, tail, sizeof(tail)));
        assert_int_equal(sim->erases[0], 0);
        assert_int_equal(sim->erases[1], 1);
        assert_int_equal(sim->erases[2], 1);
        assert_int_equal(sim->erases[3], 0);
        assert_null(sim->misuse);
        sim_free(sim);
    }
}

static void programs_no_page_that_is_to_be_erased(void **state)
{
    struct sim *sim = full(0xff);
    struct dfota_flash_writer writer;
    uint8_t bytes[SECTOR];

    (void)state;
    memset(bytes, 0xff, sizeof(bytes));
    bytes[600] = 0;
    dfota_flash_writer_open(&writer, &sim->flash, 0);
    assert_int_equal(dfota_flash_writer_add(&writer, bytes, sizeof(bytes)),
                     DFOTA_OK);
    assert_int_equal(sim->ops, 2); /* an erasing, a page */
    assert_int_equal(sim->programmed, DFOTA_FLASH_PAGE);
    assert_true(sim_holds(sim, 0, bytes, sizeof(bytes)));
    sim_free(sim);
}

static void copies_and_digests(void **state)
{
    struct sim *sim = full(0xff);
    uint8_t bytes[700];
    uint32_t crc32;

    (void)state;
    memset(bytes, 0x55, sizeof(bytes));
    assert_int_equal(dfota_flash_copy(&sim->flash, 100, 4 * SECTOR, 700),
                     DFOTA_OK);
    assert_true(sim_holds(sim, 4 * SECTOR, bytes, 700));
    assert_int_equal(dfota_flash_crc32(&sim->flash,
                                       (struct dfota_area){4 * SECTOR, 700},
                                       &crc32),
                     DFOTA_OK);
    assert_int_equal(crc32, dfota_crc32(0, bytes, 700));
    sim_free(sim);
}

static void hands_on_errors_of_the_flash(void **state)
{
    struct sim *sim = full(0xff);
    uint32_t crc32;

    (void)state;
    sim->fail = true;
    sim->damage = SIM_SUBSET;
    assert_int_equal(dfota_flash_copy(&sim->flash, 0, SECTOR, 10),
                     DFOTA_ERR_IO);
    sim->off = true;
    assert_int_equal(dfota_flash_copy(&sim->flash, 0, SECTOR, 10),
                     DFOTA_ERR_IO);
    assert_int_equal(
        dfota_flash_crc32(&sim->flash, (struct dfota_area){0, SECTOR}, &crc32),
        DFOTA_ERR_IO);
    sim_free(sim);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_each_impossible_flash),
        cmocka_unit_test(
            refuses_an_area_that_is_not_whole_sectors_of_the_flash),
        cmocka_unit_test(knows_what_lies_in_an_area_and_what_overlaps),
        cmocka_unit_test(erases_each_sector_when_it_comes_to_it),
        cmocka_unit_test(programs_no_page_that_is_to_be_erased),
        cmocka_unit_test(copies_and_digests),
        cmocka_unit_test(hands_on_errors_of_the_flash),
    };

    return cmocka_run_group_tests_name("flash_area", tests, NULL, NULL);
}
