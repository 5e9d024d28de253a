/* SPDX-License-Identifier: MIT */
/*
 * packed_delta.h - pairs of images with packed streams, and deltas of them.
 * After cmocka.h.
 */
#ifndef DFOTA_TESTS_SUPPORT_PACKED_DELTA_H
#define DFOTA_TESTS_SUPPORT_PACKED_DELTA_H

#include "lib/apply/unpacking.h"
#include "tests/support/delta_made.h"
#include "tests/support/packed_image.h"

typedef void packed_adder(struct dfota_buffer *image,
                          struct dfota_view contents);

/* Appends some bytes, and `words` of code packed by `add`; of new the same,
 * but that `edits` places of the contents changed. */
static inline void packed_pair_add(struct image_pair *pair, uint32_t *seed,
                                   packed_adder *add, size_t words,
                                   unsigned edits)
{
    struct image_pair contents = {{0}, {0}};
    size_t before = pair->old.size;

    image_add_random(&pair->old, seed, 200, 256);
    dfota_buffer_add(&pair->new, pair->old.data + before, 200);
    image_add_random(&contents.old, seed, 500, 256);
    image_add_code(&contents.old, seed, words);
    if (edits > 0)
        image_add_edited(&contents.new, seed, dfota_buffer_view(&contents.old),
                         edits);
    else
        dfota_buffer_add(&contents.new, contents.old.data, contents.old.size);
    add(&pair->old, dfota_buffer_view(&contents.old));
    add(&pair->new, dfota_buffer_view(&contents.new));
    image_pair_free(&contents);
}

/* How many streams of new have each fate. */
struct packed_counts {
    uint32_t of[DFOTA_PACKED_FATES];
};

static inline struct packed_counts
packed_count(const struct dfota_findings *findings)
{
    const struct dfota_made_stream *streams =
        (const void *)findings->streams.data;
    struct packed_counts counts = {{0}};

    for (size_t i = 0; i < findings->streams.size / sizeof(*streams); i++)
        counts.of[streams[i].fate]++;
    return counts;
}

/* The delta of a pair within `ram` bytes; counts what it does with streams,
 * unless that is NULL. */
static inline struct dfota_buffer packed_delta(const struct image_pair *pair,
                                               uint32_t ram,
                                               struct packed_counts *counts)
{
    struct dfota_delta_options options = delta_options(DFOTA_CODEC_AUTO, ram);
    struct dfota_findings findings = {.held = 0};
    struct dfota_buffer delta = {0};

    options.findings = &findings;
    assert_int_equal(delta_make(pair, &options, &delta, NULL), DFOTA_OK);
    if (counts != NULL)
        *counts = packed_count(&findings);
    dfota_buffer_free(&findings.streams);
    return delta;
}

/* What a module has that gets such a delta. */
static inline struct delta_bench packed_bench(const struct image_pair *pair,
                                              const struct dfota_buffer *delta)
{
    struct dfota_delta_header header = {0};

    dfota_delta_read_header(delta->data, delta->size, (uint32_t)delta->size,
                            &header, NULL);
    return (struct delta_bench){
        .delta = dfota_buffer_view(delta),
        .old = dfota_buffer_view(&pair->old),
        .new_size_max = (uint32_t)pair->new.size,
        .codecs = dfota_codecs,
        .sha256 = true,
        .memory_size = header.ram,
    };
}

/*
 * `delta` with another head: that is written anew, and what follows is what
 * followed, or with the list of regions replaced.
 */
static inline struct dfota_buffer
packed_delta_with(const struct dfota_buffer *delta,
                  const struct dfota_delta_header *header,
                  const struct dfota_view *list)
{
    struct dfota_delta_header was;
    struct dfota_buffer out = {0};
    size_t at;

    assert_int_equal(dfota_delta_read_header(delta->data, delta->size,
                                             (uint32_t)delta->size, &was, NULL),
                     DFOTA_OK);
    dfota_delta_write_head(header, &out);
    at = was.head_size;
    if (list != NULL) {
        dfota_buffer_add(&out, list->data, list->size);
        at += was.unpacked.list_size;
    }
    dfota_buffer_add(&out, delta->data + at, delta->size - at);
    return out;
}

#endif
