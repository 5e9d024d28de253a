/* SPDX-License-Identifier: MIT */
/*
 * journal_record.h - one record of a journal, in bytes
 *
 * Spec: docs/SPEC.md, chapter Upgrade on flash, "Journal".
 */
#ifndef DFOTA_LIB_APPLY_JOURNAL_RECORD_H
#define DFOTA_LIB_APPLY_JOURNAL_RECORD_H

#include "lib/apply/journal.h"

struct dfota_journal_record {
    uint32_t sequence;
    bool carried; /* it only repeats the other half's last one */
    uint32_t blob_size;
    uint32_t blob_crc32;
    uint32_t
        blob_at; /* where in the half it is: behind the record, or before */
    struct dfota_journal_state state;
};

void dfota_journal_write_record(const struct dfota_journal_record *record,
                                uint8_t out[DFOTA_JOURNAL_RECORD]);

/* False for what is no record; `*out` is then untouched or not. */
bool dfota_journal_read_record(const uint8_t bytes[DFOTA_JOURNAL_RECORD],
                               struct dfota_journal_record *out);

#endif
