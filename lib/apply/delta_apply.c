/* SPDX-License-Identifier: MIT */
#include "lib/apply/bytes.h"
#include "lib/apply/crc32.h"
#include "lib/apply/delta_header.h"
#include "lib/apply/difference.h"
#include "lib/apply/predict.h"
#include "lib/apply/record.h"
#include "lib/apply/stream.h"

#define CHUNK DFOTA_PREDICT_PIECE /* bytes of old or new held at a time */

_Static_assert(DFOTA_STREAM_COUNT *DFOTA_STREAM_BUFFER + 2 * CHUNK <=
                   DFOTA_APPLY_MEMORY,
               "the applier's buffers are what SPEC states");

/* Everything the applier knows while it runs. */
struct run {
    const struct dfota_applier *applier;
    struct dfota_delta_header header;
    struct dfota_stream_reader control;
    struct dfota_difference_reader difference;
    struct dfota_stream_reader literal;
    struct dfota_predictor predictor;
    uint8_t *memory;    /* what of the caller's is not dealt out yet */
    uint32_t stream_at; /* where in the delta the next stream begins */
    uint8_t *old_chunk; /* CHUNK bytes */
    uint8_t *new_chunk; /* CHUNK bytes */
    uint32_t new_pos;   /* bytes of new written */
    uint32_t new_crc32; /* of them */
};

static enum dfota_error read_head(struct run *run, struct dfota_fault *fault)
{
    const struct dfota_applier *applier = run->applier;
    uint8_t head[DFOTA_DELTA_HEAD_MAX];
    uint32_t size =
        applier->delta_size < sizeof(head) ? applier->delta_size : sizeof(head);
    enum dfota_error err = applier->read_delta(applier->context, 0, head, size);

    if (!err)
        err = dfota_delta_read_header(head, size, applier->delta_size,
                                      &run->header, fault);
    if (err)
        return err;
    if (run->header.new_size > applier->new_size_max)
        return dfota_fail(fault, DFOTA_ERR_LIMIT, 12, "DLT-12");
    if (run->header.ram > applier->memory_size)
        return dfota_fail(fault, DFOTA_ERR_LIMIT, 88, "DLT-13");
    return DFOTA_OK;
}

static const struct dfota_codec *find_codec(const struct dfota_applier *applier,
                                            uint8_t id)
{
    for (unsigned i = 0; applier->codecs[i] != NULL; i++)
        if (applier->codecs[i]->id == id)
            return applier->codecs[i];
    return NULL;
}

/* Prepares one stream in the next part of the caller's memory. */
static enum dfota_error open_stream(struct run *run,
                                    enum dfota_stream_kind kind,
                                    struct dfota_stream_reader *reader,
                                    struct dfota_fault *fault)
{
    const struct dfota_stream *stream = &run->header.streams[kind];
    uint32_t size = (dfota_codec_memory(stream) + 15) / 16 * 16;

    *reader = (struct dfota_stream_reader){
        .applier = run->applier,
        .codec = find_codec(run->applier, stream->codec),
        .buffer = run->memory,
        .in = run->memory, /* nothing, but never NULL */
        .next = run->stream_at,
        .coded_end = run->stream_at + stream->coded_size,
        .raw_left = stream->raw_size,
    };
    run->memory += DFOTA_STREAM_BUFFER;
    run->stream_at += stream->coded_size;
    if (reader->codec == NULL)
        return dfota_fail(fault, DFOTA_ERR_UNSUPPORTED, DFOTA_DELTA_HEADER_SIZE,
                          "DLT-6");
    if (reader->codec->open(stream, run->memory, size, &reader->state))
        return dfota_fail(fault, DFOTA_ERR_LIMIT, DFOTA_DELTA_HEADER_SIZE,
                          "DLT-13");
    run->memory += size;
    return DFOTA_OK;
}

/* Reads all records once, for the map of addresses. */
static enum dfota_error read_map(struct run *run, struct dfota_fault *fault)
{
    const struct dfota_prediction *prediction = &run->header.prediction;
    struct dfota_map *map = &run->predictor.map;
    struct dfota_record_limits limits = {.old_size = run->header.old_size,
                                         .new_left = run->header.new_size};
    uint32_t new_pos = 0;
    uint32_t count = 0; /* copies for the map, whether it has room or not */

    while (limits.new_left > 0) {
        struct dfota_record record;
        enum dfota_error err;

        err = dfota_record_read(&run->control, &limits, &record, fault);
        if (err)
            return err;
        if (record.copy > 0 && record.copy >= prediction->map_length) {
            if (count < prediction->map_count)
                map->entries[count] = (struct dfota_map_entry){
                    record.old_pos, record.copy, new_pos - record.old_pos};
            count++;
        }
        new_pos += record.copy + record.insert;
    }
    if (count != prediction->map_count)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT,
                          dfota_stream_position(&run->control), "DLT-23");
    map->count = count;
    dfota_map_sort(map);
    return DFOTA_OK;
}

/* Opens the control stream, reads the map from it, and opens it again. */
static enum dfota_error open_control(struct run *run, struct dfota_fault *fault)
{
    const struct dfota_prediction *prediction = &run->header.prediction;
    uint32_t stream_at = run->stream_at;
    size_t map_size =
        (size_t)prediction->map_count * sizeof(*run->predictor.map.entries);
    uint8_t *memory;
    enum dfota_error err;

    run->predictor.prediction = prediction;
    run->predictor.old_size = run->header.old_size;
    run->predictor.map.entries = (void *)run->memory;
    run->memory += (map_size + 15) / 16 * 16;
    memory = run->memory;
    err = open_stream(run, DFOTA_STREAM_CONTROL, &run->control, fault);
    if (err || prediction->kinds == 0)
        return err;
    err = read_map(run, fault);
    if (err)
        return err;
    run->memory = memory;
    run->stream_at = stream_at;
    return open_stream(run, DFOTA_STREAM_CONTROL, &run->control, fault);
}

/* Deals out the caller's memory, as dfota_delta_memory() counted it. */
static enum dfota_error open_streams(struct run *run, struct dfota_fault *fault)
{
    enum dfota_error err;

    run->memory = run->applier->memory;
    run->stream_at = run->header.head_size;
    run->old_chunk = run->memory;
    run->new_chunk = run->memory + CHUNK;
    run->memory += (size_t)2 * CHUNK;
    err = open_control(run, fault);
    if (!err)
        err = open_stream(run, DFOTA_STREAM_DIFFERENCE, &run->difference.stream,
                          fault);
    if (!err)
        err = open_stream(run, DFOTA_STREAM_LITERAL, &run->literal, fault);
    return err;
}

/* Refuses every old image but the one the delta was made from. */
static enum dfota_error check_old(struct run *run, struct dfota_fault *fault)
{
    const struct dfota_applier *applier = run->applier;
    const struct dfota_delta_header *header = &run->header;
    const struct dfota_hash *hash = applier->sha256;
    uint8_t sha256[DFOTA_SHA256_SIZE];
    uint32_t crc32 = 0;

    if (applier->old_size != header->old_size)
        return dfota_fail(fault, DFOTA_ERR_DIGEST, 8, "DLT-14");
    if (hash != NULL)
        hash->begin(hash->context);
    for (uint32_t pos = 0, size; pos < header->old_size; pos += size) {
        enum dfota_error err;

        size = header->old_size - pos < CHUNK ? header->old_size - pos : CHUNK;
        err = applier->read_old(applier->context, pos, run->old_chunk, size);
        if (err)
            return err;
        crc32 = dfota_crc32(crc32, run->old_chunk, size);
        if (hash != NULL)
            hash->add(hash->context, run->old_chunk, size);
    }
    if (crc32 != header->old_crc32)
        return dfota_fail(fault, DFOTA_ERR_DIGEST, 16, "DLT-14");
    if (hash == NULL)
        return DFOTA_OK;
    hash->finish(hash->context, sha256);
    if (!dfota_bytes_equal(sha256, header->old_sha256, DFOTA_SHA256_SIZE))
        return dfota_fail(fault, DFOTA_ERR_DIGEST, 24, "DLT-14");
    return DFOTA_OK;
}

static enum dfota_error write_chunk(struct run *run, uint32_t size)
{
    const struct dfota_applier *applier = run->applier;
    const struct dfota_hash *hash = applier->sha256;

    run->new_crc32 = dfota_crc32(run->new_crc32, run->new_chunk, size);
    if (hash != NULL)
        hash->add(hash->context, run->new_chunk, size);
    run->new_pos += size;
    return applier->write_new(applier->context, run->new_chunk, size);
}

/* New bytes from old ones and the difference stream. */
static enum dfota_error copy_range(struct run *run,
                                   const struct dfota_record *record,
                                   struct dfota_fault *fault)
{
    const struct dfota_applier *applier = run->applier;

    for (uint32_t done = 0, size; done < record->copy; done += size) {
        enum dfota_error err;

        size = CHUNK - run->new_pos % CHUNK;
        size = record->copy - done < size ? record->copy - done : size;
        err = applier->read_old(applier->context, record->old_pos + done,
                                run->old_chunk, size);
        if (!err)
            err = dfota_difference_read(&run->difference, run->new_chunk, size,
                                        fault);
        if (err)
            return err;
        dfota_predict(&run->predictor, record->old_pos + done, run->new_pos,
                      run->old_chunk, size);
        dfota_difference_add(run->header.unit, run->new_pos, run->new_chunk,
                             run->old_chunk, size);
        err = write_chunk(run, size);
        if (err)
            return err;
    }
    return DFOTA_OK;
}

/* New bytes from the literal stream. */
static enum dfota_error insert_range(struct run *run,
                                     const struct dfota_record *record,
                                     struct dfota_fault *fault)
{
    for (uint32_t done = 0, size; done < record->insert; done += size) {
        enum dfota_error err;

        size = record->insert - done < CHUNK ? record->insert - done : CHUNK;
        err = dfota_stream_read(&run->literal, run->new_chunk, size, fault);
        if (!err)
            err = write_chunk(run, size);
        if (err)
            return err;
    }
    return DFOTA_OK;
}

static enum dfota_error write_new(struct run *run, struct dfota_fault *fault)
{
    const struct dfota_hash *hash = run->applier->sha256;
    struct dfota_record_limits limits = {.old_size = run->header.old_size,
                                         .new_left = run->header.new_size};

    if (hash != NULL)
        hash->begin(hash->context);
    while (limits.new_left > 0) {
        struct dfota_record record;
        enum dfota_error err;

        err = dfota_record_read(&run->control, &limits, &record, fault);
        if (!err)
            err = copy_range(run, &record, fault);
        if (!err)
            err = insert_range(run, &record, fault);
        if (err)
            return err;
    }
    return DFOTA_OK;
}

static enum dfota_error check_new(struct run *run, struct dfota_fault *fault)
{
    const struct dfota_hash *hash = run->applier->sha256;
    uint8_t sha256[DFOTA_SHA256_SIZE];
    enum dfota_error err;

    err = dfota_stream_end(&run->control, fault);
    if (!err)
        err = dfota_difference_end(&run->difference, fault);
    if (!err)
        err = dfota_stream_end(&run->literal, fault);
    if (err)
        return err;
    if (run->new_crc32 != run->header.new_crc32)
        return dfota_fail(fault, DFOTA_ERR_DIGEST, 20, "DLT-21");
    if (hash == NULL)
        return DFOTA_OK;
    hash->finish(hash->context, sha256);
    if (!dfota_bytes_equal(sha256, run->header.new_sha256, DFOTA_SHA256_SIZE))
        return dfota_fail(fault, DFOTA_ERR_DIGEST, 56, "DLT-21");
    return DFOTA_OK;
}

enum dfota_error dfota_apply_delta(const struct dfota_applier *applier,
                                   struct dfota_fault *fault)
{
    struct run run = {.applier = applier};
    enum dfota_error err = read_head(&run, fault);

    if (!err)
        err = open_streams(&run, fault);
    if (!err)
        err = check_old(&run, fault);
    if (!err)
        err = write_new(&run, fault);
    if (!err)
        err = check_new(&run, fault);
    return err;
}
