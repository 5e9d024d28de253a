/* SPDX-License-Identifier: MIT */
/*
 * journal.h - records in flash that outlive every power cut
 *
 * A record is a state and, sometimes, a blob of bytes; the last one counts.
 * Records are appended to one half of an area, each byte programmed once.
 * When it is full, the other half is erased and begins with a copy of the last
 * record.  A half counts only when something has been appended to that copy, so
 * a cut at any place leaves a half that is whole.
 *
 * Nothing is taken for written because it reads well: a record that was cut may
 * do so, and not the next time.  So whoever goes by what he found confirms it
 * first, which writes it once more.
 *
 * Wear: a record is DFOTA_JOURNAL_RECORD bytes and its blob; a half is erased
 * once for every half full of them.
 *
 * Spec: docs/SPEC.md, chapter Upgrade on flash, "Journal".
 */
#ifndef DFOTA_LIB_APPLY_JOURNAL_H
#define DFOTA_LIB_APPLY_JOURNAL_H

#include "dfota/journal.h"

#define DFOTA_JOURNAL_RECORD 64 /* bytes; blobs are in multiples of it */

/*
 * Bytes that `area` has at least for blobs of `blob_size` bytes.
 */
uint32_t dfota_journal_size(const struct dfota_flash *flash,
                            uint32_t blob_size);

/*
 * Finds out what was noted last in `area`, whole sectors of `flash`, which must
 * outlive the journal.  Where nothing was, the state is all zero.
 *
 * Cost: reads all of the area, and blobs twice.
 *
 * Errors: those of the flash, and
 *   DFOTA_ERR_USAGE  JRN-1  the area is not two halves of whole sectors
 */
enum dfota_error dfota_journal_open(struct dfota_journal *journal,
                                    const struct dfota_flash *flash,
                                    struct dfota_area area,
                                    struct dfota_fault *fault);

/*
 * Writes once more what was found, where anything was; to be called before it
 * has consequences.  Errors as dfota_journal_note().
 */
enum dfota_error dfota_journal_confirm(struct dfota_journal *journal,
                                       struct dfota_fault *fault);

/*
 * Notes `state`, and lets the blob be what it was.  When this returns, the
 * state is in `journal` and lasts; after an error it may or may not.
 *
 * Errors: those of the flash, and
 *   DFOTA_ERR_LIMIT  JRN-2  a half cannot hold the record and the one before
 *   DFOTA_ERR_IO     JRN-3  what was programmed reads as something else
 */
enum dfota_error dfota_journal_note(struct dfota_journal *journal,
                                    const struct dfota_journal_state *state,
                                    struct dfota_fault *fault);

/* The same, and `size` bytes, at least 1, are the new blob. */
enum dfota_error dfota_journal_note_blob(
    struct dfota_journal *journal, const struct dfota_journal_state *state,
    const uint8_t *blob, uint32_t size, struct dfota_fault *fault);

/*
 * Reads the blob, which has been found right when the journal was opened or
 * the blob noted, into `out`, which has room for `blob_size` bytes.
 */
enum dfota_error dfota_journal_blob(const struct dfota_journal *journal,
                                    uint8_t *out);

#endif
