/* SPDX-License-Identifier: MIT */
#include "lib/apply/range.h"

#define BEYOND_MAX 4 /* bytes that the first four may lack at the end */

static uint8_t next_byte(struct dfota_range *range)
{
    const struct dfota_applier *applier = range->applier;
    uint32_t size = range->end - range->next;

    if (range->in < range->in_end)
        return *range->in++;
    if (size == 0 || range->error) {
        if (++range->beyond > BEYOND_MAX && !range->error)
            range->error = DFOTA_ERR_CORRUPT;
        return 0;
    }
    if (size > DFOTA_RANGE_BUFFER)
        size = DFOTA_RANGE_BUFFER;
    range->error =
        applier->read_delta(applier->context, range->next, range->buffer, size);
    if (range->error)
        return 0;
    range->next += size;
    range->in = range->buffer;
    range->in_end = range->buffer + size;
    return *range->in++;
}

void dfota_range_decode(struct dfota_range *range,
                        const struct dfota_applier *applier, uint8_t *buffer,
                        uint32_t begin, uint32_t end)
{
    *range = (struct dfota_range){
        .mode = DFOTA_RANGE_DECODE,
        .high = UINT32_MAX,
        .in = buffer,
        .in_end = buffer,
        .buffer = buffer,
        .next = begin,
        .end = end,
        .applier = applier,
    };
    for (unsigned i = 0; i < 4; i++)
        range->code = range->code << 8 | next_byte(range);
}

void dfota_range_decode_bytes(struct dfota_range *range, const uint8_t *in,
                              const uint8_t *in_end)
{
    *range = (struct dfota_range){
        .mode = DFOTA_RANGE_DECODE,
        .high = UINT32_MAX,
        .in = in,
        .in_end = in_end,
    };
    for (unsigned i = 0; i < 4; i++)
        range->code = range->code << 8 | next_byte(range);
}

void dfota_range_encode(struct dfota_range *range,
                        void (*put)(void *context, uint8_t byte), void *context)
{
    *range = (struct dfota_range){
        .mode = DFOTA_RANGE_ENCODE,
        .high = UINT32_MAX,
        .put = put,
        .context = context,
    };
}

void dfota_range_shift(struct dfota_range *range)
{
    while ((range->low ^ range->high) < (uint32_t)1 << 24) {
        if (range->mode == DFOTA_RANGE_ENCODE)
            range->put(range->context, (uint8_t)(range->high >> 24));
        else
            range->code = range->code << 8 | next_byte(range);
        range->low <<= 8;
        range->high = range->high << 8 | 0xff;
    }
}

void dfota_range_flush(struct dfota_range *range)
{
    /* The number in range with the most zero bytes at its end. */
    for (unsigned bytes = 0; bytes <= 4; bytes++) {
        uint32_t below = bytes == 4 ? 0 : UINT32_MAX >> (8 * bytes);
        uint32_t value = (range->low + below) & ~below;

        if (bytes == 0)
            value = 0;
        if (value < range->low || value > range->high)
            continue;
        for (unsigned i = 0; i < bytes; i++)
            range->put(range->context, (uint8_t)(value >> (24 - 8 * i)));
        return;
    }
}

bool dfota_range_used_up(const struct dfota_range *range)
{
    return range->in == range->in_end && range->next == range->end;
}

uint32_t dfota_range_position(const struct dfota_range *range)
{
    return range->next - (uint32_t)(range->in_end - range->in);
}
