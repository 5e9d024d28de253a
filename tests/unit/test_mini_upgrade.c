/* SPDX-License-Identifier: MIT */
/* MiniFOTA on flash: the scenes of A 5.1, and what is refused when */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/apply/journal.h"
#include "tests/power/mini_scene.h"

#define NO_LIMIT UINT32_MAX

static const struct mini_scene_sizes sizes = {2900, 3700, 6000, 9100};
static const struct mini_scene_sizes corrected = {2900, 3700, 6000, 7000};

/* A module, its package, and the network between them. */
struct unit {
    struct scene scene;
    struct mini_scene mini;
    struct sim *sim;
    const struct mini_scene *served; /* what the server has */
    uint32_t first_limit;            /* bytes that can be had of each file */
    uint32_t second_limit;
    bool mine;
    _Alignas(16) uint8_t memory[256 * 1024];
    struct dfota_platform platform;
    struct dfota_mini_upgrade upgrade;
};

static struct unit unit;
static struct dfota_fault fault;

static enum dfota_error give(const struct dfota_buffer *file, uint32_t limit,
                             uint32_t offset, uint8_t *out, size_t size)
{
    if (offset + size > file->size || offset + size > limit)
        return DFOTA_ERR_IO;
    memcpy(out, file->data + offset, size);
    return DFOTA_OK;
}

static enum dfota_error read_first(void *context, uint32_t offset, void *out,
                                   size_t size)
{
    const struct unit *u = context;

    return give(&u->served->first, u->first_limit, offset, out, size);
}

static enum dfota_error read_second(void *context, uint32_t offset, void *out,
                                    size_t size)
{
    const struct unit *u = context;

    return give(&u->served->second, u->second_limit, offset, out, size);
}

static bool is_mine(void *context, const struct dfota_mini_identity *from)
{
    return ((struct unit *)context)->mine && from->project_size == 8;
}

/* Starts the module as after a reset. */
static enum dfota_error restart(void)
{
    unit.upgrade = (struct dfota_mini_upgrade){
        .platform = &unit.platform,
        .storage = unit.mini.storage,
        .backup = unit.mini.backup,
        .context = &unit,
        .read_first = read_first,
        .read_second = read_second,
        .is_mine = is_mine,
    };
    return dfota_mini_upgrade_open(&unit.upgrade, &fault);
}

static int set_up(void **state)
{
    const struct dfota_flash flash = {
        .sector_size = 4096, .program_unit = 8, .erased = 0xff};

    (void)state;
    memset(&unit, 0, sizeof(unit));
    mini_scene_make(&unit.scene, &unit.mini, &flash, &sizes);
    unit.sim = sim_new(&unit.scene.flash, unit.mini.old, 1);
    unit.served = &unit.mini;
    unit.first_limit = unit.second_limit = NO_LIMIT;
    unit.mine = true;
    unit.platform =
        scene_platform(&unit.scene, unit.sim, unit.memory, sizeof(unit.memory));
    return restart() == DFOTA_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    sim_free(unit.sim);
    mini_scene_free(&unit.mini);
    return 0;
}

static bool holds(const uint8_t *image, unsigned first, unsigned end)
{
    bool same = true;

    for (unsigned i = first; i < end; i++) {
        const struct dfota_mini_region *region = &unit.mini.header.regions[i];

        same &= sim_holds(unit.sim, region->address, image + region->address,
                          region->length);
    }
    return same;
}

static enum dfota_error run(void)
{
    memset(&fault, 0, sizeof(fault));
    return dfota_mini_upgrade_run(&unit.upgrade, &fault);
}

static enum dfota_mini_step step(void)
{
    return dfota_mini_upgrade_step(&unit.upgrade);
}

static void begin(void)
{
    assert_int_equal(dfota_mini_upgrade_begin(&unit.upgrade, &fault), DFOTA_OK);
}

/* Runs up to a step, with a restart before each. */
static void reach(enum dfota_mini_step wanted)
{
    if (step() == DFOTA_MINI_STEP_IDLE)
        begin();
    while (step() != wanted) {
        assert_int_equal(restart(), DFOTA_OK);
        assert_int_equal(run(), DFOTA_OK);
    }
}

static void ends_well(void)
{
    reach(DFOTA_MINI_STEP_DONE);
    assert_true(holds(unit.mini.new, 0, 3));
    assert_int_equal(dfota_mini_upgrade_mode(&unit.upgrade), DFOTA_MODE_NORMAL);
    assert_int_equal(run(), DFOTA_OK);
    assert_null(unit.sim->misuse);
}

/* Flips a byte of what the server has. */
static void spoil(struct dfota_buffer *file, size_t at)
{
    file->data[at] ^= 0x40;
}

static void is_refused(const char *rule, enum dfota_error error)
{
    begin();
    assert_int_equal(run(), error);
    assert_string_equal(fault.rule, rule);
    assert_int_equal(step(), DFOTA_MINI_STEP_IDLE);
    assert_int_equal(restart(), DFOTA_OK);
    assert_int_equal(step(), DFOTA_MINI_STEP_IDLE);
    assert_true(holds(unit.mini.old, 0, 3));
}

static void goes_through_four_reboots(void **state)
{
    static const enum dfota_upgrade_mode modes[] = {
        DFOTA_MODE_DOWNLOAD, DFOTA_MODE_DOWNLOAD, DFOTA_MODE_UPGRADE,
        DFOTA_MODE_DOWNLOAD, DFOTA_MODE_NORMAL};
    static const enum dfota_mini_step steps[] = {
        DFOTA_MINI_STEP_HEADER, DFOTA_MINI_STEP_PACKAGE, DFOTA_MINI_STEP_PATCH,
        DFOTA_MINI_STEP_SECOND, DFOTA_MINI_STEP_DONE};

    (void)state;
    assert_int_equal(run(), DFOTA_OK);
    begin();
    begin();
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(restart(), DFOTA_OK);
        assert_int_equal(step(), steps[i]);
        assert_int_equal(dfota_mini_upgrade_mode(&unit.upgrade), modes[i]);
        assert_int_equal(run(), DFOTA_OK);
    }
    ends_well();
}

static void returns_to_normal_when_nothing_can_be_fetched(void **state)
{
    (void)state; /* scene 1 */
    unit.first_limit = 1000;
    begin();
    assert_int_equal(run(), DFOTA_ERR_IO);
    assert_int_equal(step(), DFOTA_MINI_STEP_HEADER);
    assert_int_equal(dfota_mini_upgrade_abandon(&unit.upgrade, &fault),
                     DFOTA_OK);
    assert_int_equal(dfota_mini_upgrade_abandon(&unit.upgrade, &fault),
                     DFOTA_OK);
    assert_int_equal(restart(), DFOTA_OK);
    assert_int_equal(dfota_mini_upgrade_mode(&unit.upgrade), DFOTA_MODE_NORMAL);
    assert_true(holds(unit.mini.old, 0, 3));
}

static void refuses_another_flash_before_the_first_erase(void **state)
{
    (void)state; /* scene 2 */
    unit.mini.old[unit.mini.header.regions[2].address + 5] ^= 1;
    sim_free(unit.sim);
    unit.sim = sim_new(&unit.scene.flash, unit.mini.old, 1);
    unit.platform.flash = &unit.sim->flash;
    assert_int_equal(restart(), DFOTA_OK);
    is_refused("MIN-13", DFOTA_ERR_DIGEST);
}

static void stays_in_the_mini_system_when_the_network_goes(void **state)
{
    (void)state; /* scene 3 */
    reach(DFOTA_MINI_STEP_PACKAGE);
    for (unit.first_limit = 2050; unit.first_limit < unit.mini.first.size;
         unit.first_limit += 200) {
        assert_int_equal(run(), DFOTA_ERR_IO);
        assert_int_equal(restart(), DFOTA_OK);
        assert_int_equal(dfota_mini_upgrade_mode(&unit.upgrade),
                         DFOTA_MODE_DOWNLOAD);
        assert_true(holds(unit.mini.old, 0, 1));
    }
    assert_int_equal(dfota_mini_upgrade_abandon(&unit.upgrade, &fault),
                     DFOTA_ERR_REFUSED);
    assert_string_equal(fault.rule, "UPG-1");
    unit.first_limit = NO_LIMIT;
    ends_well();
}

static void waits_for_the_second_file(void **state)
{
    (void)state; /* scene 4 */
    reach(DFOTA_MINI_STEP_SECOND);
    for (unit.second_limit = 0; unit.second_limit < unit.mini.second.size;
         unit.second_limit += 700) {
        assert_int_equal(run(), DFOTA_ERR_IO);
        assert_int_equal(restart(), DFOTA_OK);
        assert_int_equal(dfota_mini_upgrade_mode(&unit.upgrade),
                         DFOTA_MODE_DOWNLOAD);
        assert_true(holds(unit.mini.new, 0, 1));
    }
    unit.second_limit = NO_LIMIT;
    ends_well();
}

static void takes_a_corrected_first_file_when_one_was_corrupt(void **state)
{
    size_t last = unit.mini.first.size - 1;

    (void)state; /* A 5.2 */
    reach(DFOTA_MINI_STEP_PACKAGE);
    for (size_t at = DFOTA_MINI_HEADER_SIZE; at <= last; at += 61) {
        spoil(&unit.mini.first, at);
        assert_true(run() != DFOTA_OK);
        assert_int_equal(step(), DFOTA_MINI_STEP_PACKAGE);
        assert_true(holds(unit.mini.old, 0, 1));
        spoil(&unit.mini.first, at);
    }
    ends_well();
}

static void takes_a_corrected_second_file_when_one_was_corrupt(void **state)
{
    size_t last = unit.mini.second.size - 1;

    (void)state; /* A 5.2 */
    reach(DFOTA_MINI_STEP_SECOND);
    for (size_t at = 0; at <= last; at += 200) {
        spoil(&unit.mini.second, at);
        run(); /* what has been written already is not fetched again */
        assert_int_equal(step(), DFOTA_MINI_STEP_SECOND);
        spoil(&unit.mini.second, at);
    }
    ends_well();
}

static void takes_another_package_for_the_same_mini_system(void **state)
{
    const struct dfota_flash flash = {
        .sector_size = 4096, .program_unit = 8, .erased = 0xff};
    struct mini_scene other = {0};
    struct scene scene;

    (void)state;
    mini_scene_make(&scene, &other, &flash, &corrected);
    reach(DFOTA_MINI_STEP_SECOND);
    unit.second_limit = 5000;
    assert_int_equal(run(), DFOTA_ERR_IO);
    unit.second_limit = NO_LIMIT;
    unit.served = &other;
    begin();
    begin(); /* it is no other one now */
    while (step() != DFOTA_MINI_STEP_DONE) {
        assert_int_equal(restart(), DFOTA_OK);
        assert_int_equal(run(), DFOTA_OK);
    }
    assert_true(holds(other.new, 0, 3));
    assert_false(holds(unit.mini.new, 0, 3));
    mini_scene_free(&other);
}

static void leaves_a_package_for_another_mini_system_alone(void **state)
{
    const struct dfota_flash flash = {
        .sector_size = 4096, .program_unit = 8, .erased = 0xff};
    const struct mini_scene_sizes far = {1000, 2000, 6000, 9100};
    struct mini_scene other = {0};
    struct scene scene;

    (void)state;
    mini_scene_make(&scene, &other, &flash, &far);
    reach(DFOTA_MINI_STEP_SECOND);
    unit.served = &other;
    assert_int_equal(dfota_mini_upgrade_begin(&unit.upgrade, &fault),
                     DFOTA_ERR_DIGEST);
    assert_string_equal(fault.rule, "MIN-13");
    unit.served = &unit.mini;
    ends_well();
    mini_scene_free(&other);
}

/* As decayed flash would. */
static void damage_flash(uint32_t address)
{
    const struct sim_op op = {address, 8, (const uint8_t *)"\0\0\0\0\0\0\0"};

    sim_damage(unit.sim, &op, SIM_ALL);
}

static void puts_the_mini_system_back_when_patching_fails(void **state)
{
    (void)state;
    reach(DFOTA_MINI_STEP_PATCH);
    damage_flash(unit.mini.storage.address + 200);
    assert_true(run() != DFOTA_OK);
    assert_int_equal(step(), DFOTA_MINI_STEP_RESTORE);
    assert_int_equal(restart(), DFOTA_OK);
    assert_int_equal(dfota_mini_upgrade_mode(&unit.upgrade),
                     DFOTA_MODE_UPGRADE);
    assert_int_equal(run(), DFOTA_OK);
    assert_int_equal(step(), DFOTA_MINI_STEP_PACKAGE);
    assert_true(holds(unit.mini.old, 0, 1));
    ends_well();
}

static void does_not_put_back_what_is_no_backup(void **state)
{
    (void)state;
    reach(DFOTA_MINI_STEP_PATCH);
    damage_flash(unit.mini.backup.address);
    assert_int_equal(run(), DFOTA_ERR_DIGEST);
    assert_string_equal(fault.rule, "DLT-14");
    assert_int_equal(run(), DFOTA_ERR_DIGEST);
    assert_string_equal(fault.rule, "MIN-13");
    assert_int_equal(step(), DFOTA_MINI_STEP_RESTORE);
    assert_true(holds(unit.mini.old, 0, 1));
}

static void writes_the_big_system_anew_when_the_whole_is_not_right(void **state)
{
    (void)state;
    reach(DFOTA_MINI_STEP_SECOND);
    unit.second_limit = (uint32_t)unit.mini.second.size - 10;
    assert_int_equal(run(), DFOTA_ERR_IO);
    unit.second_limit = NO_LIMIT;
    damage_flash(unit.mini.header.regions[1].address);
    assert_int_equal(run(), DFOTA_ERR_DIGEST);
    assert_string_equal(fault.rule, "MIN-14");
    ends_well();
}

static void says_that_it_is_updated_already(void **state)
{
    uint64_t ops;

    (void)state;
    reach(DFOTA_MINI_STEP_DONE);
    unit.mine = false; /* it runs the new version */
    begin();
    ops = unit.sim->ops;
    assert_int_equal(run(), DFOTA_OK);
    assert_int_equal(step(), DFOTA_MINI_STEP_DONE);
    assert_int_equal(unit.sim->ops, ops + 1); /* a note */
}

static void refuses_a_package_for_another_version(void **state)
{
    (void)state;
    unit.mine = false;
    is_refused("UPG-2", DFOTA_ERR_REFUSED);
}

static void refuses_regions_that_are_not_whole_sectors(void **state)
{
    (void)state;
    unit.sim->flash.sector_size = 8192;
    unit.upgrade.storage = unit.upgrade.backup = unit.mini.backup;
    unit.upgrade.storage.size = unit.upgrade.backup.size = 8192;
    begin();
    assert_int_equal(run(), DFOTA_ERR_REFUSED);
    assert_string_equal(fault.rule, "UPG-3");
}

static void refuses_what_has_no_room_in_the_big_system(void **state)
{
    const struct dfota_area storage = unit.mini.storage;

    (void)state;
    unit.mini.backup.size = 4096;
    assert_int_equal(restart(), DFOTA_OK);
    is_refused("UPG-4", DFOTA_ERR_REFUSED);
    unit.mini.backup.size = 8192;
    unit.mini.storage.address = 0; /* which is kept */
    unit.mini.storage.size = 4096;
    assert_int_equal(restart(), DFOTA_OK);
    is_refused("UPG-4", DFOTA_ERR_REFUSED);
    unit.mini.storage = storage;
}

static void refuses_what_needs_more_memory(void **state)
{
    (void)state;
    unit.platform.memory_size = unit.mini.header.ram - 1;
    is_refused("UPG-5", DFOTA_ERR_LIMIT);
    unit.platform.memory_size = DFOTA_UPGRADE_MEMORY - 1;
    assert_int_equal(restart(), DFOTA_ERR_LIMIT);
    assert_string_equal(fault.rule, "UPG-5");
}

static void refuses_areas_that_overlap_or_are_too_small(void **state)
{
    const struct dfota_area journal = unit.scene.journal;

    (void)state;
    unit.mini.backup = unit.mini.storage;
    assert_int_equal(restart(), DFOTA_ERR_USAGE);
    assert_string_equal(fault.rule, "FLASH-3");
    unit.platform.journal.size -= 8192;
    assert_int_equal(restart(), DFOTA_ERR_LIMIT);
    assert_string_equal(fault.rule, "JRN-2");
    unit.platform.journal = journal;
}

static void refuses_the_journal_of_another_upgrade(void **state)
{
    const struct dfota_journal_state other = {.flow = 77, .step = 1};

    (void)state;
    assert_int_equal(dfota_journal_note(&unit.upgrade.journal, &other, &fault),
                     DFOTA_OK);
    assert_int_equal(restart(), DFOTA_ERR_UNSUPPORTED);
    assert_string_equal(fault.rule, "JRN-4");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(goes_through_four_reboots),
        TEST(returns_to_normal_when_nothing_can_be_fetched),
        TEST(refuses_another_flash_before_the_first_erase),
        TEST(stays_in_the_mini_system_when_the_network_goes),
        TEST(waits_for_the_second_file),
        TEST(takes_a_corrected_first_file_when_one_was_corrupt),
        TEST(takes_a_corrected_second_file_when_one_was_corrupt),
        TEST(takes_another_package_for_the_same_mini_system),
        TEST(leaves_a_package_for_another_mini_system_alone),
        TEST(puts_the_mini_system_back_when_patching_fails),
        TEST(does_not_put_back_what_is_no_backup),
        TEST(writes_the_big_system_anew_when_the_whole_is_not_right),
        TEST(says_that_it_is_updated_already),
        TEST(refuses_a_package_for_another_version),
        TEST(refuses_regions_that_are_not_whole_sectors),
        TEST(refuses_what_has_no_room_in_the_big_system),
        TEST(refuses_what_needs_more_memory),
        TEST(refuses_areas_that_overlap_or_are_too_small),
        TEST(refuses_the_journal_of_another_upgrade),
    };

    return cmocka_run_group_tests_name("mini_upgrade", tests, NULL, NULL);
}
