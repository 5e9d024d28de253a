/* SPDX-License-Identifier: MIT */
/* the journal: what was noted last is found again, whatever happened */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/apply/journal.h"
#include "tests/power/sim.h"

#define SECTOR 4096
#define SIZE   (6 * SECTOR)
#define BLOB   900

static const struct dfota_area area = {SECTOR, 4 * SECTOR};
static struct dfota_fault fault;
static uint8_t blob[BLOB];

static struct sim *make(uint8_t unit, uint8_t erased)
{
    static uint8_t image[SIZE];
    const struct dfota_flash flash = {.size = SIZE,
                                      .sector_size = SECTOR,
                                      .program_unit = unit,
                                      .erased = erased};

    memset(image, 0x5a, sizeof(image)); /* what a factory left there */
    for (unsigned i = 0; i < BLOB; i++) /* with much that looks erased */
        blob[i] = i % 300 < 100 ? (uint8_t)(i * 7) : erased;
    return sim_new(&flash, image, 1);
}

static struct dfota_journal_state numbered(uint32_t number)
{
    return (struct dfota_journal_state){.flow = 1,
                                        .step = (uint8_t)(number % 5 + 1),
                                        .numbers = {number, [6] = ~number}};
}

static void open(struct dfota_journal *journal, const struct sim *sim)
{
    assert_int_equal(dfota_journal_open(journal, &sim->flash, area, &fault),
                     DFOTA_OK);
}

static void note(struct dfota_journal *journal, uint32_t number)
{
    const struct dfota_journal_state state = numbered(number);

    assert_int_equal(dfota_journal_note(journal, &state, &fault), DFOTA_OK);
}

static void has_the_blob(const struct dfota_journal *journal)
{
    uint8_t found[BLOB];

    assert_int_equal(journal->blob_size, BLOB);
    assert_int_equal(dfota_journal_blob(journal, found), DFOTA_OK);
    assert_memory_equal(found, blob, BLOB);
}

static void has_noted_nothing_at_first(void **state)
{
    struct sim *sim = make(1, 0xff);
    struct dfota_journal journal;

    (void)state;
    open(&journal, sim);
    assert_int_equal(journal.sequence, 0);
    assert_int_equal(journal.state.step, 0);
    assert_int_equal(dfota_journal_confirm(&journal, &fault), DFOTA_OK);
    assert_int_equal(sim->ops, 0);
    sim_free(sim);
}

static void finds_the_last_of_many_notes(void **state)
{
    static const uint8_t units[] = {1, 8, 32};

    (void)state;
    for (unsigned i = 0; i < 6; i++) {
        struct sim *sim = make(units[i % 3], i < 3 ? 0xff : 0x00);
        const struct dfota_journal_state first = numbered(0);
        struct dfota_journal journal;

        open(&journal, sim);
        assert_int_equal(
            dfota_journal_note_blob(&journal, &first, blob, BLOB, &fault),
            DFOTA_OK);
        for (uint32_t number = 1; number < 400; number++) {
            note(&journal, number);
            if (number % 7 == 0)
                open(&journal, sim);
            assert_int_equal(journal.state.numbers[0], number);
            assert_int_equal(journal.state.numbers[6], ~number);
            has_the_blob(&journal);
        }
        assert_null(sim->misuse);
        assert_true(sim->erases[1] >= 1 && sim->erases[3] >= 1);
        assert_true(sim_most_erases(sim, area) <= 4);
        assert_int_equal(sim->erases[0] + sim->erases[5], 0);
        sim_free(sim);
    }
}

/* What the power is cut in: a few notes, one of them with a blob, over the end
 * of a half. */
struct story {
    unsigned ops; /* operations until the power goes */
    enum sim_damage damage;
    uint32_t noted; /* the last note that came back */
    uint32_t begun; /* the last one that was begun */
    bool over;
};

static void go_dark(struct sim *sim, const struct sim_op *op)
{
    struct story *story = sim->watcher;

    if (story->ops-- > 0)
        return;
    sim_damage(sim, op, story->damage);
    sim->off = true;
}

static void tell(struct story *story, struct sim *sim)
{
    struct dfota_journal journal;

    story->over = false;
    open(&journal, sim);
    for (uint32_t number = story->noted + 1; number < 40; number++) {
        const struct dfota_journal_state state = numbered(number);

        story->begun = number;
        if (number % 9 == 0
                ? dfota_journal_note_blob(&journal, &state, blob, BLOB, NULL)
                : dfota_journal_note(&journal, &state, NULL))
            return;
        story->noted = number;
    }
    story->over = true;
}

/* Opens the flash as it is many times: each time it may read differently.  The
 * first opening that confirms decides for all that follow. */
static void check_cut(struct sim *sim, const struct story *story)
{
    struct dfota_journal journal;
    unsigned tries = 0;
    uint32_t decided;

    do {
        open(&journal, sim);
        decided = journal.state.numbers[0];
        assert_true(decided == story->noted || decided == story->begun);
        assert_true(tries++ < 8);
    } while (tries < 4 || dfota_journal_confirm(&journal, &fault));
    for (unsigned i = 0; i < 8; i++) {
        open(&journal, sim);
        assert_int_equal(journal.state.numbers[0], decided);
        if (decided >= 9)
            has_the_blob(&journal);
    }
}

static void survives_a_cut_in_every_operation(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 2 * SIM_DAMAGES; i++) {
        struct story story = {0};

        for (unsigned ops = 0; !story.over; ops++) {
            struct sim *sim = make(i % 2 ? 32 : 1, i % 2 ? 0x00 : 0xff);

            sim->random += ops;
            sim->watch = go_dark;
            sim->watcher = &story;
            story =
                (struct story){.ops = ops, .damage = (enum sim_damage)(i / 2)};
            tell(&story, sim);
            sim->off = false;
            sim->watch = NULL;
            if (!story.over)
                check_cut(sim, &story);
            assert_null(sim->misuse);
            sim_free(sim);
        }
    }
}

static void leaves_a_place_that_cannot_be_programmed(void **state)
{
    struct sim *sim = make(8, 0xff);
    struct dfota_journal journal;

    (void)state;
    open(&journal, sim);
    note(&journal, 1);
    for (uint32_t i = 2; i < 30; i++) {
        sim->fail = true;
        sim->damage = (enum sim_damage)(i % SIM_DAMAGES);
        note(&journal, i);
        open(&journal, sim);
        assert_int_equal(journal.state.numbers[0], i);
    }
    assert_null(sim->misuse);
    sim_free(sim);
}

static void refuses_an_area_that_is_not_two_halves(void **state)
{
    struct sim *sim = make(1, 0xff);
    struct dfota_journal journal;

    (void)state;
    assert_int_equal(dfota_journal_open(&journal, &sim->flash,
                                        (struct dfota_area){0, 3 * SECTOR},
                                        &fault),
                     DFOTA_ERR_USAGE);
    assert_string_equal(fault.rule, "JRN-1");
    sim_free(sim);
}

static void refuses_a_blob_that_a_half_cannot_hold(void **state)
{
    static uint8_t large[2 * SECTOR];
    const struct dfota_journal_state first = numbered(1);
    struct sim *sim = make(1, 0xff);
    struct dfota_journal journal;

    (void)state;
    open(&journal, sim);
    note(&journal, 7);
    assert_int_equal(
        dfota_journal_note_blob(&journal, &first, large, sizeof(large), &fault),
        DFOTA_ERR_LIMIT);
    assert_string_equal(fault.rule, "JRN-2");
    assert_true(journal.lost);
    open(&journal, sim);
    assert_int_equal(journal.state.numbers[0], 7);
    assert_true(dfota_journal_size(&sim->flash, 0) >= 2 * SECTOR);
    assert_true(dfota_journal_size(&sim->flash, sizeof(large)) >
                4 * sizeof(large));
    sim_free(sim);
}

/* A flash that promises, and does nothing. */
static enum dfota_error pretend(void *context, uint32_t address,
                                const void *bytes, size_t size)
{
    (void)context;
    (void)address;
    (void)bytes;
    (void)size;
    return DFOTA_OK;
}

static void notices_what_was_not_programmed(void **state)
{
    const struct dfota_journal_state first = numbered(1);
    struct sim *sim = make(1, 0xff);
    struct dfota_journal journal;

    (void)state;
    open(&journal, sim);
    note(&journal, 7);
    sim->flash.program = pretend;
    assert_int_equal(dfota_journal_note(&journal, &first, &fault),
                     DFOTA_ERR_IO);
    assert_string_equal(fault.rule, "JRN-3");
    sim_free(sim);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_noted_nothing_at_first),
        cmocka_unit_test(finds_the_last_of_many_notes),
        cmocka_unit_test(survives_a_cut_in_every_operation),
        cmocka_unit_test(leaves_a_place_that_cannot_be_programmed),
        cmocka_unit_test(refuses_an_area_that_is_not_two_halves),
        cmocka_unit_test(refuses_a_blob_that_a_half_cannot_hold),
        cmocka_unit_test(notices_what_was_not_programmed),
    };

    return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
