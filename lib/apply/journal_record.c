/* SPDX-License-Identifier: MIT */
#include "lib/apply/journal_record.h"

#include "lib/apply/bytes.h"
#include "lib/apply/crc32.h"
#include "lib/apply/cursor.h"

#define RECORD  DFOTA_JOURNAL_RECORD
#define VERSION 1
#define CARRIED 1
#define CRC_AT  (RECORD - 4)

static const uint8_t magic[4] = {0x89, 'D', 'F', 'J'};

static void put_le(uint8_t *to, uint32_t value)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

void dfota_journal_write_record(const struct dfota_journal_record *record,
                                uint8_t out[RECORD])
{
    const struct dfota_journal_state *state = &record->state;

    for (unsigned i = 0; i < RECORD; i++)
        out[i] = 0;
    dfota_bytes_copy(out, magic, sizeof(magic));
    put_le(out + 4, record->sequence);
    out[8] = VERSION;
    out[9] = record->carried ? CARRIED : 0;
    put_le(out + 12, record->blob_size);
    put_le(out + 16, record->blob_crc32);
    out[20] = state->flow;
    out[21] = state->step;
    out[22] = state->tries;
    out[23] = state->part;
    for (unsigned i = 0; i < DFOTA_JOURNAL_NUMBERS; i++)
        put_le(out + 24 + (size_t)4 * i, state->numbers[i]);
    put_le(out + 52, record->blob_at);
    put_le(out + CRC_AT, dfota_crc32(0, out, CRC_AT));
}

static uint32_t le_at(const uint8_t *bytes)
{
    struct dfota_cursor cursor = dfota_cursor(bytes, 4);

    return (uint32_t)dfota_cursor_le(&cursor, 4);
}

bool dfota_journal_read_record(const uint8_t bytes[RECORD],
                               struct dfota_journal_record *out)
{
    struct dfota_journal_state *state = &out->state;

    if (!dfota_bytes_equal(bytes, magic, sizeof(magic)) ||
        le_at(bytes + CRC_AT) != dfota_crc32(0, bytes, CRC_AT) ||
        bytes[8] != VERSION)
        return false;
    out->sequence = le_at(bytes + 4);
    out->carried = bytes[9] == CARRIED;
    out->blob_size = le_at(bytes + 12);
    out->blob_crc32 = le_at(bytes + 16);
    state->flow = bytes[20];
    state->step = bytes[21];
    state->tries = bytes[22];
    state->part = bytes[23];
    for (unsigned i = 0; i < DFOTA_JOURNAL_NUMBERS; i++)
        state->numbers[i] = le_at(bytes + 24 + (size_t)4 * i);
    out->blob_at = le_at(bytes + 52);
    return true;
}
