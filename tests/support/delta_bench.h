/* SPDX-License-Identifier: MIT */
/*
 * delta_bench.h - runs the applier and watches what it does
 *
 * The callbacks notice everything that the applier promises never to do, and
 * guard bytes stand around the memory it gets.  What was noticed is left in
 * `misuse`, for a unit test to show and a fuzz target to abort on.
 */
#ifndef DFOTA_TESTS_SUPPORT_DELTA_BENCH_H
#define DFOTA_TESTS_SUPPORT_DELTA_BENCH_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dfota/apply.h"
#include "jobs/codecs.h"
#include "lib/base/buffer.h"
#include "lib/base/digest.h"
#include "lib/delta/packed_pair.h"

#define BENCH_GUARD      64   /* bytes on either side of the memory */
#define BENCH_GUARD_BYTE 0xa5 /* what they hold */

struct delta_bench {
    /* What the applier is given. */
    struct dfota_view delta;
    struct dfota_view old;
    uint32_t new_size_max;
    const struct dfota_coding *const *codings;   /* NULL: all there are */
    const struct dfota_isa *const *isas;         /* NULL: all there are */
    const struct dfota_codec *const *codecs;     /* NULL: stored alone */
    const struct dfota_packing *const *packings; /* NULL: all there are */
    bool no_unpacking;
    bool sha256;
    size_t memory_size;
    unsigned failing;       /* the callback's call that fails; 0: none */
    enum dfota_error error; /* with which it fails */

    /* What it did. */
    const char *misuse; /* what it must never do, or NULL */
    struct dfota_fault fault;
    struct dfota_buffer made;
    unsigned calls;
    uint64_t delta_read; /* bytes asked for */
    uint64_t delta_most; /* and how many these may be */
    uint64_t old_read;   /* bytes asked for, up to the first write in order */
    struct dfota_digester *digester;
};

/* Counts a callback's call, and lets it fail when its turn has come. */
static inline enum dfota_error bench_call(struct delta_bench *bench)
{
    return ++bench->calls == bench->failing ? bench->error : DFOTA_OK;
}

static inline enum dfota_error bench_copy(struct delta_bench *bench,
                                          struct dfota_view view,
                                          uint32_t offset, void *out,
                                          size_t size)
{
    if (offset > view.size || size > view.size - offset) {
        bench->misuse = "asked a callback for bytes that there are not";
        return DFOTA_ERR_USAGE;
    }
    if (size > 0)
        memcpy(out, view.data + offset, size);
    return bench_call(bench);
}

static inline enum dfota_error bench_read_delta(void *context, uint32_t offset,
                                                void *out, size_t size)
{
    struct delta_bench *bench = context;

    bench->delta_read += size;
    if (bench->delta_read > bench->delta_most)
        bench->misuse = "read the streams too often";
    return bench_copy(bench, bench->delta, offset, out, size);
}

static inline enum dfota_error bench_read_old(void *context, uint32_t offset,
                                              void *out, size_t size)
{
    struct delta_bench *bench = context;

    if (offset == bench->old_read)
        bench->old_read += size;
    return bench_copy(bench, bench->old, offset, out, size);
}

static inline enum dfota_error bench_write_new(void *context, const void *bytes,
                                               size_t size)
{
    struct delta_bench *bench = context;

    if (bench->old_read < bench->old.size)
        bench->misuse = "wrote before all of old was read";
    if (size > bench->new_size_max - bench->made.size) {
        bench->misuse = "wrote more than there is room for";
        return DFOTA_ERR_USAGE;
    }
    dfota_buffer_add(&bench->made, bytes, size);
    return bench_call(bench);
}

static inline void bench_begin(void *context)
{
    struct delta_bench *bench = context;

    dfota_digester_free(bench->digester);
    bench->digester = dfota_digester_new();
}

static inline void bench_add(void *context, const uint8_t *bytes, size_t size)
{
    dfota_digester_add(((struct delta_bench *)context)->digester, bytes, size);
}

static inline void bench_finish(void *context, uint8_t out[DFOTA_SHA256_SIZE])
{
    struct dfota_digests digests;

    dfota_digester_finish(((struct delta_bench *)context)->digester, &digests);
    memcpy(out, digests.sha256, DFOTA_SHA256_SIZE);
}

static inline bool bench_guards_stand(const uint8_t *block, size_t size)
{
    for (size_t i = 0; i < BENCH_GUARD; i++)
        if (block[i] != BENCH_GUARD_BYTE ||
            block[BENCH_GUARD + size + i] != BENCH_GUARD_BYTE)
            return false;
    return true;
}

/* The header once more, all that is coded once, records twice for a map. */
static inline uint64_t bench_delta_most(const struct delta_bench *bench)
{
    struct dfota_delta_header header;
    uint64_t most = bench->delta.size + DFOTA_DELTA_HEAD_MAX;

    if (dfota_delta_read_header(bench->delta.data, bench->delta.size,
                                (uint32_t)bench->delta.size, &header,
                                NULL) == DFOTA_OK &&
        header.prediction.dialect_count + header.prediction.base_count +
                header.prediction.range_count >
            0)
        most += header.streams[DFOTA_STREAM_CONTROL].coded_size +
                header.mixed.record_size;
    return most;
}

/* Runs the applier once; what came before is forgotten. */
static inline enum dfota_error bench_run(struct delta_bench *bench,
                                         struct dfota_fault *fault)
{
    static const struct dfota_codec *const stored[] = {&dfota_codec_stored,
                                                       NULL};
    static const struct dfota_coding *const codings[] = {
        &dfota_coding_streams, &dfota_coding_mixed, NULL};
    const struct dfota_hash hash = {bench, bench_begin, bench_add,
                                    bench_finish};
    uint8_t *block = malloc(bench->memory_size + (size_t)2 * BENCH_GUARD);
    const struct dfota_applier applier = {
        .context = bench,
        .delta_size = (uint32_t)bench->delta.size,
        .old_size = (uint32_t)bench->old.size,
        .new_size_max = bench->new_size_max,
        .read_delta = bench_read_delta,
        .read_old = bench_read_old,
        .write_new = bench_write_new,
        .codings = bench->codings != NULL ? bench->codings : codings,
        .isas = bench->isas != NULL ? bench->isas : dfota_all_isas,
        .codecs = bench->codecs != NULL ? bench->codecs : stored,
        .unpacking = bench->no_unpacking ? NULL : &dfota_unpacking_regions,
        .packings = bench->packings != NULL ? bench->packings : dfota_packings,
        .sha256 = bench->sha256 ? &hash : NULL,
        .memory = block + BENCH_GUARD,
        .memory_size = bench->memory_size,
    };
    enum dfota_error err;

    if (block == NULL)
        abort();
    memset(block, BENCH_GUARD_BYTE, BENCH_GUARD);
    memset(block + BENCH_GUARD + bench->memory_size, BENCH_GUARD_BYTE,
           BENCH_GUARD);
    dfota_buffer_free(&bench->made);
    bench->misuse = NULL;
    bench->calls = 0;
    bench->delta_read = bench->old_read = 0;
    bench->delta_most = bench_delta_most(bench);
    err = dfota_apply_delta(&applier, fault);
    if (!bench_guards_stand(block, bench->memory_size))
        bench->misuse = "wrote outside its memory";
    dfota_digester_free(bench->digester);
    bench->digester = NULL;
    free(block);
    return err;
}

#endif
