/* SPDX-License-Identifier: MIT */
#include "lib/apply/mini_frames.h"

#include "lib/apply/bytes.h"
#include "lib/apply/crc32.h"
#include "lib/apply/cursor.h"
#include "lib/apply/delta_header.h"
#include "lib/apply/mini_header.h"

uint32_t dfota_mini_app_size(const struct dfota_mini_header *header)
{
    uint32_t size = 0;

    for (unsigned i = 1; i < header->region_count; i++)
        size += header->regions[i].length; /* all lie apart in one flash */
    return size;
}

/* How many frames a region of `length` bytes, at least 1, needs. */
static uint32_t frames_of(uint32_t length, uint32_t frame_size)
{
    return (length - 1) / frame_size + 1;
}

uint32_t dfota_mini_frame_count(const struct dfota_mini_header *header,
                                uint32_t frame_size)
{
    uint32_t count = 0;

    for (unsigned i = 1; i < header->region_count; i++)
        count += frames_of(header->regions[i].length, frame_size);
    return count;
}

void dfota_mini_find_place(const struct dfota_mini_header *header,
                           uint32_t frame_size, uint32_t index,
                           struct dfota_mini_place *out)
{
    for (unsigned i = 1; i < header->region_count; i++) {
        const struct dfota_mini_region *region = &header->regions[i];
        uint32_t count = frames_of(region->length, frame_size);

        if (index < count) {
            uint32_t left = region->length - index * frame_size;

            out->address = region->address + index * frame_size;
            out->size = left < frame_size ? left : frame_size;
            return;
        }
        index -= count;
    }
}

uint32_t dfota_mini_frame_memory(const struct dfota_stream *stream)
{
    uint32_t memory = dfota_codec_memory(stream);

    if (memory > UINT32_MAX - DFOTA_MINI_CHUNK - 15)
        return UINT32_MAX;
    return DFOTA_MINI_CHUNK + (memory + 15) / 16 * 16;
}

enum dfota_error
dfota_mini_read_second(const uint8_t bytes[DFOTA_MINI_SECOND_HEAD],
                       const struct dfota_mini_header *header,
                       struct dfota_mini_second *out, struct dfota_fault *fault)
{
    struct dfota_cursor head = dfota_cursor(bytes, DFOTA_MINI_SECOND_HEAD);
    const uint8_t *magic = dfota_cursor_bytes(&head, 4);
    uint8_t version = (uint8_t)dfota_cursor_le(&head, 1);
    uint32_t reserved = (uint32_t)dfota_cursor_le(&head, 3);
    uint32_t frame_size = (uint32_t)dfota_cursor_le(&head, 4);
    uint32_t frame_count = (uint32_t)dfota_cursor_le(&head, 4);
    uint32_t delta_size = (uint32_t)dfota_cursor_le(&head, 4);
    const uint8_t *delta_md5 = dfota_cursor_bytes(&head, DFOTA_MD5_SIZE);
    uint32_t app_size = (uint32_t)dfota_cursor_le(&head, 4);
    uint32_t crc32 = (uint32_t)dfota_cursor_le(&head, 4);

    if (!dfota_bytes_equal(magic, (const uint8_t *)DFOTA_MINI_SECOND_MAGIC, 4))
        return dfota_fail(fault, DFOTA_ERR_FORMAT, 0, "MIN-20");
    if (dfota_crc32(0, bytes, DFOTA_MINI_SECOND_CRC_AT) != crc32)
        return dfota_fail(fault, DFOTA_ERR_DIGEST, DFOTA_MINI_SECOND_CRC_AT,
                          "MIN-21");
    if (version != DFOTA_MINI_FORMAT)
        return dfota_fail(fault, DFOTA_ERR_UNSUPPORTED, 4, "MIN-22");
    if (reserved != 0)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, 5, "MIN-23");
    if (delta_size != header->delta_size ||
        !dfota_bytes_equal(delta_md5, header->delta_md5, DFOTA_MD5_SIZE))
        return dfota_fail(fault, DFOTA_ERR_REFUSED, 16, "MIN-24");
    if (frame_size == 0 || frame_size > DFOTA_MINI_FRAME_MAX)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, 8, "MIN-26");
    if (frame_count != dfota_mini_frame_count(header, frame_size))
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, 12, "MIN-27");
    if (app_size != dfota_mini_app_size(header))
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, 36, "MIN-27");

    out->frame_size = frame_size;
    out->frame_count = frame_count;
    return DFOTA_OK;
}

static bool has_dictionary(const struct dfota_stream *stream)
{
    return stream->codec == DFOTA_CODEC_ID_LZMA ||
           stream->codec == DFOTA_CODEC_ID_MIXED;
}

/* Codec and parameters, which stand in a frame's header from byte 8 on. */
static enum dfota_error check_codec(const struct dfota_stream *stream,
                                    uint8_t dictionary, uint64_t at,
                                    struct dfota_fault *fault)
{
    bool stored = stream->codec == DFOTA_CODEC_ID_STORED;

    if (stream->codec > DFOTA_CODEC_ID_MIXED)
        return dfota_fail(fault, DFOTA_ERR_UNSUPPORTED, at, "MIN-30");
    if ((stored && stream->props != 0) ||
        dictionary > (has_dictionary(stream) ? DFOTA_MINI_DICTIONARY_MAX : 0) ||
        dfota_codec_memory(stream) == UINT32_MAX)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, at + 1, "MIN-31");
    if (stored
            ? stream->coded_size != stream->raw_size
            : stream->coded_size == 0 || stream->coded_size >= stream->raw_size)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, at + 4, "MIN-32");
    return DFOTA_OK;
}

enum dfota_error
dfota_mini_read_frame(const uint8_t bytes[DFOTA_MINI_FRAME_HEAD],
                      const struct dfota_mini_place *place,
                      struct dfota_mini_frame *out, struct dfota_fault *fault)
{
    struct dfota_cursor head = dfota_cursor(bytes, DFOTA_MINI_FRAME_HEAD);
    uint32_t address = (uint32_t)dfota_cursor_le(&head, 4);
    struct dfota_mini_frame frame = {0};
    uint64_t at = place->offset;
    uint8_t dictionary;
    uint8_t reserved;
    enum dfota_error err;

    frame.stream.raw_size = (uint32_t)dfota_cursor_le(&head, 4);
    frame.stream.codec = (uint8_t)dfota_cursor_le(&head, 1);
    frame.stream.props = (uint8_t)dfota_cursor_le(&head, 1);
    dictionary = (uint8_t)dfota_cursor_le(&head, 1);
    reserved = (uint8_t)dfota_cursor_le(&head, 1);
    frame.stream.coded_size = (uint32_t)dfota_cursor_le(&head, 4);
    frame.crc32 = (uint32_t)dfota_cursor_le(&head, 4);
    if (has_dictionary(&frame.stream))
        frame.stream.dictionary = dfota_delta_dictionary(dictionary);

    if (dfota_crc32(0, bytes, DFOTA_MINI_FRAME_CRC_AT) !=
        (uint32_t)dfota_cursor_le(&head, 4))
        return dfota_fail(fault, DFOTA_ERR_DIGEST, at + DFOTA_MINI_FRAME_CRC_AT,
                          "MIN-28");
    if (address != place->address)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, at, "MIN-29");
    if (frame.stream.raw_size != place->size)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, at + 4, "MIN-29");
    if (reserved != 0)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, at + 11, "MIN-23");
    err = check_codec(&frame.stream, dictionary, at + 8, fault);
    if (err)
        return err;
    if (frame.stream.coded_size > place->left)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, at + 12, "MIN-34");
    *out = frame;
    return DFOTA_OK;
}
