/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/delta/choose.h"
#include "lib/delta/delta.h"
#include "tests/support/image_pair.h"

#define VIEW(text)                                                             \
    ((struct dfota_view){(const uint8_t *)(text), sizeof(text) - 1})

static const struct dfota_progress quiet = {NULL, NULL};

/* Sorted, without overlap, not empty, and inside both images. */
static void assert_valid(struct dfota_view old, struct dfota_view new,
                         const struct dfota_buffer *copies)
{
    const struct dfota_copy *copy = (const void *)copies->data;
    uint64_t end = 0; /* of the copy before, in new */

    assert_int_equal(copies->size % sizeof(*copy), 0);
    for (size_t i = 0; i < copies->size / sizeof(*copy); i++) {
        assert_true(copy[i].length > 0);
        assert_true(copy[i].new_pos >= end);
        end = (uint64_t)copy[i].new_pos + copy[i].length;
        assert_true(end <= new.size);
        assert_true((uint64_t)copy[i].old_pos + copy[i].length <= old.size);
    }
}

static struct dfota_buffer choose(struct dfota_view old, struct dfota_view new,
                                  const struct dfota_buffer *seeds)
{
    struct dfota_buffer copies = {0};

    assert_int_equal(
        dfota_choose_copies(old, new, dfota_buffer_view(seeds), &copies, NULL),
        DFOTA_OK);
    assert_valid(old, new, &copies);
    return copies;
}

/* Seeds as the matcher may give them, wherever they lead. */
static void add_random_seeds(struct dfota_buffer *seeds, uint32_t *random,
                             struct dfota_view old, struct dfota_view new)
{
    struct dfota_seed seed = {0, 0};

    dfota_buffer_add(seeds, &seed, sizeof(seed));
    if (old.size == 0)
        return;
    for (;;) {
        seed.new_pos += 1 + random_below(random, 12);
        if (seed.new_pos >= new.size)
            return;
        seed.old_pos = random_below(random, (uint32_t)old.size);
        dfota_buffer_add(seeds, &seed, sizeof(seed));
    }
}

static void chooses_valid_copies_for_any_seeds(void **state)
{
    uint32_t random = 31;

    (void)state;
    for (int round = 0; round < 5000; round++) {
        uint8_t bytes[2][64];
        uint32_t alphabet = 1 + random_below(&random, 4);
        struct dfota_view old = {bytes[0], random_below(&random, 65)};
        struct dfota_view new = {bytes[1], random_below(&random, 65)};
        struct dfota_buffer seeds = {0};
        struct dfota_buffer copies;

        for (size_t i = 0; i < sizeof(bytes[0]); i++) {
            bytes[0][i] = (uint8_t)random_below(&random, alphabet);
            bytes[1][i] = (uint8_t)random_below(&random, alphabet);
        }
        add_random_seeds(&seeds, &random, old, new);
        copies = choose(old, new, &seeds);
        dfota_buffer_free(&copies);
        dfota_buffer_free(&seeds);
    }
}

static void chooses_valid_copies_for_what_the_matcher_finds(void **state)
{
    (void)state;
    for (enum image_kind kind = 0; kind < IMAGE_KINDS; kind++) {
        struct image_pair pair = image_pair_make(kind, 5);
        struct dfota_buffer copies = {0};

        assert_int_equal(dfota_delta_find_copies(dfota_buffer_view(&pair.old),
                                                 dfota_buffer_view(&pair.new),
                                                 &quiet, &copies, NULL),
                         DFOTA_OK);
        assert_valid(dfota_buffer_view(&pair.old), dfota_buffer_view(&pair.new),
                     &copies);
        dfota_buffer_free(&copies);
        image_pair_free(&pair);
    }
}

static void assert_copies(struct dfota_view old, struct dfota_view new,
                          struct dfota_seed second,
                          const struct dfota_copy want[2])
{
    const struct dfota_seed list[2] = {{0, 0}, second};
    struct dfota_buffer seeds = {0};
    struct dfota_buffer copies;

    dfota_buffer_add(&seeds, list, sizeof(list));
    copies = choose(old, new, &seeds);
    assert_int_equal(copies.size, 2 * sizeof(*want));
    assert_memory_equal(copies.data, want, copies.size);
    dfota_buffer_free(&copies);
    dfota_buffer_free(&seeds);
}

/* "fgh" continues the first alignment, "PQR" leads up to the second seed. */
static void extends_alignments_up_to_where_most_bytes_agree(void **state)
{
    static const struct dfota_copy apart[2] = {{0, 0, 8}, {10, 12, 6}};
    static const struct dfota_copy meeting[2] = {{0, 0, 6}, {6, 12, 6}};
    static const struct dfota_copy shared[2] = {{0, 0, 6}, {6, 14, 7}};
    static const struct dfota_copy bridged[2] = {{0, 0, 7}, {9, 12, 6}};

    (void)state;
    assert_copies(VIEW("abcdefgh----PQRSTU"), VIEW("abcdefgh..PQRSTU"),
                  (struct dfota_seed){13, 15}, apart);
    assert_copies(VIEW("abcdefxxxxxxghijkl"), VIEW("abcdefghijkl"),
                  (struct dfota_seed){9, 15}, meeting);
    /* Both could have "ghi", of which the first alignment lacks one byte. */
    assert_copies(VIEW("abcdef?hi----.ghijklm"), VIEW("abcdefghijklm"),
                  (struct dfota_seed){9, 17}, shared);
    /* One byte that differs is copied with its neighbours. */
    assert_copies(VIEW("abcXefg-----PQRSTU"), VIEW("abcdefg..PQRSTU"),
                  (struct dfota_seed){12, 15}, bridged);
}

/* Two long alignments of one shift, `between` bytes of another stuff apart. */
static size_t count_copies_around(size_t between, bool elsewhere)
{
    uint8_t old[2200];
    uint8_t new[2200];
    struct dfota_buffer seeds = {0};
    struct dfota_buffer copies = {0};
    struct dfota_seed seed = {0, 0};
    uint32_t random = 5;
    size_t count;

    for (size_t i = 0; i < sizeof(old); i++)
        old[i] = new[i] = (uint8_t)random_below(&random, 256);
    dfota_buffer_add(&seeds, &seed, sizeof(seed));
    if (elsewhere) { /* what stands in new is found, but far away in old */
        memcpy(new + 1000, old + 2000, between);
        seed = (struct dfota_seed){1000, 2000};
        dfota_buffer_add(&seeds, &seed, sizeof(seed));
        seed = (struct dfota_seed){1000 + (uint32_t)between,
                                   1000 + (uint32_t)between};
        dfota_buffer_add(&seeds, &seed, sizeof(seed));
    }
    copies = choose((struct dfota_view){old, sizeof(old)},
                    (struct dfota_view){new, sizeof(new)}, &seeds);
    count = copies.size / sizeof(struct dfota_copy);
    dfota_buffer_free(&copies);
    dfota_buffer_free(&seeds);
    return count;
}

static void continues_an_alignment_that_little_interrupts(void **state)
{
    (void)state;
    assert_int_equal(count_copies_around(0, false), 1);
    assert_int_equal(count_copies_around(12, true), 1);
    assert_int_equal(count_copies_around(100, true), 3);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(chooses_valid_copies_for_any_seeds),
        cmocka_unit_test(chooses_valid_copies_for_what_the_matcher_finds),
        cmocka_unit_test(continues_an_alignment_that_little_interrupts),
        cmocka_unit_test(extends_alignments_up_to_where_most_bytes_agree),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
