/* SPDX-License-Identifier: MIT */
/* deltas of unpacked views: made and applied, and refused where they are not
 * sound */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/support/packed_delta.h"

#define KIB   ((uint32_t)1024) /* bytes */
#define RAM   (8192 * KIB)
#define WORDS 20000

static packed_adder *const adders[] = {image_add_lzma, image_add_xz,
                                       image_add_gzip, image_add_zlib,
                                       image_add_zip};

#define ADDERS (sizeof(adders) / sizeof(adders[0]))

/* A pair with a stream of each kind. */
static struct image_pair make_pair(void)
{
    struct image_pair pair = {{0}, {0}};
    uint32_t seed = 5;

    for (size_t i = 0; i < ADDERS; i++)
        packed_pair_add(&pair, &seed, adders[i], WORDS, 10);
    return pair;
}

static struct dfota_delta_header header_of(const struct dfota_buffer *delta)
{
    struct dfota_delta_header header;

    assert_int_equal(dfota_delta_read_header(delta->data, delta->size,
                                             (uint32_t)delta->size, &header,
                                             NULL),
                     DFOTA_OK);
    return header;
}

static void streams_of_every_kind_are_made_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < ADDERS; i++) {
        struct image_pair pair = {{0}, {0}};
        struct packed_counts counts;
        struct dfota_delta_header header;
        struct dfota_buffer delta;
        uint32_t seed = 7;

        packed_pair_add(&pair, &seed, adders[i], WORDS, 10);
        delta = packed_delta(&pair, RAM, &counts);
        header = assert_delta_applies(&pair, &delta);
        if (adders[i] != image_add_xz) { /* whose chunks are stored */
            assert_int_equal(counts.of[DFOTA_PACKED_UNPACKED], 1);
            assert_int_equal(header.unpacked.new_count, 1);
            assert_in_range(delta.size, 0, pair.new.size / 4);
        }
        dfota_buffer_free(&delta);
        image_pair_free(&pair);
    }
}

static void several_streams_are_made_again_in_little_memory(void **state)
{
    static const uint32_t rams[] = {RAM,       1024 * KIB, 512 * KIB, 384 * KIB,
                                    256 * KIB, 64 * KIB,   16 * KIB};
    struct image_pair pair = make_pair();

    (void)state;
    for (size_t i = 0; i < sizeof(rams) / sizeof(rams[0]); i++) {
        struct dfota_buffer delta = packed_delta(&pair, rams[i], NULL);
        struct dfota_delta_header header = assert_delta_applies(&pair, &delta);

        assert_in_range(header.ram, 0, rams[i]);
        if (rams[i] >= 512 * KIB)
            assert_in_range(header.unpacked.new_count, 3, ADDERS);
        if (rams[i] <= 64 * KIB)
            assert_int_equal(header.unpacked.new_count, 0);
        dfota_buffer_free(&delta);
    }
    image_pair_free(&pair);
}

static void streams_that_both_have_are_copied_as_they_are(void **state)
{
    struct image_pair pair = {{0}, {0}};
    struct packed_counts counts;
    struct dfota_delta_header header;
    struct dfota_buffer delta;
    uint32_t seed = 11;

    (void)state;
    for (size_t i = 0; i < ADDERS; i++)
        packed_pair_add(&pair, &seed, adders[i], WORDS, 0);
    packed_pair_add(&pair, &seed, image_add_lzma, WORDS, 10);
    delta = packed_delta(&pair, RAM, &counts);
    header = assert_delta_applies(&pair, &delta);
    assert_int_equal(counts.of[DFOTA_PACKED_SAME], ADDERS);
    assert_int_equal(counts.of[DFOTA_PACKED_UNPACKED], 1);
    assert_int_equal(header.unpacked.old_count, 1);
    assert_int_equal(header.unpacked.new_count, 1);
    dfota_buffer_free(&delta);
    image_pair_free(&pair);
}

static void a_stream_of_nothing_but_new_contents_is_left_packed(void **state)
{
    struct image_pair pair = {{0}, {0}};
    struct packed_counts counts;
    struct dfota_buffer contents = {0};
    struct dfota_buffer delta;
    uint32_t seed = 13;

    (void)state;
    image_add_random(&contents, &seed, 20000, 20);
    image_add_gzip(&pair.old, dfota_buffer_view(&contents));
    contents.size = 0;
    image_add_random(&contents, &seed, 20000, 20);
    image_add_gzip(&pair.new, dfota_buffer_view(&contents));
    delta = packed_delta(&pair, RAM, &counts);
    assert_int_equal(assert_delta_applies(&pair, &delta).unpacked.new_count, 0);
    assert_int_equal(counts.of[DFOTA_PACKED_UNPACKED], 0);
    assert_int_equal(counts.of[DFOTA_PACKED_NO_USE], 1);
    dfota_buffer_free(&delta);
    dfota_buffer_free(&contents);
    image_pair_free(&pair);
}

/* The literals of the second stream have one bit too many. */
static void a_stream_that_only_looks_like_one_is_left_alone(void **state)
{
    struct image_pair pair = {{0}, {0}};
    struct packed_counts counts;
    struct dfota_buffer delta;
    uint32_t seed = 17;

    (void)state;
    packed_pair_add(&pair, &seed, image_add_xz, WORDS, 10);
    pair.new.data[200 + 24 + 3] ^= 1; /* in the contents of a chunk */
    pair.new.data[200 + 24] = 0x02;   /* which now needs an earlier one */
    delta = packed_delta(&pair, RAM, &counts);
    assert_int_equal(assert_delta_applies(&pair, &delta).unpacked.new_count, 0);
    assert_int_equal(counts.of[DFOTA_PACKED_UNSOUND], 1);
    dfota_buffer_free(&delta);
    image_pair_free(&pair);
}

/* --- what is refused ------------------------------------------------------ */

static void assert_refused(const struct image_pair *pair,
                           const struct dfota_buffer *delta,
                           enum dfota_error want, const char *rule)
{
    struct delta_bench bench = packed_bench(pair, delta);

    assert_int_equal(run(&bench), want);
    assert_string_equal(bench.fault.rule, rule);
    dfota_buffer_free(&bench.made);
}

/* A delta with one number of its head changed. */
static void assert_head_refused(const struct image_pair *pair,
                                const struct dfota_buffer *delta,
                                const struct dfota_delta_header *header,
                                const char *rule)
{
    struct dfota_buffer broken = packed_delta_with(delta, header, NULL);

    assert_refused(pair, &broken, DFOTA_ERR_CORRUPT, rule);
    dfota_buffer_free(&broken);
}

static void refuses_regions_without_whom_unpacks_them(void **state)
{
    struct image_pair pair = make_pair();
    struct dfota_buffer delta = packed_delta(&pair, RAM, NULL);
    struct delta_bench bench = packed_bench(&pair, &delta);
    static const struct dfota_packing *const none[] = {NULL};

    (void)state;
    bench.no_unpacking = true;
    assert_int_equal(run(&bench), DFOTA_ERR_UNSUPPORTED);
    assert_string_equal(bench.fault.rule, "DLT-46");
    bench.no_unpacking = false;
    bench.packings = none;
    assert_int_equal(run(&bench), DFOTA_ERR_UNSUPPORTED);
    assert_string_equal(bench.fault.rule, "PKD-2");
    dfota_buffer_free(&bench.made);
    dfota_buffer_free(&delta);
    image_pair_free(&pair);
}

static void refuses_numbers_that_cannot_be(void **state)
{
    struct image_pair pair = make_pair();
    struct dfota_buffer delta = packed_delta(&pair, RAM, NULL);
    const struct dfota_delta_header good = header_of(&delta);
    struct dfota_delta_header header = good;

    (void)state;
    header.unpacked.slots = 255;
    assert_head_refused(&pair, &delta, &header, "DLT-40");
    header.unpacked.slots = (1u << 24) + 1;
    assert_head_refused(&pair, &delta, &header, "DLT-40");
    header = good;
    header.unpacked.heads = 1u << 25;
    assert_head_refused(&pair, &delta, &header, "DLT-40");
    header = good;
    header.unpacked.chain = 1u << 25;
    assert_head_refused(&pair, &delta, &header, "DLT-40");
    dfota_buffer_free(&delta);
    image_pair_free(&pair);
}

static void refuses_memory_that_is_not_enough_for_a_region(void **state)
{
    struct image_pair pair = make_pair();
    struct dfota_buffer delta = packed_delta(&pair, RAM, NULL);
    const struct dfota_delta_header good = header_of(&delta);
    struct dfota_delta_header header = good;

    (void)state;
    header.unpacked.contents -= 16;
    assert_head_refused(&pair, &delta, &header, "DLT-43");
    header = good;
    header.unpacked.work -= 16;
    assert_head_refused(&pair, &delta, &header, "DLT-43");
    header = good;
    header.unpacked.kept -= 16;
    assert_head_refused(&pair, &delta, &header, "DLT-43");
    dfota_buffer_free(&delta);
    image_pair_free(&pair);
}

static void refuses_more_copies_than_are_stated(void **state)
{
    struct image_pair pair = make_pair();
    struct dfota_buffer delta = packed_delta(&pair, RAM, NULL);
    struct dfota_delta_header header = header_of(&delta);

    (void)state;
    header.unpacked.copies--;
    assert_head_refused(&pair, &delta, &header, "DLT-45");
    dfota_buffer_free(&delta);
    image_pair_free(&pair);
}

/* Two streams, and one that takes a few bytes of each in turn. */
static struct image_pair make_interleaved(void)
{
    struct image_pair pair = {{0}, {0}};
    struct dfota_buffer a = {0};
    struct dfota_buffer b = {0};
    struct dfota_buffer both = {0};
    uint32_t seed = 31;

    image_add_random(&a, &seed, 20000, 200);
    image_add_random(&b, &seed, 20000, 200);
    for (size_t at = 0; at < 20000; at += 100) {
        dfota_buffer_add(&both, a.data + at, 100);
        dfota_buffer_add(&both, b.data + at, 100);
    }
    image_add_zlib(&pair.old, dfota_buffer_view(&a));
    image_add_zlib(&pair.old, dfota_buffer_view(&b));
    image_add_zlib(&pair.new, dfota_buffer_view(&both));
    dfota_buffer_free(&a);
    dfota_buffer_free(&b);
    dfota_buffer_free(&both);
    return pair;
}

static void refuses_to_unpack_the_same_over_and_over(void **state)
{
    struct image_pair pair = make_interleaved();
    struct dfota_buffer delta = packed_delta(&pair, RAM, NULL);
    struct dfota_delta_header header = assert_delta_applies(&pair, &delta);

    (void)state;
    assert_int_equal(header.unpacked.old_count, 2);
    assert_int_equal(header.unpacked.place_count, 0);
    header.unpacked.place_size = header.unpacked.kept;
    header.unpacked.place_count = 1; /* which both share now */
    assert_head_refused(&pair, &delta, &header, "DLT-44");
    dfota_buffer_free(&delta);
    image_pair_free(&pair);
}

static void a_delta_is_not_made_so_that_it_is_refused(void **state)
{
    struct image_pair pair = make_interleaved();

    (void)state;
    for (uint32_t ram = 96 * KIB; ram <= 256 * KIB; ram += 32 * KIB) {
        struct dfota_buffer delta = packed_delta(&pair, ram, NULL);

        assert_delta_applies(&pair, &delta);
        dfota_buffer_free(&delta);
    }
    image_pair_free(&pair);
}

/* The list is of no length that suits; each number in it leads elsewhere. */
static void refuses_every_other_list(void **state)
{
    static const char *const rules[] = {"PKD-1",  "PKD-2",  "PKD-3",  "PKD-4",
                                        "PKD-5",  "DLT-41", "DLT-42", "DLT-43",
                                        "DLT-45", "DLT-15", "DLT-20", "DLT-21"};
    unsigned seen[sizeof(rules) / sizeof(rules[0])] = {0};
    struct image_pair pair = make_pair();
    struct dfota_buffer delta = packed_delta(&pair, RAM, NULL);
    const struct dfota_delta_header header = header_of(&delta);

    (void)state;
    for (uint32_t at = 0; at < header.unpacked.list_size; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            struct delta_bench bench = packed_bench(&pair, &delta);
            size_t i = 0;

            delta.data[header.head_size + at] ^= (uint8_t)(1u << bit);
            if (run(&bench) != DFOTA_OK) {
                while (strcmp(rules[i], bench.fault.rule) != 0)
                    assert_in_range(++i, 0,
                                    sizeof(rules) / sizeof(rules[0]) - 1);
                seen[i]++;
            } else { /* room for more copying tokens than there are */
                assert_memory_equal(bench.made.data, pair.new.data,
                                    pair.new.size);
            }
            delta.data[header.head_size + at] ^= (uint8_t)(1u << bit);
            dfota_buffer_free(&bench.made);
        }
    assert_true(seen[0] > 0 && seen[5] > 0 && seen[6] > 0);
    dfota_buffer_free(&delta);
    image_pair_free(&pair);
}

static void refuses_every_other_parse(void **state)
{
    struct image_pair pair = {{0}, {0}};
    struct dfota_buffer delta;
    struct dfota_delta_header header;
    uint32_t seed = 23;
    size_t step;

    (void)state;
    packed_pair_add(&pair, &seed, image_add_lzma, WORDS, 10);
    delta = packed_delta(&pair, RAM, NULL);
    header = header_of(&delta);
    assert_in_range(header.unpacked.parse_size, 1, delta.size);
    step = header.unpacked.parse_size / 40 + 1;
    /* the last bytes hold less than they could */
    for (size_t at = 4; at < header.unpacked.parse_size; at += step) {
        struct delta_bench bench = packed_bench(&pair, &delta);

        delta.data[delta.size - 1 - at] ^= 0x10;
        assert_int_not_equal(run(&bench), DFOTA_OK);
        delta.data[delta.size - 1 - at] ^= 0x10;
        dfota_buffer_free(&bench.made);
    }
    dfota_buffer_free(&delta);
    image_pair_free(&pair);
}

static void refuses_what_goes_on_behind_the_last_parse(void **state)
{
    struct image_pair pair = make_pair();
    struct dfota_buffer delta = packed_delta(&pair, RAM, NULL);
    struct dfota_delta_header header = header_of(&delta);
    struct dfota_buffer longer;

    (void)state;
    header.unpacked.parse_size += 9;
    longer = packed_delta_with(&delta, &header, NULL);
    dfota_buffer_add(&longer, "\1\2\3\4\5\6\7\10\11", 9);
    assert_refused(&pair, &longer, DFOTA_ERR_CORRUPT, "DLT-20");
    dfota_buffer_free(&longer);
    dfota_buffer_free(&delta);
    image_pair_free(&pair);
}

static void errors_of_callbacks_come_through(void **state)
{
    struct image_pair pair = {{0}, {0}};
    struct dfota_buffer delta;
    struct delta_bench bench;
    uint32_t seed = 29;
    unsigned calls;

    (void)state;
    packed_pair_add(&pair, &seed, image_add_lzma, WORDS / 8, 4);
    packed_pair_add(&pair, &seed, image_add_zlib, WORDS / 8, 4);
    delta = packed_delta(&pair, RAM, NULL);
    assert_int_equal(header_of(&delta).unpacked.new_count, 2);
    bench = packed_bench(&pair, &delta);
    assert_int_equal(run(&bench), DFOTA_OK);
    calls = bench.calls;
    bench.error = DFOTA_ERR_IO;
    for (bench.failing = 1; bench.failing <= calls; bench.failing++)
        assert_int_equal(run(&bench), DFOTA_ERR_IO);
    dfota_buffer_free(&bench.made);
    dfota_buffer_free(&delta);
    image_pair_free(&pair);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(streams_of_every_kind_are_made_again),
        cmocka_unit_test(several_streams_are_made_again_in_little_memory),
        cmocka_unit_test(streams_that_both_have_are_copied_as_they_are),
        cmocka_unit_test(a_stream_of_nothing_but_new_contents_is_left_packed),
        cmocka_unit_test(a_stream_that_only_looks_like_one_is_left_alone),
        cmocka_unit_test(refuses_regions_without_whom_unpacks_them),
        cmocka_unit_test(refuses_numbers_that_cannot_be),
        cmocka_unit_test(refuses_memory_that_is_not_enough_for_a_region),
        cmocka_unit_test(refuses_more_copies_than_are_stated),
        cmocka_unit_test(refuses_to_unpack_the_same_over_and_over),
        cmocka_unit_test(a_delta_is_not_made_so_that_it_is_refused),
        cmocka_unit_test(refuses_every_other_list),
        cmocka_unit_test(refuses_every_other_parse),
        cmocka_unit_test(refuses_what_goes_on_behind_the_last_parse),
        cmocka_unit_test(errors_of_callbacks_come_through),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
