/* SPDX-License-Identifier: MIT */
/*
 * journal_half.h - what stands in one half of a journal
 *
 * Spec: docs/SPEC.md, chapter Upgrade on flash, "Journal".
 */
#ifndef DFOTA_LIB_APPLY_JOURNAL_HALF_H
#define DFOTA_LIB_APPLY_JOURNAL_HALF_H

#include "lib/apply/journal_record.h"

/* Where a record is. */
struct dfota_journal_place {
    uint32_t half;
    uint32_t at; /* bytes from its beginning */
};

/* What a half holds. */
struct dfota_journal_half {
    struct dfota_journal_record last; /* that is whole */
    uint32_t sequence;                /* 0: the half does not count */
    uint32_t end;  /* behind the last byte that may not be erased */
    bool has_blob; /* the last record has one of its own */
};

uint32_t dfota_journal_half_size(const struct dfota_journal *journal);

uint32_t dfota_journal_half_address(const struct dfota_journal *journal,
                                    uint32_t half);

/* Bytes that a record takes with its blob. */
uint32_t dfota_journal_room(uint32_t blob_size);

/* Whether the blob of a record at `at` stands behind it. */
bool dfota_journal_has_blob(const struct dfota_journal_record *record,
                            uint32_t at);

/*
 * Reads the record whose `bytes` stand at a place, with its blob where that
 * stands behind it; `*whole` says whether all is there and right.  Errors:
 * those of the flash.
 */
enum dfota_error dfota_journal_check(const struct dfota_journal *journal,
                                     struct dfota_journal_place place,
                                     const uint8_t bytes[DFOTA_JOURNAL_RECORD],
                                     struct dfota_journal_record *out,
                                     bool *whole);

/*
 * Looks through a half.  What is not a whole record is passed over, and the
 * next one may begin at any multiple of DFOTA_JOURNAL_RECORD behind.  Errors:
 * those of the flash.
 */
enum dfota_error dfota_journal_scan(const struct dfota_journal *journal,
                                    uint32_t number,
                                    struct dfota_journal_half *half);

#endif
