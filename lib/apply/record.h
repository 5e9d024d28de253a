/* SPDX-License-Identifier: MIT */
/* record.h - one record of a delta's control stream */
#ifndef DFOTA_LIB_APPLY_RECORD_H
#define DFOTA_LIB_APPLY_RECORD_H

#include "lib/apply/stream.h"

struct dfota_record {
    uint32_t copy;    /* bytes made from old ... */
    uint32_t old_pos; /* ... from here on, */
    uint32_t insert;  /* then bytes from the literal stream */
};

/* What a record is checked against. */
struct dfota_record_limits {
    uint32_t old_size; /* bytes */
    uint32_t old_pos;  /* where the copy before ended in old, at first 0 */
    uint32_t new_left; /* bytes of new that are still to be made */
};

/*
 * Reads the next record and checks where it leads.  On success what it does
 * has been taken off `*limits`, ready for the record after it.
 *
 * Errors: DLT-15 to DLT-19, as dfota_apply_delta().
 */
enum dfota_error dfota_record_read(struct dfota_stream_reader *control,
                                   struct dfota_record_limits *limits,
                                   struct dfota_record *out,
                                   struct dfota_fault *fault);

#endif
