/* SPDX-License-Identifier: MIT */
/* the table of what was learned, against what the specification says of it */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/apply/learned.h"
#include "tests/support/random.h"

#define MOST 50 /* entries */

/* The same without order: found by looking at all. */
struct model {
    struct dfota_learned_entry entries[MOST];
    uint32_t count;
    uint32_t capacity;
};

/* The entry with the largest key below `key`, or NULL; or, `above`, the one
 * with the smallest key beyond it. */
static struct dfota_learned_entry *neighbour(struct model *model, uint32_t key,
                                             bool above)
{
    struct dfota_learned_entry *best = NULL;

    for (uint32_t i = 0; i < model->count; i++) {
        struct dfota_learned_entry *entry = &model->entries[i];

        if (entry->key == key || (entry->key > key) != above)
            continue;
        if (best == NULL || (entry->key < best->key) == above)
            best = entry;
    }
    return best;
}

static struct dfota_learned_entry *exact(struct model *model, uint32_t key)
{
    for (uint32_t i = 0; i < model->count; i++)
        if (model->entries[i].key == key)
            return &model->entries[i];
    return NULL;
}

static void model_put(struct model *model, uint32_t key, uint32_t shift)
{
    struct dfota_learned_entry *place = exact(model, key);

    if (model->capacity == 0)
        return;
    if (place == NULL && model->count < model->capacity)
        place = &model->entries[model->count++];
    if (place == NULL)
        place = neighbour(model, key, false);
    if (place == NULL)
        place = neighbour(model, key, true);
    *place = (struct dfota_learned_entry){key, shift};
}

static void assert_found(struct model *model,
                         const struct dfota_learned *learned, uint32_t key)
{
    const struct dfota_learned_entry *below = neighbour(model, key, false);
    const struct dfota_learned_entry *above = neighbour(model, key, true);
    uint32_t shift = 12345;
    enum dfota_learned_source source = dfota_learned_find(learned, key, &shift);

    if (exact(model, key) != NULL) {
        assert_int_equal(source, DFOTA_LEARNED_EXACT);
        assert_int_equal(shift, exact(model, key)->shift);
    } else if (below == NULL) {
        assert_int_equal(source, DFOTA_LEARNED_NOTHING);
    } else {
        assert_int_equal(source, above != NULL && above->shift == below->shift
                                     ? DFOTA_LEARNED_BETWEEN
                                     : DFOTA_LEARNED_NEAREST);
        assert_int_equal(shift, below->shift);
    }
}

static void does_what_its_specification_says(void **state)
{
    uint32_t seed = 21;

    (void)state;
    for (uint32_t capacity = 0; capacity <= MOST; capacity++) {
        struct dfota_learned_entry entries[MOST + 1] = {{0, 0}};
        struct dfota_learned learned = {entries, 0, capacity};
        struct model model = {.capacity = capacity};
        uint32_t keys = 1 + random_below(&seed, 2 * MOST);

        entries[capacity] = (struct dfota_learned_entry){77, 77};
        for (unsigned i = 0; i < 300; i++) {
            uint32_t key = random_below(&seed, keys) - keys / 2;
            uint32_t shift = random_below(&seed, 3);

            dfota_learned_put(&learned, key, shift);
            model_put(&model, key, shift);
            assert_int_equal(learned.count, model.count);
            assert_found(&model, &learned, key);
            assert_found(&model, &learned, random_below(&seed, keys));
            assert_found(&model, &learned, 0 - random_below(&seed, keys));
        }
        for (uint32_t i = 1; i < learned.count; i++)
            assert_true(entries[i - 1].key < entries[i].key);
        assert_int_equal(entries[capacity].key, 77);
    }
}

static void knows_nothing_at_first(void **state)
{
    const struct dfota_learned learned = {NULL, 0, 0};
    uint32_t shift = 9;

    (void)state;
    assert_int_equal(dfota_learned_find(&learned, 0, &shift),
                     DFOTA_LEARNED_NOTHING);
    assert_int_equal(dfota_learned_find(&learned, UINT32_MAX, &shift),
                     DFOTA_LEARNED_NOTHING);
    assert_int_equal(shift, 9);
}

static void gives_up_the_next_smaller_key_when_full(void **state)
{
    struct dfota_learned_entry entries[3];
    struct dfota_learned learned = {entries, 0, 3};
    uint32_t shift;

    (void)state;
    dfota_learned_put(&learned, 30, 3);
    dfota_learned_put(&learned, 10, 1);
    dfota_learned_put(&learned, 20, 2);
    dfota_learned_put(&learned, 25, 4); /* instead of 20 */
    assert_int_equal(dfota_learned_find(&learned, 24, &shift),
                     DFOTA_LEARNED_NEAREST);
    assert_int_equal(shift, 1);
    dfota_learned_put(&learned, 5, 6); /* instead of 10, the first */
    assert_int_equal(dfota_learned_find(&learned, 10, &shift),
                     DFOTA_LEARNED_NEAREST);
    assert_int_equal(shift, 6);
    dfota_learned_put(&learned, 40, 6); /* instead of 30 */
    dfota_learned_put(&learned, 25, 6);
    assert_int_equal(dfota_learned_find(&learned, 30, &shift),
                     DFOTA_LEARNED_BETWEEN);
    assert_int_equal(learned.count, 3);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(does_what_its_specification_says),
        cmocka_unit_test(knows_nothing_at_first),
        cmocka_unit_test(gives_up_the_next_smaller_key_when_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
