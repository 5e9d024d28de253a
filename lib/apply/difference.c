/* SPDX-License-Identifier: MIT */
#include "lib/apply/difference.h"

enum dfota_error dfota_difference_read(struct dfota_difference_reader *reader,
                                       uint8_t *out, size_t size,
                                       struct dfota_fault *fault)
{
    for (size_t i = 0; i < size; i++) {
        enum dfota_error err = DFOTA_OK;

        if (reader->zeros > 0) {
            reader->zeros--;
            out[i] = 0;
            continue;
        }
        err = dfota_stream_read(&reader->stream, &out[i], 1, fault);
        if (!err && out[i] == 0)
            err = dfota_stream_varint(&reader->stream, &reader->zeros, fault);
        if (err)
            return err;
    }
    return DFOTA_OK;
}

enum dfota_error dfota_difference_end(struct dfota_difference_reader *reader,
                                      struct dfota_fault *fault)
{
    if (reader->zeros > 0)
        return dfota_fail(fault, DFOTA_ERR_CORRUPT,
                          dfota_stream_position(&reader->stream), "DLT-20");
    return dfota_stream_end(&reader->stream, fault);
}

/* How many bytes before the first whole word of a range, and its words. */
static size_t split_words(enum dfota_unit unit, uint32_t new_pos, size_t size,
                          size_t *words)
{
    size_t before = (4 - new_pos % 4) % 4;

    if (unit == DFOTA_UNIT_BYTE || size < before + 4) {
        *words = 0;
        return size;
    }
    *words = (size - before) / 4;
    return before;
}

static uint32_t get_word(const uint8_t *bytes)
{
    return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

static void put_word(uint8_t *bytes, uint32_t word)
{
    for (unsigned i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(word >> (8 * i));
}

void dfota_difference_add(enum dfota_unit unit, uint32_t new_pos,
                          uint8_t *difference, const uint8_t *old, size_t size)
{
    size_t words;
    size_t i = 0;

    for (size_t end = split_words(unit, new_pos, size, &words); i < end; i++)
        difference[i] = (uint8_t)(difference[i] + old[i]);
    for (; words > 0; words--, i += 4)
        put_word(difference + i, get_word(difference + i) + get_word(old + i));
    for (; i < size; i++)
        difference[i] = (uint8_t)(difference[i] + old[i]);
}

void dfota_difference_take(enum dfota_unit unit, uint32_t new_pos, uint8_t *new,
                           const uint8_t *old, size_t size)
{
    size_t words;
    size_t i = 0;

    for (size_t end = split_words(unit, new_pos, size, &words); i < end; i++)
        new[i] = (uint8_t)(new[i] - old[i]);
    for (; words > 0; words--, i += 4)
        put_word(new + i, get_word(new + i) - get_word(old + i));
    for (; i < size; i++)
        new[i] = (uint8_t)(new[i] - old[i]);
}
