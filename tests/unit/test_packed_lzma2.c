/* SPDX-License-Identifier: MIT */
/* packed regions of LZMA2; tests/interop/packed.py has those of xz */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lib/codec/lzma.h"
#include "tests/support/image_pair.h"
#include "tests/support/packed_check.h"

#define WORDS  3000
#define COPIES 40000
#define PROPS  93 /* lc 3, lp 0, pb 2 */

/* Chunks, and what they are made of. */
struct chunks {
    struct dfota_buffer contents;
    struct dfota_buffer stream;
};

/* A chunk of `control`, which forgets all, with code of its own. */
static void add_coded(struct chunks *chunks, uint8_t control, uint32_t seed)
{
    const struct dfota_stream stream = {
        .codec = DFOTA_CODEC_ID_LZMA, .props = PROPS, .dictionary = 1 << 16};
    struct dfota_buffer raw = {0};
    struct dfota_buffer coded = {0};

    image_add_code(&raw, &seed, WORDS);
    assert_int_equal(dfota_encoder_lzma.encode(&stream, dfota_buffer_view(&raw),
                                               &coded, NULL),
                     DFOTA_OK);
    dfota_buffer_add_le(&chunks->stream, control, 1);
    dfota_buffer_add_le(&chunks->stream, (raw.size - 1) >> 8, 1);
    dfota_buffer_add_le(&chunks->stream, raw.size - 1, 1);
    dfota_buffer_add_le(&chunks->stream, (coded.size - 1) >> 8, 1);
    dfota_buffer_add_le(&chunks->stream, coded.size - 1, 1);
    if (control >= 0xc0)
        dfota_buffer_add_le(&chunks->stream, PROPS, 1);
    dfota_buffer_add(&chunks->stream, coded.data, coded.size);
    dfota_buffer_add(&chunks->contents, raw.data, raw.size);
    dfota_buffer_free(&raw);
    dfota_buffer_free(&coded);
}

static void add_stored(struct chunks *chunks, uint8_t control, const char *text)
{
    dfota_buffer_add_le(&chunks->stream, control, 1);
    dfota_buffer_add_le(&chunks->stream, (strlen(text) - 1) << 8, 2);
    dfota_buffer_add(&chunks->stream, text, strlen(text));
    dfota_buffer_add(&chunks->contents, text, strlen(text));
}

static void free_chunks(struct chunks *chunks)
{
    dfota_buffer_free(&chunks->contents);
    dfota_buffer_free(&chunks->stream);
}

static enum dfota_error open_chunks(struct packed *packed,
                                    const struct chunks *chunks,
                                    struct dfota_fault *fault)
{
    *packed = (struct packed){
        .region = {.offset = 77,
                   .packed_size = (uint32_t)chunks->stream.size,
                   .contents_size = (uint32_t)chunks->contents.size,
                   .packing = DFOTA_PACKING_LZMA2}};
    assert_int_equal(dfota_packed_check(&packed->region, NULL), DFOTA_OK);
    return packed_open(packed, chunks->stream.data, COPIES, fault);
}

static void chunks_of_every_kind_come_back(void **state)
{
    struct chunks chunks = {0};
    struct packed packed;

    (void)state;
    add_coded(&chunks, 0xe0, 1);
    add_stored(&chunks, 2, "bytes as they are");
    add_coded(&chunks, 0xe0, 2);
    add_stored(&chunks, 1, "bytes that nothing is copied across");
    add_coded(&chunks, 0xe0, 1);
    dfota_buffer_add_le(&chunks.stream, 0, 1);
    assert_int_equal(open_chunks(&packed, &chunks, NULL), DFOTA_OK);
    assert_memory_equal(packed.contents, chunks.contents.data,
                        chunks.contents.size);
    assert_int_equal(packed.blocks.count, 5);
    assert_int_equal(packed.blocks.blocks[3].kind, 1);
    assert_packed_comes_back(&packed, NULL);
    assert_packed_comes_back(&packed, &packed);
    packed_close(&packed);
    free_chunks(&chunks);
}

static void assert_refused(const struct chunks *chunks)
{
    struct packed packed;
    struct dfota_fault fault = {0};

    assert_int_equal(open_chunks(&packed, chunks, &fault), DFOTA_ERR_CORRUPT);
    assert_string_equal(fault.rule, "PKD-3");
    packed_close(&packed);
}

/* One good chunk behind what is tried; the end is there or not. */
static void assert_chunk_refused(uint8_t control, bool ends)
{
    struct chunks chunks = {0};

    add_coded(&chunks, control, 3);
    if (ends)
        dfota_buffer_add_le(&chunks.stream, 0, 1);
    assert_refused(&chunks);
    free_chunks(&chunks);
}

static void chunks_that_cannot_stand_there_are_refused(void **state)
{
    struct chunks chunks = {0};

    (void)state;
    assert_chunk_refused(0xc0, true); /* no dictionary yet */
    assert_chunk_refused(0xa0, true);
    assert_chunk_refused(0x80, true);
    assert_chunk_refused(0x03, true);  /* no such control byte */
    assert_chunk_refused(0xe0, false); /* no end */
    add_stored(&chunks, 1, "no numbers yet");
    add_coded(&chunks, 0xa0, 1);
    dfota_buffer_add_le(&chunks.stream, 0, 1);
    assert_refused(&chunks);
    free_chunks(&chunks);
}

static void impossible_numbers_are_refused(void **state)
{
    struct chunks chunks = {0};

    (void)state;
    add_coded(&chunks, 0xe0, 1);
    dfota_buffer_add_le(&chunks.stream, 0, 1);
    chunks.stream.data[5] = 225; /* lc, lp and pb */
    assert_refused(&chunks);
    chunks.stream.data[5] = 9 + 4; /* lc 4, lp 1 */
    assert_refused(&chunks);
    chunks.stream.data[5] = PROPS;
    chunks.stream.data[4]++; /* packed size */
    assert_refused(&chunks);
    chunks.stream.data[4] -= 2;
    assert_refused(&chunks);
    chunks.stream.data[4]++;
    chunks.stream.data[2]++; /* size */
    assert_refused(&chunks);
    free_chunks(&chunks);
}

static void a_stream_cut_short_is_refused(void **state)
{
    struct chunks chunks = {0};

    (void)state;
    add_coded(&chunks, 0xe0, 1);
    add_stored(&chunks, 2, "and some more");
    dfota_buffer_add_le(&chunks.stream, 0, 1);
    while (--chunks.stream.size > 0)
        assert_refused(&chunks);
    free_chunks(&chunks);
}

static void too_many_blocks_are_refused(void **state)
{
    struct chunks chunks = {0};
    struct dfota_fault fault;
    struct packed packed;

    (void)state;
    for (unsigned i = 0; i < PACKED_BLOCKS; i++)
        add_stored(&chunks, 1, "block");
    dfota_buffer_add_le(&chunks.stream, 0, 1);
    assert_int_equal(open_chunks(&packed, &chunks, &fault), DFOTA_OK);
    packed_close(&packed);
    chunks.stream.size--;
    add_stored(&chunks, 1, "one more");
    dfota_buffer_add_le(&chunks.stream, 0, 1);
    assert_int_equal(open_chunks(&packed, &chunks, &fault), DFOTA_ERR_LIMIT);
    assert_string_equal(fault.rule, "PKD-4");
    packed_close(&packed);
    free_chunks(&chunks);
}

/* A parse that tells one chunk after another of no bytes would never end. */
static void what_is_told_of_nothing_ends(void **state)
{
    struct packed packed = {.region = {.packed_size = 100,
                                       .contents_size = 10,
                                       .packing = DFOTA_PACKING_LZMA2}};
    uint8_t contents[10] = {0};

    (void)state;
    packed.contents = contents;
    for (unsigned byte = 0; byte < 256; byte++) {
        struct dfota_buffer told = {0};
        struct dfota_buffer made = {0};
        struct dfota_fault fault = {0};

        for (unsigned i = 0; i < 200; i++)
            dfota_buffer_add_le(&told, byte, 1);
        if (packed_make(&packed, NULL, &told, &made, &fault))
            assert_string_equal(fault.rule, "PKD-5");
        assert_in_range(made.size, 0, 100);
        dfota_buffer_free(&told);
        dfota_buffer_free(&made);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chunks_of_every_kind_come_back),
        cmocka_unit_test(chunks_that_cannot_stand_there_are_refused),
        cmocka_unit_test(impossible_numbers_are_refused),
        cmocka_unit_test(a_stream_cut_short_is_refused),
        cmocka_unit_test(too_many_blocks_are_refused),
        cmocka_unit_test(what_is_told_of_nothing_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
