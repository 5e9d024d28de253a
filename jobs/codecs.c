/* SPDX-License-Identifier: MIT */
#include "jobs/codecs.h"

#include "lib/codec/deflate.h"
#include "lib/codec/frame.h"
#include "lib/codec/lzma.h"

const struct dfota_codec *const dfota_codecs[] = {
    &dfota_codec_stored, &dfota_codec_mixed, &dfota_codec_zlib,
    &dfota_codec_lzma, NULL};

const struct dfota_coding *const dfota_codings[] = {
    &dfota_coding_mixed, &dfota_coding_streams, NULL};

const struct dfota_isa *const dfota_all_isas[] = {&dfota_isa_t32,
                                                  &dfota_isa_a32,
                                                  &dfota_isa_a64,
                                                  &dfota_isa_riscv,
                                                  &dfota_isa_x86,
                                                  &dfota_isa_xtensa,
                                                  NULL};

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
    case DFOTA_CODEC_MIXED:
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

const struct dfota_encoder *const *
dfota_frame_encoders(enum dfota_codec_choice choice)
{
    static const struct dfota_encoder *const mixed[] = {&dfota_encoder_mixed,
                                                        NULL};

    if (choice == DFOTA_CODEC_AUTO || choice == DFOTA_CODEC_MIXED)
        return mixed;
    return dfota_encoders(choice);
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
    case DFOTA_CODEC_ID_MIXED:
        return "mixed";
    default:
        return "unknown";
    }
}

const char *dfota_delta_codec_name(const struct dfota_delta_header *header)
{
    uint8_t id = DFOTA_CODEC_ID_STORED;

    if (header->coding == DFOTA_CODING_ID_MIXED)
        return "mixed";
    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++)
        if (header->streams[i].codec > id)
            id = header->streams[i].codec;
    return dfota_codec_name(id);
}
