/* SPDX-License-Identifier: MIT */
#include "lib/delta/packed_pair.h"

#include <stdlib.h>
#include <string.h>

#include "dfota/apply.h"
#include "lib/base/crc32_host.h"
#include "lib/base/fault.h"
#include "lib/base/large.h"
#include "lib/base/parallel.h"

#define BLOCKS_FIRST 64 /* room for, at first */

const struct dfota_packing *const dfota_packings[] = {&dfota_packing_lzma,
                                                      &dfota_packing_deflate,
                                                      &dfota_filter_x86,
                                                      &dfota_filter_arm,
                                                      &dfota_filter_thumb,
                                                      &dfota_filter_arm64,
                                                      NULL};

static void let_go(struct dfota_packed_stream *stream)
{
    free(stream->contents);
    free(stream->parse);
    free(stream->blocks.blocks);
    free(stream->blocks.codes);
    stream->contents = NULL;
    stream->parse = NULL;
    stream->blocks = (struct dfota_packed_blocks){0};
}

void dfota_packed_leave(struct dfota_packed_stream *stream,
                        enum dfota_packed_fate fate)
{
    let_go(stream);
    stream->fate = (uint8_t)fate;
}

/* --- finding -------------------------------------------------------------- */

static enum dfota_error find(struct dfota_view image,
                             const struct dfota_places *places,
                             struct dfota_packed_side *side,
                             struct dfota_fault *fault)
{
    struct dfota_search search = {.image = image, .places = *places};
    enum dfota_error err = dfota_find_packed(&search, fault);
    size_t count = search.found.size / sizeof(struct dfota_packed_region);
    struct dfota_packed_stream *streams = NULL;

    side->image = image;
    side->held = search.held;
    side->others = search.others;
    search.others = (struct dfota_buffer){0};
    if (!err && count > 0) {
        streams = calloc(count, sizeof(*streams));
        err = streams != NULL ? DFOTA_OK : dfota_fail_memory(fault);
    }
    for (size_t i = 0; streams != NULL && i < count; i++)
        memcpy(&streams[i].region,
               search.found.data + i * sizeof(struct dfota_packed_region),
               sizeof(struct dfota_packed_region));
    side->streams = streams;
    side->count = streams != NULL ? count : 0;
    dfota_search_free(&search);
    return err;
}

/* What is found in both images. */
struct finding {
    struct dfota_view images[2];
    struct dfota_packed_side *sides[2];
    const struct dfota_places *places;
    enum dfota_error errors[2];
};

/* Task: finds the streams of one image. */
static void find_side(void *context, size_t index)
{
    struct finding *finding = context;

    finding->errors[index] = find(finding->images[index], finding->places,
                                  finding->sides[index], NULL);
}

/* --- what both images have ------------------------------------------------ */

/* A stream by what it is packed to. */
struct key {
    uint64_t key; /* size and CRC32 */
    const uint8_t *bytes;
    struct dfota_packed_stream *stream;
    bool new;
};

static int compare_keys(const void *a, const void *b)
{
    const struct key *left = a;
    const struct key *right = b;

    if (left->key != right->key)
        return left->key < right->key ? -1 : 1;
    if (left->new != right->new)
        return left->new ? 1 : -1;
    return (left->stream > right->stream) - (left->stream < right->stream);
}

static size_t add_keys(const struct dfota_packed_side *side, bool new,
                       struct key *keys)
{
    for (size_t i = 0; i < side->count; i++) {
        const struct dfota_packed_region *region = &side->streams[i].region;
        const uint8_t *bytes = side->image.data + region->offset;

        keys[i] =
            (struct key){(uint64_t)region->packed_size << 32 |
                             dfota_crc32_host(0, bytes, region->packed_size),
                         bytes, &side->streams[i], new};
    }
    return side->count;
}

/* Leaves those packed that both images have. */
static enum dfota_error find_same(struct dfota_packed_pair *pair,
                                  struct dfota_fault *fault)
{
    size_t count = pair->old.count + pair->new.count;
    struct key *keys = calloc(count + 1, sizeof(*keys));
    const struct key *first = keys; /* of those with the same key */

    if (keys == NULL)
        return dfota_fail_memory(fault);
    add_keys(&pair->new, true, keys + add_keys(&pair->old, false, keys));
    qsort(keys, count, sizeof(*keys), compare_keys);
    for (size_t i = 0; i < count; i++) {
        const struct key *key = &keys[i];
        uint32_t size = key->stream->region.packed_size;

        if (key->key != first->key)
            first = key;
        if (!key->new || first->new ||
            memcmp(first->bytes, key->bytes, size) != 0)
            continue;
        key->stream->fate = DFOTA_PACKED_SAME;
        first->stream->fate = DFOTA_PACKED_SAME;
    }
    free(keys);
    return DFOTA_OK;
}

/* --- unpacking ------------------------------------------------------------ */

static enum dfota_error read_image(void *context, uint32_t offset, void *out,
                                   size_t size)
{
    const struct dfota_packed_side *side = context;

    memcpy(out, side->image.data + offset, size);
    return DFOTA_OK;
}

/* Makes room for what comes out of a stream; false where there is no memory. */
static bool make_room(struct dfota_packed_stream *stream, uint32_t blocks)
{
    const struct dfota_packed_region *region = &stream->region;
    uint32_t parse =
        dfota_tokens_memory(region->contents_size, region->contents_size);

    stream->contents = malloc(region->contents_size);
    stream->parse = malloc(parse);
    stream->blocks.blocks = malloc(blocks * sizeof(*stream->blocks.blocks));
    stream->blocks.codes = malloc(blocks * sizeof(*stream->blocks.codes));
    stream->blocks.most = blocks;
    stream->blocks.count = 0;
    if (stream->contents == NULL || stream->parse == NULL ||
        stream->blocks.blocks == NULL || stream->blocks.codes == NULL)
        return false;
    dfota_tokens_open(&stream->tokens, region->contents_size,
                      region->contents_size, stream->parse);
    return true;
}

static enum dfota_error try_to_unpack(struct dfota_packed_side *side,
                                      struct dfota_packed_stream *stream,
                                      uint32_t blocks)
{
    struct dfota_packed_job job = {.packings = dfota_packings,
                                   .region = &stream->region,
                                   .context = side,
                                   .read = read_image};
    enum dfota_error err;

    let_go(stream);
    job.memory =
        dfota_large_aligned((size_t)dfota_unpack_memory(&stream->region));
    if (job.memory != NULL && make_room(stream, blocks)) {
        job.contents = stream->contents;
        job.room = &stream->tokens;
        job.found = &stream->blocks;
        err = dfota_unpack_region(&job, NULL);
        if (!err)
            err = dfota_filter_turn(&job, true, NULL);
    } else {
        err = DFOTA_ERR_MEMORY;
    }
    free(job.memory);
    return err;
}

/*
 * Task: unpacks a stream that is to be, with as much room for blocks as it
 * takes.  Without memory it has no contents.
 */
static void unpack(void *context, size_t index)
{
    struct dfota_packed_side *side = context;
    struct dfota_packed_stream *stream = &side->streams[index];
    uint32_t blocks = BLOCKS_FIRST;
    enum dfota_error err = DFOTA_ERR_LIMIT;

    if (stream->fate != DFOTA_PACKED_UNPACKED)
        return;
    if (dfota_packed_check(&stream->region, NULL)) {
        dfota_packed_leave(stream, DFOTA_PACKED_UNSOUND);
        return;
    }
    while (err == DFOTA_ERR_LIMIT && blocks <= stream->region.packed_size) {
        err = try_to_unpack(side, stream, blocks);
        blocks *= 4;
    }
    if (err == DFOTA_ERR_MEMORY)
        let_go(stream);
    else if (err)
        dfota_packed_leave(stream, DFOTA_PACKED_UNSOUND);
}

/* Unpacks all that are to be, side by side where no bound of memory is set. */
static enum dfota_error unpack_side(const struct dfota_packed_pair *pair,
                                    struct dfota_packed_side *side,
                                    struct dfota_fault *fault)
{
    bool bounded = pair->most != 0 && pair->most != UINT64_MAX;

    dfota_parallel(bounded ? 1 : pair->threads, side->count, unpack, side);
    for (size_t i = 0; i < side->count; i++)
        if (side->streams[i].fate == DFOTA_PACKED_UNPACKED &&
            side->streams[i].contents == NULL)
            return dfota_fail_memory(fault);
    return DFOTA_OK;
}

uint32_t dfota_packed_count(const struct dfota_packed_side *side,
                            enum dfota_packed_fate fate)
{
    uint32_t count = 0;

    for (size_t i = 0; i < side->count; i++)
        count += side->streams[i].fate == fate;
    return count;
}

static void leave_all(struct dfota_packed_side *side)
{
    for (size_t i = 0; i < side->count; i++)
        if (side->streams[i].fate == DFOTA_PACKED_UNPACKED)
            dfota_packed_leave(&side->streams[i], DFOTA_PACKED_NO_USE);
}

/* Bytes of contents of the streams that are to be unpacked. */
static uint64_t contents_size(const struct dfota_packed_side *side)
{
    uint64_t size = 0;

    for (size_t i = 0; i < side->count; i++)
        if (side->streams[i].fate == DFOTA_PACKED_UNPACKED)
            size += side->streams[i].region.contents_size;
    return size;
}

enum dfota_error dfota_packed_open(struct dfota_view old, struct dfota_view new,
                                   const struct dfota_places *places,
                                   struct dfota_packed_pair *out,
                                   struct dfota_fault *fault)
{
    struct dfota_packed_pair pair = {.most = out->most,
                                     .threads = out->threads};
    struct finding finding = {
        {old, new}, {&pair.old, &pair.new}, places, {DFOTA_OK, DFOTA_OK}};
    enum dfota_error err;

    dfota_parallel(out->threads, 2, find_side, &finding);
    err = finding.errors[0] ? finding.errors[0] : finding.errors[1];
    if (err)
        dfota_fail(fault, err, DFOTA_NO_OFFSET, NULL);
    else
        err = find_same(&pair, fault);
    pair.too_much =
        pair.most != 0 &&
        contents_size(&pair.old) + contents_size(&pair.new) > pair.most;
    if (pair.too_much)
        leave_all(&pair.new);
    if (!err)
        err = unpack_side(&pair, &pair.new, fault);
    if (!err && dfota_packed_count(&pair.new, DFOTA_PACKED_UNPACKED) > 0)
        err = unpack_side(&pair, &pair.old, fault);
    else
        leave_all(&pair.old);
    if (err)
        dfota_packed_close(&pair);
    else
        *out = pair;
    return err;
}

/* --- views ---------------------------------------------------------------- */

static void add_zeros(struct dfota_buffer *view, size_t count)
{
    for (size_t i = 0; i < count; i++)
        dfota_buffer_add_le(view, 0, 1);
}

static enum dfota_error make_view(struct dfota_packed_side *side,
                                  struct dfota_fault *fault)
{
    uint32_t at = 0;

    side->view.size = 0;
    for (size_t i = 0; i < side->count; i++) {
        struct dfota_packed_stream *stream = &side->streams[i];
        const struct dfota_packed_region *region = &stream->region;

        if (stream->fate != DFOTA_PACKED_UNPACKED)
            continue;
        dfota_buffer_add(&side->view, side->image.data + at,
                         region->offset - at);
        add_zeros(&side->view, (0 - side->view.size) % DFOTA_VIEW_GRAIN);
        stream->pos = (uint32_t)side->view.size;
        dfota_buffer_add(&side->view, stream->contents, region->contents_size);
        at = region->offset + region->packed_size;
        add_zeros(&side->view, (at - side->view.size) % DFOTA_VIEW_GRAIN);
    }
    dfota_buffer_add(&side->view, side->image.data + at, side->image.size - at);
    return dfota_buffer_check(&side->view, fault);
}

enum dfota_error dfota_packed_view(struct dfota_packed_pair *pair,
                                   struct dfota_fault *fault)
{
    enum dfota_error err = make_view(&pair->old, fault);

    return err ? err : make_view(&pair->new, fault);
}

static void close_side(struct dfota_packed_side *side)
{
    for (size_t i = 0; i < side->count; i++)
        let_go(&side->streams[i]);
    free(side->streams);
    dfota_buffer_free(&side->view);
    dfota_buffer_free(&side->others);
}

void dfota_packed_close(struct dfota_packed_pair *pair)
{
    close_side(&pair->old);
    close_side(&pair->new);
    *pair = (struct dfota_packed_pair){0};
}
