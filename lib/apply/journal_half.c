/* SPDX-License-Identifier: MIT */
#include "lib/apply/journal_half.h"

#include "lib/apply/flash_area.h"

#define RECORD DFOTA_JOURNAL_RECORD

uint32_t dfota_journal_half_size(const struct dfota_journal *journal)
{
    return journal->area.size / 2;
}

uint32_t dfota_journal_half_address(const struct dfota_journal *journal,
                                    uint32_t half)
{
    return journal->area.address + half * dfota_journal_half_size(journal);
}

uint32_t dfota_journal_room(uint32_t blob_size)
{
    return RECORD + (blob_size + RECORD - 1) / RECORD * RECORD;
}

bool dfota_journal_has_blob(const struct dfota_journal_record *record,
                            uint32_t at)
{
    return record->blob_size > 0 && record->blob_at == at + RECORD;
}

/* Bytes that the record at `at` takes. */
static uint32_t room_at(const struct dfota_journal_record *record, uint32_t at)
{
    return dfota_journal_has_blob(record, at)
               ? dfota_journal_room(record->blob_size)
               : RECORD;
}

/* Whether the blob that a record names can be where it says. */
static bool blob_fits(const struct dfota_journal *journal,
                      const struct dfota_journal_record *record)
{
    return record->blob_at <= dfota_journal_half_size(journal) &&
           record->blob_size <=
               dfota_journal_half_size(journal) - record->blob_at;
}

enum dfota_error dfota_journal_check(const struct dfota_journal *journal,
                                     struct dfota_journal_place place,
                                     const uint8_t bytes[RECORD],
                                     struct dfota_journal_record *out,
                                     bool *whole)
{
    struct dfota_area blob = {0};
    uint32_t crc32;
    enum dfota_error err;

    *whole = dfota_journal_read_record(bytes, out) && blob_fits(journal, out);
    if (!*whole || !dfota_journal_has_blob(out, place.at))
        return DFOTA_OK;
    blob.address =
        dfota_journal_half_address(journal, place.half) + out->blob_at;
    blob.size = out->blob_size;
    err = dfota_flash_crc32(journal->flash, blob, &crc32);
    if (!err)
        *whole = crc32 == out->blob_crc32;
    return err;
}

/* Takes a record that is whole, at `at`, into what is known of a half. */
static void take_record(struct dfota_journal_half *half,
                        const struct dfota_journal_record *record, uint32_t at)
{
    half->last = *record;
    half->has_blob = dfota_journal_has_blob(record, at);
    if (!record->carried)
        half->sequence = record->sequence;
    at += room_at(record, at);
    half->end = at > half->end ? at : half->end;
}

static bool is_blank(const struct dfota_journal *journal,
                     const uint8_t bytes[RECORD])
{
    for (unsigned i = 0; i < RECORD; i++)
        if (bytes[i] != journal->flash->erased)
            return false;
    return true;
}

/*
 * How far that reaches which stands before `at` and is not whole.  The zeros of
 * a blob may look erased, and are not.
 */
static uint32_t claimed_end(const struct dfota_journal *journal,
                            const uint8_t bytes[RECORD], uint32_t at,
                            uint32_t end)
{
    struct dfota_journal_record record;

    if (dfota_journal_read_record(bytes, &record) &&
        blob_fits(journal, &record))
        at += room_at(&record, at - RECORD) - RECORD;
    return at > end ? at : end;
}

enum dfota_error dfota_journal_scan(const struct dfota_journal *journal,
                                    uint32_t number,
                                    struct dfota_journal_half *half)
{
    const struct dfota_flash *flash = journal->flash;
    uint32_t address = dfota_journal_half_address(journal, number);
    uint32_t at = 0;

    *half = (struct dfota_journal_half){0};
    while (at < dfota_journal_half_size(journal)) {
        uint8_t bytes[RECORD];
        struct dfota_journal_record record;
        bool whole;
        enum dfota_error err =
            flash->read(flash->context, address + at, bytes, RECORD);

        if (!err)
            err = dfota_journal_check(journal,
                                      (struct dfota_journal_place){number, at},
                                      bytes, &record, &whole);
        if (err)
            return err;
        if (whole && (at == 0 ? record.carried
                              : record.sequence == half->last.sequence)) {
            take_record(half, &record, at);
            at += room_at(&record, at);
            continue;
        }
        if (at == 0)
            return DFOTA_OK; /* it does not begin as a half does */
        at += RECORD;
        if (!is_blank(journal, bytes))
            half->end = claimed_end(journal, bytes, at, half->end);
    }
    return DFOTA_OK;
}
