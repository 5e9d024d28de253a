/* SPDX-License-Identifier: MIT */
#include "lib/apply/delta_header.h"

#include "lib/apply/bytes.h"
#include "lib/apply/crc32.h"
#include "lib/apply/cursor.h"

static bool known_codec(uint8_t codec)
{
    return codec == DFOTA_CODEC_ID_STORED || codec == DFOTA_CODEC_ID_ZLIB ||
           codec == DFOTA_CODEC_ID_LZMA;
}

static struct dfota_stream read_stream(struct dfota_cursor *head)
{
    struct dfota_stream stream = {0};

    stream.codec = (uint8_t)dfota_cursor_le(head, 1);
    if (stream.codec != DFOTA_CODEC_ID_STORED)
        stream.props = (uint8_t)dfota_cursor_le(head, 1);
    if (stream.codec == DFOTA_CODEC_ID_LZMA) {
        uint8_t code = (uint8_t)dfota_cursor_le(head, 1);

        stream.dictionary = dfota_delta_dictionary(code);
        if (stream.dictionary == 0)
            stream.dictionary = UINT32_MAX; /* no valid parameter */
    }
    stream.raw_size = dfota_cursor_varint(head);
    stream.coded_size = dfota_cursor_varint(head);
    return stream;
}

static struct dfota_mixed read_mixed(struct dfota_cursor *head)
{
    struct dfota_mixed mixed = {0};

    mixed.slots = dfota_cursor_varint(head);
    mixed.record_size = dfota_cursor_varint(head);
    mixed.content_size = dfota_cursor_varint(head);
    return mixed;
}

static enum dfota_error read_order(struct dfota_cursor *head,
                                   struct dfota_delta_header *header)
{
    struct dfota_order *order = &header->order;
    uint32_t segment = dfota_cursor_varint(head);

    order->backward = segment & 1;
    order->stash_count = dfota_cursor_varint(head);
    order->stash_size = dfota_cursor_varint(head);
    segment /= 2;
    if (segment == 0 || segment > DFOTA_SEGMENT_MAX / DFOTA_SEGMENT_GRAIN)
        return DFOTA_ERR_CORRUPT;
    order->segment_size = segment * DFOTA_SEGMENT_GRAIN;
    return header->coding != DFOTA_CODING_ID_MIXED ||
                   dfota_delta_segments(header) > DFOTA_SEGMENTS_MAX ||
                   order->stash_count > order->stash_size ||
                   order->stash_size > header->old_size
               ? DFOTA_ERR_CORRUPT
               : DFOTA_OK;
}

/* How many dialects, bases and ranges there are, in one byte. */
static enum dfota_error read_counts(struct dfota_cursor *head,
                                    struct dfota_prediction *out)
{
    uint8_t counts = (uint8_t)dfota_cursor_le(head, 1);

    *out = (struct dfota_prediction){
        .dialect_count = counts & 3,
        .base_count = counts >> 2 & 7,
        .range_count = counts >> 5,
    };
    return out->base_count > DFOTA_PREDICT_BASES ||
                   out->range_count > DFOTA_PREDICT_RANGES
               ? DFOTA_ERR_CORRUPT
               : DFOTA_OK;
}

static enum dfota_error read_prediction(struct dfota_cursor *head,
                                        struct dfota_prediction *out)
{
    const uint32_t limit = UINT32_MAX >> DFOTA_RANGE_GRAIN;
    bool valid = !read_counts(head, out);

    if (!valid)
        return DFOTA_ERR_CORRUPT;
    for (unsigned i = 0; i < out->dialect_count; i++) {
        out->dialects[i].isa = (uint8_t)dfota_cursor_le(head, 1);
        out->dialects[i].classes = (uint8_t)dfota_cursor_le(head, 1);
    }
    for (unsigned i = 0; i < out->base_count; i++)
        out->bases[i] = (uint32_t)dfota_cursor_le(head, 4);
    for (unsigned i = 0; i < out->range_count; i++) {
        uint32_t first = dfota_cursor_varint(head);
        uint32_t size = dfota_cursor_varint(head);

        valid = valid && first <= limit && size <= limit;
        out->ranges[i] = (struct dfota_value_range){first << DFOTA_RANGE_GRAIN,
                                                    size << DFOTA_RANGE_GRAIN};
    }
    if (out->dialect_count + out->base_count + out->range_count > 0) {
        out->map_count = dfota_cursor_varint(head);
        out->map_length = dfota_cursor_varint(head);
        out->learned = dfota_cursor_varint(head);
    }
    return valid ? DFOTA_OK : DFOTA_ERR_CORRUPT;
}

/* What is in the head behind its fixed fields. */
static enum dfota_error read_rest(struct dfota_cursor *head,
                                  struct dfota_delta_header *header,
                                  struct dfota_fault *fault)
{
    bool in_place = header->coding & DFOTA_CODING_IN_PLACE;
    uint64_t at;

    header->coding &= DFOTA_CODING_MASK;
    header->old_size = dfota_cursor_varint(head);
    header->new_size = dfota_cursor_varint(head);
    at = header->head_size - 4 - head->left;
    if (read_prediction(head, &header->prediction))
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, at, "DLT-22");
    at = header->head_size - 4 - head->left;
    if (in_place && read_order(head, header))
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, at, "DLT-30");
    if (header->coding == DFOTA_CODING_ID_MIXED) {
        header->mixed = read_mixed(head);
        return DFOTA_OK;
    }
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++) {
        at = header->head_size - 4 - head->left;
        header->streams[i] = read_stream(head);
        if (!known_codec(header->streams[i].codec))
            return dfota_fail(fault, DFOTA_ERR_UNSUPPORTED, at, "DLT-6");
        if (dfota_codec_memory(&header->streams[i]) == UINT32_MAX)
            return dfota_fail(fault, DFOTA_ERR_CORRUPT, at, "DLT-7");
    }
    return DFOTA_OK;
}

/* What the sizes of header, parts and file must be to each other. */
static enum dfota_error check_sizes(struct dfota_delta_header *header,
                                    uint32_t delta_size,
                                    struct dfota_fault *fault)
{
    const struct dfota_mixed *mixed = &header->mixed;
    uint64_t coded =
        (uint64_t)header->head_size + mixed->record_size + mixed->content_size;

    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        coded += header->streams[i].coded_size;
    if (coded != delta_size)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, DFOTA_DELTA_FIXED, "DLT-9");
    if (header->streams[DFOTA_STREAM_LITERAL].raw_size > header->new_size)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, DFOTA_DELTA_FIXED,
                          "DLT-10");
    header->ram = dfota_delta_memory(header);
    if (header->ram == UINT32_MAX)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, DFOTA_DELTA_FIXED,
                          "DLT-11");
    return DFOTA_OK;
}

/* The fields that every header has, and whether all of the head is sound. */
static enum dfota_error read_fixed(struct dfota_cursor *head, size_t size,
                                   struct dfota_delta_header *header,
                                   struct dfota_fault *fault)
{
    const uint8_t *bytes = head->next;
    const uint8_t *magic = dfota_cursor_bytes(head, 4);
    uint8_t version = (uint8_t)dfota_cursor_le(head, 1);
    const uint8_t *digest;
    uint32_t at;

    header->coding = (uint8_t)dfota_cursor_le(head, 1);
    header->head_size = (uint32_t)dfota_cursor_le(head, 1);
    if (magic != NULL &&
        !dfota_bytes_equal(magic, (const uint8_t *)DFOTA_DELTA_MAGIC, 4))
        return dfota_fail(fault, DFOTA_ERR_FORMAT, 0, "DLT-2");
    if (head->short_read)
        return dfota_fail(fault, DFOTA_ERR_TRUNCATED, size, "DLT-1");
    if (header->head_size < DFOTA_DELTA_SHORT)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, 6, "DLT-3");
    if (header->head_size > size)
        return dfota_fail(fault, DFOTA_ERR_TRUNCATED, size, "DLT-1");
    at = header->head_size - 4;
    *head = dfota_cursor(bytes + at, 4);
    if (dfota_cursor_le(head, 4) != dfota_crc32(0, bytes, at))
        return dfota_fail(fault, DFOTA_ERR_DIGEST, at, "DLT-4");
    if (version != DFOTA_DELTA_VERSION ||
        (header->coding & ~DFOTA_CODING_IN_PLACE) > DFOTA_CODING_ID_MIXED)
        return dfota_fail(fault, DFOTA_ERR_UNSUPPORTED, 4, "DLT-5");

    *head = dfota_cursor(bytes + 7, at - 7);
    header->old_crc32 = (uint32_t)dfota_cursor_le(head, 4);
    header->new_crc32 = (uint32_t)dfota_cursor_le(head, 4);
    digest = dfota_cursor_bytes(head, DFOTA_DELTA_DIGEST_SIZE);
    dfota_bytes_copy(header->old_digest, digest, DFOTA_DELTA_DIGEST_SIZE);
    digest = dfota_cursor_bytes(head, DFOTA_DELTA_DIGEST_SIZE);
    dfota_bytes_copy(header->new_digest, digest, DFOTA_DELTA_DIGEST_SIZE);
    return DFOTA_OK;
}

enum dfota_error dfota_delta_read_header(const uint8_t *bytes, size_t size,
                                         uint32_t delta_size,
                                         struct dfota_delta_header *out,
                                         struct dfota_fault *fault)
{
    struct dfota_cursor head = dfota_cursor(bytes, size);
    struct dfota_delta_header header = {0};
    enum dfota_error err = read_fixed(&head, size, &header, fault);

    if (!err)
        err = read_rest(&head, &header, fault);
    if (err)
        return err;
    if (head.short_read || head.overlong || head.left > 0)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT, DFOTA_DELTA_FIXED, "DLT-8");
    err = check_sizes(&header, delta_size, fault);
    if (!err)
        *out = header;
    return err;
}
