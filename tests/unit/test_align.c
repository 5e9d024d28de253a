/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/delta/align.h"
#include "tests/support/image_pair.h"

#define LARGE     ((size_t)1 << 20) /* bytes; anything quadratic would not end */

#define ALL_COSTS 2
static const struct dfota_align_costs *const all_costs[ALL_COSTS] = {
    &dfota_align_delta, &dfota_align_bsdiff};

static const struct dfota_progress quiet = {NULL, NULL};

/* Sorted, without overlap, not empty, and inside both images. */
static void assert_valid(const struct dfota_align_task *task,
                         const struct dfota_buffer *copies)
{
    const struct dfota_copy *copy = (const void *)copies->data;
    uint64_t end = 0; /* of the copy before, in new */

    assert_int_equal(copies->size % sizeof(*copy), 0);
    for (size_t i = 0; i < copies->size / sizeof(*copy); i++) {
        assert_true(copy[i].length > 0);
        assert_true(copy[i].new_pos >= end);
        end = (uint64_t)copy[i].new_pos + copy[i].length;
        assert_true(end <= task->new.size);
        assert_true((uint64_t)copy[i].old_pos + copy[i].length <=
                    task->old.size);
    }
}

static struct dfota_buffer align(struct dfota_view old, struct dfota_view new,
                                 const struct dfota_align_costs *costs)
{
    const struct dfota_align_task task = {
        .old = old, .new = new, .costs = costs, .progress = &quiet};
    struct dfota_buffer copies = {0};

    assert_int_equal(dfota_align_images(&task, &copies, NULL), DFOTA_OK);
    assert_valid(&task, &copies);
    return copies;
}

/* Random bytes; the caller frees them. */
static struct dfota_buffer random_bytes(uint32_t seed, size_t size)
{
    struct dfota_buffer bytes = {0};

    image_add_random(&bytes, &seed, size, 256);
    assert_int_equal(bytes.error, DFOTA_OK);
    return bytes;
}

/* Aligns, and expects exactly these copies. */
static void assert_copies(const struct dfota_buffer *old,
                          const struct dfota_buffer *new,
                          const struct dfota_copy *want, size_t count)
{
    struct dfota_buffer copies = align(
        dfota_buffer_view(old), dfota_buffer_view(new), &dfota_align_delta);

    assert_int_equal(copies.size, count * sizeof(*want));
    if (count > 0)
        assert_memory_equal(copies.data, want, copies.size);
    dfota_buffer_free(&copies);
}

static void finds_valid_copies_in_any_small_images(void **state)
{
    uint32_t random = 31;

    (void)state;
    for (int round = 0; round < 6000; round++) {
        uint8_t bytes[2][64];
        uint32_t alphabet = 1 + random_below(&random, 4);
        struct dfota_view old = {bytes[0], random_below(&random, 65)};
        struct dfota_view new = {bytes[1], random_below(&random, 65)};
        struct dfota_buffer copies;

        for (size_t i = 0; i < sizeof(bytes[0]); i++) {
            bytes[0][i] = (uint8_t)random_below(&random, alphabet);
            bytes[1][i] = (uint8_t)random_below(&random, alphabet);
        }
        copies = align(old, new, all_costs[round % ALL_COSTS]);
        dfota_buffer_free(&copies);
    }
}

static void finds_valid_copies_in_all_kinds_of_images(void **state)
{
    (void)state;
    for (enum image_kind kind = 0; kind < IMAGE_KINDS; kind++) {
        for (uint32_t seed = 5; seed < 11; seed++) {
            struct image_pair pair = image_pair_make(kind, seed);
            struct dfota_buffer copies = align(dfota_buffer_view(&pair.old),
                                               dfota_buffer_view(&pair.new),
                                               all_costs[seed % ALL_COSTS]);

            dfota_buffer_free(&copies);
            image_pair_free(&pair);
        }
    }
}

static void finds_the_same_copies_each_time(void **state)
{
    struct image_pair pair = image_pair_make(EDITED_CODE, 77);
    struct dfota_view old = dfota_buffer_view(&pair.old);
    struct dfota_view new = dfota_buffer_view(&pair.new);
    struct dfota_buffer once = align(old, new, &dfota_align_delta);
    struct dfota_buffer again = align(old, new, &dfota_align_delta);

    (void)state;
    assert_int_equal(once.size, again.size);
    if (once.size > 0)
        assert_memory_equal(once.data, again.data, once.size);
    dfota_buffer_free(&once);
    dfota_buffer_free(&again);
    image_pair_free(&pair);
}

static void copies_an_image_to_itself_at_once(void **state)
{
    static const size_t sizes[] = {5, 6, 64, 1000, 300000};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct dfota_buffer image = random_bytes(3, sizes[i]);
        const struct dfota_copy all = {0, 0, (uint32_t)sizes[i]};

        assert_copies(&image, &image, &all, 1);
        dfota_buffer_free(&image);
    }
}

static void copies_nothing_where_there_is_nothing_to_copy(void **state)
{
    struct dfota_buffer some = random_bytes(1, 3000);
    struct dfota_buffer other = random_bytes(2, 3000);
    struct dfota_buffer none = {0};

    (void)state;
    assert_copies(&none, &none, NULL, 0);
    assert_copies(&some, &none, NULL, 0);
    assert_copies(&none, &some, NULL, 0);
    assert_copies(&some, &other, NULL, 0);
    dfota_buffer_free(&some);
    dfota_buffer_free(&other);
}

/* Two halves change places, and something stands between them. */
static void follows_what_moved(void **state)
{
    struct dfota_buffer old = random_bytes(9, 2000);
    struct dfota_buffer new = {0};
    struct dfota_buffer between = random_bytes(10, 100);
    const struct dfota_copy want[2] = {{0, 1000, 1000}, {1100, 0, 1000}};

    (void)state;
    dfota_buffer_add(&new, old.data + 1000, 1000);
    dfota_buffer_add(&new, between.data, 100);
    dfota_buffer_add(&new, old.data, 1000);
    assert_copies(&old, &new, want, 2);
    dfota_buffer_free(&old);
    dfota_buffer_free(&new);
    dfota_buffer_free(&between);
}

/* Every eighth byte differs in the middle, which is found elsewhere as well. */
static void continues_an_alignment_that_little_interrupts(void **state)
{
    struct dfota_buffer old = random_bytes(12, 3000);
    struct dfota_buffer new = {0};
    const struct dfota_copy whole = {0, 0, 2000};

    (void)state;
    dfota_buffer_add(&new, old.data, 2000);
    for (size_t i = 1000; i < 1200; i += 8)
        new.data[i] ^= 0x55;
    memcpy(old.data + 2500, new.data + 1050, 8);
    assert_copies(&old, &new, &whole, 1);
    dfota_buffer_free(&old);
    dfota_buffer_free(&new);
}

static void leaves_an_alignment_for_a_long_match(void **state)
{
    struct dfota_buffer old = random_bytes(13, 3000);
    struct dfota_buffer new = {0};
    const struct dfota_copy want[3] = {
        {0, 0, 1000}, {1000, 2500, 100}, {1100, 1100, 900}};

    (void)state;
    dfota_buffer_add(&new, old.data, 2000);
    memcpy(new.data + 1000, old.data + 2500, 100);
    assert_copies(&old, &new, want, 3);
    dfota_buffer_free(&old);
    dfota_buffer_free(&new);
}

/* Before the first exact match is something that nearly is one. */
static void begins_a_copy_before_what_shows_it(void **state)
{
    struct dfota_buffer old = random_bytes(14, 2000);
    struct dfota_buffer new = random_bytes(15, 2000);
    const struct dfota_copy want = {500, 700, 1000};

    (void)state;
    memcpy(new.data + 500, old.data + 700, 1000);
    for (size_t i = 504; i < 600; i += 5)
        new.data[i] ^= 0x55;
    new.data[499] = (uint8_t)~old.data[699];
    new.data[1500] = (uint8_t)~old.data[1700];
    assert_copies(&old, &new, &want, 1);
    dfota_buffer_free(&old);
    dfota_buffer_free(&new);
}

static void dearer_copies_are_fewer(void **state)
{
    struct image_pair pair = image_pair_make(EDITED_CODE, 4);
    struct dfota_view old = dfota_buffer_view(&pair.old);
    struct dfota_view new = dfota_buffer_view(&pair.new);
    struct dfota_buffer cheap = align(old, new, &dfota_align_delta);
    struct dfota_buffer dear = align(old, new, &dfota_align_bsdiff);

    (void)state;
    assert_true(dear.size <= cheap.size);
    dfota_buffer_free(&cheap);
    dfota_buffer_free(&dear);
    image_pair_free(&pair);
}

static void fill(uint8_t *bytes, unsigned period, uint32_t *random)
{
    for (size_t i = 0; i < LARGE; i++)
        bytes[i] =
            (uint8_t)(period > 0 ? i % period : random_below(random, 256));
}

/* Zeros, a period, and noise, each against each. */
static void takes_no_longer_for_the_worst_of_images(void **state)
{
    static const unsigned periods[] = {1, 2, 7, 300, 0};
    uint8_t *old = malloc(LARGE);
    uint8_t *new = malloc(LARGE);
    uint32_t random = 8;

    (void)state;
    assert_non_null(old);
    assert_non_null(new);
    for (size_t i = 0; i < 25; i++) {
        struct dfota_buffer copies;

        fill(old, periods[i / 5], &random);
        fill(new, periods[i % 5], &random);
        for (size_t at = 0; at < LARGE; at += 1000 + i)
            new[at] = (uint8_t)random_below(&random, 256);
        copies = align((struct dfota_view){old, LARGE},
                       (struct dfota_view){new, LARGE}, &dfota_align_delta);
        dfota_buffer_free(&copies);
    }
    free(old);
    free(new);
}

struct reports {
    uint64_t done;
    unsigned count;
};

static void note(void *context, const char *step, uint64_t done, uint64_t total)
{
    struct reports *reports = context;

    assert_string_equal(step, "matching");
    assert_true(done > reports->done && done <= total);
    reports->done = done;
    reports->count++;
}

static void reports_how_far_it_is(void **state)
{
    struct dfota_buffer image = random_bytes(6, (size_t)3 << 18);
    struct dfota_view view = dfota_buffer_view(&image);
    struct reports reports = {0, 0};
    const struct dfota_progress progress = {note, &reports};
    const struct dfota_align_task task = {.old = view,
                                          .new = view,
                                          .costs = &dfota_align_delta,
                                          .progress = &progress};
    struct dfota_buffer copies = {0};

    (void)state;
    assert_int_equal(dfota_align_images(&task, &copies, NULL), DFOTA_OK);
    assert_in_range(reports.count, 1, 3);
    dfota_buffer_free(&copies);
    dfota_buffer_free(&image);
}

/* Large images, whose parts are aligned by several threads. */
static void finds_the_same_copies_with_any_number_of_threads(void **state)
{
    struct dfota_buffer old = random_bytes(21, (size_t)5 << 20);
    struct dfota_buffer new = {0};
    struct dfota_buffer copies[2] = {{0}};
    size_t half = old.size / 2;

    (void)state;
    for (size_t at = 0; at < old.size; at += 5000) {
        size_t size = old.size - at < 5000 ? old.size - at : 5000;

        dfota_buffer_add(&new, old.data + (at + half) % (old.size - 5000),
                         size - at % 7);
    }
    for (unsigned i = 0; i < 2; i++) {
        const struct dfota_align_task task = {
            .old = dfota_buffer_view(&old),
            .new = dfota_buffer_view(&new),
            .costs = &dfota_align_delta,
            .progress = &quiet,
            .threads = i + 1,
        };

        assert_int_equal(dfota_align_images(&task, &copies[i], NULL), DFOTA_OK);
        assert_valid(&task, &copies[i]);
    }
    assert_in_range(copies[0].size / sizeof(struct dfota_copy), 500, 1500);
    assert_int_equal(copies[0].size, copies[1].size);
    assert_memory_equal(copies[0].data, copies[1].data, copies[0].size);
    dfota_buffer_free(&copies[0]);
    dfota_buffer_free(&copies[1]);
    dfota_buffer_free(&old);
    dfota_buffer_free(&new);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(begins_a_copy_before_what_shows_it),
        cmocka_unit_test(continues_an_alignment_that_little_interrupts),
        cmocka_unit_test(copies_an_image_to_itself_at_once),
        cmocka_unit_test(copies_nothing_where_there_is_nothing_to_copy),
        cmocka_unit_test(dearer_copies_are_fewer),
        cmocka_unit_test(finds_the_same_copies_each_time),
        cmocka_unit_test(finds_valid_copies_in_all_kinds_of_images),
        cmocka_unit_test(finds_valid_copies_in_any_small_images),
        cmocka_unit_test(finds_the_same_copies_with_any_number_of_threads),
        cmocka_unit_test(follows_what_moved),
        cmocka_unit_test(leaves_an_alignment_for_a_long_match),
        cmocka_unit_test(reports_how_far_it_is),
        cmocka_unit_test(takes_no_longer_for_the_worst_of_images),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
