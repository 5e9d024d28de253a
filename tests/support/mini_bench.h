/* SPDX-License-Identifier: MIT */
/*
 * mini_bench.h - feeds a .mini_2 to the module's reader and watches it
 *
 * The callbacks notice everything that the reader promises never to do, and
 * guard bytes stand around the memory it gets.  What was noticed is left in
 * `misuse`, for a unit test to show and a fuzz target to abort on.
 */
#ifndef DFOTA_TESTS_SUPPORT_MINI_BENCH_H
#define DFOTA_TESTS_SUPPORT_MINI_BENCH_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dfota/mini.h"
#include "lib/base/buffer.h"

#define MINI_BENCH_GUARD      64   /* bytes on either side of the memory */
#define MINI_BENCH_GUARD_BYTE 0xa5 /* what they hold */
#define MINI_BENCH_DONE_MAX   64   /* positions that are kept */

struct mini_bench {
    /* What the reader is given. */
    const struct dfota_mini_header *header;
    struct dfota_view second;
    uint8_t *flash; /* `header->flash_size` bytes */
    const struct dfota_codec *const *codecs;
    size_t memory_size;
    const struct dfota_mini_position *from; /* NULL: the first frame */
    size_t piece_size;      /* bytes fed at a time, at least 1 */
    bool skips;             /* feeds at once what the reader wants */
    unsigned failing;       /* the callback's call that fails; 0: none */
    enum dfota_error error; /* with which it fails */

    /* What it did. */
    const char *misuse; /* what it must never do, or NULL */
    unsigned calls;
    bool in_frame;     /* begin() came, done() did not */
    uint32_t next;     /* where the next write goes ... */
    uint32_t end;      /* ... and where the frame ends */
    bool last_written; /* a write that was the frame's last */
    uint32_t written;  /* bytes */
    unsigned done_count;
    struct dfota_mini_position done[MINI_BENCH_DONE_MAX];
};

/* Counts a callback's call, and lets it fail when its turn has come. */
static inline enum dfota_error mini_bench_call(struct mini_bench *bench)
{
    return ++bench->calls == bench->failing ? bench->error : DFOTA_OK;
}

static inline enum dfota_error mini_bench_begin(void *context, uint32_t address,
                                                uint32_t size)
{
    struct mini_bench *bench = context;
    bool inside = false;

    for (unsigned i = 1; i < bench->header->region_count; i++) {
        const struct dfota_mini_region *region = &bench->header->regions[i];

        inside |= address >= region->address && size <= region->length &&
                  address - region->address <= region->length - size;
    }
    if (!inside || size == 0)
        bench->misuse = "began a frame outside the app regions";
    if (bench->in_frame)
        bench->misuse = "began a frame in another";
    if (address < bench->end)
        bench->misuse = "went back in the flash";
    bench->in_frame = true;
    bench->last_written = false;
    bench->next = address;
    bench->end = address + size;
    return mini_bench_call(bench);
}

static inline enum dfota_error mini_bench_write(void *context, uint32_t address,
                                                const uint8_t *bytes,
                                                size_t size)
{
    struct mini_bench *bench = context;

    if (!bench->in_frame || address != bench->next ||
        size > bench->end - bench->next) {
        bench->misuse = "wrote where it should not";
        return DFOTA_ERR_USAGE;
    }
    if (size == 0 || bench->last_written)
        bench->misuse = "wrote a piece too small";
    bench->last_written = size < DFOTA_MINI_CHUNK;
    memcpy(bench->flash + address, bytes, size);
    bench->next += (uint32_t)size;
    bench->written += (uint32_t)size;
    return mini_bench_call(bench);
}

static inline enum dfota_error
mini_bench_done(void *context, const struct dfota_mini_position *next)
{
    struct mini_bench *bench = context;

    if (!bench->in_frame || bench->next != bench->end)
        bench->misuse = "ended a frame that is not whole";
    bench->in_frame = false;
    if (bench->done_count < MINI_BENCH_DONE_MAX)
        bench->done[bench->done_count] = *next;
    bench->done_count++;
    return mini_bench_call(bench);
}

/* Feeds the file in pieces, each a copy of exactly its size. */
static inline enum dfota_error mini_bench_feed(struct mini_bench *bench,
                                               struct dfota_mini_reader *reader,
                                               struct dfota_fault *fault)
{
    enum dfota_error err = DFOTA_OK;
    size_t at = 0;

    while (!err && at < bench->second.size) {
        size_t left = bench->second.size - at;
        size_t size = left < bench->piece_size ? left : bench->piece_size;
        uint8_t *piece = malloc(size);

        if (piece == NULL)
            abort();
        memcpy(piece, bench->second.data + at, size);
        err = dfota_mini_feed(reader, (uint32_t)at, piece, size, fault);
        free(piece);
        at += size;
        if (!err && dfota_mini_wanted(reader) < at)
            bench->misuse = "wants bytes again";
        if (!err && bench->skips)
            at = dfota_mini_wanted(reader);
    }
    return err ? err : dfota_mini_finish(reader, fault);
}

static inline bool mini_bench_guards_stand(const uint8_t *block, size_t size)
{
    for (size_t i = 0; i < MINI_BENCH_GUARD; i++)
        if (block[i] != MINI_BENCH_GUARD_BYTE ||
            block[MINI_BENCH_GUARD + size + i] != MINI_BENCH_GUARD_BYTE)
            return false;
    return true;
}

/* Reads the whole file once; what came before is forgotten. */
static inline enum dfota_error mini_bench_run(struct mini_bench *bench,
                                              struct dfota_fault *fault)
{
    uint8_t *block = aligned_alloc(16, (bench->memory_size + 15) / 16 * 16 +
                                           (size_t)2 * MINI_BENCH_GUARD);
    const struct dfota_mini_applier applier = {
        .header = bench->header,
        .context = bench,
        .begin = mini_bench_begin,
        .write = mini_bench_write,
        .done = mini_bench_done,
        .codecs = bench->codecs,
        .memory = block + MINI_BENCH_GUARD,
        .memory_size = bench->memory_size,
    };
    struct dfota_mini_reader reader;
    enum dfota_error err;

    if (block == NULL)
        abort();
    memset(block, MINI_BENCH_GUARD_BYTE, MINI_BENCH_GUARD);
    memset(block + MINI_BENCH_GUARD + bench->memory_size, MINI_BENCH_GUARD_BYTE,
           MINI_BENCH_GUARD);
    bench->misuse = NULL;
    bench->calls = 0;
    bench->in_frame = false;
    bench->next = bench->end = bench->written = 0;
    bench->done_count = 0;
    dfota_mini_open(&reader, &applier, bench->from);
    err = mini_bench_feed(bench, &reader, fault);
    if (!mini_bench_guards_stand(block, bench->memory_size))
        bench->misuse = "wrote outside its memory";
    free(block);
    return err;
}

#endif
