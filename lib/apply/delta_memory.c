/* SPDX-License-Identifier: MIT */
#include "dfota/in_place.h"
#include "lib/apply/delta_header.h"
#include "lib/apply/learned.h"
#include "lib/apply/map.h"
#include "lib/apply/mix_coder.h"

uint32_t dfota_delta_dictionary(uint8_t code)
{
    if (code > 37)
        return 0;
    return (uint32_t)(2 | (code & 1)) << (code / 2 + 11);
}

static uint64_t aligned(uint64_t size)
{
    return (size + 15) / 16 * 16;
}

static uint64_t streams_memory(const struct dfota_stream *streams)
{
    uint64_t total = 0;

    for (unsigned i = 0; i < DFOTA_STREAM_COUNT; i++) {
        uint32_t memory = dfota_codec_memory(&streams[i]);

        if (memory == UINT32_MAX)
            return UINT32_MAX;
        total += aligned(memory);
    }
    return total;
}

static uint64_t mixed_memory(const struct dfota_mixed *mixed)
{
    const uint64_t set = sizeof(int32_t) * DFOTA_MIX_CONTEXTS;

    if (mixed->slots < DFOTA_MIXED_SLOTS_MIN ||
        mixed->slots > DFOTA_MIXED_SLOTS_MAX)
        return UINT32_MAX;
    return sizeof(int16_t) * DFOTA_MIX_LOGITS +
           set * (DFOTA_MIX_RECORD_SETS + DFOTA_MIX_CONTENT_SETS) +
           sizeof(uint16_t) * DFOTA_MIX_RECORD_SLOTS +
           aligned(sizeof(uint16_t) * (uint64_t)mixed->slots);
}

uint32_t dfota_delta_memory(const struct dfota_delta_header *header)
{
    const struct dfota_prediction *prediction = &header->prediction;
    const struct dfota_order *order = &header->order;
    uint64_t total = DFOTA_APPLY_MEMORY;

    if (order->segment_size > 0) {
        total += DFOTA_IN_PLACE_MEMORY;
        total += aligned((uint64_t)order->stash_count *
                         sizeof(struct dfota_stash_range));
        total +=
            aligned((uint64_t)dfota_delta_segments(header) * sizeof(uint16_t));
    }
    total += aligned((uint64_t)prediction->map_count *
                     sizeof(struct dfota_map_entry));
    total += aligned((uint64_t)prediction->learned *
                     sizeof(struct dfota_learned_entry));
    if (header->coding == DFOTA_CODING_ID_STREAMS)
        total += streams_memory(header->streams);
    else
        total += mixed_memory(&header->mixed);
    return total < UINT32_MAX ? (uint32_t)total : UINT32_MAX;
}
