/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lib/codec/bzip2.h"

static const uint8_t text[] = "the quick brown fox jumps over the lazy dog";

static struct dfota_fault fault;

/* `size` bytes that do not compress and are the same every time. */
static uint8_t *noise(size_t size)
{
    uint8_t *bytes = malloc(size > 0 ? size : 1);
    uint32_t state = 1;

    assert_non_null(bytes);
    for (size_t i = 0; i < size; i++) {
        state = state * 1664525 + 1013904223;
        bytes[i] = (uint8_t)(state >> 24);
    }
    return bytes;
}

static struct dfota_buffer compress(const uint8_t *raw, size_t size)
{
    struct dfota_buffer out = {0};

    assert_int_equal(
        dfota_bzip2_encode((struct dfota_view){raw, size}, &out, &fault),
        DFOTA_OK);
    return out;
}

/* Reads `size` bytes in pieces of `piece`, and asks for the end. */
static enum dfota_error decompress(struct dfota_view stream, uint8_t *out,
                                   size_t size, size_t piece)
{
    struct dfota_bzip2_reader *reader = NULL;
    enum dfota_error err = DFOTA_OK;

    memset(&fault, 0, sizeof(fault));
    assert_int_equal(dfota_bzip2_open(stream, &reader, &fault), DFOTA_OK);
    for (size_t at = 0; at < size && !err; at += piece)
        err = dfota_bzip2_read(reader, out + at,
                               size - at < piece ? size - at : piece, &fault);
    if (!err)
        err = dfota_bzip2_finish(reader, &fault);
    dfota_bzip2_close(reader);
    return err;
}

static void assert_refused(enum dfota_error got, enum dfota_error want,
                           const char *rule, uint64_t offset)
{
    assert_int_equal(got, want);
    assert_int_equal(fault.error, want);
    assert_string_equal(fault.rule, rule);
    assert_int_equal(fault.offset, offset);
}

static void gives_back_what_was_compressed(void **state)
{
    /* around the chunks of the code and the blocks of the format */
    static const size_t sizes[] = {0,      1,      2,      16383,
                                   16384,  16385,  49152,  899980,
                                   899981, 900000, 900001, 2000000};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint8_t *raw = noise(sizes[i]);
        uint8_t *again = malloc(sizes[i] + 1);
        struct dfota_buffer packed = compress(raw, sizes[i]);

        assert_non_null(again);
        assert_int_equal(
            decompress(dfota_buffer_view(&packed), again, sizes[i], 70001),
            DFOTA_OK);
        assert_memory_equal(again, raw, sizes[i]);
        dfota_buffer_free(&packed);
        free(again);
        free(raw);
    }
}

static void delivers_pieces_of_any_size(void **state)
{
    struct dfota_buffer packed = compress(text, sizeof(text));
    uint8_t again[sizeof(text)];

    (void)state;
    for (size_t piece = 1; piece <= sizeof(text); piece++) {
        memset(again, 0, sizeof(again));
        assert_int_equal(
            decompress(dfota_buffer_view(&packed), again, sizeof(again), piece),
            DFOTA_OK);
        assert_memory_equal(again, text, sizeof(text));
    }
    dfota_buffer_free(&packed);
}

static void compresses_behind_what_is_there(void **state)
{
    struct dfota_buffer out = {0};
    struct dfota_buffer alone = compress(text, sizeof(text));

    (void)state;
    dfota_buffer_add(&out, "abc", 3);
    assert_int_equal(
        dfota_bzip2_encode((struct dfota_view){text, sizeof(text)}, &out, NULL),
        DFOTA_OK);
    assert_int_equal(out.size, 3 + alone.size);
    assert_memory_equal(out.data, "abc", 3);
    assert_memory_equal(out.data + 3, alone.data, alone.size);
    dfota_buffer_free(&alone);
    dfota_buffer_free(&out);
}

static void keeps_the_limit_of_the_buffer(void **state)
{
    struct dfota_buffer alone = compress(text, sizeof(text));
    struct dfota_view raw = {text, sizeof(text)};
    struct dfota_buffer out = {.limit = alone.size + 3};

    (void)state;
    dfota_buffer_add(&out, "abc", 3);
    assert_int_equal(dfota_bzip2_encode(raw, &out, &fault), DFOTA_OK);
    dfota_buffer_free(&out);

    out.limit = alone.size + 2;
    dfota_buffer_add(&out, "abc", 3);
    assert_int_equal(dfota_bzip2_encode(raw, &out, &fault), DFOTA_ERR_LIMIT);
    assert_int_equal(out.size, 3);
    assert_memory_equal(out.data, "abc", 3);
    dfota_buffer_free(&out);
    dfota_buffer_free(&alone);
}

static void takes_back_what_it_had_appended(void **state)
{
    uint8_t *raw = noise(100000);
    struct dfota_buffer out = {.limit = 50000};

    (void)state;
    dfota_buffer_add(&out, "abc", 3);
    assert_int_equal(
        dfota_bzip2_encode((struct dfota_view){raw, 100000}, &out, &fault),
        DFOTA_ERR_LIMIT);
    assert_int_equal(out.size, 3);
    dfota_buffer_free(&out);
    free(raw);
}

static void refuses_every_truncation(void **state)
{
    struct dfota_buffer packed = compress(text, sizeof(text));
    uint8_t again[sizeof(text)];

    (void)state;
    for (size_t size = 0; size < packed.size; size++) {
        /* a copy of just that size, for the sanitizer to guard its end */
        uint8_t *cut = malloc(size > 0 ? size : 1);
        struct dfota_view view = {cut, size};

        assert_non_null(cut);
        memcpy(cut, packed.data, size);
        assert_refused(decompress(view, again, sizeof(again), 7),
                       DFOTA_ERR_TRUNCATED, "BZ2-1", size);
        free(cut);
    }
    dfota_buffer_free(&packed);
}

static void refuses_a_stream_of_another_length(void **state)
{
    struct dfota_buffer packed = compress(text, sizeof(text));
    struct dfota_view view = dfota_buffer_view(&packed);
    uint8_t again[sizeof(text) + 1];

    (void)state;
    assert_refused(decompress(view, again, sizeof(text) + 1, 7),
                   DFOTA_ERR_TRUNCATED, "BZ2-2", packed.size);
    assert_int_equal(decompress(view, again, sizeof(text) - 1, 7),
                     DFOTA_ERR_CORRUPT);
    assert_string_equal(fault.rule, "BZ2-4");
    assert_in_range(fault.offset, 1, packed.size);
    dfota_buffer_free(&packed);
}

static void refuses_what_is_no_bzip2_stream(void **state)
{
    static const uint8_t other[] = "PK\3\4 and so on, for more than 10 bytes";
    struct dfota_view view = {other, sizeof(other)};
    uint8_t again[1];

    (void)state;
    assert_refused(decompress(view, again, 1, 1), DFOTA_ERR_CORRUPT, "BZ2-3",
                   1);
    assert_refused(decompress(view, again, 0, 1), DFOTA_ERR_CORRUPT, "BZ2-3",
                   1);
}

static void refuses_bytes_after_the_stream(void **state)
{
    struct dfota_buffer packed = compress(text, sizeof(text));
    size_t end = packed.size;
    uint8_t again[2 * sizeof(text)];

    (void)state;
    dfota_buffer_add(&packed, "", 1);
    assert_refused(
        decompress(dfota_buffer_view(&packed), again, sizeof(text), 7),
        DFOTA_ERR_CORRUPT, "BZ2-5", end);

    /* A second stream is no continuation of the first. */
    packed.size = end;
    assert_int_equal(dfota_bzip2_encode((struct dfota_view){text, sizeof(text)},
                                        &packed, NULL),
                     DFOTA_OK);
    assert_refused(
        decompress(dfota_buffer_view(&packed), again, sizeof(again), 7),
        DFOTA_ERR_TRUNCATED, "BZ2-2", end);
    dfota_buffer_free(&packed);
}

/* Some bits mean nothing, as those that fill the last byte; all others do. */
static void never_delivers_other_bytes_than_were_compressed(void **state)
{
    struct dfota_buffer packed = compress(text, sizeof(text));
    unsigned refused = 0;

    (void)state;
    for (size_t bit = 0; bit < 8 * packed.size; bit++) {
        uint8_t again[sizeof(text)] = {0};
        uint8_t mask = (uint8_t)(1 << bit % 8);

        packed.data[bit / 8] ^= mask;
        if (decompress(dfota_buffer_view(&packed), again, sizeof(again), 7)) {
            assert_int_equal(strncmp(fault.rule, "BZ2-", 4), 0);
            assert_in_range(fault.offset, 0, packed.size);
            refused++;
        } else {
            assert_memory_equal(again, text, sizeof(text));
        }
        packed.data[bit / 8] ^= mask;
    }
    assert_true(refused > 7 * packed.size);
    dfota_buffer_free(&packed);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_back_what_was_compressed),
        cmocka_unit_test(delivers_pieces_of_any_size),
        cmocka_unit_test(compresses_behind_what_is_there),
        cmocka_unit_test(keeps_the_limit_of_the_buffer),
        cmocka_unit_test(takes_back_what_it_had_appended),
        cmocka_unit_test(refuses_every_truncation),
        cmocka_unit_test(refuses_a_stream_of_another_length),
        cmocka_unit_test(refuses_what_is_no_bzip2_stream),
        cmocka_unit_test(refuses_bytes_after_the_stream),
        cmocka_unit_test(never_delivers_other_bytes_than_were_compressed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
