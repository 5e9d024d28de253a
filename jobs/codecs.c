/* SPDX-License-Identifier: MIT */
#include "jobs/codecs.h"

#include "lib/codec/deflate.h"
#include "lib/codec/lzma.h"

const struct dfota_codec *const dfota_codecs[] = {
    &dfota_codec_stored, &dfota_codec_zlib, &dfota_codec_lzma, NULL};

const struct dfota_encoder *const *
dfota_encoders(enum dfota_codec_choice choice)
{
    static const struct dfota_encoder *const all[] = {
        &dfota_encoder_zlib, &dfota_encoder_lzma, NULL};
    static const struct dfota_encoder *const zlib[] = {&dfota_encoder_zlib,
                                                       NULL};
    static const struct dfota_encoder *const lzma[] = {&dfota_encoder_lzma,
                                                       NULL};
    static const struct dfota_encoder *const none[] = {NULL};

    switch (choice) {
    case DFOTA_CODEC_STORED:
        return none;
    case DFOTA_CODEC_ZLIB:
        return zlib;
    case DFOTA_CODEC_LZMA:
        return lzma;
    case DFOTA_CODEC_AUTO:
        break;
    }
    return all;
}

const char *dfota_codec_name(uint8_t id)
{
    switch (id) {
    case DFOTA_CODEC_ID_STORED:
        return "stored";
    case DFOTA_CODEC_ID_ZLIB:
        return "zlib";
    case DFOTA_CODEC_ID_LZMA:
        return "lzma";
    default:
        return "unknown";
    }
}

const char *dfota_delta_codec_name(const struct dfota_delta_header *header)
{
    uint8_t id = DFOTA_CODEC_ID_STORED;

    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        if (header->streams[i].codec > id)
            id = header->streams[i].codec;
    return dfota_codec_name(id);
}
