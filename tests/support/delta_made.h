/* SPDX-License-Identifier: MIT */
/*
 * delta_made.h - makes deltas of two images, and images of them again
 *
 * The applier runs in the bench, with exactly the memory that the delta states.
 * After cmocka.h.
 */
#ifndef DFOTA_TESTS_SUPPORT_DELTA_MADE_H
#define DFOTA_TESTS_SUPPORT_DELTA_MADE_H

#include "jobs/codecs.h"
#include "lib/delta/delta.h"
#include "lib/delta/delta_write.h"
#include "tests/support/delta_check.h"
#include "tests/support/image_pair.h"

static inline struct dfota_delta_options
delta_options(enum dfota_codec_choice codec, uint32_t ram)
{
    static const struct dfota_progress quiet = {NULL, NULL};

    return (struct dfota_delta_options){
        .mixed = codec == DFOTA_CODEC_AUTO || codec == DFOTA_CODEC_MIXED,
        .encoders = dfota_encoders(codec),
        .ram = ram,
        .threads = 2,
        .progress = &quiet,
    };
}

static inline enum dfota_error
delta_make(const struct image_pair *pair,
           const struct dfota_delta_options *options, struct dfota_buffer *out,
           struct dfota_fault *fault)
{
    struct dfota_digests old;
    struct dfota_digests new;
    const struct dfota_images images = {
        .old = {dfota_buffer_view(&pair->old), &old},
        .new = {dfota_buffer_view(&pair->new), &new},
    };

    dfota_digest(pair->old.data, pair->old.size, &old, NULL);
    dfota_digest(pair->new.data, pair->new.size, &new, NULL);
    return dfota_delta_make(&images, options, out, fault);
}

/* The delta makes the new image of the old one; gives its header. */
static inline struct dfota_delta_header
assert_delta_applies(const struct image_pair *pair,
                     const struct dfota_buffer *delta)
{
    struct dfota_delta_header header;
    struct delta_bench bench = {
        .delta = dfota_buffer_view(delta),
        .old = dfota_buffer_view(&pair->old),
        .new_size_max = (uint32_t)pair->new.size,
        .codecs = dfota_codecs,
        .sha256 = true,
    };

    assert_int_equal(dfota_delta_read_header(delta->data, delta->size,
                                             (uint32_t)delta->size, &header,
                                             NULL),
                     DFOTA_OK);
    assert_int_equal(header.old_size, pair->old.size);
    assert_int_equal(header.new_size, pair->new.size);
    bench.memory_size = header.ram;
    assert_int_equal(run(&bench), DFOTA_OK);
    assert_int_equal(bench.made.size, pair->new.size);
    if (bench.made.size > 0)
        assert_memory_equal(bench.made.data, pair->new.data, bench.made.size);
    dfota_buffer_free(&bench.made);
    return header;
}

/* A delta of such streams, coded so; `plan` says what they make. */
static inline struct dfota_buffer
delta_of_streams(const struct dfota_plan *plan,
                 const struct dfota_stream streams[DFOTA_STREAM_COUNT],
                 const struct dfota_buffer coded[DFOTA_STREAM_COUNT])
{
    struct dfota_delta_header header = {
        .coding = DFOTA_CODING_ID_STREAMS,
        .old_size = (uint32_t)plan->old.size,
        .new_size = (uint32_t)plan->new.size,
        .prediction = plan->prediction,
    };
    struct dfota_buffer delta = {0};
    struct dfota_digests digests;

    dfota_digest(plan->old.data, plan->old.size, &digests, NULL);
    header.old_crc32 = digests.crc32;
    memcpy(header.old_digest, digests.sha256, DFOTA_DELTA_DIGEST_SIZE);
    dfota_digest(plan->new.data, plan->new.size, &digests, NULL);
    header.new_crc32 = digests.crc32;
    memcpy(header.new_digest, digests.sha256, DFOTA_DELTA_DIGEST_SIZE);
    memcpy(header.streams, streams, sizeof(header.streams));
    dfota_delta_write_head(&header, &delta);
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        dfota_buffer_add(&delta, coded[i].data, coded[i].size);
    assert_int_equal(dfota_buffer_check(&delta, NULL), DFOTA_OK);
    return delta;
}

/* Makes a delta, and new of it within `options->ram`; gives its bytes. */
static inline size_t
assert_round_trip(const struct image_pair *pair,
                  const struct dfota_delta_options *options,
                  struct dfota_delta_header *header)
{
    struct dfota_buffer delta = {0};
    size_t size;

    assert_int_equal(delta_make(pair, options, &delta, NULL), DFOTA_OK);
    *header = assert_delta_applies(pair, &delta);
    assert_in_range(header->ram, 0, options->ram);
    size = delta.size;
    dfota_buffer_free(&delta);
    return size;
}

#endif
