/* SPDX-License-Identifier: MIT */
#include "lib/apply/journal.h"

#include "lib/apply/bytes.h"
#include "lib/apply/crc32.h"
#include "lib/apply/flash_area.h"
#include "lib/apply/journal_half.h"

#define RECORD DFOTA_JOURNAL_RECORD
#define TRIES  4 /* places where a record is tried to be programmed */

/* Takes over what the better half says. */
static void take_half(struct dfota_journal *journal, uint32_t number,
                      const struct dfota_journal_half *half)
{
    journal->half = number;
    journal->sequence = half->sequence;
    journal->state = half->last.state;
    journal->blob_size = half->last.blob_size;
    journal->blob_crc32 = half->last.blob_crc32;
    journal->blob_address =
        dfota_journal_half_address(journal, number) + half->last.blob_at;
    /* A cut may have begun a page behind the end without a trace. */
    journal->end =
        half->end / DFOTA_FLASH_PAGE * DFOTA_FLASH_PAGE + DFOTA_FLASH_PAGE;
}

enum dfota_error dfota_journal_open(struct dfota_journal *journal,
                                    const struct dfota_flash *flash,
                                    struct dfota_area area,
                                    struct dfota_fault *fault)
{
    struct dfota_journal_half halves[2];
    unsigned best;
    enum dfota_error err;

    if (area.size % (2 * flash->sector_size) != 0)
        return dfota_fail(fault, DFOTA_ERR_USAGE, area.address, "JRN-1");
    *journal = (struct dfota_journal){.flash = flash, .area = area};
    for (uint32_t i = 0; i < 2; i++) {
        err = dfota_journal_scan(journal, i, &halves[i]);
        if (err)
            return err;
    }
    best = halves[1].sequence > halves[0].sequence ? 1 : 0;
    if (halves[best].sequence == 0)
        return DFOTA_OK;
    take_half(journal, best, &halves[best]);
    journal->loose_blob = halves[best].has_blob;
    return DFOTA_OK;
}

/* --- appending ------------------------------------------------------------ */

/* What is to be appended. */
struct append {
    struct dfota_journal_record record;
    bool with_blob;        /* it gets a blob of its own */
    const uint8_t *blob;   /* which is in memory, or where that is NULL */
    uint32_t blob_address; /* in the flash */
};

static enum dfota_error program_blob(const struct dfota_journal *journal,
                                     const struct append *append, uint32_t to)
{
    const struct dfota_flash *flash = journal->flash;
    uint32_t size = append->with_blob ? append->record.blob_size : 0;
    enum dfota_error err = DFOTA_OK;

    for (uint32_t done = 0; !err && done < size; done += RECORD) {
        uint32_t part = size - done < RECORD ? size - done : RECORD;
        uint8_t bytes[RECORD];

        for (unsigned i = 0; i < RECORD; i++)
            bytes[i] = flash->erased;
        if (append->blob != NULL)
            dfota_bytes_copy(bytes, append->blob + done, part);
        else
            err = flash->read(flash->context, append->blob_address + done,
                              bytes, part);
        if (!err)
            err = dfota_flash_program(flash, to + done, bytes, RECORD);
    }
    return err;
}

/* Programs a record at a place, and reads it again. */
static enum dfota_error program(const struct dfota_journal *journal,
                                struct dfota_journal_place place,
                                struct append *append,
                                struct dfota_fault *fault)
{
    const struct dfota_flash *flash = journal->flash;
    uint32_t address =
        dfota_journal_half_address(journal, place.half) + place.at;
    uint8_t bytes[RECORD];
    uint8_t found[RECORD];
    struct dfota_journal_record record;
    bool whole = false;
    enum dfota_error err;

    if (append->with_blob)
        append->record.blob_at = place.at + RECORD;
    dfota_journal_write_record(&append->record, bytes);
    err = dfota_flash_program(flash, address, bytes, RECORD);
    if (!err)
        err = program_blob(journal, append, address + RECORD);
    if (!err)
        err = flash->read(flash->context, address, found, RECORD);
    if (!err)
        err = dfota_journal_check(journal, place, found, &record, &whole);
    if (err)
        return err;
    if (!whole || !dfota_bytes_equal(bytes, found, RECORD))
        return dfota_fail(fault, DFOTA_ERR_IO, address, "JRN-3");
    return DFOTA_OK;
}

/* What the journal says now, and the blob that goes with it. */
static struct dfota_journal_record
record_of(const struct dfota_journal *journal)
{
    return (struct dfota_journal_record){
        .sequence = journal->sequence,
        .blob_size = journal->blob_size,
        .blob_crc32 = journal->blob_crc32,
        .blob_at = journal->blob_address -
                   dfota_journal_half_address(journal, journal->half),
        .state = journal->state,
    };
}

/* From now on the journal says what has been programmed at a place. */
static void take_place(struct dfota_journal *journal,
                       struct dfota_journal_place place,
                       const struct dfota_journal_record *record)
{
    journal->half = place.half;
    journal->sequence = record->sequence;
    journal->state = record->state;
    journal->blob_size = record->blob_size;
    journal->blob_crc32 = record->blob_crc32;
    journal->blob_address =
        dfota_journal_half_address(journal, place.half) + record->blob_at;
    journal->loose_blob = dfota_journal_has_blob(record, place.at);
    journal->young = record->carried;
}

/* Begins the other half with a copy of the last record, and with its blob where
 * that is still wanted. */
static enum dfota_error turn_over(struct dfota_journal *journal, bool with_blob,
                                  struct dfota_fault *fault)
{
    const struct dfota_flash *flash = journal->flash;
    struct dfota_journal_place place = {
        journal->sequence == 0 ? 0 : 1 - journal->half, 0};
    struct append copy = {.record = record_of(journal),
                          .with_blob = with_blob,
                          .blob_address = journal->blob_address};
    enum dfota_error err = DFOTA_OK;

    copy.record.sequence++;
    copy.record.carried = true;
    if (!with_blob)
        copy.record.blob_size = copy.record.blob_at = 0;
    for (uint32_t at = 0; !err && at < dfota_journal_half_size(journal);
         at += flash->sector_size)
        err =
            flash->erase(flash->context,
                         dfota_journal_half_address(journal, place.half) + at);
    if (!err)
        err = program(journal, place, &copy, fault);
    if (err)
        return err;
    take_place(journal, place, &copy.record);
    journal->end = dfota_journal_room(copy.record.blob_size);
    return DFOTA_OK;
}

/* Whether a record fits behind the last one of the half in use. */
static bool fits(const struct dfota_journal *journal, uint32_t room)
{
    return journal->sequence != 0 &&
           journal->end <= dfota_journal_half_size(journal) &&
           room <= dfota_journal_half_size(journal) - journal->end;
}

/* Sees to it that there is room for a record: its own, or in another half. */
static enum dfota_error make_room(struct dfota_journal *journal, uint32_t room,
                                  bool carry_blob, struct dfota_fault *fault)
{
    uint32_t carried = dfota_journal_room(carry_blob ? journal->blob_size : 0);

    if (fits(journal, room))
        return DFOTA_OK;
    if (room > dfota_journal_half_size(journal) ||
        carried > dfota_journal_half_size(journal) - room)
        return dfota_fail(fault, DFOTA_ERR_LIMIT, journal->area.address,
                          "JRN-2");
    if (journal->young) /* the other half is all that counts */
        return dfota_fail(fault, DFOTA_ERR_IO, journal->area.address, "JRN-3");
    return turn_over(journal, carry_blob, fault);
}

static enum dfota_error append_once(struct dfota_journal *journal,
                                    struct append *append,
                                    struct dfota_fault *fault)
{
    bool carry_blob = !append->with_blob && journal->blob_size > 0;
    uint32_t room = append->with_blob
                        ? dfota_journal_room(append->record.blob_size)
                        : RECORD;
    struct dfota_journal_record now;
    struct dfota_journal_place place;
    enum dfota_error err = make_room(journal, room, carry_blob, fault);

    if (err)
        return err;
    now = record_of(journal);
    append->record.sequence = now.sequence;
    if (!append->with_blob) {
        append->record.blob_size = now.blob_size;
        append->record.blob_crc32 = now.blob_crc32;
        append->record.blob_at = now.blob_at;
    }
    place = (struct dfota_journal_place){journal->half, journal->end};
    journal->end += room; /* whatever comes of it, that is used up */
    err = program(journal, place, append, fault);
    if (!err)
        take_place(journal, place, &append->record);
    return err;
}

/* A place that cannot be programmed is left behind. */
static enum dfota_error append(struct dfota_journal *journal,
                               struct append *append, struct dfota_fault *fault)
{
    enum dfota_error err = DFOTA_OK;

    for (unsigned i = 0; i < TRIES; i++) {
        err = append_once(journal, append, fault);
        if (err == DFOTA_OK || err == DFOTA_ERR_LIMIT)
            break;
    }
    journal->lost = err != DFOTA_OK;
    return err;
}

enum dfota_error dfota_journal_note(struct dfota_journal *journal,
                                    const struct dfota_journal_state *state,
                                    struct dfota_fault *fault)
{
    struct append note = {.record = {.state = *state}};

    return append(journal, &note, fault);
}

/* That there is a record behind it proves that the one with the blob was whole
 * when this one was begun. */
static enum dfota_error append_blob(struct dfota_journal *journal,
                                    struct append *note,
                                    struct dfota_fault *fault)
{
    const struct dfota_journal_state state = note->record.state;
    enum dfota_error err = append(journal, note, fault);

    return err ? err : dfota_journal_note(journal, &state, fault);
}

enum dfota_error dfota_journal_note_blob(
    struct dfota_journal *journal, const struct dfota_journal_state *state,
    const uint8_t *blob, uint32_t size, struct dfota_fault *fault)
{
    struct append note = {.record = {.blob_size = size,
                                     .blob_crc32 = dfota_crc32(0, blob, size),
                                     .state = *state},
                          .with_blob = true,
                          .blob = blob};

    return append_blob(journal, &note, fault);
}

enum dfota_error dfota_journal_confirm(struct dfota_journal *journal,
                                       struct dfota_fault *fault)
{
    const struct dfota_journal_state state = journal->state;
    struct append note = {.record = record_of(journal),
                          .with_blob = true,
                          .blob_address = journal->blob_address};

    if (journal->sequence == 0)
        return DFOTA_OK;
    if (journal->loose_blob)
        return append_blob(journal, &note, fault);
    return dfota_journal_note(journal, &state, fault);
}

enum dfota_error dfota_journal_blob(const struct dfota_journal *journal,
                                    uint8_t *out)
{
    const struct dfota_flash *flash = journal->flash;

    return flash->read(flash->context, journal->blob_address, out,
                       journal->blob_size);
}

/* A half that has been begun has room for some cuts in a row, at each of which
 * its first record is written once more. */
uint32_t dfota_journal_size(const struct dfota_flash *flash, uint32_t blob_size)
{
    uint32_t half =
        5 * (dfota_journal_room(blob_size) + DFOTA_FLASH_PAGE) + 1024;
    uint32_t sector = flash->sector_size;

    return 2 * ((half + sector - 1) / sector * sector);
}
