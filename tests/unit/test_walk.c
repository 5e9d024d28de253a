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

#include "lib/apply/site_bits.h"
#include "lib/apply/walk.h"
#include "tests/support/plan_check.h"

/* What a coder was told or asked; all of it counts but `actual`. */
enum event { RECORD, CLEAN, STRIDE, BYTES_OF_COPY, SITE, LITERAL };

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
    unsigned strides;
    unsigned dirty_strides;
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

static bool on_stride(struct dfota_coder *self, uint32_t size, bool clean)
{
    struct recorder *recorder = (struct recorder *)self;
    uint8_t is = clean && !recorder->blind;

    known_number(recorder, STRIDE);
    known_number(recorder, size);
    told(recorder, &is, 1);
    recorder->strides++;
    recorder->dirty_strides += is == 0;
    return is;
}

static void on_bytes(struct dfota_coder *self, uint32_t old_pos,
                     const uint8_t *foreseen, uint8_t *actual, size_t size)
{
    struct recorder *recorder = (struct recorder *)self;

    assert_in_range(size, 1, DFOTA_WALK_PIECE + 3);
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
        .stride = on_stride,
        .bytes = on_bytes,
        .site = on_site,
        .literal = on_literal,
    };
    recorder->at = 0;
    recorder->pieces = recorder->dirty = 0;
    recorder->strides = recorder->dirty_strides = 0;
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

#define STRIDE_SIZE ((size_t)DFOTA_CODER_STRIDE * DFOTA_WALK_PIECE)

/* Walks through one copy of all of old, with a pointer in each 20 bytes. */
static struct recorder walk_copy(struct dfota_view old, struct dfota_view new,
                                 uint32_t insert)
{
    const struct dfota_record record = {insert, (uint32_t)old.size, 0, 0};
    const struct dfota_plan plan = {.old = old,
                                    .new = new,
                                    .records = &record,
                                    .record_count = 1,
                                    .prediction = {.base_count = 1,
                                                   .bases = {0x08000000},
                                                   .map_length = 1,
                                                   .map_count = 1,
                                                   .learned = 20}};
    struct recorder recorder;

    assert_walks(&plan, false, &recorder);
    return recorder;
}

/* Old as above; behind `insert` bytes new has it with all pointers moved. */
static void fill(uint8_t *old, uint8_t *new, size_t size, uint32_t insert)
{
    memset(old, 0x11, size);
    for (size_t i = 0; i + 4 <= size; i += 20) {
        uint32_t target = 0x08000000 + (uint32_t)(i * 7 % size);

        dfota_put32(old + i, target);
        dfota_put32(new + insert + i, target + insert);
        memset(new + insert + i + 4, 0x11, 16);
    }
    memset(new, 0x22, insert);
}

static uint8_t old_copy[6 * STRIDE_SIZE];
static uint8_t new_copy[6 * STRIDE_SIZE + 300];

/* Sixteen pieces first, then a stride for as many. */
static void asks_of_strides_where_much_was_clean(void **state)
{
    (void)state;
    for (uint32_t insert = 0; insert < 300; insert += 7)
        for (size_t more = 0; more < 19; more++) {
            size_t size = 4 * STRIDE_SIZE - 9 + more;
            size_t end = (insert + size) / STRIDE_SIZE;
            struct recorder recorder;

            fill(old_copy, new_copy, size / 20 * 20, insert);
            size = size / 20 * 20;
            recorder =
                walk_copy((struct dfota_view){old_copy, size},
                          (struct dfota_view){new_copy, insert + size}, insert);
            assert_in_range(recorder.strides, end - 2, end);
            assert_in_range(recorder.pieces, DFOTA_CODER_STRIDE,
                            2 * DFOTA_CODER_STRIDE);
            assert_int_equal(recorder.dirty, 0);
            assert_int_equal(recorder.dirty_strides, 0);
        }
}

/* Wherever a byte is another one, and no pointer, from which one would learn: a
 * stride is asked of once. */
static void tells_pieces_of_a_stride_that_is_not_clean(void **state)
{
    const size_t size = 4 * STRIDE_SIZE / 20 * 20;

    (void)state;
    for (size_t at = 5; at < size; at += 41) {
        struct recorder recorder;

        if (at % 20 < 4)
            continue;
        fill(old_copy, new_copy, size, 2);
        new_copy[2 + at] ^= 1;
        recorder = walk_copy((struct dfota_view){old_copy, size},
                             (struct dfota_view){new_copy, size + 2}, 2);
        assert_int_equal(recorder.dirty, 1);
        assert_in_range(recorder.dirty_strides, 0, 1);
        if (at > STRIDE_SIZE + 256 && at < 3 * STRIDE_SIZE)
            assert_int_equal(recorder.dirty_strides, 1);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_what_the_generator_told),
        cmocka_unit_test(makes_the_same_of_clean_pieces_byte_by_byte),
        cmocka_unit_test(cuts_copies_at_multiples_of_256_in_new),
        cmocka_unit_test(asks_of_strides_where_much_was_clean),
        cmocka_unit_test(tells_pieces_of_a_stride_that_is_not_clean),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
