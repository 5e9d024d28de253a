/* SPDX-License-Identifier: MIT */
/* records: together they make new, whatever is cut out of them */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/apply/copy.h"
#include "lib/delta/records.h"
#include "tests/support/random.h"

#define SIZE    ((uint32_t)100000) /* bytes of new */
#define BLOCK   4096u              /* bytes that are judged together */
#define DIALECT 2
#define PLAIN   4

static uint8_t image[SIZE];
static const struct dfota_view new = {image, SIZE};

static struct dfota_buffer make(const struct dfota_copy *copies, size_t count,
                                uint32_t size)
{
    const struct dfota_view view = {(const void *)copies,
                                    count * sizeof(*copies)};
    const struct dfota_view bytes = {image, size};
    struct dfota_buffer out = {0};

    dfota_records_make(view, bytes, DIALECT, &out);
    assert_int_equal(dfota_buffer_check(&out, NULL), DFOTA_OK);
    return out;
}

static struct dfota_buffer split(const struct dfota_buffer *records)
{
    struct dfota_buffer out = {0};

    dfota_records_split(dfota_buffer_view(records), new, PLAIN, &out);
    assert_int_equal(dfota_buffer_check(&out, NULL), DFOTA_OK);
    return out;
}

static const struct dfota_record *list(const struct dfota_buffer *records,
                                       size_t *count)
{
    *count = records->size / sizeof(struct dfota_record);
    return (const void *)records->data;
}

/* Copies of random places, with gaps or without. */
static size_t random_copies(uint32_t *seed, struct dfota_copy *out, size_t most)
{
    uint32_t pos = 0;
    size_t count = 0;

    while (count < most) {
        struct dfota_copy copy = {pos, random_below(seed, SIZE), 0};

        copy.new_pos += random_below(seed, 2) ? random_below(seed, 9000) : 0;
        copy.length = 1 + random_below(seed, 3000);
        pos = copy.new_pos + copy.length;
        if (pos > SIZE)
            break;
        out[count++] = copy;
    }
    return count;
}

/* The copies of the records are these, in that order, and nothing is left. */
static void assert_copies(const struct dfota_buffer *records,
                          const struct dfota_copy *copies, size_t copy_count,
                          uint32_t size)
{
    size_t count;
    const struct dfota_record *record = list(records, &count);
    uint32_t pos = 0;
    size_t at = 0;

    for (size_t i = 0; i < count; i++) {
        assert_true(record[i].insert + record[i].copy > 0);
        pos += record[i].insert;
        if (record[i].copy > 0) {
            assert_in_range(at, 0, copy_count - 1);
            assert_int_equal(record[i].copy, copies[at].length);
            assert_int_equal(record[i].old_pos, copies[at].old_pos);
            assert_int_equal(pos, copies[at].new_pos);
            assert_int_equal(record[i].dialect, DIALECT);
            at++;
        }
        pos += record[i].copy;
    }
    assert_int_equal(at, copy_count);
    assert_int_equal(pos, size);
}

static void make_new_whole(void **state)
{
    struct dfota_copy copies[64];
    uint32_t seed = 70;

    (void)state;
    for (unsigned round = 0; round < 100; round++) {
        size_t count = random_copies(&seed, copies, 1 + round % 64);
        struct dfota_buffer records = make(copies, count, SIZE);

        assert_copies(&records, copies, count, SIZE);
        dfota_buffer_free(&records);
    }
}

static void are_none_for_an_empty_image(void **state)
{
    struct dfota_buffer records = make(NULL, 0, 0);

    (void)state;
    assert_int_equal(records.size, 0);
    dfota_buffer_free(&records);
}

static void insert_what_no_copy_makes(void **state)
{
    static const struct dfota_copy whole = {0, 5, 77};
    struct dfota_buffer inserted = make(NULL, 0, 77);
    struct dfota_buffer copied = make(&whole, 1, 77);
    size_t count;
    const struct dfota_record *record = list(&inserted, &count);

    (void)state;
    assert_int_equal(count, 1);
    assert_int_equal(record->insert, 77);
    assert_int_equal(record->copy, 0);
    record = list(&copied, &count);
    assert_int_equal(count, 1);
    assert_int_equal(record->insert, 0);
    assert_copies(&copied, &whole, 1, 77);
    dfota_buffer_free(&copied);
    dfota_buffer_free(&inserted);
}

/* Whether a record's blocks are such as `random` says, all of them. */
static bool is_of(const struct dfota_record *record, uint32_t pos,
                  const bool *random)
{
    for (uint32_t at = pos; at < pos + record->insert; at++)
        if (random[at / BLOCK] != (record->dialect == PLAIN))
            return false;
    return true;
}

/* Blocks of random bytes are plain, and of letters are not. */
static void cut_plain_blocks_out(void **state)
{
    bool random[SIZE / BLOCK + 1];
    struct dfota_buffer whole;
    struct dfota_buffer parts;
    const struct dfota_record *record;
    uint32_t seed = 71;
    uint32_t pos = 0;
    size_t count;

    (void)state;
    random_fill(&seed, image, SIZE);
    for (size_t i = 0; i <= SIZE / BLOCK; i++)
        random[i] = random_below(&seed, 2);
    for (uint32_t i = 0; i < SIZE; i++)
        if (!random[i / BLOCK])
            image[i] = (uint8_t) "electronic"[image[i] % 10];
    whole = make(NULL, 0, SIZE);
    parts = split(&whole);
    record = list(&parts, &count);
    for (size_t i = 0; i < count; i++) {
        assert_true(is_of(&record[i], pos, random));
        if (i > 0)
            assert_int_not_equal(record[i].dialect, record[i - 1].dialect);
        pos += record[i].insert;
    }
    assert_copies(&parts, NULL, 0, SIZE);
    dfota_buffer_free(&parts);
    dfota_buffer_free(&whole);
}

static void keep_their_order_when_plain_blocks_are_cut_out(void **state)
{
    struct dfota_copy copies[64];
    uint32_t seed = 72;

    (void)state;
    for (unsigned round = 0; round < 60; round++) {
        size_t count = random_copies(&seed, copies, 1 + round % 64);
        struct dfota_buffer records = make(copies, count, SIZE);
        struct dfota_buffer parts;
        size_t part_count;
        const struct dfota_record *part;

        random_fill(&seed, image, SIZE);
        for (uint32_t i = 0; i < SIZE; i++)
            image[i] &= i / 7777 % 2 ? 0xff : 0x7e;
        parts = split(&records);
        assert_copies(&parts, copies, count, SIZE);
        part = list(&parts, &part_count);
        for (size_t i = 0; i < part_count; i++)
            if (part[i].dialect == PLAIN) /* which copy nothing */
                assert_int_equal(part[i].copy, 0);
        dfota_buffer_free(&parts);
        dfota_buffer_free(&records);
    }
}

/* Few bytes say too little: they stay with what is around them. */
static void leave_short_insertions_alone(void **state)
{
    static const struct dfota_copy copies[] = {{900, 0, 100}, {1900, 0, 96}};
    struct dfota_buffer records = make(copies, 2, SIZE);
    struct dfota_buffer parts;
    uint32_t seed = 73;

    (void)state;
    random_fill(&seed, image, SIZE);
    memset(image + 1996, 'a', SIZE - 1996);
    parts = split(&records);
    assert_int_equal(parts.size, records.size);
    assert_memory_equal(parts.data, records.data, records.size);
    dfota_buffer_free(&parts);
    dfota_buffer_free(&records);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(make_new_whole),
        cmocka_unit_test(are_none_for_an_empty_image),
        cmocka_unit_test(insert_what_no_copy_makes),
        cmocka_unit_test(cut_plain_blocks_out),
        cmocka_unit_test(keep_their_order_when_plain_blocks_are_cut_out),
        cmocka_unit_test(leave_short_insertions_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
