/* SPDX-License-Identifier: MIT */
/* the walk: what the generator tells a coder, the applier asks, in that order
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/apply/walk.h"
#include "tests/support/plan_check.h"

/* What a coder was told or asked; all of it counts but `actual`. */
enum event { RECORD, CLEAN, BYTES_OF_COPY, SITE, LITERAL };

/*
 * Writes down everything while it encodes, and compares with that while it
 * decodes.  One that is `blind` takes no piece for clean.
 */
struct recorder {
    struct dfota_coder coder; /* first: the coder is this one */
    bool blind;
    struct dfota_buffer log;
    size_t at; /* in the log */
    unsigned pieces;
    unsigned dirty;
    unsigned sites;
    unsigned wrong; /* sites that were not foreseen */
};

/* Notes bytes that both sides know. */
static void known(struct recorder *recorder, const void *bytes, size_t size)
{
    if (recorder->coder.encodes) {
        dfota_buffer_add(&recorder->log, bytes, size);
        return;
    }
    assert_in_range(recorder->at + size, 0, recorder->log.size);
    assert_memory_equal(recorder->log.data + recorder->at, bytes, size);
    recorder->at += size;
}

static void known_number(struct recorder *recorder, uint32_t number)
{
    known(recorder, &number, sizeof(number));
}

/* Notes bytes that the applier is told. */
static void told(struct recorder *recorder, void *bytes, size_t size)
{
    if (recorder->coder.encodes) {
        dfota_buffer_add(&recorder->log, bytes, size);
        return;
    }
    assert_in_range(recorder->at + size, 0, recorder->log.size);
    memcpy(bytes, recorder->log.data + recorder->at, size);
    recorder->at += size;
}

static void on_record(struct dfota_coder *self, struct dfota_record *record)
{
    struct recorder *recorder = (struct recorder *)self;

    known_number(recorder, RECORD);
    told(recorder, &record->insert, sizeof(record->insert));
    told(recorder, &record->copy, sizeof(record->copy));
    told(recorder, &record->old_pos, sizeof(record->old_pos));
    told(recorder, &record->dialect, sizeof(record->dialect));
}

static bool on_clean(struct dfota_coder *self, uint32_t size, bool clean)
{
    struct recorder *recorder = (struct recorder *)self;
    uint8_t is = clean && !recorder->blind;

    known_number(recorder, CLEAN);
    known_number(recorder, size);
    told(recorder, &is, 1);
    recorder->pieces++;
    recorder->dirty += is == 0;
    return is;
}

static void on_bytes(struct dfota_coder *self, uint32_t old_pos,
                     const uint8_t *foreseen, uint8_t *actual, size_t size)
{
    struct recorder *recorder = (struct recorder *)self;

    assert_in_range(size, 1, 4);
    known_number(recorder, BYTES_OF_COPY);
    known_number(recorder, old_pos);
    known(recorder, foreseen, size);
    told(recorder, actual, size);
}

static void on_site(struct dfota_coder *self, const struct dfota_guess *guess,
                    uint8_t *actual)
{
    struct recorder *recorder = (struct recorder *)self;
    size_t size = guess->site->size;

    assert_in_range(size, 2, DFOTA_SITE_SIZE_MAX);
    known_number(recorder, SITE);
    known_number(recorder, guess->key);
    known_number(recorder, guess->site->target);
    known_number(recorder, guess->site->kind);
    known_number(recorder, guess->source);
    known_number(recorder, guess->moved);
    known_number(recorder, guess->count);
    known(recorder, guess->first, size);
    assert_in_range(guess->count, 0, DFOTA_SHIFT_OTHERS);
    for (unsigned i = 0; i < guess->count; i++) {
        known(recorder, guess->others[i], size);
        assert_memory_not_equal(guess->first, guess->others[i], size);
        for (unsigned k = 0; k < i; k++)
            assert_memory_not_equal(guess->others[k], guess->others[i], size);
    }
    told(recorder, actual, size);
    recorder->sites++;
    recorder->wrong += memcmp(actual, guess->first, size) != 0;
}

static void on_literal(struct dfota_coder *self, uint8_t dialect,
                       uint32_t new_pos, uint8_t *actual, size_t size)
{
    struct recorder *recorder = (struct recorder *)self;

    assert_in_range(size, 1, DFOTA_CODER_BLOCK - new_pos % DFOTA_CODER_BLOCK);
    known_number(recorder, LITERAL);
    known_number(recorder, dialect);
    known_number(recorder, new_pos);
    told(recorder, actual, size);
}

static void recorder_open(struct recorder *recorder, bool encodes)
{
    recorder->coder = (struct dfota_coder){
        .encodes = encodes,
        .record = on_record,
        .clean = on_clean,
        .bytes = on_bytes,
        .site = on_site,
        .literal = on_literal,
    };
    recorder->at = 0;
    recorder->pieces = recorder->dirty = 0;
    recorder->sites = recorder->wrong = 0;
}

/* What the applier has: the plan's old image, and what it made. */
struct module {
    struct dfota_view old;
    struct dfota_buffer made;
};

static enum dfota_error read_old(void *context, uint32_t offset, void *out,
                                 size_t size)
{
    const struct module *module = context;

    assert_in_range(size, 1, DFOTA_WALK_WINDOW);
    assert_in_range(offset + size, size, module->old.size);
    memcpy(out, module->old.data + offset, size);
    return DFOTA_OK;
}

static enum dfota_error write_new(void *context, const void *bytes, size_t size)
{
    struct module *module = context;

    dfota_buffer_add(&module->made, bytes, size);
    return DFOTA_OK;
}

/* Walks with a coder that decodes, as the applier does. */
static void decode(struct dfota_rehearsal *rehearsal,
                   const struct dfota_plan *plan, struct recorder *recorder,
                   struct module *module)
{
    struct dfota_applier applier = {
        .context = module, .read_old = read_old, .write_new = write_new};
    struct dfota_walk *walk = malloc(sizeof(*walk));

    assert_non_null(walk);
    memset(walk, 0x5a, sizeof(*walk));
    walk->applier = &applier;
    walk->predictor = &rehearsal->predictor;
    walk->coder = &recorder->coder;
    walk->new = NULL;
    walk->places = NULL;
    walk->predictor->learned.count = 0;
    memset(walk->predictor->recent, 0, sizeof(walk->predictor->recent));
    dfota_walk_begin(walk, 0, (uint32_t)plan->new.size);
    while (walk->new_pos < plan->new.size) {
        struct dfota_record record = {0};

        assert_int_equal(dfota_walk_record(walk, &record, NULL), DFOTA_OK);
        assert_int_equal(dfota_walk_make(walk, &record, NULL), DFOTA_OK);
    }
    free(walk);
}

/* Both ways; what was noticed is left in `*out`, but for its log. */
static void assert_walks(const struct dfota_plan *plan, bool blind,
                         struct recorder *out)
{
    struct recorder recorder = {.blind = blind};
    struct module module = {plan->old, {0}};
    struct dfota_rehearsal rehearsal;

    assert_int_equal(dfota_rehearsal_open(plan, &rehearsal, NULL), DFOTA_OK);
    recorder_open(&recorder, true);
    assert_int_equal(
        dfota_rehearsal_walk(&rehearsal, plan, &recorder.coder, NULL),
        DFOTA_OK);
    recorder_open(&recorder, false);
    decode(&rehearsal, plan, &recorder, &module);
    assert_int_equal(recorder.at, recorder.log.size);
    assert_int_equal(module.made.size, plan->new.size);
    if (module.made.size > 0)
        assert_memory_equal(module.made.data, plan->new.data, module.made.size);
    dfota_rehearsal_close(&rehearsal);
    dfota_buffer_free(&recorder.log);
    dfota_buffer_free(&module.made);
    *out = recorder;
}

static void asks_what_the_generator_told(void **state)
{
    uint32_t seed = 41;

    (void)state;
    for (unsigned kind = 0; kind < IMAGE_KINDS; kind++) {
        struct planned planned =
            planned_of(image_pair_make((enum image_kind)kind, 1 + kind));

        for (unsigned round = 0; round < 6; round++) {
            struct dfota_prediction prediction = random_prediction(&seed);
            uint8_t dialect =
                (uint8_t)random_below(&seed, prediction.dialect_count + 1u);
            struct recorder recorder;

            planned_foresee(&planned, &prediction, dialect);
            assert_walks(&planned.plan, round % 2, &recorder);
        }
        planned_free(&planned);
    }
}

/* Whether it looks at clean pieces or not, a walk learns and makes the same. */
static void makes_the_same_of_clean_pieces_byte_by_byte(void **state)
{
    static const struct dfota_prediction prediction = {
        .base_count = 1,
        .range_count = 1,
        .bases = {0x08000000},
        .ranges = {{0x08000000, 0x8000}},
        .map_length = 16,
        .learned = 50};
    struct planned planned = planned_of(image_pair_make(EDITED_CODE, 5));
    struct recorder seeing;
    struct recorder blind;

    (void)state;
    planned_foresee(&planned, &prediction, 0);
    assert_walks(&planned.plan, false, &seeing);
    assert_walks(&planned.plan, true, &blind);
    assert_int_equal(seeing.pieces, blind.pieces);
    assert_int_equal(blind.dirty, blind.pieces);
    assert_in_range(seeing.dirty, 1, seeing.pieces - 1);
    assert_int_equal(seeing.wrong, blind.wrong);
    assert_in_range(seeing.sites, 1, blind.sites - 1);
    planned_free(&planned);
}

/* A copy of 1,000 bytes: pieces of 256 in new, wherever it begins. */
static void cuts_copies_at_multiples_of_256_in_new(void **state)
{
    static uint8_t bytes[2000];

    (void)state;
    for (uint32_t insert = 0; insert < 600; insert += 37) {
        const struct dfota_record record = {insert, 1000, 8, 0};
        struct dfota_plan plan = {.old = {bytes, 1500},
                                  .new = {bytes, insert + 1000},
                                  .records = &record,
                                  .record_count = 1};
        struct recorder recorder;

        assert_walks(&plan, false, &recorder);
        assert_int_equal(recorder.pieces,
                         (insert + 1000 + 255) / 256 - insert / 256);
        assert_int_equal(recorder.dirty, 0);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_what_the_generator_told),
        cmocka_unit_test(makes_the_same_of_clean_pieces_byte_by_byte),
        cmocka_unit_test(cuts_copies_at_multiples_of_256_in_new),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
