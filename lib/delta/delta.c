/* SPDX-License-Identifier: MIT */
#include "lib/delta/delta.h"

#include "lib/apply/crc32.h"
#include "lib/apply/delta_header.h"
#include "lib/delta/choose.h"
#include "lib/delta/foresee.h"
#include "lib/delta/match.h"

/* The map of addresses may take one part in so many of what the buffers leave,
 * up to what keeps the applier within 64 KiB beside its codecs. */
#define MAP_SHARE 4
#define MAP_MAX   ((size_t)60 << 10) /* bytes */

static size_t map_memory(uint32_t ram)
{
    size_t spare = ram > DFOTA_APPLY_MEMORY ? ram - DFOTA_APPLY_MEMORY : 0;

    return spare / MAP_SHARE < MAP_MAX ? spare / MAP_SHARE : MAP_MAX;
}

enum dfota_error dfota_delta_find_copies(struct dfota_view old,
                                         struct dfota_view new,
                                         const struct dfota_progress *progress,
                                         struct dfota_buffer *copies,
                                         struct dfota_fault *fault)
{
    struct dfota_buffer seeds = {0};
    enum dfota_error err;

    err = dfota_match_images(old, new, progress, &seeds, fault);
    if (!err)
        err = dfota_choose_copies(old, new, dfota_buffer_view(&seeds), copies,
                                  fault);
    dfota_buffer_free(&seeds);
    return err;
}

static uint8_t dictionary_code(uint32_t dictionary)
{
    uint8_t code = 0;

    while (dfota_delta_dictionary(code) < dictionary)
        code++;
    return code;
}

static void write_prediction(const struct dfota_prediction *prediction,
                             struct dfota_buffer *out)
{
    if (prediction->kinds == 0)
        return;
    dfota_buffer_add_le(out, prediction->kinds, 1);
    dfota_buffer_add_varint(out, prediction->map_count);
    dfota_buffer_add_varint(out, prediction->map_length);
    dfota_buffer_add_le(out, prediction->base_count, 1);
    for (unsigned i = 0; i < prediction->base_count; i++)
        dfota_buffer_add_le(out, prediction->bases[i], 4);
}

static void write_table(const struct dfota_stream *streams,
                        const struct dfota_prediction *prediction,
                        struct dfota_buffer *out)
{
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++) {
        const struct dfota_stream *stream = &streams[i];

        dfota_buffer_add_le(out, stream->codec, 1);
        if (stream->codec != DFOTA_CODEC_ID_STORED)
            dfota_buffer_add_le(out, stream->props, 1);
        if (stream->codec == DFOTA_CODEC_ID_LZMA)
            dfota_buffer_add_le(out, dictionary_code(stream->dictionary), 1);
        dfota_buffer_add_varint(out, stream->raw_size);
        dfota_buffer_add_varint(out, stream->coded_size);
    }
    write_prediction(prediction, out);
}

/* The inverse of dfota_delta_read_header(). */
static void write_head(const struct dfota_images *images,
                       const struct dfota_encoded *encoded, uint32_t memory,
                       struct dfota_view table, struct dfota_buffer *out)
{
    size_t begin = out->size;
    uint32_t crc32;

    dfota_buffer_add(out, DFOTA_DELTA_MAGIC, 4);
    dfota_buffer_add_le(out, DFOTA_DELTA_VERSION, 1);
    dfota_buffer_add_le(out, encoded->unit, 1);
    dfota_buffer_add_le(out, table.size, 2);
    dfota_buffer_add_le(out, images->old.bytes.size, 4);
    dfota_buffer_add_le(out, images->new.bytes.size, 4);
    dfota_buffer_add_le(out, images->old.digests->crc32, 4);
    dfota_buffer_add_le(out, images->new.digests->crc32, 4);
    dfota_buffer_add(out, images->old.digests->sha256, DFOTA_SHA256_SIZE);
    dfota_buffer_add(out, images->new.digests->sha256, DFOTA_SHA256_SIZE);
    dfota_buffer_add_le(out, memory, 4);
    if (out->error)
        return;
    crc32 = dfota_crc32(0, out->data + begin, DFOTA_DELTA_CRC_AT);
    crc32 = dfota_crc32(crc32, table.data, table.size);
    dfota_buffer_add_le(out, crc32, 4);
    dfota_buffer_add(out, table.data, table.size);
}

/* Codes `plan` and appends the whole delta to `out`. */
static enum dfota_error write_plan(const struct dfota_images *images,
                                   const struct dfota_plan *plan,
                                   const struct dfota_encode_options *options,
                                   struct dfota_buffer *out,
                                   struct dfota_fault *fault)
{
    static const struct dfota_prediction nothing = {0};
    const struct dfota_predictor *predictor = plan->predictor;
    struct dfota_encoded encoded = {0};
    struct dfota_buffer table = {0};
    enum dfota_error err = dfota_encode_streams(plan, options, &encoded, fault);
    uint32_t memory;

    if (err)
        goto out;
    memory = dfota_delta_memory(encoded.streams,
                                predictor != NULL ? predictor->map.count : 0);
    write_table(encoded.streams,
                predictor != NULL ? predictor->prediction : &nothing, &table);
    err = dfota_buffer_check(&table, fault);
    if (err)
        goto out;
    write_head(images, &encoded, memory, dfota_buffer_view(&table), out);
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        dfota_buffer_add(out, encoded.coded[i].data, encoded.coded[i].size);
    err = dfota_buffer_check(out, fault);
out:
    dfota_buffer_free(&table);
    dfota_encoded_free(&encoded);
    return err;
}

enum dfota_error dfota_delta_write(const struct dfota_images *images,
                                   struct dfota_view copies,
                                   const struct dfota_encode_options *options,
                                   struct dfota_buffer *out,
                                   struct dfota_fault *fault)
{
    struct dfota_plan plan = {
        .old = images->old.bytes,
        .new = images->new.bytes,
        .copies = (const void *)copies.data,
        .copy_count = copies.size / sizeof(struct dfota_copy),
    };
    struct dfota_foresight foresight = {0};
    struct dfota_predictor predictor;
    enum dfota_error err;

    err = dfota_foresee(&plan, map_memory(options->ram), options->threads,
                        &foresight, fault);
    if (err)
        return err;
    predictor = dfota_foresight_predictor(&foresight, plan.old.size);
    if (foresight.prediction.kinds != 0)
        plan.predictor = &predictor;
    err = write_plan(images, &plan, options, out, fault);
    dfota_foresight_free(&foresight);
    return err;
}
