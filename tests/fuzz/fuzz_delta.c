/* SPDX-License-Identifier: MIT */
/*
 * Whatever the delta, the applier asks its callbacks for nothing beyond the
 * sizes stated, writes no more than the header says and there is room for, and
 * does the same each time.  What it calls done has the size and the CRC32 that
 * the header states.
 *
 * Input: one byte of how to read the rest, one of the old image's size, the
 * old image, and the delta.  A delta is taken as it is, or composed of a short
 * description; then the digests of header and old image are made right, or else
 * they would keep all that is interesting from the applier.  A delta that turns
 * out to be good but for the CRC32 of what it makes is given that, and tried
 * again; so is a composed one with another map, until its records suit it.
 *
 * A delta with an order is applied in place, by a module that notices when it
 * is asked for what has been overwritten.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "jobs/codecs.h"
#include "lib/apply/cursor.h"
#include "lib/apply/delta_header.h"
#include "tests/support/delta_bench.h"
#include "tests/support/delta_example.h"
#include "tests/support/in_place_bench.h"

#define RAM_MAX      ((uint32_t)16 << 20) /* bytes */
#define NEW_SIZE_MAX ((uint32_t)1 << 16)  /* bytes */

#define MAP_MAX      12 /* copies of a map that is tried */

/* The bits of the first byte. */
enum {
    COMPOSE = 1,
    SHA256 = 2,
    PREDICT = 4,
    MIXED = 8,
    IN_PLACE = 16,
    UNPACK = 32
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next `count` bytes, or all that is left. */
static struct dfota_view take(struct dfota_cursor *cursor, size_t count)
{
    size_t size = count < cursor->left ? count : cursor->left;

    return (struct dfota_view){dfota_cursor_bytes(cursor, size), size};
}

/* Adds the fields of a prediction, with a map of so many copies. */
static void add_prediction(struct dfota_cursor *input, uint32_t map_count,
                           struct dfota_buffer *out)
{
    unsigned counts = (unsigned)dfota_cursor_le(input, 1);

    dfota_buffer_add_le(out, counts, 1);
    for (unsigned i = 0; i < (counts & 3); i++) {
        dfota_buffer_add_le(out, 1 + dfota_cursor_le(input, 1) % 7, 1);
        dfota_buffer_add_le(out, dfota_cursor_le(input, 1), 1);
    }
    for (unsigned i = 0; i < (counts >> 2 & 7); i++)
        dfota_buffer_add_le(out, dfota_cursor_le(input, 4), 4);
    for (unsigned i = 0; i < counts >> 5; i++) {
        dfota_buffer_add_varint(out, dfota_cursor_le(input, 3) & 0x1fffff);
        dfota_buffer_add_varint(out, dfota_cursor_le(input, 1));
    }
    if (counts == 0)
        return;
    dfota_buffer_add_varint(out, map_count);
    dfota_buffer_add_varint(out, dfota_cursor_le(input, 1));
    dfota_buffer_add_varint(out, dfota_cursor_le(input, 1));
}

/* Streams; the last one takes all the rest. */
static void take_streams(struct dfota_cursor *input,
                         struct delta_example *example)
{
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++) {
        struct delta_example_stream *stream = &example->streams[i];
        size_t size;

        stream->codec = (uint8_t)(dfota_cursor_le(input, 1) % 3);
        stream->props = (uint8_t)dfota_cursor_le(input, 1);
        stream->dictionary = (uint8_t)(dfota_cursor_le(input, 1) % 24);
        stream->raw_size = (uint32_t)dfota_cursor_le(input, 2);
        size = (size_t)dfota_cursor_le(input, 1);
        stream->coded =
            take(input, i + 1 < DFOTA_STREAM_COUNT ? size : SIZE_MAX);
    }
}

/* Slots, records, and the rest for content. */
static void take_mixed(struct dfota_cursor *input,
                       struct delta_example *example)
{
    example->coding = DFOTA_CODING_ID_MIXED;
    example->slots = 250 + (uint32_t)dfota_cursor_le(input, 2);
    example->records = take(input, (size_t)dfota_cursor_le(input, 1));
    example->content = take(input, SIZE_MAX);
}

/* An order; small segments, or hardly anything would be overwritten. */
static void add_order(struct dfota_cursor *input, struct dfota_buffer *out)
{
    dfota_buffer_add_varint(out, dfota_cursor_le(input, 1) % 8);
    dfota_buffer_add_varint(out, dfota_cursor_le(input, 1) % 16);
    dfota_buffer_add_varint(out, dfota_cursor_le(input, 1));
}

/* What stands before and behind all that is coded. */
struct regions {
    struct dfota_view list;
    struct dfota_view parse;
};

/* Some regions, of contents that are not large. */
static struct regions add_regions(struct dfota_cursor *input,
                                  struct dfota_buffer *out)
{
    struct regions regions;

    for (unsigned i = 0; i < 2; i++) /* bytes of the views */
        dfota_buffer_add_varint(out, dfota_cursor_le(input, 2));
    for (unsigned i = 0; i < 2; i++) /* regions */
        dfota_buffer_add_varint(out, i + dfota_cursor_le(input, 1) % 4);
    regions.list = take(input, (size_t)dfota_cursor_le(input, 1));
    regions.parse = take(input, (size_t)dfota_cursor_le(input, 1));
    dfota_buffer_add_varint(out, regions.list.size);
    dfota_buffer_add_varint(out, regions.parse.size);
    dfota_buffer_add_varint(out, 250 + dfota_cursor_le(input, 1)); /* slots */
    for (unsigned i = 0; i < 2; i++) /* heads and chain */
        dfota_buffer_add_le(out, dfota_cursor_le(input, 1) % 9, 1);
    dfota_buffer_add_varint(out, dfota_cursor_le(input, 1)); /* copies */
    for (unsigned i = 0; i < 4; i++)                         /* memory */
        dfota_buffer_add_varint(out, dfota_cursor_le(input, 2));
    dfota_buffer_add_varint(out, dfota_cursor_le(input, 1) % 4); /* places */
    return regions;
}

/* Puts the regions' parts into a delta that lacks them. */
static void insert_regions(struct dfota_buffer *delta,
                           const struct regions *regions)
{
    struct dfota_buffer whole = {0};
    size_t head = delta->data[AT_HEAD_SIZE];

    dfota_buffer_add(&whole, delta->data, head);
    whole.data[AT_CODING] |= DFOTA_CODING_UNPACKED;
    dfota_buffer_add(&whole, regions->list.data, regions->list.size);
    dfota_buffer_add(&whole, delta->data + head, delta->size - head);
    dfota_buffer_add(&whole, regions->parse.data, regions->parse.size);
    dfota_buffer_free(delta);
    *delta = whole;
}

/* A delta of such a description. */
static struct dfota_buffer compose(struct dfota_cursor input,
                                   struct dfota_view old, unsigned how,
                                   uint32_t map_count)
{
    static uint8_t zeros[NEW_SIZE_MAX];
    struct delta_example example = {.old = old};
    struct dfota_buffer fields = {0};
    struct regions regions = {0};
    struct dfota_buffer delta;

    example.new.data = zeros;
    example.new.size = (size_t)dfota_cursor_le(&input, 2);
    if (how & PREDICT)
        add_prediction(&input, map_count, &fields);
    if (how & (IN_PLACE | UNPACK) && fields.size == 0)
        dfota_buffer_add_le(&fields, 0, 1);
    if (how & IN_PLACE)
        add_order(&input, &fields);
    if (how & UNPACK)
        regions = add_regions(&input, &fields);
    example.prediction = dfota_buffer_view(&fields);
    if (how & MIXED)
        take_mixed(&input, &example);
    else
        take_streams(&input, &example);
    delta = delta_example_build(&example);
    if (how & IN_PLACE)
        delta.data[AT_CODING] |= DFOTA_CODING_IN_PLACE;
    if (how & UNPACK)
        insert_regions(&delta, &regions);
    dfota_buffer_free(&fields);
    return delta;
}

/* Makes right what the header says of the old image, and of itself. */
static void repair(struct dfota_buffer *delta, struct dfota_view old)
{
    struct dfota_digests digests = {0};

    if (delta->size < AT_OLD_SIZE)
        return;
    dfota_digest(old.data, old.size, &digests, NULL);
    delta_example_put(delta->data, AT_OLD_CRC32, digests.crc32);
    memcpy(delta->data + AT_OLD_DIGEST, digests.sha256,
           DFOTA_DELTA_DIGEST_SIZE);
    delta_example_seal(delta->data, delta->size);
}

/* Runs the applier twice: it does the same, and breaks no promise. */
static enum dfota_error run_twice(struct delta_bench *bench,
                                  struct dfota_fault *fault)
{
    struct dfota_fault again = {0};
    enum dfota_error err = bench_run(bench, fault);
    struct dfota_buffer made = bench->made;

    if (bench->misuse != NULL)
        abort();
    bench->made = (struct dfota_buffer){0};
    if (bench_run(bench, &again) != err || bench->misuse != NULL ||
        again.rule != fault->rule || again.offset != fault->offset ||
        bench->made.size != made.size ||
        (made.size > 0 && memcmp(bench->made.data, made.data, made.size) != 0))
        abort();
    if (err && (fault->error != err || fault->rule == NULL ||
                fault->offset > bench->delta.size))
        abort();
    dfota_buffer_free(&made);
    return err;
}

static bool is_done(const struct delta_bench *bench,
                    const struct dfota_delta_header *header)
{
    return bench->made.size == header->new_size &&
           dfota_crc32(0, bench->made.data, bench->made.size) ==
               header->new_crc32;
}

/* Gives the delta the CRC32 of what it made: now it must be good. */
static void check_with_right_crc32(struct delta_bench *bench,
                                   struct dfota_buffer *delta,
                                   struct dfota_delta_header *header)
{
    struct dfota_fault fault = {0};

    header->new_crc32 = dfota_crc32(0, bench->made.data, bench->made.size);
    delta_example_put(delta->data, AT_NEW_CRC32, header->new_crc32);
    delta_example_seal(delta->data, delta->size);
    bench->sha256 = false;
    if (run_twice(bench, &fault) != DFOTA_OK || !is_done(bench, header))
        abort();
}

/* --- in place ------------------------------------------------------------- */

static enum dfota_error run_in_place(struct in_place_bench *bench,
                                     struct dfota_fault *why)
{
    enum dfota_error err = in_place_bench_run(bench, why);

    if (bench->misuse != NULL || (err && err != why->error))
        abort();
    return err;
}

/* Applies it in place, at once and with a cut after each segment, which must
 * come to the same; where the CRC32 alone is wrong it is made right. */
static enum dfota_error check_in_place(struct dfota_buffer *delta,
                                       struct dfota_view old,
                                       const struct dfota_delta_header *header,
                                       struct dfota_fault *why)
{
    struct in_place_bench bench = {.delta = dfota_buffer_view(delta),
                                   .old = old,
                                   .memory_size = header->ram,
                                   .new_size_max = NEW_SIZE_MAX};
    struct dfota_fault again = {0};
    enum dfota_error err = run_in_place(&bench, why);
    uint32_t crc32 = 0;

    if (bench.image != NULL)
        crc32 = dfota_crc32(0, bench.image, header->new_size);
    if (!err && crc32 != header->new_crc32)
        abort();
    bench.reopens = true;
    if (run_in_place(&bench, &again) != err || again.rule != why->rule)
        abort();
    if (err && strcmp(why->rule, "DLT-21") == 0) {
        delta_example_put(delta->data, AT_NEW_CRC32, crc32);
        delta_example_seal(delta->data, delta->size);
        if (run_in_place(&bench, &again))
            abort();
    }
    in_place_bench_free(&bench);
    return err;
}

/* False where the map has not as many copies as its records. */
static bool check(struct dfota_buffer *delta, struct dfota_view old,
                  bool sha256)
{
    struct dfota_delta_header header = {0};
    struct dfota_fault fault = {0};
    enum dfota_error head_err = dfota_delta_read_header(
        delta->data, delta->size, (uint32_t)delta->size, &header, NULL);
    struct delta_bench bench = {
        .delta = dfota_buffer_view(delta),
        .old = old,
        .new_size_max = NEW_SIZE_MAX,
        .codecs = dfota_codecs,
        .sha256 = sha256,
        .memory_size = header.ram,
    };
    enum dfota_error err;

    if (header.ram > RAM_MAX || header.new_size > NEW_SIZE_MAX)
        return true;
    if (!head_err && header.order.segment_size > 0) {
        err = check_in_place(delta, old, &header, &fault);
        return !err || strcmp(fault.rule, "DLT-23") != 0;
    }
    err = run_twice(&bench, &fault);
    if (head_err && (err != head_err || header.new_size != 0))
        abort();
    if (bench.made.size > header.new_size)
        abort();
    if (!err && !is_done(&bench, &header))
        abort();
    if (err && strcmp(fault.rule, "DLT-21") == 0 &&
        fault.offset == AT_NEW_CRC32)
        check_with_right_crc32(&bench, delta, &header);
    dfota_buffer_free(&bench.made);
    return !err || strcmp(fault.rule, "DLT-23") != 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dfota_cursor input = dfota_cursor(data, size);
    unsigned how = (unsigned)dfota_cursor_le(&input, 1);
    struct dfota_view old = take(&input, (size_t)dfota_cursor_le(&input, 1));
    bool done = false;

    for (uint32_t count = 0; count <= MAP_MAX && !done; count++) {
        struct dfota_buffer delta = {0};

        if (how & COMPOSE)
            delta = compose(input, old, how, count);
        else
            dfota_buffer_add(&delta, input.next, input.left);
        repair(&delta, old);
        done = check(&delta, old, how & SHA256) || !(how & COMPOSE);
        dfota_buffer_free(&delta);
    }
    return 0;
}
