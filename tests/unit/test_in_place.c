/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/apply/delta_header.h"
#include "tests/support/delta_made.h"
#include "tests/support/in_place_bench.h"
#include "tests/support/plan_check.h"

static struct dfota_fault fault;

static struct in_place_bench bench_for(const struct image_pair *pair,
                                       const struct dfota_buffer *delta)
{
    struct dfota_delta_header header;

    assert_int_equal(dfota_delta_read_header(delta->data, delta->size,
                                             (uint32_t)delta->size, &header,
                                             NULL),
                     DFOTA_OK);
    return (struct in_place_bench){
        .delta = dfota_buffer_view(delta),
        .old = dfota_buffer_view(&pair->old),
        .memory_size = header.ram,
        .new_size_max = header.new_size,
    };
}

static enum dfota_error run_bench(struct in_place_bench *bench)
{
    enum dfota_error err;

    fault = (struct dfota_fault){0};
    err = in_place_bench_run(bench, &fault);
    if (bench->misuse != NULL)
        fail_msg("the applier %s", bench->misuse);
    return err;
}

static struct dfota_delta_options options_of(uint32_t sector, uint32_t scratch)
{
    struct dfota_delta_options options =
        delta_options(DFOTA_CODEC_AUTO, (uint32_t)128 << 10);

    options.sector = sector;
    options.scratch = scratch;
    return options;
}

static struct dfota_buffer made_of(const struct image_pair *pair,
                                   uint32_t sector, uint32_t scratch)
{
    const struct dfota_delta_options options = options_of(sector, scratch);
    struct dfota_buffer delta = {0};

    assert_int_equal(delta_make(pair, &options, &delta, NULL), DFOTA_OK);
    return delta;
}

static void assert_is_new(const struct in_place_bench *bench,
                          const struct image_pair *pair)
{
    if (pair->new.size > 0)
        assert_memory_equal(bench->image, pair->new.data, pair->new.size);
}

/* A delta of the pair makes new in place, at once and with a cut after each
 * segment; gives its header. */
static struct dfota_delta_header assert_in_place(const struct image_pair *pair,
                                                 uint32_t sector,
                                                 uint32_t scratch)
{
    struct dfota_buffer delta = made_of(pair, sector, scratch);
    struct in_place_bench bench = bench_for(pair, &delta);
    struct dfota_delta_header header;

    for (unsigned reopens = 0; reopens < 2; reopens++) {
        bench.reopens = reopens;
        assert_int_equal(run_bench(&bench), DFOTA_OK);
        assert_is_new(&bench, pair);
    }
    header = *dfota_in_place_header(bench.in_place);
    assert_int_equal(header.order.segment_size % DFOTA_SEGMENT_GRAIN, 0);
    assert_in_range(header.order.segment_size + header.order.stash_size, 1,
                    scratch);
    in_place_bench_free(&bench);
    dfota_buffer_free(&delta);
    return header;
}

/* --- images of all kinds -------------------------------------------------- */

static void makes_images_of_all_kinds(void **state)
{
    (void)state;
    for (enum image_kind kind = 0; kind < IMAGE_KINDS; kind++) {
        struct image_pair pair = image_pair_make(kind, 7 + (uint32_t)kind);

        (void)assert_in_place(&pair, 256, 2048);
        (void)assert_in_place(&pair, 4096, 4096);
        image_pair_free(&pair);
    }
}

/* Old is new with `shift` bytes more in front, or less where that is negative.
 */
static struct image_pair shifted_pair(int shift)
{
    struct image_pair pair = {{0}, {0}};
    uint32_t seed = 99;
    size_t gap = (size_t)(shift < 0 ? -shift : shift);

    image_add_random(shift < 0 ? &pair.new : &pair.old, &seed, gap, 256);
    image_add_random(&pair.new, &seed, 0, 256);
    for (unsigned i = 0; i < 20001; i++) {
        uint32_t byte = random_below(&seed, 256);

        dfota_buffer_add_le(&pair.old, byte, 1);
        dfota_buffer_add_le(&pair.new, byte, 1);
    }
    return pair;
}

static void grows_from_the_end_and_shrinks_from_the_beginning(void **state)
{
    (void)state;
    for (int shift = -3000; shift <= 3000; shift += 600) {
        struct image_pair pair = shifted_pair(shift);
        struct dfota_buffer delta = made_of(&pair, 512, 2048);
        size_t inserted = shift < 0 ? (size_t)-shift : 0;

        if (shift != 0)
            assert_int_equal(assert_in_place(&pair, 512, 2048).order.backward,
                             shift < 0);
        assert_in_range(delta.size, inserted, inserted + 400);
        dfota_buffer_free(&delta);
        image_pair_free(&pair);
    }
}

/* What the first segment reads of the last, and the last of the first, cannot
 * both be there still. */
static void saves_in_the_stash_what_comes_too_late(void **state)
{
    struct image_pair pair = {{0}, {0}};
    struct dfota_delta_header header;
    uint32_t seed = 5;

    (void)state;
    image_add_random(&pair.old, &seed, 4096, 256);
    dfota_buffer_add(&pair.new, pair.old.data + 3900, 196);
    dfota_buffer_add(&pair.new, pair.old.data + 196, 3704);
    dfota_buffer_add(&pair.new, pair.old.data, 196);
    header = assert_in_place(&pair, 256, 2048);
    assert_in_range(header.order.stash_size, 196, 512);
    assert_in_range(header.mixed.content_size, 0, 150);
    image_pair_free(&pair);
}

static void makes_real_firmware(void **state)
{
    static const char *const names[] = {"micropython-armv6m",
                                        "micropython-armv7m"};

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct image_pair pair = testdata_pair(names[i]);
        struct image_pair back = {pair.new, pair.old};

        (void)assert_in_place(&pair, 4096, 65536);
        (void)assert_in_place(&back, 4096, 16384);
        image_pair_free(&pair);
    }
}

/* --- any turn at any time ------------------------------------------------- */

static void makes_a_segment_again_and_in_any_order(void **state)
{
    struct image_pair pair = image_pair_make(EDITED_CODE, 3);
    struct dfota_buffer delta = made_of(&pair, 256, 4096);
    struct in_place_bench bench = bench_for(&pair, &delta);
    struct dfota_buffer first = {0};
    uint32_t count;

    (void)state;
    assert_int_equal(in_place_bench_open(&bench, NULL), DFOTA_OK);
    in_place_bench_flash(&bench);
    count = dfota_in_place_segments(bench.in_place);
    assert_in_range(count, 4, 20);
    assert_int_equal(in_place_bench_make(&bench, 2, NULL), DFOTA_OK);
    dfota_buffer_add(&first, bench.scratch.data, bench.scratch.size);
    assert_int_equal(in_place_bench_make(&bench, count - 1, NULL), DFOTA_OK);
    assert_int_equal(in_place_bench_make(&bench, 0, NULL), DFOTA_OK);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(in_place_bench_make(&bench, 2, NULL), DFOTA_OK);
        assert_int_equal(bench.scratch.size, first.size);
        assert_memory_equal(bench.scratch.data, first.data, first.size);
    }
    assert_null(bench.misuse);
    dfota_buffer_free(&first);
    in_place_bench_free(&bench);
    dfota_buffer_free(&delta);
    image_pair_free(&pair);
}

static void passes_on_the_error_of_any_callback(void **state)
{
    struct image_pair pair = image_pair_make(SWAPPED_HALVES, 3);
    struct dfota_buffer delta = made_of(&pair, 256, 4096);
    struct in_place_bench bench = bench_for(&pair, &delta);
    unsigned calls;

    (void)state;
    assert_int_equal(run_bench(&bench), DFOTA_OK);
    calls = bench.calls;
    for (bench.failing = 1; bench.failing <= calls; bench.failing += 3)
        assert_int_equal(run_bench(&bench), DFOTA_ERR_IO);
    in_place_bench_free(&bench);
    dfota_buffer_free(&delta);
    image_pair_free(&pair);
}

static void goes_on_after_the_error_of_a_callback(void **state)
{
    struct image_pair pair = image_pair_make(EDITED_CODE, 3);
    struct dfota_buffer delta = made_of(&pair, 256, 4096);
    struct in_place_bench bench = bench_for(&pair, &delta);
    bool failed = true;

    (void)state;
    assert_int_equal(in_place_bench_open(&bench, NULL), DFOTA_OK);
    in_place_bench_flash(&bench);
    for (unsigned call = 1; failed; call++) {
        bench.calls = 0;
        bench.failing = call;
        failed = in_place_bench_make(&bench, 1, NULL) != DFOTA_OK;
        bench.failing = 0;
        assert_int_equal(in_place_bench_make(&bench, 0, NULL), DFOTA_OK);
        assert_memory_equal(
            bench.scratch.data,
            pair.new.data + dfota_in_place_segment(bench.in_place, 0).new_pos,
            bench.scratch.size);
    }
    in_place_bench_free(&bench);
    dfota_buffer_free(&delta);
    image_pair_free(&pair);
}

/* --- refusals ------------------------------------------------------------- */

static void refuses_each_truncation(void **state)
{
    struct image_pair pair = image_pair_make(EDITED_CODE, 3);
    struct dfota_buffer delta = made_of(&pair, 256, 4096);
    struct in_place_bench bench = bench_for(&pair, &delta);

    (void)state;
    for (size_t size = 0; size < delta.size; size += 1 + size / 40) {
        bench.delta.size = size;
        assert_int_not_equal(run_bench(&bench), DFOTA_OK);
        assert_null(bench.image); /* nothing was begun */
    }
    in_place_bench_free(&bench);
    dfota_buffer_free(&delta);
    image_pair_free(&pair);
}

/* Whatever byte of the coded records is wrong, nothing is read that is not
 * there, and what comes of it is not taken for new. */
static void survives_each_broken_byte(void **state)
{
    struct image_pair pair = image_pair_make(EDITED_CODE, 3);
    struct dfota_buffer delta = made_of(&pair, 256, 4096);
    struct in_place_bench bench = bench_for(&pair, &delta);

    (void)state;
    for (size_t i = delta.data[AT_HEAD_SIZE]; i < delta.size; i++) {
        delta.data[i] ^= 0x10;
        if (run_bench(&bench) == DFOTA_OK)
            assert_is_new(&bench, &pair);
        else
            assert_non_null(fault.rule);
        delta.data[i] ^= 0x10;
    }
    in_place_bench_free(&bench);
    dfota_buffer_free(&delta);
    image_pair_free(&pair);
}

static void refuses_other_images(void **state)
{
    struct image_pair pair = image_pair_make(EDITED_CODE, 3);
    struct dfota_buffer delta = made_of(&pair, 256, 4096);
    struct in_place_bench bench = bench_for(&pair, &delta);

    (void)state;
    pair.old.data[77]++;
    assert_int_equal(run_bench(&bench), DFOTA_ERR_DIGEST);
    assert_string_equal(fault.rule, "DLT-14");
    pair.old.data[77]--;
    assert_int_equal(in_place_bench_open(&bench, NULL), DFOTA_OK);
    bench.whole = true;
    assert_int_equal(dfota_in_place_check_new(bench.in_place, &fault),
                     DFOTA_ERR_DIGEST);
    assert_string_equal(fault.rule, "DLT-21");
    in_place_bench_free(&bench);
    dfota_buffer_free(&delta);
    image_pair_free(&pair);
}

static void refuses_too_little_room(void **state)
{
    struct image_pair pair = image_pair_make(EDITED_CODE, 3);
    struct dfota_buffer delta = made_of(&pair, 256, 4096);
    struct in_place_bench bench = bench_for(&pair, &delta);
    static const struct dfota_coding *const none[] = {NULL};

    (void)state;
    bench.memory_size--;
    assert_int_equal(run_bench(&bench), DFOTA_ERR_LIMIT);
    assert_string_equal(fault.rule, "DLT-13");
    bench.memory_size++;
    bench.new_size_max--;
    assert_int_equal(run_bench(&bench), DFOTA_ERR_LIMIT);
    assert_string_equal(fault.rule, "DLT-12");
    bench.new_size_max++;
    bench.codings = none;
    assert_int_equal(run_bench(&bench), DFOTA_ERR_UNSUPPORTED);
    assert_string_equal(fault.rule, "DLT-5");
    in_place_bench_free(&bench);
    dfota_buffer_free(&delta);
    image_pair_free(&pair);
}

static void is_not_applied_beside_old_nor_the_other_way_round(void **state)
{
    struct image_pair pair = image_pair_make(EDITED_CODE, 3);
    struct dfota_buffer delta = made_of(&pair, 256, 4096);
    struct dfota_buffer beside = made_of(&pair, 0, 0);
    struct in_place_bench bench = bench_for(&pair, &beside);
    struct delta_bench other = {.delta = dfota_buffer_view(&delta),
                                .old = dfota_buffer_view(&pair.old),
                                .new_size_max = (uint32_t)pair.new.size,
                                .memory_size = (size_t)128 << 10};

    (void)state;
    assert_bench_refused(&other, DFOTA_ERR_UNSUPPORTED, "DLT-35", AT_CODING);
    assert_int_equal(run_bench(&bench), DFOTA_ERR_UNSUPPORTED);
    assert_string_equal(fault.rule, "DLT-35");
    in_place_bench_free(&bench);
    dfota_buffer_free(&delta);
    dfota_buffer_free(&beside);
    image_pair_free(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_images_of_all_kinds),
        cmocka_unit_test(grows_from_the_end_and_shrinks_from_the_beginning),
        cmocka_unit_test(saves_in_the_stash_what_comes_too_late),
        cmocka_unit_test(makes_real_firmware),
        cmocka_unit_test(makes_a_segment_again_and_in_any_order),
        cmocka_unit_test(passes_on_the_error_of_any_callback),
        cmocka_unit_test(goes_on_after_the_error_of_a_callback),
        cmocka_unit_test(refuses_each_truncation),
        cmocka_unit_test(survives_each_broken_byte),
        cmocka_unit_test(refuses_other_images),
        cmocka_unit_test(refuses_too_little_room),
        cmocka_unit_test(is_not_applied_beside_old_nor_the_other_way_round),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
