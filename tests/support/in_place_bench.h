/* SPDX-License-Identifier: MIT */
/*
 * in_place_bench.h - a module in memory that writes new over old
 *
 * It notices when the applier asks for what has been overwritten, or for more
 * than there is; what was noticed is left in `misuse`.
 */
#ifndef DFOTA_TESTS_SUPPORT_IN_PLACE_BENCH_H
#define DFOTA_TESTS_SUPPORT_IN_PLACE_BENCH_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dfota/in_place.h"
#include "jobs/codecs.h"
#include "lib/base/buffer.h"

#define IN_PLACE_GUARD 64 /* bytes behind the memory, which stay */
#define IN_PLACE_FILL  0xa5

struct in_place_bench {
    /* What the module is given. */
    struct dfota_view delta;
    struct dfota_view old;
    size_t memory_size;
    uint32_t new_size_max;
    const struct dfota_coding *const *codings; /* NULL: mixed alone */
    bool reopens;     /* after each segment, as after a power cut */
    unsigned failing; /* the callback's call that fails; 0: none */

    /* What came of it. */
    const char *misuse;
    unsigned calls;
    size_t image_size;
    uint8_t *image;
    bool *gone; /* by byte of the image: whether it has been overwritten */
    bool whole; /* new is whole, and may be read */
    uint8_t *stash;
    struct dfota_buffer scratch;
    uint8_t *memory;
    struct dfota_applier applier;
    struct dfota_in_place *in_place;
};

static inline enum dfota_error in_place_call(struct in_place_bench *bench)
{
    return ++bench->calls == bench->failing ? DFOTA_ERR_IO : DFOTA_OK;
}

static inline enum dfota_error in_place_read_delta(void *context, uint32_t at,
                                                   void *out, size_t size)
{
    struct in_place_bench *bench = context;

    if (at > bench->delta.size || size > bench->delta.size - at) {
        bench->misuse = "asked for more of the delta than there is";
        return DFOTA_ERR_USAGE;
    }
    if (size > 0)
        memcpy(out, bench->delta.data + at, size);
    return in_place_call(bench);
}

static inline enum dfota_error in_place_read_old(void *context, uint32_t at,
                                                 void *out, size_t size)
{
    struct in_place_bench *bench = context;

    if (at > bench->image_size || size > bench->image_size - at) {
        bench->misuse = "asked for more of the image than there is";
        return DFOTA_ERR_USAGE;
    }
    for (size_t i = at; i < at + size && !bench->whole; i++)
        if (bench->gone[i])
            bench->misuse = "asked for what has been overwritten";
    if (size > 0)
        memcpy(out, bench->image + at, size);
    return in_place_call(bench);
}

static inline enum dfota_error in_place_read_stash(void *context, uint32_t at,
                                                   void *out, size_t size)
{
    struct in_place_bench *bench = context;
    uint32_t all = dfota_in_place_header(bench->in_place)->order.stash_size;

    if (at > all || size > all - at) {
        bench->misuse = "asked for more of the stash than there is";
        return DFOTA_ERR_USAGE;
    }
    memcpy(out, bench->stash + at, size);
    return in_place_call(bench);
}

static inline enum dfota_error
in_place_write_new(void *context, const void *bytes, size_t size)
{
    struct in_place_bench *bench = context;

    dfota_buffer_add(&bench->scratch, bytes, size);
    return in_place_call(bench);
}

static inline void in_place_bench_free(struct in_place_bench *bench)
{
    free(bench->image);
    free(bench->gone);
    free(bench->stash);
    free(bench->memory);
    dfota_buffer_free(&bench->scratch);
    bench->image = bench->stash = bench->memory = NULL;
    bench->gone = NULL;
}

/* Opens the delta, with fresh memory that holds anything. */
static inline enum dfota_error in_place_bench_open(struct in_place_bench *bench,
                                                   struct dfota_fault *why)
{
    static const struct dfota_coding *const mixed[] = {&dfota_coding_mixed,
                                                       NULL};
    static const struct dfota_codec *const codecs[] = {&dfota_codec_stored,
                                                       NULL};

    free(bench->memory);
    bench->memory = malloc(bench->memory_size + IN_PLACE_GUARD);
    if (bench->memory == NULL)
        abort();
    memset(bench->memory, IN_PLACE_FILL, bench->memory_size + IN_PLACE_GUARD);
    bench->applier = (struct dfota_applier){
        .context = bench,
        .delta_size = (uint32_t)bench->delta.size,
        .old_size = (uint32_t)bench->old.size,
        .new_size_max = bench->new_size_max,
        .read_delta = in_place_read_delta,
        .read_old = in_place_read_old,
        .read_stash = in_place_read_stash,
        .write_new = in_place_write_new,
        .codings = bench->codings != NULL ? bench->codings : mixed,
        .isas = dfota_all_isas,
        .codecs = codecs,
        .memory = bench->memory,
        .memory_size = bench->memory_size,
    };
    return dfota_in_place_open(&bench->applier, &bench->in_place, why);
}

/* The old image, with room for the new one. */
static inline void in_place_bench_flash(struct in_place_bench *bench)
{
    const struct dfota_delta_header *head =
        dfota_in_place_header(bench->in_place);
    size_t size =
        bench->old.size > head->new_size ? bench->old.size : head->new_size;

    bench->image_size = size;
    bench->image = calloc(size + 1, 1);
    bench->gone = calloc(size + 1, sizeof(*bench->gone));
    bench->stash = malloc((size_t)head->order.stash_size + 1);
    bench->whole = false;
    if (bench->image == NULL || bench->gone == NULL || bench->stash == NULL)
        abort();
    if (bench->old.size > 0)
        memcpy(bench->image, bench->old.data, bench->old.size);
    for (uint32_t i = 0; i < head->order.stash_count; i++) {
        struct dfota_stash_range range =
            dfota_in_place_stash(bench->in_place, i);

        memcpy(bench->stash + range.offset, bench->image + range.old_pos,
               range.size);
    }
}

/* Writes the segment over its place, all of which is lost by that. */
static inline void in_place_bench_write(struct in_place_bench *bench,
                                        uint32_t turn)
{
    struct dfota_segment segment =
        dfota_in_place_segment(bench->in_place, turn);
    size_t place = dfota_in_place_header(bench->in_place)->order.segment_size;

    if (segment.size != bench->scratch.size)
        bench->misuse = "made a segment of another size";
    if (segment.new_pos > bench->image_size ||
        bench->scratch.size > bench->image_size - segment.new_pos) {
        bench->misuse = "made a segment outside of new";
        return;
    }
    for (size_t i = segment.new_pos;
         i < bench->image_size && i < segment.new_pos + place; i++) {
        bench->gone[i] = true;
        bench->image[i] = 0xff;
    }
    memcpy(bench->image + segment.new_pos, bench->scratch.data,
           bench->scratch.size);
}

/* Makes the segment of a turn, in the scratch area. */
static inline enum dfota_error in_place_bench_make(struct in_place_bench *bench,
                                                   uint32_t turn,
                                                   struct dfota_fault *why)
{
    bench->scratch.size = 0;
    return dfota_in_place_make(bench->in_place, turn, why);
}

/* Does the whole upgrade; what comes of it is the image. */
static inline enum dfota_error in_place_bench_run(struct in_place_bench *bench,
                                                  struct dfota_fault *why)
{
    enum dfota_error err;

    in_place_bench_free(bench);
    bench->calls = 0;
    bench->misuse = NULL;
    bench->in_place = NULL;
    err = in_place_bench_open(bench, why);
    if (err)
        return err;
    in_place_bench_flash(bench);
    err = dfota_in_place_check_old(bench->in_place, why);
    for (uint32_t turn = 0;
         !err && turn < dfota_in_place_segments(bench->in_place); turn++) {
        if (bench->reopens)
            err = in_place_bench_open(bench, why);
        if (!err)
            err = in_place_bench_make(bench, turn, why);
        if (!err)
            in_place_bench_write(bench, turn);
    }
    bench->whole = true;
    if (!err)
        err = dfota_in_place_check_new(bench->in_place, why);
    for (size_t i = 0; i < IN_PLACE_GUARD; i++)
        if (bench->memory[bench->memory_size + i] != IN_PLACE_FILL)
            bench->misuse = "wrote behind its memory";
    return err;
}

#endif
