/* SPDX-License-Identifier: MIT */
/* images written over the old ones on flash: what is refused when, and tried
 * how often */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/power/image_scene.h"
#include "tests/power/made.h"

#define SECTOR   4096
#define SCRATCH  (2 * SECTOR)
#define OLD_SIZE 13000
#define NEW_SIZE 15000

static const struct dfota_flash flash = {
    .sector_size = SECTOR, .program_unit = 8, .erased = 0xff};

/* A module, and what is in its flash. */
struct unit {
    struct scene scene;
    struct image_scene images;
    struct sim *sim;
    struct dfota_image_part part;
    _Alignas(16) uint8_t memory[64 * 1024];
    struct dfota_platform platform;
    struct dfota_image_upgrade upgrade;
};

static struct unit unit;
static struct dfota_fault fault;

static void put_image(struct dfota_buffer *out, size_t size)
{
    uint8_t zero = 0;

    while (out->size < size)
        dfota_buffer_add(out, &zero, 1);
    made_fill(out->data, (uint32_t)size, 5);
}

static enum dfota_error restart(void)
{
    unit.part = unit.images.parts[0].part;
    unit.upgrade = (struct dfota_image_upgrade){
        .platform = &unit.platform,
        .parts = &unit.part,
        .part_count = 1,
        .retries = unit.images.retries,
        .package = unit.images.package,
        .package_size = unit.images.package_size,
        .scratch = unit.images.scratch,
    };
    return dfota_image_upgrade_open(&unit.upgrade, &fault);
}

static int set_up(void **state)
{
    struct image_scene_part *part = &unit.images.parts[0];

    (void)state;
    memset(&unit, 0, sizeof(unit));
    unit.images.part_count = 1;
    part->part.entry = "image.delta";
    put_image(&part->old, OLD_SIZE);
    put_image(&part->new, NEW_SIZE);
    made_edit(part->old.data, OLD_SIZE, part->new.data, NEW_SIZE);
    image_scene_make(&unit.scene, &unit.images, &flash, SCRATCH);
    unit.sim = sim_new(&unit.scene.flash, unit.images.flash, 1);
    unit.platform =
        scene_platform(&unit.scene, unit.sim, unit.memory, sizeof(unit.memory));
    return restart() == DFOTA_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    sim_free(unit.sim);
    image_scene_free(&unit.images);
    return 0;
}

static bool is_old(void)
{
    return sim_holds(unit.sim, unit.part.area.address,
                     unit.images.parts[0].old.data, OLD_SIZE);
}

static bool is_new(void)
{
    return sim_holds(unit.sim, unit.part.area.address,
                     unit.images.parts[0].new.data, NEW_SIZE);
}

static enum dfota_error run(void)
{
    memset(&fault, 0, sizeof(fault));
    return dfota_image_upgrade_run(&unit.upgrade, &fault);
}

static enum dfota_image_step step(void)
{
    return dfota_image_upgrade_step(&unit.upgrade);
}

static void begin(void)
{
    assert_int_equal(dfota_image_upgrade_begin(&unit.upgrade, &fault),
                     DFOTA_OK);
}

/* Puts other bytes into the flash, as whoever writes it whole. */
static void put(uint32_t address, const uint8_t *bytes, size_t size)
{
    const struct sim_op op = {address, (uint32_t)size, bytes};

    sim_damage(unit.sim, &op, SIM_ALL);
}

/* Flips a byte of the package, `back` bytes before its end. */
static void spoil(uint32_t back)
{
    uint32_t at = unit.images.package.address + unit.images.package_size - back;
    uint8_t byte;

    assert_int_equal(
        unit.sim->flash.read(unit.sim->flash.context, at, &byte, 1), DFOTA_OK);
    byte ^= 0x20;
    put(at, &byte, 1);
}

static void ends_well(void)
{
    while (step() != DFOTA_IMAGE_STEP_DONE) {
        assert_int_equal(restart(), DFOTA_OK);
        assert_int_equal(run(), DFOTA_OK);
    }
    assert_true(is_new());
    assert_int_equal(dfota_image_upgrade_mode(&unit.upgrade),
                     DFOTA_MODE_NORMAL);
    assert_null(unit.sim->misuse);
}

static void is_refused(const char *rule, enum dfota_error error)
{
    begin();
    assert_int_equal(run(), error);
    assert_string_equal(fault.rule, rule);
    assert_int_equal(step(), DFOTA_IMAGE_STEP_IDLE);
    assert_int_equal(restart(), DFOTA_OK);
    assert_int_equal(step(), DFOTA_IMAGE_STEP_IDLE);
    assert_int_equal(sim_most_erases(unit.sim, unit.part.area), 0);
}

static void writes_the_new_image_over_the_old_one(void **state)
{
    (void)state;
    assert_int_equal(run(), DFOTA_OK);
    begin();
    begin();
    assert_int_equal(dfota_image_upgrade_mode(&unit.upgrade),
                     DFOTA_MODE_UPGRADE);
    ends_well();
}

static void says_that_it_is_updated_already(void **state)
{
    uint64_t ops;

    (void)state;
    begin();
    ends_well();
    begin();
    ops = unit.sim->ops;
    assert_int_equal(run(), DFOTA_OK);
    assert_int_equal(step(), DFOTA_IMAGE_STEP_DONE);
    assert_int_equal(unit.sim->ops, ops + 1); /* a note */
}

static void refuses_another_image_before_the_first_erase(void **state)
{
    (void)state;
    put(unit.part.area.address + 5000, (const uint8_t *)"?", 1);
    is_refused("DLT-14", DFOTA_ERR_DIGEST);
}

static void refuses_a_corrupt_package_before_the_first_erase(void **state)
{
    (void)state;
    for (uint32_t back = 5; back + 60 < unit.images.package_size;
         back += back < 100 ? 1 : 97) {
        spoil(back);
        begin();
        assert_true(run() != DFOTA_OK);
        assert_int_equal(step(), DFOTA_IMAGE_STEP_IDLE);
        assert_int_equal(sim_most_erases(unit.sim, unit.part.area), 0);
        spoil(back);
    }
    spoil(5);
    is_refused("ZIP-16", DFOTA_ERR_DIGEST);
    spoil(5);
    begin();
    ends_well();
}

static void refuses_a_package_that_is_cut(void **state)
{
    (void)state;
    unit.images.package_size -= 5;
    assert_int_equal(restart(), DFOTA_OK);
    is_refused("ZIP-3", DFOTA_ERR_TRUNCATED);
    unit.images.package_size = unit.images.package.size + 1;
    assert_int_equal(restart(), DFOTA_OK);
    is_refused("FLASH-2", DFOTA_ERR_USAGE);
}

static void refuses_a_package_for_other_sectors_or_scratch(void **state)
{
    (void)state;
    unit.images.scratch.size = SECTOR;
    assert_int_equal(restart(), DFOTA_OK);
    is_refused("UPG-6", DFOTA_ERR_REFUSED);
    unit.images.scratch.size = SCRATCH;
    unit.images.parts[0].part.area.size -= SECTOR;
    assert_int_equal(restart(), DFOTA_OK);
    is_refused("UPG-6", DFOTA_ERR_REFUSED);
}

static void refuses_a_package_without_the_image(void **state)
{
    (void)state;
    unit.images.parts[0].part.entry = "modem.delta";
    assert_int_equal(restart(), DFOTA_OK);
    is_refused("UPG-8", DFOTA_ERR_REFUSED);
}

/* Cuts the power at the first erasing in the image. */
static void cut_at_image(struct sim *sim, const struct sim_op *op)
{
    if (op->bytes != NULL || op->address < unit.part.area.address ||
        op->address >= unit.part.area.address + unit.part.area.size)
        return;
    sim_damage(sim, op, SIM_UNSTABLE);
    sim->off = true;
}

/* Comes to where there is neither the old image nor the new one. */
static void cut_in_the_middle(void)
{
    begin();
    unit.sim->watch = cut_at_image;
    while (!unit.sim->off)
        run();
    unit.sim->off = false;
    unit.sim->watch = NULL;
    assert_false(is_old());
    assert_int_equal(restart(), DFOTA_OK);
    assert_int_equal(dfota_image_upgrade_mode(&unit.upgrade),
                     DFOTA_MODE_UPGRADE);
}

static void goes_on_with_a_corrected_package(void **state)
{
    (void)state;
    cut_in_the_middle();
    spoil(5);
    assert_int_equal(run(), DFOTA_OK); /* what has been made is copied */
    for (unsigned i = 0; i < 10; i++) {
        assert_int_equal(run(), DFOTA_ERR_DIGEST);
        assert_string_equal(fault.rule, "ZIP-16");
        assert_int_equal(restart(), DFOTA_OK);
        assert_int_equal(step(), DFOTA_IMAGE_STEP_MAKE);
    }
    spoil(5);
    ends_well();
}

/* Writes a package with a delta between two other images. */
static void offer(struct dfota_view old, struct dfota_view new)
{
    struct dfota_buffer delta = {0};
    struct dfota_buffer zip = {0};

    assert_true(image_scene_delta(old, new, &flash, SCRATCH, &delta));
    image_scene_add_entry(&zip, "image.delta", dfota_buffer_view(&delta));
    image_scene_add_entry(&zip, NULL, new);
    assert_true(zip.size <= unit.images.package.size);
    put(unit.images.package.address, zip.data, zip.size);
    unit.images.package_size = (uint32_t)zip.size;
    dfota_buffer_free(&delta);
    dfota_buffer_free(&zip);
    assert_int_equal(restart(), DFOTA_OK);
}

static void takes_another_delta_only_where_that_needs_no_old_image(void **state)
{
    static const uint8_t text[2 * SECTOR] = "a system that only rescues";
    const struct dfota_view rescue = {text, sizeof(text)};
    const struct dfota_view none = {text, 0};

    (void)state;
    cut_in_the_middle();
    assert_int_equal(run(), DFOTA_OK);
    offer((struct dfota_view){text + SECTOR, SECTOR}, rescue);
    assert_int_equal(run(), DFOTA_ERR_REFUSED);
    assert_string_equal(fault.rule, "UPG-7");
    offer(none, rescue);
    while (step() != DFOTA_IMAGE_STEP_DONE)
        assert_int_equal(run(), DFOTA_OK);
    assert_true(
        sim_holds(unit.sim, unit.part.area.address, text, sizeof(text)));
}

static void gives_up_after_five_retries_where_that_is_the_rule(void **state)
{
    (void)state; /* B 4 */
    unit.images.retries = 5;
    cut_in_the_middle();
    assert_int_equal(run(), DFOTA_OK);
    spoil(5);
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(run(), DFOTA_ERR_DIGEST);
        assert_int_equal(restart(), DFOTA_OK);
        assert_int_equal(restart(), DFOTA_OK); /* which does not count */
        assert_int_equal(step(), DFOTA_IMAGE_STEP_MAKE);
    }
    assert_int_equal(run(), DFOTA_ERR_DIGEST);
    assert_int_equal(restart(), DFOTA_OK);
    assert_int_equal(step(), DFOTA_IMAGE_STEP_IDLE);
    assert_int_equal(dfota_image_upgrade_mode(&unit.upgrade),
                     DFOTA_MODE_NORMAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(writes_the_new_image_over_the_old_one),
        TEST(says_that_it_is_updated_already),
        TEST(refuses_another_image_before_the_first_erase),
        TEST(refuses_a_corrupt_package_before_the_first_erase),
        TEST(refuses_a_package_that_is_cut),
        TEST(refuses_a_package_for_other_sectors_or_scratch),
        TEST(refuses_a_package_without_the_image),
        TEST(goes_on_with_a_corrected_package),
        TEST(takes_another_delta_only_where_that_needs_no_old_image),
        TEST(gives_up_after_five_retries_where_that_is_the_rule),
    };

    return cmocka_run_group_tests_name("image_upgrade", tests, NULL, NULL);
}
