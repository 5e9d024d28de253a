/* SPDX-License-Identifier: MIT */
#include "lib/delta/delta.h"

#include "lib/apply/crc32.h"
#include "lib/apply/delta_header.h"
#include "lib/delta/choose.h"
#include "lib/delta/match.h"

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

static void write_table(const struct dfota_stream *streams,
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
}

/* The inverse of dfota_delta_read_header(). */
static void write_head(const struct dfota_images *images,
                       const struct dfota_encoded *encoded,
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
    dfota_buffer_add_le(out, dfota_delta_memory(encoded->streams), 4);
    if (out->error)
        return;
    crc32 = dfota_crc32(0, out->data + begin, DFOTA_DELTA_CRC_AT);
    crc32 = dfota_crc32(crc32, table.data, table.size);
    dfota_buffer_add_le(out, crc32, 4);
    dfota_buffer_add(out, table.data, table.size);
}

enum dfota_error dfota_delta_write(const struct dfota_images *images,
                                   struct dfota_view copies,
                                   const struct dfota_encode_options *options,
                                   struct dfota_buffer *out,
                                   struct dfota_fault *fault)
{
    const struct dfota_plan plan = {images->old.bytes, images->new.bytes,
                                    (const void *)copies.data,
                                    copies.size / sizeof(struct dfota_copy)};
    struct dfota_encoded encoded = {0};
    struct dfota_buffer table = {0};
    enum dfota_error err =
        dfota_encode_streams(&plan, options, &encoded, fault);

    if (err)
        goto out;
    write_table(encoded.streams, &table);
    err = dfota_buffer_check(&table, fault);
    if (err)
        goto out;
    write_head(images, &encoded, dfota_buffer_view(&table), out);
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        dfota_buffer_add(out, encoded.coded[i].data, encoded.coded[i].size);
    err = dfota_buffer_check(out, fault);
out:
    dfota_buffer_free(&table);
    dfota_encoded_free(&encoded);
    return err;
}
