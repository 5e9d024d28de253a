/* SPDX-License-Identifier: MIT */
/* drafts: what has been found out of them survives better copies */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/delta/draft.h"
#include "tests/support/random.h"

#define SIZE 60000u              /* bytes of either image */
#define RAM  ((uint32_t)1 << 18) /* bytes */

static uint8_t old[SIZE];
static uint8_t new[SIZE];

static struct dfota_draft draft_of(uint8_t dialect_count)
{
    struct dfota_draft draft = {0};

    draft.plan.old = (struct dfota_view){old, SIZE};
    draft.plan.new = (struct dfota_view){new, SIZE};
    draft.plan.prediction.dialect_count = dialect_count;
    for (unsigned i = 0; i < dialect_count; i++)
        draft.plan.prediction.dialects[i] =
            (struct dfota_dialect){(uint8_t)(DFOTA_ISA_T32 + i), 1};
    return draft;
}

static void set_copies(struct dfota_draft *draft,
                       const struct dfota_copy *copies, size_t count)
{
    const struct dfota_view view = {(const void *)copies,
                                    count * sizeof(*copies)};

    assert_int_equal(dfota_draft_set_copies(draft, view, NULL), DFOTA_OK);
    assert_int_equal(draft->plan.record_count * sizeof(struct dfota_record),
                     draft->records.size);
    if (draft->plan.record_count > 0)
        assert_ptr_equal(draft->plan.records, draft->records.data);
}

static void set_dialect(struct dfota_draft *draft, size_t index,
                        uint8_t dialect)
{
    ((struct dfota_record *)(void *)draft->records.data)[index].dialect =
        dialect;
}

static void is_one_insertion_without_copies(void **state)
{
    struct dfota_draft draft = draft_of(0);

    (void)state;
    set_copies(&draft, NULL, 0);
    assert_int_equal(draft.plan.record_count, 1);
    assert_int_equal(draft.plan.records->insert, SIZE);
    assert_int_equal(draft.plan.records->dialect, 0);
    draft.plan.new.size = 0;
    set_copies(&draft, NULL, 0);
    assert_int_equal(draft.plan.record_count, 0);
    dfota_draft_free(&draft);
    dfota_draft_free(&draft);
}

/* A record takes the dialect that was where its copy begins. */
static void carries_dialects_over(void **state)
{
    static const struct dfota_copy first[] = {
        {0, 100, 20000}, {20000, 5, 20000}, {40000, 70, 20000}};
    static const struct dfota_copy second[] = {{0, 0, 10000},
                                               {10000, 7, 9999},
                                               {20000, 0, 10000},
                                               {38000, 4, 20},
                                               {59000, 4, 1000}};
    struct dfota_draft draft = draft_of(3);

    (void)state;
    set_copies(&draft, first, 3);
    assert_int_equal(draft.plan.record_count, 3);
    for (uint8_t i = 0; i < 3; i++) {
        assert_int_equal(draft.plan.records[i].dialect, 0);
        set_dialect(&draft, i, (uint8_t)(i + 1));
    }
    set_copies(&draft, second, 5);
    assert_int_equal(draft.plan.record_count, 5);
    assert_int_equal(draft.plan.records[0].dialect, 1);
    assert_int_equal(draft.plan.records[1].dialect, 1);
    assert_int_equal(draft.plan.records[2].dialect, 2);
    assert_int_equal(draft.plan.records[3].dialect, 2);
    assert_int_equal(draft.plan.records[4].dialect, 3);
    set_copies(&draft, first, 3); /* and back again */
    for (uint8_t i = 0; i < 3; i++)
        assert_int_equal(draft.plan.records[i].dialect, i + 1);
    dfota_draft_free(&draft);
}

/* What is inserted at the very end has no copy to be judged by. */
static void carries_the_last_dialect_to_the_end(void **state)
{
    static const struct dfota_copy copy = {100, 0, 1000};
    struct dfota_draft draft = draft_of(2);

    (void)state;
    set_copies(&draft, NULL, 0);
    set_dialect(&draft, 0, 2);
    set_copies(&draft, &copy, 1);
    assert_int_equal(draft.plan.record_count, 2);
    assert_int_equal(draft.plan.records[0].dialect, 2);
    assert_int_equal(draft.plan.records[1].dialect, 2);
    dfota_draft_free(&draft);
}

static void cuts_plain_bytes_out_as_one_more_dialect(void **state)
{
    static const struct dfota_copy copies[] = {{0, 0, 8192}, {32768, 0, 1000}};
    struct dfota_draft draft = draft_of(2);
    uint32_t seed = 81;

    (void)state;
    memset(new, 'n', SIZE);
    random_fill(&seed, new + 8192, 24576);
    set_copies(&draft, copies, 2);
    for (size_t i = 0; i < draft.plan.record_count; i++)
        set_dialect(&draft, i, 1);
    assert_int_equal(dfota_draft_split(&draft, NULL), DFOTA_OK);
    assert_int_equal(draft.plan.record_count, 4);
    assert_int_equal(draft.plan.records[1].dialect, 3);
    assert_int_equal(draft.plan.records[1].insert, 24576);
    assert_int_equal(draft.plan.records[1].copy, 0);
    assert_int_equal(draft.plan.records[2].dialect, 1);
    assert_int_equal(draft.plan.records[2].insert, 0);
    assert_int_equal(draft.plan.records[2].copy, 1000);
    dfota_draft_free(&draft);
}

/* The code of new is where the records are; of old, where their copies were. */
static void is_sketched_with_its_regions(void **state)
{
    static const struct dfota_copy copies[] = {{1000, 30000, 20000},
                                               {21000, 500, 20000}};
    struct dfota_draft draft = draft_of(2);
    struct dfota_sketch sketch;

    (void)state;
    set_copies(&draft, copies, 2);
    set_dialect(&draft, 0, 1);
    set_dialect(&draft, 1, 2);
    set_dialect(&draft, 2, 0);
    assert_int_equal(dfota_sketch_open(&draft, RAM, &sketch, NULL), DFOTA_OK);
    assert_int_equal(sketch.pairing.copy_count, 2);
    assert_memory_equal(sketch.pairing.copies, copies, sizeof(copies));
    assert_int_equal(sketch.old_regions.count, 2);
    assert_int_equal(sketch.old_regions.list[0].begin, 500);
    assert_int_equal(sketch.old_regions.list[0].dialect, 2);
    assert_int_equal(sketch.old_regions.list[1].begin, 30000);
    assert_int_equal(sketch.old_regions.list[1].dialect, 1);
    assert_int_equal(sketch.new_regions.count, 3);
    for (unsigned i = 0; i < 3; i++) {
        static const uint32_t begin[] = {0, 21000, 41000};

        assert_int_equal(sketch.new_regions.list[i].begin, begin[i]);
        assert_int_equal(sketch.new_regions.list[i].dialect, (i + 1) % 3);
    }
    assert_int_equal(draft.plan.prediction.map_count, 2);
    assert_int_equal(sketch.rehearsal.predictor.map.count, 2);
    assert_int_equal(dfota_map_shift(&sketch.rehearsal.predictor.map, 600),
                     20500);
    dfota_sketch_close(&sketch);
    dfota_draft_free(&draft);
}

static void is_sketched_when_nothing_is_copied(void **state)
{
    struct dfota_draft draft = draft_of(1);
    struct dfota_sketch sketch;

    (void)state;
    set_copies(&draft, NULL, 0);
    assert_int_equal(dfota_sketch_open(&draft, RAM, &sketch, NULL), DFOTA_OK);
    assert_int_equal(sketch.pairing.copy_count, 0);
    assert_int_equal(sketch.old_regions.count, 0);
    assert_int_equal(sketch.new_regions.count, 1);
    dfota_sketch_close(&sketch);
    dfota_draft_free(&draft);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_one_insertion_without_copies),
        cmocka_unit_test(carries_dialects_over),
        cmocka_unit_test(carries_the_last_dialect_to_the_end),
        cmocka_unit_test(cuts_plain_bytes_out_as_one_more_dialect),
        cmocka_unit_test(is_sketched_with_its_regions),
        cmocka_unit_test(is_sketched_when_nothing_is_copied),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
