/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/delta/order.h"
#include "tests/support/random.h"

#define SEGMENT 100

static uint8_t bytes[4000];

static struct dfota_sequence sequence_of(const struct dfota_record *records,
                                         size_t count, uint32_t new_size)
{
    const struct dfota_plan plan = {.old = {bytes, sizeof(bytes)},
                                    .new = {bytes, new_size},
                                    .records = records,
                                    .record_count = count};
    struct dfota_sequence sequence = {0};

    assert_int_equal(dfota_sequence_find(&plan, SEGMENT, &sequence, NULL),
                     DFOTA_OK);
    assert_int_equal(sequence.places.size,
                     (new_size + SEGMENT - 1) / SEGMENT * sizeof(uint32_t));
    return sequence;
}

static const uint32_t *places_of(const struct dfota_sequence *sequence)
{
    return (const void *)sequence->places.data;
}

/* Bytes of copies that read from a place after it has been overwritten. */
static uint64_t lost_in(const struct dfota_record *records, size_t count,
                        const uint32_t *places, uint32_t segments)
{
    uint32_t turns[sizeof(bytes) / SEGMENT];
    uint64_t lost = 0;
    uint32_t new_pos = 0;

    for (uint32_t i = 0; i < segments; i++)
        turns[places[i]] = i;
    for (size_t i = 0; i < count; i++) {
        new_pos += records[i].insert;
        for (uint32_t k = 0; k < records[i].copy; k++, new_pos++) {
            uint32_t place = (records[i].old_pos + k) / SEGMENT;

            lost += place < segments && turns[place] < turns[new_pos / SEGMENT];
        }
    }
    return lost;
}

static void goes_forward_where_all_moved_down(void **state)
{
    const struct dfota_record record = {0, 950, 30, 0};
    struct dfota_sequence sequence = sequence_of(&record, 1, 950);

    (void)state;
    assert_int_equal(sequence.lost, 0);
    assert_false(sequence.backward);
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(places_of(&sequence)[i], i);
    dfota_sequence_free(&sequence);
}

static void goes_backward_where_all_moved_up(void **state)
{
    const struct dfota_record record = {30, 920, 0, 0};
    struct dfota_sequence sequence = sequence_of(&record, 1, 950);

    (void)state;
    assert_int_equal(sequence.lost, 0);
    assert_true(sequence.backward);
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(places_of(&sequence)[i], 9 - i);
    dfota_sequence_free(&sequence);
}

static void loses_the_smaller_part_where_two_read_each_other(void **state)
{
    const struct dfota_record records[] = {{0, 100, 150, 0}, {0, 100, 20, 0}};
    struct dfota_sequence sequence = sequence_of(records, 2, 200);

    (void)state;
    /* 50 bytes of the first are in the second, 80 the other way round */
    assert_int_equal(sequence.lost, 50);
    assert_int_equal(places_of(&sequence)[0], 1);
    dfota_sequence_free(&sequence);
}

static void gives_each_segment_one_turn(void **state)
{
    uint32_t seed = 11;

    (void)state;
    for (unsigned i = 0; i < 50; i++) {
        struct dfota_record records[40];
        bool seen[20] = {false};
        struct dfota_sequence sequence;

        for (size_t k = 0; k < 40; k++)
            records[k] = (struct dfota_record){
                0, 50, random_below(&seed, sizeof(bytes) - 50), 0};
        sequence = sequence_of(records, 40, 2000);
        for (size_t k = 0; k < 20; k++) {
            assert_false(seen[places_of(&sequence)[k]]);
            seen[places_of(&sequence)[k]] = true;
        }
        assert_int_equal(sequence.lost,
                         lost_in(records, 40, places_of(&sequence), 20));
        dfota_sequence_free(&sequence);
    }
}

static void has_no_turns_for_an_empty_image(void **state)
{
    struct dfota_sequence sequence = sequence_of(NULL, 0, 0);

    (void)state;
    assert_int_equal(sequence.places.size, 0);
    dfota_sequence_free(&sequence);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_forward_where_all_moved_down),
        cmocka_unit_test(goes_backward_where_all_moved_up),
        cmocka_unit_test(loses_the_smaller_part_where_two_read_each_other),
        cmocka_unit_test(gives_each_segment_one_turn),
        cmocka_unit_test(has_no_turns_for_an_empty_image),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
