/* SPDX-License-Identifier: MIT */
#include "lib/delta/records.h"

#define BLOCK     4096u /* bytes that are judged together */
#define BLOCK_MIN 1024u /* fewer say too little */

static void add(struct dfota_buffer *out, struct dfota_record record)
{
    if (record.insert > 0 || record.copy > 0)
        dfota_buffer_add(out, &record, sizeof(record));
}

void dfota_records_make(struct dfota_view copies, struct dfota_view new,
                        uint8_t dialect, struct dfota_buffer *out)
{
    const struct dfota_copy *copy = (const void *)copies.data;
    size_t count = copies.size / sizeof(*copy);
    uint32_t new_pos = 0;

    for (size_t i = 0; i < count; i++) {
        add(out,
            (struct dfota_record){copy[i].new_pos - new_pos, copy[i].length,
                                  copy[i].old_pos, dialect});
        new_pos = copy[i].new_pos + copy[i].length;
    }
    add(out,
        (struct dfota_record){(uint32_t) new.size - new_pos, 0, 0, dialect});
}

/*
 * The sum of the squares of how often
 * each value occurs is size * (size - 1) / 256 + size for bytes without order,
 * give or take a little; any order makes it larger.
 */
bool dfota_records_are_plain(const uint8_t *bytes, uint32_t size)
{
    uint32_t counts[256] = {0};
    uint64_t squares = 0;

    if (size < BLOCK_MIN)
        return false;
    for (uint32_t i = 0; i < size; i++)
        counts[bytes[i]]++;
    for (unsigned i = 0; i < 256; i++)
        squares += (uint64_t)counts[i] * counts[i];
    return squares < ((uint64_t)size * (size - 1) / 256 + size) * 103 / 100;
}

/* Cuts one insertion into stretches of blocks with and without order. */
static void split_insert(struct dfota_record record, uint32_t new_pos,
                         struct dfota_view new, uint8_t plain,
                         struct dfota_buffer *out)
{
    struct dfota_record stretch = {0, 0, 0, record.dialect};

    for (uint32_t done = 0, size; done < record.insert; done += size) {
        uint8_t dialect;

        size = BLOCK - (new_pos + done) % BLOCK;
        if (size > record.insert - done)
            size = record.insert - done;
        dialect = dfota_records_are_plain(new.data + new_pos + done, size)
                      ? plain
                      : record.dialect;
        if (dialect != stretch.dialect) {
            add(out, stretch);
            stretch = (struct dfota_record){0, 0, 0, dialect};
        }
        stretch.insert += size;
    }
    if (stretch.dialect == plain) {
        add(out, stretch);
        stretch.insert = 0;
    }
    record.insert = stretch.insert;
    add(out, record);
}

void dfota_records_split(struct dfota_view records, struct dfota_view new,
                         uint8_t plain, struct dfota_buffer *out)
{
    const struct dfota_record *record = (const void *)records.data;
    size_t count = records.size / sizeof(*record);
    uint32_t new_pos = 0;

    for (size_t i = 0; i < count; i++) {
        split_insert(record[i], new_pos, new, plain, out);
        new_pos += record[i].insert + record[i].copy;
    }
}
